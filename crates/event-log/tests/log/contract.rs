//! What holds of every log.

use crate::kit::{Kit, MANY, contract, next, record, value};
use bytes::Bytes;
use event_log::{EventLogError, Header, MAX_BATCH_BYTES, MAX_VALUE_BYTES, Most, Polled, Record};
use jiff::Timestamp;
use std::borrow::Cow;

contract! {
    async fn offsets_of_a_partition_have_no_gaps_and_keep_the_order(kit) {
        assert_eq!(kit.produce([10, 11]).await, [0, 1]);
        assert_eq!(kit.produce([12]).await, [2]);
        assert_eq!(kit.produce([]).await, [0; 0]);
        assert_eq!(kit.produce(13..100).await, (3..90).collect::<Vec<_>>());
        assert_eq!(kit.values(0).await, (0..90).map(|offset| (offset, offset + 10)).collect::<Vec<_>>());
    }

    async fn what_was_acknowledged_is_there_when_the_log_is_opened_again(kit) {
        let id = kit.log().log_id();
        for round in 0..6 {
            kit.produce(round * 50..round * 50 + 50).await;
            kit.reopen().await;
            assert_eq!(kit.values(0).await.len() as u64, round * 50 + 50);
        }
        assert_eq!(kit.values(0).await, (0..300).map(|n| (n, n)).collect::<Vec<_>>());
        assert_eq!(kit.log().log_id(), id);
    }

    async fn a_record_comes_back_as_it_was_given(kit) {
        let header = |name: &str, value: &'static [u8]| {
            Header { name: Cow::Owned(name.to_owned()), value: Bytes::from_static(value) }
        };
        let at = Timestamp::from_millisecond(1_800_000_000_123).unwrap();
        let records = vec![
            Record { key: None, headers: Vec::new(), value: Bytes::new(), at },
            Record { key: Some(Bytes::new()), headers: vec![header("run", b"r"), header("run", b"")], value: Bytes::from_static(b"v"), at },
            Record { key: Some(Bytes::from_static(b"k")), headers: vec![header("other", &[0, 255])], value: Bytes::from(vec![7; 5_000]), at },
        ];
        kit.log().produce(records.clone()).await.unwrap();
        kit.reopen().await;
        let mut consumer = kit.consumer(0).await;
        let mut found = Vec::new();
        while found.len() < 3 {
            found.extend(next(&mut consumer, MANY).await.into_iter().map(|fetched| fetched.record));
        }
        assert_eq!(found, records);
        assert_eq!(found[1].header("run"), Some(&Bytes::from_static(b"r")));
    }

    async fn a_consumer_begins_where_it_is_told_to(kit) {
        for batch in 0..20 {
            kit.produce(batch * 10..batch * 10 + 10).await;
        }
        for from in [0, 1, 57, 100, 199] {
            let found = kit.values(from).await;
            assert_eq!(found, (from..200).map(|n| (n, n)).collect::<Vec<_>>());
        }
    }

    async fn a_poll_gives_no_more_than_is_asked_for_and_the_next_goes_on(kit) {
        kit.produce(0..100).await;
        let mut consumer = kit.consumer(3).await;
        let few = Most { records: 7, ..MANY };
        for first in [3, 10, 17] {
            let found: Vec<u64> = next(&mut consumer, few).await.iter().map(value).collect();
            assert_eq!(found, (first..first + 7).collect::<Vec<_>>());
        }
        let one = Most { bytes: 1, ..MANY };
        assert_eq!(next(&mut consumer, one).await.len(), 1, "one, however large");
        let little = Most { bytes: 200, ..MANY };
        let n = next(&mut consumer, little).await.len();
        assert!((1..=4).contains(&n), "{n} records of some 50 bytes");
    }

    async fn a_consumer_at_the_end_waits_and_loses_nothing_if_it_stops_waiting(kit) {
        kit.produce([1]).await;
        let mut consumer = kit.consumer(1).await;
        {
            let waiting = std::pin::pin!(consumer.poll(MANY));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(Future::poll(waiting, &mut context).is_pending());
        }
        let log = kit.log().clone();
        let (found, _) = tokio::join!(next(&mut consumer, MANY), async move { log.produce(vec![record(2, 0)]).await });
        assert_eq!(found.iter().map(value).collect::<Vec<_>>(), [2]);
    }

    async fn reading_goes_on_while_others_write(kit) {
        let mut consumer = kit.consumer(0).await;
        let log = kit.log().clone();
        let writing = tokio::spawn(async move {
            for batch in 0..200 {
                log.produce((batch * 5..batch * 5 + 5).map(|value| record(value, 0)).collect()).await.unwrap();
            }
        });
        let mut found = Vec::new();
        while found.len() < 1_000 {
            found.extend(next(&mut consumer, MANY).await.iter().map(|fetched| (fetched.offset, value(fetched))));
        }
        writing.await.unwrap();
        assert_eq!(found, (0..1_000).map(|n| (n, n)).collect::<Vec<_>>());
    }

    /// Each producer's records keep their order, every batch stays together, and every offset is given once.
    async fn producers_at_once_get_offsets_of_their_own(kit) {
        let producers: Vec<_> = (0..16u64)
            .map(|producer| {
                let log = kit.log().clone();
                tokio::spawn(async move {
                    let mut places = Vec::new();
                    for batch in 0..20 {
                        let values = (0..3).map(|n| record((producer << 32) | (batch * 3 + n), 0));
                        places.extend(log.produce(values.collect()).await.unwrap());
                    }
                    places.into_iter().map(|place| place.offset).collect::<Vec<u64>>()
                })
            })
            .collect();
        let mut expected = vec![None; 16 * 60];
        for (producer, task) in producers.into_iter().enumerate() {
            for (n, offset) in task.await.unwrap().into_iter().enumerate() {
                let free = expected[offset as usize].replace((producer as u64) << 32 | n as u64);
                assert_eq!(free, None, "an offset is given once");
            }
        }
        let found: Vec<_> = kit.values(0).await.into_iter().map(|(_, value)| Some(value)).collect();
        assert_eq!(found, expected);
    }

    async fn nothing_of_a_partition_comes_before_it_is_said_from_where(kit) {
        kit.produce([1]).await;
        let mut consumer = kit.log().consumer();
        assert_eq!(consumer.poll(MANY).await.unwrap(), Polled::Assigned(vec![0]));
        assert!(matches!(consumer.poll(MANY).await, Err(EventLogError::NoPosition(0))));
    }

    async fn an_offset_after_the_end_is_refused_and_the_end_is_not(kit) {
        kit.produce(0..3).await;
        let mut consumer = kit.consumer(3).await;
        let refused = consumer.seek(0, 4).await.unwrap_err();
        assert!(matches!(refused, EventLogError::PastEnd { wanted: 4, end: 3 }));
        let refused = consumer.seek(kit.log().n_partitions(), 0).await.unwrap_err();
        assert!(matches!(refused, EventLogError::NoPartition(_)));
    }

    async fn what_is_too_large_is_refused_whole_and_the_log_goes_on(kit) {
        let mut large = record(1, 0);
        large.value = Bytes::from(vec![0; MAX_VALUE_BYTES + 1]);
        let refused = kit.log().produce(vec![record(0, 0), large.clone()]).await.unwrap_err();
        assert!(matches!(refused, EventLogError::TooLarge { is, most: MAX_VALUE_BYTES, .. } if is == MAX_VALUE_BYTES + 1));
        large.value.truncate(MAX_VALUE_BYTES);
        let refused = kit.log().produce(vec![large.clone(); 17]).await.unwrap_err();
        assert!(matches!(refused, EventLogError::TooLarge { most: MAX_BATCH_BYTES, .. }));
        assert_eq!(kit.log().end_offset(0).await.unwrap(), 0);
        kit.log().produce(vec![large.clone(); 2]).await.unwrap();
        let mut consumer = kit.consumer(0).await;
        assert_eq!(next(&mut consumer, Most { bytes: 9, ..MANY }).await[0].record, large);
    }
}

#[test]
fn nothing_but_a_sync_that_failed_ends_the_process() {
    let source = std::sync::Arc::new(std::io::Error::other("x"));
    let path = std::path::PathBuf::new();
    assert!(EventLogError::SyncFailed { path: path.clone(), source: source.clone() }.is_fatal());
    assert!(EventLogError::Stopped.is_fatal());
    assert!(!EventLogError::Closed.is_fatal());
    assert!(!EventLogError::File { doing: "write", path, source }.is_fatal());
}

#[tokio::test]
async fn handles_of_one_log_are_one_log() {
    let kit = Kit::embedded().await;
    let other = kit.log().clone();
    other.produce(vec![record(5, 0)]).await.unwrap();
    assert_eq!(kit.values(0).await, [(0, 5)]);
    assert_eq!((other.topic(), other.first_offset(0).await.unwrap()), ("coronaz", 0));
}
