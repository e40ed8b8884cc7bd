//! `epitrace consume`: stores what waits at brokers, beside servers.
//!
//! It opens neither keyring nor accounts: reports of nodes name no person, so whoever stores them needs no key.

use super::serve::{end_traces, log, told_to_stop};
use crate::cli::Common;
use crate::config::Brokers;
use crate::failure::{Hinted, Mistyped, Misuse};
use crate::screen;
use crate::session::{DatabaseRole, Places, now};
use event_log::{EventLog, EventLogError, kafka};
use pipeline::consumer::Limits;
use pipeline::scale;
use pipeline::team::Team;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use storage::StorageError;
use storage::folder::{DataFolder, Use};

/// How long it waits before it tries the brokers again; each try is a knock every second, for ten.
const WAIT: Duration = Duration::from_secs(1);

pub async fn run(common: &Common, min: u32, max: u32) -> anyhow::Result<ExitCode> {
    let stop = told_to_stop()?;
    if min > max {
        return Err(Misuse(format!("--min {min} is more than --max {max}")).into());
    }
    let places = Places::of(common)?;
    let Some(Brokers { options, .. }) = places.config.event_log.brokers()? else {
        let sentence =
            "there is nothing to consume: reports wait in the data folder, and only its server can read them there"
                .to_owned();
        let hint = "`epitrace serve` stores them by itself; for a log that several processes consume, set [event_log] brokers in a \
                    configuration and name it with --config";
        return Err(Mistyped { sentence, hint }.into());
    };
    let traces = log(&places.config.log, &places.config.traces)?;
    let folder = DataFolder::take(&places.data, Use::Shared)?;
    if folder.is_restoring() {
        return Err(StorageError::RestoreUnfinished.into());
    }
    let store = places.store(&folder, DatabaseRole::App).await?;
    let runs = places.run_store(&folder, &store).await?;
    tokio::pin!(stop);
    let (topic, group) = (options.topic.clone(), options.group.clone());
    let log = tokio::select! {
        connected = connect(options) => connected?,
        () = &mut stop => return Ok(ExitCode::SUCCESS),
    };
    screen::say(format!("storing what waits in the topic {topic}, in the group {group}"));
    let team = Team {
        log: EventLog::Kafka(log),
        store: runs,
        batches: Limits::default(),
        scale: scale::Limits::usual(min as usize..=max as usize),
        clock: Arc::new(now),
    };
    team.run(stop).await;
    store.close().await;
    end_traces(traces).await;
    Ok(ExitCode::SUCCESS)
}

/// Connects, however long brokers are away. A topic that doesn't fit is for a person.
async fn connect(options: kafka::Options) -> anyhow::Result<kafka::Log> {
    loop {
        match kafka::Log::open(options.clone()).await {
            Ok((log, _)) => return Ok(log),
            Err(error @ EventLogError::Unfit { .. }) => {
                let hint = "change the topic or [event_log], as the operator's book says";
                return Err(Hinted { sentence: error.to_string(), hint }.into());
            }
            Err(error) => {
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::warn!(error, "the brokers don't answer; it waits for them");
            }
        }
        tokio::time::sleep(WAIT).await;
    }
}
