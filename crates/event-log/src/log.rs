//! One interface to publish, whatever is behind it.

use crate::consumer::Consumer;
use crate::record::{Place, Record};
use crate::{EventLogError, Result, embedded, kafka};

/// A log of one topic. Clones are handles of the same log.
#[derive(Clone, Debug)]
pub enum EventLog {
    /// In files of this process.
    Embedded(embedded::Log),
    /// In a topic of Kafka.
    Kafka(kafka::Log),
}

impl EventLog {
    /// Returns what tells this log from every other. Offsets mean nothing beside another id.
    #[must_use]
    pub fn log_id(&self) -> String {
        match self {
            Self::Embedded(log) => log.id().to_string(),
            Self::Kafka(log) => log.id().to_owned(),
        }
    }

    /// Returns the topic.
    #[must_use]
    pub fn topic(&self) -> &str {
        match self {
            Self::Embedded(log) => log.topic(),
            Self::Kafka(log) => log.topic(),
        }
    }

    /// Returns the number of partitions; they are counted from 0.
    #[must_use]
    pub fn n_partitions(&self) -> u32 {
        match self {
            Self::Embedded(_) => 1,
            Self::Kafka(log) => log.n_partitions(),
        }
    }

    /// Appends records, in their order, and returns where each went, once none of them can be lost.
    ///
    /// Records with one key, and all of one partition, keep their order. Others may come between them. Whoever stops waiting doesn't know whether they
    /// were appended.
    ///
    /// # Errors
    ///
    /// None was acknowledged; some may be there. [`EventLogError::TooLarge`] if one is too large, and then none is there;
    /// [`EventLogError::File`] or [`EventLogError::Broker`] if trying again may help; else see [`EventLogError::is_fatal`].
    pub async fn produce(&self, records: Vec<Record>) -> Result<Vec<Place>> {
        match self {
            Self::Embedded(log) => {
                let offsets = log.append(records).await?;
                Ok(offsets.map(|offset| Place { partition: 0, offset }).collect())
            }
            Self::Kafka(log) => log.append(records).await,
        }
    }

    /// Returns the first offset that is still there; the end where none is.
    ///
    /// # Errors
    ///
    /// [`EventLogError::NoPartition`]; [`EventLogError::Broker`] if no broker tells.
    pub async fn first_offset(&self, partition: u32) -> Result<u64> {
        match self {
            Self::Embedded(log) => only(partition).map(|()| log.first_offset()),
            Self::Kafka(log) => Ok(log.bounds(partition).await?.start),
        }
    }

    /// Returns the offset that the next record gets: all that is acknowledged lies before it.
    ///
    /// # Errors
    ///
    /// [`EventLogError::NoPartition`]; [`EventLogError::Broker`] if no broker tells.
    pub async fn end_offset(&self, partition: u32) -> Result<u64> {
        match self {
            Self::Embedded(log) => only(partition).map(|()| log.end_offset()),
            Self::Kafka(log) => Ok(log.bounds(partition).await?.end),
        }
    }

    /// Makes the log go on at `next` if it ends before; says whether it did.
    ///
    /// A log, or its last part, can be lost while the database that consumed it is not. Offsets are never used twice for
    /// what the database would take for the same, so the log leaves out those that the database has seen.
    ///
    /// # Errors
    ///
    /// [`EventLogError::File`] if the disk refuses; [`EventLogError::OtherLog`] of Kafka, which can't leave offsets out.
    pub async fn continue_at(&self, partition: u32, next: u64) -> Result<bool> {
        match self {
            Self::Embedded(log) => {
                only(partition)?;
                log.continue_at(next).await
            }
            Self::Kafka(log) => log.continue_at(partition, next).await.map(|()| false),
        }
    }

    /// Returns a consumer, which waits to be given partitions.
    #[must_use]
    pub fn consumer(&self) -> Consumer {
        match self {
            Self::Embedded(log) => Consumer::Embedded(log.reader()),
            Self::Kafka(log) => Consumer::Kafka(Box::new(log.reader())),
        }
    }
}

/// The embedded log has one partition.
pub(crate) fn only(partition: u32) -> Result<()> {
    if partition == 0 { Ok(()) } else { Err(EventLogError::NoPartition(partition)) }
}
