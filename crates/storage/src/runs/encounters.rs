//! Whom nodes of a run met, and who infected whom.

use crate::dialect::Statement;
use crate::error::Result;
use crate::store::RunTx;
use domain::ids::RunId;

/// Two nodes in range of each other, within one slot of 300 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encounter {
    /// Number of the one.
    pub lower: u32,
    /// Number of the other, which is greater.
    pub higher: u32,
    /// Which 300 seconds of the run.
    pub slot: u32,
    /// First second in which either heard the other.
    pub first_second: u32,
    /// Last one.
    pub last_second: u32,
    /// How often either heard the other, once a second each.
    pub n_heard: u32,
    /// Smallest distance, in quarters of a step; `None` where nobody said it, as published nodes don't.
    pub nearest_quarters: Option<u8>,
}

/// An infection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Infection {
    /// Number of who was infected.
    pub no: u32,
    /// In which second.
    pub second: u32,
    /// Number of who infected them.
    pub infector: u32,
}

#[derive(sqlx::FromRow)]
struct EncounterRow {
    lower: i64,
    higher: i64,
    slot: i64,
    first_second: i64,
    last_second: i64,
    n_seconds: i64,
    nearest: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct InfectionRow {
    no: i64,
    second: i64,
    infector: i64,
}

const PUT: &str = "-- runs::put_encounters
INSERT INTO run_encounter (run_id, lower, higher, slot, first_second, last_second, n_seconds, nearest) ";

const UNITE: &str = " ON CONFLICT (run_id, lower, higher, slot) DO UPDATE SET
    first_second = CASE WHEN excluded.first_second < run_encounter.first_second
                        THEN excluded.first_second ELSE run_encounter.first_second END,
    last_second = CASE WHEN excluded.last_second > run_encounter.last_second
                       THEN excluded.last_second ELSE run_encounter.last_second END,
    n_seconds = run_encounter.n_seconds + excluded.n_seconds,
    nearest = CASE WHEN run_encounter.nearest IS NULL OR excluded.nearest < run_encounter.nearest
                   THEN excluded.nearest ELSE run_encounter.nearest END";

const OF: Statement = Statement::both(
    "-- runs::encounters_of
SELECT lower, higher, slot, first_second, last_second, n_seconds, nearest FROM run_encounter
 WHERE run_id = $1 AND (lower, higher, slot) > ($2, $3, $4) ORDER BY lower, higher, slot LIMIT $5",
);

const OF_NODE: Statement = Statement::both(
    "-- runs::encounters_of_node
SELECT lower, higher, slot, first_second, last_second, n_seconds, nearest FROM run_encounter
 WHERE run_id = $1 AND lower = $2
UNION ALL
SELECT lower, higher, slot, first_second, last_second, n_seconds, nearest FROM run_encounter
 WHERE run_id = $1 AND higher = $2 ORDER BY 4, 1, 2 LIMIT $3",
);

const PUT_INFECTIONS: &str = "-- runs::put_infections
INSERT INTO run_infection (run_id, no, second, infector) ";

const INFECTIONS: Statement = Statement::both(
    "-- runs::infections_of
SELECT no, second, infector FROM run_infection WHERE run_id = $1 AND second <= $2 ORDER BY second, no",
);

impl From<EncounterRow> for Encounter {
    fn from(row: EncounterRow) -> Self {
        let n = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            lower: n(row.lower),
            higher: n(row.higher),
            slot: n(row.slot),
            first_second: n(row.first_second),
            last_second: n(row.last_second),
            n_heard: n(row.n_seconds),
            nearest_quarters: row.nearest.map(|nearest| u8::try_from(nearest).unwrap_or(u8::MAX)),
        }
    }
}

/// Stores encounters; those of a pair and slot that is there are united with it. Each pair and slot once.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if they can't be written.
pub async fn put_encounters(tx: &mut RunTx, run_id: RunId, encounters: &[Encounter]) -> Result<()> {
    insert_all!(
        tx,
        PUT,
        UNITE,
        encounters,
        |row| run_id.0,
        i64::from(row.lower),
        i64::from(row.higher),
        i64::from(row.slot),
        i64::from(row.first_second),
        i64::from(row.last_second),
        i64::from(row.n_heard),
        row.nearest_quarters.map(i64::from)
    )?;
    Ok(())
}

/// Lists encounters of a run by pair and slot, after one, at most `limit`.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn encounters_of(
    tx: &mut RunTx,
    run_id: RunId,
    after: Option<(u32, u32, u32)>,
    limit: i64,
) -> Result<Vec<Encounter>> {
    let (lower, higher, slot) = after.map_or((-1, -1, -1), |(a, b, c)| (i64::from(a), i64::from(b), i64::from(c)));
    let rows = all!(tx, EncounterRow, OF, run_id.0, lower, higher, slot, limit)?;
    Ok(rows.into_iter().map(Encounter::from).collect())
}

/// Lists encounters of one node, earliest first, at most `limit`.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn encounters_of_node(tx: &mut RunTx, run_id: RunId, no: u32, limit: i64) -> Result<Vec<Encounter>> {
    let rows = all!(tx, EncounterRow, OF_NODE, run_id.0, i64::from(no), limit)?;
    Ok(rows.into_iter().map(Encounter::from).collect())
}

/// Stores infections; one that is there stays as it is.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if they can't be written.
pub async fn put_infections(tx: &mut RunTx, run_id: RunId, infections: &[Infection]) -> Result<()> {
    let tail = " ON CONFLICT DO NOTHING";
    insert_all!(
        tx,
        PUT_INFECTIONS,
        tail,
        infections,
        |row| run_id.0,
        i64::from(row.no),
        i64::from(row.second),
        i64::from(row.infector)
    )?;
    Ok(())
}

/// Lists infections up to a second, earliest first.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn infections_of(tx: &mut RunTx, run_id: RunId, until: u32) -> Result<Vec<Infection>> {
    let n = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let infection = |row: InfectionRow| Infection { no: n(row.no), second: n(row.second), infector: n(row.infector) };
    Ok(all!(tx, InfectionRow, INFECTIONS, run_id.0, i64::from(until))?.into_iter().map(infection).collect())
}
