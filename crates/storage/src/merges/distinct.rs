//! Two who look alike and were found not to be the same person, so that they aren't proposed again.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::store::Tx;
use domain::ids::{AccountId, PersonId};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct PairRow {
    person_id: Uuid,
    other_id: Uuid,
    account_id: Uuid,
    said_at: At,
}

const INSERT: Statement = Statement::both(
    "-- merges::mark_distinct
INSERT INTO distinct_person (authority_id, person_id, other_id, account_id, said_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING",
);

const DELETE: Statement = Statement::both(
    "-- merges::unmark_distinct
DELETE FROM distinct_person WHERE authority_id = $1 AND person_id = $2 AND other_id = $3",
);

pub(crate) const OF_PERSON: Statement = Statement::both(
    "-- merges::distinct_from
SELECT person_id, other_id, account_id, said_at FROM distinct_person WHERE authority_id = $1 AND person_id = $2
 UNION
SELECT person_id, other_id, account_id, said_at FROM distinct_person WHERE authority_id = $1 AND other_id = $2",
);

/// The smaller id first, so that a pair is one row.
fn pair(one: Uuid, other: Uuid) -> (Uuid, Uuid) {
    (one.min(other), one.max(other))
}

/// Remembers that two are not the same. Saying it again changes nothing.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn mark_distinct(
    tx: &mut Tx,
    (one, other): (PersonId, PersonId),
    account_id: AccountId,
    now: Timestamp,
) -> Result<()> {
    let (one, other) = pair(one.0, other.0);
    run!(tx, INSERT, mine, one, other, account_id.0, At(now))?;
    Ok(())
}

/// Forgets that two are not the same. Returns whether it was remembered.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn unmark_distinct(tx: &mut Tx, (one, other): (PersonId, PersonId)) -> Result<bool> {
    let (one, other) = pair(one.0, other.0);
    Ok(run!(tx, DELETE, mine, one, other)? == 1)
}

async fn of_person(tx: &mut Tx, person: Uuid) -> Result<Vec<PairRow>> {
    all!(tx, PairRow, OF_PERSON, mine, person)
}

/// Lists who was found not to be this person.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn distinct_from(tx: &mut Tx, person: PersonId) -> Result<BTreeSet<PersonId>> {
    let other = |row: PairRow| PersonId(if row.person_id == person.0 { row.other_id } else { row.person_id });
    Ok(of_person(tx, person.0).await?.into_iter().map(other).collect())
}

/// What was said of the one who goes holds for the one who stays; what was said of the two is taken back.
pub(super) async fn merge(tx: &mut Tx, from: Uuid, to: Uuid) -> Result<()> {
    for row in of_person(tx, from).await? {
        run!(tx, DELETE, mine, row.person_id, row.other_id)?;
        let other = if row.person_id == from { row.other_id } else { row.person_id };
        if other != to {
            let (one, other) = pair(to, other);
            run!(tx, INSERT, mine, one, other, row.account_id, row.said_at)?;
        }
    }
    Ok(())
}
