//! A guest's data under the data key of their venue and day.

use super::record::Sealed;
use crate::error::{Result, StorageError};
use crate::sealing::{DataKey, SealingError};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use domain::check_ins::{Guest, GuestAddress, ListOfDay};
use domain::ids::VisitId;
use domain::persons::Personal;
use zeroize::Zeroizing;

/// A guest's data as bytes, on the way to being sealed.
pub type Plain = Zeroizing<Vec<u8>>;

/// Bytes of a tag.
pub(crate) const TAG: usize = 16;

/// A data key that is ready for use.
pub struct VenueKey(LessSafeKey);

impl std::fmt::Debug for VenueKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VenueKey")
    }
}

impl VenueKey {
    /// Makes a data key ready.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`] if it isn't a key.
    pub fn new(key: &DataKey) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, &key[..]).map_err(|_| SealingError::NoKey)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals a guest in place. The same number must never be used twice under one key.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`] if the guest is longer than a key may seal.
    pub fn seal(&self, list: ListOfDay, visit_id: VisitId, number: u32, guest: &mut Vec<u8>) -> Result<()> {
        let place = Aad::from(place(list, visit_id));
        let sealed = self.0.seal_in_place_append_tag(nonce(number), place, guest);
        sealed.map_err(|_| StorageError::Sealing(SealingError::NoRandomness))
    }

    /// Opens a guest.
    pub(crate) fn open(&self, list: ListOfDay, sealed: &Sealed<'_>) -> Result<Guest> {
        let mut text = Zeroizing::new(sealed.guest.to_vec());
        let place = Aad::from(place(list, sealed.stay.visit_id));
        let opened = self.0.open_in_place(nonce(sealed.nonce), place, &mut text);
        guest_of(opened.map_err(|_| SealingError::DoesNotOpen)?)
    }
}

fn nonce(number: u32) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    bytes[NONCE_LEN - 4..].copy_from_slice(&number.to_be_bytes());
    Nonce::assume_unique_for_key(bytes)
}

fn place(list: ListOfDay, visit_id: VisitId) -> [u8; 36] {
    let mut place = [0; 36];
    place[..4].copy_from_slice(&list.of.authority_id.0.to_be_bytes());
    let days = domain::time::days_between(jiff::civil::Date::constant(1970, 1, 1), list.of.day);
    place[4..8].copy_from_slice(&days.to_be_bytes());
    place[8..16].copy_from_slice(&list.venue_id.bits().to_be_bytes());
    place[16..32].copy_from_slice(visit_id.0.as_bytes());
    place[32..].copy_from_slice(b"door");
    place
}

/// Returns a guest's data as bytes: each text with its length before it, a byte each; none has length 0.
#[must_use]
pub fn plain(guest: &Guest) -> Plain {
    let address = guest.address.as_ref();
    let texts = [
        Some(&guest.name),
        guest.phone.as_ref(),
        guest.email.as_ref(),
        address.map(|address| &address.street),
        address.map(|address| &address.house_number),
        address.map(|address| &address.postcode),
        address.map(|address| &address.city),
    ];
    let texts = texts.map(|text| text.map_or("", |text| text.expose()));
    let length = texts.iter().map(|text| text.len() + 1).sum::<usize>() + TAG;
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    for text in texts {
        let text = &text.as_bytes()[..text.len().min(255)];
        bytes.push(text.len() as u8);
        bytes.extend_from_slice(text);
    }
    bytes
}

fn guest_of(mut bytes: &[u8]) -> Result<Guest> {
    let unreadable = || StorageError::Unreadable("guest");
    let mut text = || -> Result<Option<Personal<String>>> {
        let (&length, rest) = bytes.split_first().ok_or_else(unreadable)?;
        let (text, rest) = rest.split_at_checked(length.into()).ok_or_else(unreadable)?;
        bytes = rest;
        let text = std::str::from_utf8(text).map_err(|_| unreadable())?;
        Ok((!text.is_empty()).then(|| Personal::new(text.to_owned())))
    };
    let name = text()?.ok_or_else(unreadable)?;
    let (phone, email) = (text()?, text()?);
    let [street, house_number, postcode, city] = [text()?, text()?, text()?, text()?];
    let empty = || Personal::new(String::new());
    let has_address = [&street, &house_number, &postcode, &city].into_iter().any(Option::is_some);
    let address = has_address.then(|| GuestAddress {
        street: street.unwrap_or_else(empty),
        house_number: house_number.unwrap_or_else(empty),
        postcode: postcode.unwrap_or_else(empty),
        city: city.unwrap_or_else(empty),
    });
    Ok(Guest { name, phone, email, address })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use domain::check_ins::{Marks, Stay, VenueDay};
    use domain::ids::{AuthorityId, VenueId};
    use jiff::Timestamp;

    fn text(text: &str) -> Personal<String> {
        Personal::new(text.to_owned())
    }

    fn guest(address: Option<GuestAddress>) -> Guest {
        Guest { name: text("Şükrü Ödön"), phone: Some(text("+49 621 12345")), email: None, address }
    }

    fn list(venue: u64) -> ListOfDay {
        let day = jiff::civil::date(2026, 11, 24);
        ListOfDay { of: VenueDay { authority_id: AuthorityId(3), day }, venue_id: VenueId::of_bits(venue) }
    }

    #[test]
    fn a_guest_opens_where_they_were_and_nowhere_else() {
        let address = GuestAddress {
            street: text("Gänseweg"),
            house_number: text("7b"),
            postcode: text("68161"),
            city: text("Mannheim"),
        };
        for guest in [guest(None), guest(Some(address))] {
            let key = VenueKey::new(&Zeroizing::new([7; 32])).unwrap();
            let visit_id = VisitId(uuid::Uuid::from_u128(5));
            let mut sealed = plain(&guest).to_vec();
            assert_eq!(sealed.capacity() - sealed.len(), 0);
            key.seal(list(1), visit_id, 9, &mut sealed).unwrap();
            let stay = Stay {
                visit_id,
                arrived_at: Timestamp::UNIX_EPOCH,
                leaves_at: Timestamp::UNIX_EPOCH,
                area_id: None,
                household: 0,
                marks: Marks::NONE,
            };
            let kept = Sealed { stay, receipt: [0; 32], nonce: 9, guest: &sealed };
            assert_eq!(key.open(list(1), &kept).unwrap(), guest);
            assert!(key.open(list(2), &kept).is_err(), "another venue");
            assert!(key.open(list(1), &Sealed { nonce: 8, ..kept.clone() }).is_err());
            let moved = Stay { visit_id: VisitId(uuid::Uuid::from_u128(6)), ..stay };
            assert!(key.open(list(1), &Sealed { stay: moved, ..kept }).is_err(), "another visit");
        }
    }
}
