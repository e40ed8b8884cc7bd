//! Sending what is due: one mail at a time, each taken by one server, tried again with growing pauses until it goes or
//! somebody takes it back; given up when it is refused for good, or when nobody needs it any more.
//!
//! A mail is taken in a transaction of its own, sent, and noted as sent in another. A server that dies in between leaves
//! it taken; when its time is over another server sends it again, under the same message id. So it goes at least once.
//! What became of a message about a case leaves as an event: `message.sent`, `message.failed`, and once `message.late`
//! for one that doesn't go for hours and is still tried.

use crate::context::App;
use crate::error::{AppError, Result};
use crate::outbox::About;
use domain::ids::{AuthorityId, MessageId};
use domain::languages::Language;
use domain::messages::{DisplayName, Failure, MailAddress, Obstacle, SubjectLine, next_try};
use domain::persons::Personal;
use jiff::{SignedDuration, Timestamp};
use std::future::Future;
use std::time::Duration;
use storage::messages::{Message, MessageContent};
use storage::sealing::SealingError;
use storage::{Freshness, StorageError, Tx};
use uuid::Uuid;

/// How long a server may send one mail before another takes it: twice what the transport allows itself.
const HELD: SignedDuration = SignedDuration::from_mins(2);
/// Most mails of one authority in one turn, so that the others get theirs.
const MOST_IN_A_TURN: usize = 500;
/// How often, and how far apart, it is tried to note what came of a mail: an unnoted one would be sent twice.
const NOTE_TRIES: usize = 5;
const NOTE_PAUSE: Duration = Duration::from_secs(1);

/// A mail as a transport gets it.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// Its id; the same each time that it is sent.
    pub message_id: MessageId,
    /// To whom.
    pub to: MailAddress,
    /// Name of the sender; `None`: the installation's.
    pub sender_name: Option<DisplayName>,
    /// Where answers go; `None`: to the sender.
    pub reply_to: Option<MailAddress>,
    /// Subject.
    pub subject: SubjectLine,
    /// Text.
    pub text: Personal<String>,
    /// A whole page of HTML.
    pub html: Personal<String>,
    /// Language of the recipient.
    pub language: Language,
    /// When it was queued.
    pub written_at: Timestamp,
}

/// Something that hands mails to a mail server. It gives up on one within a minute.
pub trait MailTransport: Send {
    /// Sends a mail; done when the mail server has taken it.
    fn send(&mut self, mail: &OutgoingMail) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// What came of a turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Taken by the mail server.
    pub n_sent: usize,
    /// Tried again later.
    pub n_put_off: usize,
    /// Given up.
    pub n_failed: usize,
    /// What stands in the way of all mails; the turn ended there.
    pub obstacle: Option<Failure>,
}

impl App {
    /// Sends what is due in an authority, for as long as `goes_on` says so. `holder` names this server.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database is away or the keyring is locked: what is due stays so.
    #[tracing::instrument(target = "epitrace::traces", name = "app::deliver_due", skip_all)]
    pub async fn deliver_due(
        &self,
        authority_id: AuthorityId,
        holder: Uuid,
        transport: &mut impl MailTransport,
        goes_on: impl Fn() -> bool,
    ) -> Result<Delivered> {
        let mut delivered = Delivered::default();
        for _ in 0..MOST_IN_A_TURN {
            if !goes_on() {
                break;
            }
            let Some(message) = self.take_due(authority_id, holder).await? else { break };
            let sent = match self.outgoing(authority_id, &message).await? {
                Some(mail) => transport.send(&mail).await,
                None => Err(Failure { obstacle: Obstacle::Unreadable, reply: None }),
            };
            self.note(authority_id, holder, &message, sent, &mut delivered).await?;
            if let Err(failure) = sent
                && failure.concerns_all()
            {
                delivered.obstacle = Some(failure);
                break;
            }
        }
        Ok(delivered)
    }

    /// Takes the next mail that is due. Without a key none is taken: none could be read.
    async fn take_due(&self, authority_id: AuthorityId, holder: Uuid) -> Result<Option<Message>> {
        loop {
            let mut tx = self.store.read(authority_id, Freshness::Fresh).await?;
            let Some(message_id) = storage::messages::next_due(&mut tx, self.now()).await? else { return Ok(None) };
            drop(tx);
            self.sealer_of(authority_id)?;
            let now = self.now();
            let held_until = now.saturating_add(HELD).unwrap_or(now);
            let mut tx = self.store.write(authority_id).await?;
            let taken = storage::messages::take(&mut tx, message_id, holder, now, held_until).await?;
            tx.commit().await?;
            if taken.is_some() {
                return Ok(taken);
            }
        }
    }

    /// Opens a mail; `None` if it can't be read, now or ever.
    async fn outgoing(&self, authority_id: AuthorityId, message: &Message) -> Result<Option<OutgoingMail>> {
        let sealer = self.sealer_of(authority_id)?;
        let mut tx = self.store.read(authority_id, Freshness::Fresh).await?;
        match storage::messages::content(&mut tx, &sealer, message.message_id).await {
            Ok(content) => Ok(content.and_then(|content| readable(message, content))),
            Err(StorageError::Sealing(SealingError::DoesNotOpen | SealingError::NoKey)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn note(
        &self,
        authority_id: AuthorityId,
        holder: Uuid,
        message: &Message,
        sent: Result<(), Failure>,
        delivered: &mut Delivered,
    ) -> Result<()> {
        let mut tries = 1;
        loop {
            match self.note_once(authority_id, holder, message, sent, delivered).await {
                Err(AppError::Storage(error)) if error.may_pass() && tries < NOTE_TRIES => {
                    tries += 1;
                    tokio::time::sleep(NOTE_PAUSE).await;
                }
                done => return done,
            }
        }
    }

    async fn note_once(
        &self,
        authority_id: AuthorityId,
        holder: Uuid,
        message: &Message,
        sent: Result<(), Failure>,
        delivered: &mut Delivered,
    ) -> Result<()> {
        let (id, now) = (message.message_id, self.now());
        let mut tx = self.store.write(authority_id).await?;
        let counted = match sent {
            Ok(()) => {
                if storage::messages::sent(&mut tx, id, None, now).await? {
                    self.tell(&mut tx, "message.sent", message).await?;
                }
                &mut delivered.n_sent
            }
            Err(failure) => {
                let first_try = message.first_tried_at.unwrap_or(now);
                let next = next_try(message.kind, first_try, message.n_tries, now);
                match next.filter(|_| !failure.is_permanent()) {
                    Some(next) => {
                        let is_held = storage::messages::put_off(&mut tx, id, holder, failure, next.at, now).await?;
                        if is_held && next.is_late && storage::messages::late(&mut tx, id, now).await? {
                            self.tell(&mut tx, "message.late", message).await?;
                        }
                        &mut delivered.n_put_off
                    }
                    None => {
                        if storage::messages::fail(&mut tx, id, holder, failure, now).await? {
                            self.tell(&mut tx, "message.failed", message).await?;
                        }
                        &mut delivered.n_failed
                    }
                }
            }
        };
        tx.commit().await?;
        *counted += 1;
        Ok(())
    }

    /// Tells those whom it concerns what became of a message about a case: what follows from it is theirs to decide.
    pub(super) async fn tell(&self, tx: &mut Tx, kind: &'static str, message: &Message) -> Result<()> {
        if message.case_id.is_some() {
            let subject_id = Some(message.message_id.0);
            let about = About { case_id: message.case_id, person_id: message.person_id, subject_id };
            self.emit(tx, kind, about).await?;
        }
        Ok(())
    }

    /// Makes due what a server before this one was sending on the same data folder: it is gone.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn take_mails_over(&self, authority_id: AuthorityId) -> Result<()> {
        if self.store.kind() != "sqlite" {
            return Ok(());
        }
        let mut tx = self.store.write(authority_id).await?;
        storage::messages::take_over(&mut tx, self.now()).await?;
        Ok(tx.commit().await?)
    }
}

fn readable(message: &Message, content: MessageContent) -> Option<OutgoingMail> {
    Some(OutgoingMail {
        message_id: message.message_id,
        to: MailAddress::new(content.recipient.expose()).ok()?,
        sender_name: content.sender_name.and_then(|name| DisplayName::new(&name).ok()),
        reply_to: content.reply_to.and_then(|address| MailAddress::new(&address).ok()),
        subject: SubjectLine::new(content.subject.expose()).ok()?,
        text: content.text,
        html: content.html,
        language: message.language,
        written_at: message.created_at,
    })
}
