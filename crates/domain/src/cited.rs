//! A number from the literature, together with where it comes from.
//!
//! The screen that uses a number can show its source, and the book's table of parameters is printed
//! from the same values.

/// A value with its source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cited<T> {
    /// The value.
    pub value: T,
    /// Paper or guideline, with its year. "Epitrace's own choice" where there is none.
    pub source: &'static str,
    /// What a reader should know before relying on it; empty if nothing.
    pub caution: &'static str,
}

impl<T> Cited<T> {
    /// A value and its source, with nothing to warn of.
    pub const fn new(value: T, source: &'static str) -> Self {
        Self { value, source, caution: "" }
    }

    /// A value, its source, and a warning.
    pub const fn with_caution(value: T, source: &'static str, caution: &'static str) -> Self {
        Self { value, source, caution }
    }
}
