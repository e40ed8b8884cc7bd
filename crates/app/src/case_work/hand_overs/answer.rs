//! Accepting and refusing what another authority asks.

use super::ask::about;
use super::seen::SeenHandOver;
use super::{ACCEPTED, REFUSED};
use crate::case_work::status::check_text;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::cases::CaseStatus;
use domain::hand_overs::{HandOverState, RefusedBecause, Side};
use domain::ids::HandOverId;
use domain::persons::Personal;
use storage::Tx;
use storage::hand_overs::HandOver;
use storage::sealing::Sealer;

/// Why a case isn't taken over.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// In a word.
    pub because: RefusedBecause,
    /// And in a text, which the authority that asks reads.
    pub text: Option<Personal<String>>,
}

impl App {
    /// Takes a case over. It arrives by itself, as soon as the other authority hears of it.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if nobody asks such a thing, [`AppError::Conflict`] if it was answered otherwise, or what was
    /// here of the person before has ended.
    pub async fn accept_hand_over(&self, worker: &Worker, hand_over_id: HandOverId) -> Result<SeenHandOver> {
        let (mut tx, sealer, it) = self.hold_asked(worker, hand_over_id).await?;
        if matches!(it.state, HandOverState::Accepted | HandOverState::Copied | HandOverState::Closed) {
            drop(tx);
            return self.hand_over(worker, hand_over_id).await;
        }
        require_asked(&it)?;
        require_never_ended(&mut tx, &it).await?;
        let (state, operation) = (HandOverState::Accepted, "hand_overs.accept");
        self.answer(tx, worker, (&sealer, HandOver { state, ..it }), (ACCEPTED, operation)).await
    }

    /// Refuses to take a case over.
    ///
    /// # Errors
    ///
    /// As [`accept_hand_over`](Self::accept_hand_over); [`AppError::Invalid`] if another reason is given without a text.
    pub async fn refuse_hand_over(
        &self,
        worker: &Worker,
        hand_over_id: HandOverId,
        refusal: Refusal,
    ) -> Result<SeenHandOver> {
        let text = refusal.text.as_ref().map_or("", |text| text.expose().trim());
        check_text("text", text)?;
        if refusal.because == RefusedBecause::Other && text.is_empty() {
            return Err(AppError::Invalid { field: "text", reason: "say why, in a few words".to_owned() });
        }
        let note = (!text.is_empty()).then(|| Personal::new(text.to_owned()));
        let (tx, sealer, it) = self.hold_asked(worker, hand_over_id).await?;
        if it.state == HandOverState::Refused {
            drop(tx);
            return self.hand_over(worker, hand_over_id).await;
        }
        require_asked(&it)?;
        let refused = HandOver { state: HandOverState::Refused, refused_because: Some(refusal.because), note, ..it };
        self.answer(tx, worker, (&sealer, refused), (REFUSED, "hand_overs.refuse")).await
    }

    async fn hold_asked(&self, worker: &Worker, hand_over_id: HandOverId) -> Result<(Tx, Sealer, HandOver)> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let found = storage::hand_overs::hold(&mut tx, Some(&sealer), hand_over_id).await?;
        let it = found.filter(|it| it.side == Side::To).ok_or(AppError::NotFound("hand-over"))?;
        Ok((tx, sealer, it))
    }

    async fn answer(
        &self,
        mut tx: Tx,
        worker: &Worker,
        (sealer, it): (&Sealer, HandOver),
        (event, operation): (&'static str, &'static str),
    ) -> Result<SeenHandOver> {
        let hand_over_id = it.hand_over_id;
        let answered = HandOver { decided_by: Some(worker.account_id), decided_at: Some(self.now()), ..it };
        storage::hand_overs::write(&mut tx, sealer, &answered).await?;
        self.emit(&mut tx, event, about(hand_over_id)).await?;
        let subjects = answered.case_id.to_string();
        self.record(&mut tx, worker, Audited { operation, subjects, n_subjects: 1 }).await?;
        tx.commit().await?;
        self.hand_over(worker, hand_over_id).await
    }
}

fn require_asked(it: &HandOver) -> Result<()> {
    match it.state {
        HandOverState::Asked => Ok(()),
        HandOverState::Withdrawn => Err(AppError::Conflict("the other authority has taken it back".to_owned())),
        _ => Err(AppError::Conflict("it was answered already".to_owned())),
    }
}

/// What was erased or made anonymous here stays so, also after a restore, and would end again.
async fn require_never_ended(tx: &mut Tx, it: &HandOver) -> Result<()> {
    let known = storage::cases::work_of(tx, &[it.case_id]).await?.pop();
    let case_ended = known.is_some_and(|work| work.status == CaseStatus::Anonymised);
    if case_ended || storage::merges::is_anonymised(tx, it.person_id).await? {
        let reason = "what was here of this person has ended and can't come back; refuse it, and open a new case with \
                      what the other authority tells you";
        return Err(AppError::Conflict(reason.to_owned()));
    }
    Ok(())
}
