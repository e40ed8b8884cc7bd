//! A visitor as they are handed in: who, how they are reached, where they sat.

use crate::ids::VisitorId;
use crate::time::Window;
use jiff::{SignedDuration, Timestamp};

/// Longest name, address line and value of a qualifier, in characters.
const LONGEST: usize = 120;
/// Longest name of a qualifier, in characters.
const LONGEST_LABEL: usize = 40;
/// Most qualifiers of a visitor.
const MOST_QUALIFIERS: usize = 10;
/// Digits of a telephone number.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 5..=17;
/// How long before and after an occasion somebody may have been there: they set up, or cleared away.
const AROUND: SignedDuration = SignedDuration::from_hours(24);

/// Something that only this kind of occasion knows of its visitors: ticket, choir voice, course.
#[derive(Clone, PartialEq, Eq)]
pub struct Qualifier {
    /// What it is.
    pub label: String,
    /// Its value.
    pub value: String,
}

/// A visitor of an occasion. Prints as `Visitor(…)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Made by whoever hands in: the same again is the same visitor.
    pub visitor_id: VisitorId,
    /// Of which group: a table, a class, a bus.
    pub group: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Street.
    pub street: Option<String>,
    /// House number, with letters.
    pub house_number: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Area: hall, block, stand.
    pub area: Option<String>,
    /// Seat, with its row.
    pub seat: Option<String>,
    /// From when they were there; `None`: from the beginning.
    pub from: Option<Timestamp>,
    /// Until when; `None`: to the end.
    pub until: Option<Timestamp>,
    /// What else is known of them.
    pub qualifiers: Vec<Qualifier>,
}

/// Why a visitor can't be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongVisitor {
    /// The field.
    pub field: &'static str,
    /// Why.
    pub reason: &'static str,
}

impl std::fmt::Debug for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Visitor(…)")
    }
}

impl std::fmt::Debug for Qualifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Qualifier(…)")
    }
}

impl Visitor {
    /// A visitor of whom nothing is known.
    #[must_use]
    pub fn nobody(visitor_id: VisitorId) -> Self {
        Self {
            visitor_id,
            group: None,
            first_name: None,
            last_name: None,
            phone: None,
            email: None,
            street: None,
            house_number: None,
            postcode: None,
            city: None,
            area: None,
            seat: None,
            from: None,
            until: None,
            qualifiers: Vec::new(),
        }
    }

    /// The texts, each with its name, those that name or reach somebody first.
    #[must_use]
    pub fn texts(&self) -> [(&'static str, Option<&String>); 11] {
        [
            ("first_name", self.first_name.as_ref()),
            ("last_name", self.last_name.as_ref()),
            ("phone", self.phone.as_ref()),
            ("email", self.email.as_ref()),
            ("street", self.street.as_ref()),
            ("house_number", self.house_number.as_ref()),
            ("postcode", self.postcode.as_ref()),
            ("city", self.city.as_ref()),
            ("area", self.area.as_ref()),
            ("seat", self.seat.as_ref()),
            ("group", self.group.as_ref()),
        ]
    }

    /// Returns them with every text trimmed; what is empty then isn't there.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        let texts = [
            &mut self.group,
            &mut self.first_name,
            &mut self.last_name,
            &mut self.phone,
            &mut self.email,
            &mut self.street,
            &mut self.house_number,
            &mut self.postcode,
            &mut self.city,
            &mut self.area,
            &mut self.seat,
        ];
        for text in texts {
            *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        }
        for qualifier in &mut self.qualifiers {
            qualifier.label = qualifier.label.trim().to_owned();
            qualifier.value = qualifier.value.trim().to_owned();
        }
        self.qualifiers.retain(|one| !one.value.is_empty());
        self
    }

    /// Checks a visitor of an occasion. They are as they came, but for spaces; nothing is looked up.
    ///
    /// # Errors
    ///
    /// [`WrongVisitor`] says the first thing that must change.
    pub fn check(&self, occasion: &Window) -> Result<(), WrongVisitor> {
        let wrong = |field, reason| Err(WrongVisitor { field, reason });
        for (field, text) in self.texts() {
            if text.is_some_and(|text| text.chars().count() > LONGEST || text.chars().any(char::is_control)) {
                return wrong(field, "one line of 120 characters at most");
            }
        }
        if self.first_name.is_none() && self.last_name.is_none() {
            return wrong("last_name", "a name is needed");
        }
        let has_address = self.city.is_some() && self.street.is_some();
        if self.phone.is_none() && self.email.is_none() && !has_address {
            return wrong("phone", "a telephone, an e-mail address, or street and city is needed");
        }
        let n_digits = |phone: &String| phone.chars().filter(char::is_ascii_digit).count();
        if self.phone.as_ref().is_some_and(|phone| !PHONE_DIGITS.contains(&n_digits(phone))) {
            return wrong("phone", "a telephone number has 5 to 17 digits");
        }
        if self.email.as_ref().is_some_and(|email| !is_email(email)) {
            return wrong("email", "this is no e-mail address");
        }
        if self.qualifiers.len() > MOST_QUALIFIERS {
            return wrong("qualifiers", "10 at most");
        }
        let fits = |one: &Qualifier| {
            let (label, value) = (one.label.chars().count(), one.value.chars().count());
            (1..=LONGEST_LABEL).contains(&label) && value <= LONGEST && !one.value.chars().any(char::is_control)
        };
        if !self.qualifiers.iter().all(fits) {
            return wrong("qualifiers", "a label of 1 to 40 characters, and a value of one line of 120 at most");
        }
        match self.stay(occasion) {
            Some(stay) if is_around(&stay, occasion) => Ok(()),
            Some(_) => wrong("from", "this is not the time of the occasion"),
            None => wrong("until", "the end lies after the beginning"),
        }
    }

    /// Returns when they were there: where they said nothing, as long as the occasion was. `None` if the end lies before the
    /// beginning.
    #[must_use]
    pub fn stay(&self, occasion: &Window) -> Option<Window> {
        Window::new(self.from.unwrap_or(occasion.from()), self.until.unwrap_or(occasion.until())).ok()
    }
}

fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !text.chars().any(char::is_whitespace) && !host.contains('@')
    })
}

fn is_around(stay: &Window, occasion: &Window) -> bool {
    let earliest = occasion.from().saturating_sub(AROUND).unwrap_or(Timestamp::MIN);
    let latest = occasion.until().saturating_add(AROUND).unwrap_or(Timestamp::MAX);
    earliest <= stay.from() && stay.until() <= latest && stay.overlap(occasion).is_some()
}
