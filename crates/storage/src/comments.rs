//! Comments that staff write to a case. Written once.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, CaseId, CommentId, PersonId};
use domain::persons::Personal;
use jiff::Timestamp;
use uuid::Uuid;

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub comment_id: CommentId,
    /// The case.
    pub case_id: CaseId,
    /// Whose case it is.
    pub person_id: PersonId,
    /// When.
    pub written_at: Timestamp,
    /// By whom.
    pub account_id: AccountId,
    /// The text; `None` where personal fields are locked.
    pub text: Option<Personal<String>>,
}

#[derive(sqlx::FromRow)]
struct CommentRow {
    comment_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    written_at: At,
    account_id: Uuid,
    note: Vec<u8>,
}

const INSERT: Statement = Statement::both(
    "-- comments::insert
INSERT INTO case_comment (authority_id, case_id, comment_id, person_id, written_at, account_id, note)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
);

const OF_CASE: Statement = Statement::both(
    "-- comments::of_case
SELECT comment_id, case_id, person_id, written_at, account_id, note
  FROM case_comment WHERE authority_id = $1 AND case_id = $2 ORDER BY comment_id DESC",
);

fn place(comment_id: Uuid) -> CellPlace {
    CellPlace { table: "case_comment", column: "note", row: comment_id }
}

/// Stores a comment. Returns whether it is new: the same id again changes nothing.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, comment: &Comment) -> Result<bool> {
    let text = comment.text.as_ref().map_or("", |text| text.expose().as_str());
    let note = sealer.seal(place(comment.comment_id.0), text)?.0;
    let inserted = run!(
        tx,
        INSERT,
        mine,
        comment.case_id.0,
        comment.comment_id.0,
        comment.person_id.0,
        At(comment.written_at),
        comment.account_id.0,
        note
    )?;
    Ok(inserted == 1)
}

/// Lists the comments of a case, newest first. Without a sealer texts stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`](crate::StorageError::Sealing) if a text doesn't open.
pub async fn of_case(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Vec<Comment>> {
    let rows = all!(tx, CommentRow, OF_CASE, mine, case_id.0)?;
    let comment = |row: CommentRow| {
        let text = sealer.map(|sealer| sealer.open(place(row.comment_id), &row.note)).transpose()?;
        Ok(Comment {
            comment_id: CommentId(row.comment_id),
            case_id: CaseId(row.case_id),
            person_id: PersonId(row.person_id),
            written_at: row.written_at.0,
            account_id: AccountId(row.account_id),
            text: text.map(Personal::new),
        })
    };
    rows.into_iter().map(comment).collect()
}
