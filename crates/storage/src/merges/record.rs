//! The undo record, and where ids of merged persons and cases lead.

use super::images::Image;
use crate::dialect::{At, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::ids::{AccountId, CaseId, MergeId, PersonId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A merge of two persons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    /// Its id.
    pub merge_id: MergeId,
    /// Who stays.
    pub person_id: PersonId,
    /// Who was merged into them.
    pub gone_id: PersonId,
    /// Who merged them.
    pub account_id: AccountId,
    /// When.
    pub merged_at: Timestamp,
    /// When it was undone; `None` while it holds.
    pub undone_at: Option<Timestamp>,
    /// What the merge answered.
    pub told: Told,
}

/// What a merge answered: ids and counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Rows that moved, by table.
    pub moved: BTreeMap<String, u64>,
    /// Cases that became one: the one that goes on, the one that is part of it now.
    pub folds: Vec<Fold>,
    /// Meetings of the two with each other, which nobody has with themselves.
    pub n_between: u64,
    /// Days of quarantine that are proposed: the case, first and last day.
    pub proposed: Vec<(Uuid, String, String)>,
}

/// Two cases that become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fold {
    /// The case that goes on.
    pub kept: CaseId,
    /// The case that becomes part of it.
    pub folded: CaseId,
}

/// The rows that a merge changed, as they were and as they became.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Record {
    /// Rows of which some columns changed, those alike together.
    pub(super) changed: Vec<Changed>,
    /// Rows that are gone, by table.
    pub(super) removed: BTreeMap<String, Vec<Image>>,
    /// Rows that are new, by table.
    pub(super) added: BTreeMap<String, Vec<Image>>,
    /// Keys of all rows of the person who stays, right after the merge: what has others came later.
    pub(super) known: BTreeMap<String, Vec<Image>>,
    /// Spells that were taken out and put in.
    pub(super) spells: Spells,
}

/// Rows whose columns changed in the same way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Changed {
    pub(super) table: String,
    pub(super) keys: Vec<Image>,
    pub(super) before: Image,
    pub(super) after: Image,
}

/// Spells that a merge took out and put in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Spells {
    /// Of the person who went.
    pub(super) of_gone: Vec<StoredSpell>,
    /// Of the person who stays, and that are longer ones now.
    pub(super) replaced: Vec<StoredSpell>,
    /// Of the person who stays, instead of both.
    pub(super) put_in: Vec<StoredSpell>,
}

/// A spell with somebody, seen from one side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct StoredSpell {
    pub(super) other: Uuid,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    /// The bits of a distance, which come back as they were.
    pub(super) distance: Option<u32>,
    pub(super) stored_on: jiff::civil::Date,
}

#[derive(sqlx::FromRow)]
struct MergeRow {
    merge_id: Uuid,
    person_id: Uuid,
    gone_id: Uuid,
    account_id: Uuid,
    merged_at: At,
    undone_at: Option<At>,
    told: String,
}

#[derive(sqlx::FromRow)]
struct RecordRow {
    record: Option<String>,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: Uuid,
}

const INSERT: Statement = Statement::both(
    "-- merges::insert
INSERT INTO person_merge (authority_id, merge_id, person_id, gone_id, account_id, merged_at, told, record)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

pub(crate) const BY_ID: Statement = Statement::both(
    "-- merges::by_id
SELECT merge_id, person_id, gone_id, account_id, merged_at, undone_at, told FROM person_merge
 WHERE authority_id = $1 AND merge_id = $2",
);

pub(crate) const OF_PERSON: Statement = Statement::both(
    "-- merges::of_person
SELECT merge_id, person_id, gone_id, account_id, merged_at, undone_at, told FROM person_merge
 WHERE authority_id = $1 AND person_id = $2 ORDER BY merged_at DESC, merge_id DESC",
);

const RECORD: Statement = Statement::both(
    "-- merges::record
SELECT record FROM person_merge WHERE authority_id = $1 AND merge_id = $2",
);

const SET_UNDONE: Statement = Statement::both(
    "-- merges::set_undone
UPDATE person_merge SET undone_at = $3, record = NULL WHERE authority_id = $1 AND merge_id = $2",
);

pub(crate) const PERSON_NOW: Statement = Statement::both(
    "-- merges::person_now
SELECT person_id AS id FROM person_redirect WHERE authority_id = $1 AND gone_id = $2",
);

pub(crate) const CASE_NOW: Statement = Statement::both(
    "-- merges::case_now
SELECT case_id AS id FROM case_redirect WHERE authority_id = $1 AND gone_id = $2",
);

pub(crate) const PERSONS_GONE: Statement = Statement::both(
    "-- merges::persons_gone
SELECT gone_id AS id FROM person_redirect WHERE authority_id = $1 AND person_id = $2 ORDER BY gone_id",
);

pub(crate) const CASES_GONE: Statement = Statement::each(
    "-- merges::cases_gone
SELECT r.gone_id AS id FROM json_each($2) AS w
 CROSS JOIN case_redirect AS r INDEXED BY case_redirect_of_case
    ON r.authority_id = $1 AND r.case_id = unhex(w.value) ORDER BY r.gone_id",
    "-- merges::cases_gone
SELECT r.gone_id AS id FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS w
  JOIN case_redirect AS r ON r.authority_id = $1 AND r.case_id = w ORDER BY r.gone_id",
);

pub(crate) const OF_FOLDED: Statement = Statement::both(
    "-- merges::of_folded
SELECT merge_id AS id FROM case_redirect WHERE authority_id = $1 AND gone_id = $2",
);

/// Returns the merge by which a case became part of another, if it is remembered.
pub(crate) async fn of_folded(tx: &mut Tx, case_id: CaseId) -> Result<Option<Merge>> {
    match optional!(tx, IdRow, OF_FOLDED, mine, case_id.0)? {
        Some(row) => by_id(tx, MergeId(row.id)).await,
        None => Ok(None),
    }
}

pub(crate) const IS_ANONYMISED: Statement = Statement::both(
    "-- merges::is_anonymised
SELECT person_id AS id FROM person WHERE authority_id = $1 AND person_id = $2 AND anonymised_on IS NOT NULL",
);

/// Says whether nothing that names a person is left of them: then nobody may put a name to what is.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn is_anonymised(tx: &mut Tx, person: PersonId) -> Result<bool> {
    Ok(optional!(tx, IdRow, IS_ANONYMISED, mine, person.0)?.is_some())
}

const FORGET_OF_CASE: Statement = Statement::both(
    "-- merges::forget_of_case
DELETE FROM person_merge WHERE authority_id = $1
   AND merge_id IN (SELECT merge_id FROM case_redirect WHERE authority_id = $1 AND case_id = $2)",
);

const END_EXPIRED: Statement = Statement::both(
    "-- merges::end_expired
DELETE FROM person_merge WHERE authority_id = $1 AND merged_at < $2",
);

fn read(row: MergeRow) -> Result<Merge> {
    Ok(Merge {
        merge_id: MergeId(row.merge_id),
        person_id: PersonId(row.person_id),
        gone_id: PersonId(row.gone_id),
        account_id: AccountId(row.account_id),
        merged_at: row.merged_at.0,
        undone_at: row.undone_at.map(|at| at.0),
        told: serde_json::from_str(&row.told).map_err(|_| StorageError::Unreadable("merge"))?,
    })
}

pub(super) async fn insert(tx: &mut Tx, merge: &Merge, record: &Record) -> Result<()> {
    let unreadable = |_| StorageError::Unreadable("merge");
    let told = serde_json::to_string(&merge.told).map_err(unreadable)?;
    let record = serde_json::to_string(record).map_err(unreadable)?;
    let (person_id, gone_id) = (merge.person_id.0, merge.gone_id.0);
    let merged_at = At(merge.merged_at);
    run!(tx, INSERT, mine, merge.merge_id.0, person_id, gone_id, merge.account_id.0, merged_at, told, record)?;
    Ok(())
}

/// Reads a merge.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn by_id(tx: &mut Tx, merge_id: MergeId) -> Result<Option<Merge>> {
    optional!(tx, MergeRow, BY_ID, mine, merge_id.0)?.map(read).transpose()
}

/// Lists the merges into a person that are remembered, the newest first; those that were undone too.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_person(tx: &mut Tx, person: PersonId) -> Result<Vec<Merge>> {
    all!(tx, MergeRow, OF_PERSON, mine, person.0)?.into_iter().map(read).collect()
}

pub(super) async fn record(tx: &mut Tx, merge_id: MergeId) -> Result<Option<Record>> {
    let text = optional!(tx, RecordRow, RECORD, mine, merge_id.0)?.and_then(|row| row.record);
    text.map(|text| serde_json::from_str(&text)).transpose().map_err(|_| StorageError::Unreadable("undo record"))
}

pub(super) async fn set_undone(tx: &mut Tx, merge_id: MergeId, now: Timestamp) -> Result<()> {
    run!(tx, SET_UNDONE, mine, merge_id.0, At(now))?;
    Ok(())
}

/// Returns who a person is now: the same, or whom they were merged into.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn person_now(tx: &mut Tx, person: PersonId) -> Result<PersonId> {
    Ok(optional!(tx, IdRow, PERSON_NOW, mine, person.0)?.map_or(person, |row| PersonId(row.id)))
}

/// Returns which case this is now: the same, or the one that it became part of.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn case_now(tx: &mut Tx, case_id: CaseId) -> Result<CaseId> {
    Ok(optional!(tx, IdRow, CASE_NOW, mine, case_id.0)?.map_or(case_id, |row| CaseId(row.id)))
}

/// Returns the id of a person, and after it those of whoever was merged into them.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn with_gone(tx: &mut Tx, person: PersonId) -> Result<Vec<Uuid>> {
    let gone = all!(tx, IdRow, PERSONS_GONE, mine, person.0)?;
    Ok(std::iter::once(person.0).chain(gone.into_iter().map(|row| row.id)).collect())
}

/// Lists the ids of cases that became part of these.
pub(crate) async fn cases_gone(tx: &mut Tx, cases: &[Uuid]) -> Result<Vec<Uuid>> {
    let json = ids_as_json(cases.iter());
    Ok(all!(tx, IdRow, CASES_GONE, mine, &json)?.into_iter().map(|row| row.id).collect())
}

/// Destroys the undo records of merges in which a case took part.
pub(crate) async fn forget_of_case(tx: &mut Tx, case_id: CaseId) -> Result<()> {
    run!(tx, FORGET_OF_CASE, mine, case_id.0)?;
    Ok(())
}

/// Destroys the records of merges before an instant. Returns how many.
pub(crate) async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, END_EXPIRED, mine, At(before))
}
