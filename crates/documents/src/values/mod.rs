//! A cell becomes a value, or a sentence that says why it can't.
//!
//! Nothing is guessed: a day that could be two days, a number that could be two numbers, a time
//! that did not exist are refused. A refused row costs its author a minute; a wrong onset costs
//! the people around the case. What stands for "we don't know" in the exports of R, SQL, Excel
//! and of people is no error but `None`.

mod days;
mod error;
mod instants;
mod numbers;
mod times;
mod words;

pub use days::{DateOrder, UnknownDateFormat, day, parse_date_format};
pub use error::ValueError;
pub use instants::{Moment, instant};
pub use numbers::{age, distance, number};
pub use words::{identifier, text, word};

pub(crate) use days::excel_day_and_time;
pub(crate) use words::{name, number_as_text};
