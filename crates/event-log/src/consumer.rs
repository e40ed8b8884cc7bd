//! One interface to subscribe, whatever is behind it.

use crate::log::only;
use crate::record::Fetched;
use crate::{Result, embedded, kafka};

/// The most that a poll gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    /// Records: at least 1.
    pub records: usize,
    /// Bytes of records; the first one is given however large it is.
    pub bytes: usize,
}

/// What a poll gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Polled {
    /// These partitions are this consumer's from now on. Nothing of them comes before [`Consumer::seek`] says from where.
    Assigned(Vec<u32>),
    /// These partitions are another's from now on. What is in hand of them isn't to be stored.
    Revoked(Vec<u32>),
    /// The next records of one partition, in order.
    Records {
        /// Which.
        partition: u32,
        /// At least one.
        records: Vec<Fetched>,
    },
}

/// Reads records from where it is told to.
#[derive(Debug)]
pub enum Consumer {
    /// From files of this process.
    Embedded(embedded::Reader),
    /// From Kafka, as a member of a group that shares the partitions.
    Kafka(Box<kafka::Reader>),
}

impl Consumer {
    /// Waits until there is something, and gives it. May be dropped while it waits, and called again: nothing is skipped.
    /// Brokers that are away are waited for. Whoever doesn't poll for five minutes loses its partitions to others.
    ///
    /// # Errors
    ///
    /// [`crate::EventLogError::Gone`] if the records were deleted before they were read: seek to the first that is there.
    /// [`crate::EventLogError::Corrupt`] if one isn't as it was written. [`crate::EventLogError::NoPosition`] before the
    /// first seek. [`crate::EventLogError::Closed`] when nothing will come any more. Else see
    /// [`crate::EventLogError::is_fatal`].
    pub async fn poll(&mut self, most: Most) -> Result<Polled> {
        match self {
            Self::Embedded(reader) => reader.poll(most).await,
            Self::Kafka(reader) => reader.poll(most).await,
        }
    }

    /// Says at which offset a partition goes on.
    ///
    /// # Errors
    ///
    /// [`crate::EventLogError::Gone`] if it is deleted, [`crate::EventLogError::PastEnd`] if it was never written,
    /// [`crate::EventLogError::NotAssigned`] if the partition isn't this consumer's.
    pub async fn seek(&mut self, partition: u32, offset: u64) -> Result<()> {
        match self {
            Self::Embedded(reader) => {
                only(partition)?;
                reader.seek(offset)
            }
            Self::Kafka(reader) => reader.seek(partition, offset).await,
        }
    }

    /// Tells the log how far the records of a partition are stored, for whoever watches how far behind a consumer is, and
    /// for deletion: records before `next` aren't needed any more.
    ///
    /// # Errors
    ///
    /// [`crate::EventLogError::NoPartition`].
    pub async fn commit(&mut self, partition: u32, next: u64) -> Result<()> {
        match self {
            Self::Embedded(reader) => {
                only(partition)?;
                reader.commit(next);
                Ok(())
            }
            Self::Kafka(reader) => reader.commit(partition, next),
        }
    }
}
