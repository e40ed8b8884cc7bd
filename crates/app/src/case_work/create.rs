//! A case by hand: somebody telephones, or a letter comes, and a case worker takes it down.

use super::details::{Changes, Subject, derive_age, put};
use super::taken::{Taken, follow_person};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::cases::{CaseClassification, CaseClock, CaseDates, CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::ids::{CaseId, HistoryId, PersonId};
use domain::time::{local_day, start_of_day};
use jiff::Timestamp;
use std::collections::BTreeMap;
use storage::Tx;
use storage::cases::{Case, CaseWork};
use storage::history::Change;
use storage::persons::Person;

/// Whose case it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhosePerson {
    /// Somebody who isn't known yet, under an id made by whoever takes it down.
    New(PersonId),
    /// Somebody who is.
    Known(PersonId),
}

/// A case that is to be opened.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// Its id, made by whoever takes it down: the same case twice is one.
    pub case_id: CaseId,
    /// Whose.
    pub person: WhosePerson,
    /// Which disease; `None` for the authority's.
    pub disease: Option<Disease>,
    /// Index or contact.
    pub case_type: CaseType,
    /// What is known of the person and the case.
    pub details: Changes,
}

/// A case that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenedCase {
    /// The case.
    pub case_id: CaseId,
    /// Whose.
    pub person_id: PersonId,
}

impl App {
    /// Opens a case.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every field that breaks a rule; [`AppError::Conflict`] if the person has a case of
    /// this disease that isn't over, or the id is another case's; [`AppError::NotFound`] if there is no such person.
    #[tracing::instrument(target = "epitrace::traces", name = "app::open_case", skip_all)]
    pub async fn open_case(&self, worker: &Worker, new: &NewCase) -> Result<OpenedCase> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        if let Some(opened) = opened_before(&mut tx, new).await? {
            return Ok(opened);
        }
        let now = self.now();
        let today = local_day(now, &worker.authority.time_zone);
        let disease = new.disease.unwrap_or(worker.authority.default_disease);
        let (mut person, is_new) = match new.person {
            WhosePerson::New(person_id) => (nobody(person_id), true),
            WhosePerson::Known(person_id) => {
                let person_id = storage::merges::hold(&mut tx, person_id).await?.ok_or(AppError::NotFound("person"))?;
                require_no_open_case(&mut tx, person_id, disease).await?;
                let known = storage::persons::by_id(&mut tx, &sealer, &[person_id]).await?.remove(&person_id);
                (known.ok_or(AppError::NotFound("person"))?, false)
            }
        };
        if is_new && storage::persons::is_taken(&mut tx, person.person_id).await? {
            // Whoever asked twice may have come in between.
            let opened = opened_before(&mut tx, new).await?;
            return opened.ok_or_else(|| AppError::Conflict("another person has this id".to_owned()));
        }
        let mut case = empty_case(new, person.person_id, disease);
        let mut work = beginning(new, &case, now);
        let facility_id = self.facility_named(&mut tx, new.details.get("place"), now).await?;
        let mut subject = Subject { person: &mut person, case: &mut case, work: &mut work, facility_id };
        put(&mut subject, &new.details, today)?;
        check_new(new.case_type, &case, &person)?;
        self.require_free_file_number(&mut tx, &work).await?;
        derive_age(&person, &mut case, today);
        case.dates.reported_on.get_or_insert(today);
        work.clock.reported_at = Some(reported_at(&case, now, worker));
        if is_new {
            storage::persons::insert(&mut tx, &sealer, std::slice::from_ref(&person), now).await?;
        } else {
            storage::persons::replace(&mut tx, &sealer, &person).await?;
        }
        follow_person(&mut tx, worker, &sealer, &person, is_new).await?;
        storage::cases::insert(&mut tx, &sealer, std::slice::from_ref(&case), now).await?;
        let created = Change {
            history_id: HistoryId::mint(now, self.random()),
            person_id: person.person_id,
            case_id: Some(case.case_id),
            changed_at: now,
            account_id: worker.account_id,
            field: "created".to_owned(),
            before: None,
            after: None,
            why: "by hand".to_owned(),
        };
        let opened = OpenedCase { case_id: case.case_id, person_id: person.person_id };
        let taken = Taken { work, person, items: Vec::new(), changes: vec![created], sealer, now };
        self.settle(tx, worker, taken, "cases.open").await?;
        Ok(opened)
    }
}

/// The same case, taken down before: a browser that got no answer asks again.
async fn opened_before(tx: &mut Tx, new: &NewCase) -> Result<Option<OpenedCase>> {
    // Either may have become part of another since it was taken down.
    let case_id = storage::merges::case_now(tx, new.case_id).await?;
    let Some(work) = storage::cases::lock(tx, case_id).await? else { return Ok(None) };
    let (WhosePerson::New(person_id) | WhosePerson::Known(person_id)) = new.person;
    let person_id = storage::merges::person_now(tx, person_id).await?;
    if work.person_id != person_id {
        return Err(AppError::Conflict("another case has this id".to_owned()));
    }
    Ok(Some(OpenedCase { case_id, person_id }))
}

pub(super) fn nobody(person_id: PersonId) -> Person {
    Person { person_id, sex: None, postcode: None, language: None, says_no_email: false, personal: BTreeMap::new() }
}

async fn require_no_open_case(tx: &mut Tx, person_id: PersonId, disease: Disease) -> Result<()> {
    let cases = storage::cases::briefly_of_persons(tx, &[person_id]).await?;
    let ids: Vec<CaseId> = cases.iter().filter(|case| case.disease == disease).map(|case| case.case_id).collect();
    let work = storage::cases::work_of(tx, &ids).await?;
    if work.iter().any(|work| !work.status.is_ended()) {
        return Err(AppError::Conflict(
            "this person has a case of this disease that isn't over; open that one".to_owned(),
        ));
    }
    Ok(())
}

pub(super) fn empty_case(new: &NewCase, person_id: PersonId, disease: Disease) -> Case {
    Case {
        case_id: new.case_id,
        person_id,
        disease,
        classification: match new.case_type {
            CaseType::Index => CaseClassification::Confirmed,
            _ => CaseClassification::Suspected,
        },
        dates: CaseDates::default(),
        exposed_first: None,
        exposed_last: None,
        died_on: None,
        outcome: None,
        setting: None,
        facility_id: None,
        age_band: None,
        age: None,
        note: None,
    }
}

pub(super) fn beginning(new: &NewCase, case: &Case, now: Timestamp) -> CaseWork {
    CaseWork {
        case_id: case.case_id,
        person_id: case.person_id,
        disease: case.disease,
        case_type: new.case_type,
        file_number: None,
        status: CaseStatus::Open,
        status_since: now,
        status_before: None,
        conclusion: None,
        concluded_on: None,
        assigned_to: None,
        quarantine: None,
        quarantine_kind: None,
        order_sent: None,
        priority_tenths: 0,
        waiting_since: None,
        clock: CaseClock::default(),
    }
}

/// An index case by hand has its test, a contact none that is positive, and both a name or a file number.
fn check_new(case_type: CaseType, case: &Case, person: &Person) -> Result<()> {
    let mut wrong = Vec::new();
    let mut say = |field, reason: &str| wrong.push((field, reason.to_owned()));
    match case_type {
        CaseType::Index if case.dates.tested_on.is_none() => say("tested", "an index case needs the day of its test"),
        CaseType::Index => {}
        _ if case.classification == CaseClassification::Confirmed => {
            say("classification", "a contact isn't confirmed; with a positive test it is an index case");
        }
        _ => {}
    }
    use domain::persons::PersonalField::{FirstName, LastName};
    if !person.personal.contains_key(&LastName) && !person.personal.contains_key(&FirstName) {
        say("last_name", "a case needs a name, the first or the last");
    }
    if wrong.is_empty() { Ok(()) } else { Err(AppError::InvalidFields(wrong)) }
}

/// When the authority was told: what was reported today was reported now, else when that day began.
fn reported_at(case: &Case, now: Timestamp, worker: &Worker) -> Timestamp {
    let zone = &worker.authority.time_zone;
    match case.dates.reported_on {
        Some(day) if day < local_day(now, zone) => start_of_day(day, zone),
        _ => now,
    }
}
