//! All that was reported is found afterwards, once.

use crate::world::World;
use domain::ids::RunId;
use pipeline::consumer::Progress;
use protocol::frames::Picture;
use std::collections::HashSet;
use storage::runs::{self, FrameAt};
use storage::store::RunStore;

/// Checks the counts of the consumer, and nodes, encounters, infections and the picture of the last second in the database.
pub async fn check(store: &RunStore, run_id: RunId, progress: &Progress, world: &World) {
    let n_reports = world.n_reports();
    assert_eq!(progress.next.get(&0), Some(&(n_reports as u64)), "all is read");
    assert_eq!((progress.stored.n_stored, progress.stored.n_put_aside), (n_reports, 0), "all is stored");
    let mut tx = store.read().await.unwrap();
    let nodes = runs::nodes_of(&mut tx, run_id, None, i64::MAX).await.unwrap();
    let found: HashSet<_> = nodes.iter().filter_map(|node| Some(node.node_id?.0)).collect();
    let told: HashSet<_> = world.batches.iter().flat_map(|batch| &batch.rows).map(|row| row.node).collect();
    assert_eq!(found, told, "each node has a number");
    let n_dead = nodes.iter().filter(|node| node.died_at.is_some()).count();
    assert_eq!(n_dead as u64, world.statistics.deaths, "the dead are known");
    let encounters = runs::encounters_of(&mut tx, run_id, None, i64::MAX).await.unwrap();
    let n_heard: usize = encounters.iter().map(|met| met.n_heard as usize).sum();
    assert_eq!(n_heard, world.met.len(), "each contact is in an encounter");
    let infections = runs::infections_of(&mut tx, run_id, world.until).await.unwrap();
    assert_eq!(infections.len(), world.n_infections, "each infection is known");
    let key = runs::last_key_before(&mut tx, run_id, world.until).await.unwrap().unwrap();
    let frames = runs::frames_after(&mut tx, run_id, FrameAt::before(key), world.until, i64::MAX).await.unwrap();
    let mut picture = Picture::default();
    for frame in frames {
        picture.apply(&runs::unpacked(&frame.packed).unwrap()).unwrap();
    }
    assert_eq!(picture.statistics(world.until), world.statistics, "the last second is as it was");
}
