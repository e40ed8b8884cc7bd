//! Mails to the person of a case: what each begins with, that somebody named them as a contact, that their days changed.
//!
//! They are queued in the transaction of what they tell of, and wait until that can't be undone any more. What changes
//! before then takes them back.

use super::taken::Taken;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::messages::{NewMessage, Recipient};
use domain::ids::{CaseId, MessageId};
use domain::letters::language_of;
use domain::messages::{MailAddress, MessageKind, MessageStatus, MessageValue, Values, Variable};
use domain::persons::PersonalField;
use domain::quarantines::{DecisionKind, Order, Quarantine, Telling, ToldBefore, telling};
use storage::Tx;
use storage::messages::{Message, MessageFilter};
use storage::persons::Person;
use storage::quarantines::Decision;

/// Mails of one kind about one case that are looked at; nobody's days change more often.
const MOST_LOOKED_AT: i64 = 50;

/// Returns the address to which somebody is written.
pub(super) fn mail_address(person: &Person) -> Result<MailAddress> {
    let email = person.personal.get(&PersonalField::Email);
    let lacking = |reason: String| AppError::InvalidFields(vec![("email", reason)]);
    let email = email.ok_or_else(|| lacking("there is no e-mail address; add one, or invite by letter".to_owned()))?;
    MailAddress::new(email.expose()).map_err(|error| lacking(error.to_string()))
}

/// First and last name; empty where neither is known.
fn name_of(person: &Person) -> String {
    let of = |field| person.personal.get(&field).map_or("", |value| value.expose().trim());
    format!("{} {}", of(PersonalField::FirstName), of(PersonalField::LastName)).trim().to_owned()
}

/// Begins a message to the person of a case: their name and language, and where they can call and answer.
pub(super) async fn begin_message(
    tx: &mut Tx,
    worker: &Worker,
    taken: &Taken,
    (kind, recipient): (MessageKind, Recipient),
) -> Result<NewMessage> {
    let head = storage::letters::letterhead(tx).await?.map(|(_, head)| head);
    let is_contact = taken.work.case_type.is_contact();
    let phone = head.as_ref().map_or("", |head| head.phone(is_contact));
    Ok(NewMessage {
        kind,
        recipient,
        case_id: Some(taken.work.case_id),
        person_id: Some(taken.work.person_id),
        language: taken.person.language.as_deref().and_then(language_of),
        values: Values::default().text(Variable::Name, name_of(&taken.person)).text(Variable::Phone, phone),
        reply_to: head.as_ref().and_then(|head| MailAddress::new(head.mail_address(is_contact)).ok()),
        by: Some(worker.account_id),
    })
}

impl App {
    /// Writes to a new contact that somebody named them and that they will be called; not to one without an address.
    pub(super) async fn tell_contact(&self, tx: &mut Tx, worker: &Worker, contact: &Taken) -> Result<()> {
        let Ok(address) = mail_address(&contact.person) else { return Ok(()) };
        let new = (MessageKind::NewContactCase, Recipient::Mail(address));
        let message = begin_message(tx, worker, contact, new).await?;
        self.queue_message(tx, &worker.authority, &message).await?;
        Ok(())
    }

    /// Takes the mail to a new contact back if it has not gone, once nobody names them any more.
    pub(super) async fn untell_contact(&self, tx: &mut Tx, worker: &Worker, contact_case: CaseId) -> Result<()> {
        if storage::declared_contacts::origins(tx, None, contact_case).await?.is_empty() {
            let mails = mails_about(tx, contact_case, MessageKind::NewContactCase).await?;
            self.take_back_waiting(tx, worker, &mails).await?;
        }
        Ok(())
    }

    /// Writes to somebody who was told of their days that these changed. `decisions` are those before, newest first.
    pub(super) async fn tell_of_days(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &Taken,
        (before, after): (Option<Quarantine>, Option<Quarantine>),
        decisions: &[Decision],
    ) -> Result<()> {
        let kind = MessageKind::QuarantineChanged;
        let mails = mails_about(tx, taken.work.case_id, kind).await?;
        let statuses: Vec<MessageStatus> = mails.iter().map(|mail| mail.status).collect();
        let newest = decisions.iter().find(|decision| decision.what != DecisionKind::Dismissed);
        let told = ToldBefore {
            order: if taken.work.order_sent.is_some() { Order::Told } else { Order::NotTold },
            mails: &statuses,
            before_newest: newest.and_then(|decision| decision.before),
        };
        let telling = telling(before, after, told);
        if telling != Telling::Nothing {
            self.take_back_waiting(tx, worker, &mails).await?;
        }
        let (Telling::Mail, Some(set), Ok(address)) = (telling, after, mail_address(&taken.person)) else {
            return Ok(());
        };
        let mut message = begin_message(tx, worker, taken, (kind, Recipient::Mail(address))).await?;
        message.values = message
            .values
            .with(Variable::FirstDay, MessageValue::Day(set.days.first))
            .with(Variable::LastDay, MessageValue::Day(set.days.last));
        self.queue_message(tx, &worker.authority, &message).await?;
        Ok(())
    }

    async fn take_back_waiting(&self, tx: &mut Tx, worker: &Worker, mails: &[Message]) -> Result<()> {
        let waits = |mail: &&Message| matches!(mail.status, MessageStatus::Waiting | MessageStatus::Held);
        let waiting: Vec<MessageId> = mails.iter().filter(waits).map(|mail| mail.message_id).collect();
        for message_id in waiting {
            self.take_message_back(tx, message_id, Some(worker.account_id)).await?;
        }
        Ok(())
    }
}

/// Lists the mails of a kind about a case, newest first.
async fn mails_about(tx: &mut Tx, case_id: CaseId, kind: MessageKind) -> Result<Vec<Message>> {
    let filter = MessageFilter { status: None, kind: Some(kind), case_id: Some(case_id) };
    Ok(storage::messages::list(tx, filter, None, MOST_LOOKED_AT).await?)
}
