//! Steps of a case's life that staff take: followed up by telephone, external, concluded, reopened.

use super::taken::{Taken, change_item};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::action_items::Resolution;
use domain::cases::{CaseStatus, Conclusion, StepRefused, check_step_of_staff};
use domain::ids::{CaseId, CommentId, ItemId};
use domain::persons::{LONGEST_TEXT, Personal};
use domain::time::local_day;
use jiff::Timestamp;
use storage::Tx;
use storage::cases::CaseWork;
use storage::comments::Comment;

/// What a case is to become.
#[derive(Clone, Debug)]
pub struct StatusChange {
    /// What.
    pub to: CaseStatus,
    /// Why it is over; for a conclusion.
    pub conclusion: Option<ConclusionOf>,
    /// Why, in words: for whoever reads the case later.
    pub text: Option<Personal<String>>,
}

/// Why a case is over.
pub type ConclusionOf = Conclusion;

impl From<StepRefused> for AppError {
    fn from(refused: StepRefused) -> Self {
        Self::Conflict(refused.to_string())
    }
}

impl App {
    /// Takes a step of a case's life.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if the table of steps has no such step for this role, [`AppError::Invalid`] if a reason is
    /// missing.
    #[tracing::instrument(target = "epitrace::traces", name = "app::change_status", skip_all)]
    pub async fn change_status(&self, worker: &Worker, case_id: CaseId, change: StatusChange) -> Result<CaseWork> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let from = taken.work.status;
        check_step_of_staff(from, change.to, taken.work.status_before, worker.role)?;
        check_reason(from, &change)?;
        // Whoever decides by hand how it goes on takes an invitation back that is still out.
        self.cancel_codes(&mut tx, worker, &mut taken).await?;
        match (change.to, change.conclusion) {
            (CaseStatus::Concluded, Some(conclusion)) => {
                self.conclude(&mut tx, worker, &mut taken, conclusion).await?;
            }
            _ => self.move_to(worker, &mut taken, change.to),
        }
        if let Some(text) = change.text {
            self.add_comment(&mut tx, worker, &taken, text).await?;
        }
        Ok(self.settle(tx, worker, taken, "cases.status").await?.work)
    }

    /// Writes down where a case stands now. A case that is reopened forgets its conclusion.
    pub(super) fn move_to(&self, worker: &Worker, taken: &mut Taken, to: CaseStatus) {
        let from = taken.work.status;
        self.note_change(worker, taken, ("status", "step"), Some(from.to_string()), Some(to.to_string()));
        if from == CaseStatus::Concluded {
            let before = taken.work.conclusion.take().map(|conclusion| conclusion.to_string());
            self.note_change(worker, taken, ("conclusion", "step"), before, None);
            taken.work.concluded_on = None;
            taken.work.status_before = None;
        }
        taken.work.status = to;
        taken.work.status_since = taken.now;
    }

    async fn conclude(&self, tx: &mut Tx, worker: &Worker, taken: &mut Taken, conclusion: Conclusion) -> Result<()> {
        let from = taken.work.status;
        self.move_to(worker, taken, CaseStatus::Concluded);
        taken.work.status_before = Some(from);
        taken.work.conclusion = Some(conclusion);
        taken.work.concluded_on = Some(local_day(taken.now, &worker.authority.time_zone));
        self.note_change(worker, taken, ("conclusion", "step"), None, Some(conclusion.to_string()));
        let open: Vec<ItemId> =
            taken.items.iter().filter(|item| item.resolution.is_none()).map(|item| item.item_id).collect();
        let (now, account_id) = (taken.now, worker.account_id);
        for item_id in open {
            change_item(tx, taken, item_id, |item| {
                item.resolution = Some(Resolution::Concluded);
                item.resolved_at = Some(now);
                item.resolved_by = Some(account_id);
                item.hidden_until = None;
            })
            .await?;
        }
        Ok(())
    }

    /// Writes a comment to a case that is taken.
    pub(super) async fn add_comment(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &Taken,
        text: Personal<String>,
    ) -> Result<()> {
        let comment = comment(taken, worker, CommentId::mint(taken.now, self.random()), text, taken.now);
        storage::comments::insert(tx, &taken.sealer, &comment).await?;
        Ok(())
    }
}

pub(super) fn comment(
    taken: &Taken,
    worker: &Worker,
    comment_id: CommentId,
    text: Personal<String>,
    written_at: Timestamp,
) -> Comment {
    Comment {
        comment_id,
        case_id: taken.work.case_id,
        person_id: taken.work.person_id,
        written_at,
        account_id: worker.account_id,
        text: Some(text),
    }
}

/// A conclusion has its reason; whoever reopens says why in words.
fn check_reason(from: CaseStatus, change: &StatusChange) -> Result<()> {
    let invalid = |field, reason: &str| Err(AppError::Invalid { field, reason: reason.to_owned() });
    if change.to == CaseStatus::Concluded && change.conclusion.is_none() {
        return invalid("conclusion", "say why the case is over");
    }
    if change.to != CaseStatus::Concluded && change.conclusion.is_some() {
        return invalid("conclusion", "only a case that is concluded has one");
    }
    let text = change.text.as_ref().map_or("", |text| text.expose().as_str());
    if from == CaseStatus::Concluded && text.trim().is_empty() {
        return invalid("text", "say why the case is opened again");
    }
    check_text("text", text)
}

/// Checks the length of a free text.
pub(super) fn check_text(field: &'static str, text: &str) -> Result<()> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(AppError::Invalid { field, reason: format!("at most {LONGEST_TEXT} characters") });
    }
    Ok(())
}
