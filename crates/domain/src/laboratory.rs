//! What a laboratory can find in a sample.

use crate::authorities::words;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TestOutcome {
    /// The infection.
    Positive,
    /// Nothing.
    Negative,
    /// It can't be said.
    Indeterminate,
}
words!(TestOutcome { Positive = "positive", Negative = "negative", Indeterminate = "indeterminate" });

/// Days after the conclusion of a case within which a positive test is the same infection, and reopens it.
///
/// CDC, *Duration of isolation and precautions for adults with COVID-19* (2020-10): whoever tests positive within 3 months
/// of the first symptoms most likely sheds the same virus.
pub const SAME_INFECTION_DAYS: i32 = 90;
