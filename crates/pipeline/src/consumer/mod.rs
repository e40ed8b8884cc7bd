//! The consumer: takes batches from the event log, and stores them with how far it read, in one transaction.
//!
//! A batch ends when it is full, when its time is over, or when a node died in it. What can't be stored is put aside with its
//! reason. If the database is away, nothing is lost: the batch is read again. If another consumer stored it first, this one
//! lets it go.

mod batch;
mod fold;
mod held;
mod historic;
mod kept;
mod lane;
mod work;

pub use batch::{Batch, Limits};
pub use kept::keep;
pub use lane::{Lane, Stored};
pub use work::{Progress, Work};

use domain::ids::RunId;
use event_log::EventLogError;
use storage::StorageError;

/// Why a batch isn't stored.
#[derive(Debug, thiserror::Error)]
pub enum ConsumerError {
    /// The database is away or refused it. Nothing of the batch lasts; the same again may do.
    #[error("the batch could not be stored")]
    Storage(#[from] StorageError),
    /// Runs of published nodes were changed by others as often as they were looked up. The same again may do.
    #[error("the runs of published nodes change too fast")]
    Unsettled,
    /// The log can't be read.
    #[error("the event log can't be read")]
    Log(#[from] EventLogError),
    /// What was stored of a run can't be read.
    #[error("a frame of run {0} can't be read: {1}")]
    Frame(RunId, protocol::frames::BadFrame),
}
