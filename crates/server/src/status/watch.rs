//! The last picture of the installation, and what this server says of itself.

use super::certificate;
use crate::figures::{host_name, most_files};
use crate::platform::Platform;
use app::condition::{Condition, Seen, ThisProcess};
use jiff::Timestamp;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use storage::condition::{Beat, ServerState};
use tokio::time::{Instant, timeout};
use uuid::Uuid;

/// How often a server says how it is.
pub(crate) const SPEAK_EVERY: Duration = Duration::from_secs(15);
/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long the key of a program that reads figures is known while the database is away.
const KNOWN_FOR: Duration = Duration::from_secs(3_600);

/// What was seen at one look.
#[derive(Debug)]
pub(crate) struct Picture {
    /// All of it.
    pub(crate) seen: Seen,
}

/// What a server keeps of itself, and of the last look.
#[derive(Debug)]
pub(crate) struct Keeper {
    server_id: Uuid,
    started_at: Timestamp,
    last: Mutex<Option<(Instant, Arc<Picture>)>>,
    /// One at a time looks; the others take what it saw.
    looking: tokio::sync::Mutex<()>,
    is_draining: AtomicBool,
    is_aside: AtomicBool,
    has_unexpected_proxy: AtomicBool,
    /// Which key last read figures, as a keyed hash, and when.
    reader: Mutex<Option<(u64, Instant)>>,
    keyed: RandomState,
}

impl Keeper {
    pub(crate) fn new(server_id: Uuid, started_at: Timestamp) -> Self {
        Self {
            server_id,
            started_at,
            last: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
            is_draining: AtomicBool::new(false),
            is_aside: AtomicBool::new(false),
            has_unexpected_proxy: AtomicBool::new(false),
            reader: Mutex::default(),
            keyed: RandomState::new(),
        }
    }

    pub(crate) fn server_id(&self) -> Uuid {
        self.server_id
    }

    /// Remembers that a key may read figures.
    pub(crate) fn remember_reader(&self, key: &str) {
        let reader = (self.keyed.hash_one(key), Instant::now());
        *self.reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(reader);
    }

    /// Whether a key was allowed to read figures within the last hour.
    pub(crate) fn knows_reader(&self, key: &str) -> bool {
        let reader = *self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.is_some_and(|(hash, at)| hash == self.keyed.hash_one(key) && at.elapsed() < KNOWN_FOR)
    }

    /// What was seen before is not shown any more.
    fn look_anew(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn recent(&self, at_most: Duration) -> Option<Arc<Picture>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().filter(|(at, _)| at.elapsed() <= at_most).map(|(_, picture)| Arc::clone(picture))
    }
}

impl Platform {
    /// Returns a picture that is not older than that. Takes some seconds at most, also while the database hangs.
    pub(crate) async fn picture(&self, at_most: Duration) -> Arc<Picture> {
        let keeper = self.keeper();
        if let Some(picture) = keeper.recent(at_most) {
            return picture;
        }
        let _one = keeper.looking.lock().await;
        if let Some(picture) = keeper.recent(at_most) {
            return picture;
        }
        let condition = timeout(PATIENCE, self.app.condition()).await.ok().and_then(Result::ok);
        let event_log = self.network().map(|network| network.state()).unwrap_or_else(|_| none());
        let process = ThisProcess {
            name: host_name(),
            most_files: most_files(),
            has_unexpected_proxy: keeper.has_unexpected_proxy.load(Ordering::Relaxed),
        };
        let picture = Arc::new(Picture { seen: Seen { condition, event_log, process } });
        let noted = Some((Instant::now(), Arc::clone(&picture)));
        *keeper.last.lock().unwrap_or_else(PoisonError::into_inner) = noted;
        picture
    }

    /// Whether the server ends and takes no new callers.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.keeper().is_draining.load(Ordering::Relaxed)
    }

    /// Whether the server serves nobody, because its clock is wrong and another serves.
    #[must_use]
    pub fn is_aside(&self) -> bool {
        self.keeper().is_aside.load(Ordering::Relaxed)
    }

    /// What the server does.
    pub(crate) fn state(&self) -> ServerState {
        match (self.is_draining(), self.is_aside()) {
            (true, _) => ServerState::Draining,
            (_, true) => ServerState::Aside,
            _ => ServerState::Serving,
        }
    }

    /// Says from now on that the server ends, so that balancers send nobody any more.
    pub(crate) fn begin_draining(&self) {
        self.keeper().is_draining.store(true, Ordering::Relaxed);
    }

    /// Notes that a caller came through a proxy, or seemed to, that nobody told us of. Says so once.
    pub(crate) fn note_unexpected_proxy(&self) {
        metrics::counter!("epitrace_unexpected_proxy_total").increment(1);
        if !self.keeper().has_unexpected_proxy.swap(true, Ordering::Relaxed) {
            tracing::warn!("requests come with x-forwarded-for, and [server] behind_proxy is false: it is ignored");
        }
    }

    /// Until when the certificate holds that this server shows.
    pub(crate) fn certificate_until(&self) -> Option<Timestamp> {
        let file = self.options().certificate.as_ref()?;
        certificate::ends_at(file).ok()
    }
}

fn none() -> app::condition::EventLogState {
    app::condition::EventLogState { kind: "none", ..Default::default() }
}

/// Says how this server is, for the others and for operators.
pub(crate) async fn speak(platform: &Platform) {
    let picture = platform.picture(SPEAK_EVERY / 2).await;
    // While the database is away nobody hears it.
    let Some(condition) = &picture.seen.condition else { return };
    match timeout(PATIENCE, platform.app.note_server(&beat(platform, condition))).await {
        // What was seen before doesn't have it.
        Ok(Ok(())) => platform.keeper().look_anew(),
        Ok(Err(error)) => tracing::warn!(%error, "this server can't say how it is"),
        // On SQLite a long import may hold the only pen: the next turn says it.
        Err(_) => tracing::debug!("this server can't say how it is: the database takes too long"),
    }
}

/// Looks at the clock: a server stands aside while its own is wrong and another serves whose clock is right.
pub(crate) async fn mind_clock(platform: &Platform) {
    let keeper = platform.keeper();
    // Nobody knows better while the database is away.
    let Ok(Ok(ahead_s)) = timeout(PATIENCE, platform.app.stands_aside(keeper.server_id)).await else { return };
    if keeper.is_aside.swap(ahead_s.is_some(), Ordering::Relaxed) == ahead_s.is_some() {
        return;
    }
    match ahead_s {
        Some(ahead_s) => tracing::error!(
            ahead_s,
            "this clock is wrong, by so many seconds ahead of the database's: the server stands aside, others serve"
        ),
        None => tracing::info!("this server serves again: its clock is right, or no other server is there"),
    }
    // What was seen before has the other clock.
    keeper.look_anew();
    speak(platform).await;
}

/// Takes this server from the list of servers, as it ends.
pub(crate) async fn leave(platform: &Platform) {
    let leaving = platform.app.forget_server(platform.keeper().server_id);
    if !matches!(timeout(PATIENCE, leaving).await, Ok(Ok(()))) {
        tracing::warn!("this server stays in the list of servers for a day");
    }
}

fn beat(platform: &Platform, condition: &Condition) -> Beat {
    let keeper = platform.keeper();
    Beat {
        server_id: keeper.server_id,
        name: host_name(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema_version: storage::Store::newest_schema(),
        started_at: keeper.started_at,
        seen_at: condition.time_there(),
        state: platform.state(),
        certificate_until: platform.certificate_until(),
        clock_ahead_ms: condition.clock_ahead_ms,
        disk_free_bytes: platform.options().folder.free_bytes().ok().and_then(|free| i64::try_from(free).ok()),
        has_keys: condition.has_keys,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_read_figures_is_known_and_another_is_not() {
        let keeper = Keeper::new(Uuid::nil(), Timestamp::UNIX_EPOCH);
        assert!(!keeper.knows_reader("one"));
        keeper.remember_reader("one");
        assert!(keeper.knows_reader("one"));
        assert!(!keeper.knows_reader("two"));
    }
}
