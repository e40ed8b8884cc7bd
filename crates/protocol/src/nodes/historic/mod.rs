//! The JSON of the published nodes, read as they write it and written so that they read it.
//!
//! A beacon is an object with `uuid`, `position`, `infected`, `timestamp`, `alive`; a report has `contacts` beside them,
//! each with `uuid` and `timestamp`. Unknown keys are ignored, `alive` is true and `contacts` are none where they are
//! missing. The published nodes send reports as JSON within a JSON string; one such wrapping is taken off, a second is
//! refused.
//!
//! Timestamps have no zone, and none is guessed: contacts are placed by how long before their message they were.

mod read;
mod timestamp;
mod write;

pub use read::HistoricRefusal;
pub use write::{beacon_json, report_json, wrapped};

use domain::runs::Position;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use uuid::Uuid;

/// The longest message that is read: as long as a record that brokers take unless they are told otherwise.
pub const MAX_HISTORIC_BYTES: usize = 1024 * 1024;

/// A message of a published node. The same node and timestamp is the same message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Historic {
    /// Which node.
    pub node: Uuid,
    /// Where it stood; a fraction of a step is rounded.
    pub position: Position,
    /// Whether it was infected. These nodes don't say whether they are immune.
    pub infected: bool,
    /// What its clock showed, in a zone that isn't said.
    pub timestamp: DateTime,
    /// Whether it lived.
    pub alive: bool,
    /// Whom it heard since its last report; the same node may stand several times.
    pub contacts: Vec<HistoricContact>,
}

/// Whom a published node heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoricContact {
    /// Who.
    pub node: Uuid,
    /// What the clock of the node that heard it showed then.
    pub timestamp: DateTime,
}

impl Historic {
    /// Returns how long before this message a contact of it was; negative if its timestamp is later.
    #[must_use]
    pub fn age_of(&self, contact: &HistoricContact) -> SignedDuration {
        self.timestamp.duration_since(contact.timestamp)
    }

    /// Reads a message, wrapped in a JSON string or not.
    ///
    /// # Errors
    ///
    /// [`HistoricRefusal`] with the reason; it holds nothing of the message.
    pub fn read(message: &[u8]) -> Result<Self, HistoricRefusal> {
        read::read(message)
    }
}
