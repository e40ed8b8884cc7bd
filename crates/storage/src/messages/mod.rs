//! Mails and letters at rest: in clear what they are about and how far they are; recipient, subject and text are sealed.
//!
//! A server takes a mail by moving its `due_at` into the future. If it dies before it could say what came of it, the mail
//! is due again then: it is sent at least once, and twice only when a server died between sending and saying so.

mod log;
mod rows;
mod sending;

pub use log::{LogEntry, log};
pub use rows::{Counts, Message, MessageContent, MessageFilter, NewMessage, content, counts, find, insert, list};
pub use sending::{
    cancel, end_expired, fail, hold_all, late, next_due, put_off, release_all, retry, sent, take, take_over,
};

pub(crate) use rows::OF_CASE;
pub(crate) use sending::{NEXT_DUE, delete_of_case};
