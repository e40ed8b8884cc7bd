//! `duplicates`: who may be stored twice, for one person and for a file of 2,000, among 1,000,000.
//!
//! Names are as frequent as in a town: a few are very frequent, most are rare. Two or three share a telephone and a last
//! name, and 3,000 the telephone of a hostel. Of those who are asked for, half are stored already, with a slip of the
//! pen; the others are new. Each answer is timed whole: tokens, candidates, opening, scoring, and the record in the
//! audit log, which waits for the disk. The peer compares with every name in memory.

use crate::Scale;
use crate::cost::measured;
use crate::figures::{Figure, Figures, Goal, median, quantile};
use crate::lists::name;
use crate::network::generator;
use crate::place::{Database, Plain, Server, Stand};
use app::duplicates::{Duplicates, PersonDraft};
use domain::ids::PersonId;
use domain::persons::{Personal, PersonalField};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use sqlx::{AssertSqlSafe, Executor};
use std::time::Instant;
use storage::persons::Person;

/// Answers.
const N_ASKED: usize = 300;
/// Answers of the peer, which takes its time.
const N_PEER: usize = 15;
/// Persons of a file.
const N_BATCH: usize = 2_000;
const N_BATCHES: usize = 5;

/// Persons of one transaction while the store is filled.
const FILL: usize = 20_000;

const N_LAST_NAMES: u32 = 30_000;
const N_FIRST_NAMES: u32 = 3_000;

/// Of a thousand persons, those who live in the hostel.
const IN_HOSTEL: u32 = 3;
const HOSTEL: &str = "+49 621 99999999";

const METHOD: &str = "whole answers, each with its audit record and synced commit; half of those asked for are stored, with \
    a slip of the pen, and all of these are found. The peer compares first and last name with all in memory \
    (Jaro-Winkler, threshold, no birth date, no telephone, no database); ratio: its median divided by ours";

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("duplicates", scale);
    let n_persons = scale.of(1_000_000);
    for database in Database::BOTH {
        let stand = server.stand(database, "duplicates").await;
        let people = fill(server, &stand, n_persons).await;
        write_tokens(server, &stand, database, n_persons, &mut figures).await;
        one(&stand, database, &people, &mut figures).await;
        many(&stand, database, &people, &mut figures).await;
        stand.remove().await;
    }
    figures.write();
}

/// What the benchmark remembers of a person.
#[derive(Clone)]
pub struct Known {
    person_id: PersonId,
    /// Given names.
    pub first_name: String,
    /// Family names.
    pub last_name: String,
    /// Date of birth.
    pub born: Date,
    phone: String,
    email: Option<String>,
    postcode: String,
}

/// A number below `n`, small ones far more often: of 30,000 names, the hundred most frequent are those of one in seven.
fn frequent(draw: &mut impl FnMut(u32) -> u32, n: u32) -> usize {
    let share = f64::from(draw(1 << 20)) / f64::from(1 << 20);
    ((share.powi(3) * f64::from(n)) as usize).min(n as usize - 1)
}

fn people(n_persons: usize, draw: &mut impl FnMut(u32) -> u32) -> Vec<Known> {
    let last_names: Vec<String> = (0..N_LAST_NAMES).map(|_| name(draw, 3)).collect();
    let first_names: Vec<String> = (0..N_FIRST_NAMES).map(|_| name(draw, 2)).collect();
    let mut all: Vec<Known> = Vec::with_capacity(n_persons);
    for n in 0..n_persons {
        let at = Timestamp::from_millisecond(1_767_225_600_000 + n as i64).unwrap();
        let person_id = PersonId::mint(at, std::array::from_fn(|_| draw(256) as u8));
        let first_name = first_names[frequent(draw, N_FIRST_NAMES)].clone();
        let born = format!("{}-{:02}-{:02}", 1930 + draw(80), 1 + draw(12), 1 + draw(28)).parse().unwrap();
        let is_of_family = draw(5) < 3;
        let (last_name, phone, postcode) = match all.last().filter(|_| is_of_family) {
            Some(family) => (family.last_name.clone(), family.phone.clone(), family.postcode.clone()),
            None => {
                let last_name = last_names[frequent(draw, N_LAST_NAMES)].clone();
                let phone =
                    if draw(1_000) < IN_HOSTEL { HOSTEL.to_owned() } else { format!("0621 {:08}", draw(99_999_999)) };
                (last_name, phone, format!("{}", 68_000 + draw(400)))
            }
        };
        let email = (draw(2) == 0).then(|| format!("{n}@example.org"));
        all.push(Known { person_id, first_name, last_name, born, phone, email, postcode });
    }
    all
}

/// Fills the store, without tokens, as a version that wrote none left it.
pub async fn fill(server: &Server, stand: &Stand, n_persons: usize) -> Vec<Known> {
    let started = Instant::now();
    let all = people(n_persons, &mut generator(61));
    let sealer = stand.app.sealer(&stand.worker).unwrap();
    for part in all.chunks(FILL) {
        let persons: Vec<Person> = part.iter().map(person).collect();
        let ids: Vec<PersonId> = part.iter().map(|known| known.person_id).collect();
        let mut tx = stand.unsynced.store.write(stand.worker.authority.authority_id).await.unwrap();
        storage::persons::insert(&mut tx, &sealer, &persons, stand.app.now()).await.unwrap();
        storage::persons::note_changes(&mut tx, &ids).await.unwrap();
        tx.commit().await.unwrap();
    }
    tidy(server, stand).await;
    println!("  {n_persons} persons stored in {:.0} s", started.elapsed().as_secs_f64());
    all
}

/// Writes out and gathers statistics, as a server does by itself over time.
pub async fn tidy(server: &Server, stand: &Stand) {
    if matches!(stand.plain, Plain::Postgres(_)) {
        let superuser = server.superuser(stand).await;
        superuser.execute("VACUUM ANALYZE").await.unwrap();
        superuser.close().await;
    }
    stand.settle().await;
}

fn person(known: &Known) -> Person {
    let mut fields = vec![
        (PersonalField::FirstName, known.first_name.clone()),
        (PersonalField::LastName, known.last_name.clone()),
        (PersonalField::Born, known.born.to_string()),
        (PersonalField::Phone, known.phone.clone()),
    ];
    fields.extend(known.email.clone().map(|email| (PersonalField::Email, email)));
    let personal = fields.into_iter().map(|(field, value)| (field, Personal::new(value))).collect();
    let postcode = Some(known.postcode.clone());
    Person { person_id: known.person_id, sex: None, postcode, language: None, says_no_email: false, personal }
}

/// Writes the tokens of all, as a server does after it was brought up to date.
async fn write_tokens(server: &Server, stand: &Stand, database: Database, n_persons: usize, figures: &mut Figures) {
    let before = n_bytes(stand).await;
    let (n_written, cost) = measured(stand, stand.app.write_missing_tokens()).await;
    assert_eq!(n_written.unwrap(), n_persons as u64);
    tidy(server, stand).await;
    let per_million = 1e6 / n_persons as f64;
    let n = json!({"persons": n_persons, "tokens": n_tokens(stand).await});
    let base = Figure {
        figure: format!("tokens of a million stored persons, {}", database.name()),
        value: cost.wall_s * per_million,
        unit: "s",
        peer: "",
        ratio: None,
        goal: Goal::None,
        n,
        method: "once; in the background after an update, in batches of 500 with a synced commit each: read, opened, \
            hashed, written",
    };
    figures.add(base.clone());
    let figure = format!("tokens of a million stored persons, {}: on disk", database.name());
    let value = (n_bytes(stand).await - before) / 1e6 * per_million;
    let method = "growth of the database; both keys of the table";
    figures.add(Figure { figure, value, unit: "MB", method, ..base });
}

async fn ask(stand: &Stand, sqlite: &str, postgres: &str) -> i64 {
    match &stand.plain {
        Plain::Sqlite(pool) => sqlx::query_scalar(AssertSqlSafe(sqlite.to_owned())).fetch_one(pool).await.unwrap(),
        Plain::Postgres(pool) => sqlx::query_scalar(AssertSqlSafe(postgres.to_owned())).fetch_one(pool).await.unwrap(),
    }
}

async fn n_bytes(stand: &Stand) -> f64 {
    let sqlite = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
    ask(stand, sqlite, "SELECT pg_database_size(current_database())").await as f64
}

async fn n_tokens(stand: &Stand) -> i64 {
    let count = "SELECT count(*) FROM person_token WHERE authority_id = 1";
    ask(stand, count, count).await
}

/// Somebody who is asked for, and who that is if they are stored.
struct Asked {
    draft: PersonDraft,
    stored: Option<PersonId>,
}

/// Every second one is stored, with a slip of the pen: a letter too many, day and month swapped or a wrong digit, names
/// swapped, another telephone.
fn asked(people: &[Known], n: usize, n_asked: usize, draw: &mut impl FnMut(u32) -> u32) -> Asked {
    let mut known = people[draw(u32::try_from(people.len()).unwrap()) as usize].clone();
    let stored = n.is_multiple_of(2).then_some(known.person_id);
    if stored.is_some() {
        match n / 2 % 4 {
            0 => known.last_name.push('n'),
            1 => known.born = slipped(known.born),
            2 => std::mem::swap(&mut known.first_name, &mut known.last_name),
            _ => known.phone = format!("0172 {:07}", draw(9_999_999)),
        }
    } else {
        known.first_name = name(draw, 2);
        known.last_name = name(draw, 3);
        known.phone = format!("0173 {n_asked:03}{:06}", draw(999_999));
        known.email = None;
    }
    let text = |text: String| Personal::new(text);
    let draft = PersonDraft {
        first_name: Some(text(known.first_name)),
        last_name: Some(text(known.last_name)),
        born: Some(Personal::new(known.born)),
        phones: vec![text(known.phone)],
        emails: known.email.into_iter().map(text).collect(),
        postcode: Some(known.postcode),
    };
    Asked { draft, stored }
}

/// Swaps day and month, or, where that is no date, gets the last digit of the day wrong.
fn slipped(born: Date) -> Date {
    let (day, month) = (born.day(), born.month());
    if day <= 12 && day != month {
        return Date::new(born.year(), day, month).unwrap();
    }
    Date::new(born.year(), month, if day % 10 < 2 { day + 1 } else { day - 1 }).unwrap()
}

/// Of those who are stored, counts who was found.
fn n_found(all: &[Asked], found: &[Duplicates]) -> (usize, usize) {
    let stored = || all.iter().zip(found).filter_map(|(asked, found)| Some((asked.stored?, found)));
    let is_found =
        |(stored, found): &(PersonId, &Duplicates)| found.found.iter().any(|one| one.person.person_id == *stored);
    (stored().filter(is_found).count(), stored().count())
}

async fn one(stand: &Stand, database: Database, people: &[Known], figures: &mut Figures) {
    let mut draw = generator(67);
    let all: Vec<Asked> = (0..N_ASKED).map(|n| asked(people, n, N_ASKED, &mut draw)).collect();
    let (mut ours, mut theirs, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for (n, asked) in all.iter().enumerate() {
        let started = Instant::now();
        let found = stand.app.duplicates_of(&stand.worker, &asked.draft).await.unwrap();
        ours.push(started.elapsed().as_secs_f64() * 1e3);
        answers.push(found);
        if n % (N_ASKED / N_PEER) == 0 {
            let started = Instant::now();
            let found = plain(people, &asked.draft);
            theirs.push(started.elapsed().as_secs_f64() * 1e3);
            let is_found = |stored| found.contains(&stored) || n / 2 % 4 == 2;
            assert!(asked.stored.is_none_or(is_found), "not the same work, so not comparable");
        }
    }
    let (n_found, n_stored) = n_found(&all, &answers);
    assert!(n_found * 100 >= n_stored * 95, "{n_found} of {n_stored} found");
    let n_proposed: Vec<f64> = answers.iter().map(|answer| answer.found.len() as f64).collect();
    let n = json!({
        "persons": people.len(), "answers": ours.len(), "of the peer": theirs.len(), "stored": n_stored, "found": n_found,
        "proposed, at most": quantile(&n_proposed, 1.0),
    });
    let base = Figure {
        figure: format!("one person, {}: p50", database.name()),
        value: median(&ours),
        unit: "ms",
        peer: "plain loop over all names",
        ratio: Some(median(&theirs) / median(&ours)),
        goal: Goal::None,
        n,
        method: METHOD,
    };
    figures.add(base.clone());
    let figure = format!("one person, {}: p99", database.name());
    figures.add(Figure {
        figure,
        value: quantile(&ours, 0.99),
        peer: "",
        ratio: None,
        goal: Goal::Below(20.0),
        ..base
    });
}

fn plain(people: &[Known], draft: &PersonDraft) -> Vec<PersonId> {
    let (first, last) = (draft.first_name.as_ref().unwrap().expose(), draft.last_name.as_ref().unwrap().expose());
    let alike = |known: &&Known| {
        strsim::jaro_winkler(&known.last_name, last) >= 0.85 && strsim::jaro_winkler(&known.first_name, first) >= 0.85
    };
    people.iter().filter(alike).map(|known| known.person_id).collect()
}

async fn many(stand: &Stand, database: Database, people: &[Known], figures: &mut Figures) {
    let mut draw = generator(71);
    let (mut walls, mut cpu_s, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..N_BATCHES {
        let all: Vec<Asked> = (0..N_BATCH).map(|n| asked(people, n, n % 1_000, &mut draw)).collect();
        let drafts: Vec<PersonDraft> = all.iter().map(|asked| asked.draft.clone()).collect();
        let (answers, cost) = measured(stand, stand.app.duplicates_of_many(&stand.worker, &drafts)).await;
        let (n_found, n_stored) = n_found(&all, &answers.unwrap());
        assert!(n_found * 100 >= n_stored * 95, "{n_found} of {n_stored} found");
        shares.push(n_found as f64 / n_stored as f64);
        walls.push(cost.wall_s);
        cpu_s.push(cost.cpu_s);
    }
    let n =
        json!({"persons": people.len(), "asked for": N_BATCH, "files": walls.len(), "share found": median(&shares)});
    let base = Figure {
        figure: format!("file of 2,000, {}", database.name()),
        value: median(&walls),
        unit: "s",
        peer: "",
        ratio: None,
        goal: Goal::None,
        n,
        method: "median; half of them stored with a slip of the pen; one audit record",
    };
    figures.add(base.clone());
    let figure = format!("file of 2,000, {}: CPU", database.name());
    figures.add(Figure { figure, value: median(&cpu_s), ..base });
}
