//! A log that was lost, or its end, while the database that consumed it was not.

use crate::kit::{Kit, MANY, next, record, value};
use event_log::EventLogError;

#[tokio::test]
async fn a_log_that_ends_before_what_was_consumed_goes_on_there() {
    let mut kit = Kit::embedded().await;
    kit.produce(0..5).await;
    assert!(kit.log().continue_at(0, 40).await.unwrap());
    assert_eq!(kit.log().end_offset(0).await.unwrap(), 40);
    assert_eq!(kit.produce([40, 41]).await, [40, 41]);
    kit.reopen().await;
    assert!(!kit.log().continue_at(0, 42).await.unwrap(), "it is there already");
    assert!(!kit.log().continue_at(0, 7).await.unwrap(), "it is further");
    assert_eq!(kit.produce([42]).await, [42]);
    let there: Vec<(u64, u64)> = (0..5).chain(40..43).map(|n| (n, n)).collect();
    assert_eq!(kit.values(0).await, there, "and what is before the gap is read too");
    assert_eq!(kit.values(40).await, there[5..]);
    assert_eq!(kit.values(17).await, there[5..], "who stands in the gap goes on after it");
}

#[tokio::test]
async fn an_empty_log_goes_on_where_the_lost_one_was_consumed() {
    let mut kit = Kit::embedded().await;
    assert!(kit.log().continue_at(0, 1_000).await.unwrap());
    assert!(kit.log().continue_at(0, 2_000).await.unwrap(), "twice, with nothing between");
    let mut consumer = kit.consumer(2_000).await;
    let log = kit.log().clone();
    let (found, _) = tokio::join!(next(&mut consumer, MANY), async move { log.produce(vec![record(7, 0)]).await });
    assert_eq!((found[0].offset, value(&found[0])), (2_000, 7));
    kit.reopen().await;
    assert_eq!(kit.values(2_000).await, [(2_000, 7)]);
}

#[tokio::test]
async fn a_consumer_that_reads_while_the_log_goes_on_later_loses_nothing() {
    let kit = Kit::embedded().await;
    kit.produce(0..3).await;
    let mut consumer = kit.consumer(0).await;
    assert_eq!(next(&mut consumer, MANY).await.len(), 3);
    kit.log().continue_at(0, 10).await.unwrap();
    kit.produce([10]).await;
    assert_eq!(next(&mut consumer, MANY).await[0].offset, 10);
    assert!(matches!(consumer.seek(0, 12).await, Err(EventLogError::PastEnd { end: 11, .. })));
}

#[tokio::test]
async fn a_log_lost_with_its_folder_is_another_log() {
    let kit = Kit::embedded().await;
    let folder = tempfile::tempdir().unwrap();
    let options = event_log::embedded::Options { fresh_id: uuid::Uuid::from_u128(7), ..crate::kit::options() };
    let (fresh, opened) = event_log::embedded::Log::open(folder.path(), options).unwrap();
    assert!(opened.is_new);
    assert_ne!(fresh.id().to_string(), kit.log().log_id());
}
