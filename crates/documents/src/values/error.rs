//! Why a value is refused, in a short sentence for the row that goes back to its author.

/// Why a cell has no value of the wanted kind. Prints the cell, so it belongs into the refused
/// rows of its author, never into a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Not a day in any notation, or a day that no calendar has.
    #[error("\"{0}\" is not a day")]
    NotADay(String),
    /// Day and month could be swapped, and nobody said which comes first.
    #[error("\"{0}\" may be day-month or month-day; say which with --date-format dmy or mdy")]
    AmbiguousDay(String),
    /// The century is missing.
    #[error("\"{0}\" has a year of two digits; write four")]
    TwoDigitYear(String),
    /// A year alone, which a workbook would take for a day in 1905.
    #[error("\"{0}\" is a year, not a day")]
    OnlyAYear(String),
    /// No one in a line list lived then.
    #[error("\"{0}\" is not a day between the years 1800 and 2200")]
    YearOutOfRange(String),
    /// Neither a day with a time, nor a day, nor Unix seconds.
    #[error("\"{0}\" is not a point in time")]
    NotAnInstant(String),
    /// Unix time in the wrong unit.
    #[error("\"{0}\" looks like milliseconds; Unix time is read in seconds")]
    Milliseconds(String),
    /// The clocks were put forward over this time.
    #[error("\"{text}\" does not exist in {zone}: the clocks were put forward")]
    SkippedTime {
        /// The cell.
        text: String,
        /// The time zone by which it was read.
        zone: String,
    },
    /// Not a number, or an infinite one.
    #[error("\"{0}\" is not a number")]
    NotANumber(String),
    /// A comma before three digits: a decimal comma or thousands.
    #[error("\"{0}\" may be a fraction or thousands; write a decimal point or no comma")]
    AmbiguousNumber(String),
    /// Negative, or older than anyone.
    #[error("\"{0}\" is not an age between 0 and 130 years")]
    NotAnAge(String),
    /// Less than nothing.
    #[error("\"{0}\" is not a distance: it is negative")]
    NegativeDistance(String),
}
