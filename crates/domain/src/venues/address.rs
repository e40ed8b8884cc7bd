//! The address behind a QR code.
//!
//! Names stand in the fragment, which no browser sends: the page can greet at a venue that it never saw, without signal.

use crate::authorities::ShortCode;
use crate::ids::{AreaId, VenueId};

/// Returns the address at which guests check in: of an area, or of the whole venue.
///
/// `public_url` is where the platform is reached, with or without a slash at its end. Whatever is no letter, digit, `-`,
/// `.`, `_` or `~` is written as bytes, so that no scanner and no messenger reads a name in another way.
#[must_use]
pub fn guest_address(
    public_url: &str,
    authority: &ShortCode,
    venue: (VenueId, &str),
    area: Option<(AreaId, &str)>,
) -> String {
    let base = public_url.trim_end_matches('/');
    let code = authority.as_str().to_ascii_uppercase();
    let (venue_id, name) = (venue.0, escaped(venue.1));
    match area {
        None => format!("{base}/g/{code}/{venue_id}#name={name}"),
        Some((area_id, area)) => format!("{base}/g/{code}/{venue_id}/{area_id}#name={name}&area={}", escaped(area)),
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            other => escaped.push_str(&format!("%{other:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_stand_in_the_fragment_as_bytes() {
        let code = ShortCode::new("ma").unwrap();
        let (venue, area) = ("7K3M9QX2AB".parse().unwrap(), "0000000001".parse().unwrap());
        let whole = guest_address("https://epi.example/", &code, (venue, "Café A&B #1"), None);
        assert_eq!(whole, "https://epi.example/g/MA/7K3M9QX2AB#name=Caf%C3%A9%20A%26B%20%231");
        let part = guest_address("https://epi.example", &code, (venue, "Rosa"), Some((area, "Süd=1")));
        assert_eq!(part, "https://epi.example/g/MA/7K3M9QX2AB/0000000001#name=Rosa&area=S%C3%BCd%3D1");
    }
}
