//! `dashboard`: the numbers of an authority with 1,000,000 cases.
//!
//! Each answer is timed whole, with its audit record. The peer counts all cases by kind, which is what would have to be
//! done without the numbers that the database keeps.

use crate::Scale;
use crate::duplicates::tidy;
use crate::figures::{Figure, Figures, Goal, median, quantile};
use crate::lists::fill;
use crate::place::{Database, Server};
use crate::worklist::make_wait;
use serde_json::json;
use std::time::Instant;
use storage::Freshness;

/// Answers.
const N_ASKED: usize = 200;
/// Counts of the peer: each reads a million rows.
const N_COUNTED: usize = 10;

const METHOD: &str = "whole answers, each with its audit record and synced commit: cases by kind, quarantine, new cases of \
    14 days, who waits, mails. The peer counts all cases by kind; ratio: its median divided by ours";

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("dashboard", scale);
    let n_cases = scale.of(1_000_000);
    for database in Database::BOTH {
        let stand = server.stand(database, "dashboard").await;
        fill(server, &stand, n_cases).await;
        make_wait(&stand).await;
        stand.app.fold_tallies(stand.worker.authority.authority_id).await.unwrap();
        tidy(server, &stand).await;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for n in 0..N_ASKED {
            let started = Instant::now();
            let numbers = stand.app.dashboard(&stand.worker).await.unwrap();
            ours.push(started.elapsed().as_secs_f64() * 1e3);
            if n < N_COUNTED {
                let mut tx = stand.app.store.read(stand.worker.authority.authority_id, Freshness::Fresh).await.unwrap();
                let started = Instant::now();
                let counted = storage::tallies::counted(&mut tx).await.unwrap();
                theirs.push(started.elapsed().as_secs_f64() * 1e3);
                assert_eq!(numbers.tallies, counted, "the numbers that are kept are wrong");
            }
        }
        let base = Figure {
            figure: format!("the numbers of today, {}: p50", database.name()),
            value: median(&ours),
            unit: "ms",
            peer: "counting all cases by kind",
            ratio: Some(median(&theirs) / median(&ours)),
            goal: Goal::None,
            n: json!({"cases": n_cases, "answers": ours.len()}),
            method: METHOD,
        };
        figures.add(base.clone());
        let figure = format!("the numbers of today, {}: p99", database.name());
        figures.add(Figure {
            figure,
            value: quantile(&ours, 0.99),
            peer: "",
            ratio: None,
            goal: Goal::Below(300.0),
            ..base
        });
        stand.remove().await;
    }
    figures.write();
}
