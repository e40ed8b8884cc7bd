//! A case that arrives from another authority: stored under this one's key, and at work here.

use super::COPIED;
use super::ask::about;
use crate::case_work::create::nobody;
use crate::case_work::taken::{Taken, follow_person};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::cases::CaseStatus;
use domain::contacts::{Contact, Said};
use domain::enrolment::user_name;
use domain::hand_overs::{HandOverState, is_invited_there, status_there};
use domain::persons::{Personal, PersonalField};
use storage::Tx;
use storage::authorities::Authority;
use storage::declared_contacts::DeclaredContact;
use storage::hand_overs::{HandOver, Package, TakenIn};
use storage::persons::Person;
use storage::sealing::Sealer;

impl App {
    /// Stores what arrives, and takes the case up. Twice is as good as once.
    pub(super) async fn arrive(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        (from, told, package): (&Authority, &HandOver, &Package),
    ) -> Result<()> {
        let sealer = self.sealer(worker)?;
        let found = storage::hand_overs::hold(tx, Some(&sealer), told.hand_over_id).await?;
        let Some(it) = found.filter(|it| it.state.leads_to(HandOverState::Copied)) else { return Ok(()) };
        match storage::hand_overs::take_in(tx, &sealer, package).await? {
            TakenIn::Ended => {
                let reason = "what was here of this person has ended and can't come back";
                return Err(AppError::Conflict(reason.to_owned()));
            }
            TakenIn::Known => {}
            stored => {
                self.take_up(tx, worker, &sealer, (from, package, stored == TakenIn::CameBack)).await?;
            }
        }
        let (case_id, person_id) = (package.case_id, package.person_id);
        let copied_at = Some(self.now());
        let copied = HandOver { state: HandOverState::Copied, copied_at, case_id, person_id, ..it };
        storage::hand_overs::write(tx, &sealer, &copied).await?;
        self.emit(tx, COPIED, about(told.hand_over_id)).await?;
        Ok(())
    }

    /// Lets everything follow that hangs on a case here: tokens and names, contacts, account, items, an invitation.
    async fn take_up(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        sealer: &Sealer,
        (from, package, came_back): (&Authority, &Package, bool),
    ) -> Result<()> {
        for declared in &package.declared {
            self.meet(tx, worker, sealer, declared).await?;
        }
        let mut taken = self.take(tx, sealer.clone(), package.case_id).await?;
        follow_person(tx, worker, sealer, &taken.person.clone(), false).await?;
        self.note_change(worker, &mut taken, ("created", "hand-over"), None, Some(from.name.clone()));
        taken.work.status = status_there(package.status);
        taken.work.status_since = taken.now;
        taken.work.status_before = None;
        storage::hand_overs::set_whither(tx, package.case_id, None).await?;
        if is_invited_there(package.status) {
            self.enrol_or_invite(tx, worker, &mut taken, package, came_back).await?;
        }
        self.settle_within(tx, worker, &mut taken, "hand_overs.arrive").await
    }

    /// Whoever has an account keeps it, and is invited: they accept this authority's text with it. Who came back had
    /// accepted it before.
    async fn enrol_or_invite(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        package: &Package,
        came_back: bool,
    ) -> Result<()> {
        let enrolled = storage::enrolments::of_case(tx, package.case_id).await?;
        let has_account = storage::enrolments::account_of_case(tx, package.case_id).await?.is_some();
        if came_back && has_account {
            let is_complete = enrolled.iter().any(|one| one.completed_at.is_some());
            taken.work.status = if is_complete { CaseStatus::Tracking } else { CaseStatus::Registered };
            return Ok(());
        }
        if let Some(account) = &package.account {
            let is_known = storage::patients::by_id(tx, &taken.sealer, account.patient_id).await?.is_some();
            if let (false, Ok((_, key))) = (is_known, user_name(account.user_name.expose())) {
                // Where somebody else has the user name, they choose another one with their code.
                storage::patients::insert(tx, &taken.sealer, account, &key).await?;
            }
        }
        self.invite_if_possible(tx, worker, taken).await.map(|_| ())
    }

    /// Makes a person of what a case declared of a contact, and the meeting a fact. What the authority that asked learnt of
    /// them since stays there.
    async fn meet(&self, tx: &mut Tx, worker: &Worker, sealer: &Sealer, declared: &DeclaredContact) -> Result<()> {
        if !storage::persons::is_taken(tx, declared.met).await? {
            let said = declared.said.as_ref().map(|said| person_of(declared.met, said.expose()));
            let person = said.unwrap_or_else(|| nobody(declared.met));
            storage::persons::insert(tx, sealer, std::slice::from_ref(&person), self.now()).await?;
            follow_person(tx, worker, sealer, &person, true).await?;
        }
        let fact = Contact {
            contact_id: declared.contact_id,
            declared_by: declared.person_id,
            met: declared.met,
            kind: declared.kind,
            days: declared.days,
        };
        storage::contacts::insert(tx, &[fact], self.now()).await?;
        Ok(())
    }
}

fn person_of(person_id: domain::ids::PersonId, said: &Said) -> Person {
    let fields = [
        (PersonalField::FirstName, &said.first_name),
        (PersonalField::LastName, &said.last_name),
        (PersonalField::Phone, &said.phone),
        (PersonalField::Mobile, &said.mobile),
        (PersonalField::Email, &said.email),
    ];
    let known = fields.into_iter().filter_map(|(field, text)| Some((field, Personal::new(text.clone()?))));
    Person { personal: known.collect(), ..nobody(person_id) }
}
