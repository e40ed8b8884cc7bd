//! Contact cases from guests, in one step: each chosen guest is a person, a contact case with its window, and a stay of that
//! case. On what it was decided stays with the guest's row.

use super::super::contacts::ContactOf;
use super::super::create::{NewCase, WhosePerson, beginning, empty_case, nobody};
use super::super::details::{Changes, Subject, put};
use super::super::taken::{Taken, follow_person};
use super::guests::Measure;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::cases::{CaseType, ContactTraits};
use domain::check_ins::Guest;
use domain::ids::{CaseId, PersonId, StayId, VisitId};
use domain::list_requests::{GuestExposure, StaySource, names_of};
use domain::persons::Personal;
use domain::time::{DayRange, Window, local_day};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use storage::Tx;
use storage::list_requests::{Decision, ReleasedVisit};
use storage::persons::Person;
use storage::stays::CaseStay;

/// Most guests of one step: a hall has more, and then it takes several.
pub const MOST_CHOSEN: usize = 200;

/// A guest who is to become a contact case.
#[derive(Clone, Copy, Debug)]
pub struct ChosenGuest {
    /// Which.
    pub visit_id: VisitId,
    /// Who it is: somebody new, or somebody whom the worker recognised.
    pub person: WhosePerson,
    /// Id for the case, should one be opened.
    pub case_id: CaseId,
}

impl App {
    /// Makes contact cases of guests, all of them or none. A guest who is one already keeps it. Returns the cases, in the
    /// order of the guests.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if one wasn't released because of this case; [`AppError::Conflict`] if the case is over or no
    /// index case, or an id is another's.
    pub async fn make_contact_cases(
        &self,
        worker: &Worker,
        case_id: CaseId,
        chosen: &[ChosenGuest],
    ) -> Result<Vec<(VisitId, CaseId)>> {
        if !(1..=MOST_CHOSEN).contains(&chosen.len()) {
            let reason = format!("1 to {MOST_CHOSEN} at once");
            return Err(AppError::InvalidFields(vec![("guests", reason)]));
        }
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        if taken.work.status.is_ended() {
            return Err(AppError::Conflict("the case is over; open it again to add contacts".to_owned()));
        }
        if taken.work.case_type != CaseType::Index {
            return Err(AppError::Conflict("only an index case opens contact cases".to_owned()));
        }
        let whose = (case_id, taken.work.person_id);
        let measure = Measure::of_case(&mut tx, whose, &worker.authority.time_zone).await?;
        let visits = storage::list_requests::visits(&mut tx, Some(&taken.sealer), case_id).await?;
        let mut made = Vec::with_capacity(chosen.len());
        for one in chosen {
            let visit =
                visits.iter().find(|visit| visit.visit_id == one.visit_id).ok_or(AppError::NotFound("guest"))?;
            let decided = match visits.iter().find_map(|seen| seen.decision.filter(|_| seen.visit_id == one.visit_id)) {
                Some(decision) => decision.case_id,
                None => self.make_contact_case(&mut tx, worker, &mut taken, &measure, (visit, one)).await?,
            };
            made.push((one.visit_id, decided));
        }
        let now = taken.now;
        taken.work.clock.contacts_named_at.get_or_insert(now);
        self.settle(tx, worker, taken, "list_requests.contact_cases").await?;
        Ok(made)
    }

    async fn make_contact_case(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        measure: &Measure,
        (visit, chosen): (&ReleasedVisit, &ChosenGuest),
    ) -> Result<CaseId> {
        let exposure = measure.measured(visit);
        let guest = visit.guest.as_ref().ok_or(AppError::NotFound("guest"))?;
        let met = self.person_of_guest(tx, worker, taken, (guest, chosen)).await?;
        if met == taken.work.person_id {
            return Err(AppError::Conflict("nobody is their own contact".to_owned()));
        }
        let contact = ContactOf {
            met,
            traits: ContactTraits::default(),
            days: days_exposed(&exposure, visit, &measure.zone),
            why: "guest list",
        };
        let contact_case = self.case_of_contact(tx, worker, taken, &contact, chosen.case_id).await?;
        self.keep_stay(tx, worker, taken, (visit, met, contact_case)).await?;
        let decision = Decision {
            person_id: met,
            case_id: contact_case,
            together_min: whole_minutes(exposure.together_min()),
            aired_min: whole_minutes(exposure.aired_min()),
            by: worker.account_id,
            at: taken.now,
        };
        if !storage::list_requests::decide(tx, taken.work.case_id, visit.visit_id, &decision).await? {
            return Err(AppError::Conflict("somebody else decided at this moment; look again".to_owned()));
        }
        self.note_change(worker, taken, ("contact", "guest list"), None, Some(met.to_string()));
        Ok(contact_case)
    }

    /// Returns the person that a guest is: made of what they left, or the one who was recognised.
    async fn person_of_guest(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &Taken,
        (guest, chosen): (&Guest, &ChosenGuest),
    ) -> Result<PersonId> {
        match chosen.person {
            WhosePerson::Known(person_id) => {
                Ok(storage::merges::hold(tx, person_id).await?.ok_or(AppError::NotFound("person"))?)
            }
            WhosePerson::New(person_id) => {
                if storage::persons::is_taken(tx, person_id).await? {
                    return Err(AppError::Conflict("another person has this id".to_owned()));
                }
                let person = person_from(details_of(guest), (person_id, chosen.case_id), taken, worker);
                storage::persons::insert(tx, &taken.sealer, std::slice::from_ref(&person), taken.now).await?;
                follow_person(tx, worker, &taken.sealer, &person, true).await?;
                Ok(person_id)
            }
        }
    }

    /// Keeps the stay with the contact case, and the visit of it among the facts.
    async fn keep_stay(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &Taken,
        (visit, met, contact_case): (&ReleasedVisit, PersonId, CaseId),
    ) -> Result<()> {
        let known = storage::stays::of_case(tx, contact_case).await?;
        let is_same = |stay: &CaseStay| {
            stay.visit_id == Some(visit.visit_id) || (stay.venue_id == visit.venue_id && stay.place == visit.place)
        };
        if known.iter().any(is_same) {
            return Ok(());
        }
        self.facility_of_venue(tx, visit.venue_id).await?;
        let stay = CaseStay {
            stay_id: StayId::mint(taken.now, self.random()),
            case_id: contact_case,
            person_id: met,
            venue_id: visit.venue_id,
            place: visit.place,
            source: StaySource::List,
            visit_id: Some(visit.visit_id),
            origin_case: Some(taken.work.case_id),
            account_id: Some(worker.account_id),
            noted_at: taken.now,
        };
        storage::stays::insert(tx, &stay).await?;
        Ok(storage::stays::follow(tx, met, &[], local_day(taken.now, &TimeZone::UTC)).await?)
    }
}

/// A person of what a guest left. What can't be a telephone or an e-mail address of a person here is left out: it stays with
/// the guest's row, where the case worker reads it.
pub(in crate::case_work) fn person_from(
    details: Vec<(&'static str, String)>,
    (person_id, case_id): (PersonId, CaseId),
    taken: &Taken,
    worker: &Worker,
) -> Person {
    let today = local_day(taken.now, &worker.authority.time_zone);
    let mut person = nobody(person_id);
    let new = NewCase {
        case_id,
        person: WhosePerson::New(person_id),
        disease: Some(taken.work.disease),
        case_type: CaseType::Contact,
        details: Changes::new(),
    };
    let mut case = empty_case(&new, person_id, taken.work.disease);
    let mut work = beginning(&new, &case, taken.now);
    for (field, text) in details {
        let mut attempt = person.clone();
        let mut subject = Subject { person: &mut attempt, case: &mut case, work: &mut work, facility_id: None };
        if put(&mut subject, &BTreeMap::from([(field.to_owned(), Some(text))]), today).is_ok() {
            person = attempt;
        }
    }
    person
}

fn details_of(guest: &Guest) -> Vec<(&'static str, String)> {
    let (first, last) = names_of(guest.name.expose());
    let own = |text: &Personal<String>| text.expose().clone();
    let address = guest.address.as_ref();
    let all = [
        ("first_name", first),
        ("last_name", last),
        ("phone", guest.phone.as_ref().map(own)),
        ("email", guest.email.as_ref().map(own)),
        ("street", address.map(|one| own(&one.street))),
        ("house_number", address.map(|one| own(&one.house_number))),
        ("postcode", address.map(|one| own(&one.postcode))),
        ("city", address.map(|one| own(&one.city))),
    ];
    all.into_iter().filter_map(|(field, text)| Some((field, text?))).collect()
}

/// The days of the exposure; of a guest who was in another area those of their stay.
fn days_exposed(exposure: &GuestExposure, visit: &ReleasedVisit, zone: &TimeZone) -> DayRange {
    let windows: Vec<&Window> = exposure.together.iter().chain(&exposure.aired).collect();
    let windows = if windows.is_empty() { vec![&visit.place.stay] } else { windows };
    let days = windows.iter().map(|window| window.days(zone));
    let whole =
        |one: DayRange, other: DayRange| DayRange { first: one.first.min(other.first), last: one.last.max(other.last) };
    days.reduce(whole).unwrap_or_else(|| visit.place.stay.days(zone))
}

#[allow(clippy::cast_possible_truncation)]
fn whole_minutes(minutes: f64) -> i32 {
    // A stay lasts a day at most.
    minutes.round() as i32
}
