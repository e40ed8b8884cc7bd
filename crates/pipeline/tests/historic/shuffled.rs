//! Ten thousand messages, shuffled, some doubled, some broken, by consumers that are killed in the middle of their work.

use crate::kit::Bench;
use crate::messages::{Drawn, N_MESSAGES, N_POISONED, NODES, all};
use crate::own;
use jiff::Timestamp;
use pipeline::consumer::Progress;
use std::collections::BTreeMap;
use testkit::contract;
use uuid::Uuid;

const N_KILLS: usize = 10;

/// Lets two consumers work, and kills both, wherever they are.
async fn work_and_kill(bench: &Bench, drawn: &mut Drawn) {
    let begin = || {
        let (work, progress) = bench.work(83);
        (tokio::spawn(async move { work.run(std::future::pending()).await.unwrap() }), progress)
    };
    let ((one, mut told), (other, mut also_told)) = (begin(), begin());
    // One of them may get no partition, or always come second.
    let has_stored = |progress: &Progress| progress.stored.n_stored > 0;
    tokio::select! {
        told = told.wait_for(has_stored) => drop(told.unwrap()),
        told = also_told.wait_for(has_stored) => drop(told.unwrap()),
    }
    for _ in 0..drawn.below(60) {
        tokio::task::yield_now().await;
    }
    for working in [one, other] {
        working.abort();
        let ended = working.await;
        assert!(ended.is_err_and(|error| error.is_cancelled()), "it was killed, and had not ended by itself");
    }
}

async fn survives(bench: Bench) {
    let start: Timestamp = "2026-03-01T10:20:30.250Z".parse().unwrap();
    bench.send(all(start)).await;
    let mut drawn = Drawn(11);
    for _ in 0..N_KILLS {
        work_and_kill(&bench, &mut drawn).await;
        assert!(bench.n_left().await > 997, "whoever comes next has something to do");
    }
    bench.consume(997).await;
    assert_eq!(bench.n_left().await, 0);
    let records = bench.read_all().await;
    assert_eq!(records.len(), N_MESSAGES + N_MESSAGES / 10 + N_POISONED);
    let (said, n_poison) = own::read(&records);
    assert_eq!((said.len(), n_poison), (N_MESSAGES, N_POISONED));

    let runs = bench.runs().await;
    assert_eq!(runs.len(), 1, "two consumers make one run of a day");
    let run = &runs[0];
    assert_eq!((run.name.as_str(), run.owner), ("historic 2026-03-01", None));
    for second in [0, 30, 45, 60, 61, 90, 119, 120, 121, 150, 179, 200, 240, 300, 1_000] {
        let counted = bench.statistics(run.run_id, second).await;
        assert_eq!(counted, own::statistics(&said, run.created_at, second), "second {second}");
    }
    let numbers = bench.numbers(run.run_id).await;
    assert_eq!(numbers.len(), usize::try_from(NODES).unwrap());
    let reasons = bench.reasons().await;
    assert_eq!(reasons.len(), N_POISONED);
    assert!(reasons.iter().all(|reason| !reason.contains("5603b252")), "a reason quotes nothing: {reasons:?}");
    check_encounters(&bench, run.run_id, &own::encounters(&said, run.created_at), &numbers).await;
}

async fn check_encounters(
    bench: &Bench,
    run_id: domain::ids::RunId,
    own: &BTreeMap<(String, String, u32), (u32, u32, u32)>,
    numbers: &BTreeMap<Uuid, u32>,
) {
    let stored = bench.encounters(run_id).await;
    assert_eq!(stored.len(), own.len());
    assert!(stored.iter().all(|met| met.nearest_quarters.is_none()), "nobody says how near");
    let found: BTreeMap<(u32, u32, u32), (u32, u32, u32)> = stored
        .iter()
        .map(|met| ((met.lower, met.higher, met.slot), (met.first_second, met.last_second, met.n_heard)))
        .collect();
    let number = |id: &str| numbers.get(&id.parse::<Uuid>().unwrap()).copied();
    for ((a, b, slot), expected) in own {
        // Who never reported has a number, and no name.
        let (Some(a), Some(b)) = (number(a), number(b)) else { continue };
        assert_eq!(found.get(&(a.min(b), a.max(b), *slot)), Some(expected));
    }
}

contract! {
    async fn killed_ten_times_the_embedded_log_is_stored_as_it_says(kit) {
        survives(Bench::embedded(&kit).await).await;
    }

    async fn killed_ten_times_a_topic_in_kafka_is_stored_as_it_says(kit) {
        survives(Bench::kafka(&kit).await).await;
    }
}
