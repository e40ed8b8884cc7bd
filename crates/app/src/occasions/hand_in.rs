//! Handing in: by a program with a key, or by a page that needs no account. Nothing comes back but how many were taken.

use super::about;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::{Action, Role, ShortCode};
use domain::check_ins::VenueDay;
use domain::ids::VisitorId;
use domain::occasions::{
    MOST_AT_ONCE, MOST_VISITORS, OccasionCode, Visitor, WrongVisitor, upload_ends_at, visitors_gone_on,
};
use domain::time::local_day;
use jiff::civil::Date;
use std::collections::HashSet;
use storage::authorities::Authority;
use storage::occasions::{Handed, Occasion};
use storage::sealing::{DayKind, PublicKey, SealingError, fingerprint};
use storage::{Freshness, StorageError};

/// What became of visitors who were handed in together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedBlock {
    /// How many are here now, those from before included.
    pub n_taken: usize,
    /// How many of these were here already.
    pub n_again: usize,
    /// Who was refused.
    pub refused: Vec<RefusedVisitor>,
    /// The day from whose beginning nobody can read who was taken now.
    pub deleted_on: Date,
}

/// A visitor who was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedVisitor {
    /// Which of the block, counted from 0.
    pub at: usize,
    /// Their id.
    pub visitor_id: VisitorId,
    /// What must change.
    pub wrong: WrongVisitor,
}

impl App {
    /// Takes visitors that a program brings, or staff who got a list.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] for a code that doesn't work here; which of wrong, ended and another's it is isn't said.
    /// [`AppError::Conflict`] if one was handed in before with other values: then nobody of the block is taken.
    pub async fn hand_in_visitors(&self, worker: &Worker, code: &str, visitors: Vec<Visitor>) -> Result<HandedBlock> {
        worker.require(Action::HandInVisitors)?;
        self.hand_in(worker, code, visitors).await
    }

    /// Takes visitors that somebody without an account brings, by the authority's short code.
    ///
    /// # Errors
    ///
    /// As [`hand_in_visitors`](Self::hand_in_visitors).
    pub async fn hand_in_by_form(
        &self,
        authority: &ShortCode,
        code: &str,
        visitors: Vec<Visitor>,
    ) -> Result<HandedBlock> {
        let authority = self.authority_of(authority).await?;
        // Before an account is looked for: guesses cost as little as can be.
        self.occasion_of_code(&authority, code).await?;
        let worker = self.own_worker(authority, "system:visitors", Role::Operator).await?;
        self.hand_in(&worker, code, visitors).await
    }

    /// Says until when visitors who are handed in now would be kept, to whoever has a code that works.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] for a code that doesn't.
    pub async fn check_occasion_code(&self, authority: &ShortCode, code: &str) -> Result<(Authority, Date)> {
        let authority = self.authority_of(authority).await?;
        self.occasion_of_code(&authority, code).await?;
        let today = local_day(self.now(), &authority.time_zone);
        Ok((authority, visitors_gone_on(today)))
    }

    async fn authority_of(&self, short_code: &ShortCode) -> Result<Authority> {
        let all = self.authorities().await?;
        all.into_iter().find(|one| one.short_code == *short_code).ok_or_else(unknown)
    }

    async fn occasion_of_code(&self, authority: &Authority, code: &str) -> Result<Occasion> {
        let code = OccasionCode::read(code).map_err(|_| unknown())?;
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        let found = storage::occasions::by_code(&mut tx, &fingerprint(code.expose())).await?;
        found.filter(|occasion| self.takes(occasion)).ok_or_else(unknown)
    }

    async fn hand_in(&self, worker: &Worker, code: &str, visitors: Vec<Visitor>) -> Result<HandedBlock> {
        let occasion = self.occasion_of_code(&worker.authority, code).await?;
        if !(1..=MOST_AT_ONCE).contains(&visitors.len()) {
            return Err(AppError::InvalidFields(vec![("visitors", format!("1 to {MOST_AT_ONCE} at once"))]));
        }
        if occasion.n_visitors + visitors.len() as u64 > MOST_VISITORS {
            return Err(AppError::Conflict(format!("an occasion takes {MOST_VISITORS} visitors at most")));
        }
        let (good, refused) = sorted(visitors, &occasion);
        let now = self.now();
        let today = local_day(now, &worker.authority.time_zone);
        let mut block = HandedBlock { n_taken: 0, n_again: 0, refused, deleted_on: visitors_gone_on(today) };
        if good.is_empty() {
            return Ok(block);
        }
        let public_key = self.upload_key(&worker.authority, today).await?;
        let prints = self.keys()?.print_keys(worker.authority.authority_id).await?;
        let of = VenueDay { authority_id: worker.authority.authority_id, day: today };
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let to = (of, &public_key);
        let handed = storage::occasions::hand_in(&mut tx, occasion.occasion_id, to, &prints, &good, now).await?;
        let n_new = match handed {
            Handed::Taken { n_new, n_again } => {
                (block.n_taken, block.n_again) = (n_new + n_again, n_again);
                n_new
            }
            Handed::Other(others) => {
                let first = others.first().map(VisitorId::to_string).unwrap_or_default();
                let reason = format!(
                    "{} of these visitors were handed in before with other values, the first of them {first}; nobody \
                     was taken",
                    others.len()
                );
                return Err(AppError::Conflict(reason));
            }
            Handed::Over => {
                let reason = "some of these visitors were handed in before, and their time is over";
                return Err(AppError::Conflict(reason.to_owned()));
            }
        };
        if n_new > 0 {
            self.record(&mut tx, worker, about("occasions.hand_in", occasion.occasion_id, n_new)).await?;
        }
        tx.commit().await?;
        Ok(block)
    }

    /// Returns the public half of a day's key; makes it where there is none.
    async fn upload_key(&self, authority: &Authority, day: Date) -> Result<PublicKey> {
        let of = VenueDay { authority_id: authority.authority_id, day };
        let ends_at = upload_ends_at(day, &authority.time_zone);
        let made = self.keys()?.make(DayKind::Uploads, &[(of, ends_at)]).await?;
        let public_key = *made.first().ok_or(StorageError::Sealing(SealingError::NoKey))?;
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        let known = storage::occasions::find_day(&mut tx, day).await?;
        drop(tx);
        // A key that was lost is made anew: what was sealed to it can't be read any more, what comes now can.
        if known.is_none_or(|known| known.public_key != public_key) {
            let mut tx = self.store.write(authority.authority_id).await?;
            storage::occasions::insert_day(&mut tx, day, &public_key, ends_at).await?;
            tx.commit().await?;
        }
        Ok(public_key)
    }
}

fn unknown() -> AppError {
    AppError::NotFound("occasion")
}

/// Tells visitors who can be taken from those who can't.
fn sorted(visitors: Vec<Visitor>, occasion: &Occasion) -> (Vec<Visitor>, Vec<RefusedVisitor>) {
    let (mut good, mut refused, mut seen) = (Vec::with_capacity(visitors.len()), Vec::new(), HashSet::new());
    for (at, visitor) in visitors.into_iter().enumerate() {
        let visitor = visitor.tidied();
        let again = WrongVisitor { field: "visitor_id", reason: "another visitor of this block has this id" };
        let checked = if seen.insert(visitor.visitor_id) { visitor.check(&occasion.during) } else { Err(again) };
        match checked {
            Ok(()) => good.push(visitor),
            Err(wrong) => refused.push(RefusedVisitor { at, visitor_id: visitor.visitor_id, wrong }),
        }
    }
    (good, refused)
}
