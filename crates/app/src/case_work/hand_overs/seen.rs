//! Hand-overs as people of either side see them.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use crate::territory::Responsible;
use domain::authorities::Action;
use domain::hand_overs::Side;
use domain::ids::{AccountId, AuthorityId, CaseId, HandOverId};
use std::collections::{BTreeSet, HashMap};
use storage::authorities::Authority;
use storage::hand_overs::HandOver;
use storage::{Freshness, Tx};

/// A hand-over, with who is on the other side.
#[derive(Clone, Debug)]
pub struct SeenHandOver {
    /// How it stands.
    pub it: HandOver,
    /// The other authority.
    pub other: Authority,
    /// User names of those who asked and decided here, where somebody did.
    pub accounts: HashMap<AccountId, String>,
    /// Whether the case is here to be opened.
    pub has_case: bool,
}

/// An authority that can be asked.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Who.
    pub authority: Authority,
    /// Whether it is responsible where the person lives.
    pub is_responsible: bool,
}

/// What there is to say of handing a case over.
#[derive(Clone, Debug)]
pub struct HandOversOfCase {
    /// What was asked and answered, newest first.
    pub hand_overs: Vec<SeenHandOver>,
    /// Who can be asked: those responsible first, then by name.
    pub candidates: Vec<Candidate>,
}

/// Hand-overs that wait for an answer are listed up to here.
const MOST_OPEN: i64 = 1_000;

impl App {
    /// Shows a hand-over.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if this authority takes part in no such one.
    pub async fn hand_over(&self, worker: &Worker, hand_over_id: HandOverId) -> Result<SeenHandOver> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::hand_overs::find(&mut tx, sealer.as_ref(), hand_over_id).await?;
        let found = found.ok_or(AppError::NotFound("hand-over"))?;
        self.shown(tx, worker, vec![found]).await?.pop().ok_or(AppError::NotFound("hand-over"))
    }

    /// Lists hand-overs of both sides, newest first, older than `before`.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn hand_overs(
        &self,
        worker: &Worker,
        before: Option<HandOverId>,
        limit: usize,
    ) -> Result<Vec<SeenHandOver>> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::hand_overs::list(&mut tx, sealer.as_ref(), before, limit).await?;
        self.shown(tx, worker, found).await
    }

    /// Lists what other authorities ask and what this one asks of others, as long as something is still to happen: oldest
    /// first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn open_hand_overs(&self, worker: &Worker, side: Side) -> Result<Vec<SeenHandOver>> {
        worker.require(Action::WorkOnCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::hand_overs::open(&mut tx, side, MOST_OPEN).await?;
        self.shown(tx, worker, found).await
    }

    /// Shows what was asked and answered of a case, and who can be asked.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn hand_overs_of_case(&self, worker: &Worker, case_id: CaseId) -> Result<HandOversOfCase> {
        worker.require(Action::WorkOnCases)?;
        let own = worker.authority.authority_id;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(own, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let person = match &sealer {
            Some(sealer) => storage::persons::by_id(&mut tx, sealer, &[work.person_id]).await?.remove(&work.person_id),
            None => None,
        };
        let found = storage::hand_overs::of_case(&mut tx, sealer.as_ref(), case_id).await?;
        let hand_overs = self.shown(tx, worker, found).await?;
        let postcode = person.and_then(|person| person.postcode);
        let responsible = self.responsible_here(own, postcode.as_deref()).await?;
        let others = self.authorities().await?.into_iter().filter(|one| one.authority_id != own);
        let candidate = |authority: Authority| {
            let is_responsible = responsible.contains(&authority.authority_id);
            Candidate { authority, is_responsible }
        };
        let mut candidates: Vec<Candidate> = others.map(candidate).collect();
        candidates.sort_by(|a, b| {
            b.is_responsible.cmp(&a.is_responsible).then_with(|| a.authority.name.cmp(&b.authority.name))
        });
        Ok(HandOversOfCase { hand_overs, candidates })
    }

    /// Lists the authorities of this installation that are responsible for a postcode.
    async fn responsible_here(&self, own: AuthorityId, postcode: Option<&str>) -> Result<BTreeSet<AuthorityId>> {
        let Some(postcode) = postcode else { return Ok(BTreeSet::new()) };
        let found = match self.offices_of_postcode(own, postcode).await {
            Ok(found) => found,
            Err(AppError::Invalid { .. }) => None,
            Err(error) => return Err(error),
        };
        let Some(found) = found.filter(|found| found.responsible != Responsible::Nobody) else {
            return Ok(BTreeSet::new());
        };
        let mut tx = self.store.read_installation().await?;
        let here = storage::territory::whereabouts(&mut tx, own).await?;
        let offices = storage::territory::authorities_of(&mut tx, &here.country).await?;
        let serves = |code: &_| found.offices.iter().any(|office| office.code == *code);
        Ok(offices.into_iter().filter(|(_, code)| serves(code)).map(|(id, _)| id).collect())
    }

    async fn shown(&self, mut tx: Tx, worker: &Worker, found: Vec<HandOver>) -> Result<Vec<SeenHandOver>> {
        let cases: Vec<CaseId> = found.iter().map(|it| it.case_id).collect();
        let works = storage::cases::work_of(&mut tx, &cases).await?;
        let here: BTreeSet<CaseId> = works.iter().map(|work| work.case_id).collect();
        let who: BTreeSet<AccountId> = found.iter().flat_map(|it| [it.asked_by, it.decided_by]).flatten().collect();
        let accounts = storage::history::names_of_accounts(&mut tx, &who.into_iter().collect::<Vec<_>>()).await?;
        drop(tx);
        let subjects = cases.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let audited = Audited { operation: "hand_overs.show", subjects, n_subjects: cases.len() };
        self.record_alone(worker, audited).await?;
        let all: HashMap<AuthorityId, Authority> =
            self.authorities().await?.into_iter().map(|one| (one.authority_id, one)).collect();
        let seen = |it: HandOver| {
            let other = all.get(&it.other)?.clone();
            Some(SeenHandOver { has_case: here.contains(&it.case_id), other, accounts: accounts.clone(), it })
        };
        Ok(found.into_iter().filter_map(seen).collect())
    }
}
