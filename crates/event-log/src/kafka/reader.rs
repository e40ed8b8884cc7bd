//! Reading as a member of a group.
//!
//! The client library fetches ahead in threads of its own; here its messages are made into batches of one partition each. Where a
//! partition goes on is said to it by giving the partition up and taking it again at the offset: it drops what it had
//! fetched before, also after an error that ended the fetching.

use super::group::{Decision, Ear, Group};
use super::{Log, Options};
use crate::consumer::{Most, Polled};
use crate::record::{Fetched, Header, Record};
use crate::{EventLogError, Result};
use bytes::Bytes;
use futures_util::FutureExt;
use jiff::Timestamp;
use rdkafka::consumer::{CommitMode, Consumer, StreamConsumer};
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

const READ: &str = "read from the topic";

/// Reads records of the partitions that its group gives it.
pub struct Reader {
    log: Log,
    group: Arc<Group>,
    /// The member of the group, once it has joined.
    member: Option<StreamConsumer<Ear>>,
    /// The partitions that are this reader's, and the offset that each gives next, once that was said.
    positions: BTreeMap<u32, Option<u64>>,
    /// Those of them that aren't fetched yet.
    to_take: BTreeSet<u32>,
    /// A record that was one too many for the last batch.
    held: Option<(u32, Fetched)>,
    /// What went wrong after the last batch.
    failed: Option<KafkaError>,
    /// Whether brokers are away, as far as is known.
    is_waiting: bool,
    /// Whether the brokers refused an offset, and it isn't known yet of which partition.
    must_look: bool,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("log", &self.log).field("positions", &self.positions).finish_non_exhaustive()
    }
}

impl Drop for Reader {
    /// Leaves the group, so that others take over at once. Waits for the client library to end, which takes moments.
    fn drop(&mut self) {
        self.group.leave();
        if let Some(member) = &self.member {
            // The group may still wait for partitions to be taken; it refuses only if it doesn't.
            let _ = member.incremental_assign(&TopicPartitionList::new());
        }
    }
}

impl Reader {
    pub(super) fn new(log: Log) -> Self {
        Self {
            log,
            group: Arc::default(),
            member: None,
            positions: BTreeMap::new(),
            to_take: BTreeSet::new(),
            held: None,
            failed: None,
            is_waiting: false,
            must_look: false,
        }
    }

    /// As [`crate::Consumer::poll`].
    ///
    /// # Errors
    ///
    /// As there; [`EventLogError::PastEnd`] if a partition lost its end, [`EventLogError::Broker`] if the brokers refuse for
    /// a reason that won't pass.
    pub async fn poll(&mut self, most: Most) -> Result<Polled> {
        self.join()?;
        loop {
            if let Some(decision) = self.group.next() {
                return Ok(self.heed(decision));
            }
            if let Some(error) = self.failed.take() {
                self.bear(error)?;
            }
            if self.must_look {
                self.look().await?;
            }
            self.take()?;
            let (partition, first) = match self.held.take() {
                Some(held) => held,
                None => match self.receive().await {
                    None => continue,
                    Some(Err(error)) => {
                        self.failed = Some(error);
                        continue;
                    }
                    Some(Ok(received)) => received,
                },
            };
            if std::mem::take(&mut self.is_waiting) {
                tracing::info!("the brokers of the event log are there again");
            }
            if self.advance(partition, &first) {
                return Ok(Polled::Records { partition, records: self.gather(partition, first, most) });
            }
        }
    }

    /// As [`crate::Consumer::seek`].
    ///
    /// # Errors
    ///
    /// As there; [`EventLogError::Broker`] if no broker tells where the partition begins and ends.
    pub async fn seek(&mut self, partition: u32, offset: u64) -> Result<()> {
        let bounds = self.log.bounds(partition).await?;
        if !self.positions.contains_key(&partition) {
            return Err(EventLogError::NotAssigned(partition));
        }
        if offset < bounds.start {
            return Err(EventLogError::Gone { partition, wanted: offset, first: bounds.start });
        }
        if offset > bounds.end {
            return Err(EventLogError::PastEnd { wanted: offset, end: bounds.end });
        }
        self.give_up(partition)?;
        self.positions.insert(partition, Some(offset));
        self.to_take.insert(partition);
        Ok(())
    }

    /// As [`crate::Consumer::commit`]: kept by the brokers, for whoever watches the group. Nothing waits for it, and
    /// nothing depends on it.
    ///
    /// # Errors
    ///
    /// [`EventLogError::NoPartition`].
    pub fn commit(&mut self, partition: u32, next: u64) -> Result<()> {
        let partitions = self.list([(self.log.native(partition)?, Some(next))]);
        if let Some(member) = &self.member
            && let Err(error) = partitions.and_then(|partitions| member.commit(&partitions, CommitMode::Async))
        {
            tracing::debug!(%error, "the brokers weren't told how far this consumer is");
        }
        Ok(())
    }

    fn join(&mut self) -> Result<()> {
        if self.member.is_none() {
            let Options { topic, .. } = &self.log.inner.options;
            let config = self.log.inner.options.consumer();
            let joined: KafkaResult<StreamConsumer<Ear>> = config.create_with_context(Ear(Arc::clone(&self.group)));
            let member = joined.map_err(EventLogError::broker("begin to read from Kafka"))?;
            member.subscribe(&[topic]).map_err(EventLogError::broker("join the group"))?;
            self.member = Some(member);
        }
        Ok(())
    }

    /// Does what the group decided.
    fn heed(&mut self, decision: Decision) -> Polled {
        match decision {
            Decision::Comes(partitions) => {
                self.positions.extend(partitions.iter().map(|partition| (*partition, None)));
                Polled::Assigned(partitions)
            }
            Decision::Goes(partitions) => {
                for partition in &partitions {
                    self.positions.remove(partition);
                    self.forget(*partition);
                }
                Polled::Revoked(partitions)
            }
        }
    }

    fn forget(&mut self, partition: u32) {
        self.to_take.remove(&partition);
        self.held.take_if(|(held, _)| *held == partition);
    }

    /// Has the partitions fetched that aren't yet.
    fn take(&mut self) -> Result<()> {
        // Those of which nobody knows yet where they go on keep the others from nothing.
        if let Some(partition) = self.positions.keys().next().filter(|_| self.positions.values().all(Option::is_none)) {
            return Err(EventLogError::NoPosition(*partition));
        }
        if self.to_take.is_empty() {
            return Ok(());
        }
        let next = |partition: &u32| self.positions.get(partition).copied().flatten();
        let places = self.to_take.iter().map(|partition| Ok((self.log.native(*partition)?, next(partition))));
        let partitions = self.list(places.collect::<Result<Vec<_>>>()?);
        let taken = match (&self.member, partitions) {
            (Some(member), Ok(partitions)) => member.incremental_assign(&partitions),
            (_, partitions) => partitions.map(drop),
        };
        taken.map_err(EventLogError::broker("take partitions"))?;
        self.to_take.clear();
        Ok(())
    }

    /// Has a partition fetched no longer, if it was, and forgets what was fetched.
    fn give_up(&mut self, partition: u32) -> Result<()> {
        self.forget(partition);
        let (topic, native) = (self.log.topic(), self.log.native(partition)?);
        let Some(member) = &self.member else { return Ok(()) };
        let given_up = member.assignment().and_then(|taken| {
            if taken.find_partition(topic, native).is_none() {
                return Ok(());
            }
            member.incremental_unassign(&self.list([(native, None)])?)
        });
        given_up.map_err(EventLogError::broker("give a partition up"))
    }

    fn list(&self, places: impl IntoIterator<Item = (i32, Option<u64>)>) -> KafkaResult<TopicPartitionList> {
        let mut list = TopicPartitionList::new();
        for (partition, next) in places {
            let offset = next.map_or(Offset::Invalid, |next| Offset::Offset(i64::try_from(next).unwrap_or(i64::MAX)));
            list.add_partition_offset(self.log.topic(), partition, offset)?;
        }
        Ok(list)
    }

    /// Waits for a message; `None` if the group decided something meanwhile.
    async fn receive(&self) -> Option<KafkaResult<(u32, Fetched)>> {
        let member = self.member.as_ref()?;
        tokio::select! {
            biased;
            () = self.group.decided.notified() => None,
            received = member.recv() => Some(received.map(|message| fetched(&message))),
        }
    }

    /// Moves a partition behind a record; says whether the record is one to be given.
    fn advance(&mut self, partition: u32, fetched: &Fetched) -> bool {
        match self.positions.get_mut(&partition) {
            Some(Some(next)) if *next <= fetched.offset => {
                *next = fetched.offset + 1;
                true
            }
            _ => false,
        }
    }

    /// Adds what has been fetched already to the first record of a batch. Waits for nothing.
    fn gather(&mut self, partition: u32, first: Fetched, most: Most) -> Vec<Fetched> {
        let mut n_bytes = first.record.n_bytes();
        let mut records = vec![first];
        while records.len() < most.records {
            let received = self.member.as_ref().and_then(|member| {
                let received = member.recv().now_or_never()?;
                Some(received.map(|message| fetched(&message)))
            });
            match received {
                None => break,
                Some(Err(error)) => {
                    self.failed = Some(error);
                    break;
                }
                Some(Ok((other, fetched))) => {
                    n_bytes += fetched.record.n_bytes();
                    if other != partition || n_bytes > most.bytes {
                        self.held = Some((other, fetched));
                        break;
                    }
                    if self.advance(partition, &fetched) {
                        records.push(fetched);
                    }
                }
            }
        }
        records
    }

    /// Passes on what won't pass, and makes nothing of the rest: the client library tries again by itself.
    fn bear(&mut self, error: KafkaError) -> Result<()> {
        use RDKafkaErrorCode as Code;
        match error.rdkafka_error_code() {
            Some(Code::AutoOffsetReset | Code::OffsetOutOfRange | Code::LogTruncation | Code::NoOffset) => {
                self.must_look = true;
                Ok(())
            }
            Some(
                Code::Fatal
                | Code::SSL
                | Code::Authentication
                | Code::SaslAuthenticationFailed
                | Code::UnsupportedSASLMechanism
                | Code::TopicAuthorizationFailed
                | Code::GroupAuthorizationFailed
                | Code::ClusterAuthorizationFailed
                | Code::InconsistentGroupProtocol
                | Code::InvalidGroupId
                | Code::InvalidSessionTimeout
                | Code::GroupMaxSizeReached,
            ) => Err(EventLogError::broker(READ)(error)),
            _ if matches!(error, KafkaError::MessageConsumptionFatal(_)) => Err(EventLogError::broker(READ)(error)),
            _ => {
                // Said once, however often they are tried meanwhile.
                if !std::mem::replace(&mut self.is_waiting, true) {
                    tracing::warn!(%error, "the event log waits for its brokers");
                }
                Ok(())
            }
        }
    }

    /// Looks which partition doesn't have the offset that it should give next. Where all have it, the fetching that was
    /// refused begins again.
    async fn look(&mut self) -> Result<()> {
        let places: Vec<(u32, u64)> =
            self.positions.iter().filter_map(|(partition, next)| Some((*partition, (*next)?))).collect();
        for (partition, next) in &places {
            let bounds = self.log.bounds(*partition).await?;
            if bounds.contains(next) || bounds.end == *next {
                continue;
            }
            self.positions.insert(*partition, None);
            let wanted = *next;
            return Err(if wanted < bounds.start {
                EventLogError::Gone { partition: *partition, wanted, first: bounds.start }
            } else {
                EventLogError::PastEnd { wanted, end: bounds.end }
            });
        }
        for (partition, _) in places {
            self.give_up(partition)?;
            self.to_take.insert(partition);
        }
        self.must_look = false;
        Ok(())
    }
}

/// Copies a message.
fn fetched(message: &BorrowedMessage<'_>) -> (u32, Fetched) {
    let bytes = |part: Option<&[u8]>| part.map_or_else(Bytes::new, Bytes::copy_from_slice);
    let header = |header: rdkafka::message::Header<'_, &[u8]>| Header {
        name: Cow::Owned(header.key.to_owned()),
        value: bytes(header.value),
    };
    let record = Record {
        key: message.key().map(Bytes::copy_from_slice),
        headers: message.headers().map(|headers| headers.iter().map(header).collect()).unwrap_or_default(),
        value: bytes(message.payload()),
        at: at(message.timestamp()),
    };
    let offset = u64::try_from(message.offset()).unwrap_or(0);
    (u32::try_from(message.partition()).unwrap_or(0), Fetched { offset, record })
}

/// Returns the time of a message; that of the epoch where another client gave none, or one before.
fn at(timestamp: rdkafka::Timestamp) -> Timestamp {
    let millisecond = timestamp.to_millis().unwrap_or(0).max(0);
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::UNIX_EPOCH)
}
