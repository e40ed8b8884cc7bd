//! `import`: files through the whole import, beside a bulk insert of the rows that they leave.
//!
//! The whole import: reading, references, the check of what is there already, sealing, history, audit, commits that
//! wait for the disk.

use crate::Scale;
use crate::bulk;
use crate::cost::{Cost, mean_cpu_s, measured};
use crate::figures::{Figure, Figures, Goal, median};
use crate::network::{generator, sensor_file};
use crate::place::{Database, Server, Stand};
use app::demo::{CASE_COLUMNS, DemoOptions, make};
use app::imports::{ImportOptions, ImportSummary, Kind};
use documents::values::DateOrder;
use domain::diseases::Disease;
use jiff::SignedDuration;
use serde_json::json;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Imports and bulk inserts, in turns.
const N_PAIRS: usize = 3;

const METHOD: &str = "median; in turns with the bulk insert, each into a fresh database, both synced and with the same \
    rows in every table afterwards. The peer inserts the rows that the import left, in the order of their keys, in as \
    many transactions; it reads no file and checks nothing. Ratio: the peer's time divided by ours, median of pairs";

/// A file to import.
struct Sample {
    name: &'static str,
    path: PathBuf,
    n_rows: usize,
    options: ImportOptions,
    /// Rows of one transaction of the import.
    batch: usize,
}

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("import", scale);
    std::fs::create_dir_all("target/bench-data").unwrap();
    let samples = [encounters(scale.of(500_000)), cases(scale.of(50_000))];
    for sample in &samples {
        for database in Database::BOTH {
            measure(server, database, sample, &mut figures).await;
        }
        std::fs::remove_file(&sample.path).unwrap();
    }
    figures.write();
}

fn encounters(n_rows: usize) -> Sample {
    let path = PathBuf::from("target/bench-data/encounters.csv");
    std::fs::write(&path, sensor_file(n_rows, &mut generator(3))).unwrap();
    let mut options = options(Kind::Encounters, "time=time,a=a,b=b");
    options.interval = Some(SignedDuration::from_secs(20));
    Sample { name: "encounters", path, n_rows, options, batch: 50_000 }
}

fn cases(n_rows: usize) -> Sample {
    let path = PathBuf::from("target/bench-data/cases.csv");
    let demo = make(&DemoOptions { n_cases: n_rows, seed: 3, disease: Disease::Covid19 });
    std::fs::write(&path, demo.cases).unwrap();
    Sample { name: "cases", path, n_rows, options: options(Kind::Cases, CASE_COLUMNS), batch: 2_000 }
}

/// Returns how to import a file with these columns.
pub fn options(kind: Kind, columns: &str) -> ImportOptions {
    ImportOptions {
        kind,
        columns: columns.to_owned(),
        delimiter: None,
        date_order: DateOrder::Iso,
        interval: None,
        disease: None,
        dry_run: false,
        strict: false,
        update: false,
    }
}

/// Imports a file.
pub async fn import(stand: &Stand, path: &Path, options: &ImportOptions) -> ImportSummary {
    let file = File::open(path).unwrap();
    stand.app.import(&stand.worker, file, options, None, &mut |_| {}).await.unwrap()
}

async fn measure(server: &Server, database: Database, sample: &Sample, figures: &mut Figures) {
    let first = server.stand(database, "import").await;
    import(&first, &sample.path, &sample.options).await;
    let tables = bulk::read(&first.plain).await;
    first.remove().await;
    let n_transactions = sample.n_rows.div_ceil(sample.batch);
    let (mut ours, mut theirs, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..N_PAIRS {
        let (importing, inserting) = (server.stand(database, "import").await, server.stand(database, "peer").await);
        for turn in 0..2 {
            importing.settle().await;
            inserting.settle().await;
            if (pair + turn) % 2 == 0 {
                let (done, cost) = measured(&importing, import(&importing, &sample.path, &sample.options)).await;
                assert_eq!((done.stored + done.already_there, done.refused), (sample.n_rows as u64, 0), "{done:?}");
                ours.push(cost);
            } else {
                let ((), cost) = measured(&inserting, bulk::insert(&inserting.plain, &tables, n_transactions)).await;
                theirs.push(cost);
            }
        }
        let (imported, inserted) = (bulk::counts(&importing.plain).await, bulk::counts(&inserting.plain).await);
        assert_eq!(imported, inserted, "not the same work, so not comparable");
        importing.settle().await;
        let (done, cost) = measured(&importing, import(&importing, &sample.path, &sample.options)).await;
        assert_eq!(done.already_there, sample.n_rows as u64, "{done:?}");
        again.push(cost);
        importing.remove().await;
        inserting.remove().await;
    }
    let n = json!({"rows": sample.n_rows, "rows stored": bulk::n_rows(&tables), "transactions": n_transactions, "pairs": N_PAIRS});
    add(figures, database, sample, &n, (&ours, &theirs, &again));
}

type Costs<'c> = (&'c [Cost], &'c [Cost], &'c [Cost]);

fn add(
    figures: &mut Figures,
    database: Database,
    sample: &Sample,
    n: &serde_json::Value,
    (ours, theirs, again): Costs<'_>,
) {
    let (name, kind) = (database.name(), sample.name);
    let peer = "bulk insert of the rows it left";
    let rate =
        |costs: &[Cost]| sample.n_rows as f64 / median(&costs.iter().map(|cost| cost.wall_s).collect::<Vec<_>>());
    let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| theirs.wall_s / ours.wall_s).collect();
    let goal = if database == Database::Sqlite { Goal::Ratio(0.5) } else { Goal::None };
    let base = Figure {
        figure: format!("import {kind}, {name}"),
        value: rate(ours),
        unit: "rows/s",
        peer,
        ratio: Some(median(&ratios)),
        goal,
        n: n.clone(),
        method: METHOD,
    };
    figures.add(base.clone());
    if kind == "encounters" {
        let (figure, goal) = (format!("import {kind}, {name}: rate"), Goal::AtLeast(20_000.0));
        figures.add(Figure { figure, goal, peer: "", ratio: None, ..base.clone() });
    }
    let (figure, value, goal) = (format!("import {kind}, {name}: CPU, mean"), mean_cpu_s(ours), Goal::None);
    figures.add(Figure { figure, value, unit: "s", ratio: Some(mean_cpu_s(theirs) / value), goal, ..base.clone() });
    let (figure, value) = (format!("import {kind} again, {name}: all there already"), rate(again));
    let method = "median; the same file once more, so that nothing is new";
    figures.add(Figure { figure, value, goal: Goal::None, peer: "", ratio: None, method, ..base.clone() });
    let figure = format!("import {kind} again, {name}: CPU, mean");
    figures.add(Figure {
        figure,
        value: mean_cpu_s(again),
        unit: "s",
        goal: Goal::None,
        peer: "",
        ratio: None,
        method,
        ..base
    });
}
