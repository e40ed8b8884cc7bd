//! What became of an invitation: a mail server took it, has not taken it for hours, or never will. And of mails that go by
//! themselves, whether the address is wrong.

use super::invite::later;
use super::words::{mail_refused, undeliverable};
use crate::case_work::taken::{Taken, resolve_by_itself};
use crate::context::{App, Worker};
use crate::error::Result;
use domain::action_items::{ItemKind, Need};
use domain::activation::{CodeState, VALID_BY_MAIL};
use domain::authorities::Role;
use domain::cases::CaseStatus;
use domain::ids::{AuthorityId, MessageId};
use domain::languages::Language;
use domain::messages::{MessageKind, Obstacle};
use domain::persons::Personal;
use jiff::Timestamp;
use storage::Tx;
use storage::action_items::Item;
use storage::activation_codes::StoredCode;
use storage::authorities::Authority;
use storage::outbox::Event;

/// What became of a mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Sent,
    Late,
    Refused,
    Cancelled,
}

impl App {
    /// Acts on the events of every authority whose names aren't locked. Returns how many were done.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be read.
    #[tracing::instrument(target = "epitrace::traces", name = "app::act_on_all_events", skip_all)]
    pub async fn act_on_all_events(&self) -> Result<usize> {
        let mut n_done = 0;
        for authority in self.authorities_at_work().await? {
            if self.sealer_of(authority.authority_id).is_ok() {
                n_done += self.act_on_due_events(authority.authority_id).await?;
            }
        }
        Ok(n_done)
    }

    /// Acts on the events of an authority. What nobody acts on is done with.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be read.
    pub async fn act_on_due_events(&self, authority_id: AuthorityId) -> Result<usize> {
        let all = self.authorities().await?;
        let Some(authority) = all.into_iter().find(|one| one.authority_id == authority_id) else { return Ok(0) };
        self.act_on_events(authority_id, |event| self.follow_event(authority.clone(), event)).await
    }

    async fn follow_event(&self, authority: Authority, event: Event) -> Result<()> {
        let fate = match event.kind.as_str() {
            "message.sent" => Fate::Sent,
            "message.late" => Fate::Late,
            "message.failed" => Fate::Refused,
            "message.cancelled" => Fate::Cancelled,
            kind if kind.starts_with("between.") => return self.deliver_message(&authority, &event).await,
            _ => return self.deliver_hand_over(&authority, &event).await,
        };
        let Some(message_id) = event.subject_id.map(MessageId) else { return Ok(()) };
        let worker = self.own_worker(authority, "system:enrolment", Role::CaseWorker).await?;
        self.follow_invitation(&worker, message_id, (fate, event.created_at)).await
    }

    /// Lets code and case follow what became of a mail. Twice is as good as once.
    async fn follow_invitation(
        &self,
        worker: &Worker,
        message_id: MessageId,
        (fate, at): (Fate, Timestamp),
    ) -> Result<()> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let found = storage::activation_codes::of_message(&mut tx, message_id).await?;
        let Some(code) = found else {
            return match fate {
                Fate::Refused => self.note_wrong_address(tx, worker, message_id).await,
                Fate::Sent | Fate::Late | Fate::Cancelled => Ok(()),
            };
        };
        if code.state != CodeState::Open {
            return Ok(());
        }
        let sealer = self.sealer(worker)?;
        let mut taken = self.take(&mut tx, sealer, code.case_id).await?;
        match fate {
            Fate::Sent => self.was_sent(&mut tx, worker, &mut taken, (code, at)).await?,
            Fate::Late | Fate::Refused => {
                self.does_not_arrive(&mut tx, worker, &mut taken, (&code, fate == Fate::Late)).await?;
            }
            Fate::Cancelled => {
                self.cancel_codes(&mut tx, worker, &mut taken).await?;
                if taken.work.status == CaseStatus::InRegistration {
                    self.move_to(worker, &mut taken, CaseStatus::Open);
                }
            }
        }
        self.settle(tx, worker, taken, "activation.follow").await?;
        Ok(())
    }

    /// A mail without a code that was refused for good: where the case stands doesn't change, and the address is wrong all
    /// the same.
    async fn note_wrong_address(&self, mut tx: Tx, worker: &Worker, message_id: MessageId) -> Result<()> {
        let Some(message) = storage::messages::find(&mut tx, message_id).await? else { return Ok(()) };
        let goes_by_itself = matches!(message.kind, MessageKind::NewContactCase | MessageKind::QuarantineChanged);
        let failure = message.failure.unwrap_or_default();
        let (true, true, Some(case_id)) =
            (goes_by_itself, failure.starts_with(Obstacle::RecipientRefused.as_str()), message.case_id)
        else {
            return Ok(());
        };
        let sealer = self.sealer(worker)?;
        let mut taken = self.take(&mut tx, sealer, case_id).await?;
        let cause = message_id.to_string();
        let is_told = taken.items.iter().any(|item| {
            item.kind == ItemKind::WrongContactDetails && (item.cause == cause || item.resolution.is_none())
        });
        if is_told || taken.work.status.is_ended() {
            return Ok(());
        }
        let language = Language::of_authority(&worker.authority.languages);
        let text = Personal::new(mail_refused(language, &failure));
        self.add_comment(&mut tx, worker, &taken, text).await?;
        self.raise(&mut tx, &mut taken, Need { kind: ItemKind::WrongContactDetails, cause }, None).await?;
        self.settle(tx, worker, taken, "activation.follow").await?;
        Ok(())
    }

    /// The time of a code counts from the moment at which the mail server took its mail. A case that had gone back because
    /// of it is invited again.
    async fn was_sent(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        (code, at): (StoredCode, Timestamp),
    ) -> Result<()> {
        // A letter that was printed holds for as long as it says.
        if code.valid_until.is_none() {
            let until = Some(later(at, VALID_BY_MAIL));
            storage::activation_codes::write(tx, &StoredCode { valid_until: until, due_at: until, ..code.clone() })
                .await?;
        }
        if taken.work.status == CaseStatus::Open {
            self.move_to(worker, taken, CaseStatus::InRegistration);
        }
        let cause = code.message_id.to_string();
        let is_its = |item: &&Item| item.kind == ItemKind::WrongContactDetails && item.cause == cause;
        let waiting = taken.items.iter().filter(is_its).find(|item| item.resolution.is_none());
        if let Some(item_id) = waiting.map(|item| item.item_id) {
            resolve_by_itself(tx, taken, item_id).await?;
        }
        Ok(())
    }

    /// A case whose invitation doesn't arrive goes back, so that somebody calls; what is wrong with the address is an item.
    async fn does_not_arrive(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        (code, is_tried_on): (&StoredCode, bool),
    ) -> Result<()> {
        let cause = code.message_id.to_string();
        let is_told = taken.items.iter().any(|item| {
            item.kind == ItemKind::WrongContactDetails && (item.cause == cause || item.resolution.is_none())
        });
        if taken.work.status == CaseStatus::InRegistration {
            self.move_to(worker, taken, CaseStatus::Open);
        } else if is_told {
            return Ok(());
        }
        let message = storage::messages::find(tx, code.message_id).await?;
        let failure = message.and_then(|message| message.failure).unwrap_or_default();
        let language = Language::of_authority(&worker.authority.languages);
        let text = Personal::new(undeliverable(language, &failure, is_tried_on));
        self.add_comment(tx, worker, taken, text).await?;
        if !is_told {
            self.raise(tx, taken, Need { kind: ItemKind::WrongContactDetails, cause }, None).await?;
        }
        Ok(())
    }
}
