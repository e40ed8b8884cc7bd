//! What published nodes say: in any order, in any partition, twice, broken, by consumers that are killed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod gaps;
mod kit;
mod messages;
mod own;
mod placed;
mod published;
mod shuffled;
