//! What a patient wants of the authority: to be called back, or that somebody reads what they write.
//!
//! The words are a comment on the case, sealed as all comments are; that somebody must look is an item. Whoever asks twice
//! before somebody did is one item, with all that they wrote.

use crate::case_work::status::comment;
use crate::case_work::taken::change_item;
use crate::context::App;
use crate::error::{AppError, Result};
use crate::patients::Patient;
use domain::action_items::{ItemKind, Need};
use domain::enrolment::LONGEST_MESSAGE;
use domain::ids::{CaseId, CommentId};
use domain::persons::Personal;
use std::fmt::Display;

/// What a patient wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be called back.
    CallBack,
    /// That somebody reads it.
    BeRead,
}

impl Wish {
    fn kind(self) -> ItemKind {
        match self {
            Self::CallBack => ItemKind::CallBack,
            Self::BeRead => ItemKind::MessageFromPatient,
        }
    }
}

/// What a patient says to the authority.
#[derive(Clone, Debug)]
pub struct NewWords {
    /// Its id, made by whoever writes: the same words twice are one.
    pub message_id: CommentId,
    /// What they want.
    pub wish: Wish,
    /// What they write; whoever wants to be called may leave it out.
    pub text: Option<Personal<String>>,
}

/// Begins the cause of items that a patient made by asking.
const ASKED: &str = "asked by the patient ";

fn cause(id: impl Display) -> String {
    format!("{ASKED}{id}")
}

impl App {
    /// Takes down that a patient wants to be called, or what they write.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] without a text that is to be read, or with a longer one than 1,000 characters.
    pub async fn write_to_authority(&self, patient: &Patient, case_id: CaseId, new: NewWords) -> Result<()> {
        let text = new.text.filter(|text| !text.expose().trim().is_empty());
        if text.is_none() && new.wish == Wish::BeRead {
            return Err(AppError::Invalid { field: "text", reason: "write something".to_owned() });
        }
        if text.as_ref().is_some_and(|text| text.expose().chars().count() > LONGEST_MESSAGE) {
            return Err(AppError::Invalid { field: "text", reason: format!("at most {LONGEST_MESSAGE} characters") });
        }
        let (mut tx, worker, mut taken) = self.take_own(patient, case_id).await?;
        let (kind, cause) = (new.wish.kind(), cause(new.message_id));
        if let Some(text) = text {
            let said = comment(&taken, &worker, new.message_id, text, taken.now);
            if !storage::comments::insert(&mut tx, &taken.sealer, &said).await? {
                let known = storage::comments::of_case(&mut tx, Some(&taken.sealer), said.case_id).await?;
                let same = known.iter().find(|known| known.comment_id == said.comment_id);
                let is_same = same.is_some_and(|same| (same.account_id, &same.text) == (said.account_id, &said.text));
                let other = || AppError::Conflict("another message has this id".to_owned());
                return if is_same { Ok(()) } else { Err(other()) };
            }
        }
        let is_same = |item: &&storage::action_items::Item| {
            item.kind == kind && (kind == ItemKind::CallBack || item.cause.starts_with(ASKED))
        };
        if taken.items.iter().any(|item| item.cause == cause) {
            return Ok(());
        }
        let waiting = taken.items.iter().filter(is_same).find(|item| item.resolution.is_none());
        match waiting.map(|item| item.item_id) {
            // What somebody put off until tomorrow is asked for now.
            Some(item_id) => change_item(&mut tx, &mut taken, item_id, |item| item.hidden_until = None).await?,
            None => self.raise(&mut tx, &mut taken, Need { kind, cause }, None).await?,
        }
        self.settle(tx, &worker, taken, "patients.write").await?;
        Ok(())
    }
}
