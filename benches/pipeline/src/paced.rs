//! How long a report is on its way, at a steady rate.

use crate::check::check;
use crate::flow::{Flow, stored};
use crate::world::{BATCH, World};
use std::time::{Duration, Instant};

/// Appends all batches, one each so often, and returns how long each was on its way until it was committed, in seconds: from when
/// it was due, so that a batch that waits for one before it waits in the figure too.
pub async fn run(world: &World, rate: f64) -> Vec<f64> {
    let flow = Flow::begin("paced", world).await;
    flow.first(world).await;
    let n_reports = world.n_reports() as u64;
    let mut progress = flow.progress.clone();
    let watching = tokio::spawn(async move {
        let mut committed = Vec::new();
        loop {
            progress.changed().await.unwrap();
            let next = stored(&progress.borrow_and_update());
            committed.push((next, Instant::now()));
            if next >= n_reports {
                return committed;
            }
        }
    });
    let each = Duration::from_secs_f64(BATCH as f64 / rate);
    let started = Instant::now();
    let mut due = Vec::with_capacity(world.parts().1.len());
    for (nth, batch) in (0u32..).zip(world.parts().1) {
        let at = started + each * nth;
        tokio::time::sleep_until(at.into()).await;
        due.push(at);
        flow.append(batch).await;
    }
    let committed = watching.await.unwrap();
    let delay = |(nth, due): (usize, &Instant)| {
        let end = ((world.n_first + nth + 1) * BATCH) as u64;
        let at = committed.partition_point(|(next, _)| *next < end);
        (committed[at].1 - *due).as_secs_f64()
    };
    let delays = due.iter().enumerate().map(delay).collect();
    let (store, run_id, progress, folder) = flow.end().await;
    check(&store, run_id, &progress, world).await;
    drop(store);
    std::fs::remove_dir_all(folder).unwrap();
    delays
}
