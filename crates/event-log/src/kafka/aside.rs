//! What the client library says aside while it waits for brokers: why they don't answer.

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use std::sync::{Arc, Mutex, PoisonError};

/// Hears why brokers don't answer, and keeps the last reason.
#[derive(Clone, Debug, Default)]
pub(super) struct Aside(Arc<Mutex<Option<Reason>>>);

/// Why a broker doesn't answer, in the words of the client library: its address, and what went wrong there.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Reason(String);

impl Aside {
    /// Returns the last reason; that nobody answered, where none was given.
    pub(super) fn reason(&self) -> Reason {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone().unwrap_or_else(|| Reason("no broker answered in time".to_owned()))
    }
}

/// The library's own words are for who looks for a fault in it: what it means for the log is said elsewhere, and once.
pub(super) fn note(facility: &str, message: &str) {
    tracing::debug!(facility, message, "the client of Kafka says");
}

impl ClientContext for Aside {
    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        note(facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        // That all are down follows from what was said of each.
        if error.rdkafka_error_code() != Some(RDKafkaErrorCode::AllBrokersDown) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Reason(reason.to_owned()));
        }
    }
}
