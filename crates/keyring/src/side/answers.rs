//! What servers, consumers and commands ask, and when it is answered.

use super::Side;
use crate::wire::{Log, Refusal};
use domain::check_ins::VenueDay;
use domain::ids::AuthorityId;
use jiff::Timestamp;
use storage::sealing::{Answer, Ask, AskedDay, DayKind, Held, halves, lasting};
use tokio::sync::{MutexGuard, RwLockReadGuard};

impl Side {
    /// Answers an ask.
    ///
    /// # Errors
    ///
    /// [`Refusal::Away`] for what this side can't make sure of just now; the other may.
    pub(crate) async fn answer(&self, ask: &Ask) -> Result<Answer, Refusal> {
        if let Ask::Standing = ask {
            return Ok(Answer::Standing(self.standing()?));
        }
        if !self.may_answer() {
            let why =
                "it has started and not spoken with its mirror yet; `epitrace keyring alone` lets it go on without";
            return Err(Refusal::Away(why.to_owned()));
        }
        match ask {
            Ask::DataKeys => Ok(Answer::DataKeys(self.folder.data_keys(self.is_alone()))),
            Ask::AddAuthority { authority_id, at } => self.add_authority(*authority_id, *at).await,
            Ask::Make { kind, days } => self.make(*kind, &lasting(days)).await,
            Ask::Destroy { kind, days } => self.destroy(*kind, days).await,
            Ask::OpenList { .. } | Ask::OpenVisitors { .. } => {
                let opened = self.folder.answer(ask);
                // Also of those that failed. Before any key leaves, it is on both, if both are there.
                self.carry(Log::Openings).await;
                Ok(opened?)
            }
            Ask::NoteErasures { .. } => {
                let noted = self.folder.answer(ask)?;
                self.carry(Log::Erasures).await;
                Ok(noted)
            }
            Ask::RaiseBeats { beats } => {
                let raised = self.folder.answer(ask)?;
                self.tell_beats(*beats).await;
                Ok(raised)
            }
            Ask::Days { .. } | Ask::Prints { .. } | Ask::Erasures | Ask::LedgerBytes | Ask::Beats | Ask::Standing => {
                Ok(self.folder.answer(ask)?)
            }
        }
    }

    async fn add_authority(&self, authority_id: AuthorityId, at: Timestamp) -> Result<Answer, Refusal> {
        if self.other.is_none() {
            return Ok(self.folder.answer(&Ask::AddAuthority { authority_id, at })?);
        }
        let _both = self.hold_still().await;
        if !self.folder.has_on_both(authority_id) {
            let is_alone = self.may_make()?;
            self.folder.add_authority_here(authority_id, self.numbering(), at)?;
            if !is_alone {
                let data_keys = self.folder.data_keys(true);
                let own = data_keys.into_iter().filter(|key| key.info.authority_id == authority_id).collect();
                self.keep_on_both(&Held { data_keys: own, ..Held::default() }).await?;
            }
        }
        Ok(Answer::DataKeys(self.folder.data_keys(self.is_alone())))
    }

    async fn make(&self, kind: DayKind, days: &[(VenueDay, Timestamp)]) -> Result<Answer, Refusal> {
        if self.other.is_none() {
            return Ok(halves(&self.folder.make(kind, days)?));
        }
        let _both = self.hold_still().await;
        if let Some(public) = self.folder.on_both(kind, days)? {
            return Ok(halves(&public));
        }
        let is_alone = self.may_make()?;
        let public = self.folder.make_here(kind, days)?;
        if !is_alone {
            let of: Vec<VenueDay> = days.iter().map(|(of, _)| *of).collect();
            self.keep_on_both(&self.folder.of_days(kind, &of)?).await?;
        }
        Ok(halves(&public))
    }

    /// Keeps both sides from coming together while something changes here.
    async fn hold_still(&self) -> (RwLockReadGuard<'_, ()>, MutexGuard<'_, ()>) {
        let joining = self.joining.read().await;
        (joining, self.changing.lock().await)
    }

    /// Whether it may make keys: with the other, or alone because an operator said so. Returns whether it is alone.
    fn may_make(&self) -> Result<bool, Refusal> {
        if self.is_alone() {
            return Ok(true);
        }
        if !self.state().linked {
            let why =
                "its mirror is away, and no key is made that stands on one host; `epitrace keyring alone` allows it";
            return Err(Refusal::Away(why.to_owned()));
        }
        if self.makes_keys() { Ok(false) } else { Err(Refusal::Away("its mirror makes the keys".to_owned())) }
    }

    /// Has the other keep what is here, and notes that it does.
    async fn keep_on_both(&self, held: &Held) -> Result<(), Refusal> {
        self.tell(held).await?;
        Ok(self.folder.note_on_both(held)?)
    }

    /// Destroys days here at once, whatever the other does; it is done when it is done on both.
    async fn destroy(&self, kind: DayKind, days: &[AskedDay]) -> Result<Answer, Refusal> {
        let days: Vec<VenueDay> = days.iter().map(|of| (*of).into()).collect();
        let _both = self.hold_still().await;
        self.folder.destroy(kind, &days)?;
        if self.other.is_some() && !self.is_alone() {
            self.tell(&self.folder.of_days(kind, &days)?).await?;
        }
        Ok(Answer::Done)
    }
}
