//! What can go wrong with the event log, by what a caller would do about it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An error of the event log. Several producers may get the same one, so it can be cloned.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EventLogError {
    /// The disk refused something; nothing was acknowledged, and trying again may help.
    #[error("cannot {doing} {path}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// The disk said that it failed to keep what it had been given. What is in the file now nobody knows: the kernel may
    /// have dropped the pages and called them clean. **The process must end**, so that the next one reads what is there.
    #[error("cannot sync {path}; what is on the disk is unknown until the log is opened again")]
    SyncFailed {
        /// Which file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: Arc<std::io::Error>,
    },
    /// The log takes and gives nothing any more, because a sync failed before.
    #[error("the event log has stopped after a failed sync")]
    Stopped,
    /// All is read, and nothing will come: the last handle of the log is gone.
    #[error("the event log is closed")]
    Closed,
    /// Another process has this log.
    #[error("another process has the event log in {path}")]
    InUse {
        /// Its folder.
        path: PathBuf,
    },
    /// Something in the log isn't as it was written, and records after it are. Nothing is cut; a person must look.
    #[error("{segment} is damaged at byte {at}, where offset {offset} should be: {what}")]
    Corrupt {
        /// Which file.
        segment: PathBuf,
        /// Where in it.
        at: u64,
        /// The offset that should begin there.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The folder holds something that isn't a log of this version, or lacks a segment.
    #[error("{path} is no segment of this log: {what}")]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
    },
    /// Records that were asked for have been deleted: a gap, which the caller counts and shows.
    #[error("partition {partition} of the event log begins at offset {first}; offset {wanted} is deleted")]
    Gone {
        /// Of which partition.
        partition: u32,
        /// The offset that was asked for.
        wanted: u64,
        /// The first that there is.
        first: u64,
    },
    /// The offset lies after the end of the log: the log, or what remembers the offset, was restored.
    #[error("the event log ends at offset {end}; offset {wanted} was never written")]
    PastEnd {
        /// The offset that was asked for.
        wanted: u64,
        /// The one that comes next.
        end: u64,
    },
    /// A record or a batch has more of something than the log takes.
    #[error("{what} has {is}; the most is {most}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// How many bytes or entries.
        is: usize,
        /// How many it may have.
        most: usize,
    },
    /// The brokers refused something or didn't answer; nothing was acknowledged, and trying again may help.
    #[error("cannot {doing}")]
    Broker {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        #[source]
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// A topic of the brokers isn't as it must be. A person must change it, or what is configured.
    #[error("the topic {topic} doesn't fit: {what}")]
    Unfit {
        /// Which.
        topic: String,
        /// What is wrong, and what it must be.
        what: String,
    },
    /// The log ends before what was stored of it, and can't be made to go on there: it was restored, or made anew under the
    /// same name. A person must decide.
    #[error(
        "partition {partition} ends at offset {end}, but was stored up to {next}: it lost its end, or is another log"
    )]
    OtherLog {
        /// Which.
        partition: u32,
        /// The first offset that wasn't stored.
        next: u64,
        /// The offset that comes next in the log.
        end: u64,
    },
    /// A topic has no such partition.
    #[error("there is no partition {0}")]
    NoPartition(u32),
    /// A partition was polled before it was said from where.
    #[error("nobody said at which offset partition {0} begins")]
    NoPosition(u32),
    /// The partition is another consumer's.
    #[error("partition {0} isn't this consumer's")]
    NotAssigned(u32),
}

impl EventLogError {
    /// Whether the process must end, because nobody knows what is on the disk.
    ///
    /// The binary logs the error and aborts: every answer that it could still give might promise what is lost.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::SyncFailed { .. } | Self::Stopped)
    }

    /// Makes an error of what a file refused.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::File { doing, path, source: Arc::new(error) }
    }

    /// Makes an error of what the brokers refused.
    pub(crate) fn broker<E>(doing: &'static str) -> impl FnOnce(E) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        move |error| Self::Broker { doing, source: Arc::new(error) }
    }

    /// Makes an error of a sync that failed.
    pub(crate) fn sync(path: &Path) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |error| Self::SyncFailed { path, source: Arc::new(error) }
    }
}
