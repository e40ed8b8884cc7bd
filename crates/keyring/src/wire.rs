//! What is said to a process that holds a keyring: four bytes of length, then JSON. One ask at a time on a connection.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use storage::sealing::{Answer, Ask, Held, SealingError};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use zeroize::Zeroizing;

/// Longest message: all keys of a large country's cell are a tenth of it.
const LONGEST: u32 = 64 << 20;

/// What is said to a process.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Said {
    /// By a server, consumer or command.
    Ask(Ask),
    /// By the other side.
    Mirror(ToMirror),
    /// By an operator on the host itself: it goes on alone.
    Alone,
}

/// What the other side says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ToMirror {
    /// I am here, and this is all I hold; tell me what you hold.
    Join(Box<Join>),
    /// What you told me at last is kept.
    Kept,
    /// Keep this.
    Take(Held),
    /// Keep this of what I wrote down.
    Carry(Carry),
    /// Remember this count of the database.
    Beats(u64),
    /// I am still here.
    Look(Look),
}

/// How a side comes, or comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Join {
    /// Of which keyring it is; `None` if it doesn't know yet.
    pub id: Option<String>,
    /// Which folder it is.
    pub folder: String,
    /// What its clock says.
    pub now: Timestamp,
    /// What it holds.
    pub held: Held,
    /// What it remembers of the database.
    pub beats: Option<u64>,
}

/// What a side answers to who comes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Joined {
    /// Of which keyring it is.
    pub id: Option<String>,
    /// What its clock says.
    pub now: Timestamp,
    /// What both hold together.
    pub held: Held,
    /// What both remember of the database.
    pub beats: Option<u64>,
    /// What it has of what the other wrote down.
    pub copies: Vec<Copied>,
}

/// A file to which lines are appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Log {
    /// Who had which list opened, and why.
    Openings,
    /// What was erased.
    Erasures,
}

/// How much of a log is copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Copied {
    /// Which.
    pub log: Log,
    /// Its first bytes.
    pub length: u64,
    /// Their SHA-256, hexadecimal.
    pub digest: String,
}

/// Part of a log.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Carry {
    /// Which folder's.
    pub folder: String,
    /// Which.
    pub log: Log,
    /// From which byte on.
    pub from: u64,
    /// The bytes, which are text.
    pub text: String,
}

/// How one of both is just now.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Look {
    /// What its clock says.
    pub now: Timestamp,
    /// SHA-256 of which keys it holds and which are destroyed, without any secret.
    pub digest: String,
}

/// What a process answers.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Reply {
    /// To an ask.
    Answer(Answer),
    /// To who comes.
    Joined(Box<Joined>),
    /// To a look.
    Look(Look),
    /// It is done.
    Done,
    /// It isn't.
    Refused(Refusal),
}

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Refusal {
    /// There is no such key.
    #[error("there is no such key")]
    NoKey,
    /// What was to be opened doesn't open.
    #[error("it does not open")]
    DoesNotOpen,
    /// The two sides are of different keyrings.
    #[error("the other side is of another keyring")]
    OtherKeyring,
    /// Not now.
    #[error("{0}")]
    Away(String),
    /// Whoever asks may not ask this.
    #[error("this certificate may not ask this")]
    NotAllowed,
    /// Something failed here; its log says what.
    #[error("it failed there")]
    Failed,
}

impl From<SealingError> for Refusal {
    fn from(error: SealingError) -> Self {
        match error {
            SealingError::NoKey => Self::NoKey,
            SealingError::DoesNotOpen => Self::DoesNotOpen,
            SealingError::OtherKeyring => Self::OtherKeyring,
            SealingError::Away(why) => Self::Away(why),
            other => {
                let error: &(dyn std::error::Error + 'static) = &other;
                tracing::error!(error, "the keyring failed");
                Self::Failed
            }
        }
    }
}

impl From<Refusal> for SealingError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NoKey => Self::NoKey,
            Refusal::DoesNotOpen => Self::DoesNotOpen,
            Refusal::OtherKeyring => Self::OtherKeyring,
            Refusal::Away(why) => Self::Away(why),
            other @ (Refusal::NotAllowed | Refusal::Failed) => Self::Away(other.to_string()),
        }
    }
}

/// Says something.
pub(crate) async fn write<T: Serialize>(to: &mut (impl AsyncWrite + Unpin), message: &T) -> std::io::Result<()> {
    let text = Zeroizing::new(serde_json::to_vec(message)?);
    let length = u32::try_from(text.len()).ok().filter(|length| *length <= LONGEST).ok_or_else(too_long)?;
    to.write_all(&length.to_be_bytes()).await?;
    to.write_all(&text).await?;
    to.flush().await
}

/// Hears something; `None` where the other has ended.
pub(crate) async fn read<T: for<'de> Deserialize<'de>>(
    from: &mut (impl AsyncRead + Unpin),
) -> std::io::Result<Option<T>> {
    let mut length = [0; 4];
    match from.read_exact(&mut length).await {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    };
    let length = u32::from_be_bytes(length);
    if length > LONGEST {
        return Err(too_long());
    }
    // Grows with what really comes: a length alone reserves nothing.
    let mut text = Zeroizing::new(Vec::new());
    let n_read = from.take(u64::from(length)).read_to_end(&mut text).await?;
    if n_read < length as usize {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(serde_json::from_slice(&text)?))
}

fn too_long() -> std::io::Error {
    std::io::Error::new(std::io::ErrorKind::InvalidData, "a message is too long")
}
