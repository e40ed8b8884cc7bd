//! Ending what has reached the end of its period.
//!
//! The periods are [`domain::retention::PERIODS`]. The job walks over all persons in the order of their
//! ids, a batch at a time, each batch in a transaction of its own, so that it can stop anywhere and
//! resume. Cases are anonymised, and persons with their last one; who never had one goes once no fact names them. The
//! ledger of erasures is synced before the rows go.

use crate::anonymising::{anonymise_case, anonymise_person};
use crate::catalogue::{TENANT_TABLES, TenantTable};
use crate::dialect::{At, Day, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::ledger::{Erasure, Ledger};
use crate::store::{Inner, Tx};
use domain::ids::{CaseId, PersonId};
use domain::retention::{CONTACT_CASES, DECLARED_COPIES, HANDED_OVER, INDEX_CASES, PERIODS, Period};
use domain::time::{plus_days, start_of_day};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

/// What the ledger calls a case and a person of whom the rest is left.
pub const CASE_ANONYMISED: &str = "case_anonymised";
/// See [`CASE_ANONYMISED`].
pub const PERSON_ANONYMISED: &str = "person_anonymised";

/// Persons in one batch.
const BATCH: i64 = 500;

#[derive(sqlx::FromRow)]
struct IdRow {
    id: Uuid,
}

#[derive(sqlx::FromRow)]
struct SeqRow {
    seq: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct HashRow {
    hash: Option<String>,
}

const NEXT_PERSONS: Statement = Statement::both(
    "-- retention::next_persons
SELECT person_id AS id FROM person WHERE authority_id = $1 AND person_id > $2 ORDER BY person_id LIMIT $3",
);

/// The ids of a batch, as a subquery: `$2`.
macro_rules! of_batch {
    ($name:literal, $table:literal, $person:literal, $expired:literal) => {
        Statement::each(
            concat!(
                "-- retention::",
                $name,
                "\nDELETE FROM ",
                $table,
                " WHERE authority_id = $1 AND ",
                $person,
                " IN (SELECT unhex(value) FROM json_each($2)) AND ",
                $expired
            ),
            concat!(
                "-- retention::",
                $name,
                "\nDELETE FROM ",
                $table,
                " WHERE authority_id = $1 AND ",
                $person,
                " IN (SELECT jsonb_array_elements_text($2::jsonb)::uuid) AND ",
                $expired
            ),
        )
    };
}

/// Cases that are over, among the persons of a batch.
macro_rules! expired_cases {
    ($persons:literal) => {
        concat!(
            "-- retention::expired_cases
SELECT case_id AS id FROM outbreak_case WHERE authority_id = $1 AND person_id IN (",
            $persons,
            ") AND status <> 'anonymised'
   AND CASE WHEN status = 'handed_over' THEN handed_over_on < $7 OR created_at < $4
            WHEN case_type = 'index' THEN concluded_on < $3 OR created_at < $4
            ELSE coalesce(quarantine_last, concluded_on) < $5 OR created_at < $6 END"
        )
    };
}
const EXPIRED_CASES: Statement = Statement::each(
    expired_cases!("SELECT unhex(value) FROM json_each($2)"),
    expired_cases!("SELECT jsonb_array_elements_text($2::jsonb)::uuid"),
);

/// Persons of a batch whose details nothing needs any more.
macro_rules! without_need {
    ($persons:literal) => {
        concat!(
            "-- retention::persons_without_need
SELECT p.person_id AS id FROM ",
            $persons,
            "
 WHERE p.anonymised_on IS NULL
   AND NOT EXISTS (SELECT 1 FROM outbreak_case AS c
                    WHERE c.authority_id = $1 AND c.person_id = p.person_id AND c.status <> 'anonymised')
   AND (EXISTS (SELECT 1 FROM outbreak_case AS c WHERE c.authority_id = $1 AND c.person_id = p.person_id)
        OR (NOT EXISTS (SELECT 1 FROM encounter AS e WHERE e.authority_id = $1 AND e.person_id = p.person_id)
            AND NOT EXISTS (SELECT 1 FROM visit AS v WHERE v.authority_id = $1 AND v.person_id = p.person_id)
            AND NOT EXISTS (SELECT 1 FROM contact AS k WHERE k.authority_id = $1 AND k.declared_by = p.person_id
                                                         AND k.last_day >= $3 AND k.created_at >= $4)
            AND NOT EXISTS (SELECT 1 FROM contact AS k WHERE k.authority_id = $1 AND k.met = p.person_id
                                                         AND k.last_day >= $3 AND k.created_at >= $4)))"
        )
    };
}
const WITHOUT_NEED: Statement = Statement::each(
    without_need!("json_each($2) AS w CROSS JOIN person AS p ON p.authority_id = $1 AND p.person_id = unhex(w.value)"),
    without_need!(
        "unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS w
  JOIN person AS p ON p.authority_id = $1 AND p.person_id = w"
    ),
);

const DELETE_CASE: Statement = Statement::both(
    "-- retention::delete_case
DELETE FROM outbreak_case WHERE authority_id = $1 AND case_id = $2",
);

const EXPIRED_HISTORY: Statement = of_batch!("expired_history", "history", "person_id", "changed_at < $3");
const EXPIRED_COPIES: Statement = of_batch!(
    "expired_declared_copies",
    "declared_contact",
    "person_id",
    "(CASE WHEN EXISTS (SELECT 1 FROM outbreak_case AS c WHERE c.authority_id = $1 AND c.case_id = contact_case_id)
           THEN (SELECT coalesce(c.quarantine_last, c.concluded_on) FROM outbreak_case AS c
                  WHERE c.authority_id = $1 AND c.case_id = contact_case_id) < $3
           ELSE last_day < $3 END
      OR declared_at < $4)"
);
const EXPIRED_LINKS: Statement = of_batch!("expired_links", "infection_link", "infector_id", "created_at < $3");
const EXPIRED_CONTACTS: Statement =
    of_batch!("expired_contacts", "contact", "declared_by", "(last_day < $3 OR created_at < $4)");
const EXPIRED_ENCOUNTERS: Statement = of_batch!("expired_encounters", "encounter", "person_id", "stored_on < $3");
const EXPIRED_VISITS: Statement = of_batch!("expired_visits", "visit", "person_id", "stored_on < $3");

const ORPHANED_DAYS: Statement = Statement::both(
    "-- retention::orphaned_days
DELETE FROM visit_day WHERE authority_id = $1 AND day < $2
   AND NOT EXISTS (SELECT 1 FROM visit AS v WHERE v.authority_id = visit_day.authority_id
                                              AND v.visit_id = visit_day.visit_id)",
);

const EXPIRED_REFUSED: Statement = Statement::both(
    "-- retention::expired_refused_links
DELETE FROM refused_link WHERE authority_id = $1 AND created_at < $2",
);

const UNNAMED: Statement = Statement::each(
    "-- retention::unnamed_persons
SELECT p.person_id AS id FROM json_each($2) AS w
  CROSS JOIN person AS p ON p.authority_id = $1 AND p.person_id = unhex(w.value)
 WHERE NOT EXISTS (SELECT 1 FROM outbreak_case AS c WHERE c.authority_id = $1 AND c.person_id = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM infection_link AS l WHERE l.authority_id = $1 AND l.infector_id = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM infection_link AS l WHERE l.authority_id = $1 AND l.infected_id = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM contact AS k WHERE k.authority_id = $1 AND k.declared_by = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM contact AS k WHERE k.authority_id = $1 AND k.met = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM encounter AS e WHERE e.authority_id = $1 AND e.person_id = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM visit AS v WHERE v.authority_id = $1 AND v.person_id = p.person_id)",
    "-- retention::unnamed_persons
SELECT p.person_id AS id FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS w
  JOIN person AS p ON p.authority_id = $1 AND p.person_id = w
 WHERE NOT EXISTS (SELECT 1 FROM outbreak_case AS c WHERE c.authority_id = $1 AND c.person_id = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM infection_link AS l WHERE l.authority_id = $1 AND l.infector_id = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM infection_link AS l WHERE l.authority_id = $1 AND l.infected_id = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM contact AS k WHERE k.authority_id = $1 AND k.declared_by = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM contact AS k WHERE k.authority_id = $1 AND k.met = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM encounter AS e WHERE e.authority_id = $1 AND e.person_id = p.person_id)
   AND NOT EXISTS (SELECT 1 FROM visit AS v WHERE v.authority_id = $1 AND v.person_id = p.person_id)",
);

const DAYS_OF_PERSON: Statement = Statement::both(
    "-- retention::days_of_person
DELETE FROM visit_day WHERE authority_id = $1
   AND visit_id IN (SELECT visit_id FROM visit WHERE authority_id = $1 AND person_id = $2)",
);

const LAST_OLD_AUDIT: Statement = Statement::both(
    "-- retention::last_old_audit_record
SELECT max(seq) AS seq FROM audit_record WHERE authority_id = $1 AND recorded_at < $2
   AND seq < (SELECT coalesce(min(seq), 9223372036854775807) FROM audit_record WHERE authority_id = $1 AND recorded_at >= $2)",
);

const HASH_OF: Statement = Statement::both(
    "-- retention::hash_of_audit_record
SELECT hash FROM audit_record WHERE authority_id = $1 AND seq = $2",
);

const MOVE_ANCHOR: Statement = Statement::both(
    "-- retention::move_anchor
UPDATE audit_chain SET anchor_seq = $2, anchor_hash = $3 WHERE authority_id = $1",
);

const DELETE_AUDIT_BLOCKS: Statement = Statement::both(
    "-- retention::delete_audit_blocks
DELETE FROM audit_block WHERE authority_id = $1
   AND audit_id IN (SELECT audit_id FROM audit_record WHERE authority_id = $1 AND seq <= $2)",
);

const DELETE_AUDIT: Statement = Statement::both(
    "-- retention::delete_audit_records
DELETE FROM audit_record WHERE authority_id = $1 AND seq <= $2",
);

/// How much a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Persons of whom nothing is left, with references and history.
    pub n_persons: u64,
    /// Cases that were anonymised.
    pub n_cases: u64,
    /// Persons who were anonymised.
    pub n_anonymised: u64,
    /// Encounters (from one side), visits, contacts, links, refused links, changes, messages.
    pub n_facts: u64,
    /// Audit records.
    pub n_audit_records: u64,
}

/// Where the walk over persons has got to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position(Uuid);

impl Position {
    /// Before the first person.
    pub const START: Self = Self(Uuid::nil());
}

struct Cutoff {
    /// What ended before this day, in UTC, is deleted.
    ended: Date,
    /// What was made before this day is deleted in any case.
    made: Date,
}

impl Cutoff {
    fn of(period: &Period, today: Date) -> Self {
        Self { ended: plus_days(today, -period.days), made: plus_days(today, -period.cap_days) }
    }
}

fn cutoff(table: &str, today: Date) -> Result<Cutoff> {
    let period = PERIODS.iter().find(|period| period.table == table).ok_or(StorageError::Unreadable("period"))?;
    Ok(Cutoff::of(period, today))
}

fn instant(day: Date) -> At {
    At(start_of_day(day, &TimeZone::UTC))
}

/// Deletes what is over among the next batch of persons. Returns where to go on, or `None` at the end.
///
/// # Errors
///
/// [`StorageError`] if ledger or database can't be written; then nothing of the batch is deleted.
pub async fn run_batch(
    tx: &mut Tx,
    ledger: &Ledger,
    after: Position,
    now: Timestamp,
    deleted: &mut Deleted,
) -> Result<Option<Position>> {
    let persons = all!(tx, IdRow, NEXT_PERSONS, mine, after.0, BATCH)?;
    let Some(last) = persons.last() else { return Ok(None) };
    let json = ids_as_json(persons.iter().map(|row| &row.id));
    let today = domain::time::local_day(now, &TimeZone::UTC);
    let mut erasures = Vec::new();
    let erasure = |authority_id, table: &str, id| Erasure { erased_at: now, authority_id, table: table.to_owned(), id };

    let (index, contact) = (Cutoff::of(&INDEX_CASES, today), Cutoff::of(&CONTACT_CASES, today));
    let until = (Day(index.ended), instant(index.made), Day(contact.ended), instant(contact.made));
    let gone = Day(Cutoff::of(&HANDED_OVER, today).ended);
    let cases = all!(tx, IdRow, EXPIRED_CASES, mine, &json, until.0, until.1, until.2, until.3, gone)?;
    let mut case_ids: Vec<Uuid> = cases.iter().map(|row| row.id).collect();
    // A backup from before a merge has the case under its old id too.
    case_ids.extend(crate::merges::cases_gone(tx, &case_ids.clone()).await?);
    erasures.extend(case_ids.iter().map(|id| erasure(tx.authority(), CASE_ANONYMISED, *id)));
    // Before the first row changes, so that no row changes of which the ledger doesn't know.
    let mut noted = ledger.append(&erasures).await?;
    for row in &cases {
        anonymise_case(tx, CaseId(row.id), now).await?;
    }
    deleted.n_cases += cases.len() as u64;
    let copies = Cutoff::of(&DECLARED_COPIES, today);
    deleted.n_facts += run!(tx, EXPIRED_COPIES, mine, &json, Day(copies.ended), instant(copies.made))?;
    let history = cutoff("history", today)?;
    deleted.n_facts += run!(tx, EXPIRED_HISTORY, mine, &json, instant(history.made))?;
    let link = cutoff("infection_link", today)?;
    deleted.n_facts += run!(tx, EXPIRED_LINKS, mine, &json, instant(link.made))?;
    let met = cutoff("contact", today)?;
    deleted.n_facts += run!(tx, EXPIRED_CONTACTS, mine, &json, Day(met.ended), instant(met.made))?;
    let encounter = cutoff("encounter", today)?;
    deleted.n_facts += run!(tx, EXPIRED_ENCOUNTERS, mine, &json, Day(encounter.made))?;
    let visit = cutoff("visit", today)?;
    deleted.n_facts += run!(tx, EXPIRED_VISITS, mine, &json, Day(visit.made))?;

    let need = (Day(copies.ended), instant(copies.made));
    let without_need = all!(tx, IdRow, WITHOUT_NEED, mine, &json, need.0, need.1)?;
    let unnamed = all!(tx, IdRow, UNNAMED, mine, &json)?;
    let lines = (with_gone(tx, &without_need).await?, with_gone(tx, &unnamed).await?);
    let anonymised = lines.0.iter().map(|id| erasure(tx.authority(), PERSON_ANONYMISED, *id));
    let erased = lines.1.iter().map(|id| erasure(tx.authority(), "person", *id));
    noted = ledger.append(&anonymised.chain(erased).collect::<Vec<_>>()).await?.or(noted);
    for row in &without_need {
        anonymise_person(tx, PersonId(row.id), now).await?;
    }
    deleted.n_anonymised += without_need.len() as u64;
    for row in &unnamed {
        erase_person(tx, PersonId(row.id)).await?;
    }
    deleted.n_persons += unnamed.len() as u64;
    if let Some(bytes) = noted {
        crate::pulse::note_ledger(tx, bytes).await?;
    }
    Ok(Some(Position(last.id)))
}

/// The ids of persons, each with those of whoever was merged into them: a backup from before the merge has rows under these.
async fn with_gone(tx: &mut Tx, persons: &[IdRow]) -> Result<Vec<Uuid>> {
    let mut ids = Vec::with_capacity(persons.len());
    for row in persons {
        ids.extend(crate::merges::with_gone(tx, PersonId(row.id)).await?);
    }
    Ok(ids)
}

/// Deletes what no person leads to: refused links, days of deleted visits, audit records past their
/// period. The hash of the last deleted audit record stays as the chain's anchor.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn run_rest(tx: &mut Tx, now: Timestamp, deleted: &mut Deleted) -> Result<()> {
    let today = domain::time::local_day(now, &TimeZone::UTC);
    deleted.n_facts += run!(tx, EXPIRED_REFUSED, mine, instant(cutoff("refused_link", today)?.made))?;
    run!(tx, ORPHANED_DAYS, mine, Day(today))?;
    let import = instant(cutoff("import_file", today)?.made).0;
    deleted.n_facts += crate::import_files::end_expired(tx, import).await?;
    deleted.n_facts += crate::bulk::end_expired(tx, instant(cutoff("bulk_action", today)?.made).0).await?;
    deleted.n_facts += crate::jobs::end_expired(tx, instant(cutoff("job", today)?.made).0).await?;
    let content = cutoff("message_content", today)?;
    let made = instant(cutoff("message", today)?.made).0;
    deleted.n_facts +=
        crate::messages::end_expired(tx, instant(content.ended).0, instant(content.made).0, made, now).await?;
    deleted.n_facts += crate::outbox::end_expired(tx, instant(cutoff("outbox", today)?.made).0).await?;
    deleted.n_facts += crate::inbox::end_expired(tx, instant(cutoff("inbox", today)?.made).0).await?;
    deleted.n_facts += crate::hand_overs::end_expired(tx, instant(cutoff("hand_over", today)?.made).0).await?;
    let messages = instant(cutoff("authority_message", today)?.made).0;
    deleted.n_facts += crate::authority_messages::end_expired(tx, messages).await?;
    let from_others = instant(cutoff("request_from_other", today)?.made).0;
    deleted.n_facts += crate::requests_between::end_expired(tx, from_others).await?;
    deleted.n_facts += crate::merges::end_expired(tx, instant(cutoff("person_merge", today)?.made).0).await?;
    let export = instant(cutoff("export_file", today)?.made).0;
    deleted.n_facts += crate::export_files::end_expired(tx, export).await?;
    deleted.n_facts += crate::saved_views::end_expired(tx, instant(cutoff("saved_view", today)?.made).0).await?;
    deleted.n_facts += crate::venues::end_expired(tx, instant(cutoff("venue_link", today)?.made).0).await?;
    let openings = instant(cutoff("guest_list_opening", today)?.made).0;
    deleted.n_facts += crate::guest_lists::end_expired(tx, openings).await?;
    let visitors = instant(cutoff("occasion_visitor", today)?.made).0;
    let occasion = cutoff("occasion", today)?;
    let over = (visitors, instant(occasion.ended).0, instant(occasion.made).0);
    let opened = instant(cutoff("occasion_opening", today)?.made).0;
    deleted.n_facts += crate::occasions::end_expired(tx, over, opened).await?;
    let audit = cutoff("audit_record", today)?;
    let last = optional!(tx, SeqRow, LAST_OLD_AUDIT, mine, instant(audit.made))?.and_then(|row| row.seq);
    if let Some(seq) = last {
        let hash = optional!(tx, HashRow, HASH_OF, mine, seq)?.and_then(|row| row.hash);
        run!(tx, MOVE_ANCHOR, mine, seq, hash.unwrap_or_default())?;
        run!(tx, DELETE_AUDIT_BLOCKS, mine, seq)?;
        deleted.n_audit_records += run!(tx, DELETE_AUDIT, mine, seq)?;
    }
    Ok(())
}

/// Deletes a person, with whoever was merged into them, and every row that names them. The ledger must know it already. Returns how many rows of which table
/// there were, without tables that had none.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn erase_person(tx: &mut Tx, person: PersonId) -> Result<Vec<(&'static str, u64)>> {
    crate::persons::count_removed(tx).await?;
    run!(tx, DAYS_OF_PERSON, mine, person.0)?;
    let mut deleted = Vec::new();
    let ids = crate::merges::with_gone(tx, person).await?;
    for id in &ids {
        crate::patients::pass_on(tx, *id).await?;
    }
    for table in TENANT_TABLES.iter().rev() {
        let mut n_rows = 0;
        for column in table.person_columns {
            for id in &ids {
                n_rows += delete_where(tx, "erase_person", table, column, *id).await?;
            }
        }
        if n_rows > 0 {
            deleted.push((table.name, n_rows));
        }
    }
    Ok(deleted)
}

/// Deletes a case and every row that belongs to it: so ledgers of older versions say.
async fn erase_case(tx: &mut Tx, case_id: CaseId) -> Result<()> {
    crate::merges::forget_of_case(tx, case_id).await?;
    crate::stays::end_visits_of_case(tx, case_id).await?;
    for table in TENANT_TABLES.iter().filter(|table| table.goes_with_case) {
        delete_where(tx, "erase_case", table, "case_id", case_id.0).await?;
    }
    crate::messages::delete_of_case(tx, case_id).await?;
    crate::outbox::delete_of_case(tx, case_id).await?;
    run!(tx, DELETE_CASE, mine, case_id.0)?;
    Ok(())
}

async fn delete_where(tx: &mut Tx, statement: &str, table: &TenantTable, column: &str, id: Uuid) -> Result<u64> {
    let authority_id = tx.authority().0;
    let sql =
        format!("-- retention::{statement}\nDELETE FROM {} WHERE authority_id = $1 AND {column} = $2", table.name);
    Ok(match &mut tx.inner {
        Inner::Sqlite(conn) => {
            sqlx::query(AssertSqlSafe(sql)).bind(authority_id).bind(id).execute(&mut **conn).await?.rows_affected()
        }
        Inner::Postgres(conn) => {
            sqlx::query(AssertSqlSafe(sql)).bind(authority_id).bind(id).execute(&mut **conn).await?.rows_affected()
        }
    })
}

/// Ends again what the ledger says was ended, after a restore. Returns how many erasures there were.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn replay(tx: &mut Tx, erasures: &[Erasure]) -> Result<usize> {
    // Files that were brought in may hold anybody; they are a week old at most, and their owners have them.
    crate::import_files::end_expired(tx, Timestamp::MAX).await?;
    erase_again(tx, erasures).await
}

/// Ends again what is listed. What is ended already stays so. Returns how many erasures there were.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn erase_again(tx: &mut Tx, erasures: &[Erasure]) -> Result<usize> {
    let mine: Vec<&Erasure> = erasures.iter().filter(|erasure| erasure.authority_id == tx.authority()).collect();
    for erasure in &mine {
        match erasure.table.as_str() {
            "person" => {
                part_again(tx, PersonId(erasure.id), erasure.erased_at).await?;
                erase_person(tx, PersonId(erasure.id)).await?;
            }
            "outbreak_case" => erase_case(tx, CaseId(erasure.id)).await?,
            CASE_ANONYMISED => {
                if let Some(merge) = crate::merges::of_folded(tx, CaseId(erasure.id)).await? {
                    part_again(tx, merge.gone_id, erasure.erased_at).await?;
                }
                anonymise_case(tx, CaseId(erasure.id), erasure.erased_at).await?;
            }
            PERSON_ANONYMISED => {
                part_again(tx, PersonId(erasure.id), erasure.erased_at).await?;
                anonymise_person(tx, PersonId(erasure.id), erasure.erased_at).await?;
            }
            _ => return Err(StorageError::NotABackup("the ledger of erasures names an unknown table".to_owned())),
        }
    }
    Ok(mine.len())
}

/// Who was erased as a person of their own may have been part of another when the backup was made: then the merge was
/// undone in between. It is undone again, so that nothing of them is left with the other.
async fn part_again(tx: &mut Tx, person: PersonId, now: Timestamp) -> Result<()> {
    while let Some(merge) = crate::merges::last_that_holds(tx, person).await? {
        if crate::merges::undo(tx, None, &merge, now).await?.is_none() {
            break;
        }
        crate::persons::note_changes(tx, &[merge.person_id, merge.gone_id]).await?;
    }
    Ok(())
}
