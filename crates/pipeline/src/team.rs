//! Several consumers in one process, as many as are needed: members of one group, among which the partitions are shared.

use crate::cause;
use crate::consumer::{self, Progress, Work};
use crate::lag::{self, Lag};
use crate::scale::{self, Change, Since};
use event_log::EventLog;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use storage::store::RunStore;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};

/// How often it is looked what waits.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is told how it stands.
const TELL_EVERY: Duration = Duration::from_secs(60);
/// How long members get to store what is in hand. What is left waits in the log.
const LAST_BATCHES: Duration = Duration::from_secs(10);

/// Consumers of one log.
pub struct Team {
    /// Where reports come from.
    pub log: EventLog,
    /// Where they go.
    pub store: RunStore,
    /// When a batch ends.
    pub batches: consumer::Limits,
    /// How many members there are.
    pub scale: scale::Limits,
    /// What time it is.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

/// A member, as its team sees it.
struct Member {
    stop: watch::Sender<bool>,
    task: AbortHandle,
}

impl Team {
    /// Works until `stop` is over; then each member stores what it has in hand, and leaves the group.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let limits = self.scale.clone().within(self.log.n_partitions());
        let (mut tasks, mut members) = (JoinSet::new(), Vec::new());
        let (mut since, mut told_at) = (Since::default(), Instant::now());
        let mut next = tokio::time::interval(LOOK_EVERY);
        next.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::pin!(stop);
        loop {
            let waiting = tokio::select! {
                biased;
                () = &mut stop => break,
                waiting = async { next.tick().await; self.n_waiting().await } => waiting,
            };
            while let Some(ended) = tasks.try_join_next() {
                if let Err(error) = ended {
                    tracing::error!(error = cause(&error), "a member broke down; another takes its place");
                }
            }
            members.retain(|member: &Member| !member.task.is_finished());
            let now = Instant::now();
            let (after, change) = scale::decide(&limits, since, now, members.len(), waiting);
            since = after;
            match change {
                Some(Change::Start) => members.push(self.start(&mut tasks)),
                Some(Change::Stop) => {
                    if let Some(member) = members.pop() {
                        member.stop.send_replace(true);
                    }
                }
                None => {}
            }
            if change.is_some() || now.duration_since(told_at) >= TELL_EVERY {
                told_at = now;
                let n_members = members.len();
                tracing::info!(n_members, n_waiting = waiting, "members of the group here, and records that wait");
            }
        }
        for member in &members {
            member.stop.send_replace(true);
        }
        let leaving = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST_BATCHES, leaving).await.is_err() {
            tracing::warn!("what is in hand can't be stored now: it waits in the log");
        }
        tasks.shutdown().await;
    }

    /// Counts the records that wait in all partitions; `None` if nobody can say.
    async fn n_waiting(&self) -> Option<u64> {
        let looked = lag::look(&self.log, &self.store).await;
        let lags =
            looked.inspect_err(|error| tracing::warn!(error = cause(error), "it can't be seen what waits")).ok()?;
        Some(lags.iter().map(Lag::n_waiting).sum())
    }

    fn start(&self, tasks: &mut JoinSet<()>) -> Member {
        let (stop, told) = watch::channel(false);
        let (log, store, limits) = (self.log.clone(), self.store.clone(), self.batches);
        let clock = Arc::clone(&self.clock);
        let work = move || Work {
            log: log.clone(),
            store: store.clone(),
            limits,
            clock: Arc::clone(&clock),
            progress: watch::Sender::new(Progress::default()),
        };
        Member { stop, task: tasks.spawn(consumer::keep(work, told, |_| ())) }
    }
}
