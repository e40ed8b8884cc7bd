//! A person: what identifies them, what may stand in clear, and what never does.

mod details;

pub use details::{LONGEST_LINE, LONGEST_NAME, LONGEST_TEXT, PHONE_DIGITS, WrongDetail, is_of_a_name, tidy};

use crate::authorities::words;
use jiff::civil::Date;

/// Personal text. It prints as `…`, in `Debug` too, so that it can't slip into a log.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Personal<T>(T);

impl<T> Personal<T> {
    /// Wraps a personal value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Returns the value, for those who may see it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> std::fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl<T> std::fmt::Display for Personal<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Age in whole years, 0 to 130.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age(u8);

impl Age {
    /// Returns the age, or `None` beyond 130 years.
    #[must_use]
    pub fn new(years: u16) -> Option<Self> {
        u8::try_from(years).ok().filter(|years| *years <= 130).map(Self)
    }

    /// Returns the age on a day of somebody born on another.
    #[must_use]
    pub fn on(day: Date, born: Date) -> Option<Self> {
        let birthday_to_come = (day.month(), day.day()) < (born.month(), born.day());
        let years = i32::from(day.year()) - i32::from(born.year()) - i32::from(birthday_to_come);
        u16::try_from(years).ok().and_then(Self::new)
    }

    /// Whole years.
    #[must_use]
    pub fn years(self) -> u8 {
        self.0
    }

    /// Returns the ten-year band, such as `60-69`, which may stand in clear. From 90 on it is `90+`.
    #[must_use]
    pub fn band(self) -> String {
        let decade = self.0 / 10 * 10;
        if decade >= 90 { "90+".to_owned() } else { format!("{decade}-{}", decade + 9) }
    }
}

/// The columns of a person that are sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PersonalField {
    /// Given names.
    FirstName,
    /// Family names.
    LastName,
    /// Full date of birth.
    Born,
    /// Age in years, where no date of birth is known.
    Age,
    /// Telephone.
    Phone,
    /// Mobile telephone.
    Mobile,
    /// E-mail.
    Email,
    /// Street.
    Street,
    /// House number.
    HouseNumber,
    /// City.
    City,
    /// Free text about the case.
    Note,
}
words!(PersonalField {
    FirstName = "first_name",
    LastName = "last_name",
    Born = "born",
    Age = "age",
    Phone = "phone",
    Mobile = "mobile",
    Email = "email",
    Street = "street",
    HouseNumber = "house_number",
    City = "city",
    Note = "note",
});

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::date;

    #[test]
    fn personal_values_never_print() {
        let name = Personal::new("Zyx");
        assert_eq!(format!("{name} {name:?} {:?}", Some(&name)), "… … Some(…)");
    }

    #[test]
    fn somebody_born_on_a_leap_day_turns_a_year_older_on_the_first_of_march() {
        let born = date(2000, 2, 29);
        assert_eq!(Age::on(date(2001, 2, 28), born).unwrap().years(), 0);
        assert_eq!(Age::on(date(2001, 3, 1), born).unwrap().years(), 1);
        assert_eq!(Age::on(date(1999, 1, 1), born), None);
    }

    #[test]
    fn bands_hide_the_age_and_the_very_old() {
        assert_eq!(Age::new(68).unwrap().band(), "60-69");
        assert_eq!(Age::new(7).unwrap().band(), "0-9");
        assert_eq!(Age::new(104).unwrap().band(), "90+");
        assert_eq!(Age::new(131), None);
    }
}
