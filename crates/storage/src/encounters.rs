//! Encounters at rest: one row from each side, in the order of person and time.
//!
//! "Who was with X in this window" reads X's rows from midnight (UTC) before the window to its end, and
//! nothing else: its cost is its answer. A spell never crosses that midnight, so none that overlaps the
//! window can begin earlier.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::store::{Inner, Tx};
use domain::encounters::{Spell, utc_midnight};
use domain::ids::PersonId;
use domain::time::Window;
use jiff::civil::Date;
use std::fmt::Write;
use uuid::Uuid;

/// A spell of two persons, from one side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Encounter {
    /// One of the two.
    pub person: PersonId,
    /// The other one.
    pub other: PersonId,
    /// When, and how near.
    pub spell: Spell,
}

#[derive(sqlx::FromRow)]
struct EncounterRow {
    person_id: Uuid,
    other_id: Uuid,
    started_at: At,
    ended_at: At,
    distance_m: Option<f32>,
}

impl TryFrom<EncounterRow> for Encounter {
    type Error = StorageError;
    fn try_from(row: EncounterRow) -> Result<Self> {
        let window =
            Window::new(row.started_at.0, row.ended_at.0).map_err(|_| StorageError::Unreadable("encounter"))?;
        Ok(Self {
            person: PersonId(row.person_id),
            other: PersonId(row.other_id),
            spell: Spell { window, distance_m: row.distance_m },
        })
    }
}

pub(crate) const OF_PERSONS: Statement = Statement::each(
    "-- encounters::of_persons
SELECT e.person_id, e.other_id, e.started_at, e.ended_at, e.distance_m FROM json_each($2) AS w CROSS JOIN encounter AS e
 WHERE e.authority_id = $1 AND e.person_id = unhex(w.value ->> 0)
   AND e.started_at >= w.value ->> 1 AND e.started_at < w.value ->> 2 AND e.ended_at > w.value ->> 3",
    "-- encounters::of_persons
SELECT e.person_id, e.other_id, e.started_at, e.ended_at, e.distance_m
  FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[]) AS w (person_id, low, high, since)
  JOIN encounter AS e ON e.authority_id = $1 AND e.person_id = w.person_id
   AND e.started_at >= w.low AND e.started_at < w.high AND e.ended_at > w.since",
);

const INSERT: &str = "-- encounters::insert
INSERT INTO encounter (authority_id, person_id, started_at, other_id, ended_at, distance_m, stored_on) ";

const INSERT_ARRAYS: &str = "-- encounters::insert_arrays
INSERT INTO encounter (authority_id, person_id, started_at, other_id, ended_at, distance_m, stored_on)
SELECT $1, person_id, started_at, other_id, ended_at, distance_m, $7
  FROM unnest($2::uuid[], $3::timestamptz[], $4::uuid[], $5::timestamptz[], $6::real[])
    AS e (person_id, started_at, other_id, ended_at, distance_m)";

const DELETE: Statement = Statement::each(
    "-- encounters::delete
DELETE FROM encounter WHERE authority_id = $1 AND (person_id, started_at, other_id) IN
  (SELECT unhex(value ->> 0), value ->> 1, unhex(value ->> 2) FROM json_each($2))",
    "-- encounters::delete
DELETE FROM encounter AS e USING unnest($2::uuid[], $3::timestamptz[], $4::uuid[]) AS d (person_id, started_at, other_id)
 WHERE e.authority_id = $1 AND e.person_id = d.person_id AND e.started_at = d.started_at AND e.other_id = d.other_id",
);

/// Rows in one statement; bounds memory and the size of a statement.
const CHUNK: usize = 20_000;

/// The earliest instant that both databases can hold; earlier ones ask from there.
const EARLIEST_US: i64 = -62_135_596_800_000_000;

fn micros(at: jiff::Timestamp) -> i64 {
    at.as_microsecond().max(EARLIEST_US)
}

fn earliest(at: jiff::Timestamp) -> At {
    At(jiff::Timestamp::from_microsecond(micros(at)).unwrap_or(at))
}

/// Lists the encounters of persons that overlap a window; each person has windows of their own.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_persons(tx: &mut Tx, seekers: &[(PersonId, Window)]) -> Result<Vec<Encounter>> {
    let authority_id = tx.authority().0;
    let mut found = Vec::new();
    for chunk in seekers.chunks(CHUNK) {
        let low = |window: &Window| utc_midnight(window.from());
        let rows = match &mut tx.inner {
            Inner::Sqlite(conn) => {
                let mut json = String::from("[");
                for (person, window) in chunk {
                    let comma = if json.len() > 1 { "," } else { "" };
                    let (low, high, since) = (micros(low(window)), micros(window.until()), micros(window.from()));
                    // A String never fails to be written to.
                    let _ = write!(json, "{comma}[\"{}\",{low},{high},{since}]", person.0.simple());
                }
                json.push(']');
                sqlx::query_as::<_, EncounterRow>(OF_PERSONS.sqlite)
                    .bind(authority_id)
                    .bind(json)
                    .fetch_all(&mut **conn)
                    .await
            }
            Inner::Postgres(conn) => {
                let ids: Vec<Uuid> = chunk.iter().map(|(person, _)| person.0).collect();
                let lows: Vec<At> = chunk.iter().map(|(_, window)| earliest(low(window))).collect();
                let highs: Vec<At> = chunk.iter().map(|(_, window)| earliest(window.until())).collect();
                let since: Vec<At> = chunk.iter().map(|(_, window)| earliest(window.from())).collect();
                sqlx::query_as::<_, EncounterRow>(OF_PERSONS.postgres)
                    .bind(authority_id)
                    .bind(ids)
                    .bind(lows)
                    .bind(highs)
                    .bind(since)
                    .fetch_all(&mut **conn)
                    .await
            }
        };
        for row in rows.map_err(StorageError::from)? {
            found.push(Encounter::try_from(row)?);
        }
    }
    Ok(found)
}

/// Both sides of a spell, in the order of the table.
fn both_sides(encounters: &[Encounter]) -> Vec<Encounter> {
    let mirrored = encounters.iter().map(|e| Encounter { person: e.other, other: e.person, ..*e });
    let mut rows: Vec<Encounter> = encounters.iter().copied().chain(mirrored).collect();
    rows.sort_unstable_by_key(|e| (e.person, e.spell.window.from(), e.other));
    rows
}

/// Stores spells, from both sides. None of them may be there already.
///
/// # Errors
///
/// [`StorageError`] if one is, or the database can't be written.
pub async fn insert(tx: &mut Tx, encounters: &[Encounter], stored_on: Date) -> Result<()> {
    let rows = both_sides(encounters);
    let authority_id = tx.authority().0;
    if let Inner::Postgres(conn) = &mut tx.inner {
        for chunk in rows.chunks(CHUNK) {
            sqlx::query(INSERT_ARRAYS)
                .bind(authority_id)
                .bind(chunk.iter().map(|e| e.person.0).collect::<Vec<_>>())
                .bind(chunk.iter().map(|e| At(e.spell.window.from())).collect::<Vec<_>>())
                .bind(chunk.iter().map(|e| e.other.0).collect::<Vec<_>>())
                .bind(chunk.iter().map(|e| At(e.spell.window.until())).collect::<Vec<_>>())
                .bind(chunk.iter().map(|e| e.spell.distance_m).collect::<Vec<_>>())
                .bind(Day(stored_on))
                .execute(&mut **conn)
                .await?;
        }
        return Ok(());
    }
    insert_all!(
        tx,
        INSERT,
        "",
        rows,
        |e| authority_id,
        e.person.0,
        At(e.spell.window.from()),
        e.other.0,
        At(e.spell.window.until()),
        e.spell.distance_m,
        Day(stored_on)
    )?;
    Ok(())
}

/// Deletes spells, from both sides.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if one isn't there.
pub async fn delete(tx: &mut Tx, encounters: &[Encounter]) -> Result<()> {
    let rows = both_sides(encounters);
    let authority_id = tx.authority().0;
    let mut touched = 0;
    for chunk in rows.chunks(CHUNK) {
        touched += match &mut tx.inner {
            Inner::Sqlite(conn) => {
                let key = |e: &Encounter| {
                    let from = e.spell.window.from().as_microsecond();
                    format!("[\"{}\",{from},\"{}\"]", e.person.0.simple(), e.other.0.simple())
                };
                let json = format!("[{}]", chunk.iter().map(key).collect::<Vec<_>>().join(","));
                sqlx::query(DELETE.sqlite).bind(authority_id).bind(json).execute(&mut **conn).await?.rows_affected()
            }
            Inner::Postgres(conn) => {
                let query = sqlx::query(DELETE.postgres).bind(authority_id);
                let query = query.bind(chunk.iter().map(|e| e.person.0).collect::<Vec<_>>());
                let query = query.bind(chunk.iter().map(|e| At(e.spell.window.from())).collect::<Vec<_>>());
                let query = query.bind(chunk.iter().map(|e| e.other.0).collect::<Vec<_>>());
                query.execute(&mut **conn).await?.rows_affected()
            }
        };
    }
    let expected = rows.len() as u64;
    if touched == expected {
        Ok(())
    } else {
        Err(StorageError::WrongCount { statement: "encounters::delete", touched, expected })
    }
}
