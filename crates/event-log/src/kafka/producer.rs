//! The producer: batches in their order, each record acknowledged by the brokers.

use super::aside::{Aside, Reason};
use crate::record::{Header, MAX_BATCH_BYTES, Place, Record};
use crate::{EventLogError, Result};
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::OwnedHeaders;
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

const DOING: &str = "append to the topic";

/// Bytes that may wait for the brokers before producers wait to hand theirs over.
const MOST_WAITING: usize = 8 * MAX_BATCH_BYTES;

/// The client of the library.
pub(super) type Client = FutureProducer<Aside>;

/// Sends records.
pub(super) struct Producer {
    config: ClientConfig,
    aside: Aside,
    client: Mutex<Client>,
    room: Semaphore,
}

impl Producer {
    pub(super) fn new(config: ClientConfig) -> Result<Self> {
        let aside = Aside::default();
        let client = Mutex::new(begin(&config, &aside)?);
        Ok(Self { config, aside, client, room: Semaphore::new(MOST_WAITING) })
    }

    /// As [`crate::EventLog::produce`].
    pub(super) async fn append(&self, topic: &str, records: Vec<Record>) -> Result<Vec<Place>> {
        records.iter().try_for_each(Record::check)?;
        let n_bytes: usize = records.iter().map(Record::n_bytes).sum();
        if n_bytes > MAX_BATCH_BYTES {
            return Err(EventLogError::TooLarge { what: "a batch", is: n_bytes, most: MAX_BATCH_BYTES });
        }
        // Never fails: a batch is at most an eighth of the room, and nobody closes it.
        let n_bytes = u32::try_from(n_bytes).unwrap_or(u32::MAX);
        let _room = self.room.acquire_many(n_bytes).await.map_err(EventLogError::broker(DOING))?;
        let client = self.client();
        // All are handed over before the first is waited for, so that they keep their order and travel together.
        let sent: KafkaResult<Vec<DeliveryFuture>> =
            records.iter().map(|record| send(&client, topic, record)).collect();
        let delivered = match sent {
            Ok(sent) => delivered(sent).await,
            Err(error) => Err(error),
        };
        delivered.map_err(|error| {
            self.renew(&client);
            EventLogError::broker(DOING)(error)
        })
    }

    /// Returns the client that sends.
    pub(super) fn client(&self) -> Client {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns why the brokers weren't reached the last time.
    pub(super) fn why_unreached(&self) -> Reason {
        self.aside.reason()
    }

    /// Takes a new client in the place of one that says it will send nothing more: brokers that forgot it, for instance, can't
    /// tell any more what they have of it.
    fn renew(&self, failed: &Client) {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let is_dead = failed.client().fatal_error().is_some() && client.client().fatal_error().is_some();
        if is_dead && let Ok(fresh) = begin(&self.config, &self.aside) {
            *client = fresh;
        }
    }
}

fn begin(config: &ClientConfig, aside: &Aside) -> Result<Client> {
    config.create_with_context(aside.clone()).map_err(EventLogError::broker("begin to send to Kafka"))
}

/// Hands a record over.
fn send(client: &Client, topic: &str, record: &Record) -> KafkaResult<DeliveryFuture> {
    let mut message = FutureRecord::<[u8], [u8]>::to(topic).payload(&record.value);
    message = message.timestamp(record.at.as_millisecond());
    if let Some(key) = &record.key {
        message = message.key(key);
    }
    if !record.headers.is_empty() {
        message = message.headers(headers(&record.headers));
    }
    client.send_result(message).map_err(|(error, _)| error)
}

fn headers(headers: &[Header]) -> OwnedHeaders {
    headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |all, header| {
        let value: Option<&[u8]> = Some(&header.value);
        all.insert(rdkafka::message::Header { key: &header.name, value })
    })
}

/// Waits until all are there.
async fn delivered(sent: Vec<DeliveryFuture>) -> KafkaResult<Vec<Place>> {
    let mut places = Vec::with_capacity(sent.len());
    for delivery in sent {
        let delivery = delivery.await.map_err(|_| KafkaError::Canceled)?.map_err(|(error, _)| error)?;
        places.push(Place {
            partition: u32::try_from(delivery.partition).unwrap_or(0),
            offset: u64::try_from(delivery.offset).unwrap_or(0),
        });
    }
    Ok(places)
}

/// Asks where a partition begins and ends; waits meanwhile.
pub(super) fn watermarks(client: &Client, topic: &str, partition: i32, wait: Duration) -> KafkaResult<(i64, i64)> {
    client.client().fetch_watermarks(topic, partition, wait)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use jiff::Timestamp;
    use rdkafka::mocking::MockCluster;
    use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

    /// Brokers of the client library, which say what they are told to.
    #[tokio::test]
    async fn a_client_that_will_send_nothing_more_is_replaced() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("coronaz", 1, 1).unwrap();
        let refused = RDKafkaRespErr::RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
        cluster.request_errors(RDKafkaApiKey::InitProducerId, &[refused]);
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", cluster.bootstrap_servers()).set("enable.idempotence", "true");
        let producer = Producer::new(config).unwrap();
        let value = Bytes::from_static(b"v");
        let record = Record { key: None, headers: Vec::new(), value, at: Timestamp::UNIX_EPOCH };
        let error = producer.append("coronaz", vec![record.clone()]).await.unwrap_err();
        assert!(matches!(error, EventLogError::Broker { .. }) && !error.is_fatal(), "{error:?}");
        assert_eq!(producer.append("coronaz", vec![record]).await.unwrap(), [Place { partition: 0, offset: 0 }]);
    }
}
