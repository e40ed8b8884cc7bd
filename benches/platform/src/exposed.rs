//! `exposed`: two generations of exposures around one case, in stores of 1,000,000 and 10,000,000 encounters.
//!
//! People meet as often in both, so the answer has the same size; what grows is the store's share. The whole question
//! is timed, with its entry in the audit log, which waits for the disk; beside it the same where nothing waits, and a
//! plain read of the encounters that the search has to see.

use crate::Scale;
use crate::cost::measured;
use crate::figures::{Figure, Figures, Goal, median, quantile};
use crate::import::{import, options};
use crate::network::{FIRST_DAY_S, Side, encounters, generator};
use crate::place::{Database, Plain, Server, Stand};
use app::App;
use app::exposures::{ExposureQuery, Exposures, SearchDirection};
use app::imports::Kind;
use domain::ids::PersonId;
use domain::references::Reference;
use domain::time::Window;
use jiff::Timestamp;
use serde_json::json;
use sqlx::postgres::PgPoolCopyExt;
use sqlx::sqlite::SqlitePool;
use sqlx::{Executor, PgPool, QueryBuilder, Sqlite};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;
use std::time::Instant;
use storage::Freshness;

/// Cases whose exposures are asked for; each once.
const N_CASES: usize = 1_000;

/// Encounters of each person in 14 days.
const ENCOUNTERS_PER_PERSON: usize = 20;

/// Two days before it the infectious days begin: on the first day of all encounters.
const ONSET: &str = "2027-03-03";

/// Rows of one transaction while the store is filled.
const FILL: usize = 1_000_000;

/// 2027-03-15, as SQLite and PostgreSQL count days.
const STORED_ON: (i32, i32) = (20_892, 9_935);

const METHOD: &str = "App::exposures with two generations, once for each of so many cases, in turns; with its audit record \
    and synced commit. Nearly every encounter is with somebody else, anywhere in the table. The peer reads the \
    encounters of the same persons in the same windows, two statements, and keeps nothing; ratio: its median divided by ours";

/// What one size of the store gave.
struct Timings {
    whole_ms: Vec<f64>,
    unsynced_ms: Vec<f64>,
    read_ms: Vec<f64>,
    answers: Vec<f64>,
    cpu_ms: f64,
}

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("exposed", scale);
    for database in Database::BOTH {
        let mut smaller = None;
        for n_encounters in [scale.of(1_000_000), scale.of(10_000_000)] {
            let stand = server.stand(database, "exposed").await;
            let persons = fill(server, &stand, n_encounters).await;
            let timings = measure(&stand, &persons).await;
            add(&mut figures, database, n_encounters, persons.len(), &timings);
            match &smaller {
                None => smaller = Some(timings),
                Some(smaller) => add_growth(&mut figures, database, smaller, &timings),
            }
            stand.remove().await;
        }
    }
    figures.write();
}

fn reference(person: usize) -> String {
    format!("P{person:07}")
}

async fn fill(server: &Server, stand: &Stand, n_encounters: usize) -> Vec<PersonId> {
    let started = Instant::now();
    let n_persons = 2 * n_encounters / ENCOUNTERS_PER_PERSON;
    let persons = insert_persons(stand, n_persons).await;
    let sides = encounters(u32::try_from(n_persons).unwrap(), n_encounters, &mut generator(9));
    match &stand.plain {
        Plain::Sqlite(pool) => fill_sqlite(pool, &persons, &sides).await,
        Plain::Postgres(_) => fill_postgres(&server.superuser(stand).await, &persons, &sides).await,
    }
    let path = Path::new("target/bench-data/index_cases.csv");
    let rows: Vec<String> = cases(n_persons).map(|person| format!("{},{ONSET}\n", reference(person))).collect();
    std::fs::write(path, format!("id,onset\n{}", rows.concat())).unwrap();
    let done = import(stand, path, &options(Kind::Cases, "id=id,onset=onset")).await;
    assert_eq!(done.stored, rows.len() as u64, "{done:?}");
    std::fs::remove_file(path).unwrap();
    stand.settle().await;
    println!("  {n_encounters} encounters of {n_persons} persons stored in {:.0} s", started.elapsed().as_secs_f64());
    persons
}

/// Draws whose exposures are asked for.
fn cases(n_persons: usize) -> impl Iterator<Item = usize> {
    let mut draw = generator(21);
    let mut drawn = BTreeSet::new();
    while drawn.len() < N_CASES.min(n_persons) {
        drawn.insert(draw(u32::try_from(n_persons).unwrap()) as usize);
    }
    drawn.into_iter()
}

async fn insert_persons(stand: &Stand, n_persons: usize) -> Vec<PersonId> {
    let mut draw = generator(13);
    let mut random = || {
        let mut bytes = [0; 10];
        bytes.fill_with(|| draw(256) as u8);
        bytes
    };
    // One a millisecond, so that ids are in the order of the numbers.
    let at = |person: usize| Timestamp::from_millisecond(1_700_000_000_000 + person as i64).unwrap();
    let persons: Vec<PersonId> = (0..n_persons).map(|person| PersonId::mint(at(person), random())).collect();
    for (part, ids) in persons.chunks(FILL / 10).enumerate() {
        let mut tx = stand.unsynced.store.write(stand.worker.authority.authority_id).await.unwrap();
        storage::persons::insert_unknown(&mut tx, ids, stand.app.now()).await.unwrap();
        let name = |(i, id): (usize, &PersonId)| (Reference::new(&reference(part * FILL / 10 + i)).unwrap(), *id);
        let references: Vec<_> = ids.iter().enumerate().map(name).collect();
        storage::persons::insert_references(&mut tx, &references).await.unwrap();
        tx.commit().await.unwrap();
    }
    persons
}

fn micros(second: u32) -> i64 {
    (FIRST_DAY_S + i64::from(second)) * 1_000_000
}

/// The same from both sides.
fn distance_m(side: &Side) -> f32 {
    (side.from_s % 40) as f32 / 10.0
}

async fn fill_sqlite(pool: &SqlitePool, persons: &[PersonId], sides: &[Side]) {
    pool.execute("PRAGMA synchronous = OFF").await.unwrap();
    for part in sides.chunks(FILL) {
        let mut transaction = pool.begin().await.unwrap();
        for rows in part.chunks(1_000) {
            let mut query = QueryBuilder::<Sqlite>::new(
                "INSERT INTO encounter (authority_id, person_id, started_at, other_id, ended_at, distance_m, stored_on) ",
            );
            query.push_values(rows, |mut values, side| {
                values.push_bind(1).push_bind(persons[side.person as usize].0).push_bind(micros(side.from_s));
                values.push_bind(persons[side.other as usize].0).push_bind(micros(side.until_s));
                values.push_bind(distance_m(side)).push_bind(STORED_ON.0);
            });
            query.build().execute(&mut *transaction).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }
    pool.execute("PRAGMA synchronous = FULL").await.unwrap();
}

async fn fill_postgres(pool: &PgPool, persons: &[PersonId], sides: &[Side]) {
    const COPY: &str = "COPY encounter (authority_id, person_id, started_at, other_id, ended_at, distance_m, stored_on) \
                        FROM STDIN (FORMAT binary)";
    const UNTIL_2000_US: i64 = 946_684_800_000_000;
    for part in sides.chunks(FILL) {
        let mut copy = pool.copy_in_raw(COPY).await.unwrap();
        let mut bytes = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
        for side in part {
            let (person, other) = (persons[side.person as usize].0, persons[side.other as usize].0);
            bytes.extend_from_slice(&7_i16.to_be_bytes());
            let mut field = |value: &[u8]| {
                bytes.extend_from_slice(&i32::try_from(value.len()).unwrap().to_be_bytes());
                bytes.extend_from_slice(value);
            };
            field(&1_i32.to_be_bytes());
            field(person.as_bytes());
            field(&(micros(side.from_s) - UNTIL_2000_US).to_be_bytes());
            field(other.as_bytes());
            field(&(micros(side.until_s) - UNTIL_2000_US).to_be_bytes());
            field(&distance_m(side).to_be_bytes());
            field(&STORED_ON.1.to_be_bytes());
            if bytes.len() > 1 << 20 {
                copy.send(std::mem::take(&mut bytes)).await.unwrap();
            }
        }
        bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        copy.send(bytes).await.unwrap();
        copy.finish().await.unwrap();
    }
    pool.execute("VACUUM ANALYZE").await.unwrap();
    pool.close().await;
}

async fn ask(app: &App, stand: &Stand, person: usize) -> (Exposures, f64) {
    let query = ExposureQuery {
        person: reference(person),
        direction: SearchDirection::Forward,
        window: None,
        generations: 2,
        disease: None,
    };
    let started = Instant::now();
    let found = app.exposures(&stand.worker, &query).await.unwrap();
    (found, started.elapsed().as_secs_f64() * 1e3)
}

async fn measure(stand: &Stand, persons: &[PersonId]) -> Timings {
    let mut timings = Timings {
        whole_ms: Vec::new(),
        unsynced_ms: Vec::new(),
        read_ms: Vec::new(),
        answers: Vec::new(),
        cpu_ms: 0.0,
    };
    let all: Vec<usize> = cases(persons.len()).collect();
    let ill: HashSet<PersonId> = all.iter().map(|person| persons[*person]).collect();
    for (round, &case) in all.iter().enumerate() {
        let (found, _) = ask(&stand.unsynced, stand, case).await;
        for turn in 0..3 {
            match (round + turn) % 3 {
                0 => timings.whole_ms.push(ask(&stand.app, stand, case).await.1),
                1 => timings.unsynced_ms.push(ask(&stand.unsynced, stand, case).await.1),
                _ => timings.read_ms.push(read(stand, persons[case], &found, &ill).await),
            }
        }
        timings.answers.push(found.persons.len() as f64);
    }
    let some = &all[..all.len().min(200)];
    let ((), cost) = measured(stand, async {
        for case in some {
            ask(&stand.app, stand, *case).await;
        }
    })
    .await;
    timings.cpu_ms = cost.cpu_s * 1e3 / some.len() as f64;
    timings
}

/// Reads the encounters that the search had to see, and checks that they are with those whom it found.
async fn read(stand: &Stand, case: PersonId, found: &Exposures, ill: &HashSet<PersonId>) -> f64 {
    let first_generation = found.persons.iter().filter(|exposed| exposed.generation == 1);
    let seekers: Vec<(PersonId, Window)> = first_generation
        .map(|exposed| (exposed.person, Window::new(exposed.first.unwrap(), Timestamp::MAX).unwrap()))
        .collect();
    let around: Vec<(PersonId, Window)> = found.windows.iter().map(|window| (case, *window)).collect();
    let started = Instant::now();
    let mut tx = stand.app.store.read(stand.worker.authority.authority_id, Freshness::Fresh).await.unwrap();
    let mut met = storage::encounters::of_persons(&mut tx, &around).await.unwrap();
    met.extend(storage::encounters::of_persons(&mut tx, &seekers).await.unwrap());
    drop(tx);
    let took_ms = started.elapsed().as_secs_f64() * 1e3;
    let met: HashSet<PersonId> = met.iter().map(|encounter| encounter.other).filter(|other| *other != case).collect();
    let answer: HashSet<PersonId> = found.persons.iter().map(|exposed| exposed.person).collect();
    // Who is ill themselves was infectious on days of their own only, so the search looks at less of them.
    let is_same =
        if seekers.iter().any(|(person, _)| ill.contains(person)) { answer.is_subset(&met) } else { answer == met };
    assert!(is_same, "not the same work, so not comparable");
    took_ms
}

fn add(figures: &mut Figures, database: Database, n_encounters: usize, n_persons: usize, timings: &Timings) {
    let n = json!({
        "encounters": n_encounters, "persons": n_persons, "searches": timings.whole_ms.len(),
        "persons in the median answer": median(&timings.answers), "in the largest": quantile(&timings.answers, 1.0),
    });
    let name = format!("exposed, {} encounters, {}", thousands(n_encounters), database.name());
    let p50 = median(&timings.whole_ms);
    let base = Figure {
        figure: format!("{name}: p50"),
        value: p50,
        unit: "ms",
        peer: "plain read of the same encounters",
        ratio: Some(median(&timings.read_ms) / p50),
        goal: Goal::None,
        n,
        method: METHOD,
    };
    let alone = |figure: &str, value, goal, method| {
        let figure = format!("{name}: {figure}");
        Figure { figure, value, goal, method, peer: "", ratio: None, ..base.clone() }
    };
    figures.add(base.clone());
    figures.add(alone("p99", quantile(&timings.whole_ms, 0.99), Goal::Below(20.0), METHOD));
    figures.add(alone(
        "CPU of one",
        timings.cpu_ms,
        Goal::None,
        "mean over searches in a row, with the server's processes",
    ));
    let method =
        "the same, on a store whose commits don't wait for the disk: the search, and a record that costs nothing";
    figures.add(alone("search alone, p50", median(&timings.unsynced_ms), Goal::None, method));
    figures.add(alone("search alone, p99", quantile(&timings.unsynced_ms, 0.99), Goal::None, method));
    let size = Figure { unit: "persons", ..alone("answer", median(&timings.answers), Goal::None, "median") };
    figures.add(size);
}

fn add_growth(figures: &mut Figures, database: Database, smaller: &Timings, larger: &Timings) {
    let growth = |of: fn(&Timings) -> &Vec<f64>| median(of(larger)) / median(of(smaller));
    for (what, value) in
        [("the whole", growth(|timings| &timings.whole_ms)), ("search alone", growth(|timings| &timings.unsynced_ms))]
    {
        figures.add(Figure {
            figure: format!("exposed, growth with the store, {}: {what}", database.name()),
            value,
            unit: "times",
            peer: "",
            ratio: None,
            goal: Goal::None,
            n: json!({"median answers": [median(&smaller.answers), median(&larger.answers)]}),
            method: "median in the larger store divided by the median in the one with a tenth of the encounters",
        });
    }
}

fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap()).collect();
    groups.join(",")
}
