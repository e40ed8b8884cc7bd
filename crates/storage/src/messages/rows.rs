//! Messages in and out.

use super::log::{Step, add_step};
use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, CaseId, MessageId, PersonId};
use domain::languages::Language;
use domain::messages::{Channel, MessageKind, MessageStatus, MessageStep};
use domain::persons::Personal;
use jiff::Timestamp;
use uuid::Uuid;

/// A message as stored, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub message_id: MessageId,
    /// The case that it is about.
    pub case_id: Option<CaseId>,
    /// Whom it is written to.
    pub person_id: Option<PersonId>,
    /// What it is about.
    pub kind: MessageKind,
    /// By which way it goes.
    pub channel: Channel,
    /// How far it is.
    pub status: MessageStatus,
    /// Language of who is written to.
    pub language: Language,
    /// Until then what it tells of can be undone.
    pub not_before: Timestamp,
    /// When a server may take it; `None` if no server may.
    pub due_at: Option<Timestamp>,
    /// How often it was tried since it was last asked for.
    pub n_tries: u32,
    /// When first.
    pub first_tried_at: Option<Timestamp>,
    /// Why the last try failed.
    pub failure: Option<String>,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
    /// When it was queued.
    pub created_at: Timestamp,
}

/// What a message says, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageContent {
    /// Mail address, or the lines of a letter's address.
    pub recipient: Personal<String>,
    /// Subject.
    pub subject: Personal<String>,
    /// Text.
    pub text: Personal<String>,
    /// The same as HTML.
    pub html: Personal<String>,
    /// Name of the authority as sender.
    pub sender_name: Option<String>,
    /// The authority's own mail address for answers.
    pub reply_to: Option<String>,
}

/// A message to be stored.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Its id.
    pub message_id: MessageId,
    /// The case that it is about.
    pub case_id: Option<CaseId>,
    /// Whom it is written to.
    pub person_id: Option<PersonId>,
    /// What it is about.
    pub kind: MessageKind,
    /// By which way it goes.
    pub channel: Channel,
    /// Language of who is written to.
    pub language: Language,
    /// What it says.
    pub content: MessageContent,
    /// Until then what it tells of can be undone.
    pub not_before: Timestamp,
    /// Who caused it.
    pub account_id: Option<AccountId>,
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    message_id: Uuid,
    case_id: Option<Uuid>,
    person_id: Option<Uuid>,
    kind: String,
    channel: String,
    status: String,
    language: String,
    not_before: At,
    due_at: Option<At>,
    n_tries: i32,
    first_tried_at: Option<At>,
    failure: Option<String>,
    sent_at: Option<At>,
    created_at: At,
}

#[derive(sqlx::FromRow)]
struct ContentRow {
    recipient: Option<Vec<u8>>,
    subject: Option<Vec<u8>>,
    body_text: Option<Vec<u8>>,
    body_html: Option<Vec<u8>>,
    sender_name: Option<String>,
    reply_to: Option<String>,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    status: String,
    n: i64,
}

impl TryFrom<MessageRow> for Message {
    type Error = StorageError;
    fn try_from(row: MessageRow) -> Result<Self> {
        Ok(Self {
            message_id: MessageId(row.message_id),
            case_id: row.case_id.map(CaseId),
            person_id: row.person_id.map(PersonId),
            kind: MessageKind::find(&row.kind).ok_or(StorageError::Unreadable("kind of message"))?,
            channel: Channel::find(&row.channel).ok_or(StorageError::Unreadable("channel"))?,
            status: MessageStatus::find(&row.status).ok_or(StorageError::Unreadable("status of a message"))?,
            language: Language::find(&row.language).ok_or(StorageError::Unreadable("language"))?,
            not_before: row.not_before.0,
            due_at: row.due_at.map(|at| at.0),
            n_tries: u32::try_from(row.n_tries).unwrap_or(0),
            first_tried_at: row.first_tried_at.map(|at| at.0),
            failure: row.failure,
            sent_at: row.sent_at.map(|at| at.0),
            created_at: row.created_at.0,
        })
    }
}

const INSERT: Statement = Statement::both(
    "-- messages::insert
INSERT INTO message (authority_id, message_id, case_id, person_id, kind, channel, status, language, sender_name, reply_to,
                     recipient, subject, body_text, body_html, not_before, due_at, n_tries, created_at)
VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, $16)",
);

const FIND: Statement = Statement::both(
    "-- messages::find
SELECT message_id, case_id, person_id, kind, channel, status, language, not_before, due_at, n_tries, first_tried_at, failure,
       sent_at, created_at
  FROM message WHERE authority_id = $1 AND message_id = $2",
);

const CONTENT: Statement = Statement::both(
    "-- messages::content
SELECT recipient, subject, body_text, body_html, sender_name, reply_to
  FROM message WHERE authority_id = $1 AND message_id = $2",
);

const LIST: Statement = Statement::both(
    "-- messages::list
SELECT message_id, case_id, person_id, kind, channel, status, language, not_before, due_at, n_tries, first_tried_at, failure,
       sent_at, created_at
  FROM message WHERE authority_id = $1 AND message_id < $2 ORDER BY message_id DESC LIMIT $3",
);

const LIST_BY_STATUS: Statement = Statement::both(
    "-- messages::list_by_status
SELECT message_id, case_id, person_id, kind, channel, status, language, not_before, due_at, n_tries, first_tried_at, failure,
       sent_at, created_at
  FROM message WHERE authority_id = $1 AND status = $2 AND message_id < $3 AND (CAST($5 AS TEXT) IS NULL OR kind = $5)
 ORDER BY message_id DESC LIMIT $4",
);

const LIST_BY_KIND: Statement = Statement::both(
    "-- messages::list_by_kind
SELECT message_id, case_id, person_id, kind, channel, status, language, not_before, due_at, n_tries, first_tried_at, failure,
       sent_at, created_at
  FROM message WHERE authority_id = $1 AND kind = $2 AND message_id < $3 ORDER BY message_id DESC LIMIT $4",
);

pub(crate) const OF_CASE: Statement = Statement::both(
    "-- messages::of_case
SELECT message_id, case_id, person_id, kind, channel, status, language, not_before, due_at, n_tries, first_tried_at, failure,
       sent_at, created_at
  FROM message WHERE authority_id = $1 AND case_id = $2 AND message_id < $3
   AND (CAST($5 AS TEXT) IS NULL OR kind = $5) AND (CAST($6 AS TEXT) IS NULL OR status = $6)
 ORDER BY message_id DESC LIMIT $4",
);

const COUNTS: Statement = Statement::both(
    "-- messages::counts
SELECT status, count(*) AS n FROM message
 WHERE authority_id = $1 AND channel = 'mail' AND status IN ('waiting', 'held', 'sending', 'failed') GROUP BY status",
);

fn place(message_id: MessageId, column: &'static str) -> CellPlace {
    CellPlace { table: "message", column, row: message_id.0 }
}

/// Queues a message. A mail is due when what it tells of can't be undone any more; a letter waits for a person.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, new: &NewMessage, now: Timestamp) -> Result<()> {
    let seal = |column, value: &Personal<String>| sealer.seal(place(new.message_id, column), value.expose());
    let content = &new.content;
    let recipient = seal("recipient", &content.recipient)?;
    let subject = seal("subject", &content.subject)?;
    let text = seal("body_text", &content.text)?;
    let html = seal("body_html", &content.html)?;
    let due_at = (new.channel == Channel::Mail).then_some(At(new.not_before));
    run!(
        tx,
        INSERT,
        mine,
        new.message_id.0,
        new.case_id.map(|id| id.0),
        new.person_id.map(|id| id.0),
        new.kind.as_str(),
        new.channel.as_str(),
        new.language.as_str(),
        &content.sender_name,
        &content.reply_to,
        &recipient.0,
        &subject.0,
        &text.0,
        &html.0,
        At(new.not_before),
        due_at,
        At(now),
    )?;
    add_step(tx, new.message_id, Step { step: MessageStep::Queued, failure: None, by: new.account_id }, now).await
}

/// Finds a message.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find(tx: &mut Tx, message_id: MessageId) -> Result<Option<Message>> {
    optional!(tx, MessageRow, FIND, mine, message_id.0)?.map(Message::try_from).transpose()
}

/// Opens what a message says; `None` if it is erased, or there is no such message.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a cell doesn't open.
pub async fn content(tx: &mut Tx, sealer: &Sealer, message_id: MessageId) -> Result<Option<MessageContent>> {
    let Some(row) = optional!(tx, ContentRow, CONTENT, mine, message_id.0)? else { return Ok(None) };
    let open = |column, cell: &Option<Vec<u8>>| {
        cell.as_ref().map(|cell| sealer.open(place(message_id, column), cell).map(Personal::new)).transpose()
    };
    let recipient = open("recipient", &row.recipient)?;
    let subject = open("subject", &row.subject)?;
    let text = open("body_text", &row.body_text)?;
    let html = open("body_html", &row.body_html)?;
    let (Some(recipient), Some(subject), Some(text), Some(html)) = (recipient, subject, text, html) else {
        return Ok(None);
    };
    Ok(Some(MessageContent { recipient, subject, text, html, sender_name: row.sender_name, reply_to: row.reply_to }))
}

/// Which messages are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct MessageFilter {
    /// Only these.
    pub status: Option<MessageStatus>,
    /// Only these.
    pub kind: Option<MessageKind>,
    /// Only those about this case.
    pub case_id: Option<CaseId>,
}

/// Lists messages, newest first, older than `before`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn list(tx: &mut Tx, filter: MessageFilter, before: Option<MessageId>, limit: i64) -> Result<Vec<Message>> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    let (status, kind) = (filter.status.map(MessageStatus::as_str), filter.kind.map(MessageKind::as_str));
    let rows = match (filter.case_id, status, kind) {
        (Some(case_id), ..) => all!(tx, MessageRow, OF_CASE, mine, case_id.0, before, limit, kind, status)?,
        (None, Some(status), _) => all!(tx, MessageRow, LIST_BY_STATUS, mine, status, before, limit, kind)?,
        (None, None, Some(kind)) => all!(tx, MessageRow, LIST_BY_KIND, mine, kind, before, limit)?,
        (None, None, None) => all!(tx, MessageRow, LIST, mine, before, limit)?,
    };
    rows.into_iter().map(Message::try_from).collect()
}

/// How many mails have not gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// To be sent, or being sent.
    pub waiting: i64,
    /// Kept back by a restore.
    pub held: i64,
    /// Given up.
    pub failed: i64,
}

/// Counts the mails that have not gone.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn counts(tx: &mut Tx) -> Result<Counts> {
    let mut counts = Counts::default();
    for row in all!(tx, CountRow, COUNTS, mine)? {
        match MessageStatus::find(&row.status) {
            Some(MessageStatus::Held) => counts.held += row.n,
            Some(MessageStatus::Failed) => counts.failed += row.n,
            _ => counts.waiting += row.n,
        }
    }
    Ok(counts)
}
