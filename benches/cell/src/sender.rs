//! One who writes: one request under way, the same again under its id until it is acknowledged.

use crate::line::{Line, Target};
use crate::seen::Seen;
use crate::writes::{Kind, Write};
use std::cell::Cell;
use std::net::Ipv4Addr;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use uuid::Uuid;

/// How long an answer is waited for.
const LONGEST: Duration = Duration::from_secs(5);
/// How long it waits before it sends the same again.
const AGAIN: Duration = Duration::from_millis(50);
/// Answers after which the same may be taken a moment later. What else isn't 201 never should come.
const LATER: [u16; 5] = [429, 500, 502, 503, 504];

/// A telephone, or a case worker.
pub struct Sender {
    /// Whom it comes to.
    pub target: Target,
    /// From which address of this host.
    pub from: Ipv4Addr,
    /// What it writes.
    pub kind: Kind,
    /// Which of them it is, and how many there are.
    pub number: (usize, usize),
    /// Time from one write to the next; none where the next begins once the last is acknowledged.
    pub interval: Option<Duration>,
    /// When all of it began.
    pub begun: Instant,
    /// Turns true when no more is to be sent.
    pub over: watch::Receiver<bool>,
    /// How many of this kind were acknowledged by now, of all senders.
    pub n: Rc<Cell<usize>>,
}

impl Sender {
    /// Sends until it is over. Returns what it saw, and the ids that were acknowledged.
    pub async fn run(mut self) -> (Seen, Vec<Uuid>) {
        let (mut seen, mut ids, mut line) = (Seen::default(), Vec::new(), None);
        let (which, of) = self.number;
        // They don't all begin at once.
        let mut due = self.begun + self.interval.unwrap_or_default() * which as u32 / of as u32;
        // Neighbours begin at venues far from each other, and go on from there.
        for nth in 0.. {
            if self.interval.is_some() {
                tokio::select! {
                    () = sleep_until(due) => {}
                    _ = self.over.changed() => {}
                }
            }
            if *self.over.borrow() {
                break;
            }
            let write = self.kind.write(&self.target.host(), which * 7919 + nth * 31);
            if self.acknowledge(&write, &mut line, &mut seen).await {
                ids.push(write.id);
                self.n.set(self.n.get() + 1);
            }
            // Whoever was held up doesn't catch up: that would be another load than was asked for.
            due = (due + self.interval.unwrap_or_default()).max(Instant::now());
        }
        (seen, ids)
    }

    /// Sends the same until it is acknowledged, or never will be, or it is over.
    async fn acknowledge(&mut self, write: &Write, line: &mut Option<Line>, seen: &mut Seen) -> bool {
        let first = Instant::now();
        loop {
            let asked = Instant::now();
            let what = match timeout(LONGEST, self.ask(write, line)).await {
                Ok(Ok((201, _))) => {
                    seen.acknowledged(self.begun.elapsed(), asked.elapsed(), first.elapsed());
                    return true;
                }
                Ok(Ok((status, _))) if LATER.contains(&status) => status.to_string(),
                Ok(Ok((status, body))) => {
                    seen.wrong(status, &body);
                    return false;
                }
                Ok(Err(_)) => "no answer".to_owned(),
                Err(_) => "no answer in time".to_owned(),
            };
            seen.in_vain(what);
            if !line.as_ref().is_some_and(Line::is_usable) {
                *line = None;
            }
            if *self.over.borrow() {
                return false;
            }
            sleep(AGAIN).await;
        }
    }

    async fn ask(&self, write: &Write, line: &mut Option<Line>) -> std::io::Result<(u16, Vec<u8>)> {
        if !line.as_ref().is_some_and(Line::is_usable) {
            *line = Some(Line::open(&self.target, self.from).await?);
        }
        match line {
            Some(line) => line.ask(&write.request).await,
            None => Err(std::io::ErrorKind::NotConnected.into()),
        }
    }
}
