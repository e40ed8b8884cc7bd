//! Letters of a case: orders and releases, made from what is set, kept as they were made, and noted when they leave.
//!
//! What stands on a letter is put together and set once before anything is written, outside the transaction: so an
//! address that lacks, or a letter that can't be printed, is told at once and holds nobody up.

pub(super) mod sheet;
mod words;

use super::quarantine::require_past;
use super::taken::Taken;
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::messages::{ComposedLetter, NewMessage, Recipient};
use domain::authorities::Action;
use domain::cases::CaseStatus;
use domain::ids::{CaseId, MessageId};
use domain::languages::Language;
use domain::letters::{LetterSheet, Letterhead, language_of};
use domain::messages::{LetterKind, MessageStatus, Values};
use domain::persons::Personal;
use domain::quarantines::{Quarantine, Sent};
use domain::time::local_day;
use sheet::{Addressed, Contents, addressed, lay_out, letter_values};
use storage::cases::CaseWork;
use storage::letters::Letter;
use storage::{Freshness, StorageError};

/// A letter that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewLetter {
    /// Its id, made by whoever wants it: the same letter twice is one.
    pub letter_id: MessageId,
    /// Order or release.
    pub kind: LetterKind,
    /// In which language, beside the authority's; `None`: that of the person.
    pub language: Option<Language>,
}

/// A letter that was put together and can be printed.
struct Draft {
    set: Quarantine,
    composed: ComposedLetter,
    values: Values,
    sheet: LetterSheet,
}

impl App {
    /// Makes a letter about the days that are set.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names what the address lacks, [`AppError::Conflict`] if no days are set.
    pub async fn make_letter(&self, worker: &Worker, case_id: CaseId, new: NewLetter) -> Result<Letter> {
        worker.require(Action::WorkOnCases)?;
        let known = self.letters_known(worker, case_id).await?;
        if let Some(same) = known.into_iter().find(|letter| letter.letter_id == new.letter_id) {
            return Ok(same);
        }
        let draft = self.draft_letter(worker, case_id, &new).await?;
        self.set_letter(draft.sheet.clone()).await?;
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        if taken.work.quarantine_set() != Some(draft.set) {
            return Err(AppError::Conflict("the days were changed meanwhile; look at them first".to_owned()));
        }
        let letter = Letter {
            letter_id: new.letter_id,
            case_id,
            person_id: taken.work.person_id,
            kind: new.kind.message(draft.set.kind),
            language: draft.composed.language,
            days: draft.set.days,
            account_id: worker.account_id,
            made_at: taken.now,
            sent: None,
            status: Some(MessageStatus::Waiting),
        };
        let message = NewMessage {
            kind: letter.kind,
            recipient: Recipient::Letter(Personal::new(draft.sheet.recipient.join("\n"))),
            case_id: Some(case_id),
            person_id: Some(letter.person_id),
            language: Some(letter.language),
            values: draft.values,
            reply_to: None,
            by: Some(worker.account_id),
        };
        self.queue_letter(&mut tx, &worker.authority, &message, (letter.letter_id, draft.composed)).await?;
        storage::letters::insert(&mut tx, &taken.sealer, &letter, &draft.sheet).await?;
        self.note_change(worker, &mut taken, ("letter", "made"), None, Some(letter.kind.to_string()));
        self.settle(tx, worker, taken, "letters.make").await?;
        Ok(letter)
    }

    /// Sets a letter as it was made: the bytes of a PDF. That it was shown is recorded.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such letter here.
    pub async fn letter_pdf(&self, worker: &Worker, case_id: CaseId, letter_id: MessageId) -> Result<Vec<u8>> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let sheet = storage::letters::sheet(&mut tx, &sealer, case_id, letter_id).await?;
        let sheet = sheet.ok_or(AppError::NotFound("letter"))?;
        drop(tx);
        let pdf = self.set_letter(sheet).await?;
        self.record_alone(worker, shown("letters.show", [work.person_id])).await?;
        Ok(pdf)
    }

    /// Notes when and how a letter left. An order about the days that are set is then known to have been sent.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such letter here, [`AppError::Conflict`] if it was cancelled.
    pub async fn letter_sent(&self, worker: &Worker, case_id: CaseId, letter_id: MessageId, sent: Sent) -> Result<()> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        require_past(&taken, worker, sent)?;
        let letters = storage::letters::of_case(&mut tx, case_id).await?;
        let letter = letters.into_iter().find(|letter| letter.letter_id == letter_id);
        let letter = letter.ok_or(AppError::NotFound("letter"))?;
        if letter.status == Some(MessageStatus::Cancelled) {
            return Err(AppError::Conflict("this letter was cancelled; make another one".to_owned()));
        }
        if sent.on < local_day(letter.made_at, &worker.authority.time_zone) {
            let reason = "it was made later than that".to_owned();
            return Err(AppError::Invalid { field: "on", reason });
        }
        storage::letters::set_sent(&mut tx, case_id, letter_id, sent, worker.account_id).await?;
        self.letter_printed(&mut tx, letter_id, Some(worker.account_id)).await?;
        self.tell_of_sending(worker, &mut taken, &letter, sent);
        self.settle(tx, worker, taken, "letters.sent").await.map(|_| ())
    }

    fn tell_of_sending(&self, worker: &Worker, taken: &mut Taken, letter: &Letter, sent: Sent) {
        let is_current = taken
            .work
            .quarantine_set()
            .is_some_and(|set| letter.kind == LetterKind::Order.message(set.kind) && letter.days == set.days);
        if is_current {
            self.order_was_sent(worker, taken, sent);
        } else {
            let before = letter.sent.map(|sent| format!("{} {}", sent.on, sent.how));
            self.note_change(
                worker,
                taken,
                ("letter_sent", "by hand"),
                before,
                Some(format!("{} {}", sent.on, sent.how)),
            );
        }
    }

    async fn letters_known(&self, worker: &Worker, case_id: CaseId) -> Result<Vec<Letter>> {
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::letters::of_case(&mut tx, case_id).await?)
    }

    /// Puts a letter together, and writes nothing.
    async fn draft_letter(&self, worker: &Worker, case_id: CaseId, new: &NewLetter) -> Result<Draft> {
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let set = may_be_written_about(&work)?;
        let person = storage::persons::by_id(&mut tx, &sealer, &[work.person_id]).await?.remove(&work.person_id);
        let person = person.ok_or(StorageError::Unreadable("person of a case"))?;
        let head = letterhead(&mut tx).await?;
        let Addressed { name, lines } = addressed(&person)?;
        let phone = head.phone(work.case_type.is_contact());
        let values = letter_values(&name, phone, work.disease, set.days);
        let language = new.language.or_else(|| person.language.as_deref().and_then(language_of));
        let kind = new.kind.message(set.kind);
        let composed = self.compose_letter(&mut tx, &worker.authority, (kind, language), &values).await?;
        let today = local_day(self.now(), &worker.authority.time_zone);
        let contents = Contents {
            texts: &composed.parts,
            days: Some(set.days),
            is_order: new.kind == LetterKind::Order,
            code: None,
        };
        let sheet = lay_out(&worker.authority, &head, (&work, lines), contents, today);
        Ok(Draft { set, composed, values, sheet })
    }
}

/// Returns the letterhead, which every letter needs.
pub(super) async fn letterhead(tx: &mut storage::Tx) -> Result<Letterhead> {
    storage::letters::letterhead(tx).await?.map(|(_, head)| head).ok_or_else(|| {
        let reason = "your authority's address is missing; an administrator adds it in the settings, under letterhead";
        AppError::Invalid { field: "letterhead", reason: reason.to_owned() }
    })
}

/// Returns the days that a letter can be about: those that are set, of a case that is here.
fn may_be_written_about(work: &CaseWork) -> Result<Quarantine> {
    if matches!(work.status, CaseStatus::HandedOver | CaseStatus::Anonymised) {
        return Err(AppError::Conflict("nobody here writes to the person of this case any more".to_owned()));
    }
    work.quarantine_set().ok_or_else(|| AppError::Conflict("nothing is ordered; set the days first".to_owned()))
}
