//! Mails and letters: queued in the transaction of the change that they tell of, seen, taken back, tried again.

mod compose;
mod defaults;
mod delivery;
mod texts;
mod wording;

pub use compose::Composed;
pub(crate) use compose::TextApart;
pub use delivery::{Delivered, MailTransport, OutgoingMail};
pub use texts::{Preview, Template};
pub(crate) use wording::day;

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use crate::public_texts::shown_kinds;
use compose::Frame;
use domain::authorities::Action;
use domain::ids::{AccountId, AuthorityId, CaseId, MessageId, PersonId};
use domain::languages::Language;
use domain::messages::{Channel, DisplayName, MailAddress, MessageKind, UNDO, Values};
use domain::persons::Personal;
use domain::public_texts::PublicTextKind;
use storage::authorities::Authority;
use storage::message_templates::Texts;
use storage::messages::{Counts, LogEntry, Message, MessageContent, MessageFilter};
use storage::{Freshness, Tx};

/// To whom a message goes.
#[derive(Clone, Debug)]
pub enum Recipient {
    /// A mail address.
    Mail(MailAddress),
    /// The lines of an address on a letter.
    Letter(Personal<String>),
}

/// A message to be queued.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// What it is about.
    pub kind: MessageKind,
    /// To whom it goes.
    pub recipient: Recipient,
    /// The case that it is about; the message goes with it.
    pub case_id: Option<CaseId>,
    /// Whom it is written to; the message goes with them.
    pub person_id: Option<PersonId>,
    /// Their language; `None`: the authority's.
    pub language: Option<Language>,
    /// What its texts name. The authority's name is added.
    pub values: Values,
    /// Where answers go; `None`: to the address on the letterhead, else to the sender of the installation.
    pub reply_to: Option<MailAddress>,
    /// Who caused it; `None` if the platform did.
    pub by: Option<AccountId>,
}

/// A letter that was composed, and not queued yet.
pub(crate) struct ComposedLetter {
    /// Language of who is written to.
    pub(crate) language: Language,
    /// As a message has it.
    pub(crate) whole: Composed,
    /// The text of each language by itself, the recipient's first.
    pub(crate) parts: Vec<TextApart>,
}

/// A message with what it says, as long as it says something, and its log.
#[derive(Clone, Debug)]
pub struct MessageInFull {
    /// How far it is.
    pub message: Message,
    /// What it says; `None` when that is erased.
    pub content: Option<MessageContent>,
    /// What became of it, oldest first.
    pub log: Vec<LogEntry>,
}

/// Which messages are asked for.
#[derive(Clone, Copy, Debug)]
pub struct MessageQuery {
    /// Only these.
    pub filter: MessageFilter,
    /// Older than this one.
    pub before: Option<MessageId>,
    /// Most messages.
    pub limit: usize,
}

impl App {
    /// Queues a message in the transaction of the change that it tells of: if that never happens, neither does the
    /// message. A mail waits until the change can't be undone any more, and can be taken back until then.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if a value that its texts name is missing, or doesn't fit on the line of a subject.
    pub async fn queue_message(&self, tx: &mut Tx, authority: &Authority, new: &NewMessage) -> Result<MessageId> {
        let own = Language::of_authority(&authority.languages);
        let language = new.language.unwrap_or(own);
        let mut texts = vec![(language, texts_in_force(tx, new.kind, language).await?)];
        if own != language {
            texts.push((own, texts_in_force(tx, new.kind, own).await?));
        }
        let pages = match new.recipient {
            Recipient::Mail(_) => {
                let shown = shown_kinds(tx).await?;
                self.pages_below(authority).into_iter().filter(|(kind, _)| shown.contains(kind)).collect()
            }
            Recipient::Letter(_) => Vec::new(),
        };
        let frame = Frame { authority: &authority.name, zone: &authority.time_zone, pages: &pages };
        let composed = compose::compose(&frame, new.kind, &texts, &new.values)?;
        let message_id = MessageId::mint(self.now(), self.random());
        let reply_to = match &new.reply_to {
            Some(reply_to) => Some(reply_to.clone()),
            None => address_for_answers(tx, new.case_id).await?,
        };
        let new = NewMessage { reply_to, ..new.clone() };
        self.store_message(tx, authority, &new, (message_id, language), composed).await?;
        Ok(message_id)
    }

    /// Queues a letter under an id that its maker gave it, with what was composed before.
    pub(crate) async fn queue_letter(
        &self,
        tx: &mut Tx,
        authority: &Authority,
        new: &NewMessage,
        (message_id, letter): (MessageId, ComposedLetter),
    ) -> Result<()> {
        self.store_message(tx, authority, new, (message_id, letter.language), letter.whole).await
    }

    /// Composes a letter: in the recipient's language and, where that is another, in the authority's.
    pub(crate) async fn compose_letter(
        &self,
        tx: &mut Tx,
        authority: &Authority,
        (kind, language): (MessageKind, Option<Language>),
        values: &Values,
    ) -> Result<ComposedLetter> {
        let own = Language::of_authority(&authority.languages);
        let language = language.unwrap_or(own);
        let mut texts = vec![(language, texts_in_force(tx, kind, language).await?)];
        if own != language {
            texts.push((own, texts_in_force(tx, kind, own).await?));
        }
        let frame = Frame { authority: &authority.name, zone: &authority.time_zone, pages: &[] };
        let whole = compose::compose(&frame, kind, &texts, values)?;
        let parts = compose::compose_apart(&frame, kind, &texts, values)?;
        Ok(ComposedLetter { language, whole, parts })
    }

    /// Returns what stands below a mail, with its addresses; nothing where nobody said how this installation is reached.
    fn pages_below(&self, authority: &Authority) -> Vec<(PublicTextKind, String)> {
        let page = |kind: &PublicTextKind| Some((*kind, self.page_of(authority, &format!("about/{kind}")).ok()?));
        [PublicTextKind::Imprint, PublicTextKind::DataProtection].iter().filter_map(page).collect()
    }

    async fn store_message(
        &self,
        tx: &mut Tx,
        authority: &Authority,
        new: &NewMessage,
        (message_id, language): (MessageId, Language),
        composed: Composed,
    ) -> Result<()> {
        let (channel, recipient) = match &new.recipient {
            Recipient::Mail(address) => (Channel::Mail, address.expose().to_owned()),
            Recipient::Letter(lines) => (Channel::Letter, lines.expose().clone()),
        };
        let now = self.now();
        let content = MessageContent {
            recipient: Personal::new(recipient),
            subject: Personal::new(composed.subject.expose().to_owned()),
            text: Personal::new(composed.text),
            html: Personal::new(composed.html),
            sender_name: DisplayName::new(&authority.name).ok().map(|name| name.as_str().to_owned()),
            reply_to: new.reply_to.as_ref().map(|address| address.expose().to_owned()),
        };
        let stored = storage::messages::NewMessage {
            message_id,
            case_id: new.case_id,
            person_id: new.person_id,
            kind: new.kind,
            channel,
            language,
            content,
            not_before: now.saturating_add(UNDO).unwrap_or(now),
            account_id: new.by,
        };
        let sealer = self.sealer_of(authority.authority_id)?;
        Ok(storage::messages::insert(tx, &sealer, &stored, now).await?)
    }

    /// Takes a message back in the transaction that undoes the change that it tells of; `false` if it is too late.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn take_message_back(&self, tx: &mut Tx, message_id: MessageId, by: Option<AccountId>) -> Result<bool> {
        Ok(storage::messages::cancel(tx, message_id, by, self.now()).await?)
    }

    /// Notes that a letter was printed; `false` if it isn't waiting for that.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn letter_printed(&self, tx: &mut Tx, message_id: MessageId, by: Option<AccountId>) -> Result<bool> {
        let found = storage::messages::find(tx, message_id).await?;
        if found.is_none_or(|found| found.channel != Channel::Letter) {
            return Ok(false);
        }
        Ok(storage::messages::sent(tx, message_id, by, self.now()).await?)
    }

    /// Lists messages without what they say, newest first. Whose they are is recorded.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn list_messages(&self, worker: &Worker, query: &MessageQuery) -> Result<Vec<Message>> {
        worker.require(Action::SeeMessages)?;
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::messages::list(&mut tx, query.filter, query.before, limit).await?;
        drop(tx);
        let persons: Vec<String> =
            found.iter().filter_map(|message| message.person_id).map(|person| person.to_string()).collect();
        let audited = Audited { operation: "messages.list", subjects: persons.join(" "), n_subjects: found.len() };
        self.record_alone(worker, audited).await?;
        Ok(found)
    }

    /// Counts the mails that have not gone: it names nobody, so nothing is recorded.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn count_messages(&self, worker: &Worker) -> Result<Counts> {
        worker.require(Action::SeeMessages)?;
        self.count_unsent(worker.authority.authority_id).await
    }

    /// Shows a message with what it says and its log. That it was shown is recorded.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn message(&self, worker: &Worker, message_id: MessageId) -> Result<MessageInFull> {
        worker.require(Action::SeeMessages)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let message = storage::messages::find(&mut tx, message_id).await?.ok_or(AppError::NotFound("message"))?;
        let content = storage::messages::content(&mut tx, &self.sealer(worker)?, message_id).await?;
        let log = storage::messages::log(&mut tx, message_id).await?;
        drop(tx);
        self.record_alone(worker, about("messages.show", &message)).await?;
        Ok(MessageInFull { message, content, log })
    }

    /// Takes a message back. What it says is erased at once.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if it is being sent, was sent or was taken back.
    pub async fn cancel_message(&self, worker: &Worker, message_id: MessageId) -> Result<()> {
        worker.require(Action::ManageMessages)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let message = storage::messages::find(&mut tx, message_id).await?.ok_or(AppError::NotFound("message"))?;
        if !storage::messages::cancel(&mut tx, message_id, Some(worker.account_id), self.now()).await? {
            return Err(AppError::Conflict(format!("this message can't be taken back: it is {}", message.status)));
        }
        if let Some(case_id) = message.case_id {
            storage::letters::delete(&mut tx, case_id, message_id).await?;
        }
        self.tell(&mut tx, "message.cancelled", &message).await?;
        self.record(&mut tx, worker, about("messages.cancel", &message)).await?;
        Ok(tx.commit().await?)
    }

    /// Has a mail tried again now that failed or waits.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if it can't be: it is being sent, was sent, taken back or kept back, or is a letter.
    pub async fn retry_message(&self, worker: &Worker, message_id: MessageId) -> Result<()> {
        worker.require(Action::ManageMessages)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let message = storage::messages::find(&mut tx, message_id).await?.ok_or(AppError::NotFound("message"))?;
        if !storage::messages::retry(&mut tx, message_id, worker.account_id, self.now()).await? {
            let reason = match message.channel {
                Channel::Letter => "this is a letter; a person prints it".to_owned(),
                Channel::Mail => format!("this message can't be tried again: it is {}", message.status),
            };
            return Err(AppError::Conflict(reason));
        }
        self.record(&mut tx, worker, about("messages.retry", &message)).await?;
        Ok(tx.commit().await?)
    }

    /// Lets go of all mails of the worker's authority that a restore keeps back. Returns how many.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] unless an operator asks.
    pub async fn release_messages(&self, worker: &Worker) -> Result<u64> {
        worker.require(Action::ReleaseMessages)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let n_released = storage::messages::release_all(&mut tx, worker.account_id, self.now()).await?;
        let n_subjects = usize::try_from(n_released).unwrap_or(usize::MAX);
        let audited = Audited { operation: "messages.release", subjects: String::new(), n_subjects };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        Ok(n_released)
    }

    /// Queues a mail that says nothing but that mail arrives.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] unless an operator asks.
    pub async fn send_test_mail(&self, worker: &Worker, to: MailAddress) -> Result<MessageId> {
        worker.require(Action::ReleaseMessages)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let new = NewMessage {
            kind: MessageKind::Test,
            recipient: Recipient::Mail(to),
            case_id: None,
            person_id: None,
            language: None,
            values: Values::default(),
            reply_to: None,
            by: Some(worker.account_id),
        };
        let message_id = self.queue_message(&mut tx, &worker.authority, &new).await?;
        let audited = Audited { operation: "messages.test", subjects: message_id.to_string(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        Ok(message_id)
    }

    /// Counts the mails of the worker's authority that have not gone.
    pub(crate) async fn count_unsent(&self, authority_id: AuthorityId) -> Result<Counts> {
        let mut tx = self.store.read(authority_id, Freshness::Fresh).await?;
        Ok(storage::messages::counts(&mut tx).await?)
    }
}

/// Returns an audit record about a message: its id, and whom it is written to.
fn about(operation: &'static str, message: &Message) -> Audited {
    let person = message.person_id.map_or_else(String::new, |person| format!("{person} "));
    Audited { operation, subjects: format!("{person}{}", message.message_id), n_subjects: 1 }
}

/// Returns where answers to a mail go: to the address on the letterhead, for contacts to theirs.
async fn address_for_answers(tx: &mut Tx, case_id: Option<CaseId>) -> Result<Option<MailAddress>> {
    let Some((_, head)) = storage::letters::letterhead(tx).await? else { return Ok(None) };
    let case = match case_id {
        Some(case_id) => storage::cases::work_of(tx, &[case_id]).await?.pop(),
        None => None,
    };
    let is_contact = case.is_some_and(|case| case.case_type.is_contact());
    Ok(MailAddress::new(head.mail_address(is_contact)).ok())
}

/// Returns an authority's own texts, else those of the program.
async fn texts_in_force(tx: &mut Tx, kind: MessageKind, language: Language) -> Result<Texts> {
    let own = storage::message_templates::in_force(tx, kind, language).await?;
    Ok(own.and_then(|version| version.texts).unwrap_or_else(|| compose::default_texts(kind, language)))
}
