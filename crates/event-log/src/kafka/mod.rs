//! The log in Apache Kafka: a topic with partitions, on brokers that the server shares with others.
//!
//! A record is acknowledged when all brokers in step with its leader have it, and is never there twice. Its key chooses the
//! partition as it does for Kafka's own clients, so nodes of any make keep their order. Consumers are members of a group
//! ([`Reader`]). What a topic must be like to keep these promises is asked of the brokers when it is opened ([`Options`]).
//!
//! - The log is known by the id of the cluster and the name of the topic.
//! - Offsets can't be left out, so a log that ends before what was stored of it is an error for a person
//!   ([`crate::EventLogError::OtherLog`]).
//! - Kafka deletes what is old by itself: retention and the time of a segment together are at most 14 days.

mod aside;
mod group;
mod hosts;
mod options;
mod producer;
mod reader;
mod topic;

pub use hosts::{Hosts, look_at_hosts};
pub use options::{Identity, Mechanism, Options, Sasl, Security, Tls};
pub use reader::Reader;

use crate::record::{Place, Record};
use crate::{EventLogError, Result};
use producer::Producer;
use rdkafka::admin::AdminClient;
use rdkafka::client::DefaultClientContext;
use rdkafka::error::KafkaResult;
use rdkafka::producer::Producer as _;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;

/// How long brokers are waited for when they are asked something.
const ANSWER: Duration = Duration::from_secs(10);

type Admin = AdminClient<DefaultClientContext>;

/// A log of one topic. Clones are handles of the same one.
#[derive(Clone)]
pub struct Log {
    inner: Arc<Inner>,
}

struct Inner {
    options: Options,
    id: String,
    producer: Producer,
}

/// What was found when a log was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Whether there was no topic before.
    pub is_new: bool,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("id", &self.inner.id).finish_non_exhaustive()
    }
}

impl Log {
    /// Opens the log in a topic; makes the topic if there is none.
    ///
    /// # Errors
    ///
    /// [`EventLogError::Broker`] if the brokers don't answer within ten seconds, or refuse; [`EventLogError::Unfit`] if the
    /// topic is another than the options say, or would break a promise.
    pub async fn open(options: Options) -> Result<(Self, Opened)> {
        let producer = Producer::new(options.producer())?;
        let client = producer.client();
        let cluster = blocking("ask for the id of the cluster", move || Ok(client.client().fetch_cluster_id(ANSWER)));
        let unanswered = || EventLogError::broker("reach the brokers")(producer.why_unreached());
        let cluster = cluster.await?.ok_or_else(unanswered)?;
        let admin: Admin = options.client().create().map_err(EventLogError::broker("begin to speak to Kafka"))?;
        let admin = Arc::new(admin);
        let is_new = topic::settle(&admin, &options).await?;
        let id = format!("{cluster}/{}", options.topic);
        Ok((Self { inner: Arc::new(Inner { options, id, producer }) }, Opened { is_new }))
    }

    /// Opens the log in a topic that is there; `None` if there is no such topic.
    ///
    /// # Errors
    ///
    /// As [`Log::open`].
    pub async fn find(options: Options) -> Result<Option<Self>> {
        let admin: Admin = options.client().create().map_err(EventLogError::broker("begin to speak to Kafka"))?;
        if !topic::is_there(&admin, &options).await? {
            return Ok(None);
        }
        Ok(Some(Self::open(options).await?.0))
    }

    /// Returns the ids of cluster and topic.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Returns its topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.inner.options.topic
    }

    /// Returns the number of partitions.
    #[must_use]
    pub fn n_partitions(&self) -> u32 {
        self.inner.options.n_partitions
    }

    /// Appends records and returns where each went, once all brokers that must have them do.
    ///
    /// # Errors
    ///
    /// As [`crate::EventLog::produce`].
    pub async fn append(&self, records: Vec<Record>) -> Result<Vec<Place>> {
        let span = tracing::info_span!(target: "epitrace::traces", "kafka::produce", otel.kind = "producer", n_records = records.len());
        self.inner.producer.append(self.topic(), records).instrument(span).await
    }

    /// Returns the first offset of a partition that isn't deleted, and the one that the next record gets.
    ///
    /// # Errors
    ///
    /// [`EventLogError::NoPartition`]; [`EventLogError::Broker`] if no broker tells within ten seconds.
    pub async fn bounds(&self, partition: u32) -> Result<Range<u64>> {
        let native = self.native(partition)?;
        let (client, topic) = (self.inner.producer.client(), self.topic().to_owned());
        let ask = move || producer::watermarks(&client, &topic, native, ANSWER);
        let (first, end) = blocking("ask where a partition begins and ends", ask).await?;
        Ok(u64::try_from(first).unwrap_or(0)..u64::try_from(end).unwrap_or(0))
    }

    /// Sees that the log doesn't end before `next`.
    ///
    /// # Errors
    ///
    /// [`EventLogError::OtherLog`] if it does: Kafka can't leave offsets out. Else as [`Log::bounds`].
    pub async fn continue_at(&self, partition: u32, next: u64) -> Result<()> {
        let end = self.bounds(partition).await?.end;
        if next > end { Err(EventLogError::OtherLog { partition, next, end }) } else { Ok(()) }
    }

    /// Returns a reader, which joins the group when it is first polled.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(self.clone())
    }

    /// Returns a partition as Kafka counts it.
    fn native(&self, partition: u32) -> Result<i32> {
        let known = (partition < self.n_partitions()).then_some(partition);
        known.and_then(|known| i32::try_from(known).ok()).ok_or(EventLogError::NoPartition(partition))
    }
}

/// Asks the client library something that it waits for.
async fn blocking<T: Send + 'static>(
    doing: &'static str,
    ask: impl FnOnce() -> KafkaResult<T> + Send + 'static,
) -> Result<T> {
    // It fails only if the runtime ends.
    let answer = tokio::task::spawn_blocking(ask).await.map_err(|_| EventLogError::Closed)?;
    answer.map_err(EventLogError::broker(doing))
}
