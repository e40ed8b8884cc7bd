//! Work on a case: where it stands, whose it is, how urgent, and the instants of its clock. All in clear.

use super::DayRange;
use crate::dialect::{At, Day, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::cases::{CaseClock, CaseStatus, CaseType, Conclusion};
use domain::diseases::Disease;
use domain::ids::{AccountId, CaseId, PersonId};
use domain::quarantines::{Quarantine, QuarantineKind, Sent, SentHow};
use domain::references::Reference;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// How work on a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseWork {
    /// The case.
    pub case_id: CaseId,
    /// Whose it is.
    pub person_id: PersonId,
    /// Which disease.
    pub disease: Disease,
    /// Index or contact.
    pub case_type: CaseType,
    /// The authority's own reference.
    pub file_number: Option<Reference>,
    /// Where it stands.
    pub status: CaseStatus,
    /// Since when.
    pub status_since: Timestamp,
    /// Where it stood before it was concluded.
    pub status_before: Option<CaseStatus>,
    /// Why it was concluded.
    pub conclusion: Option<Conclusion>,
    /// On which day.
    pub concluded_on: Option<Date>,
    /// Who works on it.
    pub assigned_to: Option<AccountId>,
    /// Days of quarantine or isolation.
    pub quarantine: Option<DayRange>,
    /// Which of the two was ordered; `None` where neither is, or nobody said.
    pub quarantine_kind: Option<QuarantineKind>,
    /// When and how the person was told of the days that are set.
    pub order_sent: Option<Sent>,
    /// Weights of the items that wait, in tenths.
    pub priority_tenths: u32,
    /// When the oldest of them arose.
    pub waiting_since: Option<Timestamp>,
    /// When it reached which step.
    pub clock: CaseClock,
}

impl CaseWork {
    /// Returns the quarantine or isolation that is set. Where nobody said which, the type of the case does.
    #[must_use]
    pub fn quarantine_set(&self) -> Option<Quarantine> {
        let kind = self.quarantine_kind.unwrap_or(QuarantineKind::of(self.case_type));
        self.quarantine.map(|days| Quarantine { kind, days })
    }
}

#[derive(sqlx::FromRow)]
struct WorkRow {
    case_id: Uuid,
    person_id: Uuid,
    disease: String,
    case_type: String,
    file_number: Option<String>,
    status: String,
    status_since: Option<At>,
    created_at: At,
    status_before: Option<String>,
    conclusion: Option<String>,
    concluded_on: Option<Day>,
    assigned_to: Option<Uuid>,
    quarantine_first: Option<Day>,
    quarantine_last: Option<Day>,
    quarantine_kind: Option<String>,
    order_sent_on: Option<Day>,
    order_sent_how: Option<String>,
    priority: i32,
    waiting_since: Option<At>,
    reported_at: Option<At>,
    assigned_at: Option<At>,
    first_call_at: Option<At>,
    contacts_named_at: Option<At>,
    contacts_notified_at: Option<At>,
    quarantined_at: Option<At>,
}

impl TryFrom<WorkRow> for CaseWork {
    type Error = StorageError;
    fn try_from(row: WorkRow) -> Result<Self> {
        let at = |at: Option<At>| at.map(|at| at.0);
        let status = |word: &str| CaseStatus::find(word).ok_or(StorageError::Unreadable("case status"));
        let conclusion = |word: String| Conclusion::find(&word).ok_or(StorageError::Unreadable("conclusion"));
        let file_number = |text: String| Reference::new(&text).map_err(|_| StorageError::Unreadable("file number"));
        let quarantine = row.quarantine_first.zip(row.quarantine_last);
        let kind = |word: String| QuarantineKind::find(&word).ok_or(StorageError::Unreadable("kind of quarantine"));
        let how = |word: String| SentHow::find(&word).ok_or(StorageError::Unreadable("way of an order"));
        let sent = row.order_sent_on.zip(row.order_sent_how.map(how).transpose()?);
        Ok(Self {
            case_id: CaseId(row.case_id),
            person_id: PersonId(row.person_id),
            disease: Disease::find(&row.disease).ok_or(StorageError::Unreadable("disease"))?,
            case_type: CaseType::find(&row.case_type).ok_or(StorageError::Unreadable("case type"))?,
            file_number: row.file_number.map(file_number).transpose()?,
            status: status(&row.status)?,
            status_since: row.status_since.unwrap_or(row.created_at).0,
            status_before: row.status_before.as_deref().map(status).transpose()?,
            conclusion: row.conclusion.map(conclusion).transpose()?,
            concluded_on: row.concluded_on.map(|day| day.0),
            assigned_to: row.assigned_to.map(AccountId),
            quarantine: quarantine.map(|(first, last)| DayRange { first: first.0, last: last.0 }),
            quarantine_kind: row.quarantine_kind.map(kind).transpose()?,
            order_sent: sent.map(|(on, how)| Sent { on: on.0, how }),
            priority_tenths: u32::try_from(row.priority).unwrap_or(0),
            waiting_since: at(row.waiting_since),
            clock: CaseClock {
                reported_at: at(row.reported_at),
                assigned_at: at(row.assigned_at),
                first_call_at: at(row.first_call_at),
                contacts_named_at: at(row.contacts_named_at),
                contacts_notified_at: at(row.contacts_notified_at),
                quarantined_at: at(row.quarantined_at),
            },
        })
    }
}

/// Takes the case for the rest of the transaction: whoever else wants to change it waits.
const LOCK: Statement = Statement::each(
    "-- cases::lock
SELECT case_id, person_id, disease, case_type, file_number, status, status_since, created_at, status_before, conclusion,
       concluded_on, assigned_to, quarantine_first, quarantine_last, quarantine_kind, order_sent_on, order_sent_how, priority,
       waiting_since, reported_at, assigned_at, first_call_at, contacts_named_at, contacts_notified_at, quarantined_at
  FROM outbreak_case WHERE authority_id = $1 AND case_id = $2",
    "-- cases::lock
SELECT case_id, person_id, disease, case_type, file_number, status, status_since, created_at, status_before, conclusion,
       concluded_on, assigned_to, quarantine_first, quarantine_last, quarantine_kind, order_sent_on, order_sent_how, priority,
       waiting_since, reported_at, assigned_at, first_call_at, contacts_named_at, contacts_notified_at, quarantined_at
  FROM outbreak_case WHERE authority_id = $1 AND case_id = $2 FOR UPDATE",
);

pub(crate) const WORK_OF: Statement = Statement::each(
    "-- cases::work_of
SELECT c.case_id, person_id, disease, case_type, file_number, status, status_since, created_at, status_before, conclusion,
       concluded_on, assigned_to, quarantine_first, quarantine_last, quarantine_kind, order_sent_on, order_sent_how, priority,
       waiting_since, reported_at, assigned_at, first_call_at, contacts_named_at, contacts_notified_at, quarantined_at
  FROM json_each($2) AS id CROSS JOIN outbreak_case AS c ON c.authority_id = $1 AND c.case_id = unhex(id.value)",
    "-- cases::work_of
SELECT c.case_id, person_id, disease, case_type, file_number, status, status_since, created_at, status_before, conclusion,
       concluded_on, assigned_to, quarantine_first, quarantine_last, quarantine_kind, order_sent_on, order_sent_how, priority,
       waiting_since, reported_at, assigned_at, first_call_at, contacts_named_at, contacts_notified_at, quarantined_at
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN outbreak_case AS c ON c.authority_id = $1 AND c.case_id = id",
);

const WRITE_WORK: Statement = Statement::both(
    "-- cases::write_work
UPDATE outbreak_case SET case_type = $3, file_number = $4, status = $5, status_since = $6, status_before = $7,
       conclusion = $8, concluded_on = $9, assigned_to = $10, quarantine_first = $11, quarantine_last = $12,
       priority = $13, waiting_since = $14, reported_at = $15, assigned_at = $16, first_call_at = $17,
       contacts_named_at = $18, contacts_notified_at = $19, quarantined_at = $20, quarantine_kind = $21,
       order_sent_on = $22, order_sent_how = $23
 WHERE authority_id = $1 AND case_id = $2",
);

const BY_FILE_NUMBER: Statement = Statement::both(
    "-- cases::by_file_number
SELECT case_id FROM outbreak_case WHERE authority_id = $1 AND file_number = $2",
);

const BEGIN: Statement = Statement::each(
    "-- cases::begin
UPDATE outbreak_case SET status = $3, status_before = $4, conclusion = $5, concluded_on = $6, priority = $7,
       waiting_since = $8, reported_at = $9
 WHERE authority_id = $1 AND case_id IN (SELECT unhex(value) FROM json_each($2))",
    "-- cases::begin
UPDATE outbreak_case SET status = $3, status_before = $4, conclusion = $5, concluded_on = $6, priority = $7,
       waiting_since = $8, reported_at = $9
 WHERE authority_id = $1 AND case_id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid))",
);

/// Followed up, the last day over, and no item for that day yet, whatever became of it.
pub(crate) const WITH_ENDED_QUARANTINE: Statement = Statement::each(
    "-- cases::with_ended_quarantine
SELECT c.case_id FROM outbreak_case AS c INDEXED BY case_by_quarantine_last
 WHERE c.authority_id = $1 AND c.quarantine_last IS NOT NULL AND c.quarantine_last < $2
   AND c.status IN ('tracking', 'tracked_manually')
   AND NOT EXISTS (SELECT 1 FROM action_item AS i WHERE i.authority_id = $1 AND i.case_id = c.case_id
                      AND i.kind = 'quarantine_ending' AND i.cause = date(c.quarantine_last * 86400, 'unixepoch'))
 LIMIT $3",
    "-- cases::with_ended_quarantine
SELECT c.case_id FROM outbreak_case AS c
 WHERE c.authority_id = $1 AND c.quarantine_last IS NOT NULL AND c.quarantine_last < $2
   AND c.status IN ('tracking', 'tracked_manually')
   AND NOT EXISTS (SELECT 1 FROM action_item AS i WHERE i.authority_id = $1 AND i.case_id = c.case_id
                      AND i.kind = 'quarantine_ending' AND i.cause = to_char(c.quarantine_last, 'YYYY-MM-DD'))
 LIMIT $3",
);

#[derive(sqlx::FromRow)]
struct IdRow {
    case_id: Uuid,
}

/// Reads how work on a case stands, and keeps others from changing it until the transaction ends.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn lock(tx: &mut Tx, case_id: CaseId) -> Result<Option<CaseWork>> {
    optional!(tx, WorkRow, LOCK, mine, case_id.0)?.map(TryInto::try_into).transpose()
}

/// Reads how work on cases stands, in no order. Those that aren't there are left out.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn work_of(tx: &mut Tx, cases: &[CaseId]) -> Result<Vec<CaseWork>> {
    let mut found = Vec::with_capacity(cases.len());
    for chunk in cases.chunks(10_000) {
        let json = ids_as_json(chunk.iter().map(|id| &id.0));
        for row in all!(tx, WorkRow, WORK_OF, mine, &json)? {
            found.push(row.try_into()?);
        }
    }
    Ok(found)
}

/// Writes how work on a case stands.
///
/// # Errors
///
/// [`StorageError::Conflict`] if another case was given its file number meanwhile, [`StorageError::WrongCount`] if there is no such case.
pub async fn write_work(tx: &mut Tx, work: &CaseWork) -> Result<()> {
    let at = |at: Option<Timestamp>| at.map(At);
    let touched = run!(
        tx,
        WRITE_WORK,
        mine,
        work.case_id.0,
        work.case_type.as_str(),
        work.file_number.as_ref().map(Reference::as_str),
        work.status.as_str(),
        At(work.status_since),
        work.status_before.map(CaseStatus::as_str),
        work.conclusion.map(Conclusion::as_str),
        work.concluded_on.map(Day),
        work.assigned_to.map(|account| account.0),
        work.quarantine.map(|days| Day(days.first)),
        work.quarantine.map(|days| Day(days.last)),
        i32::try_from(work.priority_tenths).unwrap_or(i32::MAX),
        at(work.waiting_since),
        at(work.clock.reported_at),
        at(work.clock.assigned_at),
        at(work.clock.first_call_at),
        at(work.clock.contacts_named_at),
        at(work.clock.contacts_notified_at),
        at(work.clock.quarantined_at),
        work.quarantine_kind.map(QuarantineKind::as_str),
        work.order_sent.map(|sent| Day(sent.on)),
        work.order_sent.map(|sent| sent.how.as_str()),
    )?;
    match touched {
        1 => Ok(()),
        _ => Err(StorageError::WrongCount { statement: "cases::write_work", touched, expected: 1 }),
    }
}

/// How new cases begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Begun {
    /// Why they are over, and since which day; `None` where they are at work.
    pub over: Option<(Conclusion, Date)>,
    /// Weights of the items that wait, in tenths.
    pub priority_tenths: u32,
    /// When these arose.
    pub waiting_since: Option<Timestamp>,
    /// When the authority was told.
    pub reported_at: Option<Timestamp>,
}

/// Writes how new cases begin, all of them alike.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if one isn't there.
pub async fn begin(tx: &mut Tx, begun: &Begun, cases: &[CaseId]) -> Result<()> {
    for chunk in cases.chunks(10_000) {
        let json = ids_as_json(chunk.iter().map(|id| &id.0));
        let status = if begun.over.is_some() { CaseStatus::Concluded } else { CaseStatus::Open };
        let touched = run!(
            tx,
            BEGIN,
            mine,
            &json,
            status.as_str(),
            begun.over.map(|_| CaseStatus::Open.as_str()),
            begun.over.map(|(conclusion, _)| conclusion.as_str()),
            begun.over.map(|(_, day)| Day(day)),
            i32::try_from(begun.priority_tenths).unwrap_or(i32::MAX),
            begun.waiting_since.map(At),
            begun.reported_at.map(At),
        )?;
        if touched != chunk.len() as u64 {
            let expected = chunk.len() as u64;
            return Err(StorageError::WrongCount { statement: "cases::begin", touched, expected });
        }
    }
    Ok(())
}

/// Finds the case with a file number.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn by_file_number(tx: &mut Tx, file_number: &Reference) -> Result<Option<CaseId>> {
    let row = optional!(tx, IdRow, BY_FILE_NUMBER, mine, file_number.as_str())?;
    Ok(row.map(|row| CaseId(row.case_id)))
}

/// Lists cases in follow-up whose quarantine is over, and that have no item for its last day yet, at most so many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn with_ended_quarantine(tx: &mut Tx, today: Date, most: i64) -> Result<Vec<CaseId>> {
    let rows = all!(tx, IdRow, WITH_ENDED_QUARANTINE, mine, Day(today), most)?;
    Ok(rows.into_iter().map(|row| CaseId(row.case_id)).collect())
}
