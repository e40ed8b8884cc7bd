//! Guest lists: opened for a reason by who may, seen by the authority, on paper or as a table.
//!
//! Nobody sees a guest before it is on the disk that they do: the opening and its audit record are committed, then the keyring
//! logs and syncs the same, and only then gives the keys of that venue and day.

mod files;
mod open;
mod seen;
mod setting;

pub use open::{GuestList, ListEntry, WantedList};
pub use seen::{OpeningPage, OwnOpenings, SeenOpening};
