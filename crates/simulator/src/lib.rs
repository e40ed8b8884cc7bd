//! The simulator of the proximity network: agents that move, hear each other, infect each other. Pure.
//!
//! The same rules serve a node that is a process of its own, a host of many nodes, and an engine of a million agents in
//! one process. [`step`] is what all of them do in a second; [`engine`] does it for many at once, faster, and a test
//! compares both second by second. No clock, no generator of its own, no files: the same parameters give the same run.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may fail by panicking"))]

mod random;
mod rules;

mod course;
mod step;
mod walk;

pub mod engine;

mod digest;
mod offspring;
mod snapshot;

pub use course::Course;
pub use digest::RunDigest;
pub use offspring::{MeanOffspring, Offspring};
pub use random::{Draws, Stream, key_of};
pub use rules::{Rules, SIGHT_RADII};
pub use snapshot::{Seen, Snapshot};
pub use step::{Born, Contact, Heard, Node, Stepped, contacts, step};
