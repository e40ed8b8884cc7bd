//! Results of laboratories that belong to people who are known: what each makes of their case.

use super::create::{NewCase, WhosePerson, beginning, empty_case, nobody};
use super::details::{Changes, Subject, derive_age, put};
use super::taken::Taken;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::rule_sets::rules_on;
use domain::cases::{AfterPositiveTest, CaseStatus, CaseType, after_positive_test};
use domain::diseases::Disease;
use domain::ids::{CaseId, HistoryId, PersonId};
use domain::time::local_day;
use jiff::Timestamp;
use jiff::civil::Date;
use storage::cases::{Case, CaseWork};
use storage::history::Change;
use storage::persons::Person;
use storage::{StorageError, Tx};

/// A result of somebody who is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lab {
    pub(crate) person_id: PersonId,
    pub(crate) disease: Disease,
    pub(crate) is_positive: bool,
    pub(crate) tested_on: Date,
    pub(crate) reported_at: Timestamp,
}

/// Makes a person with an index case from what a row says.
///
/// # Errors
///
/// [`AppError::InvalidFields`] names every field that breaks a rule.
pub(crate) fn index_case(
    person_id: PersonId,
    case_id: CaseId,
    disease: Disease,
    details: &Changes,
    now: Timestamp,
    worker: &Worker,
) -> Result<(Person, Case)> {
    let new = new_case(person_id, case_id, disease, details.clone());
    let mut person = nobody(person_id);
    let mut case = empty_case(&new, person_id, disease);
    let mut work = beginning(&new, &case, now);
    let today = local_day(now, &worker.authority.time_zone);
    let mut subject = Subject { person: &mut person, case: &mut case, work: &mut work, facility_id: None };
    put(&mut subject, details, today)?;
    derive_age(&person, &mut case, today);
    Ok((person, case))
}

/// Makes an index case of somebody who is stored, from the days of the test and of its report.
pub(crate) fn tested_case(
    person: &Person,
    case_id: CaseId,
    disease: Disease,
    (tested_on, reported_on): (Date, Date),
) -> Case {
    let new = new_case(person.person_id, case_id, disease, Changes::new());
    let mut case = empty_case(&new, person.person_id, disease);
    case.dates.tested_on = Some(tested_on);
    case.dates.reported_on = Some(reported_on);
    derive_age(person, &mut case, reported_on);
    case
}

fn new_case(person_id: PersonId, case_id: CaseId, disease: Disease, details: Changes) -> NewCase {
    NewCase {
        case_id,
        person: WhosePerson::New(person_id),
        disease: Some(disease),
        case_type: CaseType::Index,
        details,
    }
}

impl App {
    /// Takes a result into the newest case of a person, within a transaction. Returns the case that it belongs to; `None`
    /// where it isn't positive and there is no case at work.
    pub(crate) async fn take_result(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        lab: &Lab,
        new_case_id: CaseId,
    ) -> Result<Option<CaseId>> {
        let cases = storage::cases::briefly_of_persons(tx, &[lab.person_id]).await?;
        let newest = cases.iter().rev().find(|case| case.disease == lab.disease).map(|case| case.case_id);
        let (Some(case_id), sealer) = (newest, self.sealer(worker)?) else {
            return if lab.is_positive {
                self.open_after(tx, worker, lab, new_case_id).await.map(Some)
            } else {
                Ok(None)
            };
        };
        let mut taken = self.take(tx, sealer, case_id).await?;
        if !lab.is_positive {
            return Ok((!taken.work.status.is_ended()).then_some(case_id));
        }
        let work = &taken.work;
        let rules = rules_on(tx, lab.disease, lab.tested_on).await?.settings;
        match after_positive_test(work.status, work.case_type, work.concluded_on, lab.tested_on, &rules) {
            AfterPositiveTest::NewCase => return self.open_after(tx, worker, lab, new_case_id).await.map(Some),
            AfterPositiveTest::Reopened => {
                self.confirm(tx, worker, &mut taken, lab.tested_on).await?;
                let before = taken.work.status_before.unwrap_or(CaseStatus::Open);
                self.move_to(worker, &mut taken, before);
            }
            AfterPositiveTest::Confirmed | AfterPositiveTest::BecomesIndex => {
                self.confirm(tx, worker, &mut taken, lab.tested_on).await?;
            }
        }
        taken.work.clock.reported_at.get_or_insert(lab.reported_at);
        self.settle_within(tx, worker, &mut taken, "laboratory.result").await?;
        Ok(Some(case_id))
    }

    /// Opens an index case of a person who has none at work.
    async fn open_after(&self, tx: &mut Tx, worker: &Worker, lab: &Lab, case_id: CaseId) -> Result<CaseId> {
        let (sealer, now) = (self.sealer(worker)?, self.now());
        let person = storage::persons::by_id(tx, &sealer, &[lab.person_id]).await?.remove(&lab.person_id);
        let person = person.ok_or(AppError::Storage(StorageError::Unreadable("person of a result")))?;
        let zone = &worker.authority.time_zone;
        let new = new_case(lab.person_id, case_id, lab.disease, Changes::new());
        let case = tested_case(&person, case_id, lab.disease, (lab.tested_on, local_day(lab.reported_at, zone)));
        let mut work: CaseWork = beginning(&new, &case, now);
        work.clock.reported_at = Some(lab.reported_at);
        storage::cases::insert(tx, &sealer, std::slice::from_ref(&case), now).await?;
        let created = Change {
            history_id: HistoryId::mint(now, self.random()),
            person_id: lab.person_id,
            case_id: Some(case_id),
            changed_at: now,
            account_id: worker.account_id,
            field: "created".to_owned(),
            before: None,
            after: None,
            why: "laboratory".to_owned(),
        };
        let mut taken = Taken { work, person, items: Vec::new(), changes: vec![created], sealer, now };
        self.settle_within(tx, worker, &mut taken, "laboratory.result").await?;
        Ok(case_id)
    }
}
