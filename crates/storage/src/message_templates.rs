//! An authority's own texts of mails and letters, in versions.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::ids::AccountId;
use domain::languages::Language;
use domain::messages::MessageKind;
use jiff::Timestamp;
use uuid::Uuid;

/// The texts of a message, as templates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts {
    /// Subject.
    pub subject: String,
    /// Text.
    pub text: String,
    /// HTML, within the frame.
    pub html: String,
}

/// A version of an authority's own texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateVersion {
    /// What the message is about.
    pub kind: MessageKind,
    /// Language.
    pub language: Language,
    /// Counts up from 1.
    pub version: i32,
    /// The texts; `None`: back to those that the program has.
    pub texts: Option<Texts>,
    /// Who wrote it.
    pub account_id: AccountId,
    /// When.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct TemplateRow {
    kind: String,
    language: String,
    version: i32,
    subject: Option<String>,
    body_text: Option<String>,
    body_html: Option<String>,
    account_id: Uuid,
    created_at: At,
}

impl TryFrom<TemplateRow> for TemplateVersion {
    type Error = StorageError;
    fn try_from(row: TemplateRow) -> Result<Self> {
        let texts = match (row.subject, row.body_text, row.body_html) {
            (Some(subject), Some(text), Some(html)) => Some(Texts { subject, text, html }),
            _ => None,
        };
        Ok(Self {
            kind: MessageKind::find(&row.kind).ok_or(StorageError::Unreadable("kind of message"))?,
            language: Language::find(&row.language).ok_or(StorageError::Unreadable("language"))?,
            version: row.version,
            texts,
            account_id: AccountId(row.account_id),
            created_at: row.created_at.0,
        })
    }
}

const IN_FORCE: Statement = Statement::both(
    "-- message_templates::in_force
SELECT kind, language, version, subject, body_text, body_html, account_id, created_at FROM message_template
 WHERE authority_id = $1 AND kind = $2 AND language = $3 ORDER BY version DESC LIMIT 1",
);

const LIST: Statement = Statement::both(
    "-- message_templates::list
SELECT kind, language, version, subject, body_text, body_html, account_id, created_at FROM message_template AS t
 WHERE authority_id = $1
   AND version = (SELECT max(o.version) FROM message_template AS o
                   WHERE o.authority_id = t.authority_id AND o.kind = t.kind AND o.language = t.language)
 ORDER BY kind, language",
);

const INSERT: Statement = Statement::both(
    "-- message_templates::insert
INSERT INTO message_template (authority_id, kind, language, version, subject, body_text, body_html, account_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
);

/// Finds the newest version; `None` if the authority never had texts of its own.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn in_force(tx: &mut Tx, kind: MessageKind, language: Language) -> Result<Option<TemplateVersion>> {
    let row = optional!(tx, TemplateRow, IN_FORCE, mine, kind.as_str(), language.as_str())?;
    row.map(TemplateVersion::try_from).transpose()
}

/// Lists the newest version of each kind and language that has one.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn list(tx: &mut Tx) -> Result<Vec<TemplateVersion>> {
    all!(tx, TemplateRow, LIST, mine)?.into_iter().map(TemplateVersion::try_from).collect()
}

/// Stores a version; `false` if there is one with this number.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, new: &TemplateVersion) -> Result<bool> {
    let texts = new.texts.as_ref();
    let inserted = run!(
        tx,
        INSERT,
        mine,
        new.kind.as_str(),
        new.language.as_str(),
        new.version,
        texts.map(|texts| &texts.subject),
        texts.map(|texts| &texts.text),
        texts.map(|texts| &texts.html),
        new.account_id.0,
        At(new.created_at),
    )?;
    Ok(inserted == 1)
}
