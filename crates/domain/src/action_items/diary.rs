//! Which items a diary makes: from its entries, the type of the case, and the half days that are over.
//!
//! What an entry says is looked at once: the cause of the item is the entry. For symptoms it is the earliest entry that
//! has one, so that the item says since when; for temperature the newest, because what counts is now.

use super::ItemKind;
use super::reconcile::Need;
use crate::cases::{CaseStatus, CaseType};
use crate::diary::Slot;
use crate::ids::EntryId;
use crate::symptoms::ListedSymptom;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Minutes after the official end of a slot at which a missing entry is noticed. Quarano, cron `0 5 12,23 * * *`.
const NOTICED_AFTER: SignedDuration = SignedDuration::from_mins(5);

/// Half days back for which an entry is missed. Epitrace's own choice: what nobody wrote a month ago nobody will write,
/// and a case without a last day of quarantine would gather items for ever.
pub const MOST_SLOTS_BACK: usize = 62;

/// What of an entry makes items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenEntry {
    /// Which entry.
    pub entry_id: EntryId,
    /// Its half day.
    pub slot: Slot,
    /// Whether its temperature is above the threshold of the rules for the type of the case.
    pub is_increased: bool,
    /// Its symptoms, as the disease lists them.
    pub symptoms: Vec<&'static ListedSymptom>,
}

/// What the items of a diary are made from.
#[derive(Clone, Copy, Debug)]
pub struct DiarySituation<'d> {
    /// Where the case stands.
    pub status: CaseStatus,
    /// Since when.
    pub status_since: Timestamp,
    /// What it is followed up for.
    pub case_type: CaseType,
    /// Last day of quarantine or isolation.
    pub quarantine_last: Option<Date>,
    /// All entries, in any order.
    pub entries: &'d [SeenEntry],
    /// Now.
    pub now: Timestamp,
    /// The authority's time zone.
    pub zone: &'d TimeZone,
}

/// Lists the items that a diary makes.
///
/// A case of another authority, or one that is over, makes none.
#[must_use]
pub fn diary_needs(diary: &DiarySituation<'_>) -> Vec<Need> {
    if diary.status.is_ended() || diary.status == CaseStatus::External {
        return Vec::new();
    }
    let mut entries: Vec<&SeenEntry> = diary.entries.iter().collect();
    entries.sort_unstable_by_key(|entry| entry.slot);
    let need = |kind, entry: &&SeenEntry| Need { kind, cause: entry.entry_id.to_string() };
    let first = |which: &dyn Fn(&ListedSymptom) -> bool| {
        entries.iter().find(|entry| entry.symptoms.iter().any(|symptom| which(symptom)))
    };
    let increased = entries.last().filter(|entry| entry.is_increased);
    let characteristic = first(&|symptom| symptom.characteristic).filter(|_| diary.case_type.is_contact());
    let suspicious = first(&|symptom| symptom.is_suspicious_for(diary.case_type));
    let mut needs: Vec<Need> = Vec::new();
    needs.extend(increased.map(|entry| need(ItemKind::IncreasedTemperature, entry)));
    needs.extend(characteristic.map(|entry| need(ItemKind::FirstCharacteristicSymptom, entry)));
    needs.extend(suspicious.map(|entry| need(ItemKind::SuspiciousSymptom, entry)));
    needs.extend(
        missing_slots(diary)
            .into_iter()
            .map(|slot| Need { kind: ItemKind::DiaryEntryMissing, cause: slot.to_string() }),
    );
    needs
}

/// Returns the newest half day whose missing entry is noticed by now.
#[must_use]
pub fn last_noticed(now: Timestamp, zone: &TimeZone) -> Slot {
    Slot::last_ended(now.saturating_sub(NOTICED_AFTER).unwrap_or(now), zone)
}

/// Lists the half days that lack an entry, as does the one before: a single one is forgiven. Only those count that began
/// since the patient is enrolled, up to the last day of quarantine; oldest first.
fn missing_slots(diary: &DiarySituation<'_>) -> Vec<Slot> {
    if diary.status != CaseStatus::Tracking {
        return Vec::new();
    }
    let has_entry = |slot: Slot| diary.entries.iter().any(|entry| entry.slot == slot);
    let mut missing: Vec<Slot> =
        std::iter::successors(Some(last_noticed(diary.now, diary.zone)), |slot| Some(slot.previous()))
            .take(MOST_SLOTS_BACK)
            .take_while(|slot| slot.begins_at(diary.zone) >= diary.status_since)
            .filter(|slot| diary.quarantine_last.is_none_or(|last| slot.day <= last))
            .filter(|slot| !has_entry(*slot) && !has_entry(slot.previous()))
            .collect();
    missing.reverse();
    missing
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::diary::DayPart;
    use crate::diseases::Disease;
    use crate::symptoms::Symptom;
    use crate::time::plus_days;
    use jiff::civil::date;
    use proptest::prelude::*;

    const ENROLLED_ON: Date = date(2026, 3, 26);

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn at(day: Date, hour: i8, minute: i8) -> Timestamp {
        berlin().to_ambiguous_timestamp(day.at(hour, minute, 0, 0)).compatible().unwrap()
    }

    fn slot(days: i32, part: DayPart) -> Slot {
        Slot { day: plus_days(ENROLLED_ON, days), part }
    }

    fn entry(n: u8, slot: Slot, symptoms: &[Symptom]) -> SeenEntry {
        let profile = Disease::Covid19.profile();
        let symptoms = symptoms.iter().filter_map(|symptom| profile.symptom(*symptom)).collect();
        let entry_id = EntryId::mint(Timestamp::UNIX_EPOCH, [n; 10]);
        SeenEntry { entry_id, slot, is_increased: false, symptoms }
    }

    fn needed(case_type: CaseType, entries: &[SeenEntry]) -> Vec<(ItemKind, String)> {
        let zone = berlin();
        let situation = DiarySituation {
            status: CaseStatus::TrackedManually,
            status_since: at(ENROLLED_ON, 10, 0),
            case_type,
            quarantine_last: None,
            entries,
            now: at(plus_days(ENROLLED_ON, 3), 12, 0),
            zone: &zone,
        };
        diary_needs(&situation).into_iter().map(|need| (need.kind, need.cause)).collect()
    }

    fn missing(now: Timestamp, last: Option<Date>, entries: &[SeenEntry]) -> Vec<String> {
        let zone = berlin();
        let situation = DiarySituation {
            status: CaseStatus::Tracking,
            status_since: at(ENROLLED_ON, 10, 0),
            case_type: CaseType::Contact,
            quarantine_last: last,
            entries,
            now,
            zone: &zone,
        };
        diary_needs(&situation).into_iter().map(|need| need.cause).collect()
    }

    #[test]
    fn a_temperature_counts_only_in_the_newest_entry() {
        let old = SeenEntry { is_increased: true, ..entry(1, slot(0, DayPart::Evening), &[]) };
        let new = entry(2, slot(1, DayPart::Morning), &[]);
        let kind = ItemKind::IncreasedTemperature;
        let of = |entry: &SeenEntry| vec![(kind, entry.entry_id.to_string())];
        assert_eq!(needed(CaseType::Index, std::slice::from_ref(&old)), of(&old));
        assert_eq!(needed(CaseType::Index, &[new.clone(), old.clone()]), []);
        let hot = SeenEntry { is_increased: true, ..new };
        assert_eq!(needed(CaseType::Index, &[hot.clone(), old]), of(&hot));
    }

    #[test]
    fn the_first_symptom_is_that_of_the_earliest_entry_and_of_contacts_only() {
        let early = entry(1, slot(0, DayPart::Evening), &[Symptom::Headache]);
        let cough = entry(2, slot(1, DayPart::Morning), &[Symptom::Cough]);
        let fever = entry(3, slot(2, DayPart::Morning), &[Symptom::Fever]);
        let kind = ItemKind::FirstCharacteristicSymptom;
        let all = [fever.clone(), cough.clone(), early];
        assert_eq!(needed(CaseType::ContactMedical, &all), [(kind, cough.entry_id.to_string())]);
        assert_eq!(needed(CaseType::Index, &all), []);
    }

    #[test]
    fn what_is_suspicious_depends_on_the_type_of_the_case() {
        let smell = entry(1, slot(0, DayPart::Evening), &[Symptom::LossOfSmell]);
        let breath = entry(2, slot(1, DayPart::Morning), &[Symptom::ShortnessOfBreath]);
        let both = [smell.clone(), breath.clone()];
        let suspicious = |case_type| {
            let found = needed(case_type, &both).into_iter().find(|(kind, _)| *kind == ItemKind::SuspiciousSymptom);
            found.map(|(_, cause)| cause)
        };
        assert_eq!(suspicious(CaseType::Contact), Some(smell.entry_id.to_string()));
        assert_eq!(suspicious(CaseType::Index), Some(breath.entry_id.to_string()));
    }

    #[test]
    fn an_entry_is_missed_five_minutes_after_the_official_end_if_the_one_before_lacks_too() {
        let evening = entry(1, slot(0, DayPart::Evening), &[]);
        let tomorrow = plus_days(ENROLLED_ON, 1);
        assert_eq!(missing(at(tomorrow, 12, 5), None, std::slice::from_ref(&evening)), [""; 0], "one is forgiven");
        assert_eq!(missing(at(tomorrow, 23, 4), None, std::slice::from_ref(&evening)), [""; 0]);
        assert_eq!(missing(at(tomorrow, 23, 5), None, std::slice::from_ref(&evening)), ["2026-03-27 evening"]);
    }

    #[test]
    fn only_half_days_begun_since_enrolment_and_up_to_the_last_day_count() {
        let now = at(date(2026, 3, 30), 12, 5);
        let all = ["2026-03-26 evening", "2026-03-27 morning", "2026-03-27 evening", "2026-03-28 morning"];
        assert_eq!(missing(now, Some(date(2026, 3, 27)), &[]), all[..3]);
        assert_eq!(missing(at(date(2026, 3, 28), 12, 5), None, &[]), all, "the morning of enrolment had begun before");
        assert_eq!(missing(at(ENROLLED_ON, 12, 30), None, &[]), [""; 0]);
    }

    #[test]
    fn the_night_on_which_the_clocks_change_is_one_evening() {
        let before = entry(1, slot(2, DayPart::Morning), &[]);
        let now = at(date(2026, 3, 29), 12, 5);
        assert_eq!(missing(now, None, &[before])[3..], ["2026-03-29 morning"], "the evening of the 28th is forgiven");
    }

    #[test]
    fn nobody_misses_an_entry_of_whom_none_is_expected() {
        let zone = berlin();
        for status in CaseStatus::ALL.iter().filter(|status| **status != CaseStatus::Tracking) {
            let situation = DiarySituation {
                status: *status,
                status_since: at(ENROLLED_ON, 10, 0),
                case_type: CaseType::Index,
                quarantine_last: None,
                entries: &[],
                now: at(date(2026, 3, 30), 12, 5),
                zone: &zone,
            };
            assert_eq!(diary_needs(&situation), [], "{status}");
        }
    }

    proptest! {
        #[test]
        fn an_entry_never_makes_more_missing_and_its_own_slot_least_of_all(
            present in prop::collection::btree_set(0usize..40, 0..40), added in 0usize..40, hours in 0i64..700,
        ) {
            let slots: Vec<Slot> =
                std::iter::successors(Some(slot(0, DayPart::Morning)), |slot| Some(slot.next())).take(40).collect();
            let now = at(ENROLLED_ON, 10, 0).saturating_add(SignedDuration::from_hours(hours)).unwrap();
            let mut entries: Vec<SeenEntry> = present.iter().map(|n| entry(1, slots[*n], &[])).collect();
            let before = missing(now, None, &entries);
            entries.push(entry(2, slots[added], &[]));
            let after = missing(now, None, &entries);
            prop_assert!(after.iter().all(|slot| before.contains(slot)));
            prop_assert!(!after.contains(&slots[added].to_string()));
            prop_assert!(before.len() <= MOST_SLOTS_BACK);
        }
    }
}
