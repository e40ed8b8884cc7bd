//! Which authority is responsible for which postcode.
//!
//! The list belongs to the installation: an operator imports it, one for each country, and each import is a version of
//! its own, so that what was decided by last month's list can be explained by it. A postcode may be served by several
//! offices; one's own comes first, the others are a person's choice.

use crate::authorities::words;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many versions of a country's list are kept, the one in force included.
pub const VERSIONS_KEPT: i64 = 5;

/// A country by its two letters (ISO 3166-1), such as `DE`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Country(String);

/// A text that is no country.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("a country has two letters, such as DE")]
pub struct NotACountry;

impl Country {
    /// Returns the country that `text` is, in capitals.
    ///
    /// # Errors
    ///
    /// [`NotACountry`] unless it has two letters.
    pub fn new(text: &str) -> Result<Self, NotACountry> {
        let fits = text.len() == 2 && text.chars().all(|c| c.is_ascii_alphabetic());
        if fits { Ok(Self(text.to_ascii_uppercase())) } else { Err(NotACountry) }
    }

    /// Germany.
    #[must_use]
    pub fn germany() -> Self {
        Self("DE".to_owned())
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Country {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What stands before a telephone number of a country: `49`, without plus and zeros.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PhoneCountryCode(String);

/// A text that is no country code of telephones.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("a country code of telephones has one to three digits, such as 49, and begins with none but 1 to 9")]
pub struct NotAPhoneCountryCode;

impl PhoneCountryCode {
    /// Returns the code that `text` is; a plus or two zeros before it are dropped.
    ///
    /// # Errors
    ///
    /// [`NotAPhoneCountryCode`] unless one to three digits are left.
    pub fn new(text: &str) -> Result<Self, NotAPhoneCountryCode> {
        let digits = text.strip_prefix('+').or_else(|| text.strip_prefix("00")).unwrap_or(text);
        let fits =
            (1..=3).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit()) && !digits.starts_with('0');
        if fits { Ok(Self(digits.to_owned())) } else { Err(NotAPhoneCountryCode) }
    }

    /// Germany's.
    #[must_use]
    pub fn germany() -> Self {
        Self("49".to_owned())
    }

    /// Returns its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A postcode, in capitals, without spaces around and at most one within.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Postcode(String);

/// A text that is no postcode.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotAPostcode {
    /// Not in Germany.
    #[error("a German postcode has five digits")]
    German,
    /// Nowhere.
    #[error("a postcode has 2 to 10 letters and digits, with a space or a hyphen between them at most")]
    Anywhere,
}

impl Postcode {
    /// Returns the postcode of a country that `text` is.
    ///
    /// # Errors
    ///
    /// [`NotAPostcode`] if it can't be one there.
    pub fn new(text: &str, country: &Country) -> Result<Self, NotAPostcode> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let tidy = words.join(" ").to_uppercase();
        if country.as_str() == "DE" {
            let fits = tidy.len() == 5 && tidy.chars().all(|c| c.is_ascii_digit());
            return if fits { Ok(Self(tidy)) } else { Err(NotAPostcode::German) };
        }
        let fits = (2..=10).contains(&tidy.len())
            && tidy.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-')
            && tidy.chars().any(|c| c.is_ascii_digit());
        if fits { Ok(Self(tidy)) } else { Err(NotAPostcode::Anywhere) }
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an office is called in a country's list, such as `1.08.2.22.`
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TerritoryCode(String);

/// A text that is no code of an office.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("an office's code has 1 to 40 letters, digits and . _ / -")]
pub struct NotATerritoryCode;

impl TerritoryCode {
    /// Returns the code that `text` is.
    ///
    /// # Errors
    ///
    /// [`NotATerritoryCode`] if it has other characters, or is too long.
    pub fn new(text: &str) -> Result<Self, NotATerritoryCode> {
        let may = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
        let fits = (1..=40).contains(&text.len()) && text.chars().all(may);
        if fits { Ok(Self(text.to_owned())) } else { Err(NotATerritoryCode) }
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for TerritoryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListFormat {
    /// The list of German health departments by the Robert Koch Institute, as XML.
    Rki,
    /// A table: postcode, code, name, address, phone, email.
    Csv,
}
words!(ListFormat { Rki = "rki", Csv = "csv" });

/// An authority of a list: whom to ask for a postcode. A public office, no person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Office {
    /// Its code in the list.
    pub code: TerritoryCode,
    /// As people call it.
    pub name: String,
    /// Where it is; empty if the list doesn't say.
    pub address: String,
    /// Telephone; empty if the list doesn't say.
    pub phone: String,
    /// E-mail; empty if the list doesn't say.
    pub email: String,
}

/// Which office serves which postcode of a country.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Territory {
    country: Country,
    offices: BTreeMap<TerritoryCode, Office>,
    postcodes: BTreeSet<(Postcode, TerritoryCode)>,
}

/// Why a list can't come into force.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum UnusableList {
    /// It says of no postcode who serves it.
    #[error("the list names no office that serves a postcode")]
    Empty,
    /// One code stands for two offices.
    #[error("the code {0} stands for two offices with different names or addresses")]
    TwoOffices(TerritoryCode),
}

impl Territory {
    /// Begins a list of a country.
    #[must_use]
    pub fn of(country: Country) -> Self {
        Self { country, offices: BTreeMap::new(), postcodes: BTreeSet::new() }
    }

    /// Adds an office; the same again changes nothing. What one row says and another leaves out is taken together.
    ///
    /// # Errors
    ///
    /// [`UnusableList::TwoOffices`] if the code stands for another one.
    pub fn add_office(&mut self, office: Office) -> Result<(), UnusableList> {
        let Some(known) = self.offices.get_mut(&office.code) else {
            self.offices.insert(office.code.clone(), office);
            return Ok(());
        };
        let Office { code, name, address, phone, email } = office;
        let parts = [
            (&mut known.name, name),
            (&mut known.address, address),
            (&mut known.phone, phone),
            (&mut known.email, email),
        ];
        for (known, said) in parts {
            if known.is_empty() {
                *known = said;
            } else if !said.is_empty() && *known != said {
                return Err(UnusableList::TwoOffices(code));
            }
        }
        Ok(())
    }

    /// Says that an office serves a postcode.
    pub fn add_postcode(&mut self, postcode: Postcode, code: TerritoryCode) {
        self.postcodes.insert((postcode, code));
    }

    /// Returns the list, if somebody could decide by it.
    ///
    /// # Errors
    ///
    /// [`UnusableList::Empty`] if it says of no postcode who serves it.
    pub fn complete(self) -> Result<Self, UnusableList> {
        let is_served = self.postcodes.iter().any(|(_, code)| self.offices.contains_key(code));
        if is_served { Ok(self) } else { Err(UnusableList::Empty) }
    }

    /// Its country.
    #[must_use]
    pub fn country(&self) -> &Country {
        &self.country
    }

    /// Its offices, by code.
    pub fn offices(&self) -> impl ExactSizeIterator<Item = &Office> {
        self.offices.values()
    }

    /// Each postcode with each office that serves it.
    pub fn postcodes(&self) -> impl ExactSizeIterator<Item = &(Postcode, TerritoryCode)> {
        self.postcodes.iter()
    }

    /// How many postcodes there are; one that two offices serve counts once.
    #[must_use]
    pub fn n_postcodes(&self) -> usize {
        self.postcodes.iter().map(|(postcode, _)| postcode).collect::<BTreeSet<_>>().len()
    }
}

/// Puts one's own office first, the others by name.
pub fn own_first(offices: &mut [Office], own: Option<&TerritoryCode>) {
    offices.sort_by(|a, b| {
        let key = |office: &Office| (Some(&office.code) != own, office.name.clone(), office.code.clone());
        key(a).cmp(&key(b))
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn office(code: &str, name: &str) -> Office {
        let code = TerritoryCode::new(code).unwrap();
        Office { code, name: name.to_owned(), address: String::new(), phone: String::new(), email: String::new() }
    }

    #[test]
    fn ones_own_office_comes_first_and_the_others_by_name() {
        let mut offices = [office("3", "Ahausen"), office("1", "Bedorf"), office("2", "Cestadt")];
        own_first(&mut offices, Some(&TerritoryCode::new("2").unwrap()));
        assert_eq!(offices.each_ref().map(|office| office.name.as_str()), ["Cestadt", "Ahausen", "Bedorf"]);
        own_first(&mut offices, None);
        assert_eq!(offices[0].name, "Ahausen");
    }

    #[test]
    fn postcodes_are_written_in_many_ways_and_kept_in_one() {
        let germany = Country::germany();
        assert_eq!(Postcode::new(" 68159 ", &germany).unwrap().as_str(), "68159");
        for wrong in ["6815", "681590", "68 159", "D-68159", ""] {
            assert_eq!(Postcode::new(wrong, &germany), Err(NotAPostcode::German), "{wrong}");
        }
        let britain = Country::new("gb").unwrap();
        assert_eq!(Postcode::new("sw1a  2aa", &britain).unwrap().as_str(), "SW1A 2AA");
        for wrong in ["", "1", "ABCDE", "12;34", "12345678901"] {
            assert_eq!(Postcode::new(wrong, &britain), Err(NotAPostcode::Anywhere), "{wrong}");
        }
    }

    #[test]
    fn one_code_is_one_office() {
        let mut list = Territory::of(Country::germany());
        list.add_office(office("1", "A")).unwrap();
        list.add_office(office("1", "A")).unwrap();
        list.add_office(Office { phone: "1".to_owned(), ..office("1", "A") }).unwrap();
        list.add_office(office("1", "A")).unwrap();
        assert_eq!(
            list.offices().map(|office| office.phone.as_str()).collect::<Vec<_>>(),
            ["1"],
            "silence unsays nothing"
        );
        assert!(matches!(list.add_office(office("1", "B")), Err(UnusableList::TwoOffices(_))));
    }

    #[test]
    fn a_list_by_which_nobody_could_decide_does_not_come_into_force() {
        let mut list = Territory::of(Country::germany());
        list.add_office(office("1", "A")).unwrap();
        assert_eq!(list.clone().complete(), Err(UnusableList::Empty));
        list.add_postcode(Postcode::new("68159", &Country::germany()).unwrap(), TerritoryCode::new("1").unwrap());
        assert_eq!(list.complete().unwrap().n_postcodes(), 1);
    }

    #[test]
    fn country_codes_of_telephones_are_kept_as_digits() {
        for text in ["49", "+49", "0049"] {
            assert_eq!(PhoneCountryCode::new(text).unwrap().as_str(), "49");
        }
        for wrong in ["", "+", "0", "4912", "x"] {
            assert_eq!(PhoneCountryCode::new(wrong), Err(NotAPhoneCountryCode), "{wrong}");
        }
    }
}
