//! Merging two persons, and undoing it: rows move from one id to the other, table by table.
//!
//! What a merge changed is found by comparing: the rows that name either person are read before and after, and what
//! differs is the undo record. So an undo restores whatever the merge and those around it did, column by column, and a
//! table that comes later needs a line in [`FOLLOWS`] and nothing else. A column that somebody changed since keeps what
//! they wrote. Spells of encounters unite, and there are many of them, so they go a way of their own.
//!
//! Rows of a person are copied with their sealed cells, which stay sealed; an undo needs no key, so a restore can replay
//! the erasure of somebody who was merged when the backup was made.

mod distinct;
mod facts;
mod follow;

mod record;
mod since;
mod spells;
mod undo;

pub(crate) use distinct::OF_PERSON as DISTINCT_FROM;
pub use distinct::{distinct_from, mark_distinct, unmark_distinct};
pub use follow::{FOLLOWS, Follows};
pub(crate) use record::{
    BY_ID, CASE_NOW, CASES_GONE, OF_PERSON, PERSON_NOW, PERSONS_GONE, cases_gone, end_expired, forget_of_case,
    of_folded,
};
pub use record::{Fold, Merge, Told, by_id, case_now, is_anonymised, of_person, person_now, with_gone};
pub(crate) use spells::OF_PERSON as SPELLS_OF_PERSON;
pub use undo::{Undone, undo};

use crate::dialect::{Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::images::{self, Image};
use crate::store::{Inner, Tx};
use domain::ids::{CaseId, EntryId, PersonId};
use follow::{Table, tables};
use record::{Changed, Record, Spells};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct IdRow {
    person_id: Uuid,
}

const LOCK: Statement = Statement::each(
    "-- merges::lock
SELECT person_id FROM person WHERE authority_id = $1 AND person_id IN (SELECT unhex(value) FROM json_each($2))
 ORDER BY person_id",
    "-- merges::lock
SELECT person_id FROM person WHERE authority_id = $1
   AND person_id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) ORDER BY person_id FOR UPDATE",
);

const HOLD: Statement = Statement::each(
    "-- merges::hold
SELECT person_id FROM person WHERE authority_id = $1 AND person_id = $2",
    "-- merges::hold
SELECT person_id FROM person WHERE authority_id = $1 AND person_id = $2 FOR KEY SHARE",
);

const DELETE_PERSON: Statement = Statement::both(
    "-- merges::delete_person
DELETE FROM person WHERE authority_id = $1 AND person_id = $2",
);

const DELETE_CASE: Statement = Statement::both(
    "-- merges::delete_case
DELETE FROM outbreak_case WHERE authority_id = $1 AND case_id = $2",
);

const SUPERSEDE: Statement = Statement::both(
    "-- merges::supersede
UPDATE diary_entry SET superseded_by = $4 WHERE authority_id = $1 AND case_id = $2 AND entry_id = $3",
);

const DELETE_ANSWERS: Statement = Statement::both(
    "-- merges::delete_answers
DELETE FROM questionnaire WHERE authority_id = $1 AND case_id = $2",
);

const REDIRECT_PERSON: Statement = Statement::both(
    "-- merges::redirect_person
INSERT INTO person_redirect (authority_id, gone_id, person_id) VALUES ($1, $2, $3)",
);

const REDIRECT_CASE: Statement = Statement::both(
    "-- merges::redirect_case
INSERT INTO case_redirect (authority_id, gone_id, case_id, person_id, merge_id) VALUES ($1, $2, $3, $4, $5)",
);

/// Takes persons for the rest of the transaction, in the order of their ids. Returns those that are there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn lock(tx: &mut Tx, persons: &[PersonId]) -> Result<BTreeSet<PersonId>> {
    let json = ids_as_json(persons.iter().map(|id| &id.0));
    Ok(all!(tx, IdRow, LOCK, mine, &json)?.into_iter().map(|row| PersonId(row.person_id)).collect())
}

/// Sees to it that nobody merges a person away until the transaction ends; for whoever stores a row that names them.
/// Returns who they are now, or `None` if there is no such person.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn hold(tx: &mut Tx, person: PersonId) -> Result<Option<PersonId>> {
    // Once for the id that was asked for, once for whom a merge that came first has left.
    for _ in 0..2 {
        let now = person_now(tx, person).await?;
        if optional!(tx, IdRow, HOLD, mine, now.0)?.is_some() {
            return Ok(Some(now));
        }
    }
    Ok(None)
}

/// Of two diary entries for one half day, which two cases brought together, the one that doesn't hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// Its case.
    pub case_id: CaseId,
    /// The entry.
    pub entry_id: EntryId,
    /// The one that holds.
    pub by: EntryId,
}

/// A merge that has moved the rows and is not yet written down.
pub struct Begun {
    merge: Merge,
    before: Snapshot,
    cases: Vec<Uuid>,
    spells: Spells,
}

/// Rows by table and key.
type Snapshot = BTreeMap<&'static str, BTreeMap<String, Image>>;

/// Moves everything that names the person who goes to the one who stays, and all that belongs to a case to the one that
/// goes on. The rows of the person and of the cases that go are deleted, with the answers of these cases; their ids lead
/// on. Details are left as they are.
///
/// # Errors
///
/// [`StorageError`] if one of them isn't there, or the database can't be written.
pub async fn begin(tx: &mut Tx, mut merge: Merge, cases: &[CaseId], superseded: &[Superseded]) -> Result<Begun> {
    images::fix_form(tx).await?;
    let (from, to) = (merge.gone_id.0, merge.person_id.0);
    let cases: Vec<Uuid> = cases.iter().map(|case| case.0).collect();
    let before = snapshot(tx, &[from, to], &cases).await?;
    merge.told.moved = moving(tx, merge.gone_id).await?;
    for entry in superseded {
        one(run!(tx, SUPERSEDE, mine, entry.case_id.0, entry.entry_id.0, entry.by.0)?, "merges::supersede")?;
    }
    let spells = spells::merge(tx, from, to).await?;
    let n_met = spells.of_gone.iter().filter(|spell| spell.other == to).count() as u64;
    merge.told.n_between = facts::between(&before, &merge) + n_met;
    distinct::merge(tx, from, to).await?;
    facts::merge(tx, &before, (from, to)).await?;
    for table in tables() {
        for column in table.moving() {
            images::repoint(tx, table.name, column, (from, to)).await?;
        }
    }
    for fold in merge.told.folds.clone() {
        fold_case(tx, &merge, fold).await?;
    }
    facts::leave_oneself_out(tx, to).await?;
    one(run!(tx, DELETE_PERSON, mine, from)?, "merges::delete_person")?;
    crate::persons::count_removed(tx).await?;
    run!(tx, REDIRECT_PERSON, mine, from, to)?;
    Ok(Begun { merge, before, cases, spells })
}

async fn fold_case(tx: &mut Tx, merge: &Merge, fold: Fold) -> Result<()> {
    for table in tables() {
        for column in table.cases {
            images::repoint(tx, table.name, column, (fold.folded.0, fold.kept.0)).await?;
        }
    }
    run!(tx, DELETE_ANSWERS, mine, fold.folded.0)?;
    one(run!(tx, DELETE_CASE, mine, fold.folded.0)?, "merges::delete_case")?;
    run!(tx, REDIRECT_CASE, mine, fold.folded.0, fold.kept.0, merge.person_id.0, merge.merge_id.0)?;
    Ok(())
}

fn one(touched: u64, statement: &'static str) -> Result<()> {
    if touched == 1 { Ok(()) } else { Err(StorageError::WrongCount { statement, touched, expected: 1 }) }
}

/// Writes down what the merge changed, with whatever else this transaction did to rows of the two.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end(tx: &mut Tx, begun: Begun) -> Result<Merge> {
    let Begun { merge, before, cases, spells } = begun;
    let after = snapshot(tx, &[merge.gone_id.0, merge.person_id.0], &cases).await?;
    let mut record = compare(&before, &after);
    record.spells = spells;
    record::insert(tx, &merge, &record).await?;
    Ok(merge)
}

/// Counts what a merge would move, by table.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn moving(tx: &mut Tx, person: PersonId) -> Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    for table in tables() {
        for column in table.moving() {
            *counts.entry(table.name.to_owned()).or_default() +=
                images::count(tx, table.name, column, person.0).await?;
        }
    }
    let n_spells = images::count(tx, "encounter", "person_id", person.0).await?;
    counts.insert("encounter".to_owned(), n_spells);
    counts.retain(|_, n_rows| *n_rows > 0);
    Ok(counts)
}

/// Reads the rows that name one of these persons or cases.
async fn snapshot(tx: &mut Tx, persons: &[Uuid], cases: &[Uuid]) -> Result<Snapshot> {
    let mut all = Snapshot::new();
    for table in tables() {
        let rows = all.entry(table.name).or_default();
        for (column, id) in asked(table, persons, cases) {
            for row in images::with_id(tx, table.name, column, id).await? {
                rows.insert(key_text(table, &row), row);
            }
        }
    }
    Ok(all)
}

/// Lists which columns to look into, and for which ids.
fn asked(table: Table, persons: &[Uuid], cases: &[Uuid]) -> Vec<(&'static str, Uuid)> {
    let pairs = |columns: &'static [&'static str], ids: &[Uuid]| -> Vec<(&'static str, Uuid)> {
        columns.iter().flat_map(|column| ids.iter().map(|id| (*column, *id))).collect()
    };
    [pairs(table.persons, persons), pairs(table.cases, cases)].concat()
}

fn key_text(table: Table, row: &Image) -> String {
    serde_json::Value::Object(images::key_of(row, table.key)).to_string()
}

/// Finds what differs between two readings.
fn compare(before: &Snapshot, after: &Snapshot) -> Record {
    let mut record = Record::default();
    let nothing = BTreeMap::new();
    for table in tables() {
        let old = before.get(table.name).unwrap_or(&nothing);
        let new = after.get(table.name).unwrap_or(&nothing);
        let mut alike: BTreeMap<String, Changed> = BTreeMap::new();
        for (key, row) in old {
            match new.get(key) {
                None => record.removed.entry(table.name.to_owned()).or_default().push(row.clone()),
                Some(now) if now != row => note_change(&mut alike, table, row, now),
                Some(_) => {}
            }
        }
        record.changed.extend(alike.into_values());
        for (key, row) in new {
            let known = images::key_of(row, table.key);
            record.known.entry(table.name.to_owned()).or_default().push(known);
            if !old.contains_key(key) {
                record.added.entry(table.name.to_owned()).or_default().push(row.clone());
            }
        }
    }
    record
}

fn note_change(alike: &mut BTreeMap<String, Changed>, table: Table, old: &Image, new: &Image) {
    let differs = |(column, value): &(&String, &serde_json::Value)| new.get(*column) != Some(*value);
    let pick = |from: &Image| -> Image {
        old.iter().filter(differs).filter_map(|(column, _)| Some((column.clone(), from.get(column)?.clone()))).collect()
    };
    let (before, after) = (pick(old), pick(new));
    let text = format!("{:?} {:?}", before, after);
    let changed =
        alike.entry(text).or_insert_with(|| Changed { table: table.name.to_owned(), keys: Vec::new(), before, after });
    changed.keys.push(images::key_of(old, table.key));
}

const LOCK_MERGES: &str = "-- merges::one_at_a_time
SELECT pg_advisory_xact_lock($1, 3)";

/// Waits until no other merge or undo of this authority is at work, and keeps others waiting until the commit. Imports
/// wait too: they read whom a reference names and store rows for them.
///
/// # Errors
///
/// [`StorageError`] if the database can't be reached. SQLite has one writer at a time anyway.
pub async fn one_at_a_time(tx: &mut Tx) -> Result<()> {
    let authority_id = tx.authority().0;
    if let Inner::Postgres(conn) = &mut tx.inner {
        sqlx::query(LOCK_MERGES).bind(authority_id).execute(&mut **conn).await?;
    }
    tx.one_import_at_a_time().await
}

/// Returns the newest merge that holds, has its record, and that must be undone before this person is on their own again:
/// one into the person whom they are part of now.
pub(crate) async fn last_that_holds(tx: &mut Tx, person: PersonId) -> Result<Option<Merge>> {
    let now = person_now(tx, person).await?;
    if now == person {
        return Ok(None);
    }
    let merges = of_person(tx, now).await?;
    Ok(merges.into_iter().find(|merge| merge.undone_at.is_none()))
}
