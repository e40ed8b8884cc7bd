//! Who is who: one type for each kind of thing that has an identity.
//!
//! Identifiers are UUIDs of version 7, minted by whoever creates the row, so that a retry is the same
//! row. They are made from an instant and random bytes that the caller passes in.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Number of an authority, the tenant of all case work: small, unique in a country, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorityId(pub i32);

/// Makes a UUID of version 7 from an instant and ten random bytes.
///
/// Instants before 1970 count as 1970. Two ids of one millisecond sort by their random bytes.
#[must_use]
pub fn mint(at: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes a new id from an instant and ten random bytes.
            #[must_use]
            pub fn mint(at: Timestamp, random: [u8; 10]) -> Self {
                Self(mint(at, random))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

ids! {
    /// A human being known to one authority. Not a case: a person has none, one or several.
    PersonId,
    /// One infection, or suspected infection, of one person with one disease.
    CaseId,
    /// A known infector and whom they infected.
    LinkId,
    /// A contact that a case, or the authority, declared.
    ContactId,
    /// A stay of a person at a facility.
    VisitId,
    /// A hospital, school, restaurant: a place that more than one person goes to.
    FacilityId,
    /// Somebody, or something, that may act here.
    AccountId,
    /// One entry of the audit log.
    AuditId,
    /// One change of one field.
    HistoryId,
    /// A file that somebody brought in.
    ImportId,
    /// A file that leaves.
    ExportId,
    /// Work that goes on after the answer.
    JobId,
    /// One thing done to many cases.
    BulkId,
    /// Somebody's stay, from sign-in to sign-out.
    SessionId,
    /// A key of a program.
    TokenId,
    /// Something of a case that must be looked at.
    ItemId,
    /// A telephone call.
    CallId,
    /// A note that somebody wrote to a case.
    CommentId,
    /// What a laboratory found in a sample.
    ResultId,
    /// A merge of two persons.
    MergeId,
    /// What somebody wrote into a diary for half a day.
    EntryId,
    /// A mail or a letter.
    MessageId,
    /// What somebody decided on a quarantine.
    DecisionId,
    /// A patient's account.
    PatientId,
    /// An activation code.
    CodeId,
    /// An enrolment of a case by a patient's account.
    EnrolmentId,
    /// A hand-over of a case from one authority to another; the same on both sides.
    HandOverId,
    /// A link that was mailed to who registers a venue, or is invited to one.
    VenueLinkId,
    /// A guest list that somebody opened.
    OpeningId,
    /// A stay of a case at a venue, as the authority knows it.
    StayId,
    /// A code by which a guest shows their stays to the case worker.
    ShareId,
    /// A request for the guest list of a venue.
    RequestId,
    /// A party, a class, a concert whose visitors are handed in afterwards.
    OccasionId,
    /// Somebody who was at an occasion; whoever hands them in makes the id.
    VisitorId,
    /// Contact cases that are made of visitors in one step.
    StepId,
    /// A view of the list of cases that somebody saved.
    ViewId,
    /// A run of the simulator: nodes that move, hear each other and report.
    RunId,
    /// A node of a run; it makes its own id.
    NodeId,
    /// Something that leaves in the transaction of the change that it tells of.
    OutboxId,
}

/// Characters of short ids: Crockford's base 32, in which no two look alike.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a short id.
const SHORT_ID: usize = 10;

/// A text that is no short id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 10 letters and digits, without I, L, O and U")]
pub struct NotAShortId;

fn short_id_of(text: &str) -> Result<u64, NotAShortId> {
    if text.len() != SHORT_ID {
        return Err(NotAShortId);
    }
    text.bytes().try_fold(0, |bits, letter| {
        let letter = match letter.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        };
        let digit = ALPHABET.iter().position(|&known| known == letter).ok_or(NotAShortId)?;
        Ok(bits << 5 | digit as u64)
    })
}

/// Returns the last 20 bits of an id as four characters, for people to say to each other.
pub(crate) fn spoken(bits: u128) -> String {
    (0..4).rev().map(|at| ALPHABET[(bits >> (5 * at) & 31) as usize] as char).collect()
}

macro_rules! short_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// Makes a new id from ten random bytes.
            #[must_use]
            pub fn mint(random: [u8; 10]) -> Self {
                let [.., a, b, c, d, e, f, g, h] = random;
                Self::of_bits(u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            }

            /// Returns its 50 bits.
            #[must_use]
            pub fn bits(self) -> u64 {
                self.0
            }

            /// Returns the id of these 50 bits; what lies above them is passed over.
            #[must_use]
            pub fn of_bits(bits: u64) -> Self {
                Self(bits & ((1 << (5 * SHORT_ID)) - 1))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let digit = |at: usize| ALPHABET[(self.0 >> (5 * (SHORT_ID - 1 - at)) & 31) as usize] as char;
                f.write_str(&(0..SHORT_ID).map(digit).collect::<String>())
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAShortId;
            fn from_str(text: &str) -> Result<Self, NotAShortId> {
                short_id_of(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an id of 10 letters and digits")
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    )*};
}

short_ids! {
    /// A café, cinema, gym: a place that keeps a list of its guests. Short, because it stands on posters.
    VenueId,
    /// A room, a terrace, a table of a venue.
    AreaId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_ids_are_read_as_they_are_written_and_as_people_mistype_them() {
        let id = VenueId::mint([0, 0, 255, 254, 253, 1, 2, 3, 4, 5]);
        assert_eq!(id.to_string().len(), 10);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.to_string().to_lowercase().parse(), Ok(id));
        assert_eq!(VenueId::of_bits(id.bits()), id);
        assert_eq!("oOiIlL0123".parse::<AreaId>(), "0011110123".parse());
        for wrong in ["", "123456789", "12345678901", "123456789U", "12345 7890", "1234567ä9"] {
            assert_eq!(wrong.parse::<VenueId>(), Err(NotAShortId), "{wrong}");
        }
        let json = serde_json::to_string(&id);
        assert!(json.is_ok_and(|json| json == format!("\"{id}\"")));
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let at = |s| Timestamp::from_second(s).unwrap_or(Timestamp::UNIX_EPOCH);
        assert!(PersonId::mint(at(1_000), [255; 10]) < PersonId::mint(at(1_001), [0; 10]));
        assert_eq!(mint(at(5), [7; 10]).get_version_num(), 7);
    }
}
