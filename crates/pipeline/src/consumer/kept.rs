//! A consumer that is kept at work: it begins anew when something that may pass ended it.

use super::{ConsumerError, Work};
use crate::cause;
use std::time::Duration;
use tokio::sync::watch;

/// How long it waits before it begins anew. What is damaged stays so until somebody mends it, and is said again.
const AGAIN_AFTER: Duration = Duration::from_secs(30);

/// Has a consumer work until it is told to stop, or nobody is left to tell it. What ended it is told to `ended`, and to the log.
pub async fn keep(work: impl Fn() -> Work, mut stop: watch::Receiver<bool>, ended: impl Fn(&ConsumerError)) {
    loop {
        let mut stopped = stop.clone();
        let working = work().run(async move {
            // An error says that whoever tells is gone: then it ends too.
            let _ = stopped.wait_for(|stops| *stops).await;
        });
        let Err(error) = working.await else { return };
        ended(&error);
        tracing::error!(error = cause(&error), "reports of nodes wait: `epitrace doctor` says more");
        tokio::select! {
            () = tokio::time::sleep(AGAIN_AFTER) => {}
            _ = stop.wait_for(|stops| *stops) => return,
        }
    }
}
