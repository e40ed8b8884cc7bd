//! Looks whether runs have gone quiet, and has them end.

use super::Network;
use crate::Platform;
use app::runs::Watch;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const LOOK_EVERY: Duration = Duration::from_secs(30);

pub(super) async fn work(platform: Platform, network: Arc<Network>, mut ending: watch::Receiver<bool>) {
    let mut quiet = Watch::default();
    let mut next = tokio::time::interval(LOOK_EVERY);
    next.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = next.tick() => {}
            _ = ending.wait_for(|ends| *ends) => return,
        }
        if network.is_late() {
            quiet.begin_anew();
            continue;
        }
        match platform.app.end_quiet_runs(&mut quiet).await {
            Ok(ended) => {
                for run_id in ended {
                    tracing::info!(run.id = %run_id, "nothing was heard of a run any more: it is over");
                }
            }
            // What nobody could look at may have been loud.
            Err(error) => {
                tracing::warn!(%error, "it can't be seen whether runs have gone quiet");
                quiet.begin_anew();
            }
        }
    }
}
