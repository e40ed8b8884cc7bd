//! The proximity network between its nodes and the database: what they report waits in the event log, and a consumer stores
//! it, once, however often anybody is killed. Where brokers keep the log, several consumers share it.

pub mod consumer;
pub mod lag;
pub mod scale;
pub mod team;

/// An error for the log, which then says what caused it too.
#[must_use]
pub fn cause<'e>(error: &'e (dyn std::error::Error + 'static)) -> &'e (dyn std::error::Error + 'static) {
    error
}
