//! Public halves of the keys of authorities: what others verify with, and seal to. The other halves are in the keyring.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::PublicHalves;
use crate::store::Tx;
use domain::ids::AuthorityId;
use jiff::Timestamp;

/// Public halves, and for how long they are the newest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownHalves {
    /// The halves.
    pub halves: PublicHalves,
    /// When they were made known.
    pub valid_from: Timestamp,
    /// Since when others take their place; what was signed before still verifies.
    pub valid_until: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    key_no: i32,
    signing_half: Vec<u8>,
    sealing_half: Vec<u8>,
    valid_from: At,
    valid_until: Option<At>,
}

impl TryFrom<KeyRow> for KnownHalves {
    type Error = StorageError;
    fn try_from(row: KeyRow) -> Result<Self> {
        let unreadable = || StorageError::Unreadable("public half of a key");
        let half = |bytes: Vec<u8>| bytes.try_into().map_err(|_| unreadable());
        let halves = PublicHalves {
            number: u32::try_from(row.key_no).map_err(|_| unreadable())?,
            signing: half(row.signing_half)?,
            sealing: half(row.sealing_half)?,
        };
        Ok(Self { halves, valid_from: row.valid_from.0, valid_until: row.valid_until.map(|at| at.0) })
    }
}

const LIST: Statement = Statement::both(
    "-- authority_keys::list
SELECT key_no, signing_half, sealing_half, valid_from, valid_until FROM authority_key WHERE authority_id = $1 ORDER BY key_no",
);

const INSERT: Statement = Statement::both(
    "-- authority_keys::insert
INSERT INTO authority_key (authority_id, key_no, signing_half, sealing_half, valid_from) VALUES ($1, $2, $3, $4, $5)
 ON CONFLICT DO NOTHING",
);

const END_OLDER: Statement = Statement::both(
    "-- authority_keys::end_older
UPDATE authority_key SET valid_until = $3 WHERE authority_id = $1 AND key_no < $2 AND valid_until IS NULL",
);

/// Lists the halves of an authority that were ever made known, oldest first; those of any authority, as letters come from any.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn list(tx: &mut Tx, of: AuthorityId) -> Result<Vec<KnownHalves>> {
    all!(tx, KeyRow, LIST, of.0)?.into_iter().map(KnownHalves::try_from).collect()
}

/// Makes halves known, in the place of those before. Twice is once.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn make_known(tx: &mut Tx, of: AuthorityId, halves: &PublicHalves, now: Timestamp) -> Result<()> {
    let number = i32::try_from(halves.number).map_err(|_| StorageError::Unreadable("number of a key"))?;
    let (signing, sealing) = (&halves.signing[..], &halves.sealing[..]);
    run!(tx, INSERT, of.0, number, signing, sealing, At(now))?;
    run!(tx, END_OLDER, of.0, number, At(now))?;
    Ok(())
}
