//! Enrolment: inviting by mail or letter, the code that is redeemed, and what a patient then tells of themselves.
//!
//! A patient does what staff do for others by telephone, by the same rules and into the same tables. What differs is who
//! may: staff every case of their authority, a patient the cases that their account enrolled.

mod events;
mod invite;
mod letter;
mod own;
mod own_diary;
mod own_words;
mod redeem;
mod reminders;
mod seen;
mod words;

pub use invite::Activation;
pub(super) use invite::new_code;
pub use own::{OwnContact, PostcodeCheck, SeenDetails};
pub use own_diary::{OwnDiary, OwnDiarySlot};
pub use own_words::{NewWords, Wish};
pub(crate) use redeem::worker_of;
pub use redeem::{NewAccount, OpenCode, Redemption};
pub use seen::OwnCase;

use super::taken::Taken;
use crate::context::{App, Worker};
use crate::error::Result;
use domain::action_items::Need;
use domain::activation::CodeState;
use domain::cases::CaseStatus;
use domain::enrolment::{COMPLETE_WITHIN, SeenCode, registration_need};
use storage::Tx;
use storage::activation_codes::StoredCode;
use storage::enrolments::Enrolment;

impl App {
    /// Asks a patient for their contacts again: a contact in tracking was tested positive.
    pub(super) async fn ask_contacts_again(&self, tx: &mut Tx, worker: &Worker, taken: &mut Taken) -> Result<()> {
        self.move_to(worker, taken, CaseStatus::Registered);
        let due_at = taken.now.checked_add(COMPLETE_WITHIN).ok();
        for enrolment in storage::enrolments::of_case(tx, taken.work.case_id).await? {
            storage::enrolments::write(tx, &Enrolment { due_at, completed_at: None, ..enrolment }).await?;
        }
        Ok(())
    }
}

/// Returns the item that an unfinished registration makes.
pub(super) async fn need_of_registration(tx: &mut Tx, taken: &Taken) -> Result<Option<Need>> {
    let work = &taken.work;
    if !matches!(work.status, CaseStatus::InRegistration | CaseStatus::Registered | CaseStatus::Tracking) {
        return Ok(None);
    }
    let codes = storage::activation_codes::of_case(tx, work.case_id).await?;
    // After a merge the newest of a case needn't be the one that still works.
    let counts = codes.iter().find(|code| code.state == CodeState::Open).or(codes.first());
    let code = counts.map(|code| SeenCode {
        cause: code.code_id.to_string(),
        state: code.state,
        valid_until: code.valid_until,
    });
    Ok(registration_need((work.status, work.status_since), code.as_ref(), taken.now))
}

/// Ends the codes of a case whose time is over, and notes that its enrolments were looked at. The items follow when the
/// case is settled.
pub(super) async fn end_due(tx: &mut Tx, taken: &Taken) -> Result<()> {
    let is_due = |at: Option<jiff::Timestamp>| at.is_some_and(|at| at <= taken.now);
    for code in storage::activation_codes::of_case(tx, taken.work.case_id).await? {
        if !is_due(code.due_at) {
            continue;
        }
        let ended = match code.state {
            CodeState::Open => {
                StoredCode { state: CodeState::Expired, ended_at: Some(taken.now), due_at: None, ..code }
            }
            _ => StoredCode { due_at: None, ..code },
        };
        storage::activation_codes::write(tx, &ended).await?;
    }
    for enrolment in storage::enrolments::of_case(tx, taken.work.case_id).await? {
        if is_due(enrolment.due_at) {
            storage::enrolments::write(tx, &Enrolment { due_at: None, ..enrolment }).await?;
        }
    }
    Ok(())
}
