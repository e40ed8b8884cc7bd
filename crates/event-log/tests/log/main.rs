//! The event log from outside: what every log behind the interface must hold, and what holds of the embedded one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod brokers;
mod check;
mod contract;
mod deletion;
mod kit;
mod order;
mod restored;
mod torn;
