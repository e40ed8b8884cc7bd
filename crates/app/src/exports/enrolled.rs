//! The cases of those who keep a diary, for programs of other services: page by page, by a key of its own scope.

use super::columns::personal;
use super::source::Plan;
use crate::context::{App, Audited, Worker};
use crate::error::Result;
use domain::authorities::Action;
use domain::exports::ExportKind;
use domain::ids::{CaseId, PersonId};
use domain::persons::PersonalField;
use domain::quarantines::Quarantine;
use jiff::civil::Date;
use storage::Freshness;

/// Somebody who keeps a diary, with their case.
#[derive(Clone)]
pub struct EnrolledCase {
    /// The case.
    pub case_id: CaseId,
    /// The authority's own reference.
    pub file_number: Option<String>,
    /// Whose case it is.
    pub person_id: PersonId,
    /// `index`, `contact`, …
    pub case_type: String,
    /// Disease.
    pub disease: String,
    /// First name, last name, date of birth, phone, mobile, e-mail, street, house number, city; empty where not known.
    pub personal: Vec<(PersonalField, String)>,
    /// Postcode.
    pub postcode: Option<String>,
    /// What is ordered.
    pub quarantine: Option<Quarantine>,
    /// First day with symptoms.
    pub onset: Option<Date>,
    /// Day of the test.
    pub tested: Option<Date>,
}

impl std::fmt::Debug for EnrolledCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolledCase").field("case_id", &self.case_id).finish_non_exhaustive()
    }
}

/// A page of them.
#[derive(Clone, Debug)]
pub struct EnrolledPage {
    /// Its cases, oldest first.
    pub items: Vec<EnrolledCase>,
    /// After which the next page begins; `None` at the end.
    pub next: Option<CaseId>,
}

const FIELDS: [PersonalField; 9] = [
    PersonalField::FirstName,
    PersonalField::LastName,
    PersonalField::Born,
    PersonalField::Phone,
    PersonalField::Mobile,
    PersonalField::Email,
    PersonalField::Street,
    PersonalField::HouseNumber,
    PersonalField::City,
];

impl App {
    /// Lists the cases of those who keep a diary, oldest first, after one of them.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) unless role and key allow it.
    pub async fn enrolled_cases(&self, worker: &Worker, after: Option<CaseId>, limit: usize) -> Result<EnrolledPage> {
        worker.require(Action::ReadEnrolledCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let ids = storage::cases::in_tracking(&mut tx, after, most).await?;
        drop(tx);
        let next = ids.last().copied().filter(|_| ids.len() == limit);
        let mut plan = Plan::these(ids);
        let cases = self.next_cases(worker, &mut plan, ExportKind::Cases, limit as u64).await?;
        let items: Vec<EnrolledCase> = cases
            .iter()
            .map(|case| EnrolledCase {
                case_id: case.work.case_id,
                file_number: case.work.file_number.as_ref().map(ToString::to_string),
                person_id: case.work.person_id,
                case_type: case.work.case_type.to_string(),
                disease: case.work.disease.to_string(),
                personal: FIELDS.map(|field| (field, personal(case, field))).to_vec(),
                postcode: case.person.as_ref().and_then(|person| person.postcode.clone()),
                quarantine: case.work.quarantine_set(),
                onset: case.listed.dates.symptom_onset,
                tested: case.listed.dates.tested_on,
            })
            .collect();
        let persons: Vec<String> = items.iter().map(|case| case.person_id.to_string()).collect();
        let audited = Audited { operation: "exports.enrolled", subjects: persons.join(" "), n_subjects: items.len() };
        self.record_alone(worker, audited).await?;
        Ok(EnrolledPage { items, next })
    }
}
