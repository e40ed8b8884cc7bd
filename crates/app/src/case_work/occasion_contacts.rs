//! Contact cases from an opened list of an occasion, in one step: a job makes them, fifty in a transaction, each visitor with
//! their row in a journal. Killed in between, it goes on where it stopped, and nobody becomes two cases.

use super::contacts::ContactOf;
use super::list_requests::person_from;
use super::taken::{Taken, follow_person};
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::cases::{CaseType, ContactTraits};
use domain::ids::{CaseId, JobId, OccasionId, OpeningId, PersonId, StepId, VisitorId};
use domain::names::fold;
use domain::occasions::{BATCH, ChosenOutcome, MOST_CHOSEN, Visitor, VisitorFilter};
use domain::persons::PersonalField;
use domain::time::Window;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use storage::Freshness;
use storage::cases::CaseWork;
use storage::jobs::Job;
use storage::occasions::{Chosen, ChosenCounts};

/// Which visitors of an opened list are meant.
#[derive(Clone, Debug)]
pub enum ChosenVisitors {
    /// These.
    Named(Vec<VisitorId>),
    /// All for whom a filter holds now.
    Matching(VisitorFilter),
}

/// Contact cases that are asked for.
#[derive(Clone, Debug)]
pub struct WantedContacts {
    /// Id of the step, made by whoever asks: asked again, it is the same.
    pub step_id: StepId,
    /// The index case that was there.
    pub case_id: CaseId,
    /// Who becomes a contact case.
    pub visitors: ChosenVisitors,
}

/// A step with how far it is.
#[derive(Clone, Debug)]
pub struct ContactStep {
    /// Its id.
    pub step_id: StepId,
    /// The index case.
    pub case_id: CaseId,
    /// How many visitors by what became of them.
    pub counts: ChosenCounts,
    /// The job that works on it.
    pub job: Job,
}

/// What a job must know.
#[derive(Serialize, Deserialize)]
struct Settings {
    case_id: CaseId,
    occasion_id: OccasionId,
    opening_id: OpeningId,
}

const KIND: &str = "occasions.contacts";

impl App {
    /// Asks for contact cases of visitors. Whoever became one because of this case before is left out.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] if nobody is meant or too many are; [`AppError::Conflict`] if the case is over or no index
    /// case, or another step of it is at work; [`AppError::NotFound`] for a list that the account didn't open.
    pub async fn start_contacts_of_occasion(
        &self,
        worker: &Worker,
        of: (OccasionId, OpeningId),
        wanted: &WantedContacts,
    ) -> Result<ContactStep> {
        let opening = self.own_opening(worker, of).await?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        if storage::jobs::find(&mut tx, JobId(wanted.step_id.0)).await?.is_some() {
            drop(tx);
            return self.contacts_step(worker, wanted.step_id).await;
        }
        let all = self.unsealed(&mut tx, worker, &opening).await?;
        let occasion = storage::occasions::find(&mut tx, None, of.0).await?.ok_or(AppError::NotFound("occasion"))?;
        drop(tx);
        let visitors = meant(&wanted.visitors, all, &occasion.during)?;

        let (mut tx, taken) = self.take_case(worker, wanted.case_id).await?;
        check_index(&taken.work)?;
        if storage::occasions::is_at_work(&mut tx, wanted.case_id, wanted.step_id).await? {
            let reason = "contact cases of this case are being made already; wait until that is done";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        let made = storage::occasions::made_of(&mut tx, wanted.case_id).await?;
        let visitors: Vec<VisitorId> = visitors.into_iter().filter(|one| !made.contains(one)).collect();
        if visitors.is_empty() {
            let reason = "all of them are contact cases because of this case already".to_owned();
            return Err(AppError::InvalidFields(vec![("visitors", reason)]));
        }
        let now = self.now();
        let step = Chosen {
            step_id: wanted.step_id,
            case_id: wanted.case_id,
            occasion_id: of.0,
            account_id: worker.account_id,
            at: now,
        };
        let settings = Settings { case_id: wanted.case_id, occasion_id: of.0, opening_id: of.1 };
        let job = Job {
            job_id: JobId(wanted.step_id.0),
            kind: KIND.to_owned(),
            subject_id: wanted.step_id.0,
            account_id: worker.account_id,
            account: String::new(),
            role: worker.role,
            state: "waiting".to_owned(),
            settings: serde_json::to_string(&settings).map_err(|_| AppError::NotFound("job"))?,
            done: 0,
            total: Some(i64::try_from(visitors.len()).unwrap_or(i64::MAX)),
            problem: None,
            created_at: now,
            finished_at: None,
        };
        storage::jobs::insert(&mut tx, &job).await?;
        storage::occasions::choose(&mut tx, &step, &visitors).await?;
        let subjects = taken.work.person_id.to_string();
        let audited = Audited { operation: "occasions.choose", subjects, n_subjects: visitors.len() };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        self.contacts_step(worker, wanted.step_id).await
    }

    /// Shows how far a step is.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn contacts_step(&self, worker: &Worker, step_id: StepId) -> Result<ContactStep> {
        worker.require(Action::WorkOnCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::jobs::find(&mut tx, JobId(step_id.0)).await?;
        let job = found.filter(|job| job.kind == KIND).ok_or(AppError::NotFound("step"))?;
        let settings = settings_of(&job)?;
        let case_id = storage::merges::case_now(&mut tx, settings.case_id).await?;
        let counts = storage::occasions::counts_of(&mut tx, case_id, step_id).await?;
        Ok(ContactStep { step_id, case_id, counts, job: self.as_of_now(job) })
    }

    /// Makes the contact cases of a step: the work of a job. Run again after it was interrupted, it goes on.
    ///
    /// # Errors
    ///
    /// [`AppError::Cancelled`] if somebody cancelled it; the cases that were made stay.
    pub(crate) async fn work_on_contacts_of_occasion(
        &self,
        worker: &Worker,
        job: &Job,
        progress: &mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
    ) -> Result<u64> {
        worker.require(Action::WorkOnCases)?;
        let settings = settings_of(job)?;
        let step_id = StepId(job.subject_id);
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::occasions::find_opening(&mut tx, settings.opening_id).await?;
        let opening = found.ok_or(AppError::NotFound("list of visitors"))?;
        let occasion = storage::occasions::find(&mut tx, None, settings.occasion_id).await?;
        let during = occasion.ok_or(AppError::NotFound("occasion"))?.during;
        let all = self.unsealed(&mut tx, worker, &opening).await?;
        let all: HashMap<VisitorId, Visitor> = all.into_iter().map(|one| (one.visitor_id, one)).collect();
        let counts = storage::occasions::counts_of(&mut tx, settings.case_id, step_id).await?;
        drop(tx);
        let mut done = counts.iter().filter(|(one, _)| **one != ChosenOutcome::Waiting).map(|(_, n)| n).sum();
        loop {
            if progress(done).is_break() {
                return Err(AppError::Cancelled);
            }
            let n = self.make_some_contacts(worker, (settings.case_id, step_id), &all, &during).await?;
            if n == 0 {
                return Ok(done);
            }
            done += n;
        }
    }

    /// Makes the next contact cases in one transaction; returns how many visitors there were.
    async fn make_some_contacts(
        &self,
        worker: &Worker,
        (case_id, step_id): (CaseId, StepId),
        all: &HashMap<VisitorId, Visitor>,
        during: &Window,
    ) -> Result<u64> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let next = storage::occasions::next_waiting(&mut tx, case_id, step_id, BATCH).await?;
        if next.is_empty() {
            return Ok(0);
        }
        check_index(&taken.work)?;
        let (mut made, mut oneself, mut gone) = (Vec::new(), Vec::new(), Vec::new());
        for visitor_id in &next {
            let Some(visitor) = all.get(visitor_id) else {
                gone.push(*visitor_id);
                continue;
            };
            if is_case(visitor, &taken) {
                oneself.push(*visitor_id);
                continue;
            }
            let (person_id, contact_case) =
                self.contact_of_visitor(&mut tx, worker, &mut taken, visitor, during).await?;
            made.push((*visitor_id, person_id, contact_case));
        }
        let others = [(ChosenOutcome::Oneself, oneself), (ChosenOutcome::Gone, gone)];
        storage::occasions::decide(&mut tx, (case_id, step_id), &made, &others).await?;
        if !made.is_empty() {
            let now = taken.now;
            taken.work.clock.contacts_named_at.get_or_insert(now);
        }
        self.settle(tx, worker, taken, "occasions.contact_cases").await?;
        self.store.checkpoint_behind();
        Ok(next.len() as u64)
    }

    async fn contact_of_visitor(
        &self,
        tx: &mut storage::Tx,
        worker: &Worker,
        taken: &mut Taken,
        visitor: &Visitor,
        during: &Window,
    ) -> Result<(PersonId, CaseId)> {
        let (person_id, case_id) = (PersonId::mint(taken.now, self.random()), CaseId::mint(taken.now, self.random()));
        let person = person_from(details_of(visitor), (person_id, case_id), taken, worker);
        storage::persons::insert(tx, &taken.sealer, std::slice::from_ref(&person), taken.now).await?;
        follow_person(tx, worker, &taken.sealer, &person, true).await?;
        let stay = visitor.stay(during).unwrap_or(*during);
        let contact = ContactOf {
            met: person_id,
            traits: ContactTraits::default(),
            days: stay.days(&worker.authority.time_zone),
            why: "list of an occasion",
        };
        let contact_case = self.case_of_contact(tx, worker, taken, &contact, case_id).await?;
        self.note_change(worker, taken, ("contact", "list of an occasion"), None, Some(person_id.to_string()));
        Ok((person_id, contact_case))
    }
}

fn settings_of(job: &Job) -> Result<Settings> {
    serde_json::from_str(&job.settings).map_err(|_| AppError::NotFound("step"))
}

fn check_index(work: &CaseWork) -> Result<()> {
    if work.status.is_ended() {
        return Err(AppError::Conflict("the case is over; open it again to add contacts".to_owned()));
    }
    match work.case_type {
        CaseType::Index => Ok(()),
        _ => Err(AppError::Conflict("only an index case opens contact cases".to_owned())),
    }
}

fn meant(chosen: &ChosenVisitors, all: Vec<Visitor>, during: &Window) -> Result<Vec<VisitorId>> {
    let invalid = |reason: String| Err(AppError::InvalidFields(vec![("visitors", reason)]));
    let found: Vec<VisitorId> = match chosen {
        ChosenVisitors::Matching(filter) => {
            filter.among(all, during).into_iter().map(|one| one.visitor.visitor_id).collect()
        }
        ChosenVisitors::Named(named) => {
            let known: HashSet<VisitorId> = all.iter().map(|one| one.visitor_id).collect();
            if named.iter().any(|one| !known.contains(one)) {
                return Err(AppError::NotFound("visitor"));
            }
            let mut seen = HashSet::new();
            named.iter().copied().filter(|one| seen.insert(*one)).collect()
        }
    };
    match found.len() {
        0 => invalid("choose at least one visitor".to_owned()),
        n if n > MOST_CHOSEN => invalid(format!("choose at most {MOST_CHOSEN} at once: narrow the list down")),
        _ => Ok(found),
    }
}

fn folded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    fold(text, &mut bytes);
    bytes
}

/// The last nine digits: with or without the country's.
fn digits(phone: &str) -> Vec<u8> {
    let digits: Vec<u8> = phone.bytes().filter(u8::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(9)..].to_vec()
}

/// Says whether a visitor is the case themselves: the same name, and the same telephone or e-mail address.
fn is_case(visitor: &Visitor, taken: &Taken) -> bool {
    let known = |field| taken.person.personal.get(&field).map(|text| text.expose().clone()).unwrap_or_default();
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    let has_name = folded(&own(&visitor.last_name)) == folded(&known(PersonalField::LastName))
        && folded(&own(&visitor.first_name)) == folded(&known(PersonalField::FirstName));
    let phone = visitor.phone.as_deref().map(digits).filter(|digits| !digits.is_empty());
    let phones = [PersonalField::Phone, PersonalField::Mobile].map(|field| digits(&known(field)));
    let email = visitor.email.as_ref().map(|email| email.to_lowercase());
    has_name
        && (phone.is_some_and(|phone| phones.contains(&phone))
            || email.is_some_and(|email| email == known(PersonalField::Email).to_lowercase()))
}

fn details_of(visitor: &Visitor) -> Vec<(&'static str, String)> {
    let of_person = |(field, _): &(&str, Option<&String>)| !["area", "seat", "group"].contains(field);
    let texts = visitor.texts().into_iter().filter(of_person);
    texts.filter_map(|(field, text)| Some((field, text?.clone()))).collect()
}
