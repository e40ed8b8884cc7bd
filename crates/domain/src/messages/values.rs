//! What the texts of messages may name, and the values that stand there.

use crate::authorities::words;
use crate::diseases::Disease;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Something that a text may name. There is none for a password, a user name or a date of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// Name of who is written to; empty if it isn't known.
    Name,
    /// Name of the authority.
    Authority,
    /// Its telephone; empty if it has none.
    Phone,
    /// Address of a page.
    Link,
    /// Until when the link works.
    ValidUntil,
    /// Half a day of the diary.
    Slot,
    /// Name of the disease.
    Disease,
    /// First day of quarantine or isolation.
    FirstDay,
    /// Its last day, included.
    LastDay,
    /// Name of a venue.
    Venue,
}
words!(Variable {
    Name = "name",
    Authority = "authority",
    Phone = "phone",
    Link = "link",
    ValidUntil = "valid_until",
    Slot = "slot",
    Disease = "disease",
    FirstDay = "first_day",
    LastDay = "last_day",
    Venue = "venue",
});

/// A value, written in the language of each text.
#[derive(Clone, PartialEq, Eq)]
pub enum MessageValue {
    /// As it is.
    Text(String),
    /// A disease, by its name in each language.
    Disease(Disease),
    /// A day.
    Day(Date),
    /// An instant, in the authority's time zone.
    At(Timestamp),
    /// So many hours after the mail was sent.
    HoursAfterSending(u32),
    /// The morning of a day.
    Morning(Date),
    /// The evening of a day.
    Evening(Date),
}

impl std::fmt::Debug for MessageValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// The values of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<Variable, MessageValue>);

impl Values {
    /// Adds a value.
    #[must_use]
    pub fn with(mut self, variable: Variable, value: MessageValue) -> Self {
        self.0.insert(variable, value);
        self
    }

    /// Adds a text.
    #[must_use]
    pub fn text(self, variable: Variable, text: impl Into<String>) -> Self {
        self.with(variable, MessageValue::Text(text.into()))
    }

    /// Returns a value.
    #[must_use]
    pub fn get(&self, variable: Variable) -> Option<&MessageValue> {
        self.0.get(&variable)
    }
}
