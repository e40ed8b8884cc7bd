//! Writing messages as the published nodes do, to the byte: a space after each colon and comma.

use super::{Historic, timestamp};
use std::fmt::Write;

/// Writes a message as it is sent to other nodes: without contacts.
#[must_use]
pub fn beacon_json(message: &Historic) -> String {
    let mut text = fields(message);
    text.push('}');
    text
}

/// Writes a message as it is sent to the log, with its contacts. The published nodes send it [`wrapped`].
#[must_use]
pub fn report_json(message: &Historic) -> String {
    let mut text = fields(message);
    text.push_str(", \"contacts\": [");
    for (at, contact) in message.contacts.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        // A String never fails to be written to.
        let _ = write!(text, "{comma}{{\"uuid\": \"{}\", \"timestamp\": \"", contact.node);
        timestamp::push(&mut text, contact.timestamp);
        text.push_str("\"}");
    }
    text.push_str("]}");
    text
}

/// Wraps JSON in a JSON string, as the published nodes do with what they send to the log.
#[must_use]
pub fn wrapped(json: &str) -> String {
    serde_json::Value::from(json).to_string()
}

fn fields(message: &Historic) -> String {
    let Historic { node, position, infected, alive, .. } = message;
    let mut text = String::with_capacity(160 + message.contacts.len() * 100);
    let (x, y) = (position.x, position.y);
    let _ =
        write!(text, "{{\"uuid\": \"{node}\", \"position\": [{x}, {y}], \"infected\": {infected}, \"timestamp\": \"");
    timestamp::push(&mut text, message.timestamp);
    let _ = write!(text, "\", \"alive\": {alive}");
    text
}
