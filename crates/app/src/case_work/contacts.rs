//! Contacts that a case names. Within the infectious days of an index case each becomes a case of its own, with the
//! declaration as its origin; outside they are kept, and become one when onset or test change and their day moves in.
//!
//! The declaration is a sealed copy of what was said, and the contact a person of their own: nothing merges by itself.

use super::create::{NewCase, WhosePerson, beginning, empty_case, nobody};
use super::details::{Changes, Subject, derive_age, put};
use super::taken::{Taken, follow_person};
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::days::infectious_days;
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::cases::{CaseStatus, CaseType, ContactTraits};
use domain::contacts::{Contact, ContactKind, Said};
use domain::ids::{CaseId, ContactId, HistoryId, PersonId};
use domain::persons::{LONGEST_TEXT, Personal, PersonalField};
use domain::time::{DayRange, local_day};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use storage::cases::Case;
use storage::declared_contacts::DeclaredContact;
use storage::history::Change;
use storage::persons::Person;
use storage::sealing::Sealer;
use storage::{Freshness, Tx};

/// A contact that is to be taken down.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// Its id, made by whoever takes it down: the same contact twice is one.
    pub contact_id: ContactId,
    /// Who it is: somebody new, or somebody whom the worker recognised.
    pub met: WhosePerson,
    /// Id for their case, should one be opened.
    pub case_id: CaseId,
    /// How they met.
    pub kind: ContactKind,
    /// On which days.
    pub days: DayRange,
    /// What was said.
    pub said: Said,
}

/// A declared contact, with what else is worth seeing of it.
#[derive(Clone, Debug)]
pub struct SeenContact {
    /// What was declared.
    pub contact: DeclaredContact,
    /// Where the contact's case stands; `None` where none was opened.
    pub status: Option<CaseStatus>,
    /// Names of whoever declared it; `None` where the authority's key isn't here, or another authority has their case.
    pub declared_by: Option<Personal<(Option<String>, Option<String>)>>,
    /// Name of the authority that has the case at the other end; `None` where this one has it.
    pub elsewhere: Option<String>,
}

/// What a case declared.
#[derive(Clone, Debug)]
pub struct SeenContacts {
    /// In the order in which they were taken down.
    pub contacts: Vec<SeenContact>,
    /// Whether they say that they met nobody in the infectious days.
    pub says_no_contacts: bool,
}

/// Somebody whose contact case is to be opened.
pub(super) struct ContactOf {
    /// Who.
    pub(super) met: PersonId,
    /// Their kind of risk.
    pub(super) traits: ContactTraits,
    /// The days of the exposure.
    pub(super) days: DayRange,
    /// Where it comes from, for the history.
    pub(super) why: &'static str,
}

impl App {
    /// Takes a contact down. Within the infectious days of an index case the contact's own case is opened.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every field that breaks a rule; [`AppError::Conflict`] if the case is over, the
    /// same meeting is there already, or an id is another's.
    #[tracing::instrument(target = "epitrace::traces", name = "app::declare_contact", skip_all)]
    pub async fn declare_contact(&self, worker: &Worker, case_id: CaseId, new: NewContact) -> Result<SeenContact> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let declared = self.declare_taken(&mut tx, worker, &mut taken, new).await?;
        self.settle_within(&mut tx, worker, &mut taken, "contacts.declare").await?;
        let seen = self.seen(&mut tx, Some(&taken.sealer), vec![declared]).await?.pop();
        tx.commit().await?;
        seen.ok_or(AppError::NotFound("contact"))
    }

    /// Takes a contact down in a case that is taken, whoever took it. The same contact twice is one.
    pub(super) async fn declare_taken(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        new: NewContact,
    ) -> Result<DeclaredContact> {
        let case_id = taken.work.case_id;
        let known = storage::declared_contacts::of_case(tx, Some(&taken.sealer), case_id).await?;
        if let Some(same) = known.iter().find(|known| known.contact_id == new.contact_id) {
            return Ok(same.clone());
        }
        if taken.work.status.is_ended() {
            return Err(AppError::Conflict("the case is over; open it again to add contacts".to_owned()));
        }
        let today = local_day(taken.now, &worker.authority.time_zone);
        let (person, is_new) = self.contact_person(tx, worker, taken, &new).await?;
        check_meeting(&new, today)?;
        if person.person_id == taken.work.person_id {
            return Err(AppError::Conflict("nobody is their own contact".to_owned()));
        }
        let is_same = |known: &&DeclaredContact| known.met == person.person_id && known.days == new.days;
        if known.iter().any(|known| is_same(&known)) {
            return Err(AppError::Conflict("the same contact on the same days is there already".to_owned()));
        }
        if is_new {
            storage::persons::insert(tx, &taken.sealer, std::slice::from_ref(&person), taken.now).await?;
            follow_person(tx, worker, &taken.sealer, &person, true).await?;
        }
        let fact = Contact {
            contact_id: new.contact_id,
            declared_by: taken.work.person_id,
            met: person.person_id,
            kind: new.kind,
            days: new.days,
        };
        storage::contacts::insert(tx, &[fact], taken.now).await?;
        let mut declared = DeclaredContact {
            contact_id: new.contact_id,
            case_id,
            person_id: taken.work.person_id,
            met: person.person_id,
            contact_case: None,
            elsewhere: None,
            kind: new.kind,
            days: new.days,
            inside: None,
            said: Some(Personal::new(new.said)),
            account_id: worker.account_id,
            declared_at: taken.now,
        };
        let infectious = self.infectious_days_of(tx, taken, case_id).await?;
        self.stand(tx, worker, taken, &mut declared, (infectious, new.case_id)).await?;
        storage::declared_contacts::insert(tx, &taken.sealer, &declared).await?;
        let now = taken.now;
        taken.work.clock.contacts_named_at.get_or_insert(now);
        self.take_back_no_contacts(tx, worker, taken).await?;
        self.note_change(worker, taken, ("contact", "declared"), None, Some(declared.met.to_string()));
        Ok(declared)
    }

    /// Lists what a case declared.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn declared_contacts(&self, worker: &Worker, case_id: CaseId) -> Result<SeenContacts> {
        self.declarations(worker, case_id, false).await
    }

    /// Lists the declarations from which a contact's case comes.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn origins_of_case(&self, worker: &Worker, case_id: CaseId) -> Result<SeenContacts> {
        self.declarations(worker, case_id, true).await
    }

    async fn declarations(&self, worker: &Worker, case_id: CaseId, origins: bool) -> Result<SeenContacts> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let found = match origins {
            true => storage::declared_contacts::origins(&mut tx, sealer.as_ref(), case_id).await?,
            false => storage::declared_contacts::of_case(&mut tx, sealer.as_ref(), case_id).await?,
        };
        let found = self.seen(&mut tx, sealer.as_ref(), found).await?;
        let answered = storage::questionnaires::of_case(&mut tx, None, case_id).await?;
        drop(tx);
        let of_both = |one: &SeenContact| [one.contact.person_id, one.contact.met];
        let persons = found.iter().flat_map(of_both).chain([work.person_id]);
        self.record_alone(worker, shown("contacts.list", persons)).await?;
        let says_no_contacts = answered.is_some_and(|answered| answered.says_no_contacts);
        Ok(SeenContacts { contacts: found, says_no_contacts })
    }

    /// Adds to declared contacts where their cases stand and who declared them.
    async fn seen(
        &self,
        tx: &mut Tx,
        sealer: Option<&Sealer>,
        contacts: Vec<DeclaredContact>,
    ) -> Result<Vec<SeenContact>> {
        let cases: Vec<CaseId> = contacts.iter().filter_map(|one| one.contact_case).collect();
        let works = storage::cases::work_of(tx, &cases).await?;
        let status: HashMap<CaseId, CaseStatus> = works.iter().map(|work| (work.case_id, work.status)).collect();
        let persons: BTreeSet<PersonId> = contacts.iter().map(|one| one.person_id).collect();
        let persons: Vec<PersonId> = persons.into_iter().collect();
        let known = match sealer {
            Some(sealer) => storage::persons::by_id(tx, sealer, &persons).await?,
            None => HashMap::new(),
        };
        let others: HashMap<_, String> = match contacts.iter().any(|one| one.elsewhere.is_some()) {
            true => self.authorities().await?.into_iter().map(|one| (one.authority_id, one.name)).collect(),
            false => HashMap::new(),
        };
        // Of a case that came from elsewhere only its id and days are here.
        let is_known_here = |contact: &DeclaredContact| contact.elsewhere.is_none() || contact.person_id != contact.met;
        let name = |person: &Person| {
            let field = |field| person.personal.get(&field).map(|text| text.expose().clone());
            Personal::new((field(PersonalField::FirstName), field(PersonalField::LastName)))
        };
        let seen = |contact: DeclaredContact| SeenContact {
            status: contact.contact_case.and_then(|case| status.get(&case).copied()),
            declared_by: known.get(&contact.person_id).filter(|_| is_known_here(&contact)).map(name),
            elsewhere: contact.elsewhere.and_then(|id| others.get(&id).cloned()),
            contact,
        };
        Ok(contacts.into_iter().map(seen).collect())
    }

    /// Deletes a meeting that was declared by mistake. A case that was opened of it stays.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if it isn't there.
    pub async fn delete_contact(&self, worker: &Worker, case_id: CaseId, contact_id: ContactId) -> Result<()> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        self.delete_taken(&mut tx, worker, &mut taken, contact_id).await?;
        self.settle(tx, worker, taken, "contacts.delete").await?;
        Ok(())
    }

    /// Deletes a meeting of a case that is taken, whoever took it.
    pub(super) async fn delete_taken(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        contact_id: ContactId,
    ) -> Result<()> {
        let case_id = taken.work.case_id;
        let known = storage::declared_contacts::of_case(tx, None, case_id).await?;
        let deleted = known.iter().find(|one| one.contact_id == contact_id).ok_or(AppError::NotFound("contact"))?;
        storage::declared_contacts::delete(tx, case_id, contact_id).await?;
        if let Some(contact_case) = deleted.contact_case {
            self.untell_contact(tx, worker, contact_case).await?;
        }
        self.note_change(worker, taken, ("contact", "by hand"), Some(deleted.met.to_string()), None);
        Ok(())
    }

    /// Lets the contacts of a case follow its infectious days: those that lie inside now become cases, those outside are
    /// marked and keep theirs.
    pub(super) async fn follow_window(&self, tx: &mut Tx, worker: &Worker, taken: &Taken, case: &Case) -> Result<()> {
        let own = storage::rule_sets::list(tx, case.disease).await?;
        let infectious = infectious_days(&own, case.disease, &case.dates);
        for mut declared in storage::declared_contacts::of_case(tx, Some(&taken.sealer), case.case_id).await? {
            // Somebody who turned out to be whoever declared them has no case of it.
            if declared.met == taken.work.person_id {
                continue;
            }
            let before = (declared.inside, declared.contact_case);
            let case_id = CaseId::mint(taken.now, self.random());
            self.stand(tx, worker, taken, &mut declared, (infectious, case_id)).await?;
            if before != (declared.inside, declared.contact_case) {
                storage::declared_contacts::set_standing(tx, &declared).await?;
            }
        }
        Ok(())
    }

    /// A contact was reached: cases that named them have told their contacts once every one with a case was reached.
    pub(super) async fn note_notified(&self, tx: &mut Tx, taken: &Taken) -> Result<()> {
        let origins = storage::declared_contacts::origins(tx, None, taken.work.case_id).await?;
        let origins: BTreeSet<CaseId> = origins.iter().map(|origin| origin.case_id).collect();
        for origin in origins {
            let Some(mut work) = storage::cases::lock(tx, origin).await? else { continue };
            let named = storage::declared_contacts::of_case(tx, None, origin).await?;
            let others = named.iter().filter_map(|one| one.contact_case).filter(|case| *case != taken.work.case_id);
            let works = storage::cases::work_of(tx, &others.collect::<Vec<_>>()).await?;
            if work.clock.contacts_notified_at.is_none() && works.iter().all(|one| one.clock.first_call_at.is_some()) {
                work.clock.contacts_notified_at = Some(taken.now);
                storage::cases::write_work(tx, &work).await?;
            }
        }
        Ok(())
    }

    async fn infectious_days_of(&self, tx: &mut Tx, taken: &Taken, case_id: CaseId) -> Result<Option<DayRange>> {
        let case = storage::cases::by_id(tx, Some(&taken.sealer), case_id).await?.ok_or(AppError::NotFound("case"))?;
        let own = storage::rule_sets::list(tx, case.disease).await?;
        Ok(infectious_days(&own, case.disease, &case.dates))
    }

    /// Says whether a declaration lies inside the infectious days, and gives it the contact's case if it does.
    async fn stand(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &Taken,
        declared: &mut DeclaredContact,
        (infectious, new_case_id): (Option<DayRange>, CaseId),
    ) -> Result<()> {
        declared.inside = infectious.map(|days| days.overlaps(&declared.days));
        let opens = taken.work.case_type == CaseType::Index && declared.inside == Some(true);
        if opens && declared.contact_case.is_none() {
            let contact = ContactOf {
                met: declared.met,
                traits: declared.said.as_ref().map(|said| said.expose().traits()).unwrap_or_default(),
                days: declared.days,
                why: "declared contact",
            };
            declared.contact_case = Some(self.case_of_contact(tx, worker, taken, &contact, new_case_id).await?);
        }
        Ok(())
    }

    /// Returns the contact's case of the disease that is at work; opens one where there is none, and writes to them where
    /// an address is known.
    pub(super) async fn case_of_contact(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &Taken,
        contact: &ContactOf,
        new_case_id: CaseId,
    ) -> Result<CaseId> {
        let disease = taken.work.disease;
        if storage::merges::hold(tx, contact.met).await? != Some(contact.met) {
            return Err(AppError::Conflict("the contact was merged just now; try again".to_owned()));
        }
        let cases = storage::cases::briefly_of_persons(tx, &[contact.met]).await?;
        let ids: Vec<CaseId> = cases.iter().filter(|case| case.disease == disease).map(|case| case.case_id).collect();
        let works = storage::cases::work_of(tx, &ids).await?;
        if let Some(open) = works.iter().find(|work| !work.status.is_ended()) {
            return Ok(open.case_id);
        }
        let sealer = self.sealer(worker)?;
        let person = storage::persons::by_id(tx, &sealer, &[contact.met]).await?.remove(&contact.met);
        let person = person.ok_or(AppError::NotFound("person"))?;
        let new = NewCase {
            case_id: new_case_id,
            person: WhosePerson::Known(contact.met),
            disease: Some(disease),
            case_type: CaseType::of_contact(contact.traits),
            details: Changes::new(),
        };
        let mut case = empty_case(&new, contact.met, disease);
        let today = local_day(taken.now, &worker.authority.time_zone);
        case.exposed_first = Some(contact.days.first);
        case.exposed_last = Some(contact.days.last);
        case.dates.reported_on = Some(today);
        derive_age(&person, &mut case, today);
        let mut work = beginning(&new, &case, taken.now);
        work.clock.reported_at = Some(taken.now);
        storage::cases::insert(tx, &sealer, std::slice::from_ref(&case), taken.now).await?;
        let created = Change {
            history_id: HistoryId::mint(taken.now, self.random()),
            person_id: contact.met,
            case_id: Some(new_case_id),
            changed_at: taken.now,
            account_id: worker.account_id,
            field: "created".to_owned(),
            before: None,
            after: None,
            why: contact.why.to_owned(),
        };
        let changes = vec![created];
        let mut opened = Taken { work, person, items: Vec::new(), changes, sealer, now: taken.now };
        if !self.invite_by_rule(tx, worker, &mut opened).await? {
            self.tell_contact(tx, worker, &opened).await?;
        }
        self.settle_within(tx, worker, &mut opened, "contacts.open_case").await?;
        Ok(new_case_id)
    }

    /// Returns the person that a contact is: made from what was said, or read.
    async fn contact_person(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &Taken,
        new: &NewContact,
    ) -> Result<(Person, bool)> {
        let today = local_day(taken.now, &worker.authority.time_zone);
        let (WhosePerson::New(person_id) | WhosePerson::Known(person_id)) = new.met;
        let mut made = nobody(person_id);
        // What was said is checked in any case; of somebody who is known it changes nothing.
        check_said(&mut made, new, taken, today)?;
        match new.met {
            WhosePerson::Known(person_id) => {
                let person_id = storage::merges::hold(tx, person_id).await?.ok_or(AppError::NotFound("person"))?;
                let known = storage::persons::by_id(tx, &taken.sealer, &[person_id]).await?.remove(&person_id);
                Ok((known.ok_or(AppError::NotFound("person"))?, false))
            }
            WhosePerson::New(person_id) => {
                if storage::persons::is_taken(tx, person_id).await? {
                    return Err(AppError::Conflict("another person has this id".to_owned()));
                }
                Ok((made, true))
            }
        }
    }
}

/// Puts what was said into a person, by the rules of a case by hand.
fn check_said(person: &mut Person, new: &NewContact, taken: &Taken, today: jiff::civil::Date) -> Result<()> {
    let said = &new.said;
    let fields = [
        ("first_name", &said.first_name),
        ("last_name", &said.last_name),
        ("phone", &said.phone),
        ("mobile", &said.mobile),
        ("email", &said.email),
    ];
    let details: BTreeMap<String, Option<String>> = fields
        .into_iter()
        .filter(|(_, text)| text.is_some())
        .map(|(field, text)| (field.to_owned(), text.clone()))
        .collect();
    let case_new = NewCase {
        case_id: new.case_id,
        person: new.met,
        disease: Some(taken.work.disease),
        case_type: CaseType::Contact,
        details: Changes::new(),
    };
    let mut case = empty_case(&case_new, person.person_id, taken.work.disease);
    let mut work = beginning(&case_new, &case, taken.now);
    let mut subject = Subject { person, case: &mut case, work: &mut work, facility_id: None };
    put(&mut subject, &details, today)?;
    let long = [("address", &said.address), ("hint", &said.hint), ("remark", &said.remark)];
    let too_long =
        long.iter().filter(|(_, text)| text.as_ref().is_some_and(|text| text.chars().count() > LONGEST_TEXT));
    let mut wrong: Vec<(&'static str, String)> =
        too_long.map(|(field, _)| (*field, format!("at most {LONGEST_TEXT} characters"))).collect();
    if !said.leads_to_somebody() {
        wrong.push(("hint", "say how to reach or find them: a number, an e-mail, both names, or a hint".to_owned()));
    }
    if wrong.is_empty() { Ok(()) } else { Err(AppError::InvalidFields(wrong)) }
}

fn check_meeting(new: &NewContact, today: jiff::civil::Date) -> Result<()> {
    if new.days.last > today {
        let reason = "nobody has met anybody in the future".to_owned();
        return Err(AppError::InvalidFields(vec![("last_day", reason)]));
    }
    Ok(())
}
