//! Inviting, by staff: by mail or letter, again, and taken back.

use super::letter::PAGE;
use crate::case_work::letters::sheet::addressed;
use crate::case_work::mails::{begin_message, mail_address};
use crate::case_work::taken::Taken;
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::messages::{NewMessage, Recipient};
use crate::rule_sets::rules_on;
use crate::sign_in::random;
use domain::activation::{ActivationCode, CodeState, VALID_BY_LETTER, VALID_BY_MAIL};
use domain::authorities::Action;
use domain::bulk::status_when_invited;
use domain::cases::CaseStatus;
use domain::ids::{CaseId, CodeId};
use domain::messages::{Channel, MessageKind, MessageValue, Variable};
use domain::persons::Personal;
use domain::time::local_day;
use jiff::Timestamp;
use storage::activation_codes::StoredCode;
use storage::cases::CaseWork;
use storage::enrolments::Enrolment;
use storage::messages::Message;
use storage::{Freshness, StorageError, Tx};

/// How an invitation stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activation {
    /// Status and type of the case.
    pub work: CaseWork,
    /// The newest code; `None` where nobody was invited yet.
    pub code: Option<StoredCode>,
    /// The mail or letter with it; `None` when the queue has forgotten it.
    pub message: Option<Message>,
    /// Whether an account acts for the case.
    pub has_account: bool,
    /// The newest enrolment: which text was accepted, and how far it is.
    pub enrolment: Option<Enrolment>,
}

impl Activation {
    /// Says whether an invitation is on its way, and the mail server has not taken it yet.
    #[must_use]
    pub fn is_not_sent_yet(&self) -> bool {
        let waits = |code: &StoredCode| code.state == CodeState::Open && code.valid_until.is_none();
        self.code.as_ref().is_some_and(waits)
    }
}

impl App {
    /// Shows how the invitation to a case stands.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn activation(&self, worker: &Worker, case_id: CaseId) -> Result<Activation> {
        worker.require(Action::SeeCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let person_id = work.person_id;
        let found = seen(&mut tx, work).await?;
        drop(tx);
        self.record_alone(worker, shown("activation.show", [person_id])).await?;
        Ok(found)
    }

    /// Invites the person of a case, by mail or letter. A code that is out is cancelled. `forgets_account` deletes the
    /// account that acts for the case, whose user name or password is lost; the case stays as it is.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names what is missing to write to them; [`AppError::Conflict`] if the case is over or
    /// elsewhere, or they have an account.
    pub async fn invite_patient(
        &self,
        worker: &Worker,
        case_id: CaseId,
        channel: Channel,
        forgets_account: bool,
    ) -> Result<Activation> {
        worker.require(Action::WorkOnCases)?;
        let code = new_code()?;
        if channel == Channel::Letter {
            self.try_letter(worker, case_id, &code).await?;
        }
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        require_here(&taken)?;
        if let Some(patient_id) = storage::enrolments::account_of_case(&mut tx, case_id).await? {
            if !forgets_account {
                let reason =
                    "there is an account for this case; delete it with the invitation if its user name is lost";
                return Err(AppError::Conflict(reason.to_owned()));
            }
            storage::patients::delete(&mut tx, patient_id).await?;
            let (account, gone) = (("account", "by hand"), Some("deleted".to_owned()));
            self.note_change(worker, &mut taken, account, None, gone);
        }
        self.require_invitations(&mut tx, worker).await?;
        self.invite_taken(&mut tx, worker, &mut taken, (channel, code)).await?;
        self.settle_within(&mut tx, worker, &mut taken, "activation.invite").await?;
        let found = seen(&mut tx, taken.work).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// Takes an invitation back. A case that was invited is open again.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if none is out.
    pub async fn cancel_activation(&self, worker: &Worker, case_id: CaseId) -> Result<Activation> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let n_cancelled = self.cancel_codes(&mut tx, worker, &mut taken).await?;
        if n_cancelled == 0 && taken.work.status != CaseStatus::InRegistration {
            return Err(AppError::NotFound("invitation"));
        }
        if taken.work.status == CaseStatus::InRegistration {
            self.move_to(worker, &mut taken, CaseStatus::Open);
        }
        self.settle_within(&mut tx, worker, &mut taken, "activation.cancel").await?;
        let found = seen(&mut tx, taken.work).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// Cancels the codes of a case that are open, with mails and letters that have not gone. Returns how many there were.
    pub(in crate::case_work) async fn cancel_codes(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
    ) -> Result<usize> {
        let codes = storage::activation_codes::of_case(tx, taken.work.case_id).await?;
        let open: Vec<StoredCode> = codes.into_iter().filter(|code| code.state == CodeState::Open).collect();
        for code in &open {
            self.end_code(tx, worker, code, taken.now).await?;
            let before = Some(code.channel.to_string());
            self.note_change(worker, taken, ("invitation", "by hand"), before, Some("cancelled".to_owned()));
        }
        Ok(open.len())
    }

    /// Cancels a code, with its mail or letter if that has not gone; `false` if it had.
    pub(in crate::case_work) async fn end_code(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        code: &StoredCode,
        now: Timestamp,
    ) -> Result<bool> {
        let did_not_go = self.take_message_back(tx, code.message_id, Some(worker.account_id)).await?;
        let ended = StoredCode { state: CodeState::Cancelled, ended_at: Some(now), due_at: None, ..code.clone() };
        storage::activation_codes::write(tx, &ended).await?;
        Ok(did_not_go)
    }

    /// Checks that anybody can be invited: everybody can read what they agree to, and links lead somewhere.
    pub(in crate::case_work) async fn require_invitations(&self, tx: &mut Tx, worker: &Worker) -> Result<()> {
        self.page_of(&worker.authority, PAGE)?;
        if !self.missing_public_texts(tx, &worker.authority).await?.is_empty() {
            let reason =
                "texts that everybody may read are missing; an administrator writes them in the settings, under texts";
            return Err(AppError::Invalid { field: "public_texts", reason: reason.to_owned() });
        }
        Ok(())
    }

    /// Invites a new contact case by itself, where the rules say so and there is an address to write to; `false` where
    /// not: then somebody calls, as with every other.
    pub(in crate::case_work) async fn invite_by_rule(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
    ) -> Result<bool> {
        let today = local_day(taken.now, &worker.authority.time_zone);
        let rules = rules_on(tx, taken.work.disease, today).await?.settings;
        if !rules.invite_contacts {
            return Ok(false);
        }
        self.invite_if_possible(tx, worker, taken).await
    }

    /// Invites by mail whoever can be written to, once the authority has its texts; `false` where that isn't so.
    pub(in crate::case_work) async fn invite_if_possible(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
    ) -> Result<bool> {
        if mail_address(&taken.person).is_err() {
            return Ok(false);
        }
        match self.require_invitations(tx, worker).await {
            Ok(()) => {}
            Err(AppError::Invalid { .. }) => return Ok(false),
            Err(error) => return Err(error),
        }
        self.invite_taken(tx, worker, taken, (Channel::Mail, new_code()?)).await?;
        Ok(true)
    }

    /// Makes a code for a case that is taken, and queues the mail or letter with it. Where that can't be done nothing is
    /// written.
    pub(in crate::case_work) async fn invite_taken(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        (channel, code): (Channel, ActivationCode),
    ) -> Result<()> {
        let valid_until = (channel == Channel::Letter).then(|| later(taken.now, VALID_BY_LETTER));
        let message = self.message_with(tx, worker, taken, (channel, &code, valid_until)).await?;
        let message_id = self.queue_message(tx, &worker.authority, &message).await?;
        self.cancel_codes(tx, worker, taken).await?;
        let stored = StoredCode {
            code_id: CodeId::mint(taken.now, self.random()),
            case_id: taken.work.case_id,
            person_id: taken.work.person_id,
            channel,
            state: CodeState::Open,
            message_id,
            n_wrong: 0,
            valid_until,
            due_at: valid_until,
            account_id: worker.account_id,
            created_at: taken.now,
            ended_at: None,
        };
        storage::activation_codes::insert(tx, &taken.sealer, &stored, &code).await?;
        self.note_change(worker, taken, ("invitation", "by hand"), None, Some(channel.to_string()));
        let to = status_when_invited(taken.work.status);
        if to != taken.work.status {
            self.move_to(worker, taken, to);
        }
        Ok(())
    }

    /// Returns the mail or letter with a code.
    async fn message_with(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &Taken,
        (channel, code, valid_until): (Channel, &ActivationCode, Option<Timestamp>),
    ) -> Result<NewMessage> {
        let link = format!("{}#{}", self.page_of(&worker.authority, PAGE)?, code.grouped());
        let hours = u32::try_from(VALID_BY_MAIL.as_hours()).unwrap_or(u32::MAX);
        let until = valid_until.map_or(MessageValue::HoursAfterSending(hours), MessageValue::At);
        let recipient = match channel {
            Channel::Mail => Recipient::Mail(mail_address(&taken.person)?),
            Channel::Letter => Recipient::Letter(Personal::new(addressed(&taken.person)?.lines.join("\n"))),
        };
        let mut message = begin_message(tx, worker, taken, (MessageKind::Invitation, recipient)).await?;
        message.values = message.values.text(Variable::Link, link).with(Variable::ValidUntil, until);
        Ok(message)
    }

    /// Sets a letter once before anything is written, so that one that can't be printed is told at once.
    async fn try_letter(&self, worker: &Worker, case_id: CaseId, code: &ActivationCode) -> Result<()> {
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let person = storage::persons::by_id(&mut tx, &sealer, &[work.person_id]).await?.remove(&work.person_id);
        let person = person.ok_or(StorageError::Unreadable("person of a case"))?;
        let sheet = self.invitation_sheet(&mut tx, worker, (&work, &person), (code, self.now())).await?;
        drop(tx);
        self.set_letter(sheet).await.map(|_| ())
    }
}

/// Reads how an invitation stands.
async fn seen(tx: &mut Tx, work: CaseWork) -> Result<Activation> {
    let code = storage::activation_codes::of_case(tx, work.case_id).await?.into_iter().next();
    let message = match &code {
        Some(code) => storage::messages::find(tx, code.message_id).await?,
        None => None,
    };
    let has_account = storage::enrolments::account_of_case(tx, work.case_id).await?.is_some();
    let mut enrolled = storage::enrolments::of_case(tx, work.case_id).await?.into_iter();
    let enrolment = enrolled.find(|enrolment| enrolment.superseded_by.is_none());
    Ok(Activation { work, code, message, has_account, enrolment })
}

fn require_here(taken: &Taken) -> Result<()> {
    let status = taken.work.status;
    if status.is_ended() || status == CaseStatus::External {
        return Err(AppError::Conflict(format!("a case that is {} invites nobody", status.in_words())));
    }
    Ok(())
}

pub(in crate::case_work) fn new_code() -> Result<ActivationCode> {
    // With 64 bytes fewer than 16 fair ones come up once in 10^60 draws.
    let bytes: [u8; 64] = random()?;
    ActivationCode::draw(&bytes).ok_or(AppError::Storage(storage::sealing::SealingError::NoRandomness.into()))
}

/// An instant so much later.
pub(super) fn later(at: Timestamp, by: jiff::SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
