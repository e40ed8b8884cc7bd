//! Reminders: ten minutes after a half day ended, those who wrote nothing into the one before are written to, once.
//!
//! Each case is looked at again when it is held, so that nobody is reminded of what they write at that moment, and the note
//! that it was done is written with the mail: a server that stops in between goes on where it was.

use crate::context::{App, Audited, Worker};
use crate::error::Result;
use crate::messages::{NewMessage, Recipient};
use crate::rule_sets::rules_on;
use domain::cases::CaseStatus;
use domain::diary::{DayPart, Slot, reminded_of};
use domain::ids::{CaseId, PersonId};
use domain::messages::{MailAddress, MessageKind, MessageValue, Values, Variable};
use domain::persons::PersonalField;
use domain::time::local_day;
use storage::cases::CaseWork;
use storage::diary::LookedFor;
use storage::patients::PatientAccount;
use storage::sealing::Sealer;
use storage::{Freshness, Tx};

/// Cases that are looked for in one go.
const AT_ONCE: i64 = 200;
/// The page of patients.
const PAGE: &str = "patient";

impl App {
    /// Reminds patients of the half day that is due, once for each. Returns how many mails were queued. What a server that
    /// was away missed is not made up for: of an older half day nobody is reminded.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be written.
    pub async fn remind_of_diaries(&self, worker: &Worker) -> Result<usize> {
        let authority_id = worker.authority.authority_id;
        let zone = &worker.authority.time_zone;
        let Some(slot) = reminded_of(self.now(), zone) else { return Ok(0) };
        // Without an address of its own nobody was invited either.
        let Ok(link) = self.page_of(&worker.authority, PAGE) else { return Ok(0) };
        let mut tx = self.store.read(authority_id, Freshness::Fresh).await?;
        let done = storage::diary::looked_through(&mut tx, LookedFor::Reminders).await?;
        drop(tx);
        if done.is_some_and(|done| done >= slot) {
            return Ok(0);
        }
        let (mut n_mails, mut after): (usize, Option<CaseId>) = (0, None);
        loop {
            let mut tx = self.store.read(authority_id, Freshness::Fresh).await?;
            let cases = storage::diary::to_remind(&mut tx, slot, zone, after, AT_ONCE).await?;
            drop(tx);
            let Some(last) = cases.last() else { break };
            after = Some(*last);
            for case_id in &cases {
                n_mails += usize::from(self.remind(worker, *case_id, (slot, &link)).await?);
            }
        }
        let mut tx = self.store.write(authority_id).await?;
        storage::diary::set_looked_through(&mut tx, LookedFor::Reminders, slot).await?;
        tx.commit().await?;
        Ok(n_mails)
    }

    async fn remind(&self, worker: &Worker, case_id: CaseId, (slot, link): (Slot, &str)) -> Result<bool> {
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let Some(work) = storage::cases::lock(&mut tx, case_id).await? else { return Ok(false) };
        let Some(account) = self.whom_to_remind(&mut tx, worker, &sealer, (&work, slot)).await? else {
            return Ok(false);
        };
        let Some((email, name)) = address(&mut tx, &sealer, [work.person_id, account.person_id]).await? else {
            return Ok(false);
        };
        let head = storage::letters::letterhead(&mut tx).await?.map(|(_, head)| head).unwrap_or_default();
        let of = match slot.part {
            DayPart::Morning => MessageValue::Morning(slot.day),
            DayPart::Evening => MessageValue::Evening(slot.day),
        };
        let message = NewMessage {
            kind: MessageKind::Reminder,
            recipient: Recipient::Mail(email),
            case_id: Some(case_id),
            person_id: Some(work.person_id),
            language: Some(account.language),
            values: Values::default()
                .text(Variable::Name, name)
                .text(Variable::Phone, head.phone(work.case_type.is_contact()))
                .text(Variable::Link, link)
                .with(Variable::Slot, of),
            reply_to: MailAddress::new(&head.email).ok(),
            by: None,
        };
        self.queue_message(&mut tx, &worker.authority, &message).await?;
        storage::enrolments::note_reminded(&mut tx, case_id, slot).await?;
        let subjects = work.person_id.to_string();
        self.record(&mut tx, worker, Audited { operation: "diary.remind", subjects, n_subjects: 1 }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Returns the account that acts for a case that is held, if somebody is to be reminded by it.
    async fn whom_to_remind(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        sealer: &Sealer,
        (work, slot): (&CaseWork, Slot),
    ) -> Result<Option<PatientAccount>> {
        let today = local_day(self.now(), &worker.authority.time_zone);
        if work.status != CaseStatus::Tracking || !rules_on(tx, work.disease, today).await?.settings.reminders {
            return Ok(None);
        }
        let entries = storage::diary::of_case(tx, None, work.case_id).await?;
        if entries.iter().any(|entry| entry.slot == slot)
            || storage::enrolments::was_reminded(tx, work.case_id, slot).await?
        {
            return Ok(None);
        }
        let Some(patient_id) = storage::enrolments::account_of_case(tx, work.case_id).await? else { return Ok(None) };
        let account = storage::patients::by_id(tx, sealer, patient_id).await?;
        Ok(account.filter(|account| account.no_reminders_at.is_none()))
    }
}

/// Finds the first of some persons who has a mail address, and the name of the first.
async fn address(tx: &mut Tx, sealer: &Sealer, persons: [PersonId; 2]) -> Result<Option<(MailAddress, String)>> {
    let known = storage::persons::by_id(tx, sealer, &persons).await?;
    let of = |person: &PersonId, field| known.get(person).and_then(|person| person.personal.get(&field));
    let emails = persons.iter().filter_map(|person| of(person, PersonalField::Email));
    let email = emails.filter_map(|email| MailAddress::new(email.expose()).ok()).next();
    let [whose, _] = persons;
    let names = [PersonalField::FirstName, PersonalField::LastName].map(|field| of(&whose, field));
    let name: Vec<&str> = names.iter().flatten().map(|name| name.expose().as_str()).collect();
    Ok(email.map(|email| (email, name.join(" "))))
}
