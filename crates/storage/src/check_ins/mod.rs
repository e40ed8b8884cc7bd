//! Guests' check-ins at rest.
//!
//! They come by the thousand and are hardly ever read. So a commit is one row, a block of all that came meanwhile, sorted by
//! venue; a day that is closed is packed, one value a venue. What a guest left is sealed to the day, and the day's key ends with
//! its period. Read [`record`] for the bytes, [`intake`] for how they come in, [`shelf`] for where they lie.

mod block;
pub(crate) mod copies;
pub mod days;
mod files;
mod guest;
pub mod intake;
mod known;
mod record;
mod settled;
pub mod shelf;
mod tables;

pub use files::{DayFiles, folder_beside};
pub use guest::{Plain, VenueKey, plain};
pub use record::{Receipt, Secret, print_of, receipt_of};
