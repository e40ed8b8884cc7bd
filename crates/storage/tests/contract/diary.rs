//! Diaries: one entry for each half day, and who lacks one.

use super::cases::case;
use super::enrolment::{account, enrolment};
use domain::action_items::{ItemKind, Resolution};
use domain::cases::CaseStatus;
use domain::diary::{DayPart, SaidBy, Slot, Temperature};
use domain::diseases::Disease;
use domain::ids::{CaseId, ContactId, EntryId, ItemId, PatientId};
use domain::persons::Personal;
use domain::symptoms::Symptom;
use domain::time::DayRange;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use storage::action_items::{self, Item};
use storage::cases::{self, CaseWork};
use storage::diary::{self, DiaryEntry, LookedFor};
use storage::{StorageError, Tx, enrolments, patients};
use testkit::kit::now;
use testkit::{Kit, contract};

const TODAY: Date = date(2026, 3, 1);
const MORNING: Slot = Slot { day: TODAY, part: DayPart::Morning };
const EVENING: Slot = Slot { day: TODAY, part: DayPart::Evening };

async fn stored(kit: &Kit, n: u8) -> CaseWork {
    let person_id = kit.person(&format!("P{n}")).await;
    let case = case(n, person_id, Disease::Covid19);
    let mut tx = kit.write().await;
    cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
    let work = cases::lock(&mut tx, case.case_id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    work
}

/// The same in tracking since an instant.
async fn tracked(kit: &Kit, n: u8, since: Timestamp, last: Option<Date>) -> CaseWork {
    let quarantine = last.map(|last| DayRange { first: date(2026, 2, 1), last });
    let fresh = stored(kit, n).await;
    let work = CaseWork { status: CaseStatus::Tracking, status_since: since, quarantine, ..fresh };
    let mut tx = kit.write().await;
    cases::write_work(&mut tx, &work).await.unwrap();
    tx.commit().await.unwrap();
    work
}

pub fn entry(kit: &Kit, work: &CaseWork, slot: Slot) -> DiaryEntry {
    DiaryEntry {
        entry_id: EntryId::mint(now(), kit.random()),
        case_id: work.case_id,
        person_id: work.person_id,
        slot,
        temperature: Temperature::of_tenths(348),
        symptoms: vec![Symptom::Fever, Symptom::LossOfSmell],
        contacts: vec![ContactId::mint(now(), [1; 10]), ContactId::mint(now(), [2; 10])],
        note: Some(Personal::new("sleeps badly".to_owned())),
        said_by: SaidBy::Phone,
        account_id: kit.account_id,
        created_at: now(),
        changed: None,
        rule_version: 3,
    }
}

async fn without(kit: &Kit, slot: Slot, after: Option<CaseId>) -> Vec<CaseId> {
    let mut tx = kit.read().await;
    let mut found = diary::without_entry(&mut tx, slot, &TimeZone::UTC, after, 50).await.unwrap();
    found.sort_unstable();
    found
}

async fn to_remind(tx: &mut Tx, slot: Slot, after: Option<CaseId>) -> Vec<CaseId> {
    diary::to_remind(tx, slot, &TimeZone::UTC, after, 50).await.unwrap()
}

contract! {
    async fn an_entry_comes_back_as_written_and_is_changed_in_place(kit) {
        let work = stored(&kit, 1).await;
        let (evening, morning) = (entry(&kit, &work, EVENING), entry(&kit, &work, MORNING));
        let well = DiaryEntry { temperature: None, symptoms: vec![], contacts: vec![], note: None, ..morning };
        let mut tx = kit.write().await;
        for entry in [&evening, &well] {
            assert!(diary::insert(&mut tx, &kit.sealer, entry).await.unwrap());
        }
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let found = diary::of_case(&mut tx, Some(&kit.sealer), work.case_id).await.unwrap();
        assert_eq!(found, [well.clone(), evening.clone()], "oldest first");
        assert_eq!(diary::of_case(&mut tx, None, work.case_id).await.unwrap()[1].note, None);
        drop(tx);
        let changed = DiaryEntry {
            temperature: Temperature::of_tenths(391),
            symptoms: vec![Symptom::Cough],
            changed: Some((kit.account_id, now() + SignedDuration::from_mins(3))),
            rule_version: 4,
            ..evening.clone()
        };
        let mut tx = kit.write().await;
        diary::replace(&mut tx, &kit.sealer, &changed).await.unwrap();
        let nobodys = DiaryEntry { entry_id: EntryId::mint(now(), [9; 10]), ..changed.clone() };
        let error = diary::replace(&mut tx, &kit.sealer, &nobodys).await.unwrap_err();
        assert!(matches!(error, StorageError::WrongCount { touched: 0, .. }));
        let found = diary::of_case(&mut tx, Some(&kit.sealer), work.case_id).await.unwrap();
        assert_eq!(found, [well, changed]);
    }

    async fn a_half_day_has_one_entry(kit) {
        let (work, other) = (stored(&kit, 1).await, stored(&kit, 2).await);
        let mut tx = kit.write().await;
        for (case, slot, is_new) in [(&work, MORNING, true), (&work, MORNING, false), (&work, EVENING, true), (&other, MORNING, true)] {
            assert_eq!(diary::insert(&mut tx, &kit.sealer, &entry(&kit, case, slot)).await.unwrap(), is_new);
        }
    }

    async fn whoever_is_in_tracking_and_lacks_two_entries_in_a_row_is_found_once(kit) {
        let since = MORNING.begins_at(&TimeZone::UTC);
        let mut all = Vec::new();
        for n in 1..=3 {
            all.push(tracked(&kit, n, since, None).await);
        }
        let later = tracked(&kit, 4, since + SignedDuration::from_secs(1), None).await;
        let over = tracked(&kit, 5, since, Some(date(2026, 2, 28))).await;
        let today = tracked(&kit, 6, since, Some(TODAY)).await;
        let by_phone = stored(&kit, 7).await;
        let found = without(&kit, MORNING, None).await;
        assert_eq!(found, [all[0].case_id, all[1].case_id, all[2].case_id, today.case_id]);
        for work in [&later, &over, &by_phone] {
            assert!(!found.contains(&work.case_id));
        }
        assert_eq!(without(&kit, MORNING, Some(all[1].case_id)).await, [all[2].case_id, today.case_id]);
        let mut tx = kit.write().await;
        diary::insert(&mut tx, &kit.sealer, &entry(&kit, &all[0], MORNING)).await.unwrap();
        diary::insert(&mut tx, &kit.sealer, &entry(&kit, &all[1], MORNING.previous())).await.unwrap();
        let item = Item {
            item_id: ItemId::mint(now(), kit.random()),
            case_id: all[2].case_id,
            person_id: all[2].person_id,
            kind: ItemKind::DiaryEntryMissing,
            cause: MORNING.to_string(),
            arose_at: now(),
            hidden_until: None,
            resolution: None,
            resolved_at: None,
            resolved_by: None,
        };
        action_items::insert(&mut tx, std::slice::from_ref(&item)).await.unwrap();
        let checked = Item { resolution: Some(Resolution::Checked), resolved_at: Some(now()), ..item };
        action_items::write(&mut tx, &checked).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(without(&kit, MORNING, None).await, [today.case_id], "an entry, one before, an item that is over");
        assert_eq!(without(&kit, EVENING, None).await, [all[1].case_id, all[2].case_id, later.case_id, today.case_id]);
    }

    async fn what_was_looked_through_is_remembered_and_never_goes_back(kit) {
        let mut tx = kit.write().await;
        assert_eq!(diary::looked_through(&mut tx, LookedFor::Missing).await.unwrap(), None);
        for slot in [MORNING, EVENING, MORNING] {
            diary::set_looked_through(&mut tx, LookedFor::Missing, slot).await.unwrap();
        }
        assert_eq!(diary::looked_through(&mut tx, LookedFor::Missing).await.unwrap(), Some(EVENING));
        diary::set_looked_through(&mut tx, LookedFor::Missing, EVENING.next()).await.unwrap();
        assert_eq!(diary::looked_through(&mut tx, LookedFor::Missing).await.unwrap(), Some(EVENING.next()));
        assert_eq!(diary::looked_through(&mut tx, LookedFor::Reminders).await.unwrap(), None, "counted apart");
    }

    async fn whoever_has_an_account_and_no_entry_is_found_to_be_reminded_once(kit) {
        let since = MORNING.begins_at(&TimeZone::UTC);
        let mut all = Vec::new();
        for n in 1..=3 {
            all.push(tracked(&kit, n, since, None).await);
        }
        let later = tracked(&kit, 4, since + SignedDuration::from_secs(1), None).await;
        let over = tracked(&kit, 5, since, Some(date(2026, 2, 28))).await;
        let nobodys = tracked(&kit, 6, since, None).await;
        let mut tx = kit.write().await;
        let mut accounts = Vec::new();
        for (n, work) in [&all[0], &all[1], &all[2], &later, &over].into_iter().enumerate() {
            let account = account(&kit, work.person_id);
            patients::insert(&mut tx, &kit.sealer, &account, &format!("name {n}")).await.unwrap();
            let enrolled = enrolment(&kit, (work.case_id, work.person_id), account.patient_id);
            enrolments::insert(&mut tx, &enrolled).await.unwrap();
            accounts.push(account.patient_id);
        }
        let gone = enrolment(&kit, (nobodys.case_id, nobodys.person_id), PatientId::mint(now(), kit.random()));
        enrolments::insert(&mut tx, &gone).await.unwrap();
        let ids: Vec<CaseId> = all.iter().map(|work| work.case_id).collect();
        assert_eq!(to_remind(&mut tx, MORNING, None).await, ids);
        assert_eq!(to_remind(&mut tx, MORNING, Some(ids[0])).await, ids[1..]);
        diary::insert(&mut tx, &kit.sealer, &entry(&kit, &all[0], MORNING)).await.unwrap();
        patients::set_no_reminders(&mut tx, accounts[1], Some(now())).await.unwrap();
        let silent = patients::by_id(&mut tx, &kit.sealer, accounts[1]).await.unwrap().unwrap();
        assert_eq!(silent.no_reminders_at, Some(now()));
        enrolments::note_reminded(&mut tx, ids[2], MORNING).await.unwrap();
        assert!(enrolments::was_reminded(&mut tx, ids[2], MORNING).await.unwrap());
        assert!(!enrolments::was_reminded(&mut tx, ids[2], EVENING).await.unwrap());
        assert!(!enrolments::was_reminded(&mut tx, ids[0], MORNING).await.unwrap());
        assert!(to_remind(&mut tx, MORNING, None).await.is_empty());
        assert_eq!(to_remind(&mut tx, EVENING, None).await, [ids[0], ids[2], later.case_id]);
        patients::set_no_reminders(&mut tx, accounts[1], None).await.unwrap();
        assert_eq!(to_remind(&mut tx, MORNING, None).await, [ids[1]]);
    }

    async fn what_is_counted_of_a_diary_outlives_the_names_in_it(kit) {
        let work = stored(&kit, 1).await;
        let written = entry(&kit, &work, MORNING);
        let mut tx = kit.write().await;
        diary::insert(&mut tx, &kit.sealer, &written).await.unwrap();
        storage::anonymising::anonymise_case(&mut tx, work.case_id, now()).await.unwrap();
        let left = diary::of_case(&mut tx, Some(&kit.sealer), work.case_id).await.unwrap();
        assert_eq!(left, [DiaryEntry { note: None, contacts: vec![], ..written }]);
    }
}
