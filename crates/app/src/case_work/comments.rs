//! Comments: what whoever opens the case next should know. Written once, never changed.

use super::status::{check_text, comment};
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::ids::{CaseId, CommentId};
use domain::persons::Personal;
use storage::comments::Comment;

/// A comment to be written.
#[derive(Clone, Debug)]
pub struct NewComment {
    /// Its id, made by whoever writes it: the same comment twice is one.
    pub comment_id: CommentId,
    /// The text.
    pub text: Personal<String>,
}

impl App {
    /// Writes a comment to a case, also to one that is over.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] for an empty or endless text, [`AppError::Conflict`] if another comment has the id.
    pub async fn write_comment(&self, worker: &Worker, case_id: CaseId, new: NewComment) -> Result<Comment> {
        if new.text.expose().trim().is_empty() {
            return Err(AppError::Invalid { field: "text", reason: "write something".to_owned() });
        }
        check_text("text", new.text.expose())?;
        let (mut tx, taken) = self.take_case(worker, case_id).await?;
        let comment = comment(&taken, worker, new.comment_id, new.text, taken.now);
        if !storage::comments::insert(&mut tx, &taken.sealer, &comment).await? {
            let known = storage::comments::of_case(&mut tx, Some(&taken.sealer), case_id).await?;
            let same = known.into_iter().find(|known| known.comment_id == comment.comment_id);
            let same = same.filter(|same| (same.account_id, &same.text) == (comment.account_id, &comment.text));
            return same.ok_or_else(|| AppError::Conflict("another comment has this id".to_owned()));
        }
        let subjects = taken.work.person_id.to_string();
        self.record(&mut tx, worker, Audited { operation: "comments.write", subjects, n_subjects: 1 }).await?;
        tx.commit().await?;
        Ok(comment)
    }
}
