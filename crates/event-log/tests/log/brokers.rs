//! What holds of the log in Kafka alone: partitions that are shared, and brokers that come and go.

use crate::kit::{Kit, MANY, brokers, kafka_options, next, record, value};
use bytes::Bytes;
use event_log::{Consumer, EventLog, EventLogError, Place, Polled, Record, kafka};
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::collections::{BTreeMap, BTreeSet};

fn admin() -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", brokers()).create().unwrap()
}

/// Deletes what lies before an offset, as retention does.
async fn delete_before(topic: &str, partition: i32, offset: i64) {
    let mut list = TopicPartitionList::new();
    list.add_partition_offset(topic, partition, Offset::Offset(offset)).unwrap();
    let deleted = admin().delete_records(&list, &AdminOptions::new()).await.unwrap();
    deleted.elements()[0].error().unwrap();
}

/// A record whose key and value say who it is of.
fn of_node(node: u8, value: u64) -> Record {
    Record { key: Some(Bytes::from(vec![node; 6])), ..record(value, 0) }
}

/// A consumer that begins each partition where it begins, and what it has.
struct Member {
    consumer: Consumer,
    has: BTreeSet<u32>,
    found: Vec<(u32, u64)>,
}

impl Member {
    fn of(log: &EventLog) -> Self {
        Self { consumer: log.consumer(), has: BTreeSet::new(), found: Vec::new() }
    }

    /// Polls once.
    async fn step(&mut self) {
        match self.consumer.poll(MANY).await.unwrap() {
            Polled::Assigned(partitions) => {
                for partition in partitions {
                    self.consumer.seek(partition, 0).await.unwrap();
                    assert!(self.has.insert(partition), "it had it already");
                }
            }
            Polled::Revoked(partitions) => {
                for partition in partitions {
                    assert!(self.has.remove(&partition), "it hadn't it");
                }
            }
            Polled::Records { partition, records } => {
                assert!(self.has.contains(&partition));
                self.found.extend(records.iter().map(|fetched| (partition, value(fetched))));
            }
        }
    }
}

#[tokio::test]
async fn records_of_one_key_keep_their_order_on_several_partitions() {
    let kit = Kit::kafka_with(4).await;
    let mut places: Vec<Place> = Vec::new();
    for batch in 0..20u64 {
        let records = (0..16).map(|node| of_node(node, u64::from(node) << 32 | batch)).collect();
        places.extend(kit.log().produce(records).await.unwrap());
    }
    let used: BTreeSet<u32> = places.iter().map(|place| place.partition).collect();
    assert!(used.len() > 1, "16 keys lie on {used:?}");
    let of_one: BTreeSet<u32> = places.iter().step_by(16).map(|place| place.partition).collect();
    assert_eq!(of_one.len(), 1, "one key lies on one partition");
    let mut member = Member::of(kit.log());
    while member.found.len() < 320 {
        member.step().await;
    }
    let mut by_node: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for (_, value) in member.found {
        by_node.entry(value >> 32).or_default().push(value & 0xffff_ffff);
    }
    assert_eq!(by_node.len(), 16);
    assert!(by_node.values().all(|of_one| *of_one == (0..20).collect::<Vec<_>>()), "{by_node:?}");
}

/// Partitions where Kafka's own clients put these keys: `Utils.toPositive(Utils.murmur2(key)) % 4`.
#[tokio::test]
async fn a_key_lies_where_kafkas_own_clients_put_it() {
    let kit = Kit::kafka_with(4).await;
    let keys = ["21", "foobar", "a-little-bit-long-string", "abc"];
    let records = keys.map(|key| Record { key: Some(Bytes::from(key)), ..record(0, 0) });
    let places = kit.log().produce(records.to_vec()).await.unwrap();
    let expected = [-973_932_308_i32, -790_332_482, -985_981_536, 479_470_107].map(|hash| (hash & i32::MAX) as u32 % 4);
    assert_eq!(places.iter().map(|place| place.partition).collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn members_of_a_group_share_the_partitions_and_take_over_from_who_leaves() {
    let kit = Kit::kafka_with(4).await;
    let all: BTreeSet<u32> = (0..4).collect();
    let mut first = Member::of(kit.log());
    while first.has != all {
        first.step().await;
    }
    let mut second = Member::of(kit.log());
    while (first.has.len(), second.has.len()) != (2, 2) {
        tokio::select! {
            () = first.step() => {}
            () = second.step() => {}
        }
    }
    assert_eq!(first.has.union(&second.has).copied().collect::<BTreeSet<_>>(), all, "none is both's");
    let elsewhere = *second.has.first().unwrap();
    let refused = first.consumer.seek(elsewhere, 0).await.unwrap_err();
    assert!(matches!(refused, EventLogError::NotAssigned(partition) if partition == elsewhere));
    drop(second);
    while first.has != all {
        first.step().await;
    }
    let sent: Vec<Place> =
        kit.log().produce((0..16).map(|node| of_node(node, u64::from(node))).collect()).await.unwrap();
    while first.found.len() < sent.len() {
        first.step().await;
    }
    let found: BTreeSet<u64> = first.found.iter().map(|(_, value)| *value).collect();
    assert_eq!(found, (0..16).collect(), "also of the partitions that came back");
}

#[tokio::test]
async fn who_seeks_back_reads_again_and_nothing_twice_or_never() {
    let kit = Kit::kafka().await;
    kit.produce(0..500).await;
    let mut consumer = kit.consumer(0).await;
    for from in [0, 499, 3, 250, 0] {
        consumer.seek(0, from).await.unwrap();
        let mut found = Vec::new();
        while from + (found.len() as u64) < 500 {
            found.extend(next(&mut consumer, event_log::Most { records: 90, ..MANY }).await.iter().map(value));
        }
        assert_eq!(found, (from..500).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_deleted_offset_is_told_with_the_first_that_is_there() {
    let kit = Kit::kafka().await;
    kit.produce(0..20).await;
    let mut consumer = kit.consumer(3).await;
    delete_before(kit.log().topic(), 0, 12).await;
    assert_eq!(kit.log().first_offset(0).await.unwrap(), 12);
    let gone = consumer.poll(MANY).await.unwrap_err();
    assert!(matches!(gone, EventLogError::Gone { wanted: 3, first: 12, .. }), "{gone:?}");
    assert!(matches!(consumer.poll(MANY).await, Err(EventLogError::NoPosition(0))));
    let gone = consumer.seek(0, 11).await.unwrap_err();
    assert!(matches!(gone, EventLogError::Gone { wanted: 11, first: 12, .. }), "{gone:?}");
    consumer.seek(0, 12).await.unwrap();
    assert_eq!(next(&mut consumer, MANY).await.iter().map(value).collect::<Vec<_>>(), (12..20).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_log_that_ends_before_what_was_stored_of_it_is_another_one() {
    let kit = Kit::kafka().await;
    kit.produce(0..5).await;
    assert!(!kit.log().continue_at(0, 5).await.unwrap(), "nothing is to be done");
    let refused = kit.log().continue_at(0, 6).await.unwrap_err();
    assert!(matches!(refused, EventLogError::OtherLog { partition: 0, next: 6, end: 5 }), "{refused:?}");
    let other = Kit::kafka().await;
    assert_ne!(kit.log().log_id(), other.log().log_id());
}

#[tokio::test]
async fn how_far_a_consumer_is_can_be_seen_at_the_brokers() {
    let kit = Kit::kafka().await;
    kit.produce(0..5).await;
    let mut consumer = kit.consumer(0).await;
    next(&mut consumer, MANY).await;
    consumer.commit(0, 4).await.unwrap();
    assert!(matches!(consumer.commit(1, 4).await, Err(EventLogError::NoPartition(1))));
    // It leaves the group only when the brokers have noted it.
    drop(consumer);
    let topic = kit.log().topic().to_owned();
    let group = topic.clone();
    let committed = tokio::task::spawn_blocking(move || {
        use rdkafka::consumer::{BaseConsumer, Consumer as _};
        let mut config = ClientConfig::new();
        let watcher: BaseConsumer =
            config.set("bootstrap.servers", brokers()).set("group.id", &group).create().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition(&topic, 0);
        watcher.committed_offsets(list, std::time::Duration::from_secs(30)).unwrap().elements()[0].offset()
    });
    assert_eq!(committed.await.unwrap(), Offset::Offset(4));
}

#[tokio::test]
async fn a_topic_is_made_once_and_one_that_does_not_fit_is_refused() {
    let options = kafka_options(&brokers(), 2);
    let (log, opened) = kafka::Log::open(options.clone()).await.unwrap();
    assert!(opened.is_new && log.n_partitions() == 2);
    let (_, opened) = kafka::Log::open(options.clone()).await.unwrap();
    assert!(!opened.is_new);
    let refused = kafka::Log::open(kafka::Options { n_partitions: 3, ..options.clone() }).await.unwrap_err();
    assert!(matches!(&refused, EventLogError::Unfit { what, .. } if what == "it has 2 partitions, not 3"), "{refused}");

    let forever = kafka_options(&brokers(), 1);
    let topic = NewTopic::new(&forever.topic, 1, TopicReplication::Fixed(1)).set("retention.ms", "-1");
    let made = admin().create_topics([&topic.set("max.message.bytes", "2000000")], &AdminOptions::new()).await.unwrap();
    made[0].as_ref().unwrap();
    let refused = kafka::Log::open(forever).await.unwrap_err();
    assert!(matches!(&refused, EventLogError::Unfit { what, .. } if what.starts_with("retention.ms -1")), "{refused}");
}
