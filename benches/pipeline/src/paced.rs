//! How long a report is on its way, at a steady rate.

use crate::check::check;
use crate::flow::{Flow, Way};
use crate::world::{BATCH, World};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Appends all batches, one each so often, and returns how long each was on its way until it was committed, in seconds: from when
/// it was due, so that a batch that waits for one before it waits in the figure too. Of several partitions the last counts.
pub async fn run(world: &World, rate: f64, way: Way<'_>) -> Vec<f64> {
    let flow = Flow::begin("paced", world, way).await;
    flow.first(world).await;
    let n_reports = world.n_reports() as u64;
    let mut next = flow.next.clone();
    let watching = tokio::spawn(async move {
        let mut committed: Vec<(BTreeMap<u32, u64>, Instant)> = Vec::new();
        loop {
            next.changed().await.unwrap();
            let stored = next.borrow_and_update().clone();
            let is_all = stored.values().sum::<u64>() >= n_reports;
            committed.push((stored, Instant::now()));
            if is_all {
                return committed;
            }
        }
    });
    let each = Duration::from_secs_f64(BATCH as f64 / rate);
    let started = Instant::now();
    let mut sent: Vec<(Instant, BTreeMap<u32, u64>)> = Vec::with_capacity(world.parts().1.len());
    for (nth, batch) in (0u32..).zip(world.parts().1) {
        let due = started + each * nth;
        tokio::time::sleep_until(due.into()).await;
        let mut ends = BTreeMap::new();
        for place in flow.append(batch).await {
            let end = ends.entry(place.partition).or_default();
            *end = (place.offset + 1).max(*end);
        }
        sent.push((due, ends));
    }
    let committed = watching.await.unwrap();
    let delay = |(due, ends): &(Instant, BTreeMap<u32, u64>)| {
        let has =
            |stored: &BTreeMap<u32, u64>| ends.iter().all(|(at, end)| stored.get(at).is_some_and(|next| next >= end));
        let at = committed.partition_point(|(stored, _)| !has(stored));
        (committed[at].1 - *due).as_secs_f64()
    };
    let delays = sent.iter().map(delay).collect();
    let left = flow.end().await;
    check(&left, world).await;
    drop(left.store);
    std::fs::remove_dir_all(left.folder).unwrap();
    delays
}
