//! `report`: the outbreak report of 100,000 cases, beside a plain read of the rows that it needs.

use crate::Scale;
use crate::cost::{Cost, mean_cpu_s, measured};
use crate::figures::{Figure, Figures, Goal, median};
use crate::import::{import, options};
use crate::place::{Database, Plain, Server, Stand};
use app::demo::{CASE_COLUMNS, DemoFiles, DemoOptions, INFECTION_COLUMNS, make};
use app::imports::Kind;
use app::outbreak::OutbreakQuery;
use domain::diseases::Disease;
use serde_json::json;
use std::path::Path;

/// Reports and plain reads, in turns.
const N_ROUNDS: usize = 9;

const METHOD: &str = "median; in turns with a plain read of the rows that the report needs (SELECT of ids and days of \
    the cases, of ids, setting and day of the links). Ratio: the time of the read divided by ours, median of pairs";

const CASES: &str = "SELECT case_id, person_id, symptom_onset, tested_on, reported_on FROM outbreak_case";
const LINKS: &str = "SELECT infector_id, infected_id, setting, infected_on FROM infection_link";

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("report", scale);
    let n_cases = scale.of(100_000);
    let files = make(&DemoOptions { n_cases, seed: 5, disease: Disease::Covid19 });
    for database in Database::BOTH {
        let stand = server.stand(database, "report").await;
        fill(&stand, &files).await;
        measure(&stand, database, n_cases, &mut figures).await;
        stand.remove().await;
    }
    figures.write();
}

async fn fill(stand: &Stand, files: &DemoFiles) {
    let path = Path::new("target/bench-data/report.csv");
    for (kind, columns, text) in
        [(Kind::Cases, CASE_COLUMNS, &files.cases), (Kind::Infections, INFECTION_COLUMNS, &files.infections)]
    {
        std::fs::write(path, text).unwrap();
        let done = import(stand, path, &options(kind, columns)).await;
        assert_eq!(done.refused, 0, "{done:?}");
    }
    std::fs::remove_file(path).unwrap();
    stand.settle().await;
}

async fn measure(stand: &Stand, database: Database, n_cases: usize, figures: &mut Figures) {
    let query = OutbreakQuery { disease: None, serial_interval: None, window_days: 7 };
    let (mut ours, mut theirs, mut n_links) = (Vec::new(), Vec::new(), 0);
    for round in 0..=N_ROUNDS {
        let (report, cost) = measured(stand, stand.app.outbreak_report(&stand.worker, &query)).await;
        let report = report.unwrap();
        let ((cases, links), of_read) = measured(stand, read(&stand.plain)).await;
        assert_eq!((report.cases, report.links), (cases, links), "not the same work, so not comparable");
        assert_eq!(cases, n_cases);
        n_links = links;
        // The first of each fills caches.
        if round > 0 {
            ours.push(cost);
            theirs.push(of_read);
        }
    }
    let n = json!({"cases": n_cases, "links": n_links, "reports": N_ROUNDS});
    let ratios: Vec<f64> =
        ours.iter().zip(&theirs).map(|(ours, theirs): (&Cost, &Cost)| theirs.wall_s / ours.wall_s).collect();
    let base = Figure {
        figure: format!("report of the outbreak, {}", database.name()),
        value: median(&ours.iter().map(|cost| cost.wall_s).collect::<Vec<_>>()),
        unit: "s",
        peer: "plain read of the same rows",
        ratio: Some(median(&ratios)),
        goal: Goal::Below(1.0),
        n,
        method: METHOD,
    };
    figures.add(base.clone());
    let value = mean_cpu_s(&ours);
    let (figure, ratio) = (format!("{}: CPU, mean", base.figure), Some(mean_cpu_s(&theirs) / value));
    figures.add(Figure { figure, value, ratio, goal: Goal::None, ..base });
}

async fn read(plain: &Plain) -> (usize, usize) {
    match plain {
        Plain::Sqlite(pool) => {
            let cases = sqlx::query(CASES).fetch_all(pool).await.unwrap();
            (cases.len(), sqlx::query(LINKS).fetch_all(pool).await.unwrap().len())
        }
        Plain::Postgres(pool) => {
            let cases = sqlx::query(CASES).fetch_all(pool).await.unwrap();
            (cases.len(), sqlx::query(LINKS).fetch_all(pool).await.unwrap().len())
        }
    }
}
