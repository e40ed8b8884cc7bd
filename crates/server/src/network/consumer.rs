//! The consumer of this server's log: it stores what waits, and begins anew when something that may pass ended it.

use super::{Network, end_if_lost};
use crate::Platform;
use pipeline::consumer::{ConsumerError, Limits, Work};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long it waits before it begins anew. What is damaged stays so until somebody mends it, and is said again.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

pub(super) async fn work(platform: Platform, network: Arc<Network>, mut ending: watch::Receiver<bool>) {
    loop {
        let app = platform.app.clone();
        let work = Work {
            log: network.log(),
            store: network.store.clone(),
            limits: Limits::default(),
            clock: Arc::new(move || app.now()),
            progress: network.progress.clone(),
        };
        let mut told = ending.clone();
        let ended = work.run(async move {
            // An error says that the server is gone: then it ends too.
            let _ = told.wait_for(|ends| *ends).await;
        });
        match ended.await {
            Ok(()) => return,
            Err(error) => {
                if let ConsumerError::Log(error) = &error {
                    end_if_lost(error);
                }
                tracing::error!(%error, "reports of nodes wait: `epitrace doctor` says more");
                network.progress.send_modify(|progress| progress.is_stuck = true);
            }
        }
        tokio::select! {
            () = tokio::time::sleep(AGAIN_AFTER) => {}
            _ = ending.wait_for(|ends| *ends) => return,
        }
    }
}
