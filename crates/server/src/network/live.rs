//! The live picture of a run: looked at once for all who watch it.

use super::Network;
use app::runs::{LiveChain, Viewer};
use app::{App, AppError};
use bytes::Bytes;
use domain::ids::RunId;
use domain::runs::{Run, RunState};
use protocol::http::runs::live::{FRAME, NOW};
use std::sync::{Arc, Weak};
use std::time::Duration;
use storage::StorageError;
use tokio::sync::{Mutex, broadcast};

/// How long whoever watches may be behind before they get a key frame instead of what they missed.
const MOST_BEHIND: Duration = Duration::from_secs(5);
/// How often it is looked, at most and at least.
const LOOKS: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(1));

/// A run that somebody watches.
#[derive(Debug)]
pub(crate) struct Live {
    shown: Mutex<Shown>,
    tell: broadcast::Sender<Arc<Tick>>,
    every: Duration,
}

#[derive(Debug)]
struct Shown {
    run: Run,
    chain: LiveChain,
}

/// What a look gave.
#[derive(Debug)]
pub(crate) struct Tick {
    /// The run as it is now; `None` if it is deleted: then nothing more comes.
    pub run: Option<Run>,
    /// Messages, in their order.
    pub messages: Vec<Bytes>,
}

impl Live {
    pub(super) fn begin(run: Run, chain: LiveChain) -> Self {
        let every = run.clock.second.clamp(LOOKS.0, LOOKS.1);
        let n_ticks = MOST_BEHIND.as_millis().div_ceil(every.as_millis()) as usize;
        Self { shown: Mutex::new(Shown { run, chain }), tell: broadcast::Sender::new(n_ticks), every }
    }

    /// Joins: what to show first, and what comes then.
    pub(crate) async fn join(&self, network: &Network, app: &App) -> ([Bytes; 2], broadcast::Receiver<Arc<Tick>>) {
        let shown = self.shown.lock().await;
        let first = [now(&shown, app, network.is_late()), frame(&shown.chain.key())];
        (first, self.tell.subscribe())
    }

    /// Looks once, and tells everybody. Says whether there is still such a run.
    async fn look(&self, app: &App, network: &Network, run_id: RunId) -> bool {
        let mut shown = self.shown.lock().await;
        let mut is_late = network.is_late();
        let mut messages = Vec::new();
        match app.run(Viewer::Server, run_id).await {
            Ok(run) => shown.run = run,
            Err(AppError::NotFound(_)) => {
                let _ = self.tell.send(Arc::new(Tick { run: None, messages: Vec::new() }));
                return false;
            }
            // The last picture stays.
            Err(_) => is_late = true,
        }
        match app.look_at_run(&mut shown.chain).await {
            Ok(frames) => messages.extend(frames.iter().map(|bytes| frame(bytes))),
            Err(AppError::Storage(StorageError::Unreadable(_))) => {
                // What was read so far is in doubt: all begin anew from what is stored.
                let Ok(chain) = app.watch_run(Viewer::Server, run_id).await else { return true };
                shown.chain = chain;
                messages.push(frame(&shown.chain.key()));
            }
            Err(_) => is_late = true,
        }
        messages.insert(0, now(&shown, app, is_late));
        // Nobody may be listening just now.
        let _ = self.tell.send(Arc::new(Tick { run: Some(shown.run.clone()), messages }));
        true
    }
}

/// Looks at a run for as long as somebody watches.
pub(super) async fn keep(live: Weak<Live>, app: App, network: Arc<Network>, run_id: RunId) {
    let Some(every) = live.upgrade().map(|live| live.every) else { return };
    let mut next = tokio::time::interval(every);
    next.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        next.tick().await;
        let Some(live) = live.upgrade() else { return };
        if !live.look(&app, &network, run_id).await {
            return;
        }
    }
}

fn frame(bytes: &[u8]) -> Bytes {
    [&[FRAME], bytes].concat().into()
}

fn now(shown: &Shown, app: &App, is_late: bool) -> Bytes {
    let clock = &shown.run.clock;
    let state = match clock.state {
        RunState::Running => 0,
        RunState::Paused => 1,
        RunState::Stopped => 2,
    };
    let mut bytes = vec![NOW];
    bytes.extend(clock.second_at(app.now()).to_le_bytes());
    bytes.extend(u32::try_from(clock.second.as_micros()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(shown.chain.newest().unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend([state, u8::from(is_late)]);
    bytes.into()
}
