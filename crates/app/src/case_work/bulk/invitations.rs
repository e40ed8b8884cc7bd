//! Many people invited by mail: counted before anybody is, invited one by one within a batch, and taken back.
//!
//! Each is invited as by hand, with a code of their own. What can't be done to one is told in their row, and nothing of
//! them is written. An undo ends codes that nobody redeemed, with the mails that have not gone.

use super::Chosen;
use super::work::{GONE, gone};
use crate::case_work::enrolment::new_code;
use crate::case_work::status::comment;
use crate::case_work::taken::Taken;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::activation::CodeState;
use domain::authorities::Action;
use domain::bulk::{
    Again, CodeLeft, Email, Invitee, NotInvited, RowOutcome, TakenBack, check_invitee, stands_as_left, take_back,
    undone,
};
use domain::ids::{AccountId, CaseId, CommentId, PersonId};
use domain::messages::Channel;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use storage::activation_codes::StoredCode;
use storage::bulk::{Bulk, BulkRow, standing_of};
use storage::sealing::Sealer;
use storage::{Freshness, Tx};

/// Cases that are counted in one statement.
const COUNTED_AT_ONCE: usize = 1_000;

/// Who would be invited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InvitationPreview {
    /// Cases that are meant.
    pub n_cases: u64,
    /// Those with an e-mail address, whether they are invited or not.
    pub n_with_email: u64,
    /// Those who get a mail.
    pub n_invited: u64,
    /// The others, by why not.
    pub left_out: BTreeMap<NotInvited, u64>,
    /// Why nobody can be invited at all.
    pub hindrance: Option<String>,
}

impl App {
    /// Counts who would be invited, and invites nobody.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if no case is meant, or too many are.
    pub async fn preview_invitations(&self, worker: &Worker, again: Again, cases: Chosen) -> Result<InvitationPreview> {
        worker.require(Action::WorkOnCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let cases = super::chosen(&mut tx, worker, cases).await?;
        let mut preview = InvitationPreview { n_cases: cases.len() as u64, ..InvitationPreview::default() };
        for some in cases.chunks(COUNTED_AT_ONCE) {
            for (_, invitee) in storage::bulk::invitees(&mut tx, some).await? {
                preview.n_with_email += u64::from(invitee.email == Email::Known);
                match check_invitee(&invitee, again) {
                    Ok(()) => preview.n_invited += 1,
                    Err(why) => *preview.left_out.entry(why).or_default() += 1,
                }
            }
        }
        preview.hindrance = match self.require_invitations(&mut tx, worker).await {
            Ok(()) => None,
            Err(AppError::Invalid { reason, .. }) => Some(reason),
            Err(error) => return Err(error),
        };
        Ok(preview)
    }

    /// Invites the persons of a batch. Returns who was.
    pub(super) async fn invite_batch(
        &self,
        tx: &mut Tx,
        (worker, sealer): (&Worker, &Sealer),
        (bulk, again): (&Bulk, Again),
        (rows, now): (&mut [BulkRow], Timestamp),
    ) -> Result<Vec<PersonId>> {
        self.require_invitations(tx, worker).await?;
        let ids: Vec<CaseId> = rows.iter().map(|row| row.case_id).collect();
        storage::bulk::lock_cases(tx, &ids).await?;
        let mut known: HashMap<CaseId, Invitee> = storage::bulk::invitees(tx, &ids).await?.into_iter().collect();
        let mut invited = Vec::new();
        for row in rows {
            // Two cases that were merged since are one, which is invited once.
            let Some(invitee) = known.remove(&row.case_id) else {
                gone(row);
                continue;
            };
            match check_invitee(&invitee, again) {
                Ok(()) => invited.extend(self.invite_one(tx, (worker, sealer), bulk, (row, now)).await?),
                Err(why) => {
                    row.outcome = if why.is_so_already() { RowOutcome::Unchanged } else { RowOutcome::Refused };
                    row.reason = Some(why.to_string());
                }
            }
        }
        Ok(invited)
    }

    async fn invite_one(
        &self,
        tx: &mut Tx,
        (worker, sealer): (&Worker, &Sealer),
        bulk: &Bulk,
        (row, now): (&mut BulkRow, Timestamp),
    ) -> Result<Option<PersonId>> {
        let mut taken = self.take(tx, sealer.clone(), row.case_id).await?;
        taken.now = now;
        let stood = standing_of(&taken.work);
        let made = self.invite_taken(tx, worker, &mut taken, (Channel::Mail, new_code()?)).await;
        let reason = match made {
            Ok(()) => None,
            Err(AppError::Invalid { reason, .. }) => Some(reason),
            Err(AppError::InvalidFields(fields)) => fields.into_iter().next().map(|(_, reason)| reason),
            Err(error) => return Err(error),
        };
        if reason.is_some() {
            row.outcome = RowOutcome::Refused;
            row.reason = reason;
            return Ok(None);
        }
        self.settle_one(tx, worker, &mut taken).await?;
        if let Some(note) = &bulk.note {
            let note = comment(&taken, worker, CommentId::mint(now, self.random()), note.clone(), now);
            storage::comments::insert(tx, sealer, &note).await?;
        }
        row.outcome = RowOutcome::Done;
        row.stood = Some(stood);
        Ok(Some(taken.work.person_id))
    }

    /// Takes the invitations of a batch back. Returns of whom.
    pub(super) async fn take_batch_back(
        &self,
        tx: &mut Tx,
        (worker, sealer): (&Worker, &Sealer),
        bulk: &Bulk,
        (rows, now): (&mut [BulkRow], Timestamp),
    ) -> Result<Vec<PersonId>> {
        let ids: Vec<CaseId> = rows.iter().map(|row| row.case_id).collect();
        let works = storage::bulk::lock_cases(tx, &ids).await?;
        let mut taken_back = Vec::new();
        for row in rows {
            if works.iter().any(|work| work.case_id == row.case_id) {
                taken_back.extend(self.take_one_back(tx, (worker, sealer), bulk, (row, now)).await?);
            } else {
                row.outcome = RowOutcome::Kept;
                row.reason = Some(GONE.to_owned());
            }
        }
        Ok(taken_back)
    }

    async fn take_one_back(
        &self,
        tx: &mut Tx,
        (worker, sealer): (&Worker, &Sealer),
        bulk: &Bulk,
        (row, now): (&mut BulkRow, Timestamp),
    ) -> Result<Option<PersonId>> {
        let (Some(done_at), Some(stood)) = (row.done_at, row.stood) else {
            row.outcome = RowOutcome::Kept;
            return Ok(None);
        };
        let codes = storage::activation_codes::of_case(tx, row.case_id).await?;
        let made = codes.iter().find(|code| is_of(code, bulk.account_id, done_at));
        let what = take_back(left_of(made, codes.first()));
        if let TakenBack::Stays(reason) = what {
            row.outcome = RowOutcome::Kept;
            row.reason = Some(reason.to_owned());
            return Ok(None);
        }
        let mut taken = self.take(tx, sealer.clone(), row.case_id).await?;
        taken.now = now;
        let mut had_gone = false;
        if let Some(code) = made.filter(|_| what == TakenBack::CodeEnds) {
            had_gone = !self.end_code(tx, worker, code, now).await?;
            let before = Some(code.channel.to_string());
            self.note_change(worker, &mut taken, ("invitation", "bulk"), before, Some("cancelled".to_owned()));
        }
        let standing = standing_of(&taken.work);
        if stands_as_left(bulk.action, &standing, done_at) {
            let to = undone(bulk.action, &standing, &stood);
            self.move_to(worker, &mut taken, to.status);
            taken.work.status_since = to.status_since;
        }
        let ended_another =
            codes.iter().any(|code| code.state == CodeState::Cancelled && code.ended_at == Some(done_at));
        self.settle_one(tx, worker, &mut taken).await?;
        row.outcome = RowOutcome::Undone;
        row.reason = match (had_gone, ended_another) {
            (false, false) => None,
            (true, false) => Some(MAIL_HAD_GONE.to_owned()),
            (false, true) => Some(CODE_BEFORE_STAYS_CANCELLED.to_owned()),
            (true, true) => Some(NEITHER_WORKS.to_owned()),
        };
        Ok(Some(taken.work.person_id))
    }

    /// Writes a case of a batch, whose history says so.
    async fn settle_one(&self, tx: &mut Tx, worker: &Worker, taken: &mut Taken) -> Result<()> {
        for change in &mut taken.changes {
            "bulk".clone_into(&mut change.why);
        }
        self.follow_and_write(tx, worker, taken).await
    }
}

/// Told of an undo: whoever has the mail finds that its link doesn't work.
const MAIL_HAD_GONE: &str = "the mail had gone; its link no longer works";
/// Told of an undo: both.
const NEITHER_WORKS: &str = "the mail had gone; its link no longer works, and the code before it stays cancelled";
/// Told of an undo: what it can't give back.
pub(super) const CODE_BEFORE_STAYS_CANCELLED: &str = "the code that was out before stays cancelled; invite again";

/// Says whether a code was made by a bulk action at that instant.
fn is_of(code: &StoredCode, account_id: AccountId, done_at: Timestamp) -> bool {
    code.created_at == done_at && code.account_id == account_id && code.channel == Channel::Mail
}

fn left_of(made: Option<&StoredCode>, newest: Option<&StoredCode>) -> CodeLeft {
    match made {
        None => CodeLeft::Gone,
        Some(code) if newest.is_some_and(|newest| newest.code_id != code.code_id) => CodeLeft::Replaced,
        Some(code) => CodeLeft::Newest(code.state),
    }
}
