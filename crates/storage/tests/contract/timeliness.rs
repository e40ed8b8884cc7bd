//! How long steps took, counted by both databases as the domain counts one case.

use super::cases::case;
use domain::cases::{CaseClock, CaseStatus, CaseType, Milestone, Standing};
use domain::diseases::Disease;
use domain::ids::AccountId;
use domain::time::DayRange;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use storage::cases::{self, CaseWork, Load, StepCounts};
use testkit::kit::now;
use testkit::{Kit, contract};

/// The day on which all cases here are reported.
const DAYS: DayRange = DayRange { first: date(1861, 11, 21), last: date(1861, 11, 21) };

fn minutes_ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

/// Stores a case as `write` leaves it.
async fn store(kit: &Kit, n: u8, write: impl FnOnce(&mut CaseWork)) -> CaseId {
    let person_id = kit.person(&format!("P{n}")).await;
    let case = case(n, person_id, Disease::Covid19);
    let mut tx = kit.write().await;
    cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
    let mut work = cases::lock(&mut tx, case.case_id).await.unwrap().unwrap();
    write(&mut work);
    cases::write_work(&mut tx, &work).await.unwrap();
    tx.commit().await.unwrap();
    case.case_id
}

fn note(counts: &mut StepCounts, standing: Standing) {
    match standing {
        Standing::OnTime => counts.on_time += 1,
        Standing::Late => counts.late += 1,
        Standing::TooLate => counts.too_late += 1,
        Standing::Running => counts.running += 1,
        Standing::Overdue => counts.overdue += 1,
        Standing::Unknown => {}
    }
}

const HOUR: i64 = 60;

/// Minutes since the report, and from the report to each step in turn; `None` where it wasn't reached.
const CLOCKS: &[(i64, [Option<i64>; 5])] = &[
    (100 * HOUR, [Some(0), Some(24 * HOUR), Some(24 * HOUR + 1), Some(48 * HOUR), Some(48 * HOUR + 1)]),
    (24 * HOUR, [None, None, Some(5), Some(-5), None]),
    (24 * HOUR + 1, [None, Some(24 * HOUR + 1), None, None, None]),
    (1, [Some(1), None, None, None, None]),
];

fn clock((reported, steps): &(i64, [Option<i64>; 5])) -> CaseClock {
    let at = |step: usize| steps[step].map(|after| minutes_ago(reported - after));
    CaseClock {
        reported_at: Some(minutes_ago(*reported)),
        assigned_at: at(0),
        first_call_at: at(1),
        contacts_named_at: at(2),
        contacts_notified_at: at(3),
        quarantined_at: at(4),
    }
}

contract! {
    async fn steps_are_counted_as_the_case_page_says_them(kit) {
        let mut expected = [StepCounts::default(); 5];
        for (n, one) in CLOCKS.iter().enumerate() {
            let clock = clock(one);
            store(&kit, u8::try_from(n).unwrap(), |work| work.clock = clock).await;
            for (counts, milestone) in expected.iter_mut().zip(Milestone::STEPS) {
                note(counts, clock.standing(milestone, now()));
            }
        }
        store(&kit, 50, |work| work.clock = CaseClock::default()).await;
        store(&kit, 51, |work| {
            work.case_type = CaseType::ContactMedical;
            work.clock = clock(&CLOCKS[0]);
        })
        .await;
        let gone = store(&kit, 52, |work| work.clock = clock(&CLOCKS[0])).await;
        let mut tx = kit.write().await;
        storage::hand_overs::set_whither(&mut tx, gone, Some((domain::ids::AuthorityId(2), None))).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let found = cases::steps_between(&mut tx, Disease::Covid19, DAYS, now()).await.unwrap();
        let of = |is_index| found.iter().find(|cases| cases.is_index == is_index).unwrap();
        assert_eq!((of(true).n_cases, of(true).n_timed, of(true).steps), (5, 4, expected));
        assert_eq!((of(false).n_cases, of(false).steps[4].too_late), (1, 1));
        let other = DayRange { first: date(1861, 11, 22), last: date(1861, 12, 31) };
        assert!(cases::steps_between(&mut tx, Disease::Covid19, other, now()).await.unwrap().is_empty());
        assert!(cases::steps_between(&mut tx, Disease::Mers, DAYS, now()).await.unwrap().is_empty());
    }

    async fn anonymised_cases_keep_their_steps_and_leave_the_origins(kit) {
        store(&kit, 1, |work| work.clock = clock(&CLOCKS[0])).await;
        store(&kit, 2, |_| ()).await;
        let mut tx = kit.write().await;
        let id = domain::ids::CaseId::mint(now(), [1; 10]);
        assert!(storage::anonymising::anonymise_case(&mut tx, id, now()).await.unwrap());
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let found = cases::steps_between(&mut tx, Disease::Covid19, DAYS, now()).await.unwrap();
        assert_eq!((found[0].n_cases, found[0].steps[0].on_time), (2, 1));
        let origins = cases::origins_between(&mut tx, Disease::Covid19, DAYS).await.unwrap();
        assert_eq!((origins.n_index, origins.n_anonymised, origins.n_unlinked, origins.n_without_contacts), (2, 1, 1, 1));
    }

    async fn each_worker_has_the_cases_that_are_not_over(kit) {
        let other = AccountId::mint(now(), [7; 10]);
        for (n, to, status, priority_tenths) in [
            (1, Some(kit.account_id), CaseStatus::Open, 3),
            (2, Some(kit.account_id), CaseStatus::TrackedManually, 0),
            (3, Some(kit.account_id), CaseStatus::Concluded, 0),
            (4, Some(other), CaseStatus::Open, 31),
            (5, None, CaseStatus::Open, 6),
        ] {
            store(&kit, n, |work| {
                (work.assigned_to, work.status, work.priority_tenths) = (to, status, priority_tenths);
                work.waiting_since = (priority_tenths > 0).then(now);
            })
            .await;
        }
        let mut tx = kit.read().await;
        let mut loads = cases::workload(&mut tx).await.unwrap();
        loads.sort_by_key(|load| load.priority_tenths);
        let load = |account_id, n_open, n_waiting, priority_tenths| Load { account_id, n_open, n_waiting, priority_tenths };
        assert_eq!(loads, [load(Some(kit.account_id), 2, 1, 3), load(None, 1, 1, 6), load(Some(other), 1, 1, 31)]);
    }
}
