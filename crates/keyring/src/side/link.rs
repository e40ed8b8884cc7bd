//! The way to the other side: it is looked for until it is there, told what changes, and joined anew whenever it was away.

use super::{Link, Other, Side};
use crate::connection::{Connection, JOINED, KEPT, answered};
use crate::logs;
use crate::papers::fresh_id;
use crate::wire::{Carry, Join, Joined, Log, Look, Refusal, Reply, Said, ToMirror};
use std::sync::Arc;
use std::time::Duration;
use storage::sealing::{Held, SealingError};

/// How often the other is looked at, or for.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Why the way to the other ended.
enum Cut {
    /// The connection.
    Broken(std::io::Error),
    /// What the other said.
    Refused(Refusal),
    /// What this side couldn't write or read.
    Own(SealingError),
}

impl From<std::io::Error> for Cut {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error)
    }
}

impl From<Refusal> for Cut {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<SealingError> for Cut {
    fn from(error: SealingError) -> Self {
        Self::Own(error)
    }
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken(error) => write!(f, "it isn't reached ({error})"),
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::Own(error) => write!(f, "{error}"),
        }
    }
}

impl Side {
    /// Keeps the way to the other open, for ever.
    pub(crate) async fn keep_link(self: Arc<Self>) {
        let Some(other) = &self.other else { return };
        let mut said = String::new();
        loop {
            let cut = match self.link.lock().await.as_mut() {
                Some(link) => self.look_at_other(link).await.err(),
                None => None,
            };
            if let Some(cut) = cut {
                self.cut(&cut).await;
            }
            if !self.state().linked {
                match self.join(other).await {
                    Ok(()) => {
                        tracing::info!(mirror = %other.address, "the mirror of the keyring is there");
                        said.clear();
                    }
                    // Told when it begins, not at each turn.
                    Err(cut) if cut.to_string() != said => {
                        said = cut.to_string();
                        tracing::warn!(mirror = %other.address, "the mirror of the keyring is away: {said}");
                    }
                    Err(_) => {}
                }
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.look_again.notified() => {}
            }
        }
    }

    /// Joins the other: both hold then what either held, and this side has told what it wrote down meanwhile.
    async fn join(&self, other: &Other) -> Result<(), Cut> {
        let mut connection = Connection::open(&other.address, &other.connector).await?;
        // Until the other can be told, nothing changes of which it wasn't told now.
        let _joining = self.joining.write().await;
        let Joined { id, now, held, beats, copies } = self.say_join(&mut connection).await?;
        self.compare_clocks(now)?;
        self.agree(id.as_deref(), &held)?;
        self.folder.take(&held, (self.clock)())?;
        self.remember(beats)?;
        say(&mut connection, ToMirror::Kept).await?;
        for copy in &copies {
            if !logs::is_beginning(&self.folder, copy)? {
                // This folder is an old state of itself: what it writes from now on must not be taken for what is copied.
                self.write_papers(|papers| papers.folder = fresh_id())?;
                tracing::warn!("this folder of the keyring is older than what its mirror knows of it");
                return Err(Cut::Refused(Refusal::Away("it comes again as another folder".to_owned())));
            }
        }
        let mut link =
            Link { connection, carried: copies.iter().map(|copy| (copy.log, copy.length)).collect(), differed: None };
        for log in logs::ALL {
            self.carry_on(&mut link, log).await?;
        }
        // Held from before the state says so until it is there: whoever is told that it is linked finds it.
        let mut place = self.link.lock().await;
        *place = Some(link);
        self.write_papers(|papers| papers.alone = false)?;
        self.set_state(|state| (state.linked, state.caught_up) = (true, true));
        Ok(())
    }

    async fn say_join(&self, connection: &mut Connection) -> Result<Joined, Cut> {
        let (id, folder) = {
            let papers = self.papers();
            (papers.id.clone(), papers.folder.clone())
        };
        let held = self.folder.all()?;
        let beats = self.folder.remembered().beats()?;
        let join = Join { id, folder, now: (self.clock)(), held, beats };
        match say(connection, ToMirror::Join(Box::new(join))).await? {
            Reply::Joined(joined) => Ok(*joined),
            _ => Err(unfit()),
        }
    }

    /// Sees whether the other is still there, and holds the same.
    async fn look_at_other(&self, link: &mut Link) -> Result<(), Cut> {
        let own = self.look()?;
        let Reply::Look(Look { now, digest }) = say(&mut link.connection, ToMirror::Look(own.clone())).await? else {
            return Err(unfit());
        };
        self.compare_clocks(now)?;
        let differ = (digest != own.digest).then_some([own.digest, digest]);
        if differ.is_some() && differ == link.differed {
            return Err(Cut::Refused(Refusal::Away("it holds something else; they join again".to_owned())));
        }
        link.differed = differ;
        Ok(())
    }

    /// Tells the other what is to be kept.
    ///
    /// # Errors
    ///
    /// [`Refusal::Away`] if it isn't sure that the other keeps it.
    pub(super) async fn tell(&self, held: &Held) -> Result<(), Refusal> {
        self.tell_other(ToMirror::Take(held.clone())).await
    }

    /// Tells the other a count of the database, if it is there. If not, it hears of it when it comes back.
    pub(super) async fn tell_beats(&self, beats: u64) {
        // That it isn't there was said.
        let _ = self.tell_other(ToMirror::Beats(beats)).await;
    }

    async fn tell_other(&self, said: ToMirror) -> Result<(), Refusal> {
        let told = {
            let mut link = self.link.lock().await;
            let link = link.as_mut().ok_or_else(|| Refusal::Away("its mirror is away".to_owned()))?;
            say(&mut link.connection, said).await
        };
        match told {
            Ok(_) => Ok(()),
            Err(cut) => {
                self.cut(&cut).await;
                Err(Refusal::Away("its mirror went away".to_owned()))
            }
        }
    }

    /// Carries what was written down here to the other, if it is there. If not, it is carried when it comes back.
    pub(super) async fn carry(&self, log: Log) {
        let carried = match self.link.lock().await.as_mut() {
            Some(link) => self.carry_on(link, log).await,
            None => Ok(()),
        };
        if let Err(cut) = carried {
            self.cut(&cut).await;
        }
    }

    async fn carry_on(&self, link: &mut Link, log: Log) -> Result<(), Cut> {
        let folder = self.papers().folder.clone();
        let Some((_, from)) = link.carried.iter_mut().find(|(carried, _)| *carried == log) else { return Ok(()) };
        loop {
            let text = logs::outstanding(&self.folder, log, *from)?;
            if text.is_empty() {
                return Ok(());
            }
            let n_bytes = text.len() as u64;
            let carry = Carry { folder: folder.clone(), log, from: *from, text };
            say(&mut link.connection, ToMirror::Carry(carry)).await?;
            *from += n_bytes;
        }
    }

    /// Ends the way to the other; it is looked for again at once.
    async fn cut(&self, cut: &Cut) {
        tracing::warn!("the mirror of the keyring went away: {cut}");
        *self.link.lock().await = None;
        self.set_state(|state| state.linked = false);
        self.look_again.notify_one();
    }
}

async fn say(connection: &mut Connection, said: ToMirror) -> Result<Reply, Cut> {
    let within = if matches!(said, ToMirror::Join(_)) { JOINED } else { KEPT };
    Ok(answered(connection.say(&Said::Mirror(said), within).await?)?)
}

fn unfit() -> Cut {
    Cut::Refused(Refusal::Away("it gave another answer than was asked for".to_owned()))
}
