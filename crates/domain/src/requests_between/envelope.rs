//! What one authority sends to another, as the bytes that are signed.
//!
//! One order of fields, each with a fixed width or its length before it, behind words that no other signature begins with: the
//! same message has the same bytes everywhere, and no two have the same.

use crate::authorities::words;
use crate::ids::{AuthorityId, OutboxId};
use jiff::Timestamp;
use uuid::Uuid;

/// What every message begins with: nothing else that is signed does.
const BEGINS_WITH: &[u8] = b"epitrace between authorities\0";
const VERSION: u8 = 1;

/// Bytes of a signature.
pub const SIGNATURE: usize = 64;

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// A guest list is asked for.
    Asked,
    /// It isn't any more.
    Withdrawn,
    /// Here it is.
    Released,
    /// There will be none.
    Declined,
}
words!(MessageKind {
    Asked = "between.asked",
    Withdrawn = "between.withdrawn",
    Released = "between.released",
    Declined = "between.declined",
});

/// A message from one authority to another. All of it is signed; its body is sealed to whom it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Who sends it.
    pub sender: AuthorityId,
    /// To whom.
    pub receiver: AuthorityId,
    /// Its id, by which a second copy is known.
    pub message_id: OutboxId,
    /// What is told.
    pub kind: MessageKind,
    /// When it was written; whole microseconds.
    pub sent_at: Timestamp,
    /// Number of the sender's key that signs it.
    pub signed_by: u32,
    /// Number of the receiver's key to which the body is sealed.
    pub sealed_to: u32,
    /// The sealed body.
    pub body: Vec<u8>,
}

/// Bytes that are no message, or one of a later version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message of an authority")]
pub struct NotAnEnvelope;

impl Envelope {
    /// Returns what the body is sealed with as associated data: a body that is moved into another message doesn't open.
    #[must_use]
    pub fn header(&self) -> Vec<u8> {
        let mut bytes = BEGINS_WITH.to_vec();
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.sender.0.to_be_bytes());
        bytes.extend_from_slice(&self.receiver.0.to_be_bytes());
        bytes.extend_from_slice(self.message_id.0.as_bytes());
        put(&mut bytes, self.kind.as_str().as_bytes());
        bytes.extend_from_slice(&self.sent_at.as_microsecond().to_be_bytes());
        bytes.extend_from_slice(&self.signed_by.to_be_bytes());
        bytes.extend_from_slice(&self.sealed_to.to_be_bytes());
        bytes
    }

    /// Returns the bytes that are signed.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.header();
        put(&mut bytes, &self.body);
        bytes
    }

    /// Reads the bytes that were signed: exactly those that [`bytes`](Self::bytes) writes.
    ///
    /// # Errors
    ///
    /// [`NotAnEnvelope`] if they are anything else.
    pub fn read(bytes: &[u8]) -> Result<Self, NotAnEnvelope> {
        let mut rest = bytes.strip_prefix(BEGINS_WITH).ok_or(NotAnEnvelope)?;
        let [version] = *take(&mut rest)?;
        if version != VERSION {
            return Err(NotAnEnvelope);
        }
        let sender = AuthorityId(i32::from_be_bytes(*take(&mut rest)?));
        let receiver = AuthorityId(i32::from_be_bytes(*take(&mut rest)?));
        let message_id = OutboxId(Uuid::from_bytes(*take(&mut rest)?));
        let kind = std::str::from_utf8(take_long(&mut rest)?).ok().and_then(MessageKind::find);
        let kind = kind.ok_or(NotAnEnvelope)?;
        let sent_at = Timestamp::from_microsecond(i64::from_be_bytes(*take(&mut rest)?)).map_err(|_| NotAnEnvelope)?;
        let signed_by = u32::from_be_bytes(*take(&mut rest)?);
        let sealed_to = u32::from_be_bytes(*take(&mut rest)?);
        let body = take_long(&mut rest)?.to_vec();
        if !rest.is_empty() {
            return Err(NotAnEnvelope);
        }
        Ok(Self { sender, receiver, message_id, kind, sent_at, signed_by, sealed_to, body })
    }
}

/// Parts a signed message into what was signed, and the signature behind it.
///
/// # Errors
///
/// [`NotAnEnvelope`] if it is too short.
pub fn split_signed(message: &[u8]) -> Result<(&[u8], &[u8; SIGNATURE]), NotAnEnvelope> {
    message.split_last_chunk().ok_or(NotAnEnvelope)
}

fn put(bytes: &mut Vec<u8>, field: &[u8]) {
    bytes.extend_from_slice(&(field.len() as u64).to_be_bytes());
    bytes.extend_from_slice(field);
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Result<&'a [u8; N], NotAnEnvelope> {
    let (taken, left) = rest.split_first_chunk().ok_or(NotAnEnvelope)?;
    *rest = left;
    Ok(taken)
}

fn take_long<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], NotAnEnvelope> {
    let length = usize::try_from(u64::from_be_bytes(*take(rest)?)).map_err(|_| NotAnEnvelope)?;
    let (taken, left) = rest.split_at_checked(length).ok_or(NotAnEnvelope)?;
    *rest = left;
    Ok(taken)
}
