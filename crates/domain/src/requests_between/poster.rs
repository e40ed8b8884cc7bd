//! The address on a poster, as somebody types or pastes it: it says whose venue it is, and which.

use crate::authorities::ShortCode;
use crate::ids::{AreaId, VenueId};

/// What a poster's address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    /// The authority in whose area the venue is.
    pub authority: ShortCode,
    /// The venue.
    pub venue_id: VenueId,
    /// The area, if the poster hangs in one.
    pub area_id: Option<AreaId>,
}

/// Finds a poster's address in a text: `https://HOST/g/MA/7K3M9QX2AB/…`, or just `MA/7K3M9QX2AB`.
#[must_use]
pub fn poster_in(text: &str) -> Option<Poster> {
    text.split_whitespace().find_map(|word| {
        let path = word.split(['#', '?']).next()?;
        let parts: Vec<&str> = path.split('/').collect();
        let at = parts.windows(2).position(|pair| read(pair).is_some())?;
        let (authority, venue_id) = read(&parts[at..at + 2])?;
        let area_id = parts.get(at + 2).and_then(|area| area.parse().ok());
        Some(Poster { authority, venue_id, area_id })
    })
}

fn read(pair: &[&str]) -> Option<(ShortCode, VenueId)> {
    match pair {
        [code, venue] => Some((ShortCode::new(code).ok()?, venue.parse().ok()?)),
        _ => None,
    }
}
