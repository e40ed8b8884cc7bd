//! Mailed links that are valid once: they confirm a registration, or let somebody work in a venue.

use super::venue_id as parse_venue_id;
use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, VenueId, VenueLinkId};
use domain::languages::Language;
use domain::persons::Personal;
use domain::venues::VenueRole;
use jiff::Timestamp;
use uuid::Uuid;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It confirms the e-mail address of whoever registers a venue.
    Register,
    /// It lets whoever has the e-mail address work in a venue.
    Invite {
        /// Where.
        venue_id: VenueId,
        /// As what.
        role: VenueRole,
        /// Who invited.
        by: AccountId,
    },
}

/// A link that was mailed and not used yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub link_id: VenueLinkId,
    /// What it is for.
    pub purpose: Purpose,
    /// What was typed, as JSON; opaque here.
    pub told: Personal<String>,
    /// In which language it was mailed.
    pub language: Language,
    /// Until when it works.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    link_id: Uuid,
    venue_id: Option<String>,
    role: Option<String>,
    told: Vec<u8>,
    language: String,
    account_id: Option<Uuid>,
    expires_at: At,
}

const INSERT: Statement = Statement::both(
    "-- venues::insert_link
INSERT INTO venue_link (authority_id, link_id, token_hash, venue_id, role, told, language, account_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
);

const FIND: Statement = Statement::both(
    "-- venues::find_link
SELECT link_id, venue_id, role, told, language, account_id, expires_at FROM venue_link
 WHERE authority_id = $1 AND token_hash = $2 AND expires_at > $3",
);

const INVITATIONS: Statement = Statement::both(
    "-- venues::invitations
SELECT link_id, venue_id, role, told, language, account_id, expires_at FROM venue_link
 WHERE authority_id = $1 AND venue_id = $2 AND expires_at > $3 ORDER BY link_id",
);

const TAKE: Statement = Statement::both(
    "-- venues::take_link
DELETE FROM venue_link WHERE authority_id = $1 AND link_id = $2",
);

const DELETE: Statement = Statement::both(
    "-- venues::delete_link
DELETE FROM venue_link WHERE authority_id = $1 AND link_id = $2 AND venue_id = $3",
);

const END_EXPIRED: Statement = Statement::both(
    "-- venues::end_expired_links
DELETE FROM venue_link WHERE authority_id = $1 AND created_at < $2",
);

fn place(link_id: VenueLinkId) -> CellPlace {
    CellPlace { table: "venue_link", column: "told", row: link_id.0 }
}

fn open(sealer: &Sealer, row: LinkRow) -> Result<Link> {
    let link_id = VenueLinkId(row.link_id);
    let purpose = match (row.venue_id, row.role, row.account_id) {
        (None, None, None) => Purpose::Register,
        (Some(venue_id), Some(role), Some(by)) => Purpose::Invite {
            venue_id: parse_venue_id(&venue_id)?,
            role: VenueRole::find(&role).ok_or(StorageError::Unreadable("role in a venue"))?,
            by: AccountId(by),
        },
        _ => return Err(StorageError::Unreadable("link of a venue")),
    };
    Ok(Link {
        link_id,
        purpose,
        told: Personal::new(sealer.open(place(link_id), &row.told)?),
        language: Language::find(&row.language).ok_or(StorageError::Unreadable("language"))?,
        expires_at: row.expires_at.0,
    })
}

/// Stores a link by the hash of its secret.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert_link(tx: &mut Tx, sealer: &Sealer, link: &Link, token_hash: &str, now: Timestamp) -> Result<()> {
    let told = sealer.seal(place(link.link_id), link.told.expose())?.0;
    let (venue_id, role, by) = match link.purpose {
        Purpose::Register => (None, None, None),
        Purpose::Invite { venue_id, role, by } => (Some(venue_id.to_string()), Some(role.as_str()), Some(by.0)),
    };
    let (id, language) = (link.link_id.0, link.language.as_str());
    run!(tx, INSERT, mine, id, token_hash, venue_id, role, told, language, by, At(now), At(link.expires_at))?;
    Ok(())
}

/// Finds a link that still works, by the hash of its secret.
///
/// # Errors
///
/// [`StorageError::Sealing`] if its cell doesn't open.
pub async fn find_link(tx: &mut Tx, sealer: &Sealer, token_hash: &str, now: Timestamp) -> Result<Option<Link>> {
    let row = optional!(tx, LinkRow, FIND, mine, token_hash, At(now))?;
    row.map(|row| open(sealer, row)).transpose()
}

/// Lists who is invited to a venue and hasn't come yet, in the order of their invitation.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a cell doesn't open.
pub async fn invitations(tx: &mut Tx, sealer: &Sealer, venue_id: VenueId, now: Timestamp) -> Result<Vec<Link>> {
    let rows = all!(tx, LinkRow, INVITATIONS, mine, venue_id.to_string(), At(now))?;
    rows.into_iter().map(|row| open(sealer, row)).collect()
}

/// Uses up a link; `false` if another request came first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn take_link(tx: &mut Tx, link_id: VenueLinkId) -> Result<bool> {
    Ok(run!(tx, TAKE, mine, link_id.0)? == 1)
}

/// Takes an invitation to a venue back; `false` if there is none.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn delete_link(tx: &mut Tx, venue_id: VenueId, link_id: VenueLinkId) -> Result<bool> {
    Ok(run!(tx, DELETE, mine, link_id.0, venue_id.to_string())? == 1)
}

/// Deletes links that were made before an instant.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_expired(tx: &mut Tx, made_before: Timestamp) -> Result<u64> {
    run!(tx, END_EXPIRED, mine, At(made_before))
}
