//! What a list of cases asks for of the work on them, each alone and all together, against a plain look at every case.

use domain::cases::{CaseClassification, CaseDates, CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::ids::{AccountId, CaseId, PersonId};
use domain::time::{DayRange, plus_days};
use jiff::civil::{Date, date};
use storage::cases::{self, AssignedTo, Case, CaseFilter, CaseSort, CaseWork, Days, Order, Postcodes};
use storage::persons::{self, Person};
use testkit::kit::{nobody, now};
use testkit::{Kind, Kit, contract};

const DISEASE: Disease = Disease::Covid19;
const POSTCODES: [Option<&str>; 6] = [None, Some("68159"), Some("68161"), Some("6"), Some("10115"), Some("69~ü")];

/// A case with all that can be asked for.
struct Stored {
    case: Case,
    work: CaseWork,
    postcode: Option<String>,
}

fn day(n: usize) -> Date {
    plus_days(date(2026, 3, 1), i32::try_from(n).unwrap())
}

/// Stores so many cases, whose values repeat at steps that share no factor, so that they meet in many ways.
async fn fill(kit: &Kit, n_cases: usize) -> Vec<Stored> {
    let mut tx = kit.write().await;
    let mut all = Vec::new();
    for n in 0..n_cases {
        let person_id = PersonId::mint(now(), kit.random());
        let postcode = POSTCODES[n % POSTCODES.len()].map(str::to_owned);
        let person = Person { postcode: postcode.clone(), ..nobody(person_id) };
        let case = Case {
            case_id: CaseId::mint(now(), kit.random()),
            person_id,
            disease: DISEASE,
            classification: CaseClassification::ALL[n % 3],
            dates: CaseDates {
                symptom_onset: (n % 4 != 0).then(|| day(n % 9)),
                tested_on: (n % 5 != 0).then(|| day(n % 11)),
                reported_on: (n % 3 != 0).then(|| day(n % 7)),
            },
            exposed_first: None,
            exposed_last: None,
            died_on: None,
            outcome: None,
            setting: None,
            facility_id: None,
            age_band: None,
            age: None,
            note: None,
        };
        persons::insert(&mut tx, &kit.sealer, &[person], now()).await.unwrap();
        cases::insert(&mut tx, &kit.sealer, &[case.clone()], now()).await.unwrap();
        let mut work = cases::lock(&mut tx, case.case_id).await.unwrap().unwrap();
        work.case_type = CaseType::ALL[n % 4];
        work.status = CaseStatus::ALL[n % 7];
        work.assigned_to = [None, Some(kit.account_id), Some(other())][n % 3];
        work.quarantine = (n % 2 == 0).then(|| DayRange { first: day(n % 13), last: day(n % 13 + 5) });
        cases::write_work(&mut tx, &work).await.unwrap();
        all.push(Stored { case, work, postcode });
    }
    tx.commit().await.unwrap();
    all
}

fn other() -> AccountId {
    AccountId(uuid::Uuid::from_u128(7))
}

fn has(days: Days, day: Option<Date>) -> bool {
    days == Days::ANY
        || day
            .is_some_and(|day| days.first.is_none_or(|first| first <= day) && days.last.is_none_or(|last| day <= last))
}

/// Says whether a case is meant, by looking at it.
fn is_meant(filter: &CaseFilter, Stored { case, work, postcode }: &Stored) -> bool {
    let lives_there = |postcodes: &Postcodes| match (postcodes, postcode) {
        (_, None) => false,
        (Postcodes::Whole(whole), Some(postcode)) => whole == postcode,
        (Postcodes::Beginning(beginning), Some(postcode)) => postcode.starts_with(beginning),
    };
    let is_theirs = |assigned: AssignedTo| match assigned {
        AssignedTo::Nobody => work.assigned_to.is_none(),
        AssignedTo::Somebody => work.assigned_to.is_some(),
        AssignedTo::Account(account) => work.assigned_to == Some(account),
    };
    filter.classification.is_none_or(|asked| asked == case.classification)
        && has(filter.onset, case.dates.symptom_onset)
        && has(filter.reported, case.dates.reported_on)
        && has(filter.tested, case.dates.tested_on)
        && filter.case_type.is_none_or(|asked| asked == work.case_type)
        && (filter.statuses.is_empty() || filter.statuses.contains(&work.status))
        && filter.assigned.is_none_or(is_theirs)
        && filter
            .quarantined_on
            .is_none_or(|on| work.quarantine.is_some_and(|days| days.first <= on && on <= days.last))
        && has(filter.quarantine_ends, work.quarantine.map(|days| days.last))
        && filter.postcodes.as_ref().is_none_or(lives_there)
}

/// Adds one condition to a filter.
type Condition = Box<dyn Fn(CaseFilter) -> CaseFilter>;

/// Every condition with some values, and one that nobody meets.
fn conditions(kit: &Kit) -> Vec<Vec<Condition>> {
    fn each<T: Clone + 'static>(values: Vec<T>, set: fn(&mut CaseFilter, T)) -> Vec<Condition> {
        let one = |value: T| -> Condition {
            Box::new(move |mut filter| {
                set(&mut filter, value.clone());
                filter
            })
        };
        values.into_iter().map(one).collect()
    }
    let days = |first, last| Days { first, last };
    let some = vec![
        days(Some(day(2)), Some(day(6))),
        days(Some(day(4)), None),
        days(None, Some(day(7))),
        days(Some(day(6)), Some(day(2))),
    ];
    let beginning = |text: &str| Postcodes::Beginning(text.to_owned());
    let whole = |text: &str| Postcodes::Whole(text.to_owned());
    let postcodes = vec![whole("68159"), whole("6"), beginning("6"), beginning("68"), beginning("69"), beginning("9")];
    let assigned = [AssignedTo::Nobody, AssignedTo::Somebody, AssignedTo::Account(kit.account_id)];
    vec![
        each(CaseType::ALL.to_vec(), |filter, one| filter.case_type = Some(one)),
        each(
            vec![
                vec![CaseStatus::Open],
                vec![CaseStatus::Open, CaseStatus::Tracking, CaseStatus::External],
                vec![CaseStatus::Anonymised],
            ],
            |filter, some| filter.statuses = some,
        ),
        each(assigned.to_vec(), |filter, one| filter.assigned = Some(one)),
        each(vec![day(4), day(30)], |filter, one| filter.quarantined_on = Some(one)),
        each(some.clone(), |filter, one| filter.quarantine_ends = one),
        each(postcodes, |filter, one| filter.postcodes = Some(one)),
        each(some.clone(), |filter, one| filter.tested = one),
        each(some.clone(), |filter, one| filter.reported = one),
        each(some, |filter, one| filter.onset = one),
    ]
}

/// Lists, counts and finds by person what a filter means, and compares it with a look at every case.
async fn check(kit: &Kit, all: &[Stored], filter: &CaseFilter) -> usize {
    let mut tx = kit.read().await;
    let mut meant: Vec<CaseId> =
        all.iter().filter(|stored| is_meant(filter, stored)).map(|stored| stored.case.case_id).collect();
    meant.sort();
    for sort in [CaseSort::Reported, CaseSort::Onset, CaseSort::Created] {
        let page = cases::page_after(&mut tx, filter, (sort, Order::Desc), None, 1_000).await.unwrap();
        let mut listed: Vec<CaseId> = page.iter().map(|key| key.case_id).collect();
        listed.sort();
        assert_eq!(listed, meant, "by {sort:?}: {filter:?}");
    }
    assert_eq!(cases::count(&mut tx, filter, 1_000).await.unwrap(), meant.len() as u64, "{filter:?}");
    let ids = |found: Vec<cases::CaseRef>| {
        let mut ids: Vec<CaseId> = found.iter().map(|found| found.case_id).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(cases::matching(&mut tx, filter, 1_000).await.unwrap()), meant, "{filter:?}");
    let everybody: Vec<PersonId> = all.iter().map(|stored| stored.case.person_id).collect();
    assert_eq!(ids(cases::matching_of(&mut tx, filter, &everybody).await.unwrap()), meant, "{filter:?}");
    meant.len()
}

contract! {
    async fn each_condition_alone_means_what_a_look_at_every_case_says(kit) {
        let all = fill(&kit, 150).await;
        for condition in conditions(&kit) {
            let mut n_met = Vec::new();
            for value in condition {
                n_met.push(check(&kit, &all, &value(CaseFilter::all_of(DISEASE))).await);
            }
            assert!(n_met.iter().any(|n| (1..150).contains(n)), "no value tells cases apart: {n_met:?}");
        }
    }

    async fn conditions_together_mean_those_that_have_all_of_them(kit) {
        let all = fill(&kit, 150).await;
        let conditions = conditions(&kit);
        let mut n_met = 0;
        for round in 0..60_usize {
            // Two to four of them in turn, now and then all.
            let is_in = |i: usize| round % 20 == 0 || (i + round) % conditions.len() < 2 + round % 3;
            let chosen = conditions.iter().enumerate().filter(|(i, _)| is_in(*i));
            let filter = chosen.fold(CaseFilter::all_of(DISEASE), |filter, (i, values)| values[(round + i) % values.len()](filter));
            n_met += check(&kit, &all, &filter).await;
        }
        assert!(n_met > 100, "the rounds meet only {n_met} cases");
    }

    async fn a_row_says_what_was_asked_for(kit) {
        let all = fill(&kit, 4).await;
        let ids: Vec<CaseId> = all.iter().map(|stored| stored.case.case_id).collect();
        let rows = cases::listed(&mut kit.read().await, None, &ids).await.unwrap();
        for (row, Stored { work, .. }) in rows.iter().zip(&all) {
            let said = (row.case_type, row.status, row.quarantine);
            assert_eq!(said, (work.case_type, work.status, work.quarantine));
        }
        assert_eq!([&rows[0].assignee, &rows[1].assignee], [&None, &Some("test".to_owned())]);
    }

    async fn what_few_cases_have_is_counted_from_an_index(kit) {
        fill(&kit, 200).await;
        for (index, sqlite, postgres) in cases::texts_of_counts() {
            let text = if kit.database.kind == Kind::Sqlite { sqlite } else { postgres };
            let plan = kit.database.plan(&text, kit.authority_id).await;
            match kit.database.kind {
                Kind::Sqlite => {
                    assert!(plan.contains(index), "{text}\n{plan}");
                    assert!(!plan.contains("SCAN c ") && !plan.contains("SCAN p "), "{text}\n{plan}");
                }
                Kind::Postgres => assert!(!plan.contains("Seq Scan"), "{text}\n{plan}"),
            }
        }
    }

    async fn the_neighbours_cases_are_never_meant(kit) {
        fill(&kit, 12).await;
        let neighbour = kit.neighbour().await;
        let mut tx = kit.store.write(neighbour).await.unwrap();
        for value in conditions(&kit).into_iter().flatten() {
            let filter = value(CaseFilter::all_of(DISEASE));
            assert_eq!(cases::count(&mut tx, &filter, 9).await.unwrap(), 0, "{filter:?}");
        }
    }
}
