//! Many producers at once, and the end of a log.

use crate::kit::{Kit, MANY, next, record, value};
use event_log::EventLogError;

/// Each of 200 producers waits for its own record. They are all answered, in whatever groups they were written.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn producers_that_come_together_are_all_answered() {
    let kit = Kit::embedded().await;
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

#[tokio::test]
async fn whoever_reads_gets_the_rest_of_a_log_that_is_closed_and_then_its_end() {
    let kit = Kit::embedded().await;
    kit.produce(0..3).await;
    let mut consumer = kit.consumer(1).await;
    let folder = kit.close();
    assert_eq!(next(&mut consumer, MANY).await.iter().map(value).collect::<Vec<_>>(), [1, 2]);
    assert!(matches!(consumer.poll(MANY).await, Err(EventLogError::Closed)));
    drop(folder);
}
