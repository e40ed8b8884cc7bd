//! The page of benchmarks, printed from the figures: whatever was measured stands there, met or missed.

use std::fmt::Write;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::workspace;

const PAGE: &str = "docs/benchmarks.md";

/// The benchmarks in the order of the page: name, and what it is about.
const BENCHMARKS: [(&str, &str); 17] = [
    (
        "import",
        "Files through the whole import: reading, references, the check of what is there already, sealing, \
                history, audit, synced commits; beside a bulk insert of the rows that they leave.",
    ),
    ("exposed", "Whom one case exposed, in two generations, with the entry in the audit log."),
    ("report", "The outbreak report of one disease."),
    (
        "lists",
        "Pages of cases, filtered, in the order of a day or of names, and searches by name, among 1,000,000 cases.",
    ),
    ("bulk", "20,000 of 1,000,000 cases concluded at once and undone, and the pages of others meanwhile."),
    (
        "check-ins",
        "Guests who check in over HTTP and at the door of the store, synced before the answer, and the guest list of an evening \
                out of 100,000,000 visits.",
    ),
    ("dashboard", "The numbers of today of an authority with 1,000,000 cases."),
    ("worklist", "Pages of the worklist, and counts of those who wait, among 1,000,000 cases of which 200,000 wait."),
    ("laboratory", "A laboratory's file, each row compared with 1,000,000 persons, half of them known."),
    ("duplicates", "Who may be stored twice, for one person who is typed and for a file of 2,000, among 1,000,000."),
    (
        "export",
        "120,000 cases with their persons as CSV that is sent while it is read, beside a plain dump of the same columns, and as \
                a workbook.",
    ),
    ("start", "The server's start and memory, the page's weight, and the first list in a browser."),
    (
        "wire",
        "What nodes of a run say: frames read beside JSON of the same content, beacons over UDP, and the embedded event log beside \
                a plain file.",
    ),
    (
        "pipeline",
        "What nodes report on its way through the embedded event log and the consumer into SQLite, beside a row a report in plain \
                SQLite, and beacons over UDP that one host of nodes receives, checks and matches.",
    ),
    ("graph", "The search in the graph in memory, five generations deep: 1,000,000 nodes, 10,000,000 edges."),
    (
        "simulate",
        "Agents of the proximity network in one process: 1,000,000 on one field, beside the plainest loop over arrays, \
                and 50,000 fields of 20.",
    ),
    (
        "cell",
        "A cell of thirteen hosts, which are namespaces of this machine: what it takes and what that costs, in turns with one server \
                alone, and how long nothing is acknowledged after each loss.",
    ),
];

/// Prints the page.
///
/// # Errors
///
/// If there are no figures yet, or they can't be read.
pub fn run() -> Result<ExitCode> {
    let machine = read("target/bench/machine.json")?;
    let path = workspace::root().join(PAGE);
    let old = fs::read_to_string(&path).unwrap_or_default();
    let mut page = String::from("# Benchmarks\n\n");
    let said = |key: &str| match &machine[key] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    // A String never fails to be written to.
    let _ = writeln!(
        page,
        "Printed by `cargo xtask bench-docs` from the figures in `target/bench`; don't edit.\n\n\
         {}; {}, {} cores, {} GiB of memory; {}; PostgreSQL {} with fsync; load before it began: {}.\n\n\
         A ratio is the peer's time divided by ours: above 1 we are faster. Goals that are missed stay in the table.",
        said("date"),
        said("cpu"),
        said("cores"),
        said("memory_gib"),
        said("kernel"),
        said("postgresql"),
        said("load_before"),
    );
    for (name, about) in BENCHMARKS {
        let file = format!("target/bench/{name}.json");
        let table = if workspace::root().join(&file).exists() {
            table(read(&file)?.as_array().with_context(|| format!("{file} is not a list"))?)
        } else {
            kept(&old, name).unwrap_or_else(|| "Not measured.\n".to_owned())
        };
        let _ = write!(page, "\n## {name}\n\n{about}\n\n{table}");
    }
    fs::write(&path, page).with_context(|| format!("cannot write {}", path.display()))?;
    println!("{PAGE} is printed");
    Ok(ExitCode::SUCCESS)
}

/// What the page says of a benchmark that wasn't run again on this machine; it says so.
fn kept(old: &str, name: &str) -> Option<String> {
    let section = old.split(&format!("\n## {name}\n")).nth(1)?.split("\n## ").next()?;
    let table = section.find("\n| figure").map(|at| section[at..].trim())?;
    Some(format!("{KEPT}\n\n{table}\n"))
}

const KEPT: &str = "Measured earlier, not on the day above; the history of this page says when and where.";

fn read(path: &str) -> Result<Value> {
    let text = fs::read_to_string(workspace::root().join(path));
    let text = text.with_context(|| format!("cannot read {path}; `make bench` makes it"))?;
    serde_json::from_str(&text).with_context(|| format!("{path} is not JSON"))
}

fn table(figures: &[Value]) -> String {
    let mut table =
        String::from("| figure | value | peer | ratio | goal | |\n| --- | ---: | --- | ---: | --- | --- |\n");
    let mut methods: Vec<(&str, String)> = Vec::new();
    for figure in figures {
        let text = |key: &str| figure[key].as_str().unwrap_or_default();
        let known = (text("method"), counted(&figure["n"]));
        let at = methods.iter().position(|method| *method == known).unwrap_or(methods.len());
        if at == methods.len() {
            methods.push(known);
        }
        let ratio = figure["ratio"].as_f64().map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        let verdict = match figure["met"].as_bool() {
            None => "",
            Some(true) => "met",
            Some(false) => "**missed**",
        };
        let value = figure["value"].as_f64().map(rounded).unwrap_or_default();
        let _ = writeln!(
            table,
            "| {} ({}) | {value} {} | {} | {ratio} | {} | {verdict} |",
            text("figure"),
            at + 1,
            text("unit"),
            text("peer"),
            goal(figure),
        );
    }
    table.push('\n');
    for (at, (method, n)) in methods.iter().enumerate() {
        let _ = writeln!(table, "{}. {method} ({n}).", at + 1);
    }
    table
}

/// A goal is a text, or a number: the least ratio, or without a peer the largest value.
fn goal(figure: &Value) -> String {
    match (&figure["goal"], &figure["ratio"]) {
        (Value::String(text), _) => text.clone(),
        (Value::Number(most), Value::Null) => format!("≤ {most} {}", figure["unit"].as_str().unwrap_or_default()),
        (Value::Number(least), _) => format!("ratio ≥ {least}"),
        _ => String::new(),
    }
}

fn counted(n: &Value) -> String {
    let counts = n.as_object().into_iter().flatten();
    counts.map(|(what, count)| format!("{what}: {count}")).collect::<Vec<_>>().join(", ")
}

fn rounded(value: f64) -> String {
    match value.abs() {
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}
