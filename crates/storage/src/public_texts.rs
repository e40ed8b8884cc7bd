//! What an authority tells everybody, in versions.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::ids::AccountId;
use domain::languages::Language;
use domain::public_texts::PublicTextKind;
use jiff::Timestamp;
use uuid::Uuid;

/// A version of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextVersion {
    /// Which text.
    pub kind: PublicTextKind,
    /// Language.
    pub language: Language,
    /// Counts up from 1.
    pub version: i32,
    /// The text; `None`: there is none from then on.
    pub markup: Option<String>,
    /// Who wrote it.
    pub account_id: AccountId,
    /// When.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct TextRow {
    kind: String,
    language: String,
    version: i32,
    markup: Option<String>,
    account_id: Uuid,
    created_at: At,
}

impl TryFrom<TextRow> for TextVersion {
    type Error = StorageError;
    fn try_from(row: TextRow) -> Result<Self> {
        Ok(Self {
            kind: PublicTextKind::find(&row.kind).ok_or(StorageError::Unreadable("kind of text"))?,
            language: Language::find(&row.language).ok_or(StorageError::Unreadable("language"))?,
            version: row.version,
            markup: row.markup,
            account_id: AccountId(row.account_id),
            created_at: row.created_at.0,
        })
    }
}

const IN_FORCE: Statement = Statement::both(
    "-- public_texts::in_force
SELECT kind, language, version, markup, account_id, created_at FROM public_text
 WHERE authority_id = $1 AND kind = $2 AND language = $3 ORDER BY version DESC LIMIT 1",
);

const VERSION: Statement = Statement::both(
    "-- public_texts::version
SELECT kind, language, version, markup, account_id, created_at FROM public_text
 WHERE authority_id = $1 AND kind = $2 AND language = $3 AND version = $4",
);

const VERSIONS: Statement = Statement::both(
    "-- public_texts::versions
SELECT kind, language, version, markup, account_id, created_at FROM public_text
 WHERE authority_id = $1 AND kind = $2 AND language = $3 ORDER BY version DESC",
);

const LIST: Statement = Statement::both(
    "-- public_texts::list
SELECT kind, language, version, markup, account_id, created_at FROM public_text AS t
 WHERE authority_id = $1
   AND version = (SELECT max(o.version) FROM public_text AS o
                   WHERE o.authority_id = t.authority_id AND o.kind = t.kind AND o.language = t.language)
 ORDER BY kind, language",
);

const INSERT: Statement = Statement::both(
    "-- public_texts::insert
INSERT INTO public_text (authority_id, kind, language, version, markup, account_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
);

/// Finds the newest version; `None` if there never was one.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn in_force(tx: &mut Tx, kind: PublicTextKind, language: Language) -> Result<Option<TextVersion>> {
    let row = optional!(tx, TextRow, IN_FORCE, mine, kind.as_str(), language.as_str())?;
    row.map(TextVersion::try_from).transpose()
}

/// Finds a version.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn version(
    tx: &mut Tx,
    kind: PublicTextKind,
    language: Language,
    version: i32,
) -> Result<Option<TextVersion>> {
    let row = optional!(tx, TextRow, VERSION, mine, kind.as_str(), language.as_str(), version)?;
    row.map(TextVersion::try_from).transpose()
}

/// Lists all versions, newest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn versions(tx: &mut Tx, kind: PublicTextKind, language: Language) -> Result<Vec<TextVersion>> {
    all!(tx, TextRow, VERSIONS, mine, kind.as_str(), language.as_str())?
        .into_iter()
        .map(TextVersion::try_from)
        .collect()
}

/// Lists the newest version of each text in each language that has one.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn list(tx: &mut Tx) -> Result<Vec<TextVersion>> {
    all!(tx, TextRow, LIST, mine)?.into_iter().map(TextVersion::try_from).collect()
}

/// Stores a version; `false` if there is one with this number.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, new: &TextVersion) -> Result<bool> {
    let inserted = run!(
        tx,
        INSERT,
        mine,
        new.kind.as_str(),
        new.language.as_str(),
        new.version,
        new.markup.as_deref(),
        new.account_id.0,
        At(new.created_at),
    )?;
    Ok(inserted == 1)
}
