//! Cursors: where a page ended, sealed, because it may hold the name at which a list stopped. Only the account that got
//! one can use it, and only for the list that it came from.

use crate::problem::Problem;
use app::{App, Worker};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Seals where a page ended. `list` names the list.
pub fn seal<T: Serialize>(
    app: &App,
    worker: &Worker,
    list: &'static str,
    at: Option<&T>,
) -> Result<Option<String>, Problem> {
    at.map(|at| Ok(app.seal_cursor(worker, list, at)?)).transpose()
}

/// Opens a cursor.
pub fn open<T: DeserializeOwned>(
    app: &App,
    worker: &Worker,
    list: &'static str,
    cursor: Option<&str>,
) -> Result<Option<T>, Problem> {
    let unusable = |_| Problem::field("cursor", "this cursor belongs to another list or another account; begin anew");
    cursor.map(|cursor| app.open_cursor(worker, list, cursor).map_err(unusable)).transpose()
}
