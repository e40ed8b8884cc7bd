//! What the group decides: which partitions come to a member, and which go.
//!
//! A partition that goes is given up at once. One that comes is taken only when it was said from where, so that nothing of it
//! is read before; the group waits meanwhile.

use super::aside::note;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// What the group decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// These come.
    Comes(Vec<u32>),
    /// These go.
    Goes(Vec<u32>),
}

/// What was decided and isn't told yet.
#[derive(Debug, Default)]
pub(super) struct Group {
    decisions: Mutex<VecDeque<Decision>>,
    is_leaving: AtomicBool,
    /// Told of each decision.
    pub(super) decided: Notify,
}

impl Group {
    /// Returns the earliest decision that wasn't told.
    pub(super) fn next(&self) -> Option<Decision> {
        self.decisions.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// Says that the member leaves: what comes from now on is taken and given back by the client itself.
    pub(super) fn leave(&self) {
        self.is_leaving.store(true, Ordering::Relaxed);
    }

    fn decide(&self, decision: Decision) {
        self.decisions.lock().unwrap_or_else(PoisonError::into_inner).push_back(decision);
        self.decided.notify_one();
    }
}

/// Hears of the group.
#[derive(Clone, Debug)]
pub(super) struct Ear(pub(super) Arc<Group>);

impl ClientContext for Ear {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        note(facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "the client of Kafka says");
    }
}

impl ConsumerContext for Ear {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, what: RDKafkaRespErr, named: &mut TopicPartitionList) {
        let partitions: Vec<u32> =
            named.elements().iter().filter_map(|named| u32::try_from(named.partition()).ok()).collect();
        if what == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            if partitions.is_empty() || self.0.is_leaving.load(Ordering::Relaxed) {
                told(consumer.incremental_assign(&TopicPartitionList::new()));
            } else {
                self.0.decide(Decision::Comes(partitions));
            }
            return;
        }
        told(give_up(consumer, named));
        if !partitions.is_empty() {
            self.0.decide(Decision::Goes(partitions));
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _: &TopicPartitionList) {
        if let Err(error) = result {
            tracing::debug!(%error, "the brokers didn't note how far this consumer is");
        }
    }
}

/// Gives up partitions, those of them that were taken.
fn give_up(consumer: &BaseConsumer<Ear>, named: &TopicPartitionList) -> KafkaResult<()> {
    let taken = consumer.assignment()?;
    let mut going = TopicPartitionList::new();
    for named in named.elements() {
        if taken.find_partition(named.topic(), named.partition()).is_some() {
            going.add_partition(named.topic(), named.partition());
        }
    }
    consumer.incremental_unassign(&going)
}

/// The client refuses only what it knows better: then it has lost the partitions already and says so next.
fn told(done: KafkaResult<()>) {
    if let Err(error) = done {
        tracing::debug!(%error, "the client knew better which partitions it has");
    }
}
