//! Records: what is appended, what comes back, and how large they may be.

use crate::{EventLogError, Result};
use bytes::Bytes;
use jiff::Timestamp;
use std::borrow::Cow;

/// The header that names the run that a record belongs to.
pub const RUN_HEADER: &str = "run";

/// The longest value: what brokers take unless they are told otherwise.
pub const MAX_VALUE_BYTES: usize = 1024 * 1024;

/// The longest key, and the longest value of a header.
pub const MAX_KEY_BYTES: usize = 1024;

/// The most headers of a record.
pub const MAX_HEADERS: usize = 16;

/// The largest batch, as it stands in the log.
pub const MAX_BATCH_BYTES: usize = 16 * 1024 * 1024;

/// A record to be appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Chooses the partition: records with one key stay in order. `None` is any partition.
    pub key: Option<Bytes>,
    /// What is told beside the value.
    pub headers: Vec<Header>,
    /// What it says.
    pub value: Bytes,
    /// When it arrived; kept to the millisecond.
    pub at: Timestamp,
}

/// A name and what it stands for, beside the value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name: 1 to 255 bytes.
    pub name: Cow<'static, str>,
    /// What it stands for.
    pub value: Bytes,
}

/// Where a record was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which partition.
    pub partition: u32,
    /// Its number there, from 0.
    pub offset: u64,
}

/// A record, as it comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its number in its partition.
    pub offset: u64,
    /// The record.
    pub record: Record,
}

impl Record {
    /// Makes a record of a run.
    #[must_use]
    pub fn of_run(run: Bytes, key: Option<Bytes>, value: Bytes, at: Timestamp) -> Self {
        Self { key, headers: vec![Header { name: Cow::Borrowed(RUN_HEADER), value: run }], value, at }
    }

    /// Returns the first header of a name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&Bytes> {
        self.headers.iter().find(|header| header.name == name).map(|header| &header.value)
    }

    /// Returns about how many bytes it takes among brokers.
    pub(crate) fn n_bytes(&self) -> usize {
        const BESIDE: usize = 32;
        let headers: usize = self.headers.iter().map(|header| header.name.len() + header.value.len() + 4).sum();
        BESIDE + self.key.as_ref().map_or(0, Bytes::len) + headers + self.value.len()
    }

    /// Checks that the log takes it.
    pub(crate) fn check(&self) -> Result<()> {
        let fits = |what, is, most| if is > most { Err(EventLogError::TooLarge { what, is, most }) } else { Ok(()) };
        fits("the value of a record", self.value.len(), MAX_VALUE_BYTES)?;
        fits("the key of a record", self.key.as_ref().map_or(0, Bytes::len), MAX_KEY_BYTES)?;
        fits("the list of headers", self.headers.len(), MAX_HEADERS)?;
        for header in &self.headers {
            fits("the name of a header", header.name.len(), 255)?;
            fits("the value of a header", header.value.len(), MAX_KEY_BYTES)?;
        }
        Ok(())
    }
}
