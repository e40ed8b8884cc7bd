//! All that was reported is found afterwards, once.

use crate::flow::Left;
use crate::world::World;
use protocol::frames::Picture;
use std::collections::HashSet;
use storage::runs;

/// Checks the counts of the consumer, and nodes, encounters, infections and the picture of the last second in the database.
pub async fn check(left: &Left, world: &World) {
    let (n_reports, store, run_id) = (world.n_reports(), &left.store, left.run_id);
    assert_eq!(left.n_read, n_reports as u64, "all is read");
    assert_eq!((left.stored.n_stored, left.stored.n_put_aside), (n_reports, 0), "all is stored");
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
    let mut picture = Picture::default();
    for (chain, key) in runs::last_keys_before(&mut tx, run_id, world.until).await.unwrap() {
        let mut of_chain = Picture::default();
        for frame in runs::frames_of_chain(&mut tx, run_id, chain, key).await.unwrap() {
            of_chain.apply(&runs::unpacked(&frame.packed).unwrap()).unwrap();
        }
        picture.unite(&of_chain);
    }
    assert_eq!(picture.statistics(world.until), world.statistics, "the last second is as it was");
}
