//! Work on cases: standing, items, calls, comments, results, the worklist.

use super::cases::case;
use domain::action_items::{ItemKind, Resolution};
use domain::calls::CallOutcome;
use domain::cases::{CaseClock, CaseStatus, CaseType, Conclusion};
use domain::diseases::Disease;
use domain::ids::{AccountId, CallId, CaseId, CommentId, ItemId, ResultId};
use domain::laboratory::TestOutcome;
use domain::persons::Personal;
use domain::quarantines::{QuarantineKind, Sent, SentHow};
use domain::references::Reference;
use domain::time::DayRange;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use storage::StorageError;
use storage::action_items::{self, Item};
use storage::calls::{self, Call};
use storage::cases::{self, Begun, CaseWork, Whose, WorkFilter};
use storage::comments::{self, Comment};
use storage::laboratory::{self, LaboratoryResult};
use storage::rule_sets;
use testkit::kit::now;
use testkit::{Kit, contract};

fn later(minutes: i64) -> Timestamp {
    now() + SignedDuration::from_mins(minutes)
}

/// Stores a case; returns how work on it stands.
async fn stored(kit: &Kit, n: u8) -> CaseWork {
    let person_id = kit.person(&format!("P{n}")).await;
    let case = case(n, person_id, Disease::Covid19);
    let mut tx = kit.write().await;
    cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
    let work = cases::lock(&mut tx, case.case_id).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    work
}

fn item(kit: &Kit, work: &CaseWork, kind: ItemKind, arose_at: Timestamp) -> Item {
    Item {
        item_id: ItemId::mint(arose_at, kit.random()),
        case_id: work.case_id,
        person_id: work.person_id,
        kind,
        cause: "because".to_owned(),
        arose_at,
        hidden_until: None,
        resolution: None,
        resolved_at: None,
        resolved_by: None,
    }
}

const EVERYBODYS: WorkFilter = WorkFilter { whose: Whose::Anybodys, kind: None };

async fn waiting(kit: &Kit, filter: &WorkFilter) -> Vec<CaseId> {
    let mut tx = kit.read().await;
    let found = cases::worklist(&mut tx, filter, None, 50).await.unwrap();
    assert_eq!(cases::count_waiting(&mut tx, filter, 50).await.unwrap(), found.len() as u64);
    found.into_iter().map(|waiting| waiting.key.case_id).collect()
}

contract! {
    async fn how_work_stands_comes_back_as_written(kit) {
        let fresh = stored(&kit, 1).await;
        assert_eq!((fresh.status, fresh.case_type, fresh.status_since), (CaseStatus::Open, CaseType::Index, now()));
        let work = CaseWork {
            case_type: CaseType::ContactMedical,
            file_number: Some(Reference::new("A-17/2026").unwrap()),
            status: CaseStatus::Concluded,
            status_since: later(5),
            status_before: Some(CaseStatus::TrackedManually),
            conclusion: Some(Conclusion::LostToFollowUp),
            concluded_on: Some(date(2026, 3, 1)),
            assigned_to: Some(kit.account_id),
            quarantine: Some(DayRange { first: date(2026, 2, 20), last: date(2026, 3, 4) }),
            quarantine_kind: Some(QuarantineKind::Isolation),
            order_sent: Some(Sent { on: date(2026, 2, 21), how: SentHow::Phone }),
            priority_tenths: 31,
            waiting_since: Some(later(1)),
            clock: CaseClock {
                reported_at: Some(now()),
                assigned_at: Some(later(1)),
                first_call_at: Some(later(2)),
                contacts_named_at: Some(later(3)),
                contacts_notified_at: Some(later(4)),
                quarantined_at: Some(later(5)),
            },
            ..fresh
        };
        let mut tx = kit.write().await;
        cases::write_work(&mut tx, &work).await.unwrap();
        let nobodys = CaseWork { case_id: CaseId::mint(now(), [99; 10]), file_number: None, ..work.clone() };
        let error = cases::write_work(&mut tx, &nobodys).await.unwrap_err();
        assert!(matches!(error, StorageError::WrongCount { touched: 0, .. }));
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        assert_eq!(cases::work_of(&mut tx, &[work.case_id]).await.unwrap(), std::slice::from_ref(&work));
        let of_its_type = CaseWork { quarantine_kind: None, ..work.clone() };
        assert_eq!(of_its_type.quarantine_set().map(|set| set.kind), Some(QuarantineKind::Quarantine), "a contact's");
        let number = work.file_number.as_ref().unwrap();
        assert_eq!(cases::by_file_number(&mut tx, number).await.unwrap(), Some(work.case_id));
    }

    async fn cases_are_counted_by_onset_and_status_and_without_onset_by_test(kit) {
        let begun = date(2020, 2, 29);
        let (one, other) = (stored(&kit, 1).await, stored(&kit, 2).await);
        let person = kit.person("P3").await;
        let mut tx = kit.write().await;
        cases::write_work(&mut tx, &CaseWork { status: CaseStatus::Concluded, ..other }).await.unwrap();
        let mut without = case(3, person, Disease::Covid19);
        (without.dates.symptom_onset, without.dates.tested_on) = (None, Some(date(2020, 3, 5)));
        cases::insert(&mut tx, &kit.sealer, &[without], now()).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let all = DayRange { first: date(1800, 1, 1), last: date(9999, 12, 31) };
        let mut found = rule_sets::dated_cases(&mut tx, Disease::Covid19, all, 100).await.unwrap();
        found.sort_by_key(|cases| (cases.dates.symptom_onset, cases.status.as_str()));
        let brief: Vec<_> = found.iter().map(|c| (c.dates.symptom_onset, c.dates.tested_on, c.status, c.n_cases)).collect();
        assert_eq!(brief, [
            (None, Some(date(2020, 3, 5)), CaseStatus::Open, 1),
            (Some(begun), None, CaseStatus::Concluded, 1),
            (Some(begun), None, one.status, 1),
        ]);
        let before = DayRange { first: date(1800, 1, 1), last: date(2020, 2, 28) };
        assert_eq!(rule_sets::dated_cases(&mut tx, Disease::Covid19, before, 100).await.unwrap().len(), 1);
        let one_each = rule_sets::dated_cases(&mut tx, Disease::Covid19, all, 1).await.unwrap();
        assert_eq!(one_each.iter().map(|cases| cases.n_cases).sum::<u64>(), 2, "no more than was asked for of either");
    }

    async fn two_cases_never_have_one_file_number(kit) {
        let (one, other) = (stored(&kit, 1).await, stored(&kit, 2).await);
        let number = Some(Reference::new("A-1").unwrap());
        let mut tx = kit.write().await;
        cases::write_work(&mut tx, &CaseWork { file_number: number.clone(), ..one }).await.unwrap();
        assert!(cases::write_work(&mut tx, &CaseWork { file_number: number, ..other }).await.is_err());
    }

    async fn new_cases_begin_at_work_or_over(kit) {
        let (one, other) = (stored(&kit, 1).await, stored(&kit, 2).await);
        let mut tx = kit.write().await;
        let over = Some((Conclusion::Died, date(2026, 3, 1)));
        let over = Begun { over, priority_tenths: 0, waiting_since: None, reported_at: None };
        cases::begin(&mut tx, &over, &[one.case_id]).await.unwrap();
        let waits = Begun { over: None, priority_tenths: 3, waiting_since: Some(now()), reported_at: Some(later(-60)) };
        cases::begin(&mut tx, &waits, &[other.case_id]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let one = cases::work_of(&mut tx, &[one.case_id]).await.unwrap().remove(0);
        assert_eq!((one.status, one.status_before), (CaseStatus::Concluded, Some(CaseStatus::Open)));
        assert_eq!((one.conclusion, one.concluded_on), (Some(Conclusion::Died), Some(date(2026, 3, 1))));
        assert_eq!(waiting(&kit, &EVERYBODYS).await, [other.case_id]);
    }

    async fn the_most_urgent_come_first_then_those_who_wait_longest(kit) {
        let mut expected = Vec::new();
        let mut tx_order = Vec::new();
        for (n, priority_tenths, minutes) in [(1, 3, 0), (2, 28, 9), (3, 28, 5), (4, 0, 0), (5, 3, -5)] {
            let work = stored(&kit, n).await;
            let waiting_since = (priority_tenths > 0).then(|| later(minutes));
            let work = CaseWork { priority_tenths, waiting_since, ..work };
            let mut tx = kit.write().await;
            cases::write_work(&mut tx, &work).await.unwrap();
            tx.commit().await.unwrap();
            tx_order.push(work.case_id);
        }
        for n in [3, 2, 5, 1] {
            expected.push(tx_order[n - 1]);
        }
        assert_eq!(waiting(&kit, &EVERYBODYS).await, expected);
        let mut tx = kit.read().await;
        let mut walked = Vec::new();
        let mut after = None;
        while let Some(last) = cases::worklist(&mut tx, &EVERYBODYS, after.as_ref(), 1).await.unwrap().pop() {
            walked.push(last.key.case_id);
            after = Some(last.key);
        }
        assert_eq!(walked, expected, "page by page it is the same list");
    }

    async fn a_worklist_is_somebodys_nobodys_or_of_one_kind(kit) {
        let (mine, nobodys) = (stored(&kit, 1).await, stored(&kit, 2).await);
        let other = AccountId::mint(now(), [8; 10]);
        let mut tx = kit.write().await;
        for (work, assigned_to) in [(&mine, Some(kit.account_id)), (&nobodys, None)] {
            let waiting_since = Some(now());
            let work = CaseWork { assigned_to, priority_tenths: 3, waiting_since, ..work.clone() };
            cases::write_work(&mut tx, &work).await.unwrap();
        }
        let call = item(&kit, &mine, ItemKind::InitialCall, now());
        let hidden = Item { hidden_until: Some(later(30)), ..item(&kit, &nobodys, ItemKind::CallBack, now()) };
        action_items::insert(&mut tx, &[call, hidden]).await.unwrap();
        tx.commit().await.unwrap();
        let of = |whose, kind| WorkFilter { whose, kind };
        assert_eq!(waiting(&kit, &of(Whose::Of(kit.account_id), None)).await, [mine.case_id]);
        assert_eq!(waiting(&kit, &of(Whose::Nobodys, None)).await, [nobodys.case_id]);
        assert_eq!(waiting(&kit, &of(Whose::Of(other), None)).await, []);
        assert_eq!(waiting(&kit, &of(Whose::Anybodys, Some(ItemKind::InitialCall))).await, [mine.case_id]);
        assert_eq!(waiting(&kit, &of(Whose::Anybodys, Some(ItemKind::CallBack))).await, [], "it is hidden");
    }

    async fn items_wait_are_hidden_and_end(kit) {
        let work = stored(&kit, 1).await;
        let waits = item(&kit, &work, ItemKind::InitialCall, now());
        let hidden = Item { hidden_until: Some(later(30)), ..item(&kit, &work, ItemKind::CallBack, later(1)) };
        let ends = item(&kit, &work, ItemKind::QuarantineEnding, later(2));
        let mut tx = kit.write().await;
        action_items::insert(&mut tx, &[waits.clone(), hidden.clone(), ends.clone()]).await.unwrap();
        let ends = Item {
            cause: "another".to_owned(),
            resolution: Some(Resolution::Checked),
            resolved_at: Some(later(3)),
            resolved_by: Some(kit.account_id),
            ..ends
        };
        action_items::write(&mut tx, &ends).await.unwrap();
        action_items::write_note(&mut tx, &kit.sealer, &ends, &Personal::new("was nothing".to_owned())).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        assert_eq!(action_items::of_case(&mut tx, work.case_id).await.unwrap(), [waits.clone(), hidden, ends]);
        assert_eq!(action_items::waiting_of(&mut tx, &[work.case_id]).await.unwrap(), [waits]);
        assert_eq!(action_items::due(&mut tx, later(29), 10).await.unwrap(), []);
        assert_eq!(action_items::due(&mut tx, later(30), 10).await.unwrap(), [work.case_id]);
    }

    async fn quarantine_that_ended_is_found_until_there_is_an_item_for_its_last_day(kit) {
        let last = date(2026, 2, 28);
        let work = stored(&kit, 1).await;
        let quarantine = Some(DayRange { first: date(2026, 2, 20), last });
        let work = CaseWork { status: CaseStatus::TrackedManually, quarantine, ..work };
        let mut tx = kit.write().await;
        cases::write_work(&mut tx, &work).await.unwrap();
        assert_eq!(cases::with_ended_quarantine(&mut tx, last, 10).await.unwrap(), [], "the last day belongs to it");
        let next = date(2026, 3, 1);
        assert_eq!(cases::with_ended_quarantine(&mut tx, next, 10).await.unwrap(), [work.case_id]);
        let ending = Item { cause: last.to_string(), ..item(&kit, &work, ItemKind::QuarantineEnding, now()) };
        action_items::insert(&mut tx, &[ending]).await.unwrap();
        assert_eq!(cases::with_ended_quarantine(&mut tx, next, 10).await.unwrap(), []);
    }

    async fn calls_and_comments_are_written_once_and_sealed(kit) {
        let work = stored(&kit, 1).await;
        let call = |minutes, outcome, note: Option<&str>| Call {
            call_id: CallId::mint(later(minutes), kit.random()),
            case_id: work.case_id,
            person_id: work.person_id,
            called_at: later(minutes),
            account_id: kit.account_id,
            outcome,
            call_back_at: None,
            note: note.map(|note| Personal::new(note.to_owned())),
        };
        let first = call(0, CallOutcome::NotReached, None);
        let second = Call { call_back_at: Some(later(60)), ..call(1, CallOutcome::CallBack, Some("at her sister's")) };
        let comment = Comment {
            comment_id: CommentId::mint(now(), kit.random()),
            case_id: work.case_id,
            person_id: work.person_id,
            written_at: now(),
            account_id: kit.account_id,
            text: Some(Personal::new("speaks slowly".to_owned())),
        };
        let mut tx = kit.write().await;
        for call in [&first, &second] {
            assert!(calls::insert(&mut tx, &kit.sealer, call).await.unwrap());
        }
        assert!(!calls::insert(&mut tx, &kit.sealer, &second).await.unwrap(), "the same id again changes nothing");
        assert!(comments::insert(&mut tx, &kit.sealer, &comment).await.unwrap());
        assert!(!comments::insert(&mut tx, &kit.sealer, &comment).await.unwrap());
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let found = calls::of_case(&mut tx, Some(&kit.sealer), work.case_id).await.unwrap();
        assert_eq!(found, [second.clone(), first]);
        let last = calls::last_of(&mut tx, &[work.case_id]).await.unwrap();
        assert_eq!(last[&work.case_id], Call { note: None, ..second });
        assert_eq!(comments::of_case(&mut tx, Some(&kit.sealer), work.case_id).await.unwrap(), [comment]);
        let locked = comments::of_case(&mut tx, None, work.case_id).await.unwrap();
        assert_eq!(locked[0].text, None);
    }

    async fn results_are_found_by_laboratory_and_sample(kit) {
        let work = stored(&kit, 1).await;
        let result = LaboratoryResult {
            result_id: ResultId::mint(now(), kit.random()),
            laboratory: "Laboratory \"North\"".to_owned(),
            sample: "S-1".to_owned(),
            person_id: work.person_id,
            case_id: work.case_id,
            disease: Disease::Covid19,
            outcome: TestOutcome::Positive,
            method: Some("PCR".to_owned()),
            specimen_on: Some(date(2026, 2, 27)),
            reported_at: now(),
        };
        let mut tx = kit.write().await;
        laboratory::insert(&mut tx, std::slice::from_ref(&result), now()).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let wanted = [(result.laboratory.clone(), "S-1".to_owned()), (result.laboratory.clone(), "S-2".to_owned())];
        let found = laboratory::of_samples(&mut tx, &wanted).await.unwrap();
        assert_eq!(found.into_values().collect::<Vec<_>>(), [result.clone()]);
        assert_eq!(laboratory::of_cases(&mut tx, &[work.case_id]).await.unwrap(), [result]);
    }
}
