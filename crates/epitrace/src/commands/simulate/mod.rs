//! `epitrace simulate`: a run in one process, as fast as it goes. Needs no data folder.

mod files;
pub(super) mod parameters;

use crate::cli::{Common, Simulate};
use crate::failure::Mistyped;
use crate::screen::{self, figure};
use domain::runs::{Health, Parameters, Statistics};
use files::RunFiles;
use indicatif::ProgressBar;
use serde::Serialize;
use simulator::engine::{Engine, Second};
use simulator::{MeanOffspring, Offspring, RunDigest, Seen, Snapshot};
use std::process::ExitCode;

/// What is known of a run when it is over. The same run says the same, to the last digit.
#[derive(Debug, Serialize)]
struct Report {
    parameters: Parameters,
    safe: u32,
    infected: u32,
    seconds: u32,
    contacts: u64,
    infections: u64,
    reproduction_number: ReproductionNumber,
    digest: String,
    statistics: Vec<OfSecond>,
}

/// The mean number of infections that an illness caused, over those that are over.
#[derive(Debug, Serialize)]
struct ReproductionNumber {
    estimate: Option<f64>,
    illnesses: u64,
    reason: Option<&'static str>,
}

/// The numbers of a second.
#[derive(Debug, Serialize)]
struct OfSecond {
    second: u32,
    #[serde(flatten)]
    statistics: Statistics,
    contacts: usize,
    infections: usize,
}

pub fn run(common: &Common, asked: &Simulate) -> anyhow::Result<ExitCode> {
    let parameters = parameters::read(&asked.parameters)?;
    let engine = engine(asked, &parameters)?;
    let files = asked.csv.as_deref().map(RunFiles::begin).transpose()?;
    let n_seconds = asked.seconds.unwrap_or(parameters.lifetime_s + 1);
    let bar = screen::progress_toward(
        common.quiet || common.json,
        u64::from(asked.safe + asked.infected) * u64::from(n_seconds),
    );
    let lived = live(engine, asked, parameters, n_seconds, files, &bar);
    bar.finish_and_clear();
    if let (Err(_), Some(folder)) = (&lived, &asked.csv) {
        files::discard(folder);
    }
    let report = lived?;
    if common.json {
        screen::say_json(&report)?;
    } else {
        print(&report, common, asked, &bar);
    }
    Ok(ExitCode::SUCCESS)
}

fn engine(asked: &Simulate, parameters: &Parameters) -> anyhow::Result<Engine> {
    if asked.safe + asked.infected == 0 {
        let sentence = "a run needs at least one node".to_owned();
        return Err(Mistyped { sentence, hint: "--safe and --infected say how many" }.into());
    }
    let n_processors = || std::thread::available_parallelism().map_or(1, usize::from);
    let n_threads = asked.threads.map_or_else(n_processors, usize::from);
    let mut engine = Engine::new(parameters, n_threads)?;
    engine.add(asked.safe, Health::Susceptible)?;
    engine.add(asked.infected, Health::Infected)?;
    Ok(engine)
}

/// Lives through all seconds, writes and counts them.
fn live(
    mut engine: Engine,
    asked: &Simulate,
    parameters: Parameters,
    n_seconds: u32,
    mut files: Option<RunFiles>,
    bar: &ProgressBar,
) -> anyhow::Result<Report> {
    let (mut digest, mut snapshot) = (RunDigest::default(), Snapshot::default());
    let n_nodes = asked.safe + asked.infected;
    let mut offspring = Offspring::begin(n_nodes, asked.infected);
    let mut statistics = Vec::new();
    let mut just_infected: Vec<u32> = Vec::new();
    for _ in 0..n_seconds {
        let second = engine.step();
        second.snapshot(&mut snapshot);
        digest.add(&second, &snapshot);
        offspring.count(second.infections);
        statistics.push(OfSecond::count(&second));
        if let Some(files) = &mut files {
            files.write(&second, &snapshot)?;
        }
        just_infected.clear();
        just_infected.extend(second.infections.iter().map(|infection| infection.infected));
        bar.inc(u64::from(n_nodes));
    }
    let ill = snapshot.agents().filter(|(number, _, seen)| {
        matches!(seen, Seen::Alive(Health::Infected)) || just_infected.binary_search(number).is_ok()
    });
    let report = Report {
        parameters,
        safe: asked.safe,
        infected: asked.infected,
        seconds: n_seconds,
        contacts: statistics.iter().map(|second| second.contacts as u64).sum(),
        infections: statistics.iter().map(|second| second.infections as u64).sum(),
        reproduction_number: offspring.mean(ill.map(|(number, ..)| number)).into(),
        digest: digest.hex(),
        statistics,
    };
    if let Some(files) = files {
        files.finish(&report)?;
    }
    Ok(report)
}

impl OfSecond {
    fn count(second: &Second<'_>) -> Self {
        Self {
            second: second.second,
            statistics: second.statistics,
            contacts: second.contacts.len(),
            infections: second.infections.len(),
        }
    }
}

impl From<MeanOffspring> for ReproductionNumber {
    fn from(offspring: MeanOffspring) -> Self {
        let reason = offspring.mean.is_none().then_some("no illness is over");
        Self { estimate: offspring.mean, illnesses: offspring.n_over, reason }
    }
}

/// Lines of the table that are shown at most.
const N_LINES: usize = 20;

fn print(report: &Report, common: &Common, asked: &Simulate, bar: &ProgressBar) {
    let Report { parameters, safe, infected, seconds, .. } = report;
    screen::say(format!(
        "{} ({safe} safe, {infected} infected) on a field of {} × {}, {}, seed {}",
        screen::counted(safe + infected, "node", "nodes"),
        parameters.width,
        parameters.height,
        screen::counted(*seconds, "second", "seconds"),
        parameters.seed,
    ));
    screen::say("");
    screen::say(table(report));
    screen::say(format!(
        "\n{}, {}",
        screen::counted(report.contacts, "contact", "contacts"),
        screen::counted(report.infections, "infection", "infections")
    ));
    let number = &report.reproduction_number;
    screen::say(match number.reason {
        Some(reason) => format!("reproduction number: {reason}"),
        None => format!(
            "reproduction number {}: infections by each of {} over",
            figure(number.estimate, 2),
            screen::counted(number.illnesses, "illness that is", "illnesses that are")
        ),
    });
    screen::say(format!("digest {}", report.digest));
    if let Some(folder) = &asked.csv {
        screen::say(format!("written to {}", folder.display()));
    }
    let took_s = bar.elapsed().as_secs_f64();
    if !common.quiet && took_s > 0.0 {
        let node_seconds = f64::from(safe + infected) * f64::from(*seconds);
        screen::say(format!("{:.1} million seconds of nodes in a second", node_seconds / took_s / 1e6));
    }
}

/// The numbers of some seconds, evenly spread, the last one among them.
fn table(report: &Report) -> String {
    let every = report.statistics.len().div_ceil(N_LINES);
    let last = report.statistics.len() - 1;
    let chosen = report.statistics.iter().enumerate().filter(|(at, _)| at % every == 0 || *at == last);
    let rows = chosen.map(|(_, line)| {
        let OfSecond { second, statistics, contacts, infections } = line;
        let Statistics { total, zombies, deaths, dead_zombies, immune, .. } = statistics;
        let well = total - deaths - zombies - immune;
        let numbers = [u64::from(*second), well, *zombies, *immune, *deaths, *dead_zombies];
        let [second, well, zombies, immune, deaths, dead_zombies] = numbers.map(|number| number.to_string());
        [second, well, zombies, immune, deaths, dead_zombies, contacts.to_string(), infections.to_string()]
    });
    let words = if report.parameters.humans_and_zombies {
        ["second", "humans", "zombies", "immune", "deaths", "dead zombies", "contacts", "infections"]
    } else {
        ["second", "susceptible", "infected", "immune", "deaths", "died infected", "contacts", "infections"]
    };
    screen::table(words, &[0, 1, 2, 3, 4, 5, 6, 7], rows.collect())
}
