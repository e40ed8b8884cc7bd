//! Guest lists that are asked for through another authority: the journal of each side, and the venues of which others told.

mod elsewhere;
mod from_other;
mod venues;

pub use elsewhere::{RequestElsewhere, find_elsewhere, insert_elsewhere, move_elsewhere, of_case};
pub use from_other::{
    RequestFromOther, end_expired, find_from_other, insert_from_other, move_from_other, newest_from_others,
    open_from_others, to_venue,
};
pub(crate) use venues::OF_FACILITIES;
pub use venues::{VenueElsewhere, areas_by_facility, find_venue, put_venue};

use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use domain::persons::Personal;
use uuid::Uuid;

/// What is told of a venue, and why there is no list: sealed words of either journal.
fn seal(sealer: &Sealer, place: CellPlace, text: Option<&Personal<String>>) -> Result<Option<Vec<u8>>> {
    Ok(text.map(|text| sealer.seal(place, text.expose())).transpose()?.map(|cell| cell.0))
}

fn open(sealer: Option<&Sealer>, place: CellPlace, cell: Option<&Vec<u8>>) -> Result<Option<Personal<String>>> {
    match (sealer, cell) {
        (Some(sealer), Some(cell)) => Ok(Some(Personal::new(sealer.open(place, cell)?))),
        _ => Ok(None),
    }
}

fn cell(table: &'static str, column: &'static str, row: Uuid) -> CellPlace {
    CellPlace { table, column, row }
}

fn venue(text: Option<&String>) -> Result<Option<domain::ids::VenueId>> {
    text.map(|text| crate::venues::venue_id(text)).transpose()
}

fn window(from: crate::dialect::At, until: crate::dialect::At) -> Result<domain::time::Window> {
    domain::time::Window::new(from.0, until.0).map_err(|_| StorageError::Unreadable("time of a request"))
}
