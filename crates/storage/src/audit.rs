//! The audit log at rest: records are appended in the request's own transaction and chained right after.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use aws_lc_rs::digest::{SHA256, digest};
use domain::audit::{AuditRecord, ChainBreak, canonical_text};
use domain::ids::{AccountId, AuditId};
use domain::time::Window;
use jiff::Timestamp;
use std::io::{Read, Write};
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct RecordRow {
    audit_id: Uuid,
    recorded_at: At,
    account_id: Uuid,
    role: String,
    operation: String,
    subjects: String,
    n_subjects: i64,
    reason: String,
    source: String,
    seq: Option<i64>,
    hash: Option<String>,
}

#[derive(sqlx::FromRow)]
struct ChainRow {
    head_seq: i64,
    head_hash: String,
    anchor_seq: i64,
    anchor_hash: String,
}

const INSERT: Statement = Statement::both(
    "-- audit::insert
INSERT INTO audit_record (authority_id, audit_id, recorded_at, account_id, role, operation, subjects, n_subjects,
                          reason, source)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);

const UNCHAINED: Statement = Statement::both(
    "-- audit::unchained
SELECT audit_id, recorded_at, account_id, role, operation, subjects, n_subjects, reason, source, seq, hash
  FROM audit_record WHERE authority_id = $1 AND seq IS NULL ORDER BY audit_id",
);

const CHAINED: Statement = Statement::both(
    "-- audit::chained
SELECT audit_id, recorded_at, account_id, role, operation, subjects, n_subjects, reason, source, seq, hash
  FROM audit_record WHERE authority_id = $1 AND seq > $2 ORDER BY seq LIMIT 10000",
);

const START_CHAIN: Statement = Statement::both(
    "-- audit::start_chain
INSERT INTO audit_chain (authority_id, head_seq, head_hash, anchor_seq, anchor_hash) VALUES ($1, 0, '', 0, '')
    ON CONFLICT DO NOTHING",
);

const CHAIN: Statement = Statement::each(
    "-- audit::chain
SELECT head_seq, head_hash, anchor_seq, anchor_hash FROM audit_chain WHERE authority_id = $1",
    "-- audit::chain
SELECT head_seq, head_hash, anchor_seq, anchor_hash FROM audit_chain WHERE authority_id = $1 FOR UPDATE",
);

const CHAIN_TO_VERIFY: Statement = Statement::both(
    "-- audit::chain_to_verify
SELECT head_seq, head_hash, anchor_seq, anchor_hash FROM audit_chain WHERE authority_id = $1",
);

const LINK: Statement = Statement::both(
    "-- audit::link
UPDATE audit_record SET seq = $3, hash = $4 WHERE authority_id = $1 AND audit_id = $2",
);

const MOVE_HEAD: Statement = Statement::both(
    "-- audit::move_head
UPDATE audit_chain SET head_seq = $2, head_hash = $3 WHERE authority_id = $1",
);

/// Appends a record. It counts once the transaction is committed.
///
/// # Errors
///
/// [`StorageError`] if it can't be written; then the request must not be answered.
pub async fn insert(tx: &mut Tx, record: &AuditRecord) -> Result<()> {
    run!(
        tx,
        INSERT,
        record.authority_id.0,
        record.audit_id.0,
        At(record.recorded_at),
        record.account_id.0,
        &record.role,
        &record.operation,
        &record.subjects,
        record.n_subjects,
        &record.reason,
        &record.source,
    )?;
    Ok(())
}

const INSERT_BLOCK: Statement = Statement::both(
    "-- audit::insert_block
INSERT INTO audit_block (authority_id, audit_id, ids) VALUES ($1, $2, $3)",
);

const BLOCK: Statement = Statement::both(
    "-- audit::block
SELECT ids FROM audit_block WHERE authority_id = $1 AND audit_id = $2",
);

#[derive(sqlx::FromRow)]
struct BlockRow {
    ids: Vec<u8>,
}

/// What stands before the digest of a block in a record's subjects.
const BLOCK_PREFIX: &str = "block:sha256:";

/// Ids of a large result, packed, to be stored beside the record that holds their digest.
#[derive(Clone, Debug)]
pub struct IdBlock {
    bytes: Vec<u8>,
}

impl IdBlock {
    /// Packs ids, 16 bytes each, in their order.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unreadable`] if they can't be packed.
    pub fn pack(ids: impl IntoIterator<Item = Uuid>) -> Result<Self> {
        let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        for id in ids {
            packer.write_all(id.as_bytes()).map_err(|_| StorageError::Unreadable("block of ids"))?;
        }
        let bytes = packer.finish().map_err(|_| StorageError::Unreadable("block of ids"))?;
        Ok(Self { bytes })
    }

    /// Returns what the record says in place of the ids: the digest, which the chain covers.
    #[must_use]
    pub fn subjects(&self) -> String {
        format!("{BLOCK_PREFIX}{}", crate::sealing::hex(digest(&SHA256, &self.bytes).as_ref()))
    }

    /// Unpacks the ids.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unreadable`] if it is no such block.
    pub fn unpack(&self) -> Result<Vec<Uuid>> {
        let mut plain = Vec::new();
        let unreadable = || StorageError::Unreadable("block of ids");
        flate2::read::DeflateDecoder::new(self.bytes.as_slice()).read_to_end(&mut plain).map_err(|_| unreadable())?;
        plain.chunks(16).map(|id| Uuid::from_slice(id).map_err(|_| unreadable())).collect()
    }
}

/// Stores a block of ids beside its record, in the same transaction.
///
/// # Errors
///
/// [`StorageError`] if it can't be written; then nothing of what it names may leave.
pub async fn insert_block(tx: &mut Tx, audit_id: AuditId, block: &IdBlock) -> Result<()> {
    run!(tx, INSERT_BLOCK, mine, audit_id.0, &block.bytes)?;
    Ok(())
}

/// Finds the block of ids of a record.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn block(tx: &mut Tx, audit_id: AuditId) -> Result<Option<IdBlock>> {
    Ok(optional!(tx, BlockRow, BLOCK, mine, audit_id.0)?.map(|row| IdBlock { bytes: row.ids }))
}

/// Says whether a record's block is there and is the one that was written; a record without one has nothing to lose.
async fn block_holds(tx: &mut Tx, record: &AuditRecord) -> Result<bool> {
    if !record.subjects.starts_with(BLOCK_PREFIX) {
        return Ok(true);
    }
    Ok(block(tx, record.audit_id).await?.is_some_and(|block| block.subjects() == record.subjects))
}

fn read(tx: &Tx, row: &RecordRow) -> AuditRecord {
    AuditRecord {
        authority_id: tx.authority(),
        audit_id: AuditId(row.audit_id),
        recorded_at: row.recorded_at.0,
        account_id: AccountId(row.account_id),
        role: row.role.clone(),
        operation: row.operation.clone(),
        subjects: row.subjects.clone(),
        n_subjects: row.n_subjects,
        reason: row.reason.clone(),
        source: row.source.clone(),
    }
}

fn hash(previous: &str, seq: i64, record: &AuditRecord) -> String {
    let text = canonical_text(previous, seq, record);
    crate::sealing::hex(digest(&SHA256, text.as_bytes()).as_ref())
}

/// Chains the records that aren't yet, in the order of their ids. Returns how many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn chain(tx: &mut Tx) -> Result<usize> {
    let authority_id = tx.authority().0;
    run!(tx, START_CHAIN, authority_id)?;
    let mut head = optional!(tx, ChainRow, CHAIN, authority_id)?.ok_or(StorageError::Unreadable("audit chain"))?;
    let unchained = all!(tx, RecordRow, UNCHAINED, authority_id)?;
    for row in &unchained {
        head.head_seq += 1;
        head.head_hash = hash(&head.head_hash, head.head_seq, &read(tx, row));
        run!(tx, LINK, authority_id, row.audit_id, head.head_seq, &head.head_hash)?;
    }
    if !unchained.is_empty() {
        run!(tx, MOVE_HEAD, authority_id, head.head_seq, &head.head_hash)?;
    }
    Ok(unchained.len())
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Records whose hash was checked.
    pub n_checked: u64,
    /// Records that no one has chained yet. That is no break.
    pub n_unchained: u64,
    /// The first break.
    pub first_break: Option<ChainBreak>,
}

/// Checks the chain from its anchor to its head.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn verify(tx: &mut Tx) -> Result<Verification> {
    let authority_id = tx.authority().0;
    let n_unchained = all!(tx, RecordRow, UNCHAINED, authority_id)?.len() as u64;
    let mut found = Verification { n_checked: 0, n_unchained, first_break: None };
    let Some(chain) = optional!(tx, ChainRow, CHAIN_TO_VERIFY, authority_id)? else {
        let orphan = all!(tx, RecordRow, CHAINED, mine, 0i64)?;
        found.first_break = orphan.first().map(|_| ChainBreak::CutOff { found: 0, expected: 0 });
        return Ok(found);
    };
    let (mut seq, mut previous) = (chain.anchor_seq, chain.anchor_hash);
    loop {
        let rows = all!(tx, RecordRow, CHAINED, authority_id, seq)?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            if row.seq != Some(seq + 1) {
                found.first_break = Some(ChainBreak::Missing(seq + 1));
                return Ok(found);
            }
            let record = read(tx, row);
            let expected = hash(&previous, seq + 1, &record);
            if row.hash.as_deref() != Some(&expected) || !block_holds(tx, &record).await? {
                found.first_break = Some(ChainBreak::Changed(seq + 1));
                return Ok(found);
            }
            (seq, previous) = (seq + 1, expected);
            found.n_checked += 1;
        }
    }
    if seq != chain.head_seq || previous != chain.head_hash {
        found.first_break = Some(ChainBreak::CutOff { found: seq, expected: chain.head_seq });
    }
    Ok(found)
}

const UNCHAINED_ID: Statement = Statement::both(
    "-- audit::has_unchained
SELECT audit_id FROM audit_record WHERE authority_id = $1 AND seq IS NULL LIMIT 1",
);

const PAGE: Statement = Statement::both(
    "-- audit::page
SELECT audit_id, recorded_at, account_id, role, operation, subjects, n_subjects, reason, source, seq, hash
  FROM audit_record
 WHERE authority_id = $1 AND audit_id < $2 AND recorded_at >= $3 AND recorded_at < $4 AND account_id >= $5
   AND account_id <= $6 AND ($7 = '' OR operation = $7)
 ORDER BY audit_id DESC LIMIT $8",
);

const OPERATIONS: Statement = Statement::both(
    "-- audit::operations
WITH RECURSIVE found(operation) AS (
    SELECT min(operation) FROM audit_record WHERE authority_id = $1
    UNION ALL
    SELECT (SELECT min(operation) FROM audit_record WHERE authority_id = $1 AND operation > found.operation)
      FROM found WHERE found.operation IS NOT NULL)
SELECT operation FROM found WHERE operation IS NOT NULL",
);

#[derive(sqlx::FromRow)]
struct IdRow {
    audit_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct OperationRow {
    operation: String,
}

/// A record with its number in the chain.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// The record.
    pub record: AuditRecord,
    /// Its number; `None` until chained.
    pub seq: Option<i64>,
}

/// Which records. `None` is any.
#[derive(Clone, Debug)]
pub struct AuditFilter {
    /// Only of this account.
    pub account_id: Option<AccountId>,
    /// Only this operation.
    pub operation: Option<String>,
    /// Recorded in this window.
    pub window: Window,
}

/// Says whether there are records that no one has chained yet.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn has_unchained(tx: &mut Tx) -> Result<bool> {
    Ok(optional!(tx, IdRow, UNCHAINED_ID, mine)?.is_some_and(|row| !row.audit_id.is_nil()))
}

/// Lists records, newest first, older than `before`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn page(tx: &mut Tx, filter: &AuditFilter, before: Option<AuditId>, limit: i64) -> Result<Vec<Numbered>> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    let (least, most) = filter.account_id.map_or((Uuid::nil(), Uuid::max()), |id| (id.0, id.0));
    let operation = filter.operation.as_deref().unwrap_or_default();
    // Nothing was recorded before 1970, and PostgreSQL knows no years before 4713 BC.
    let (from, until) = (At(filter.window.from().max(Timestamp::UNIX_EPOCH)), At(filter.window.until()));
    let rows = all!(tx, RecordRow, PAGE, mine, before, from, until, least, most, operation, limit)?;
    Ok(rows.iter().map(|row| Numbered { record: read(tx, row), seq: row.seq }).collect())
}

/// Lists the operations that the log holds, by name. Cost grows with their number, not with the log's.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn operations(tx: &mut Tx) -> Result<Vec<String>> {
    let rows = all!(tx, OperationRow, OPERATIONS, mine)?;
    Ok(rows.into_iter().map(|row| row.operation).collect())
}
