//! A case as its patient sees it: how far enrolment is, what is expected of them, and until when.

use super::super::questionnaire::seen as seen_answers;
use crate::case_work::{SeenQuestionnaire, details::Subject, details::read_details};
use crate::cases::shown;
use crate::context::App;
use crate::days::infectious_days;
use crate::error::{AppError, Result};
use crate::patients::Patient;
use crate::rule_sets::rules_on;
use domain::action_items::ItemKind;
use domain::authorities::Action;
use domain::cases::{CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::enrolment::{EnrolmentStep, Known, OWN_DETAILS, asks_contacts, missing};
use domain::ids::CaseId;
use domain::persons::Personal;
use domain::quarantines::Quarantine;
use domain::time::{DayRange, local_day};
use jiff::Timestamp;
use std::collections::BTreeMap;
use storage::action_items::Item;
use storage::cases::CaseWork;
use storage::sealing::Sealer;
use storage::{Freshness, StorageError, Tx};

/// A case as its patient sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnCase {
    /// The case.
    pub case_id: CaseId,
    /// Given names of whose case it is.
    pub first_name: Option<Personal<String>>,
    /// Where it stands.
    pub status: CaseStatus,
    /// Index or contact.
    pub case_type: CaseType,
    /// Which disease.
    pub disease: Disease,
    /// What is still to be told, in the order in which it is asked.
    pub missing: Vec<(EnrolmentStep, &'static str)>,
    /// Contacts are asked for.
    pub asks_contacts: bool,
    /// The days for which contacts are asked for; `None` while these aren't known.
    pub infectious: Option<DayRange>,
    /// Days of quarantine or isolation.
    pub quarantine: Option<Quarantine>,
    /// When everything was told.
    pub completed_at: Option<Timestamp>,
    /// Whether somebody is to call them back.
    pub is_to_be_called: bool,
    /// The authority's telephone; empty where nobody wrote one down.
    pub phone: String,
    /// The authority's e-mail; empty likewise.
    pub email: String,
}

/// What is known of a case, opened for its patient.
pub(super) struct Opened {
    pub(super) work: CaseWork,
    pub(super) details: BTreeMap<String, Option<String>>,
    pub(super) answers: SeenQuestionnaire,
    pub(super) n_contacts: usize,
    pub(super) asks_contacts: bool,
    pub(super) infectious: Option<DayRange>,
}

impl Opened {
    /// Lists what is still to be told.
    pub(super) fn missing(&self) -> Vec<(EnrolmentStep, &'static str)> {
        let details: Vec<&str> = self.details.keys().map(String::as_str).collect();
        let answered = self.answers.answered.as_ref();
        let answers = answered.map(|answered| answered.answers.expose().clone()).unwrap_or_default();
        missing(&Known {
            details: &details,
            answers: &answers,
            asks_contacts: self.asks_contacts,
            n_contacts: self.n_contacts,
            says_no_contacts: answered.is_some_and(|answered| answered.says_no_contacts),
        })
    }
}

impl App {
    /// Lists the cases for which a patient acts.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn own_cases(&self, patient: &Patient) -> Result<Vec<OwnCase>> {
        let worker = patient.worker();
        worker.require(Action::ActForOneself)?;
        let sealer = self.sealer(&worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let mut found: Vec<OwnCase> = Vec::new();
        for enrolment in storage::enrolments::of_patient(&mut tx, patient.patient_id).await? {
            if found.iter().any(|own| own.case_id == enrolment.case_id) {
                continue;
            }
            let opened = self.open_own(&mut tx, patient, &sealer, enrolment.case_id).await?;
            let items = storage::action_items::of_case(&mut tx, enrolment.case_id).await?;
            let calls = |item: &Item| item.kind == ItemKind::CallBack && item.resolution.is_none();
            let first_name = opened.details.get("first_name").cloned().flatten().map(Personal::new);
            let head = storage::letters::letterhead(&mut tx).await?.map(|(_, head)| head).unwrap_or_default();
            found.push(OwnCase {
                case_id: enrolment.case_id,
                first_name,
                status: opened.work.status,
                case_type: opened.work.case_type,
                disease: opened.work.disease,
                missing: opened.missing(),
                asks_contacts: opened.asks_contacts,
                infectious: opened.infectious,
                quarantine: opened.work.quarantine_set(),
                completed_at: enrolment.completed_at,
                is_to_be_called: items.iter().any(calls),
                phone: head.phone(opened.work.case_type.is_contact()).to_owned(),
                email: head.email,
            });
        }
        drop(tx);
        self.record_alone(&worker, shown("patients.cases", [patient.person_id])).await?;
        Ok(found)
    }

    /// Opens a case that is known to be the patient's.
    pub(super) async fn open_own(
        &self,
        tx: &mut Tx,
        patient: &Patient,
        sealer: &Sealer,
        case_id: CaseId,
    ) -> Result<Opened> {
        let mut work = storage::cases::work_of(tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let person = storage::persons::by_id(tx, sealer, &[work.person_id]).await?.remove(&work.person_id);
        let mut person = person.ok_or(StorageError::Unreadable("person of a case"))?;
        let mut case = storage::cases::by_id(tx, Some(sealer), case_id).await?.ok_or(AppError::NotFound("case"))?;
        let own = storage::rule_sets::list(tx, case.disease).await?;
        let infectious = infectious_days(&own, case.disease, &case.dates);
        let onset = case.dates.symptom_onset;
        let facility_id = None;
        let subject = Subject { person: &mut person, case: &mut case, work: &mut work, facility_id };
        let mut details = read_details(&subject);
        details.retain(|name, _| OWN_DETAILS.contains(&name.as_str()));
        let answered = storage::questionnaires::of_case(tx, Some(sealer), case_id).await?;
        let n_contacts = storage::declared_contacts::of_case(tx, None, case_id).await?.len();
        let today = local_day(self.now(), &patient.authority.time_zone);
        let rules = rules_on(tx, work.disease, today).await?.settings;
        Ok(Opened {
            asks_contacts: asks_contacts(work.case_type, rules.ask_contacts_of_contacts),
            work,
            details,
            answers: seen_answers(answered, onset, false),
            n_contacts,
            infectious,
        })
    }
}
