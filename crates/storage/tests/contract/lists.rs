use domain::cases::{CaseClassification, CaseDates};
use domain::diseases::Disease;
use domain::ids::{CaseId, FacilityId, HistoryId, PersonId};
use domain::persons::{Personal, PersonalField};
use domain::references::Reference;
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use storage::cases::{self, Case, CaseFilter, CaseKey, CaseSort, Days, Order};
use storage::history::{self, Change};
use storage::persons::Person;
use storage::{facilities, infections, persons};
use testkit::kit::{nobody, now};
use testkit::{Kind, Kit, contract};

const DISEASE: Disease = Disease::Mers;
const SORTS: [CaseSort; 3] = [CaseSort::Reported, CaseSort::Onset, CaseSort::Created];
const ORDERS: [Order; 2] = [Order::Desc, Order::Asc];

/// A case with days that repeat, and some that are missing.
fn case(kit: &Kit, n: i32, person_id: PersonId, disease: Disease) -> Case {
    let day = |every: i32, span: i32| (n % every != 0).then(|| domain::time::plus_days(date(2026, 1, 1), n * 7 % span));
    let word = |words: &[&str]| words[usize::try_from(n).unwrap() % words.len()].to_owned();
    Case {
        case_id: CaseId::mint(now(), kit.random()),
        person_id,
        disease,
        classification: CaseClassification::ALL[usize::try_from(n).unwrap() % 3],
        dates: CaseDates { symptom_onset: day(4, 9), tested_on: None, reported_on: day(3, 5) },
        exposed_first: None,
        exposed_last: None,
        died_on: None,
        outcome: (n % 5 != 0).then(|| word(&["Alive", "Died"])),
        setting: (n % 2 != 0).then(|| word(&["school", "hospital", "household"])),
        facility_id: None,
        age_band: None,
        age: Some(Personal::new(n.to_string())),
        note: None,
    }
}

fn named(person_id: PersonId, first: &str, last: &str, sex: &str) -> Person {
    let names = [(PersonalField::FirstName, first), (PersonalField::LastName, last)];
    let personal: BTreeMap<_, _> =
        names.into_iter().map(|(field, name)| (field, Personal::new(name.to_owned()))).collect();
    Person { sex: Some(sex.to_owned()), personal, ..nobody(person_id) }
}

/// Stores so many cases of MERS, and one of mpox that no list may show.
async fn fill(kit: &Kit, n_cases: i32) -> Vec<Case> {
    let mut people = Vec::new();
    let mut all = Vec::new();
    for n in 1..=n_cases {
        let person_id = PersonId::mint(now(), kit.random());
        people.push(named(person_id, "Qvistolina", "Zyx", if n % 2 == 0 { "f" } else { "m" }));
        all.push(case(kit, n, person_id, DISEASE));
    }
    let other = case(kit, 1, people[0].person_id, Disease::Mpox);
    let mut tx = kit.write().await;
    persons::insert(&mut tx, &kit.sealer, &people, now()).await.unwrap();
    cases::insert(&mut tx, &kit.sealer, &all, now()).await.unwrap();
    cases::insert(&mut tx, &kit.sealer, &[other], now()).await.unwrap();
    tx.commit().await.unwrap();
    all
}

/// The whole list in an order, computed here: an unknown day is smaller than every other.
fn expected(all: &[Case], sort: CaseSort, order: Order) -> Vec<CaseKey> {
    let day = |case: &Case| match sort {
        CaseSort::Reported => case.dates.reported_on,
        CaseSort::Onset => case.dates.symptom_onset,
        CaseSort::Created => None,
    };
    let mut keys: Vec<CaseKey> = all.iter().map(|case| CaseKey { day: day(case), case_id: case.case_id }).collect();
    keys.sort_by_key(|key| (key.day, key.case_id));
    if order == Order::Desc {
        keys.reverse();
    }
    keys
}

async fn walk(kit: &Kit, filter: &CaseFilter, by: (CaseSort, Order), limit: u64) -> Vec<CaseKey> {
    let mut tx = kit.read().await;
    let mut walked: Vec<CaseKey> = Vec::new();
    loop {
        let page = cases::page_after(&mut tx, filter, by, walked.last(), limit).await.unwrap();
        assert!(page.len() as u64 <= limit);
        if page.is_empty() {
            return walked;
        }
        walked.extend(page);
    }
}

/// A filter, and which cases it means.
type Meant = (CaseFilter, fn(&Case) -> bool);

fn filters() -> Vec<Meant> {
    fn day(day: i8) -> Option<Date> {
        Some(date(2026, 1, day))
    }
    let all = CaseFilter::all_of(DISEASE);
    vec![
        (CaseFilter { setting: Some("school".to_owned()), ..all.clone() }, |case| {
            case.setting.as_deref() == Some("school")
        }),
        (CaseFilter { outcome: Some("Died".to_owned()), ..all.clone() }, |case| {
            case.outcome.as_deref() == Some("Died")
        }),
        (CaseFilter { outcome: Some("nobody's".to_owned()), ..all.clone() }, |_| false),
        (CaseFilter { classification: Some(CaseClassification::Probable), ..all.clone() }, |case| {
            case.classification == CaseClassification::Probable
        }),
        (CaseFilter { onset: Days { first: day(3), last: day(6) }, ..all.clone() }, |case| {
            case.dates.symptom_onset.is_some_and(|on| on >= date(2026, 1, 3) && on <= date(2026, 1, 6))
        }),
        (CaseFilter { reported: Days { first: day(2), last: None }, ..all.clone() }, |case| {
            case.dates.reported_on.is_some_and(|on| on >= date(2026, 1, 2))
        }),
        (
            CaseFilter {
                outcome: Some("Alive".to_owned()),
                onset: Days { first: None, last: day(5) },
                reported: Days { first: day(1), last: day(4) },
                ..all
            },
            |case| {
                case.outcome.as_deref() == Some("Alive")
                    && case.dates.symptom_onset.is_some_and(|on| on <= date(2026, 1, 5))
                    && case.dates.reported_on.is_some_and(|on| on <= date(2026, 1, 4))
            },
        ),
    ]
}

contract! {
    async fn all_pages_together_are_the_whole_list_once_in_every_order(kit) {
        let all = fill(&kit, 61).await;
        let filter = CaseFilter::all_of(DISEASE);
        for by in SORTS.into_iter().flat_map(|sort| ORDERS.map(|order| (sort, order))) {
            let expected = expected(&all, by.0, by.1);
            for limit in [1, 7, 60, 61, 200] {
                assert_eq!(walk(&kit, &filter, by, limit).await, expected, "{by:?}, {limit} a page");
            }
        }
    }

    async fn a_jump_lands_where_walking_would_have_come_from_either_end(kit) {
        let all = fill(&kit, 37).await;
        let filter = CaseFilter::all_of(DISEASE);
        let mut tx = kit.read().await;
        for by in SORTS.into_iter().flat_map(|sort| ORDERS.map(|order| (sort, order))) {
            let expected = expected(&all, by.0, by.1);
            for position in [0, 1, 18, 19, 30, 36, 37, 99] {
                let rest = &expected[expected.len().min(position)..];
                for total in [None, Some(37)] {
                    let page = cases::page_at(&mut tx, &filter, by, position as u64, 8, total).await.unwrap();
                    assert_eq!(page, &rest[..rest.len().min(8)], "{by:?} at {position}, of {total:?}");
                }
            }
        }
    }

    async fn a_filter_lists_and_counts_those_that_have_all_that_is_asked_for(kit) {
        let all = fill(&kit, 61).await;
        for (filter, meant) in filters() {
            let meant: Vec<Case> = all.iter().filter(|case| meant(case)).cloned().collect();
            for by in SORTS.into_iter().flat_map(|sort| ORDERS.map(|order| (sort, order))) {
                assert_eq!(walk(&kit, &filter, by, 5).await, expected(&meant, by.0, by.1), "{filter:?}");
            }
            let mut tx = kit.read().await;
            assert_eq!(cases::count(&mut tx, &filter, 1_000).await.unwrap(), meant.len() as u64, "{filter:?}");
            let ids = |found: Vec<cases::CaseRef>| {
                let mut ids: Vec<CaseId> = found.iter().map(|found| found.case_id).collect();
                ids.sort();
                ids
            };
            let meant: Vec<CaseId> = meant.iter().map(|case| case.case_id).collect();
            assert_eq!(ids(cases::matching(&mut tx, &filter, 1_000).await.unwrap()), meant);
            let everybody: Vec<PersonId> = all.iter().map(|case| case.person_id).collect();
            assert_eq!(ids(cases::matching_of(&mut tx, &filter, &everybody).await.unwrap()), meant);
            let none = cases::matching_of(&mut tx, &filter, &[]).await.unwrap();
            assert_eq!(none, []);
        }
    }

    async fn sex_and_place_are_filters_too_and_a_count_stops_where_it_is_told(kit) {
        fill(&kit, 20).await;
        let place = FacilityId::mint(now(), [7; 10]);
        let patient = PersonId::mint(now(), kit.random());
        let there = Case { facility_id: Some(place), ..case(&kit, 1, patient, DISEASE) };
        let mut tx = kit.write().await;
        facilities::insert(&mut tx, &[(place, "Café Süd".to_owned())], now()).await.unwrap();
        persons::insert(&mut tx, &kit.sealer, &[named(patient, "A", "B", "d")], now()).await.unwrap();
        cases::insert(&mut tx, &kit.sealer, &[there.clone()], now()).await.unwrap();
        let all = CaseFilter::all_of(DISEASE);
        let by = (CaseSort::Reported, Order::Desc);
        let at_place = CaseFilter { place: Some(place), ..all.clone() };
        let of_sex = |sex: &str| CaseFilter { sex: Some(sex.to_owned()), ..all.clone() };
        for filter in [at_place, of_sex("d")] {
            let found = cases::page_after(&mut tx, &filter, by, None, 9).await.unwrap();
            assert_eq!(found.iter().map(|key| key.case_id).collect::<Vec<_>>(), [there.case_id]);
        }
        assert_eq!(cases::count(&mut tx, &of_sex("f"), 1_000).await.unwrap(), 10);
        assert_eq!(cases::count(&mut tx, &all, 5).await.unwrap(), 6, "one more than was asked for");
        let found = cases::listed(&mut tx, Some(&kit.sealer), &[there.case_id]).await.unwrap();
        assert_eq!(found[0].place, Some((place, "Café Süd".to_owned())));
    }

    async fn the_values_that_occur_are_those_of_the_disease_each_once(kit) {
        fill(&kit, 20).await;
        let (south, north) = (FacilityId::mint(now(), [7; 10]), FacilityId::mint(now(), [8; 10]));
        let mut tx = kit.write().await;
        let names = [(south, "Süd".to_owned()), (north, "Nord".to_owned()), (FacilityId::mint(now(), [9; 10]), "unused".to_owned())];
        facilities::insert(&mut tx, &names, now()).await.unwrap();
        for place in [south, north, south] {
            let person = PersonId::mint(now(), kit.random());
            let there = Case { facility_id: Some(place), ..case(&kit, 1, person, DISEASE) };
            cases::insert(&mut tx, &kit.sealer, &[there], now()).await.unwrap();
        }
        let found = cases::values(&mut tx, DISEASE).await.unwrap();
        assert_eq!(found.places, [(north, "Nord".to_owned()), (south, "Süd".to_owned())]);
        assert_eq!(found.settings, ["hospital", "household", "school"]);
        assert_eq!(found.outcomes, ["Alive", "Died"]);
        assert_eq!(found.sexes, ["f", "m"]);
        assert_eq!(cases::values(&mut tx, Disease::Ebola).await.unwrap(), cases::CaseValues::default());
        assert_eq!(cases::diseases(&mut tx, None).await.unwrap(), [Disease::Mers, Disease::Mpox]);
    }

    async fn rows_come_in_the_order_asked_for_and_without_a_key_names_stay_locked(kit) {
        let all = fill(&kit, 3).await;
        let wanted = [all[2].case_id, all[0].case_id, CaseId::mint(now(), kit.random())];
        let mut tx = kit.read().await;
        let open = cases::listed(&mut tx, Some(&kit.sealer), &wanted).await.unwrap();
        assert_eq!(open.iter().map(|row| row.case_id).collect::<Vec<_>>(), wanted[..2]);
        assert_eq!(open[0].last_name, Some(Personal::new("Zyx".to_owned())));
        assert_eq!((&open[0].age, &open[0].sex), (&all[2].age, &Some("m".to_owned())));
        assert_eq!((open[0].dates, open[0].created_at), (all[2].dates, now()));
        let locked = cases::listed(&mut tx, None, &wanted).await.unwrap();
        assert_eq!((&locked[0].last_name, &locked[0].age, &locked[0].setting), (&None, &None, &all[2].setting));
        let whole = cases::by_id(&mut tx, Some(&kit.sealer), all[1].case_id).await.unwrap();
        assert_eq!(whole, Some(all[1].clone()));
        assert_eq!(cases::by_id(&mut tx, None, all[1].case_id).await.unwrap().unwrap().age, None);
        assert_eq!(cases::by_id(&mut tx, None, wanted[2]).await.unwrap(), None);
        let brief = cases::briefly_of_persons(&mut tx, &[all[0].person_id]).await.unwrap();
        let diseases: Vec<Disease> = brief.iter().map(|case| case.disease).collect();
        assert_eq!(diseases, [Disease::Mers, Disease::Mpox], "of all diseases");
    }

    async fn references_are_found_by_how_they_begin(kit) {
        let person = kit.person("SK_1").await;
        for other in ["SK_14", "SK-1", "sk_1", "SK_2", "SL"] {
            kit.person(other).await;
        }
        let mut tx = kit.write().await;
        persons::insert_references(&mut tx, &[(Reference::new("zz.9").unwrap(), person)]).await.unwrap();
        let found = persons::by_prefix(&mut tx, "SK_1", 10).await.unwrap();
        assert_eq!(found.iter().map(|(reference, _)| reference.as_str()).collect::<Vec<_>>(), ["SK_1", "SK_14"]);
        assert_eq!(found[0].1, person);
        assert_eq!(persons::by_prefix(&mut tx, "S", 3).await.unwrap().len(), 3);
        assert_eq!(persons::all_references(&mut tx, person).await.unwrap(), ["SK_1", "zz.9"]);
    }

    async fn names_are_read_in_the_order_of_ids_and_open_only_with_the_key(kit) {
        let people: Vec<Person> =
            (0..5).map(|n| named(PersonId::mint(now(), kit.random()), &format!("F{n}"), "L", "f")).collect();
        let ids: Vec<PersonId> = people.iter().map(|person| person.person_id).collect();
        let mut tx = kit.write().await;
        persons::insert(&mut tx, &kit.sealer, &people, now()).await.unwrap();
        let page = persons::names_after(&mut tx, ids[1], 2).await.unwrap();
        assert_eq!(page.iter().map(|name| name.person_id).collect::<Vec<_>>(), ids[2..4]);
        let name = page[0].open(&kit.sealer).unwrap();
        assert_eq!((name.first_name, name.born), (Some(Personal::new("F2".to_owned())), None));
        let some = persons::names_of(&mut tx, &[ids[4], PersonId::mint(now(), kit.random())]).await.unwrap();
        assert_eq!(some.len(), 1);
    }

    async fn persons_that_come_and_go_move_the_mark(kit) {
        let mut tx = kit.write().await;
        let mark = persons::change_mark(&mut tx).await.unwrap();
        assert_eq!((mark.changed, mark.removed), (0, 0));
        let person = PersonId::mint(now(), kit.random());
        persons::insert_unknown(&mut tx, &[person], now()).await.unwrap();
        assert_eq!(persons::change_mark(&mut tx).await.unwrap().changed, 1, "who was only met is new, too");
        storage::retention::erase_person(&mut tx, person).await.unwrap();
        let mark = persons::change_mark(&mut tx).await.unwrap();
        assert_eq!((mark.changed, mark.removed), (1, 1));
        assert_eq!(persons::changes_since(&mut tx, 0).await.unwrap(), [], "gone with the person");
    }

    async fn history_comes_page_by_page_newest_first_for_one_case(kit) {
        let person_id = kit.person("A").await;
        let (one, other) = (CaseId::mint(now(), [1; 10]), CaseId::mint(now(), [2; 10]));
        let change = |n: u8, case_id: Option<CaseId>, field: &str| Change {
            history_id: HistoryId::mint(now(), [n; 10]),
            person_id,
            case_id,
            changed_at: now(),
            account_id: kit.account_id,
            field: field.to_owned(),
            before: None,
            after: Some(Personal::new(n.to_string())),
            why: "test".to_owned(),
        };
        let all = [change(1, Some(one), "outcome"), change(2, Some(other), "outcome"), change(3, None, "city"), change(4, Some(one), "note")];
        let mut tx = kit.write().await;
        history::insert(&mut tx, &kit.sealer, &all).await.unwrap();
        let of_one = (person_id, Some(one));
        let first = history::page(&mut tx, Some(&kit.sealer), of_one, None, 2).await.unwrap();
        assert_eq!(first, [all[3].clone(), all[2].clone()]);
        let rest = history::page(&mut tx, Some(&kit.sealer), of_one, Some(all[2].history_id), 2).await.unwrap();
        assert_eq!(rest, [all[0].clone()], "not the other case's");
        assert_eq!(history::page(&mut tx, None, (person_id, None), None, 9).await.unwrap()[1].after, None, "locked");
        let names = history::account_names(&mut tx, &all).await.unwrap();
        assert_eq!(names, [(kit.account_id, "test".to_owned())].into());
    }

    async fn whom_somebody_infected_is_counted(kit) {
        let (a, b) = (kit.person("A").await, kit.person("B").await);
        let link = domain::infections::InfectionLink {
            link_id: domain::ids::LinkId::mint(now(), kit.random()),
            infector: a,
            infected: b,
            setting: None,
            infected_on: None,
        };
        let mut tx = kit.write().await;
        infections::insert(&mut tx, &[link], now()).await.unwrap();
        assert_eq!(infections::count_from(&mut tx, a).await.unwrap(), 1);
        assert_eq!(infections::count_from(&mut tx, b).await.unwrap(), 0);
    }

    async fn the_neighbour_lists_and_counts_none_of_ours(kit) {
        let all = fill(&kit, 5).await;
        kit.person("SK_1").await;
        let neighbour = kit.neighbour().await;
        let mut tx = kit.store.write(neighbour).await.unwrap();
        let filter = CaseFilter::all_of(DISEASE);
        let page = cases::page_after(&mut tx, &filter, (CaseSort::Reported, Order::Desc), None, 9).await.unwrap();
        assert_eq!(page, []);
        assert_eq!(cases::count(&mut tx, &filter, 9).await.unwrap(), 0);
        let ids: Vec<CaseId> = all.iter().map(|case| case.case_id).collect();
        assert_eq!(cases::listed(&mut tx, None, &ids).await.unwrap(), []);
        assert_eq!(cases::by_id(&mut tx, None, ids[0]).await.unwrap(), None);
        assert!(persons::by_prefix(&mut tx, "S", 9).await.unwrap().is_empty());
        assert!(persons::names_after(&mut tx, PersonId(uuid::Uuid::nil()), 9).await.unwrap().is_empty());
    }

    /// A page costs its rows: no table is scanned, and SQLite, which is told its index, sorts nothing. PostgreSQL sorts
    /// what little a test stores.
    async fn the_pages_of_a_list_follow_an_index_in_every_order(kit) {
        fill(&kit, 300).await;
        for (sqlite, postgres) in [cases::texts_of_pages(), cases::texts_of_worklist()].concat() {
            let (text, refused): (_, &[&str]) = match kit.database.kind {
                Kind::Sqlite => (sqlite, &["TEMP B-TREE"]),
                Kind::Postgres => (postgres, &["Seq Scan"]),
            };
            let plan = kit.database.plan(&text, kit.authority_id).await;
            for word in refused {
                assert!(!plan.contains(word), "{text}\n{plan}");
            }
            assert!(["index", "primary key"].iter().any(|key| plan.to_lowercase().contains(key)), "{text}\n{plan}");
        }
    }
}
