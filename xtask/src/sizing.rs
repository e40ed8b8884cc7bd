//! What a machine takes, reckoned from what was measured: prints the table of docs/book/sizing.md from docs/benchmarks.md.
//!
//! Nothing is guessed: a row whose figure isn't measured says so.

use crate::workspace;
use anyhow::Context;
use std::fmt::Write;
use std::process::ExitCode;

/// Microseconds of a second.
const SECOND_US: f64 = 1_000_000.0;

/// Something that costs, and the figure that says how much.
struct Cost {
    /// What is done once.
    what: &'static str,
    /// Section of docs/benchmarks.md.
    section: &'static str,
    /// The figure there, without its number.
    figure: &'static str,
    /// By how many the figure must be divided for one, where it is of many.
    of: f64,
}

const COSTS: [Cost; 12] = [
    cost("a check-in, SQLite (the telephone too)", "check-ins", "processors for a check-in, SQLite"),
    cost("a check-in, PostgreSQL (the telephone too)", "check-ins", "processors for a check-in, PostgreSQL"),
    cost("a check-in, a cell (balancers, servers, databases)", "cell", "processors for a check-in, cell"),
    cost("a case that somebody opens, a cell (the same)", "cell", "processors for a case, cell"),
    cost("a report of a node, in the data folder and SQLite", "pipeline", "own log, stored in SQLite: CPU"),
    cost("a report, in the data folder and PostgreSQL", "pipeline", "own log, stored in PostgreSQL: CPU"),
    cost("a report, by Apache Kafka into PostgreSQL", "pipeline", "Kafka, stored in PostgreSQL: CPU"),
    Cost { of: 50_000.0, ..cost("a case of a file, SQLite", "import", "import cases, SQLite: CPU, mean") },
    Cost { of: 50_000.0, ..cost("a case of a file, PostgreSQL", "import", "import cases, PostgreSQL: CPU, mean") },
    Cost {
        of: 500_000.0,
        ..cost("an encounter of a file, PostgreSQL", "import", "import encounters, PostgreSQL: CPU, mean")
    },
    cost(
        "whom a case exposed, among 10,000,000 encounters, PostgreSQL",
        "exposed",
        "exposed, 10,000,000 encounters, PostgreSQL: CPU of one",
    ),
    cost(
        "the report of an outbreak of 100,000 cases, PostgreSQL",
        "report",
        "report of the outbreak, PostgreSQL: CPU, mean",
    ),
];

const fn cost(what: &'static str, section: &'static str, figure: &'static str) -> Cost {
    Cost { what, section, figure, of: 1.0 }
}

/// Prints the table.
pub fn run() -> anyhow::Result<ExitCode> {
    let path = workspace::root().join("docs/benchmarks.md");
    let measured = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    println!("{}", table(&measured));
    Ok(ExitCode::SUCCESS)
}

fn table(measured: &str) -> String {
    let mut table = String::from(
        "| once | time of a processor | a core, half of it free, takes a second |\n| --- | ---: | ---: |\n",
    );
    for cost in &COSTS {
        let row = match time_us(measured, cost) {
            Some(us) => format!("| {} | {} | {} |", cost.what, time(us), count(SECOND_US / us / 2.0)),
            None => format!("| {} | not measured | |", cost.what),
        };
        // A String never fails to be written to.
        let _ = writeln!(table, "{row}");
    }
    table
}

/// Microseconds that one takes, as measured.
fn time_us(measured: &str, cost: &Cost) -> Option<f64> {
    let (_, section) = measured.split_once(&format!("\n## {}\n", cost.section))?;
    let section = section.split("\n## ").next()?;
    let row = section.lines().find(|line| {
        let name = line.strip_prefix("| ").and_then(|line| line.split(" | ").next());
        name.and_then(|name| name.rsplit_once(" (")).is_some_and(|(name, _)| name == cost.figure)
    })?;
    let (number, unit) = row.split(" | ").nth(1)?.trim().split_once(' ')?;
    let factor = match unit.split('/').next()? {
        "s" => SECOND_US,
        "ms" => 1_000.0,
        "µs" => 1.0,
        "ns" => 0.001,
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * factor / cost.of)
}

fn time(us: f64) -> String {
    match us {
        us if us < 1_000.0 => format!("{us:.1} µs"),
        us => format!("{:.1} ms", us / 1_000.0),
    }
}

/// Two figures say enough: no machine is the one on which it was measured.
fn count(n: f64) -> String {
    let step = 10_f64.powf((n.log10().floor() - 1.0).max(0.0));
    let rounded = if n < 10.0 { format!("{n:.1}") } else { format!("{:.0}", (n / step).round() * step) };
    let (whole, rest) = rounded.split_once('.').map_or((rounded.as_str(), ""), |(whole, rest)| (whole, rest));
    let digits: Vec<char> = whole.chars().rev().collect();
    let groups: Vec<String> = digits.chunks(3).rev().map(|group| group.iter().rev().collect()).collect();
    let whole = groups.join(",");
    if rest.is_empty() { whole } else { format!("{whole}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEASURED: &str = "x\n\n## check-ins\n\n| figure | value |\n| processors for a check-in, SQLite (2) | 40.0 µs | a peer |\n\n\
                            ## import\n\n| import cases, SQLite: CPU, mean (3) | 5.0 s |  |\n";

    #[test]
    fn what_one_takes_is_read_with_its_unit_and_what_is_not_measured_says_so() {
        assert_eq!(time_us(MEASURED, &COSTS[0]), Some(40.0));
        assert_eq!(time_us(MEASURED, &COSTS[7]), Some(100.0));
        assert_eq!(time_us(MEASURED, &COSTS[1]), None);
        let table = table(MEASURED);
        assert!(table.contains("| a check-in, SQLite (the telephone too) | 40.0 µs | 13,000 |"), "{table}");
        assert!(table.contains("| a case of a file, SQLite | 100.0 µs | 5,000 |"), "{table}");
        assert!(table.contains("| a check-in, PostgreSQL (the telephone too) | not measured | |"), "{table}");
    }

    #[test]
    fn the_book_has_what_was_measured() {
        let read = |path: &str| std::fs::read_to_string(workspace::root().join(path)).unwrap();
        let table = table(&read("docs/benchmarks.md"));
        assert!(!table.contains("not measured"), "docs/benchmarks.md calls it otherwise now:\n{table}");
        assert!(
            read("docs/book/sizing.md").contains(&table),
            "docs/book/sizing.md: put this in place of its table:\n{table}"
        );
    }
}
