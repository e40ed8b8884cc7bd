//! Asking another authority to take a case over, and taking that back.

use super::seen::SeenHandOver;
use super::{ASKED, WITHDRAWN};
use crate::case_work::taken::Taken;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use crate::outbox::About;
use domain::authorities::{Action, Role, ShortCode};
use domain::cases::CaseStatus;
use domain::hand_overs::{AskedBecause, HandOverState, Side};
use domain::ids::{AuthorityId, CaseId, HandOverId};
use storage::Tx;
use storage::authorities::Authority;
use storage::hand_overs::{HandOver, Preview};

/// What is asked.
#[derive(Clone, Debug)]
pub struct NewHandOver {
    /// Its id, made by whoever asks: asked again, it is the same.
    pub hand_over_id: HandOverId,
    /// Whom.
    pub to: ShortCode,
    /// Why.
    pub because: AskedBecause,
}

impl App {
    /// Asks another authority to take a case over. The case stays at work here until that accepts.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if there is no such other authority; [`AppError::Conflict`] if the case is over, or one is
    /// asked already.
    pub async fn ask_hand_over(&self, worker: &Worker, case_id: CaseId, new: &NewHandOver) -> Result<SeenHandOver> {
        let own = worker.authority.authority_id;
        let all = self.authorities().await?;
        let other = all.into_iter().find(|one| one.short_code == new.to && one.authority_id != own);
        let other = other.ok_or_else(|| {
            let reason = "there is no other authority with this short code here".to_owned();
            AppError::Invalid { field: "to", reason }
        })?;
        if !self.was_asked(worker, case_id, (new.hand_over_id, &other)).await? {
            let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
            self.begin_hand_over(&mut tx, worker, &mut taken, (new.hand_over_id, &other, new.because)).await?;
            self.settle(tx, worker, taken, "hand_overs.ask").await?;
        }
        self.hand_over(worker, new.hand_over_id).await
    }

    /// The same, asked before: a browser that got no answer asks again, perhaps after it was accepted.
    async fn was_asked(
        &self,
        worker: &Worker,
        case_id: CaseId,
        (hand_over_id, other): (HandOverId, &Authority),
    ) -> Result<bool> {
        worker.require(Action::WorkOnCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, storage::Freshness::Fresh).await?;
        let Some(known) = storage::hand_overs::find(&mut tx, None, hand_over_id).await? else { return Ok(false) };
        if (known.case_id, known.other, known.side) == (case_id, other.authority_id, Side::From) {
            return Ok(true);
        }
        Err(AppError::Conflict("another hand-over has this id".to_owned()))
    }

    /// Begins a hand-over of a case that is taken, whoever took it.
    pub(in crate::case_work) async fn begin_hand_over(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        (hand_over_id, other, because): (HandOverId, &Authority, AskedBecause),
    ) -> Result<()> {
        let case_id = taken.work.case_id;
        if taken.work.status.is_ended() {
            let reason = format!("a case that is {} isn't handed over", taken.work.status.in_words());
            return Err(AppError::Conflict(reason));
        }
        let before = storage::hand_overs::of_case(tx, None, case_id).await?;
        if before.iter().any(|one| one.side == Side::From && one.state.is_open()) {
            return Err(AppError::Conflict("an authority is asked already; take that back first".to_owned()));
        }
        let preview = preview_of(tx, taken).await?;
        let new = HandOver {
            hand_over_id,
            side: Side::From,
            other: other.authority_id,
            case_id,
            person_id: taken.work.person_id,
            state: HandOverState::Asked,
            because,
            refused_because: None,
            note: None,
            preview,
            n_alike: None,
            asked_by: (worker.role != Role::Patient).then_some(worker.account_id),
            asked_at: taken.now,
            decided_by: None,
            decided_at: None,
            copied_at: None,
            closed_at: None,
        };
        storage::hand_overs::insert(tx, &new).await?;
        self.emit(tx, ASKED, about(hand_over_id)).await?;
        self.note_change(worker, taken, ("hand_over", "by hand"), None, Some(other.name.clone()));
        Ok(())
    }

    /// Takes back what was asked, as long as nobody has accepted.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if this authority asks no such thing, [`AppError::Conflict`] if it was answered.
    pub async fn withdraw_hand_over(&self, worker: &Worker, hand_over_id: HandOverId) -> Result<SeenHandOver> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let found = storage::hand_overs::hold(&mut tx, Some(&sealer), hand_over_id).await?;
        let it = found.filter(|it| it.side == Side::From).ok_or(AppError::NotFound("hand-over"))?;
        if it.state != HandOverState::Withdrawn {
            if it.state != HandOverState::Asked {
                return Err(AppError::Conflict("it was answered already".to_owned()));
            }
            let case_id = it.case_id;
            let withdrawn = HandOver { state: HandOverState::Withdrawn, decided_at: Some(self.now()), ..it };
            storage::hand_overs::write(&mut tx, &sealer, &withdrawn).await?;
            self.emit(&mut tx, WITHDRAWN, about(hand_over_id)).await?;
            let subjects = case_id.to_string();
            self.record(&mut tx, worker, Audited { operation: "hand_overs.withdraw", subjects, n_subjects: 1 }).await?;
            tx.commit().await?;
        } else {
            drop(tx);
        }
        self.hand_over(worker, hand_over_id).await
    }

    /// Returns the authority of this installation that is the office of a list of the worker's country; `None` if none is.
    pub(in crate::case_work) async fn authority_of_office(
        &self,
        own: AuthorityId,
        code: &domain::territory::TerritoryCode,
    ) -> Result<Option<Authority>> {
        let mut tx = self.store.read_installation().await?;
        let here = storage::territory::whereabouts(&mut tx, own).await?;
        let offices = storage::territory::authorities_of(&mut tx, &here.country).await?;
        drop(tx);
        let found = offices.into_iter().find(|(id, office)| office == code && *id != own);
        let Some((id, _)) = found else { return Ok(None) };
        Ok(self.authorities().await?.into_iter().find(|one| one.authority_id == id))
    }
}

/// What an event of a hand-over is about. It isn't bound to the case: the other side must hear of it even if the case ends.
pub(super) fn about(id: HandOverId) -> About {
    About { subject_id: Some(id.0), ..About::default() }
}

async fn preview_of(tx: &mut Tx, taken: &Taken) -> Result<Preview> {
    let case = storage::cases::by_id(tx, Some(&taken.sealer), taken.work.case_id).await?;
    let case = case.ok_or(AppError::NotFound("case"))?;
    Ok(Preview {
        disease: case.disease,
        case_type: taken.work.case_type,
        age_band: case.age_band,
        postcode: taken.person.postcode.clone(),
        symptom_onset: case.dates.symptom_onset,
        tested_on: case.dates.tested_on,
        reported_on: case.dates.reported_on,
        quarantine_last: taken.work.quarantine.map(|days| days.last),
    })
}

/// Says whether a case that stands so can still go.
pub(super) fn can_go(status: CaseStatus) -> bool {
    !status.is_ended()
}
