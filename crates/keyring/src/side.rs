//! One of two sides that hold the same keyring, each on a host of its own.
//!
//! What is changed is on both before anybody is told. Keys only come, days only end, and what ended outweighs what is there: so
//! two sides put together are the same whatever happened to each, and no side has to lead. While the other is away this one goes
//! on with what needs no change, and makes no key unless an operator said that it is alone. Whoever starts answers nobody before
//! it has taken what the other holds.

mod answers;
mod link;

use crate::Clock;
use crate::KeyringError;
use crate::connection::{Address, Connection};
use crate::papers::{Papers, fresh_id};
use crate::wire::{Carry, Join, Joined, Look, Refusal, Reply, ToMirror};
use crate::{logs, tls};
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use storage::sealing::{Answer, Held, KeyFolder, Mirror, Numbering, Standing, fingerprint_of};
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;

/// Clocks that differ by more make days end at different times: then the sides don't come together.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(5);
/// Whoever spoke within this is there.
const LATELY: SignedDuration = SignedDuration::from_secs(10);

/// One side.
pub struct Side {
    folder: Arc<KeyFolder>,
    clock: Clock,
    name: String,
    other: Option<Other>,
    papers: Mutex<Papers>,
    state: Mutex<State>,
    /// One change at a time, and none while the other comes back.
    changing: tokio::sync::Mutex<()>,
    /// No change while this side joins the other. Whoever needs both takes this first.
    joining: tokio::sync::RwLock<()>,
    /// What the other was told when it came, until it says that it is kept.
    told: Mutex<Option<Held>>,
    link: tokio::sync::Mutex<Option<Link>>,
    look_again: Notify,
}

/// The other side.
struct Other {
    address: Address,
    connector: TlsConnector,
}

/// How it stands just now.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// It has taken what the other holds since it started.
    caught_up: bool,
    /// The other can be told what changes.
    linked: bool,
    /// By how much the other's clock is ahead.
    clock_ahead: SignedDuration,
    /// When the other said something at last.
    heard_at: Option<Timestamp>,
}

/// The way to the other, and how far its copies of the own logs are.
struct Link {
    connection: Connection,
    carried: Vec<(crate::wire::Log, u64)>,
    /// What both held at the last look, if it differed: it may have been a change under way.
    differed: Option<[String; 2]>,
}

impl std::fmt::Debug for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Side({})", self.name)
    }
}

impl Side {
    /// A side over an opened folder. Destroys at once what has reached its end.
    ///
    /// # Errors
    ///
    /// [`KeyringError`] if the folder can't be written, or the other side has the same name.
    pub(crate) fn new(
        folder: KeyFolder,
        name: &str,
        other: Option<Address>,
        certificates: &tls::Read,
        clock: Clock,
    ) -> Result<Self, KeyringError> {
        if other.as_ref().is_some_and(|other| other.name == name) {
            let both = format!("the keyring and its mirror are both called {name}; each host has a name of its own");
            return Err(KeyringError::Configured(both));
        }
        folder.destroy_ended(clock())?;
        let connector = certificates.connector()?;
        let other = other.map(|address| Other { address, connector });
        let side = Self {
            papers: Mutex::new(Papers::of(folder.path())?),
            folder: Arc::new(folder),
            clock,
            name: name.to_owned(),
            other,
            state: Mutex::default(),
            changing: tokio::sync::Mutex::default(),
            joining: tokio::sync::RwLock::default(),
            told: Mutex::default(),
            link: tokio::sync::Mutex::default(),
            look_again: Notify::new(),
        };
        // Of two that were never anything, one says which keyring it is.
        if side.makes_keys() && side.papers().id.is_none() {
            side.write_papers(|papers| papers.id = Some(fresh_id()))?;
        }
        Ok(side)
    }

    /// The name that a certificate of the other side has.
    pub(crate) fn name_of_other(&self) -> Option<&str> {
        self.other.as_ref().map(|other| other.address.name.as_str())
    }

    /// Whether it makes keys while both are there: of two the one whose name comes first, so that no day gets two keys.
    fn makes_keys(&self) -> bool {
        self.name_of_other().is_none_or(|other| self.name.as_str() < other)
    }

    fn numbering(&self) -> Numbering {
        if self.makes_keys() { Numbering::Odd } else { Numbering::Even }
    }

    fn state(&self) -> State {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_state(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn papers(&self) -> MutexGuard<'_, Papers> {
        self.papers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_papers(&self, change: impl FnOnce(&mut Papers)) -> Result<(), storage::sealing::SealingError> {
        let mut papers = self.papers();
        let mut changed = papers.clone();
        change(&mut changed);
        if changed != *papers {
            changed.write(self.folder.path())?;
            *papers = changed;
        }
        Ok(())
    }

    fn told(&self) -> MutexGuard<'_, Option<Held>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_alone(&self) -> bool {
        self.papers().alone
    }

    /// Whether it answers servers.
    fn may_answer(&self) -> bool {
        self.other.is_none() || self.is_alone() || self.state().caught_up
    }

    fn standing(&self) -> Result<Standing, Refusal> {
        let state = self.state();
        let mirror = match (&self.other, state.linked, self.is_alone()) {
            (None, ..) => Mirror::None,
            (_, true, _) => Mirror::There,
            (_, false, true) => Mirror::Alone,
            (_, false, false) => Mirror::Away,
        };
        let (n_data_keys, n_day_keys, n_only_here) = self.folder.counts()?;
        let clock_ahead_s = state.clock_ahead.as_secs();
        let answers = self.may_answer();
        Ok(Standing { name: self.name.clone(), answers, mirror, clock_ahead_s, n_data_keys, n_day_keys, n_only_here })
    }

    /// An operator says that this side goes on alone.
    ///
    /// # Errors
    ///
    /// [`Refusal::Away`] while the other is there.
    pub(crate) fn go_on_alone(&self) -> Result<Reply, Refusal> {
        if self.other.is_none() {
            return Err(Refusal::Away("it has no mirror, so it is alone already".to_owned()));
        }
        if self.state().linked {
            return Err(Refusal::Away("its mirror is there, so it isn't alone".to_owned()));
        }
        let heard_at = self.state().heard_at.filter(|at| (self.clock)().duration_since(*at).abs() < LATELY);
        if heard_at.is_some() {
            return Err(Refusal::Away(
                "its mirror spoke with it in the last ten seconds, so it isn't alone".to_owned(),
            ));
        }
        self.write_papers(|papers| papers.alone = true)?;
        tracing::warn!("an operator said that this side of the keyring goes on alone");
        Ok(Reply::Done)
    }

    /// Answers the other side.
    pub(crate) async fn hear(&self, said: ToMirror) -> Result<Reply, Refusal> {
        self.set_state(|state| state.heard_at = Some((self.clock)()));
        match said {
            ToMirror::Join(join) => self.take_in(*join).await,
            ToMirror::Kept => {
                let told = self.told().take();
                told.map_or(Ok(()), |told| self.folder.note_on_both(&told))?;
                Ok(Reply::Done)
            }
            ToMirror::Take(held) => {
                self.folder.take(&held, (self.clock)())?;
                Ok(Reply::Done)
            }
            ToMirror::Carry(carry) => self.keep(&carry),
            ToMirror::Beats(beats) => {
                self.folder.remembered().raise(beats)?;
                Ok(Reply::Done)
            }
            ToMirror::Look(look) => {
                self.compare_clocks(look.now)?;
                Ok(Reply::Look(self.look()?))
            }
        }
    }

    fn keep(&self, carry: &Carry) -> Result<Reply, Refusal> {
        logs::keep(&self.folder, carry)?;
        Ok(Reply::Done)
    }

    fn look(&self) -> Result<Look, Refusal> {
        Ok(Look { now: (self.clock)(), digest: digest(&self.folder.all()?) })
    }

    /// Takes the other side in that has come, or come back.
    async fn take_in(&self, join: Join) -> Result<Reply, Refusal> {
        let _one = self.changing.lock().await;
        self.compare_clocks(join.now)?;
        self.agree(join.id.as_deref(), &join.held)?;
        let now = (self.clock)();
        self.folder.take(&join.held, now)?;
        self.remember(join.beats)?;
        if self.is_alone() {
            tracing::info!("the mirror of the keyring is back; this side isn't alone any more");
        }
        // From here on the other may answer, so nothing may be done any more that it doesn't hear of.
        self.write_papers(|papers| papers.alone = false)?;
        self.set_state(|state| state.caught_up = true);
        self.look_again.notify_one();
        let held = self.folder.all()?;
        *self.told() = Some(held.clone());
        let copies = logs::copied(&self.folder, &join.folder)?;
        let (id, beats) = (self.papers().id.clone(), self.folder.remembered().beats()?);
        Ok(Reply::Joined(Box::new(Joined { id, now, held, beats, copies })))
    }

    /// A database only counts on, so of two counts the higher one holds.
    fn remember(&self, beats: Option<u64>) -> Result<(), Refusal> {
        Ok(beats.map_or(Ok(()), |beats| self.folder.remembered().raise(beats))?)
    }

    /// Sides of one keyring have one id. One that has none yet and holds nothing takes the other's.
    fn agree(&self, theirs: Option<&str>, held: &Held) -> Result<(), Refusal> {
        let own = self.papers().id.clone();
        let Some(theirs) = theirs.filter(|theirs| own.as_deref() != Some(*theirs)) else { return Ok(()) };
        let (n_own, ..) = self.folder.counts()?;
        let (is_empty, other_is_empty) = (n_own == 0, held.data_keys.is_empty());
        if !is_empty && !other_is_empty {
            return Err(Refusal::OtherKeyring);
        }
        // Whoever holds nothing was made anew, on another disk. Of two that hold nothing one keeps its own.
        let takes_theirs = own.is_none() || (is_empty && (!other_is_empty || !self.makes_keys()));
        if takes_theirs {
            self.write_papers(|papers| papers.id = Some(theirs.to_owned()))?;
        }
        Ok(())
    }

    fn compare_clocks(&self, theirs: Timestamp) -> Result<(), Refusal> {
        let ahead = theirs.duration_since((self.clock)());
        self.set_state(|state| state.clock_ahead = ahead);
        if ahead.abs() > CLOCKS_APART {
            let why = "the clocks of the keyring and its mirror are more than five minutes apart; set them";
            tracing::error!(seconds = ahead.as_secs(), "{why}");
            return Err(Refusal::Away(why.to_owned()));
        }
        Ok(())
    }

    /// Destroys what has reached its end. The other does the same by itself, whether it is there or not.
    pub(crate) fn end_days(&self) {
        match self.folder.destroy_ended((self.clock)()) {
            Ok(0) => {}
            Ok(n_days) => tracing::info!(n_days, "keys of days that have ended are destroyed"),
            Err(error) => {
                let error: &(dyn std::error::Error + 'static) = &error;
                tracing::error!(error, "keys of days that have ended can't be destroyed; it is tried again");
            }
        }
    }
}

/// What a side holds, without any secret, in a few bytes: two that hold the same have the same.
fn digest(held: &Held) -> String {
    let mut lines: Vec<String> = held.data_keys.iter().map(|key| format!("key {:?}", key.info)).collect();
    for (kind, days) in [("arrivals", &held.arrivals), ("uploads", &held.uploads)] {
        lines.extend(days.keys.iter().map(|key| {
            let of = (key.authority_id, key.day, key.ends_at, &key.public, key.generation, key.shortened);
            format!("{kind} {of:?}")
        }));
        lines.extend(days.destroyed.iter().map(|end| format!("{kind} gone {end:?}")));
    }
    lines.sort();
    fingerprint_of(lines.join("\n").as_bytes())
}

/// An answer as a reply.
pub(crate) fn reply(answer: Result<Answer, Refusal>) -> Reply {
    answer.map_or_else(Reply::Refused, Reply::Answer)
}
