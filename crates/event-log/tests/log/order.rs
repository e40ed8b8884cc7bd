//! Many producers, one sync: what waits is written together.

use crate::kit::{Kit, record};

/// Each of 200 producers waits for its own record. They are all answered, in whatever groups they were written.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn producers_that_come_together_are_all_answered() {
    let kit = Kit::embedded();
    let tasks: Vec<_> = (0..200)
        .map(|value| {
            let log = kit.log().clone();
            tokio::spawn(async move { log.produce(vec![record(value, 0)]).await.unwrap()[0].offset })
        })
        .collect();
    let mut offsets = Vec::new();
    for task in tasks {
        offsets.push(task.await.unwrap());
    }
    offsets.sort_unstable();
    assert_eq!(offsets, (0..200).collect::<Vec<_>>());
    let mut values: Vec<u64> = kit.values(0).await.into_iter().map(|(_, value)| value).collect();
    values.sort_unstable();
    assert_eq!(values, (0..200).collect::<Vec<_>>());
}
