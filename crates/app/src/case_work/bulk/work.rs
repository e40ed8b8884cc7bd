//! The work of a bulk action: a batch is read, decided case by case, and written with its journal in one transaction.

use super::invitations::CODE_BEFORE_STAYS_CANCELLED;
use super::{DO, UNDO};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::action_items::priority_tenths;
use domain::bulk::{BulkAction, Made, RowOutcome, Standing, made_of, stands_as_left, undone};
use domain::ids::{BulkId, CaseId, CommentId, HistoryId, PersonId};
use domain::persons::Personal;
use domain::time::local_day;
use jiff::Timestamp;
use std::collections::HashMap;
use std::ops::ControlFlow;
use storage::Tx;
use storage::action_items::Item;
use storage::bulk::{Bulk, BulkRow, standing_of};
use storage::cases::CaseWork;
use storage::comments::Comment;
use storage::history::Change;
use storage::jobs::Job;
use storage::sealing::Sealer;

/// Why nothing can be done to a case.
pub(super) const GONE: &str = "there is no such case any more";

/// Batches after which the database's log is moved into its file: a page that each batch changes is moved once for all of them.
const BATCHES_A_CHECKPOINT: u32 = 8;

/// What a batch changes, all at one instant.
struct Batch {
    now: Timestamp,
    works: Vec<CaseWork>,
    changes: Vec<Change>,
}

impl App {
    /// Does, or undoes, a bulk action: the work of a job. Run again after it was interrupted, it goes on.
    ///
    /// # Errors
    ///
    /// [`AppError::Cancelled`] if somebody cancelled it; what was done stays, and can be undone.
    pub(crate) async fn work_on_bulk(
        &self,
        worker: &Worker,
        job: &Job,
        progress: &mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
    ) -> Result<u64> {
        worker.require(domain::authorities::Action::WorkOnCases)?;
        let sealer = self.sealer(worker)?;
        let bulk_id = BulkId(job.subject_id);
        let mut tx = self.store.read(worker.authority.authority_id, storage::Freshness::Fresh).await?;
        let found = storage::bulk::find(&mut tx, Some(&sealer), bulk_id).await?;
        let bulk = found.ok_or(AppError::NotFound("bulk action"))?;
        let left = match job.kind.as_str() {
            DO => RowOutcome::Waiting,
            UNDO => RowOutcome::Done,
            _ => return Err(AppError::NotFound("job")),
        };
        let n_left = storage::bulk::counts(&mut tx, bulk_id).await?.get(&left).copied().unwrap_or(0);
        drop(tx);
        let total = u64::try_from(job.total.unwrap_or(0)).unwrap_or(0);
        let mut done = total.saturating_sub(n_left);
        for batch in 1_u32.. {
            if progress(done).is_break() {
                return Err(AppError::Cancelled);
            }
            let n = self.work_on_batch(worker, &sealer, &bulk, left).await?;
            if n == 0 {
                break;
            }
            done += n;
            if batch.is_multiple_of(BATCHES_A_CHECKPOINT) {
                self.store.checkpoint_behind();
            }
        }
        Ok(done)
    }

    /// Works on the next cases in one transaction; returns how many there were.
    async fn work_on_batch(&self, worker: &Worker, sealer: &Sealer, bulk: &Bulk, left: RowOutcome) -> Result<u64> {
        // As exact as databases keep it: what was done at this instant is known by it when it is undone.
        let now = Timestamp::from_microsecond(self.now().as_microsecond()).unwrap_or(Timestamp::MIN);
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let limit = i64::try_from(bulk.action.batch()).unwrap_or(i64::MAX);
        let mut rows = storage::bulk::rows(&mut tx, bulk.bulk_id, Some(left), None, limit).await?;
        if rows.is_empty() {
            return Ok(0);
        }
        let whole = (&mut rows[..], now);
        let persons = match (bulk.action, left) {
            (BulkAction::Invite { again }, RowOutcome::Waiting) => {
                self.invite_batch(&mut tx, (worker, sealer), (bulk, again), whole).await?
            }
            (BulkAction::Invite { .. }, _) => self.take_batch_back(&mut tx, (worker, sealer), bulk, whole).await?,
            _ => self.change_batch(&mut tx, (worker, sealer), (bulk, left), whole).await?,
        };
        storage::bulk::write_rows(&mut tx, bulk.bulk_id, &rows, now).await?;
        let operation = if left == RowOutcome::Waiting { "bulk.batch" } else { "bulk.undo_batch" };
        self.record(&mut tx, worker, crate::cases::shown(operation, persons)).await?;
        tx.commit().await?;
        Ok(rows.len() as u64)
    }

    /// Changes where the cases of a batch stand, or puts them back, in a statement for all of them. Returns whose they are.
    async fn change_batch(
        &self,
        tx: &mut Tx,
        (worker, sealer): (&Worker, &Sealer),
        (bulk, left): (&Bulk, RowOutcome),
        (rows, now): (&mut [BulkRow], Timestamp),
    ) -> Result<Vec<PersonId>> {
        let ids: Vec<CaseId> = rows.iter().map(|row| row.case_id).collect();
        let found = storage::bulk::lock_cases(tx, &ids).await?;
        let mut works: HashMap<CaseId, CaseWork> = found.into_iter().map(|work| (work.case_id, work)).collect();
        let mut batch = Batch { now, works: Vec::new(), changes: Vec::new() };
        for row in rows.iter_mut() {
            let work = works.remove(&row.case_id);
            match left {
                RowOutcome::Waiting => self.do_one(worker, bulk.action, row, work, &mut batch),
                _ => self.undo_one(worker, bulk.action, row, work, &mut batch),
            }
        }
        let is_conclusion = matches!(bulk.action, BulkAction::Conclude { .. });
        let without_code = match left {
            RowOutcome::Waiting => {
                self.write_done(tx, worker, sealer, bulk, &mut batch).await?;
                Vec::new()
            }
            _ if is_conclusion => write_undone(tx, rows, &mut batch).await?,
            _ => Vec::new(),
        };
        storage::bulk::write_standing(tx, &batch.works).await?;
        storage::history::insert(tx, sealer, &batch.changes).await?;
        for case_id in without_code {
            let mut taken = self.take(tx, sealer.clone(), case_id).await?;
            taken.now = now;
            self.follow_and_write(tx, worker, &mut taken).await?;
        }
        Ok(batch.works.iter().map(|work| work.person_id).collect())
    }

    fn do_one(
        &self,
        worker: &Worker,
        action: BulkAction,
        row: &mut BulkRow,
        work: Option<CaseWork>,
        batch: &mut Batch,
    ) {
        let now = batch.now;
        let Some(work) = work else { return gone(row) };
        let before = standing_of(&work);
        let today = local_day(now, &worker.authority.time_zone);
        match made_of(action, &before, worker.role, (now, today)) {
            Made::Unchanged => row.outcome = RowOutcome::Unchanged,
            Made::Refused(reason) => {
                row.outcome = RowOutcome::Refused;
                row.reason = Some(reason);
            }
            Made::Changed(after) => {
                row.outcome = RowOutcome::Done;
                row.stood = Some(before);
                self.change(worker, work, (before, after), batch);
            }
        }
    }

    fn undo_one(
        &self,
        worker: &Worker,
        action: BulkAction,
        row: &mut BulkRow,
        work: Option<CaseWork>,
        batch: &mut Batch,
    ) {
        let as_left = work.zip(row.stood).zip(row.done_at).map(|((work, stood), done_at)| (work, stood, done_at));
        match as_left.filter(|(work, _, done_at)| stands_as_left(action, &standing_of(work), *done_at)) {
            None => row.outcome = RowOutcome::Kept,
            Some((work, stood, _)) => {
                row.outcome = RowOutcome::Undone;
                let now = standing_of(&work);
                self.change(worker, work, (now, undone(action, &now, &stood)), batch);
            }
        }
    }

    /// Puts a case where it stands now, with the lines of its history.
    fn change(&self, worker: &Worker, mut work: CaseWork, (from, to): (Standing, Standing), batch: &mut Batch) {
        let now = batch.now;
        let text = |value: Option<String>| value.map(Personal::new);
        let mut note = |field: &str, before: Option<String>, after: Option<String>| {
            if before != after {
                batch.changes.push(Change {
                    history_id: HistoryId::mint(now, self.random()),
                    person_id: work.person_id,
                    case_id: Some(work.case_id),
                    changed_at: now,
                    account_id: worker.account_id,
                    field: field.to_owned(),
                    before: text(before),
                    after: text(after),
                    why: "bulk".to_owned(),
                });
            }
        };
        note("status", Some(from.status.to_string()), Some(to.status.to_string()));
        note("conclusion", from.conclusion.map(|word| word.to_string()), to.conclusion.map(|word| word.to_string()));
        note("assigned_to", from.assigned_to.map(|id| id.to_string()), to.assigned_to.map(|id| id.to_string()));
        work.status = to.status;
        work.status_since = to.status_since;
        work.status_before = to.status_before;
        work.conclusion = to.conclusion;
        work.concluded_on = to.concluded_on;
        work.assigned_to = to.assigned_to;
        work.clock.assigned_at = to.assigned_at;
        batch.works.push(work);
    }

    /// Cancels the codes of cases that are over, with mails and letters that have not gone.
    async fn cancel_codes_of(&self, tx: &mut Tx, worker: &Worker, cases: &[CaseId], batch: &mut Batch) -> Result<()> {
        for code in storage::activation_codes::open_of_cases(tx, cases).await? {
            self.end_code(tx, worker, &code, batch.now).await?;
            batch.changes.push(Change {
                history_id: HistoryId::mint(batch.now, self.random()),
                person_id: code.person_id,
                case_id: Some(code.case_id),
                changed_at: batch.now,
                account_id: worker.account_id,
                field: "invitation".to_owned(),
                before: Some(Personal::new(code.channel.to_string())),
                after: Some(Personal::new("cancelled".to_owned())),
                why: "bulk".to_owned(),
            });
        }
        Ok(())
    }

    async fn write_done(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        sealer: &Sealer,
        bulk: &Bulk,
        batch: &mut Batch,
    ) -> Result<()> {
        let now = batch.now;
        if matches!(bulk.action, BulkAction::Conclude { .. }) {
            let ids: Vec<CaseId> = batch.works.iter().map(|work| work.case_id).collect();
            self.cancel_codes_of(tx, worker, &ids, batch).await?;
            storage::bulk::conclude_items(tx, &ids, now, worker.account_id).await?;
            for work in &mut batch.works {
                work.priority_tenths = 0;
                work.waiting_since = None;
            }
        }
        if let Some(note) = &bulk.note {
            for work in &batch.works {
                let comment = Comment {
                    comment_id: CommentId::mint(now, self.random()),
                    case_id: work.case_id,
                    person_id: work.person_id,
                    written_at: now,
                    account_id: worker.account_id,
                    text: Some(note.clone()),
                };
                storage::comments::insert(tx, sealer, &comment).await?;
            }
        }
        Ok(())
    }
}

/// Opens items of a conclusion again, and counts anew what waits. A code that went with the conclusion stays cancelled, and
/// the row says so. Returns the cases of which that is so.
async fn write_undone(tx: &mut Tx, rows: &mut [BulkRow], batch: &mut Batch) -> Result<Vec<CaseId>> {
    let mut by_instant: HashMap<Timestamp, Vec<CaseId>> = HashMap::new();
    for row in rows.iter().filter(|row| row.outcome == RowOutcome::Undone) {
        if let Some(done_at) = row.done_at {
            by_instant.entry(done_at).or_default().push(row.case_id);
        }
    }
    let mut without_code = Vec::new();
    for (done_at, cases) in &by_instant {
        storage::bulk::open_items_again(tx, cases, *done_at).await?;
        without_code.extend(storage::activation_codes::cancelled_at(tx, cases, *done_at).await?);
    }
    for row in rows.iter_mut().filter(|row| without_code.contains(&row.case_id)) {
        row.reason = Some(CODE_BEFORE_STAYS_CANCELLED.to_owned());
    }
    let ids: Vec<CaseId> = batch.works.iter().map(|work| work.case_id).collect();
    let mut waiting: HashMap<CaseId, Vec<Item>> = HashMap::new();
    for item in storage::action_items::waiting_of(tx, &ids).await? {
        waiting.entry(item.case_id).or_default().push(item);
    }
    for work in &mut batch.works {
        let items = waiting.remove(&work.case_id).unwrap_or_default();
        let kinds: Vec<_> = items.iter().map(|item| item.kind).collect();
        work.priority_tenths = priority_tenths(&kinds);
        work.waiting_since = items.iter().map(|item| item.arose_at).min();
    }
    Ok(without_code)
}

/// Refuses what isn't there.
pub(super) fn gone(row: &mut BulkRow) {
    row.outcome = RowOutcome::Refused;
    row.reason = Some(GONE.to_owned());
}
