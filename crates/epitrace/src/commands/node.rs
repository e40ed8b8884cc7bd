//! `epitrace node`: nodes of a run in a process of their own. Needs no data folder.

use crate::cli::{Common, NodeArgs};
use crate::commands::serve::told_to_stop;
use crate::commands::simulate::parameters;
use crate::failure::{FAILED, Hinted, Mistyped};
use crate::screen;
use domain::runs::Health;
use nodes::air::{Air, Medium};
use nodes::host::{HostNow, Newcomer};
use nodes::http::{HttpError, Key, Server};
use nodes::work::{Alone, CannotBegin, Control, End, Ended, Reports, Setting, Status, Unanswered, work};
use serde::Serialize;
use std::future::Future;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::sync::watch;
use tracing_subscriber::filter::LevelFilter;
use uuid::Uuid;

/// The run of nodes that were told of none.
const SHARED_RUN: Uuid = Uuid::nil();
const KEY_VARIABLE: &str = "EPITRACE_RUN_KEY";
const DEFAULT_SECOND: Duration = Duration::from_secs(1);
/// How often it says how things stand.
const SAY_EACH: Duration = Duration::from_secs(10);
/// Ids that are listed; more are counted.
const MOST_LISTED: usize = 3;

/// What became of the nodes.
#[derive(Debug, Serialize)]
struct Summary {
    ended: &'static str,
    second: u32,
    nodes: usize,
    alive: usize,
    infected: usize,
    contacts: u64,
    infections: u64,
    beacons_sent: u64,
    beacons_heard: u64,
    frames_refused: u64,
    contacts_lost: u64,
}

pub async fn run(common: &Common, asked: NodeArgs) -> anyhow::Result<ExitCode> {
    let stop = told_to_stop()?;
    if asked.uuid.len() > asked.count as usize {
        let sentence = format!("{} ids for {}", asked.uuid.len(), screen::counted(asked.count, "node", "nodes"));
        return Err(Mistyped { sentence, hint: "--count says how many nodes there are" }.into());
    }
    let parameters = parameters::read(&asked.parameters)?;
    let key = asked.server.as_ref().map(|_| key(asked.key_file.as_deref())).transpose()?;
    let air = open_air(&asked)?;
    // Refused twice in one process, which changes nothing.
    let log = tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_writer(std::io::stderr);
    let log = log.log_internal_errors(false);
    let _ = log.try_init();
    let own = own(&asked)?;
    let is_quiet = common.quiet || common.json;
    if !is_quiet {
        screen::say(begins(&asked, &own, &air));
    }
    let setting = Setting {
        host_id: Uuid::new_v4(),
        own,
        room: asked.room,
        key: key.as_ref().map(Key::of_beacons),
        draw: Box::new(|| (Uuid::new_v4(), boot())),
        wall: Box::new(wall),
    };
    let run = asked.run.unwrap_or(SHARED_RUN);
    let ended = match (&asked.server, &key) {
        (Some(server), Some(key)) => {
            let server = Server::new(server, run, key).map_err(mistyped)?;
            live(setting, &server, &air, is_quiet, stop).await?
        }
        _ => {
            let alone = Alone::begin(run, parameters, asked.second.unwrap_or(DEFAULT_SECOND));
            live(setting, &alone, &air, is_quiet, stop).await?
        }
    };
    say_end(common, &ended)?;
    Ok(if ended.status.host.n_unreported > 0 { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

async fn live<S: Control + Reports>(
    setting: Setting,
    server: &S,
    air: &Air,
    is_quiet: bool,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Ended> {
    let status = watch::Sender::new(Status::default());
    let told = status.subscribe();
    let telling = async {
        let mut turns = tokio::time::interval(SAY_EACH);
        turns.tick().await;
        loop {
            turns.tick().await;
            if !is_quiet {
                screen::say(stands(&told.borrow()));
            }
        }
    };
    tokio::select! {
        ended = work(setting, server, server, Some(air), &status, stop) => Ok(ended.map_err(refused)?),
        () = telling => anyhow::bail!("nobody tells how things stand any more"),
    }
}

fn refused(error: CannotBegin) -> anyhow::Error {
    let hint = match &error {
        CannotBegin::Refused(Unanswered::WrongKey) => "each new key of a run ends the one before; ask for the newest",
        CannotBegin::Refused(Unanswered::NoRun) => "check --run and --server",
        CannotBegin::Refused(Unanswered::Over) => "a run that was stopped doesn't go on; make another",
        _ => return error.into(),
    };
    let why = std::error::Error::source(&error).map_or_else(String::new, |source| format!(": {source}"));
    Hinted { sentence: format!("{error}{why}"), hint }.into()
}

fn mistyped(error: HttpError) -> anyhow::Error {
    let hint = match error {
        HttpError::Address => "--server takes an address such as https://tracing.example.org",
        HttpError::Key => "the server shows the key of a run once, when it is made",
        HttpError::Client(_) => return error.into(),
    };
    Mistyped { sentence: error.to_string(), hint }.into()
}

fn key(file: Option<&Path>) -> anyhow::Result<Key> {
    let text = match file {
        Some(file) => std::fs::read_to_string(file).map_err(|error| Mistyped {
            sentence: format!("cannot read the key in {}: {error}", file.display()),
            hint: "--key-file names a file that holds the key of the run",
        })?,
        None => std::env::var(KEY_VARIABLE).map_err(|_| Mistyped {
            sentence: "a server wants the key of the run".to_owned(),
            hint: "name a file with it by --key-file, or set EPITRACE_RUN_KEY",
        })?,
    };
    Key::read(&zeroize::Zeroizing::new(text)).map_err(mistyped)
}

fn open_air(asked: &NodeArgs) -> anyhow::Result<Air> {
    Air::open(asked.multicast.unwrap_or(Medium::Broadcast), asked.port).map_err(|error| {
        let sentence = format!("cannot listen on UDP port {}: {error}", asked.port);
        Hinted { sentence, hint: "another program may have the port for itself, or the address is not this machine's" }
            .into()
    })
}

fn own(asked: &NodeArgs) -> anyhow::Result<Vec<Newcomer>> {
    let health = if asked.infected { Health::Infected } else { Health::Susceptible };
    let drawn = std::iter::repeat_with(Uuid::new_v4);
    let ids = asked.uuid.iter().copied().chain(drawn).take(asked.count as usize);
    let own: Vec<_> = ids.map(|node| Newcomer { node, boot: boot(), health, position: asked.position }).collect();
    if own.is_empty() && asked.room == 0 {
        let sentence = "no node and no room for any".to_owned();
        return Err(Mistyped { sentence, hint: "--count says how many nodes, --room how many that are added" }.into());
    }
    Ok(own)
}

/// Draws what tells this start from others.
fn boot() -> u32 {
    let bits = Uuid::new_v4().as_u128();
    // The highest 32 bits of a random UUID are all random.
    (bits >> 96) as u32
}

fn wall() -> jiff::civil::DateTime {
    jiff::tz::TimeZone::UTC.to_datetime(crate::session::now())
}

fn begins(asked: &NodeArgs, own: &[Newcomer], air: &Air) -> String {
    let mut ids: Vec<String> = own.iter().take(MOST_LISTED).map(|new| new.node.to_string()).collect();
    if own.len() > MOST_LISTED {
        ids.push(format!("and {} more", own.len() - MOST_LISTED));
    }
    let to: Vec<String> = air.targets().iter().map(ToString::to_string).collect();
    let nodes = screen::counted(asked.count, "node", "nodes");
    let reports =
        asked.server.as_deref().map_or("nobody stores what they report".to_owned(), |url| format!("reports to {url}"));
    format!("{nodes} ({}) on UDP port {}, sending to {}; {reports}", ids.join(", "), air.port(), to.join(", "))
}

fn stands(status: &Status) -> String {
    if !status.has_begun {
        return "waiting for the server".to_owned();
    }
    let HostNow { second, n_alive, n_infected, n_unreported, counts, .. } = status.host;
    let refused: Vec<String> = counts.refused().map(|(why, n)| format!("{n} {why}")).collect();
    let refused = if refused.is_empty() { "none".to_owned() } else { refused.join(", ") };
    let state = match status {
        Status { is_answered: false, .. } => " (the server is away)",
        Status { is_reported: false, .. } => " (reports are not taken)",
        Status { is_paused: true, .. } => " (paused)",
        _ => "",
    };
    let heard = counts.n_heard;
    format!(
        "second {second}{state}: {n_alive} alive, {n_infected} infected, heard {heard}, refused {refused}, \
        {n_unreported} contacts unreported"
    )
}

fn say_end(common: &Common, ended: &Ended) -> anyhow::Result<()> {
    let host = ended.status.host;
    let summary = Summary {
        ended: match ended.end {
            End::Died => "died",
            End::Stopped => "stopped",
            End::Told => "told",
        },
        second: host.second,
        nodes: host.n_ever,
        alive: host.n_alive,
        infected: host.n_infected,
        contacts: host.n_contacts,
        infections: host.n_infections,
        beacons_sent: ended.status.n_sent,
        beacons_heard: host.counts.n_heard,
        frames_refused: host.counts.refused().map(|(_, n)| n).sum(),
        contacts_lost: host.n_unreported,
    };
    if common.json {
        return screen::say_json(&summary);
    }
    let why = match ended.end {
        End::Died => "all nodes have died",
        End::Stopped => "the run was stopped",
        End::Told => "ended",
    };
    let Summary { second, contacts, infections, .. } = summary;
    screen::say(format!("{why} in second {second}: {contacts} contacts, {infections} infections"));
    if summary.contacts_lost > 0 {
        screen::say(format!("{} contacts could not be reported and are lost", summary.contacts_lost));
    }
    Ok(())
}
