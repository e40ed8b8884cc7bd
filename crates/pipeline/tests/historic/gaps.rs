//! Records that the brokers deleted before anybody stored them: counted, and what is there goes on.

use crate::kit::{Bench, brokers};
use crate::messages::{N_MESSAGES, N_POISONED, all};
use bytes::Bytes;
use jiff::Timestamp;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use storage::runs::{self, LogPlace};
use testkit::contract;

/// Deletes what lies before an offset, as retention does.
async fn delete_before(topic: &str, partition: i32, offset: u64) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", brokers()).create().unwrap();
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Offset(offset.cast_signed())).unwrap();
    let deleted = admin.delete_records(&list, &AdminOptions::new()).await.unwrap();
    deleted.elements()[0].error().unwrap();
}

contract! {
    async fn what_was_deleted_before_it_was_stored_is_counted_and_the_rest_is_stored(kit) {
        let bench = Bench::kafka(&kit).await;
        let start: Timestamp = "2026-03-01T10:20:30.250Z".parse().unwrap();
        bench.send(all(start)).await;
        let ends = bench.ends().await;
        // Of one partition a part, of another all, of the third nothing.
        let deleted = [(0, 700), (1, ends[&1]), (2, 0)];
        for (partition, before) in deleted {
            delete_before(bench.log.topic(), partition, before).await;
        }
        // What is gone altogether is heard of with the next record.
        let mut last = all(start);
        last.truncate(90);
        // So many keys lie in all partitions.
        for (record, key) in last.iter_mut().zip(0u8..) {
            record.key = Some(Bytes::from(vec![key]));
        }
        bench.send(last).await;
        let progress = bench.consume(500).await;
        let n_sent = (N_MESSAGES + N_MESSAGES / 10 + N_POISONED + 90) as u64;
        let n_gone: u64 = deleted.iter().map(|(_, before)| before).sum();
        let stored = progress.stored;
        assert_eq!((stored.n_stored + stored.n_again + stored.n_put_aside) as u64, n_sent - n_gone);
        assert_eq!(bench.n_left().await, 0);
        for (partition, before) in deleted {
            let (log_id, topic) = (bench.log.log_id(), bench.log.topic().to_owned());
            let place = LogPlace { log_id, topic, partition };
            let progress = runs::progress(&mut bench.store.read().await.unwrap(), &place).await.unwrap();
            assert_eq!(progress.n_gaps, before, "partition {partition}");
        }
    }
}
