//! Action items: what of a case must be looked at now, and how urgent it is.
//!
//! An item is a case, a kind and a cause. The cause is what made it: the status since when, the set of missing details,
//! the last day of quarantine, a call. Somebody who resolves an item by hand silences that cause and no other, so the
//! same thing doesn't come back and a new one does. Items that a situation makes go with it by themselves.

mod diary;
mod reconcile;
mod situation;

pub use diary::{DiarySituation, MOST_SLOTS_BACK, SeenEntry, diary_needs, last_noticed};
pub use reconcile::{ItemChange, KnownItem, Need, reconcile};
pub use situation::{Details, Situation, needs};

use crate::authorities::words;

/// What must be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemKind {
    /// The newest diary entry has a temperature above the threshold.
    IncreasedTemperature,
    /// A contact's first characteristic symptom.
    FirstCharacteristicSymptom,
    /// A symptom that is suspicious for the case's type.
    SuspiciousSymptom,
    /// No entry in a diary slot and none in the one before.
    DiaryEntryMissing,
    /// Nobody has called yet.
    InitialCall,
    /// No telephone, no date of birth, or neither e-mail nor postal address.
    DetailsMissing,
    /// Invited or signed up, and no further.
    RegistrationUnfinished,
    /// A mail came back, or the number is somebody else's.
    WrongContactDetails,
    /// The last day of quarantine or isolation is over.
    QuarantineEnding,
    /// They asked to be called back.
    CallBack,
    /// They wrote.
    MessageFromPatient,
    /// The graph finds somebody exposed who has no case.
    ExposureFound,
    /// Another authority has refused to take the case over.
    HandOverRefused,
    /// A guest showed stays.
    StaysShared,
    /// A venue released the guest list that was asked for.
    GuestListReleased,
    /// Another authority has no guest list for what was asked.
    GuestListDeclined,
}
words!(ItemKind {
    IncreasedTemperature = "increased_temperature",
    FirstCharacteristicSymptom = "first_characteristic_symptom",
    SuspiciousSymptom = "suspicious_symptom",
    DiaryEntryMissing = "diary_entry_missing",
    InitialCall = "initial_call",
    DetailsMissing = "details_missing",
    RegistrationUnfinished = "registration_unfinished",
    WrongContactDetails = "wrong_contact_details",
    QuarantineEnding = "quarantine_ending",
    CallBack = "call_back",
    MessageFromPatient = "message_from_patient",
    ExposureFound = "exposure_found",
    HandOverRefused = "hand_over_refused",
    StaysShared = "stays_shared",
    GuestListReleased = "guest_list_released",
    GuestListDeclined = "guest_list_declined",
});

/// Whether the body or the paperwork is in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// About health.
    Medical,
    /// About the work.
    Process,
}
words!(Category { Medical = "medical", Process = "process" });

/// Tenths of weight that a medical item has, times its multiplier. Quarano, the system of the German health offices that
/// did this before (2020), weighed medical 0.7 and process 0.3; so does this one.
const MEDICAL_TENTHS: u32 = 7;
const PROCESS_TENTHS: u32 = 3;

/// Missing diary entries that count, at most: a week without a diary isn't worse than a suspicious symptom.
const MOST_MISSING_THAT_COUNT: usize = 4;

impl ItemKind {
    /// Returns what it is about.
    #[must_use]
    pub fn category(self) -> Category {
        match self {
            Self::IncreasedTemperature | Self::FirstCharacteristicSymptom | Self::SuspiciousSymptom => {
                Category::Medical
            }
            _ => Category::Process,
        }
    }

    /// Returns its weight in tenths.
    #[must_use]
    pub fn weight_tenths(self) -> u32 {
        match self {
            Self::SuspiciousSymptom => 4 * MEDICAL_TENTHS,
            Self::FirstCharacteristicSymptom => 2 * MEDICAL_TENTHS,
            Self::IncreasedTemperature => MEDICAL_TENTHS,
            _ => PROCESS_TENTHS,
        }
    }

    /// Says whether somebody can resolve it by hand. Missing details stay until they are there.
    #[must_use]
    pub fn is_resolved_by_hand(self) -> bool {
        self != Self::DetailsMissing
    }

    /// Says whether it is resolved only with a text.
    #[must_use]
    pub fn needs_a_text(self) -> bool {
        self == Self::ExposureFound
    }

    /// Says whether a case may have several at once, one for each cause.
    #[must_use]
    pub fn is_one_for_each_cause(self) -> bool {
        matches!(
            self,
            Self::DiaryEntryMissing
                | Self::ExposureFound
                | Self::HandOverRefused
                | Self::MessageFromPatient
                | Self::StaysShared
                | Self::GuestListReleased
                | Self::GuestListDeclined
        )
    }

    /// Says whether the situation of the case makes it, and ends it. Others are made by an event.
    #[must_use]
    pub fn is_made_by_the_situation(self) -> bool {
        matches!(
            self,
            Self::InitialCall
                | Self::DetailsMissing
                | Self::RegistrationUnfinished
                | Self::QuarantineEnding
                | Self::IncreasedTemperature
                | Self::FirstCharacteristicSymptom
                | Self::SuspiciousSymptom
                | Self::DiaryEntryMissing
        )
    }
}

/// Returns the priority of a case from its items that wait: the sum of their weights, in tenths.
#[must_use]
pub fn priority_tenths(waiting: &[ItemKind]) -> u32 {
    let n_missing = waiting.iter().filter(|kind| **kind == ItemKind::DiaryEntryMissing).count();
    let others = waiting.iter().filter(|kind| **kind != ItemKind::DiaryEntryMissing);
    let counted = u32::try_from(n_missing.min(MOST_MISSING_THAT_COUNT)).unwrap_or(0);
    others.map(|kind| kind.weight_tenths()).sum::<u32>() + counted * ItemKind::DiaryEntryMissing.weight_tenths()
}

/// How an item came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// Somebody looked at it.
    Checked,
    /// Its cause is gone.
    ByItself,
    /// Somebody found that it is nothing, and said why.
    Dismissed,
    /// The case was concluded.
    Concluded,
}
words!(Resolution {
    Checked = "checked",
    ByItself = "by_itself",
    Dismissed = "dismissed",
    Concluded = "concluded",
});

impl Resolution {
    /// Says whether its cause is silenced.
    #[must_use]
    pub fn silences(self) -> bool {
        matches!(self, Self::Checked | Self::Dismissed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspicious_symptom_outweighs_a_week_without_diary() {
        let week = [ItemKind::DiaryEntryMissing; 14];
        assert_eq!(priority_tenths(&week), 12, "four count");
        assert_eq!(priority_tenths(&[ItemKind::SuspiciousSymptom]), 28);
        assert_eq!(priority_tenths(&[]), 0);
    }

    #[test]
    fn weights_are_those_of_the_table() {
        let weights = |kinds: &[ItemKind]| kinds.iter().map(|kind| kind.weight_tenths()).collect::<Vec<_>>();
        assert_eq!(
            weights(&[
                ItemKind::IncreasedTemperature,
                ItemKind::FirstCharacteristicSymptom,
                ItemKind::SuspiciousSymptom,
                ItemKind::InitialCall
            ]),
            [7, 14, 28, 3]
        );
    }
}
