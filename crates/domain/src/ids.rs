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
    /// A view of the list of cases that somebody saved.
    ViewId,
    /// Something that leaves in the transaction of the change that it tells of.
    OutboxId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        let at = |s| Timestamp::from_second(s).unwrap_or(Timestamp::UNIX_EPOCH);
        assert!(PersonId::mint(at(1_000), [255; 10]) < PersonId::mint(at(1_001), [0; 10]));
        assert_eq!(mint(at(5), [7; 10]).get_version_num(), 7);
    }
}
