//! Contacts as people declare them: with whom, what kind, on which days.

use crate::authorities::words;
use crate::ids::{ContactId, PersonId};
use crate::time::DayRange;

/// How two people met, as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ContactKind {
    /// Living in one household.
    Household,
    /// At least 15 minutes face to face.
    FaceToFace,
    /// In the same room.
    SameRoom,
    /// Nursing or medical care.
    Care,
    /// In the same vehicle.
    Transport,
    /// Anything else.
    Other,
}
words!(ContactKind {
    Household = "household",
    FaceToFace = "face_to_face",
    SameRoom = "same_room",
    Care = "care",
    Transport = "transport",
    Other = "other",
});

/// A declared contact between two persons. Symmetric: either may have infected the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub contact_id: ContactId,
    /// Who declared it, or of whom it was declared.
    pub declared_by: PersonId,
    /// Whom they met.
    pub met: PersonId,
    /// How.
    pub kind: ContactKind,
    /// On which days; in between they may have met or not.
    pub days: DayRange,
}
