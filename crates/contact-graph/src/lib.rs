//! Exposure search, chains of transmission, epidemic statistics. Pure.
//!
//! No clock, no randomness, no files: what a screen shows here can be computed again from the same records, to the last
//! digit. Every statistic that can't be given says why, as the `Err` of its field.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may fail by panicking"))]

pub mod search;

pub mod outbreak;

pub mod attack_rate;
pub mod chains;
pub mod delays;
pub mod doubling_time;
pub mod epi_curve;
pub mod offspring;
pub mod reproduction_number;
pub mod serial_interval;

pub mod csr;

mod sample;
