//! The chore: every few seconds what is due goes, until the server is told to end; then the mail that is under way ends.

use super::Mailer;
use crate::platform::Platform;
use app::messages::Delivered;
use domain::messages::Failure;
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

/// Seconds between two looks for mails that are due.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Seconds after which a mail server is tried again that took nothing.
const AFTER_OBSTACLE: Duration = Duration::from_secs(10);

/// Sends mails until `stop` says so.
pub(crate) async fn work(platform: Platform, mut mailer: Mailer, mut stop: watch::Receiver<bool>) {
    let holder = domain::ids::mint(platform.app.now(), platform.app.random());
    let mut last_obstacle = None;
    while !*stop.borrow() {
        let obstacle = turn(&platform, holder, &mut mailer, &stop).await;
        mailer.hang_up().await;
        tell(obstacle, &mut last_obstacle);
        let pause = if obstacle.is_some() { AFTER_OBSTACLE } else { LOOK_EVERY };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

/// One turn over all authorities. Returns what stands in the way of all mails.
async fn turn(platform: &Platform, holder: Uuid, mailer: &mut Mailer, stop: &watch::Receiver<bool>) -> Option<Failure> {
    if platform.is_aside() {
        return None;
    }
    let Ok(all) = platform.app.authorities_at_work().await else { return None };
    for authority in all {
        let goes_on = || !*stop.borrow();
        match platform.app.deliver_due(authority.authority_id, holder, mailer, goes_on).await {
            Ok(delivered) => {
                count(&delivered);
                let (n_sent, n_put_off, n_failed) = (delivered.n_sent, delivered.n_put_off, delivered.n_failed);
                if n_sent + n_put_off + n_failed > 0 {
                    tracing::info!(n_sent, n_put_off, n_failed, "mails: {n_sent} sent, {n_put_off} tried again later");
                }
                if delivered.obstacle.is_some() {
                    return delivered.obstacle;
                }
            }
            Err(error) => tracing::warn!(%error, "mails wait: the database is away, or the keyring is locked"),
        }
    }
    None
}

fn count(delivered: &Delivered) {
    let ends = [("sent", delivered.n_sent), ("put_off", delivered.n_put_off), ("failed", delivered.n_failed)];
    for (end, n) in ends {
        metrics::counter!("epitrace_mails_total", "end" => end).increment(n as u64);
    }
}

/// Logs an obstacle when it begins, and that it is over; not at each turn.
fn tell(obstacle: Option<Failure>, last: &mut Option<Failure>) {
    if obstacle == *last {
        return;
    }
    match obstacle {
        Some(failure) => tracing::warn!(mail.failure = %failure, "mails wait: the mail server takes none ({failure})"),
        None => tracing::info!("the mail server takes mails again"),
    }
    *last = obstacle;
}
