//! `lists`: pages, filters, the order of names and searches by name, among 1,000,000 cases.
//!
//! Each answer is timed whole: rights, ids, rows, opening their names, and the record in the audit log, which waits for
//! the disk. Beside a page stands a plain read of its rows by their ids, beside a search a plain loop over the names.

use crate::Scale;
use crate::cost::measured;
use crate::figures::{Figure, Figures, Goal, median, quantile};
use crate::network::generator;
use crate::place::{Database, Plain, Server, Stand};
use app::cases::{CaseConditions, CasePage, CaseQuery, ListSort, SearchQuery, Start};
use domain::cases::{CaseClassification, CaseDates};
use domain::diseases::Disease;
use domain::ids::{CaseId, FacilityId, PersonId};
use domain::persons::{Personal, PersonalField};
use domain::references::Reference;
use domain::time::plus_days;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde_json::json;
use sqlx::{Executor, QueryBuilder};
use std::collections::BTreeMap;
use std::time::Instant;
use storage::cases::{Case, Days, Order};
use storage::persons::Person;

const DISEASE: Disease = Disease::Covid19;

/// Answers of each kind.
const N_ASKED: usize = 300;

/// Cases of one transaction while the store is filled.
const FILL: usize = 20_000;

const N_PLACES: u32 = 500;

/// Days over which the cases were reported.
const FIRST: Date = date(2026, 1, 1);
const N_DAYS: u32 = 400;

const METHOD: &str = "whole answers of 50 cases, each with its audit record and synced commit. The peer reads the rows of \
    the same cases with their persons by their ids, one statement, and opens nothing; ratio: its median divided by ours";

const SEARCH_METHOD: &str = "whole answers: three letters that begin somebody's last name, each time others; index read for \
    changes, searched, joined with cases, 50 rows opened, audited, synced. The peer is a plain loop over all names in \
    memory (str::contains, nothing sorted, no database); ratio: its median divided by ours";

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("lists", scale);
    let n_cases = scale.of(1_000_000);
    for database in Database::BOTH {
        let stand = server.stand(database, "lists").await;
        let names = fill(server, &stand, n_cases).await;
        build(&stand, database, n_cases, &mut figures).await;
        pages(&stand, database, n_cases, &mut figures).await;
        search(&stand, database, &names, &mut figures).await;
        stand.remove().await;
    }
    figures.write();
}

const BEGINNINGS: [&str; 20] =
    ["b", "br", "d", "f", "fr", "g", "h", "j", "k", "kl", "l", "m", "n", "p", "r", "s", "sch", "st", "w", "z"];
const VOWELS: [&str; 10] = ["a", "e", "i", "o", "u", "ä", "ö", "ü", "ei", "au"];
const ENDS: [&str; 8] = ["", "", "l", "n", "r", "s", "tz", "ck"];

/// Makes up a name. Frequent beginnings are as frequent as in German: of a hundred people five are found by `sch`.
pub fn name(draw: &mut impl FnMut(u32) -> u32, most: u32) -> String {
    let n_syllables = 2 + draw(most - 1);
    let mut name = String::new();
    for _ in 0..n_syllables {
        name += BEGINNINGS[draw(20) as usize];
        name += VOWELS[draw(10) as usize];
        name += ENDS[draw(8) as usize];
    }
    name
}

/// Fills the store; returns the last names.
pub async fn fill(server: &Server, stand: &Stand, n_cases: usize) -> Vec<String> {
    let started = Instant::now();
    let mut draw = generator(31);
    let sealer = stand.app.sealer(&stand.worker).unwrap();
    let at = |n: usize| Timestamp::from_millisecond(1_767_225_600_000 + n as i64).unwrap();
    let random = |draw: &mut dyn FnMut(u32) -> u32| -> [u8; 10] { std::array::from_fn(|_| draw(256) as u8) };
    let places: Vec<(FacilityId, String)> =
        (0..N_PLACES).map(|n| (FacilityId::mint(at(0), random(&mut draw)), format!("Place {n}"))).collect();
    let mut names = Vec::with_capacity(n_cases);
    for part in 0..n_cases.div_ceil(FILL) {
        let (mut people, mut references, mut cases) = (Vec::new(), Vec::new(), Vec::new());
        for n in part * FILL..((part + 1) * FILL).min(n_cases) {
            let person_id = PersonId::mint(at(n), random(&mut draw));
            let (last, entropy) = (name(&mut draw, 3), random(&mut draw));
            let born = format!("{}-{:02}-{:02}", 1930 + draw(80), 1 + draw(12), 1 + draw(28));
            let personal: BTreeMap<_, _> = [
                (PersonalField::FirstName, name(&mut draw, 2)),
                (PersonalField::LastName, last.clone()),
                (PersonalField::Born, born),
            ]
            .map(|(field, value)| (field, Personal::new(value)))
            .into();
            let sex = Some(if draw(2) == 0 { "f" } else { "m" }.to_owned());
            people.push(Person { person_id, sex, postcode: None, language: None, says_no_email: false, personal });
            references.push((Reference::new(&format!("K{n:07}")).unwrap(), person_id));
            cases.push(case(n, n_cases, person_id, &places, &mut draw, CaseId::mint(at(n), entropy)));
            names.push(last);
        }
        let mut tx = stand.unsynced.store.write(stand.worker.authority.authority_id).await.unwrap();
        if part == 0 {
            storage::facilities::insert(&mut tx, &places, stand.app.now()).await.unwrap();
        }
        storage::persons::insert(&mut tx, &sealer, &people, stand.app.now()).await.unwrap();
        storage::persons::insert_references(&mut tx, &references).await.unwrap();
        storage::cases::insert(&mut tx, &sealer, &cases, stand.app.now()).await.unwrap();
        tx.commit().await.unwrap();
    }
    if matches!(stand.plain, Plain::Postgres(_)) {
        let superuser = server.superuser(stand).await;
        superuser.execute("VACUUM ANALYZE").await.unwrap();
        superuser.close().await;
    }
    stand.settle().await;
    println!("  {n_cases} cases stored in {:.0} s", started.elapsed().as_secs_f64());
    names
}

fn case(
    n: usize,
    n_cases: usize,
    person_id: PersonId,
    places: &[(FacilityId, String)],
    draw: &mut impl FnMut(u32) -> u32,
    case_id: CaseId,
) -> Case {
    let day = i32::try_from(n * N_DAYS as usize / n_cases).unwrap();
    let reported = plus_days(FIRST, day - i32::try_from(draw(14)).unwrap());
    let of = |draw: u32, words: &[(u32, Option<&str>)]| {
        let mut left = draw;
        let found = words.iter().find(|(weight, _)| left.checked_sub(*weight).map(|rest| left = rest).is_none());
        found.and_then(|(_, word)| word.map(str::to_owned))
    };
    let (outcome, setting) = (draw(10_000), draw(10_000));
    Case {
        case_id,
        person_id,
        disease: DISEASE,
        classification: CaseClassification::ALL[[2, 2, 2, 1][draw(4) as usize]],
        dates: CaseDates {
            symptom_onset: (draw(5) > 0).then(|| plus_days(reported, -3)),
            tested_on: None,
            reported_on: (draw(50) > 0).then_some(reported),
        },
        exposed_first: None,
        exposed_last: None,
        died_on: None,
        outcome: of(outcome, &[(9_000, Some("recovered")), (200, Some("died")), (799, None), (1, Some("lost"))]),
        setting: of(setting, &[(5_000, None), (3_000, Some("home")), (1_999, Some("hospital")), (1, Some("flight"))]),
        facility_id: (draw(3) == 0).then(|| places[draw(N_PLACES) as usize].0),
        age_band: None,
        age: None,
        note: None,
    }
}

async fn build(stand: &Stand, database: Database, n_cases: usize, figures: &mut Figures) {
    let mut walls = Vec::new();
    let mut cpu_s = Vec::new();
    let mut bytes = 0;
    for _ in 0..3 {
        stand.app.drop_idle_names(Timestamp::MAX);
        let (size, cost) = measured(stand, stand.app.prepare_names(&stand.worker)).await;
        let size = size.unwrap();
        assert_eq!(size.n_persons, n_cases);
        bytes = size.bytes;
        walls.push(cost.wall_s);
        cpu_s.push(cost.cpu_s);
    }
    let per_million = 1e6 / n_cases as f64;
    let base = Figure {
        figure: format!("index of names, {}: built, a million", database.name()),
        value: median(&walls) * per_million,
        unit: "s",
        peer: "",
        ratio: None,
        goal: Goal::None,
        n: json!({"persons": n_cases, "builds": walls.len()}),
        method: "median; read from the database, opened on all processors, folded, sorted",
    };
    figures.add(base.clone());
    let figure = format!("index of names, {}: CPU, a million", database.name());
    figures.add(Figure { figure, value: median(&cpu_s) * per_million, ..base.clone() });
    let figure = format!("index of names, {}: memory, a million", database.name());
    let value = bytes as f64 / 1e6 * per_million;
    figures.add(Figure { figure, value, unit: "MB", method: "names, ids, years, two orders", ..base });
}

fn query(sort: ListSort, conditions: CaseConditions, start: Start) -> CaseQuery {
    CaseQuery { disease: Some(DISEASE), conditions, sort, order: Order::Desc, start, limit: 50 }
}

/// Filters as people set them, and some that few cases meet.
async fn filters(stand: &Stand) -> Vec<CaseConditions> {
    let values = stand.app.case_filters(&stand.worker, Some(DISEASE)).await.unwrap().values;
    let any = CaseConditions::default();
    let word = |word: &str| Some(word.to_owned());
    let place = |n: usize| Some(values.places[n].0);
    let days = |first, last| Days { first: Some(plus_days(FIRST, first)), last: Some(plus_days(FIRST, last)) };
    vec![
        CaseConditions { classification: Some(CaseClassification::Probable), ..any.clone() },
        CaseConditions { setting: word("hospital"), ..any.clone() },
        CaseConditions { setting: word("flight"), ..any.clone() },
        CaseConditions { outcome: word("lost"), ..any.clone() },
        CaseConditions { outcome: word("died"), setting: word("hospital"), ..any.clone() },
        CaseConditions { place: place(7), ..any.clone() },
        CaseConditions { place: place(70), outcome: word("died"), ..any.clone() },
        CaseConditions { onset: days(100, 130), ..any.clone() },
        CaseConditions { reported: days(200, 200), setting: word("home"), ..any.clone() },
        CaseConditions { sex: word("f"), outcome: word("died"), ..any },
    ]
}

/// Makes up the question that is asked as the nth, after this page.
type Asked<'a> = dyn Fn(usize, Option<&CasePage>) -> CaseQuery + 'a;

async fn pages(stand: &Stand, database: Database, n_cases: usize, figures: &mut Figures) {
    let filters = filters(stand).await;
    let any = CaseConditions::default();
    let first = |_: usize, _: Option<&CasePage>| query(ListSort::Reported, any.clone(), Start::First);
    let next = |_: usize, last: Option<&CasePage>| {
        let start = last.and_then(|page| page.next.clone()).map_or(Start::First, Start::After);
        query(ListSort::Reported, any.clone(), start)
    };
    let filtered = |n: usize, _: Option<&CasePage>| {
        let sort = [ListSort::Reported, ListSort::Onset][n / filters.len() % 2];
        query(sort, filters[n % filters.len()].clone(), Start::First)
    };
    let by_name = |n: usize, last: Option<&CasePage>| {
        let start = last.filter(|_| n % 2 == 1).and_then(|page| page.next.clone()).map_or(Start::First, Start::After);
        query(ListSort::Name, any.clone(), start)
    };
    let named =
        |n: usize, _: Option<&CasePage>| query(ListSort::Name, filters[n % filters.len()].clone(), Start::First);
    let jump = |n: usize, _: Option<&CasePage>| {
        let position = (n * 7_919 * 131) % n_cases;
        query(ListSort::Reported, any.clone(), Start::At(position as u64))
    };
    let kinds: [(&str, Goal, &Asked<'_>); 6] = [
        ("first page", Goal::Below(50.0), &first),
        ("next page", Goal::Below(50.0), &next),
        ("filtered page", Goal::Below(50.0), &filtered),
        ("page by name", Goal::Below(50.0), &by_name),
        ("filtered page by name", Goal::None, &named),
        ("jump anywhere", Goal::None, &jump),
    ];
    for (kind, goal, query) in kinds {
        let (mut ours, mut theirs, mut last) = (Vec::new(), Vec::new(), None);
        for n in 0..N_ASKED {
            let query = query(n, last.as_ref());
            let started = Instant::now();
            let page = stand.app.list_cases(&stand.worker, &query).await.unwrap();
            ours.push(started.elapsed().as_secs_f64() * 1e3);
            let ids: Vec<CaseId> = page.items.iter().map(|line| line.case.case_id).collect();
            let started = Instant::now();
            let n_read = read(&stand.plain, &ids).await;
            theirs.push(started.elapsed().as_secs_f64() * 1e3);
            assert_eq!(n_read, ids.len(), "not the same work, so not comparable");
            last = Some(page);
        }
        let n = json!({"cases": n_cases, "answers": ours.len()});
        let peer = "plain read of the same rows by their ids";
        add(figures, &format!("{kind}, {}", database.name()), (&ours, &theirs), goal, (peer, METHOD, n));
    }
    let mut counts = Vec::new();
    let mut values = Vec::new();
    for n in 0..N_ASKED / 10 {
        let started = Instant::now();
        let conditions = if n % 2 == 0 { CaseConditions::default() } else { filters[n % filters.len()].clone() };
        stand.app.count_cases(&stand.worker, Some(DISEASE), &conditions).await.unwrap();
        counts.push(started.elapsed().as_secs_f64() * 1e3);
        let started = Instant::now();
        stand.app.case_filters(&stand.worker, Some(DISEASE)).await.unwrap();
        values.push(started.elapsed().as_secs_f64() * 1e3);
    }
    for (kind, ms) in [("count", &counts), ("values for filters", &values)] {
        let n = json!({"cases": n_cases, "answers": ms.len()});
        let method = "apart from the page, which doesn't wait for it";
        add(figures, &format!("{kind}, {}", database.name()), (ms, &[]), Goal::None, ("", method, n));
    }
}

async fn read(plain: &Plain, ids: &[CaseId]) -> usize {
    const TEXT: &str = "SELECT c.case_id, c.person_id, c.symptom_onset, c.reported_on, c.outcome, c.setting, p.sex, \
        p.first_name, p.last_name, p.born FROM outbreak_case AS c JOIN person AS p ON p.authority_id = c.authority_id \
        AND p.person_id = c.person_id WHERE c.authority_id = 1 AND c.case_id IN (";
    if ids.is_empty() {
        return 0;
    }
    match plain {
        Plain::Sqlite(pool) => {
            let mut query = QueryBuilder::<sqlx::Sqlite>::new(TEXT);
            let mut list = query.separated(", ");
            ids.iter().for_each(|id| _ = list.push_bind(id.0));
            query.push(")").build().fetch_all(pool).await.unwrap().len()
        }
        Plain::Postgres(pool) => {
            let mut query = QueryBuilder::<sqlx::Postgres>::new(TEXT);
            let mut list = query.separated(", ");
            ids.iter().for_each(|id| _ = list.push_bind(id.0));
            query.push(")").build().fetch_all(pool).await.unwrap().len()
        }
    }
}

async fn search(stand: &Stand, database: Database, names: &[String], figures: &mut Figures) {
    let mut draw = generator(47);
    let (mut ours, mut theirs, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let folded: Vec<String> =
        names.iter().map(|name| name.replace('ü', "u").replace('ö', "o").replace('ä', "a")).collect();
    for _ in 0..N_ASKED {
        let text: String = folded[draw(u32::try_from(folded.len()).unwrap()) as usize].chars().take(3).collect();
        let query = SearchQuery {
            text: text.clone(),
            disease: Some(DISEASE),
            conditions: CaseConditions::default(),
            after: None,
            limit: 50,
        };
        let started = Instant::now();
        let page = stand.app.search_cases(&stand.worker, &query).await.unwrap();
        ours.push(started.elapsed().as_secs_f64() * 1e3);
        found.push(page.counted.count as f64);
        let started = Instant::now();
        let n_plain = folded.iter().filter(|name| name.contains(&text)).count();
        theirs.push(started.elapsed().as_secs_f64() * 1e3);
        assert!(page.counted.count as usize >= n_plain.min(1_000), "not the same work, so not comparable");
    }
    let n = json!({
        "cases": names.len(), "searches": ours.len(), "found, median": median(&found), "at most": quantile(&found, 1.0),
    });
    let peer = "plain loop over all last names";
    let name = format!("search for three letters, {}", database.name());
    add(figures, &name, (&ours, &theirs), Goal::Below(50.0), (peer, SEARCH_METHOD, n));
}

fn add(
    figures: &mut Figures,
    name: &str,
    (ours, theirs): (&[f64], &[f64]),
    goal: Goal,
    (peer, method, n): (&str, &str, serde_json::Value),
) {
    let value = median(ours);
    let ratio = (!theirs.is_empty()).then(|| median(theirs) / value);
    let base = Figure { figure: format!("{name}: p50"), value, unit: "ms", peer, ratio, goal: Goal::None, n, method };
    figures.add(base.clone());
    let figure = format!("{name}: p99");
    figures.add(Figure { figure, value: quantile(ours, 0.99), peer: "", ratio: None, goal, ..base });
}
