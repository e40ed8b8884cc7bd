//! Contacts as people declare them: with whom, what kind, on which days.

use crate::authorities::words;
use crate::cases::ContactTraits;
use crate::ids::{ContactId, PersonId};
use crate::time::DayRange;
use serde::{Deserialize, Serialize};

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

/// What was said of a contact, as it was said. It stays with whoever said it, also when the contact turns out to be
/// somebody who was known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Given names.
    pub first_name: Option<String>,
    /// Family names.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Mobile telephone.
    pub mobile: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Address, in one line.
    pub address: Option<String>,
    /// What tells who it is where names are not known: "the woman at the till".
    pub hint: Option<String>,
    /// Anything else.
    pub remark: Option<String>,
    /// Works in health care; `None` where nobody knows.
    pub is_health_staff: Option<bool>,
    /// Of an age at which the disease is grave.
    pub is_senior: Option<bool>,
    /// Has a pre-existing condition.
    pub has_condition: Option<bool>,
}

impl Said {
    /// Says whether somebody could reach or find the contact with it.
    #[must_use]
    pub fn leads_to_somebody(&self) -> bool {
        let reached = [&self.phone, &self.mobile, &self.email, &self.hint];
        reached.into_iter().any(Option::is_some) || (self.first_name.is_some() && self.last_name.is_some())
    }

    /// Returns what is known of the contact's kind of risk. What nobody knows counts as no.
    #[must_use]
    pub fn traits(&self) -> ContactTraits {
        ContactTraits {
            is_health_staff: self.is_health_staff == Some(true),
            is_senior: self.is_senior == Some(true),
            has_condition: self.has_condition == Some(true),
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_is_somebody_to_reach_or_to_find() {
        let text = |text: &str| Some(text.to_owned());
        assert!(!Said::default().leads_to_somebody());
        assert!(!Said { first_name: text("Peter"), ..Said::default() }.leads_to_somebody());
        assert!(Said { first_name: text("Peter"), last_name: text("Meier"), ..Said::default() }.leads_to_somebody());
        assert!(Said { hint: text("the woman at the till"), ..Said::default() }.leads_to_somebody());
        assert!(Said { mobile: text("0170 1234567"), ..Said::default() }.leads_to_somebody());
    }
}
