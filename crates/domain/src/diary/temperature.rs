//! The temperature of a body, as a thermometer shows it: in tenths of a degree Celsius.
//!
//! From 35.0 to 42.0 °C it is taken as it is. From 30.0 to 45.0 °C somebody must say that it is meant: 34.8 °C is a
//! warning sign, not a typing error. Beyond that no thermometer for people shows anything.

/// A temperature in tenths of a degree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Temperature {
    tenths: u16,
}

/// Why a temperature isn't taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemperatureRefused {
    /// Below 35.0 or above 42.0 °C.
    #[error("below 35.0 or above 42.0 °C: measure again, or say that it is meant")]
    NotConfirmed,
    /// Below 30.0 or above 45.0 °C.
    #[error("choose 30.0 to 45.0 °C")]
    OutOfRange,
    /// More digits than thermometers show.
    #[error("one digit after the point at most")]
    TooFine,
}

const USUAL_TENTHS: std::ops::RangeInclusive<u16> = 350..=420;
const POSSIBLE_TENTHS: std::ops::RangeInclusive<u16> = 300..=450;

impl Temperature {
    /// Reads a temperature in degrees Celsius. `is_confirmed` says that somebody looked twice.
    ///
    /// # Errors
    ///
    /// [`TemperatureRefused`] says what to do.
    pub fn new(celsius: f64, is_confirmed: bool) -> Result<Self, TemperatureRefused> {
        let tenths = (celsius * 10.0).round();
        if !(f64::from(*POSSIBLE_TENTHS.start())..=f64::from(*POSSIBLE_TENTHS.end())).contains(&tenths) {
            return Err(TemperatureRefused::OutOfRange);
        }
        if (celsius * 10.0 - tenths).abs() > 1e-6 {
            return Err(TemperatureRefused::TooFine);
        }
        // Never cut off: it lies within the range above.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let read = Self { tenths: tenths as u16 };
        if read.is_usual() || is_confirmed { Ok(read) } else { Err(TemperatureRefused::NotConfirmed) }
    }

    /// Returns the temperature that a database kept, in tenths; `None` for one that it can't have.
    #[must_use]
    pub fn of_tenths(tenths: i32) -> Option<Self> {
        let tenths = u16::try_from(tenths).ok().filter(|tenths| POSSIBLE_TENTHS.contains(tenths))?;
        Some(Self { tenths })
    }

    /// Returns it in tenths of a degree.
    #[must_use]
    pub fn tenths(self) -> i32 {
        i32::from(self.tenths)
    }

    /// Returns it in degrees Celsius.
    #[must_use]
    pub fn celsius(self) -> f64 {
        f64::from(self.tenths) / 10.0
    }

    /// Says whether it is taken without asking: 35.0 to 42.0 °C.
    #[must_use]
    pub fn is_usual(self) -> bool {
        USUAL_TENTHS.contains(&self.tenths)
    }
}

impl std::fmt::Display for Temperature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.tenths / 10, self.tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::TemperatureRefused::{NotConfirmed, OutOfRange, TooFine};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_usual_is_taken_what_is_rare_is_asked_and_what_cannot_be_is_refused() {
        let read = |celsius, is_confirmed| Temperature::new(celsius, is_confirmed).map(Temperature::tenths);
        for (celsius, at_once, confirmed) in [
            (29.9, Err(OutOfRange), Err(OutOfRange)),
            (30.0, Err(NotConfirmed), Ok(300)),
            (34.8, Err(NotConfirmed), Ok(348)),
            (34.9, Err(NotConfirmed), Ok(349)),
            (35.0, Ok(350), Ok(350)),
            (36.8, Ok(368), Ok(368)),
            (42.0, Ok(420), Ok(420)),
            (42.1, Err(NotConfirmed), Ok(421)),
            (45.0, Err(NotConfirmed), Ok(450)),
            (45.1, Err(OutOfRange), Err(OutOfRange)),
            (-0.0, Err(OutOfRange), Err(OutOfRange)),
            (f64::NAN, Err(OutOfRange), Err(OutOfRange)),
            (f64::INFINITY, Err(OutOfRange), Err(OutOfRange)),
            (36.85, Err(TooFine), Err(TooFine)),
        ] {
            assert_eq!((read(celsius, false), read(celsius, true)), (at_once, confirmed), "{celsius}");
        }
    }

    proptest! {
        #[test]
        fn every_tenth_comes_back_as_it_was_typed(tenths in 300i32..=450) {
            let kept = Temperature::of_tenths(tenths).map(Temperature::celsius);
            let typed: f64 = format!("{}.{}", tenths / 10, tenths % 10).parse().unwrap_or(0.0);
            prop_assert_eq!(kept, Some(typed));
            prop_assert_eq!(Temperature::new(typed, true).map(Temperature::tenths), Ok(tenths));
        }
    }
}
