//! The event log: what nodes report waits here until it is in the database, in order, however often anybody is killed.
//!
//! [`EventLog`] is one interface to publish and to subscribe. A topic has partitions; a record is appended to one of them
//! and gets the next offset there; it is acknowledged when it can't be lost any more. A consumer polls batches from an
//! offset that it keeps itself, in the same transaction as what it made of the records.
//!
//! Behind it is either [`embedded`], segment files of the server's own process, or [`kafka`], a cluster of brokers. So
//! partitions come and go, keys choose them, and the log is known by an id, so that offsets of one log are never used on
//! another.

mod consumer;
pub mod embedded;
mod error;
pub mod kafka;
mod log;
mod record;

pub use consumer::{Consumer, Most, Polled};
pub use error::EventLogError;
pub use log::EventLog;
pub use record::{
    Fetched, Header, MAX_BATCH_BYTES, MAX_HEADERS, MAX_KEY_BYTES, MAX_VALUE_BYTES, Place, RUN_HEADER, Record,
};

/// What the event log gives, or why not.
pub type Result<T> = std::result::Result<T, EventLogError>;
