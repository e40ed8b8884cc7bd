//! The consumer in this server: it stores what waits, and begins anew when something that may pass ended it.

use super::{Network, end_if_lost};
use crate::Platform;
use pipeline::consumer::{ConsumerError, Limits, Work, keep};
use std::sync::Arc;
use tokio::sync::watch;

pub(super) async fn work(platform: Platform, network: Arc<Network>, mut ending: watch::Receiver<bool>) {
    let log = tokio::select! {
        log = network.to_consume() => log,
        _ = ending.wait_for(|ends| *ends) => return,
    };
    let Some(log) = log else { return };
    let work = || {
        let app = platform.app.clone();
        Work {
            log: log.clone(),
            store: network.store.clone(),
            limits: Limits::default(),
            clock: Arc::new(move || app.now()),
            progress: network.progress.clone(),
        }
    };
    let ended = |error: &ConsumerError| {
        if let ConsumerError::Log(error) = error {
            end_if_lost(error);
        }
        network.progress.send_modify(|progress| progress.is_stuck = true);
    };
    keep(work, ending, ended).await;
}
