//! Occasions: made by the authority, filled by whoever has the code, opened by the authority for a reason.
//!
//! Handing in needs nothing but the code; reading needs a reason and an entry in the keyring's log, and there is no way from
//! the one to the other.

mod days;
mod hand_in;
mod open;

pub use hand_in::{HandedBlock, RefusedVisitor};
pub use open::{OpenedVisitors, WantedOpening};

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::{CaseId, OccasionId};
use domain::occasions::{OccasionCode, check_occasion};
use jiff::Timestamp;
use std::collections::HashMap;
use storage::Freshness;
use storage::occasions::{Occasion, OccasionListOpening};
use storage::sealing::fingerprint;

/// Occasions of one page.
const PAGE: usize = 50;

/// An occasion that is to be made.
#[derive(Clone, Debug)]
pub struct NewOccasion {
    /// Its id, made by whoever makes it: the same twice is one.
    pub occasion_id: OccasionId,
    /// What it is called.
    pub title: String,
    /// Where it was.
    pub place: String,
    /// Whom to ask for the list.
    pub contact: String,
    /// From when.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Option<Timestamp>,
    /// The case because of which it is made.
    pub case_id: Option<CaseId>,
}

/// An occasion with what is there of its list.
#[derive(Clone, Debug)]
pub struct SeenOccasion {
    /// The occasion.
    pub occasion: Occasion,
    /// Whether its code works now.
    pub takes_visitors: bool,
    /// How many visitors are kept.
    pub n_kept: u64,
    /// Who opened its list, newest first, with user names.
    pub openings: Vec<(OccasionListOpening, String)>,
}

/// Some occasions.
#[derive(Clone, Debug)]
pub struct OccasionPage {
    /// Them, newest first, and whether the code of each works now.
    pub items: Vec<(Occasion, bool)>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl App {
    /// Makes an occasion, with its code.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] for what must change; [`AppError::NotFound`] if there is no such case;
    /// [`AppError::Conflict`] if another occasion has this id.
    pub async fn make_occasion(&self, worker: &Worker, new: &NewOccasion) -> Result<SeenOccasion> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker)?;
        let now = self.now();
        let texts = (new.title.as_str(), new.place.as_str(), new.contact.as_str());
        let details = check_occasion(texts, (new.from, new.until), now).map_err(AppError::InvalidFields)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        if let Some(known) = storage::occasions::find(&mut tx, Some(&sealer), new.occasion_id).await? {
            let is_same = known.account_id == worker.account_id && known.details.as_ref() == Some(&details);
            drop(tx);
            return match is_same {
                true => self.occasion(worker, new.occasion_id).await,
                false => Err(AppError::Conflict("another occasion has this id".to_owned())),
            };
        }
        let origin_case = match new.case_id {
            Some(case_id) => {
                let case_id = storage::merges::case_now(&mut tx, case_id).await?;
                let found = storage::cases::work_of(&mut tx, &[case_id]).await?.pop();
                Some(found.ok_or(AppError::NotFound("case"))?.case_id)
            }
            None => None,
        };
        let code = OccasionCode::draw(self.random());
        let occasion = Occasion {
            occasion_id: new.occasion_id,
            during: details.during,
            details: Some(details),
            code: Some(code.clone()),
            origin_case,
            account_id: worker.account_id,
            created_at: now,
            closed_at: None,
            n_visitors: 0,
        };
        if !storage::occasions::insert(&mut tx, &sealer, &occasion, &fingerprint(code.expose())).await? {
            return Err(AppError::Conflict("this code was drawn before; do the same again".to_owned()));
        }
        self.record(&mut tx, worker, about("occasions.make", new.occasion_id, 1)).await?;
        tx.commit().await?;
        self.occasion(worker, new.occasion_id).await
    }

    /// Lists occasions, newest first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it; [`AppError::NotFound`] for a cursor that is another's.
    pub async fn occasions(&self, worker: &Worker, cursor: Option<&str>) -> Result<OccasionPage> {
        worker.require(Action::SeeVenues)?;
        let sealer = self.sealer_if_any(worker)?;
        let before = cursor.map(|cursor| self.open_cursor(worker, "occasions", cursor)).transpose()?;
        let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let mut found = storage::occasions::list(&mut tx, sealer.as_ref(), before, limit).await?;
        drop(tx);
        let has_more = found.len() > PAGE;
        found.truncate(PAGE);
        let last = found.last().filter(|_| has_more).map(|last| last.occasion_id);
        let next = last.map(|last| self.seal_cursor(worker, "occasions", &last)).transpose()?;
        let items = found.into_iter().map(|occasion| (self.takes(&occasion), occasion)).map(|(a, b)| (b, a)).collect();
        Ok(OccasionPage { items, next })
    }

    /// Shows an occasion: how many visitors are there, and who opened its list.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn occasion(&self, worker: &Worker, occasion_id: OccasionId) -> Result<SeenOccasion> {
        worker.require(Action::SeeVenues)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::occasions::find(&mut tx, sealer.as_ref(), occasion_id).await?;
        let occasion = found.ok_or(AppError::NotFound("occasion"))?;
        let n_kept = storage::occasions::n_kept(&mut tx, occasion_id).await?;
        let openings = storage::occasions::openings_of(&mut tx, sealer.as_ref(), occasion_id).await?;
        let members = storage::accounts::members(&mut tx).await?;
        let names: HashMap<_, _> = members.into_iter().map(|one| (one.account.account_id, one.account.name)).collect();
        let named = |opening: OccasionListOpening| {
            let name = names.get(&opening.account_id).cloned().unwrap_or_default();
            (opening, name)
        };
        let openings = openings.into_iter().map(named).collect();
        Ok(SeenOccasion { takes_visitors: self.takes(&occasion), occasion, n_kept, openings })
    }

    /// Ends that visitors are handed in: the code works no more.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn close_occasion(&self, worker: &Worker, occasion_id: OccasionId) -> Result<SeenOccasion> {
        worker.require(Action::WorkOnCases)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        storage::occasions::find(&mut tx, None, occasion_id).await?.ok_or(AppError::NotFound("occasion"))?;
        if storage::occasions::close(&mut tx, occasion_id, self.now()).await? {
            self.record(&mut tx, worker, about("occasions.close", occasion_id, 1)).await?;
        }
        tx.commit().await?;
        self.occasion(worker, occasion_id).await
    }

    fn takes(&self, occasion: &Occasion) -> bool {
        domain::occasions::takes_visitors(occasion.during.until(), occasion.closed_at, self.now())
    }
}

fn about(operation: &'static str, occasion_id: OccasionId, n_subjects: usize) -> Audited {
    Audited { operation, subjects: occasion_id.to_string(), n_subjects }
}
