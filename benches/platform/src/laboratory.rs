//! `laboratory`: a laboratory's file of positive results, each row compared with 1,000,000 persons.
//!
//! Half of the rows are about people who are stored, with the same names and birth date: their case is opened. The others
//! are new: a person, their tokens, an index case with its items. The whole import: reading, samples, comparison, sealing,
//! history, audit, commits that wait for the disk.

use crate::Scale;
use crate::cost::measured;
use crate::duplicates::{Known, fill, tidy};
use crate::figures::{Figure, Figures, Goal, median};
use crate::import::options;
use crate::lists::name;
use crate::network::generator;
use crate::place::{Database, Server};
use app::imports::Kind;
use serde_json::json;
use std::fmt::Write;
use std::io::Cursor;

/// Rows of a file.
const N_ROWS: usize = 10_000;
/// Files.
const N_FILES: usize = 3;

const COLUMNS: &str = "laboratory=lab,sample=sample,result=result,specimen=taken,first_name=first,last_name=last,born=born,\
    phone=phone";

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("laboratory", scale);
    let (n_persons, n_rows) = (scale.of(1_000_000), scale.of(N_ROWS));
    for database in Database::BOTH {
        let stand = server.stand(database, "laboratory").await;
        let people = fill(server, &stand, n_persons).await;
        stand.app.write_missing_tokens().await.unwrap();
        tidy(server, &stand).await;
        let mut draw = generator(97);
        let (mut rates, mut cpu_s) = (Vec::new(), Vec::new());
        for file in 0..N_FILES {
            let text = results(&people, (file, n_rows), &mut draw);
            let options = options(Kind::Laboratory, COLUMNS);
            let mut progress = |_| ();
            let file = Cursor::new(text.into_bytes());
            let import = stand.app.import(&stand.worker, file, &options, None, &mut progress);
            let (done, cost) = measured(&stand, import).await;
            let done = done.unwrap();
            assert_eq!((done.stored, done.refused), (n_rows as u64, 0), "{:?}", done.first_refusals);
            rates.push(n_rows as f64 / cost.wall_s);
            cpu_s.push(cost.cpu_s);
            stand.settle().await;
        }
        let n = json!({"persons": n_persons, "rows": n_rows, "files": rates.len(), "of known people": n_rows / 2});
        let base = Figure {
            figure: format!("laboratory file, {}", database.name()),
            value: median(&rates),
            unit: "rows/s",
            peer: "",
            ratio: None,
            goal: Goal::AtLeast(2_000.0),
            n,
            method: "median of files; batches of 2,000 rows, each a transaction with synced commit; every row compared \
                with all persons by their tokens",
        };
        figures.add(base.clone());
        let figure = format!("laboratory file, {}: CPU", database.name());
        figures.add(Figure { figure, value: median(&cpu_s), unit: "s", goal: Goal::None, ..base });
        stand.remove().await;
    }
    figures.write();
}

fn results(people: &[Known], (file, n_rows): (usize, usize), draw: &mut impl FnMut(u32) -> u32) -> String {
    let mut text = String::from("lab,sample,result,taken,first,last,born,phone\n");
    for n in 0..n_rows {
        let known = &people[draw(u32::try_from(people.len()).unwrap()) as usize];
        let (first, last) = match n % 2 {
            0 => (known.first_name.clone(), known.last_name.clone()),
            _ => (name(draw, 2), name(draw, 3)),
        };
        // A String never fails to be written to.
        let phone = if n % 2 == 0 { String::new() } else { format!("0173 {:08}", draw(99_999_999)) };
        let born = known.born;
        let _ = writeln!(text, "North,F{file}-{n},positive,2027-05-30,{first},{last},{born},{phone}");
    }
    text
}
