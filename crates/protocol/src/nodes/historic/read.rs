//! Reading a message of a published node.

use super::{Historic, HistoricContact, MAX_HISTORIC_BYTES, timestamp};
use domain::runs::Position;
use jiff::civil::DateTime;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use uuid::Uuid;

/// Why a message is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum HistoricRefusal {
    /// Longer than any that is read.
    #[error("the message is longer than {MAX_HISTORIC_BYTES} bytes")]
    TooLong,
    /// No JSON, or it ends too early.
    #[error("the message is not JSON (line {line}, column {column})")]
    NotJson {
        /// From 1.
        line: usize,
        /// In bytes.
        column: usize,
    },
    /// JSON, but a key has a value of another kind, or stands twice, or it is no object.
    #[error("the message is not one of a node (line {line}, column {column})")]
    NotAMessage {
        /// From 1.
        line: usize,
        /// In bytes.
        column: usize,
    },
    /// A JSON string within a JSON string.
    #[error("the message is wrapped in a string more than once")]
    WrappedTwice,
    /// A key that must be there isn't, or is empty.
    #[error("the message has no {0}")]
    Missing(&'static str),
    /// The value was shortened for print.
    #[error("{0} is shortened with an ellipsis: an example as it is printed, no message")]
    Elided(&'static str),
    /// Not a UUID with hyphens, or not a date and a time of day without zone.
    #[error("{0} is not in form")]
    Malformed(&'static str),
    /// Less than 0 or more than 65,535 steps.
    #[error("the position lies on no field")]
    OffField,
}

/// The message as it stands there. Texts are borrowed where they hold no escapes.
#[derive(Deserialize)]
struct Raw<'a> {
    #[serde(borrow, default)]
    uuid: Cow<'a, str>,
    position: Option<[f64; 2]>,
    infected: Option<bool>,
    #[serde(borrow, default)]
    timestamp: Cow<'a, str>,
    alive: Option<bool>,
    #[serde(borrow)]
    contacts: Option<Vec<RawContact<'a>>>,
}

#[derive(Deserialize)]
struct RawContact<'a> {
    #[serde(borrow, default)]
    uuid: Cow<'a, str>,
    #[serde(borrow, default)]
    timestamp: Cow<'a, str>,
}

pub(super) fn read(message: &[u8]) -> Result<Historic, HistoricRefusal> {
    if message.len() > MAX_HISTORIC_BYTES {
        return Err(HistoricRefusal::TooLong);
    }
    if first(message) != Some(b'"') {
        return object(message);
    }
    let inner: String = parse(message)?;
    if first(inner.as_bytes()) == Some(b'"') {
        return Err(HistoricRefusal::WrappedTwice);
    }
    object(inner.as_bytes())
}

fn first(json: &[u8]) -> Option<u8> {
    json.trim_ascii_start().first().copied()
}

fn object(json: &[u8]) -> Result<Historic, HistoricRefusal> {
    // serde would take a list of the values too.
    if first(json) == Some(b'[') {
        return Err(HistoricRefusal::NotAMessage { line: 1, column: 1 });
    }
    Historic::try_from(parse::<Raw<'_>>(json)?)
}

fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, HistoricRefusal> {
    // What serde says can quote the message; where it stopped says enough.
    serde_json::from_slice(json).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        match serde_json::from_slice::<IgnoredAny>(json) {
            Ok(_) => HistoricRefusal::NotAMessage { line, column },
            Err(_) => HistoricRefusal::NotJson { line, column },
        }
    })
}

impl TryFrom<Raw<'_>> for Historic {
    type Error = HistoricRefusal;

    fn try_from(raw: Raw<'_>) -> Result<Self, HistoricRefusal> {
        let contact = |raw: &RawContact<'_>| {
            let node = uuid("contacts.uuid", &raw.uuid)?;
            Ok(HistoricContact { node, timestamp: instant("contacts.timestamp", &raw.timestamp)? })
        };
        Ok(Self {
            node: uuid("uuid", &raw.uuid)?,
            position: position(raw.position.ok_or(HistoricRefusal::Missing("position"))?)?,
            infected: raw.infected.ok_or(HistoricRefusal::Missing("infected"))?,
            timestamp: instant("timestamp", &raw.timestamp)?,
            alive: raw.alive.unwrap_or(true),
            contacts: raw.contacts.unwrap_or_default().iter().map(contact).collect::<Result<_, _>>()?,
        })
    }
}

fn uuid(key: &'static str, text: &str) -> Result<Uuid, HistoricRefusal> {
    // Other forms of a UUID have other lengths.
    let read = Uuid::try_parse(text).ok().filter(|_| text.len() == 36);
    read.ok_or_else(|| refusal(key, text))
}

fn instant(key: &'static str, text: &str) -> Result<DateTime, HistoricRefusal> {
    timestamp::read(text).ok_or_else(|| refusal(key, text))
}

fn refusal(key: &'static str, text: &str) -> HistoricRefusal {
    if text.is_empty() {
        HistoricRefusal::Missing(key)
    } else if text.contains("...") || text.contains('…') {
        HistoricRefusal::Elided(key)
    } else {
        HistoricRefusal::Malformed(key)
    }
}

fn position([x, y]: [f64; 2]) -> Result<Position, HistoricRefusal> {
    let whole = |steps: f64| {
        let rounded = steps.round();
        (0.0..=f64::from(u16::MAX)).contains(&rounded).then_some(rounded as u16)
    };
    Ok(Position { x: whole(x).ok_or(HistoricRefusal::OffField)?, y: whole(y).ok_or(HistoricRefusal::OffField)? })
}
