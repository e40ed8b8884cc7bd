//! The four tasks of a host, and the one that follows the run's control.

use super::{Clock, Control, End, Ended, Reports, Setting, Status, Unanswered};
use crate::air::{Air, Inbox};
use crate::host::{Host, Newcomer};
use domain::runs::{Health, RunState};
use jiff::civil::DateTime;
use protocol::http::runs::{RunControl, TakeNodes};
use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

/// How often the control is read: each second of the run, but neither more nor less often than this.
const READ_AT_MOST_EACH: Duration = Duration::from_millis(250);
const READ_AT_LEAST_EACH: Duration = Duration::from_secs(1);
/// How long to wait after the first failure; twice as long after each other, up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// How long the last reports of a run that was stopped are tried, and those of a host that was told to end.
const LAST_OF_STOPPED: Duration = Duration::from_secs(15);
const LAST_OF_TOLD: Duration = Duration::from_secs(5);
/// How long to leave the air alone when it can't be listened to.
const DEAF: Duration = Duration::from_secs(1);

/// Reads the control until it answers.
pub(super) async fn first_answer<C: Control>(
    control: &C,
    status: &watch::Sender<Status>,
) -> Result<(RunControl, Instant), Unanswered> {
    let mut wait = FIRST_WAIT;
    loop {
        match control.read().await {
            Ok(answer) => {
                status.send_modify(|status| (status.has_begun, status.is_answered) = (true, true));
                return Ok((answer, Instant::now()));
            }
            Err(error) if error.may_pass() => tracing::debug!(%error, "waiting for the run's control"),
            Err(error) => return Err(error),
        }
        sleep(wait).await;
        wait = longer(wait);
    }
}

fn longer(wait: Duration) -> Duration {
    (wait * 2).min(LONGEST_WAIT)
}

/// What the tasks share. Locks are held for moments, never while something is waited for.
struct Shared<'w> {
    host: Mutex<Host>,
    newcomers: Mutex<Vec<Newcomer>>,
    clock: watch::Sender<Clock>,
    /// The second that began last.
    turn: watch::Sender<u32>,
    status: &'w watch::Sender<Status>,
    n_most: usize,
    ends_when_dead: bool,
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) async fn work<C: Control, R: Reports>(
    setting: Setting,
    host: Host,
    (answer, clock): (RunControl, Clock),
    (control, reports, air): (&C, &R, Option<&Air>),
    status: &watch::Sender<Status>,
    mut stop: Pin<&mut impl Future<Output = ()>>,
) -> Ended {
    let Setting { host_id, own, room, draw, wall, .. } = setting;
    let shared = Shared {
        turn: watch::Sender::new(host.second()),
        n_most: own.len() + room as usize,
        host: Mutex::new(host),
        newcomers: Mutex::new(own),
        clock: watch::Sender::new(clock),
        status,
        ends_when_dead: room == 0,
    };
    // Nothing was refused yet.
    status.send_modify(|status| status.is_reported = true);
    let end = tokio::select! {
        end = shared.live() => end,
        end = shared.follow(control, answer, host_id, draw) => end,
        () = shared.beacon(air, wall) => End::Stopped,
        () = shared.listen(air) => End::Stopped,
        () = shared.report(reports) => End::Stopped,
        () = &mut stop => End::Told,
    };
    match end {
        End::Died => tokio::select! {
            () = shared.report_the_rest(reports) => {}
            () = &mut stop => {}
        },
        End::Stopped => {
            shared.catch_up();
            tokio::select! {
                _ = timeout(LAST_OF_STOPPED, shared.report_the_rest(reports)) => {}
                () = &mut stop => {}
            }
        }
        End::Told => {
            let _ = timeout(LAST_OF_TOLD, shared.report_the_rest(reports)).await;
        }
    }
    shared.tell();
    Ended { end, status: *status.borrow() }
}

impl Shared<'_> {
    /// Moves and decides: ends each second when its time has come.
    async fn live(&self) -> End {
        loop {
            self.begin_second();
            let next = lock(&self.host).second() + 1;
            self.wait_for(next).await;
            let is_over = {
                let mut host = lock(&self.host);
                host.end_second();
                host.is_over()
            };
            self.tell();
            if self.ends_when_dead && is_over && lock(&self.newcomers).is_empty() {
                return End::Died;
            }
            // Whoever has many seconds to catch up with lets the others do something in between.
            tokio::task::yield_now().await;
        }
    }

    /// Ends the seconds that were over when the run was stopped.
    fn catch_up(&self) {
        let mut host = lock(&self.host);
        while host.second() < self.clock.borrow().second_at(Instant::now()) {
            host.end_second();
        }
    }

    fn begin_second(&self) {
        let second = {
            let mut host = lock(&self.host);
            for newcomer in lock(&self.newcomers).drain(..) {
                if !host.bring(&newcomer) {
                    tracing::warn!(node = %newcomer.node, "a second node of the same id is left out");
                }
            }
            host.second()
        };
        self.turn.send_replace(second);
        self.tell();
    }

    /// Waits until a second begins, whatever becomes of the clock meanwhile.
    async fn wait_for(&self, second: u32) {
        let mut clock = self.clock.subscribe();
        loop {
            let known = *clock.borrow_and_update();
            let begins = known.begins_at(second);
            if begins.is_some_and(|begins| begins <= Instant::now()) || known.second_at(Instant::now()) >= second {
                return;
            }
            tokio::select! {
                () = until(begins) => return,
                _ = clock.changed() => {}
            }
        }
    }

    /// Follows the control, and takes nodes that were asked for, until the run is over.
    async fn follow<C: Control>(
        &self,
        control: &C,
        first: RunControl,
        host_id: Uuid,
        mut draw: Box<dyn FnMut() -> (Uuid, u32) + Send>,
    ) -> End {
        let mut answer = Some(first);
        loop {
            if let Some(answer) = answer.take() {
                self.take(control, &answer, host_id, &mut draw).await;
            }
            let each = self.clock.borrow().second.clamp(READ_AT_MOST_EACH, READ_AT_LEAST_EACH);
            sleep(each).await;
            match control.read().await {
                Ok(told) => {
                    let clock = self.clock.borrow().then(Clock::of(&told, Instant::now()));
                    self.clock.send_replace(clock);
                    self.note_answer(None);
                    if clock.state == RunState::Stopped {
                        return End::Stopped;
                    }
                    answer = Some(told);
                }
                Err(Unanswered::Over) => return End::Stopped,
                Err(error) => self.note_answer(Some(&error)),
            }
        }
    }

    fn note_answer(&self, error: Option<&Unanswered>) {
        let was_answered = self.status.borrow().is_answered;
        match error {
            Some(error) if was_answered => {
                tracing::warn!(%error, "the run's control can't be read; nodes go on");
            }
            None if !was_answered => tracing::info!("the run's control can be read again"),
            _ => {}
        }
        self.status.send_modify(|status| status.is_answered = error.is_none());
    }

    async fn take<C: Control>(
        &self,
        control: &C,
        answer: &RunControl,
        host_id: Uuid,
        draw: &mut (dyn FnMut() -> (Uuid, u32) + Send),
    ) {
        let n_alive = lock(&self.host).now().n_alive + lock(&self.newcomers).len();
        let room = u32::try_from(self.n_most.saturating_sub(n_alive)).unwrap_or(u32::MAX);
        if room == 0 || answer.waiting.safe == 0 && answer.waiting.infected == 0 {
            return;
        }
        match control.take(TakeNodes { host_id, at_most: room }).await {
            Ok(granted) => {
                let of = |n, health| (0..n).map(move |_| health);
                let all = of(granted.safe, Health::Susceptible).chain(of(granted.infected, Health::Infected));
                lock(&self.newcomers).extend(all.map(|health| {
                    let (node, boot) = draw();
                    Newcomer { node, boot, health, position: None }
                }));
            }
            Err(error) => tracing::warn!(%error, "nodes that were asked for can't be taken"),
        }
    }

    /// Beacons each second as it begins; what isn't sent when the next one begins is left out.
    async fn beacon(&self, air: Option<&Air>, wall: Box<dyn Fn() -> DateTime + Send + Sync>) {
        let Some(air) = air else { return pending().await };
        let mut turns = self.turn.subscribe();
        turns.mark_changed();
        while turns.changed().await.is_ok() {
            let turn = *turns.borrow_and_update();
            let beacons = {
                let host = lock(&self.host);
                // A second that was missed is over before it is this task's turn.
                if host.second() == turn { host.beacons(wall()) } else { Vec::new() }
            };
            let (mut n_sent, mut n_unsent) = (0, 0);
            for beacon in beacons {
                if turns.has_changed().unwrap_or(true) {
                    break;
                }
                n_sent += 1;
                n_unsent += u64::from(!air.send(beacon.as_ref()).await);
            }
            self.status.send_modify(|status| {
                status.n_sent += n_sent;
                status.n_unsent += n_unsent;
            });
        }
    }

    /// Listens.
    async fn listen(&self, air: Option<&Air>) {
        let Some(air) = air else { return pending().await };
        let mut inbox = Inbox::default();
        loop {
            if let Err(error) = air.ready().await {
                tracing::warn!(%error, "the air can't be listened to");
                sleep(DEAF).await;
                continue;
            }
            let is_deaf = {
                let mut host = lock(&self.host);
                air.drain(&mut inbox, |frame| host.hear(frame)).is_err()
            };
            if is_deaf {
                sleep(DEAF).await;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Reports at the end of each second, and again after a while where nobody took it.
    async fn report<R: Reports>(&self, reports: &R) {
        let mut turns = self.turn.subscribe();
        let mut wait = FIRST_WAIT;
        while turns.changed().await.is_ok() {
            while let Err(error) = self.report_once(reports).await {
                self.note_report(Some(&error));
                sleep(wait).await;
                wait = longer(wait);
            }
            wait = FIRST_WAIT;
        }
    }

    /// Reports all that there is, until it is taken or never will be.
    async fn report_the_rest<R: Reports>(&self, reports: &R) {
        let mut wait = FIRST_WAIT;
        while let Err(error) = self.report_once(reports).await {
            self.note_report(Some(&error));
            if !error.may_pass() {
                return;
            }
            sleep(wait).await;
            wait = longer(wait);
        }
    }

    /// Reports all that there is, once.
    async fn report_once<R: Reports>(&self, reports: &R) -> Result<(), Unanswered> {
        loop {
            let frames = lock(&self.host).reports();
            if frames.is_empty() {
                return Ok(());
            }
            reports.send(&frames).await?;
            lock(&self.host).acknowledged();
            self.note_report(None);
        }
    }

    fn note_report(&self, error: Option<&Unanswered>) {
        let was_reported = self.status.borrow().is_reported;
        if let Some(error) = error.filter(|_| was_reported) {
            tracing::warn!(%error, "reports can't be sent; contacts are kept");
        }
        self.status.send_modify(|status| status.is_reported = error.is_none());
    }

    fn tell(&self) {
        let now = lock(&self.host).now();
        let is_paused = self.clock.borrow().state == RunState::Paused;
        self.status.send_modify(|status| (status.host, status.is_paused) = (now, is_paused));
    }
}

async fn until(instant: Option<Instant>) {
    match instant {
        Some(instant) => sleep_until(instant).await,
        None => pending().await,
    }
}
