//! Mails and letters, and the texts that they are made from.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which messages.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct MessageQuery {
    /// Only these: `waiting`, `held`, `sending`, `sent`, `failed` or `cancelled`.
    pub status: Option<String>,
    /// Only these, such as `invitation` or `quarantine_order`.
    pub kind: Option<String>,
    /// Only those about this case.
    pub case_id: Option<Uuid>,
    /// Where the page before ended: its `next`.
    pub cursor: Option<String>,
    /// Most items on the page.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// A mail or a letter, without what it says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Its id; a mail carries it as Message-ID.
    pub message_id: Uuid,
    /// The case that it is about.
    pub case_id: Option<Uuid>,
    /// Whom it is written to.
    pub person_id: Option<Uuid>,
    /// `invitation`, `reminder`, `new_contact_case`, `quarantine_changed`, `reset`, `order`, `release`, `test`; of letters
    /// `quarantine_order`, `isolation_order`, `quarantine_release`, `isolation_release`.
    pub kind: String,
    /// `mail` or `letter`.
    pub channel: String,
    /// `waiting`; `held`: kept back since a restore; `sending`; `sent`: the mail server took it, or it was printed;
    /// `failed`: nobody tries any more; `cancelled`.
    pub status: String,
    /// Language of who is written to: `de`, `en` or `tr`.
    pub language: String,
    /// How often it was tried since it was last asked for.
    pub n_tries: u32,
    /// Why the last try failed: a word, and the mail server's reply code if it gave one, such as `recipient_refused 550`.
    pub failure: Option<String>,
    /// When it was queued.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it is sent, or tried again; `null` if no server sends it.
    #[schema(format = DateTime)]
    pub due_at: Option<String>,
    /// When the mail server took it.
    #[schema(format = DateTime)]
    pub sent_at: Option<String>,
    /// Whether it can still be taken back.
    pub may_be_cancelled: bool,
    /// Whether it can be tried again now.
    pub may_be_retried: bool,
}

/// How many mails have not gone.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageCounts {
    /// To be sent, or being sent.
    pub waiting: i64,
    /// Kept back since a restore.
    pub held: i64,
    /// Given up.
    pub failed: i64,
}

/// A mail or a letter with what it says, as long as that is kept, and its log.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageInFull {
    /// How far it is.
    pub message: Message,
    /// What it says; `null` when it is erased: seven days after it went, or when it was taken back.
    pub content: Option<MessageContent>,
    /// What became of it, oldest first.
    pub log: Vec<MessageLogEntry>,
}

/// What a message says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageContent {
    /// Mail address, or the lines of a letter's address.
    pub recipient: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// The same as a page of HTML; show it where it can run no script.
    pub html: String,
}

/// One step in the life of a message.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageLogEntry {
    /// `queued`, `sending`, `sent`, `put_off`, `failed`, `cancelled`, `retried`, `held` or `released`.
    pub step: String,
    /// Why it didn't go.
    pub failure: Option<String>,
    /// User name of who did it; `null` if the server did.
    pub account: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub happened_at: String,
}

/// The texts of a kind of message in a language, as they are in force.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessageTemplate {
    /// What the message is about.
    pub kind: String,
    /// `de`, `en` or `tr`.
    pub language: String,
    /// Number of the version; 0 where the authority never had its own.
    pub version: i32,
    /// Whether they are the authority's own; else those of the program.
    pub is_own: bool,
    /// Whether it is printed, and never mailed: then it is text alone.
    pub is_printed: bool,
    /// The texts.
    pub texts: MessageTexts,
    /// What they may name, as `{{ name }}`.
    pub variables: Vec<String>,
    /// When they were last changed.
    #[schema(format = DateTime)]
    pub changed_at: Option<String>,
    /// User name of who changed them.
    pub changed_by: Option<String>,
}

/// Texts with `{{ name }}` where a value goes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageTexts {
    /// Subject, one line.
    pub subject: String,
    /// Text. Authority and telephone follow by themselves.
    #[schema(max_length = 20000)]
    pub text: String,
    /// HTML that stands within the frame.
    #[schema(max_length = 20000)]
    pub html: String,
}

/// Texts to be put in force.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageTemplateChange {
    /// The version that they were made from; if it is no longer in force, the change is refused.
    pub version: i32,
    /// The texts; `null`: back to those that the program has.
    pub texts: Option<MessageTexts>,
}

/// What texts look like, filled with made-up values.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MessagePreview {
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// A page of HTML; show it where it can run no script.
    pub html: String,
}
