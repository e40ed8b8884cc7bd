//! `export`: 120,000 cases with their persons as a file that is sent while it is read, and as a workbook.
//!
//! The file is read as the server reads it: page by page, each in a transaction of its own, names opened, with an audit
//! record and a synced commit before its bytes would leave. Beside it stands a plain dump of the same columns: one statement,
//! read row by row into a CSV writer, with nothing opened and nothing recorded.

use crate::Scale;
use crate::cost::measured;
use crate::figures::{Figure, Figures, Goal, median};
use crate::lists::fill;
use crate::place::{Database, Plain, Server, Stand};
use app::exports::ExportQuery;
use documents::csv_out::CsvWriter;
use domain::diseases::Disease;
use domain::exports::ExportKind;
use serde_json::json;
use sqlx::Row;
use std::time::Instant;
use uuid::Uuid;

/// Files of each kind.
const N_FILES: usize = 3;

const METHOD: &str = "median of files; pages of 1,000 cases, each a transaction, opened, audited with a block of ids, synced. \
    The peer is one statement over the same columns, read row by row into a CSV writer, sealed cells as they are, nothing \
    audited; ratio: its median divided by ours";

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("export", scale);
    let n_cases = scale.of(120_000);
    for database in Database::BOTH {
        let stand = server.stand(database, "export").await;
        fill(server, &stand, n_cases).await;
        streamed(&stand, database, n_cases, &mut figures).await;
        workbook(&stand, database, n_cases, &mut figures).await;
        stand.remove().await;
    }
    figures.write();
}

async fn streamed(stand: &Stand, database: Database, n_cases: usize, figures: &mut Figures) {
    let (mut first_ms, mut rows_s, mut cpu_s, mut peer_s) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut grown_kib = 0.0f64;
    for _ in 0..N_FILES {
        let before = resident_kib();
        let (n_rows, cost) = measured(stand, async {
            let started = Instant::now();
            let query = ExportQuery::all(ExportKind::Cases, Some(Disease::Covid19));
            let mut export = stand.app.begin_export(&stand.worker, query).await.unwrap();
            let mut n_rows = 0;
            let mut is_first = true;
            while let Some(bytes) = export.next().await.unwrap() {
                if std::mem::take(&mut is_first) {
                    first_ms.push(started.elapsed().as_secs_f64() * 1000.0);
                }
                n_rows += bytes.iter().filter(|byte| **byte == b'\n').count();
                grown_kib = grown_kib.max(resident_kib() - before);
            }
            n_rows - 1
        })
        .await;
        assert_eq!(n_rows, n_cases, "not all cases left");
        rows_s.push(n_cases as f64 / cost.wall_s);
        cpu_s.push(cost.cpu_s);
        stand.settle().await;
        let (n_dumped, cost) = measured(stand, dump(&stand.plain)).await;
        assert_eq!(n_dumped, n_cases, "not the same work, so not comparable");
        peer_s.push(cost.wall_s);
    }
    let base = Figure {
        figure: format!("cases as CSV, {}", database.name()),
        value: median(&rows_s),
        unit: "rows/s",
        peer: "plain dump",
        ratio: Some(median(&peer_s) / (n_cases as f64 / median(&rows_s))),
        goal: Goal::None,
        n: json!({"cases": n_cases, "files": N_FILES}),
        method: METHOD,
    };
    figures.add(base.clone());
    let plain = |figure: &str, value, unit, goal| Figure {
        figure: format!("{figure}, {}", database.name()),
        value,
        unit,
        peer: "",
        ratio: None,
        goal,
        ..base.clone()
    };
    figures.add(plain("cases as CSV, first byte", median(&first_ms), "ms", Goal::Below(200.0)));
    figures.add(plain("cases as CSV, CPU", median(&cpu_s), "s", Goal::None));
    figures.add(plain("cases as CSV, memory beyond before", grown_kib / 1024.0, "MiB", Goal::Below(64.0)));
}

async fn workbook(stand: &Stand, database: Database, n_cases: usize, figures: &mut Figures) {
    let (mut wall_s, mut cpu_s) = (Vec::new(), Vec::new());
    let before = resident_kib();
    let mut grown_kib = 0.0f64;
    for _ in 0..N_FILES {
        let query = ExportQuery::all(ExportKind::Cases, Some(Disease::Covid19));
        let asked = stand.app.ask_for_workbook(&stand.worker, &query).await.unwrap();
        let work = stand.app.work_on_next_job(stand.worker.authority.authority_id, Uuid::from_u128(7));
        let (done, cost) = measured(stand, work).await;
        done.unwrap();
        let made = stand.app.workbook(&stand.worker, asked.export_id).await.unwrap();
        assert_eq!(made.size.map(|(n_rows, _)| n_rows), Some(n_cases as i64), "the workbook isn't whole");
        wall_s.push(cost.wall_s);
        cpu_s.push(cost.cpu_s);
        grown_kib = grown_kib.max(resident_kib() - before);
        stand.app.delete_workbook(&stand.worker, asked.export_id).await.unwrap();
        stand.settle().await;
    }
    let base = Figure {
        figure: format!("cases as XLSX, {}", database.name()),
        value: median(&wall_s),
        unit: "s",
        peer: "",
        ratio: None,
        goal: Goal::None,
        n: json!({"cases": n_cases, "files": N_FILES}),
        method: "median of jobs, from taking the job to the sealed file in the database",
    };
    figures.add(base.clone());
    let figure = format!("cases as XLSX, {}: CPU", database.name());
    figures.add(Figure { figure, value: median(&cpu_s), ..base.clone() });
    let figure = format!("cases as XLSX, {}: memory beyond before", database.name());
    figures.add(Figure { figure, value: grown_kib / 1024.0, unit: "MiB", ..base });
}

const DUMP: &str = "SELECT c.case_id, c.case_type, c.status, c.classification, c.disease, p.last_name, p.first_name, p.born, \
    c.age, p.sex, p.street, p.house_number, p.postcode, p.city, p.phone, p.mobile, p.email, c.symptom_onset, c.tested_on, \
    c.reported_on, c.died_on, c.outcome, c.setting, c.quarantine_first, c.quarantine_last, c.conclusion, c.created_at \
    FROM outbreak_case AS c JOIN person AS p ON p.authority_id = c.authority_id AND p.person_id = c.person_id \
    WHERE c.authority_id = 1 ORDER BY c.case_id";

/// Writes the rows of a plain statement as CSV; returns how many there were.
async fn dump(plain: &Plain) -> usize {
    use futures_util::TryStreamExt;
    let mut out = CsvWriter::new(std::io::sink());
    let mut n_rows = 0;
    macro_rules! written {
        ($pool:expr) => {{
            let mut rows = sqlx::query(DUMP).fetch($pool);
            while let Some(row) = rows.try_next().await.unwrap() {
                let cells = (0..row.len()).map(|column| {
                    let text = row.try_get_unchecked::<Option<String>, _>(column).ok().flatten();
                    let bytes = || row.try_get_unchecked::<Option<Vec<u8>>, _>(column).ok().flatten();
                    text.unwrap_or_else(|| bytes().map(|bytes| format!("{} bytes", bytes.len())).unwrap_or_default())
                });
                out.write_row(cells).unwrap();
                n_rows += 1;
            }
        }};
    }
    match plain {
        Plain::Sqlite(pool) => written!(pool),
        Plain::Postgres(pool) => written!(pool),
    }
    n_rows
}

/// Memory of this process that is in use, in KiB.
fn resident_kib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0.0)
}
