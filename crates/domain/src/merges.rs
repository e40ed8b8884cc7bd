//! Two records that are one person: what becomes of what differs, and which case goes on.
//!
//! Nothing merges by itself; a case worker compares the two and says which value stays. These rules say what holds where
//! nobody chose, and what nobody may choose: once index, always index; the earliest case goes on; a wider quarantine is
//! an order, so it is proposed and never set.

use crate::authorities::words;
use crate::cases::{CaseClassification, CaseClock, CaseStatus, CaseType};
use crate::ids::CaseId;
use crate::time::DayRange;
use jiff::civil::Date;

/// Days for which a merge can be undone. Our own figure: long enough for the letter or call that shows the mistake,
/// short enough that what would restore the other record isn't kept as long as a case.
pub const UNDO_DAYS: i32 = 30;

/// Whose value a field has after the merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Takes {
    /// That of the record that stays.
    Kept,
    /// That of the record that goes.
    Other,
}
words!(Takes { Kept = "kept", Other = "other" });

impl Takes {
    /// Returns whose value holds where nobody chose: the one that stays, unless it has none.
    #[must_use]
    pub fn by_default<T>(kept: Option<&T>, other: Option<&T>) -> Self {
        if kept.is_none() && other.is_some() { Self::Other } else { Self::Kept }
    }
}

/// What decides which of several cases goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// Day on which the authority was told.
    pub reported_on: Option<Date>,
    /// The case; ids tell when they were made.
    pub case_id: CaseId,
}

/// Returns the case that goes on: the one that was reported first; of one day, the one that was made first. One of which
/// nobody noted when it was reported comes after those.
#[must_use]
pub fn earliest(cases: &[Age]) -> Option<CaseId> {
    let key = |age: &&Age| (age.reported_on.is_none(), age.reported_on, age.case_id);
    cases.iter().min_by_key(key).map(|age| age.case_id)
}

/// Returns the type of a merged case. Once index, always index; health staff comes before vulnerable.
#[must_use]
pub fn merged_type(kept: CaseType, other: CaseType) -> CaseType {
    let rank = |kind: &CaseType| match kind {
        CaseType::Index => 3,
        CaseType::ContactMedical => 2,
        CaseType::ContactVulnerable => 1,
        CaseType::Contact => 0,
    };
    std::cmp::max_by_key(other, kept, rank)
}

/// Returns how sure a merged case is: as sure as the surer of the two.
#[must_use]
pub fn merged_classification(kept: CaseClassification, other: CaseClassification) -> CaseClassification {
    kept.max(other)
}

/// Returns where a merged case stands: where the kept one does, unless nobody has taken that one up yet.
#[must_use]
pub fn merged_status(kept: CaseStatus, other: CaseStatus) -> CaseStatus {
    if kept == CaseStatus::Open { other } else { kept }
}

/// Returns the clock of a merged case: whatever happened first.
#[must_use]
pub fn merged_clock(kept: &CaseClock, other: &CaseClock) -> CaseClock {
    let first = |a: Option<jiff::Timestamp>, b: Option<jiff::Timestamp>| a.into_iter().chain(b).min();
    CaseClock {
        reported_at: first(kept.reported_at, other.reported_at),
        assigned_at: first(kept.assigned_at, other.assigned_at),
        first_call_at: first(kept.first_call_at, other.first_call_at),
        contacts_named_at: first(kept.contacts_named_at, other.contacts_named_at),
        contacts_notified_at: first(kept.contacts_notified_at, other.contacts_notified_at),
        quarantined_at: first(kept.quarantined_at, other.quarantined_at),
    }
}

/// Returns the quarantine that is proposed: the days of both together, if these are more than the kept case has.
#[must_use]
pub fn wider_quarantine(kept: DayRange, other: DayRange) -> Option<DayRange> {
    let both = DayRange { first: kept.first.min(other.first), last: kept.last.max(other.last) };
    (both != kept).then_some(both)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::Timestamp;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn age(reported_on: Option<Date>, n: u128) -> Age {
        Age { reported_on, case_id: CaseId(Uuid::from_u128(n)) }
    }

    fn days(first: i8, last: i8) -> DayRange {
        DayRange { first: date(2026, 3, first), last: date(2026, 3, last) }
    }

    #[test]
    fn the_case_that_was_reported_first_goes_on_and_of_one_day_the_one_made_first() {
        let (early, late) = (Some(date(2026, 3, 1)), Some(date(2026, 3, 2)));
        assert_eq!(earliest(&[age(late, 1), age(early, 2)]), Some(CaseId(Uuid::from_u128(2))));
        assert_eq!(earliest(&[age(early, 2), age(early, 1)]), Some(CaseId(Uuid::from_u128(1))));
        assert_eq!(earliest(&[age(None, 1), age(late, 2)]), Some(CaseId(Uuid::from_u128(2))), "not noted comes last");
        assert_eq!(earliest(&[]), None);
    }

    #[test]
    fn once_index_always_index_and_health_staff_before_vulnerable() {
        assert_eq!(merged_type(CaseType::Contact, CaseType::Index), CaseType::Index);
        assert_eq!(merged_type(CaseType::Index, CaseType::ContactMedical), CaseType::Index);
        assert_eq!(merged_type(CaseType::ContactVulnerable, CaseType::ContactMedical), CaseType::ContactMedical);
        assert_eq!(merged_type(CaseType::Contact, CaseType::ContactVulnerable), CaseType::ContactVulnerable);
    }

    #[test]
    fn what_somebody_has_taken_up_stays_taken_up() {
        assert_eq!(merged_status(CaseStatus::Open, CaseStatus::Tracking), CaseStatus::Tracking);
        assert_eq!(merged_status(CaseStatus::TrackedManually, CaseStatus::Tracking), CaseStatus::TrackedManually);
        assert_eq!(merged_status(CaseStatus::TrackedManually, CaseStatus::Open), CaseStatus::TrackedManually);
    }

    #[test]
    fn a_quarantine_that_would_be_longer_is_proposed_and_one_within_is_not() {
        assert_eq!(wider_quarantine(days(2, 9), days(4, 12)), Some(days(2, 12)));
        assert_eq!(wider_quarantine(days(2, 9), days(1, 3)), Some(days(1, 9)));
        assert_eq!(wider_quarantine(days(2, 9), days(3, 9)), None);
    }

    #[test]
    fn a_value_that_only_the_other_record_has_is_taken() {
        assert_eq!(Takes::by_default(None, Some(&1)), Takes::Other);
        assert_eq!(Takes::by_default(Some(&1), Some(&2)), Takes::Kept);
        assert_eq!(Takes::by_default::<u8>(None, None), Takes::Kept);
    }

    #[test]
    fn the_clock_keeps_whatever_happened_first() {
        let at = |s| Some(Timestamp::from_second(s).unwrap());
        let kept = CaseClock { reported_at: at(5), first_call_at: at(9), ..CaseClock::default() };
        let other = CaseClock { reported_at: at(3), quarantined_at: at(7), ..CaseClock::default() };
        let both = merged_clock(&kept, &other);
        assert_eq!((both.reported_at, both.first_call_at, both.quarantined_at), (at(3), at(9), at(7)));
    }

    proptest! {
        /// Whoever is kept, the case that goes on and what nobody may choose are the same.
        #[test]
        fn it_matters_not_from_which_side_one_merges(
            a in (prop::option::of(1i8..28), 0u128..9), b in (prop::option::of(1i8..28), 10u128..19),
            types in (prop::sample::select(CaseType::ALL.to_vec()), prop::sample::select(CaseType::ALL.to_vec())),
        ) {
            let of = |(day, n): (Option<i8>, u128)| age(day.map(|day| date(2026, 3, day)), n);
            prop_assert_eq!(earliest(&[of(a), of(b)]), earliest(&[of(b), of(a)]));
            prop_assert_eq!(merged_type(types.0, types.1), merged_type(types.1, types.0));
        }
    }
}
