//! Check-ins in PostgreSQL: a partition a day, for blocks and for packed lists.
//!
//! Who takes check-ins may insert and can't read. Who reads, and who ends days, says whose they are, as everywhere. Partitions
//! are made and dropped by the role for jobs, which owns them; taking one away waits for nobody and holds nobody up.

use super::block::{Block, Parts, heads};
use super::record::segments;
use super::settled::{blot_out, packed, settle};
use crate::dialect::Day;
use crate::error::{Result, StorageError};
use crate::store::{Inner, PgTx, Store, Tx};
use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::{AuthorityId, VisitId};
use jiff::civil::Date;
use sqlx::{AssertSqlSafe, PgConnection, PgPool};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Bytes of blocks that are packed at once.
const MOST_AT_ONCE: usize = 256 << 20;

const LOCK_INTAKE: &str = "-- check_ins::lock_intake
SELECT pg_advisory_xact_lock_shared(0, 3)";

const NOT_ACTIVE: &str = "-- check_ins::not_active
SELECT authority_id FROM authority WHERE state <> 'active'";

const INSERT: &str = "-- check_ins::insert
INSERT INTO check_ins.block (authority_id, day, block_id, heads, ids, body)
SELECT * FROM unnest($1::integer[], $2::date[], $3::uuid[], $4::bytea[], $5::bytea[], $6::bytea[])
    ON CONFLICT DO NOTHING";

const IDS: &str = "-- check_ins::ids
SELECT ids FROM check_ins.block WHERE authority_id = $1 AND day = $2 ORDER BY block_id";

const HEADS: &str = "-- check_ins::heads
SELECT block_id, heads FROM check_ins.block WHERE authority_id = $1 AND day = $2 ORDER BY block_id";

const PART: &str = "-- check_ins::part
SELECT substring(body FROM $4 FOR $5) FROM check_ins.block WHERE authority_id = $1 AND day = $2 AND block_id = $3";

const BODY: &str = "-- check_ins::body
SELECT body FROM check_ins.block WHERE authority_id = $1 AND day = $2 AND block_id = $3 FOR UPDATE";

const CHANGE: &str = "-- check_ins::change
UPDATE check_ins.block SET body = $4 WHERE authority_id = $1 AND day = $2 AND block_id = $3";

const LIST: &str = "-- check_ins::list
SELECT body FROM check_ins.list WHERE authority_id = $1 AND day = $2 AND venue_id = $3";

const CHANGE_LIST: &str = "-- check_ins::change_list
UPDATE check_ins.list SET body = $4 WHERE authority_id = $1 AND day = $2 AND venue_id = $3";

const INSERT_LISTS: &str = "-- check_ins::insert_lists
INSERT INTO check_ins.list (authority_id, day, venue_id, body)
SELECT $1, $2, * FROM unnest($3::bigint[], $4::bytea[])";

const DELETE_BLOCKS: &str = "-- check_ins::delete_blocks
DELETE FROM check_ins.block WHERE authority_id = $1 AND day = $2";

const DELETE_LISTS: &str = "-- check_ins::delete_lists
DELETE FROM check_ins.list WHERE authority_id = $1 AND day = $2";

const PARTITIONS: &str = "-- check_ins::partitions
SELECT c.relname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = 'check_ins' AND c.relkind = 'r' AND c.relname LIKE $1";

/// Blocks and lists of days.
const KINDS: [&str; 2] = ["block", "list"];

fn suffix(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}

fn pool(store: &Store) -> Result<&PgPool> {
    store.postgres().ok_or(StorageError::Unreadable("kind of database"))
}

fn conn(tx: &mut Tx) -> Result<&mut PgConnection> {
    match &mut tx.inner {
        Inner::Postgres(conn) => Ok(conn),
        Inner::Sqlite(_) => Err(StorageError::Unreadable("kind of database")),
    }
}

/// A row with nothing but its day.
#[derive(sqlx::FromRow)]
pub(super) struct DayOnly {
    pub(super) day: Day,
}

/// Makes the partitions of a day, where there are none.
pub(super) async fn make_day(jobs: &Store, day: Date) -> Result<()> {
    let mut conn = pool(jobs)?.acquire().await?;
    make_day_on(&mut conn, day).await
}

/// The same on a connection that is there already.
pub(super) async fn make_day_on(conn: &mut PgConnection, day: Date) -> Result<()> {
    let suffix = suffix(day);
    let found: Vec<String> = sqlx::query_scalar(PARTITIONS).bind(format!("%\\_{suffix}")).fetch_all(&mut *conn).await?;
    for kind in KINDS {
        let name = format!("{kind}_{suffix}");
        if found.contains(&name) {
            continue;
        }
        // Attached, not made as a part: that would keep everybody waiting.
        let sql = format!(
            "-- check_ins::make_day
CREATE TABLE check_ins.{name} (LIKE check_ins.{kind} INCLUDING ALL);
ALTER TABLE check_ins.{kind} ATTACH PARTITION check_ins.{name} FOR VALUES IN ('{day}')"
        );
        let made = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *conn).await;
        if let Err(error) = made
            && !is_there_already(&error)
        {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Another server made it at the same moment.
fn is_there_already(error: &sqlx::Error) -> bool {
    code_of(error).is_some_and(|code| ["42P07", "23505"].contains(&code.as_str()))
}

fn code_of(error: &sqlx::Error) -> Option<String> {
    error.as_database_error().and_then(|error| error.code()).map(|code| code.into_owned())
}

/// Inserts the blocks of a commit, each of one authority. Returns those authorities whose check-ins can't be taken now; none
/// of theirs is stored. Doing it again after a failure stores nothing twice.
pub(super) async fn append(intake: &PgPool, blocks: &[(Uuid, Block)]) -> Result<Vec<AuthorityId>> {
    let mut transaction = PgTx::begin(intake, "BEGIN").await?;
    sqlx::query(LOCK_INTAKE).execute(&mut *transaction).await?;
    let not_active: Vec<i32> = sqlx::query_scalar(NOT_ACTIVE).fetch_all(&mut *transaction).await?;
    let taken = || blocks.iter().filter(|(_, block)| !not_active.contains(&block.authority_id.0));
    sqlx::query(INSERT)
        .bind(taken().map(|(_, block)| block.authority_id.0).collect::<Vec<_>>())
        .bind(taken().map(|(_, block)| Day(block.day)).collect::<Vec<_>>())
        .bind(taken().map(|(id, _)| *id).collect::<Vec<_>>())
        .bind(taken().map(|(_, block)| &block.heads[..]).collect::<Vec<_>>())
        .bind(taken().map(|(_, block)| &block.ids[..]).collect::<Vec<_>>())
        .bind(taken().map(|(_, block)| &block.body[..]).collect::<Vec<_>>())
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(not_active.into_iter().map(AuthorityId).collect())
}

/// Lists what lies beside the blocks of a day.
pub(super) async fn ids(tx: &mut Tx, day: Date) -> Result<Vec<Vec<u8>>> {
    let authority_id = tx.authority().0;
    Ok(sqlx::query_scalar(IDS).bind(authority_id).bind(Day(day)).fetch_all(conn(tx)?).await?)
}

/// Reads what there is of a venue and day, oldest first.
pub(super) async fn read(tx: &mut Tx, list: ListOfDay) -> Result<Parts> {
    let (authority_id, day, venue) = (list.of.authority_id.0, Day(list.of.day), list.venue_id.bits());
    let mut parts: Parts =
        sqlx::query_scalar(LIST).bind(authority_id).bind(day).bind(venue.cast_signed()).fetch_all(conn(tx)?).await?;
    let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(HEADS).bind(authority_id).bind(day).fetch_all(conn(tx)?).await?;
    for (block_id, bytes) in rows {
        for head in heads(&bytes).filter(|head| head.venue == venue) {
            let part = sqlx::query_scalar(PART)
                .bind(authority_id)
                .bind(day)
                .bind(block_id)
                .bind(head.at.cast_signed() + 1)
                .bind(head.length.cast_signed());
            parts.push(part.fetch_one(conn(tx)?).await?);
        }
    }
    Ok(parts)
}

/// Writes over a visit wherever it lies. Says whether it lay anywhere.
pub(super) async fn blot(tx: &mut Tx, list: ListOfDay, visit_id: VisitId) -> Result<bool> {
    let (authority_id, day, venue) = (list.of.authority_id.0, Day(list.of.day), list.venue_id.bits());
    let mut found = false;
    let body: Option<Vec<u8>> = sqlx::query_scalar(LIST)
        .bind(authority_id)
        .bind(day)
        .bind(venue.cast_signed())
        .fetch_optional(conn(tx)?)
        .await?;
    if let Some(mut body) = body
        && blot_out(&mut body, visit_id)?
    {
        let change = sqlx::query(CHANGE_LIST).bind(authority_id).bind(day).bind(venue.cast_signed()).bind(body);
        change.execute(conn(tx)?).await?;
        found = true;
    }
    let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(HEADS).bind(authority_id).bind(day).fetch_all(conn(tx)?).await?;
    for (block_id, bytes) in rows {
        for head in heads(&bytes).filter(|head| head.venue == venue) {
            let part = sqlx::query_scalar(PART).bind(authority_id).bind(day).bind(block_id);
            let part = part.bind(head.at.cast_signed() + 1).bind(head.length.cast_signed());
            let mut part: Vec<u8> = part.fetch_one(conn(tx)?).await?;
            if !blot_out(&mut part, visit_id)? {
                continue;
            }
            let body = sqlx::query_scalar(BODY).bind(authority_id).bind(day).bind(block_id);
            let mut body: Vec<u8> = body.fetch_one(conn(tx)?).await?;
            let at = head.at as usize;
            blot_out(body.get_mut(at..at + head.length as usize).unwrap_or_default(), visit_id)?;
            let change = sqlx::query(CHANGE).bind(authority_id).bind(day).bind(block_id).bind(body);
            change.execute(conn(tx)?).await?;
            found = true;
        }
    }
    Ok(found)
}

/// Packs a closed day of the transaction's authority, venue by venue, as the role for jobs.
pub(super) async fn pack(tx: &mut Tx, of: VenueDay) -> Result<()> {
    let (authority_id, day) = (of.authority_id.0, Day(of.day));
    let rows: Vec<(Uuid, Vec<u8>)> = sqlx::query_as(HEADS).bind(authority_id).bind(day).fetch_all(conn(tx)?).await?;
    let mut places: BTreeMap<u64, Vec<(Uuid, super::block::Head)>> = BTreeMap::new();
    for (block_id, bytes) in &rows {
        heads(bytes).for_each(|head| places.entry(head.venue).or_default().push((*block_id, head)));
    }
    let venues: Vec<u64> = places.keys().copied().collect();
    let mut from = 0;
    while from < venues.len() {
        let mut bytes = 0;
        let size = |venue: &u64| places[venue].iter().map(|(_, head)| head.length as usize).sum::<usize>();
        let fits = venues[from..].iter().take_while(|venue| {
            bytes += size(venue);
            bytes <= MOST_AT_ONCE
        });
        let until = from + fits.count().max(1);
        pack_venues(tx, of, &venues[from..until], &rows).await?;
        from = until;
    }
    sqlx::query(DELETE_BLOCKS).bind(authority_id).bind(day).execute(conn(tx)?).await?;
    Ok(())
}

async fn pack_venues(tx: &mut Tx, of: VenueDay, venues: &[u64], rows: &[(Uuid, Vec<u8>)]) -> Result<()> {
    let (authority_id, day) = (of.authority_id.0, Day(of.day));
    let mut parts: BTreeMap<u64, Parts> = venues.iter().map(|venue| (*venue, Parts::new())).collect();
    for (block_id, bytes) in rows {
        let wanted: Vec<_> = heads(bytes).filter(|head| parts.contains_key(&head.venue)).collect();
        if wanted.is_empty() {
            continue;
        }
        let body = sqlx::query_scalar(BODY).bind(authority_id).bind(day).bind(block_id);
        let body: Vec<u8> = body.fetch_one(conn(tx)?).await?;
        for head in wanted {
            parts.entry(head.venue).or_default().push(head.part(&body).to_vec());
        }
    }
    let mut lists = (Vec::new(), Vec::new());
    for (venue, parts) in &parts {
        let body = packed(*venue, &settle(&super::block::segments_of(parts)?)?);
        if !segments(&body)?.is_empty() {
            lists.0.push(venue.cast_signed());
            lists.1.push(body);
        }
    }
    let insert = sqlx::query(INSERT_LISTS).bind(authority_id).bind(day).bind(lists.0).bind(lists.1);
    insert.execute(conn(tx)?).await?;
    Ok(())
}

/// Deletes what the transaction's authority has of a day, as the role for jobs.
pub(super) async fn drop_rows(tx: &mut Tx, of: VenueDay) -> Result<()> {
    for statement in [DELETE_BLOCKS, DELETE_LISTS] {
        sqlx::query(statement).bind(of.authority_id.0).bind(Day(of.day)).execute(conn(tx)?).await?;
    }
    Ok(())
}

/// Takes the partitions of a day away, when no authority needs them any more.
pub(super) async fn drop_day(jobs: &Store, day: Date) -> Result<()> {
    let suffix = suffix(day);
    let found: Vec<String> =
        sqlx::query_scalar(PARTITIONS).bind(format!("%\\_{suffix}")).fetch_all(pool(jobs)?).await?;
    for kind in KINDS {
        let name = format!("{kind}_{suffix}");
        if !found.contains(&name) {
            continue;
        }
        let detach = format!(
            "-- check_ins::detach_day
ALTER TABLE check_ins.{kind} DETACH PARTITION check_ins.{name} CONCURRENTLY"
        );
        let detached = sqlx::query(AssertSqlSafe(detach)).execute(pool(jobs)?).await;
        match detached.map_err(|error| (code_of(&error), error)) {
            Ok(_) => {}
            // Somebody who was stopped had detached it, or begun to.
            Err((Some(code), _)) if code == "42P01" => {}
            Err((Some(code), _)) if code == "55000" => {
                let finish = format!(
                    "-- check_ins::finish_detaching
ALTER TABLE check_ins.{kind} DETACH PARTITION check_ins.{name} FINALIZE"
                );
                sqlx::query(AssertSqlSafe(finish)).execute(pool(jobs)?).await?;
            }
            Err((_, error)) => return Err(error.into()),
        }
        let drop = format!("-- check_ins::drop_day\nDROP TABLE check_ins.{name}");
        sqlx::query(AssertSqlSafe(drop)).execute(pool(jobs)?).await?;
    }
    Ok(())
}
