//! Views of the list of cases that staff keep under a name. The name is sealed: people write what they like into it. What
//! the view asks for stands in clear, as it does in the address: clear columns and ids only.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, ViewId};
use domain::persons::Personal;
use jiff::Timestamp;
use uuid::Uuid;

/// A view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedView {
    /// Its id.
    pub view_id: ViewId,
    /// Who saved it.
    pub account_id: AccountId,
    /// User name of who saved it; not read when it is stored.
    pub account: String,
    /// Whether everybody of the authority sees it.
    pub is_shared: bool,
    /// What it is called; `None` where names are locked.
    pub name: Option<Personal<String>>,
    /// What it asks for, as the query of an address.
    pub query: String,
    /// When it was saved.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ViewRow {
    view_id: Uuid,
    account_id: Uuid,
    account: Option<String>,
    is_shared: i32,
    name: Vec<u8>,
    query: String,
    created_at: At,
}

const INSERT: Statement = Statement::both(
    "-- saved_views::insert
INSERT INTO saved_view (authority_id, view_id, account_id, is_shared, name, query, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
);

const SEEN_BY: Statement = Statement::both(
    "-- saved_views::seen_by
SELECT v.view_id, v.account_id, a.name AS account, v.is_shared, v.name, v.query, v.created_at
  FROM saved_view AS v LEFT JOIN account AS a ON a.account_id = v.account_id
 WHERE v.authority_id = $1 AND (v.account_id = $2 OR v.is_shared = 1) ORDER BY v.view_id",
);

const DELETE: Statement = Statement::both(
    "-- saved_views::delete
DELETE FROM saved_view WHERE authority_id = $1 AND view_id = $2",
);

const EXPIRED: Statement = Statement::both(
    "-- saved_views::expired
DELETE FROM saved_view WHERE authority_id = $1 AND created_at < $2",
);

fn place(view_id: Uuid) -> CellPlace {
    CellPlace { table: "saved_view", column: "name", row: view_id }
}

/// Stores a view. Returns whether it is new: the same id again changes nothing.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, view: &SavedView) -> Result<bool> {
    let name = view.name.as_ref().map_or("", |name| name.expose().as_str());
    let name = sealer.seal(place(view.view_id.0), name)?.0;
    let inserted = run!(
        tx,
        INSERT,
        mine,
        view.view_id.0,
        view.account_id.0,
        i32::from(view.is_shared),
        name,
        view.query.as_str(),
        At(view.created_at),
    )?;
    Ok(inserted == 1)
}

/// Lists an account's own views and the shared ones, oldest first. Without a sealer names stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`](crate::StorageError::Sealing) if a name doesn't open.
pub async fn seen_by(tx: &mut Tx, sealer: Option<&Sealer>, account: AccountId) -> Result<Vec<SavedView>> {
    let open = |row: ViewRow| {
        let name = sealer.map(|sealer| sealer.open(place(row.view_id), &row.name)).transpose()?;
        Ok(SavedView {
            view_id: ViewId(row.view_id),
            account_id: AccountId(row.account_id),
            account: row.account.unwrap_or_default(),
            is_shared: row.is_shared != 0,
            name: name.map(Personal::new),
            query: row.query,
            created_at: row.created_at.0,
        })
    };
    all!(tx, ViewRow, SEEN_BY, mine, account.0)?.into_iter().map(open).collect()
}

/// Deletes a view; `false` if there is none with this id.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn delete(tx: &mut Tx, view_id: ViewId) -> Result<bool> {
    Ok(run!(tx, DELETE, mine, view_id.0)? == 1)
}

/// Deletes views that were saved before an instant. Returns how many.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, EXPIRED, mine, At(before))
}
