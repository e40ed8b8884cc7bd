//! The diary of somebody who is followed up: twice a day a temperature and what they feel, until the last day.
//!
//! A day has two slots, and each takes one entry. Patients write theirs within a day of the slot's official end; what
//! they say on the telephone staff write for them, also later. The rules are one, so that the same holds on every way.

mod days;
mod entries;
mod own;
mod slots;
mod temperature;

pub use days::{DiaryDays, SlotState};
pub use entries::{DiaryFacts, SaidBy, SlotRefused, Writer, check_change, check_new, follow_up_begins, writable_until};
pub use own::{Asked, OwnSlot, reminded_of};
pub use slots::{DayPart, Slot};
pub use temperature::{Temperature, TemperatureRefused};
