//! Calls: noting who was telephoned and what came of it. A call moves the case and its items.

use super::status::check_text;
use super::taken::{Taken, resolve_by_itself};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::action_items::{ItemKind, Need};
use domain::calls::{CallOutcome, check_call};
use domain::cases::CaseStatus;
use domain::ids::{CallId, CaseId, ItemId};
use domain::persons::Personal;
use jiff::Timestamp;
use storage::Tx;
use storage::calls::Call;

/// A call that was made.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// Its id, made by whoever notes it: the same call twice is one.
    pub call_id: CallId,
    /// When; `None` now.
    pub called_at: Option<Timestamp>,
    /// What came of it.
    pub outcome: CallOutcome,
    /// When to call again.
    pub call_back_at: Option<Timestamp>,
    /// What was said.
    pub note: Option<Personal<String>>,
}

impl App {
    /// Notes a call. Reached for the first time, an open case is followed up by telephone from now on, and is the caller's
    /// if it was nobody's. Any call ends a waiting "call back"; a wrong number asks for another one.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if the call can't be so, [`AppError::Conflict`] for a case that is over, or another call
    /// with the same id.
    #[tracing::instrument(target = "epitrace::traces", name = "app::note_call", skip_all)]
    pub async fn note_call(&self, worker: &Worker, case_id: CaseId, new: NewCall) -> Result<Call> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let called_at = new.called_at.unwrap_or(taken.now);
        check_call(new.outcome, called_at, new.call_back_at, taken.now).map_err(|wrong| AppError::Invalid {
            field: if new.call_back_at.is_some() || new.outcome == CallOutcome::CallBack {
                "call_back_at"
            } else {
                "called_at"
            },
            reason: wrong.to_string(),
        })?;
        check_text("note", new.note.as_ref().map_or("", |note| note.expose()))?;
        let call = Call {
            call_id: new.call_id,
            case_id,
            person_id: taken.work.person_id,
            called_at,
            account_id: worker.account_id,
            outcome: new.outcome,
            call_back_at: new.call_back_at,
            note: new.note.filter(|note| !note.expose().trim().is_empty()),
        };
        let known = storage::calls::of_case(&mut tx, Some(&taken.sealer), case_id).await?;
        if let Some(same) = known.into_iter().find(|known| known.call_id == call.call_id) {
            let is_same =
                (same.outcome, same.call_back_at, &same.note) == (call.outcome, call.call_back_at, &call.note);
            return if is_same { Ok(same) } else { Err(AppError::Conflict("another call has this id".to_owned())) };
        }
        if taken.work.status.is_ended() {
            return Err(AppError::Conflict("the case is over; open it again to note calls".to_owned()));
        }
        if !storage::calls::insert(&mut tx, &taken.sealer, &call).await? {
            return Err(AppError::Conflict("another call has this id".to_owned()));
        }
        self.follow_call(&mut tx, worker, &mut taken, &call).await?;
        if call.outcome == CallOutcome::Reached && taken.work.case_type.is_contact() {
            self.note_notified(&mut tx, &taken).await?;
        }
        self.settle(tx, worker, taken, "calls.note").await?;
        Ok(call)
    }

    async fn follow_call(&self, tx: &mut Tx, worker: &Worker, taken: &mut Taken, call: &Call) -> Result<()> {
        let waiting: Vec<ItemId> = taken
            .items
            .iter()
            .filter(|item| item.kind == ItemKind::CallBack && item.resolution.is_none())
            .map(|item| item.item_id)
            .collect();
        for item_id in waiting {
            resolve_by_itself(tx, taken, item_id).await?;
        }
        match (call.outcome, call.call_back_at) {
            (CallOutcome::Reached, _) => self.reached(worker, taken, call.called_at),
            (CallOutcome::CallBack, at) => {
                let need = Need { kind: ItemKind::CallBack, cause: call.call_id.to_string() };
                let hidden_until = at.filter(|at| *at > taken.now);
                self.raise(tx, taken, need, hidden_until).await?;
            }
            (CallOutcome::WrongNumber, _) => {
                let waits = taken
                    .items
                    .iter()
                    .any(|item| item.kind == ItemKind::WrongContactDetails && item.resolution.is_none());
                if !waits {
                    let need = Need { kind: ItemKind::WrongContactDetails, cause: call.call_id.to_string() };
                    self.raise(tx, taken, need, None).await?;
                }
            }
            (CallOutcome::NotReached, _) => {}
        }
        Ok(())
    }

    fn reached(&self, worker: &Worker, taken: &mut Taken, called_at: Timestamp) {
        taken.work.clock.first_call_at.get_or_insert(called_at);
        if taken.work.assigned_to.is_none() {
            self.assign_taken(worker, taken, Some(worker.account_id));
        }
        if taken.work.status == CaseStatus::Open {
            self.move_to(worker, taken, CaseStatus::TrackedManually);
        }
    }
}
