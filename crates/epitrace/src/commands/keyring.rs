//! `epitrace keyring`: the process that holds the keyring for other hosts, and how it and its mirror stand.

use super::serve::{end_traces, log, told_to_stop};
use crate::cli::{Common, Keyring};
use crate::failure::FAILED;
use crate::screen;
use crate::session::{Places, now};
use ::keyring::caller;
use ::keyring::process::Process;
use std::process::ExitCode;
use std::sync::Arc;
use storage::sealing::{KeyFolder, Mirror, SealingError, Standing};

pub async fn run(common: &Common, what: Keyring) -> anyhow::Result<ExitCode> {
    let places = Places::of(common)?;
    match what {
        Keyring::Serve { name } => serve(common, &places, &name).await,
        Keyring::Alone { name } => alone(common, &places, &name).await,
        Keyring::Status => status(common, &places).await,
    }
}

async fn serve(common: &Common, places: &Places, name: &str) -> anyhow::Result<ExitCode> {
    let stop = told_to_stop()?;
    let options = places.config.keyring.process(name)?;
    let traces = log(&places.config.log, &places.config.traces)?;
    let unlock_file = common.unlock_file.as_deref();
    // A side without keys harms nobody: it takes those of its mirror, or is the first of a new installation.
    let keyring = match places.open_keyring(unlock_file)? {
        Some(keyring) => keyring,
        None => places.create_keyring(unlock_file)?,
    };
    let process = Process::open(KeyFolder::from(keyring), &options, Arc::new(now)).await?;
    screen::say(format!("{name} holds the keyring at {}", process.address()?));
    process.serve(stop).await;
    end_traces(traces).await;
    Ok(ExitCode::SUCCESS)
}

async fn alone(common: &Common, places: &Places, name: &str) -> anyhow::Result<ExitCode> {
    places.config.keyring.process(name)?;
    let (sides, certificates) = places.config.keyring.sides()?;
    for own in sides.iter().filter(|side| side.name == name) {
        caller::tell_alone(own, &certificates).await?;
    }
    if !common.quiet && !common.json {
        screen::say(format!("{name} goes on alone until its mirror is back"));
    }
    Ok(ExitCode::SUCCESS)
}

async fn status(common: &Common, places: &Places) -> anyhow::Result<ExitCode> {
    let (sides, certificates) = places.config.keyring.sides()?;
    let standings = caller::standings(sides, &certificates).await?;
    let all_well = standings.iter().all(|(_, standing)| standing.as_ref().is_ok_and(is_well));
    if common.json {
        let shape = |(address, standing): &(String, Result<Standing, SealingError>)| {
            let (standing, reason) = match standing {
                Ok(standing) => (Some(standing), None),
                Err(error) => (None, Some(error.to_string())),
            };
            serde_json::json!({ "address": address, "standing": standing, "reason": reason })
        };
        screen::say_json(&standings.iter().map(shape).collect::<Vec<_>>())?;
    } else {
        let row = |(address, standing): &(String, Result<Standing, SealingError>)| match standing {
            Ok(standing) => [
                address.clone(),
                if standing.answers { "answers" } else { "waits for its mirror" }.to_owned(),
                mirror(standing.mirror).to_owned(),
                standing.n_data_keys.to_string(),
                standing.n_day_keys.to_string(),
                standing.n_only_here.to_string(),
            ],
            Err(error) => {
                [address.clone(), error.to_string(), String::new(), String::new(), String::new(), String::new()]
            }
        };
        let rows = standings.iter().map(row).collect();
        screen::say(screen::table(["side", "", "mirror", "keys", "days", "only here"], &[3, 4, 5], rows));
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

fn is_well(standing: &Standing) -> bool {
    standing.answers && matches!(standing.mirror, Mirror::None | Mirror::There)
}

fn mirror(mirror: Mirror) -> &'static str {
    match mirror {
        Mirror::None => "none",
        Mirror::There => "there",
        Mirror::Away => "away",
        Mirror::Alone => "away; it goes on alone",
    }
}
