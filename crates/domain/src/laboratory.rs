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

impl TestOutcome {
    /// Reads a result in the words that laboratories write, in English, German and Turkish.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        match word.trim().to_lowercase().as_str() {
            "positive" | "pos" | "pos." | "positiv" | "detected" | "nachgewiesen" | "pozitif" | "+" => {
                Some(Self::Positive)
            }
            "negative" | "neg" | "neg." | "negativ" | "not detected" | "nicht nachgewiesen" | "negatif" | "-" => {
                Some(Self::Negative)
            }
            "indeterminate" | "inconclusive" | "equivocal" | "invalid" | "unklar" | "grenzwertig" | "ungültig"
            | "belirsiz" => Some(Self::Indeterminate),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_as_laboratories_write_them_and_never_guessed() {
        for word in ["POSITIVE", " pos. ", "Nachgewiesen", "+"] {
            assert_eq!(TestOutcome::read(word), Some(TestOutcome::Positive), "{word}");
        }
        for word in ["negativ", "not detected", "Nicht nachgewiesen"] {
            assert_eq!(TestOutcome::read(word), Some(TestOutcome::Negative), "{word}");
        }
        assert_eq!(TestOutcome::read("grenzwertig"), Some(TestOutcome::Indeterminate));
        assert_eq!(TestOutcome::read("1"), None);
    }
}
