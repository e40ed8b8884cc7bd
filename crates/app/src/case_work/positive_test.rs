//! A positive test: a contact becomes an index case, one that was over is opened again, or the person has another case.

use super::create::{NewCase, WhosePerson};
use super::details::derive_age;
use super::taken::Taken;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::rule_sets::rules_on;
use domain::cases::{AfterPositiveTest, CaseClassification, CaseStatus, CaseType, after_positive_test};
use domain::ids::CaseId;
use domain::time::local_day;
use jiff::civil::Date;
use std::collections::BTreeMap;
use storage::Tx;

/// What a positive test made of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tested {
    /// What.
    pub what: AfterPositiveTest,
    /// The case that is at work now.
    pub case_id: CaseId,
}

impl App {
    /// Notes that the person of a case was tested positive.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] for a day in the future, [`AppError::Conflict`] if a new case is needed and the person has
    /// another one at work.
    pub async fn note_positive_test(
        &self,
        worker: &Worker,
        case_id: CaseId,
        tested_on: Date,
        new_case_id: CaseId,
    ) -> Result<Tested> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        if tested_on > local_day(taken.now, &worker.authority.time_zone) {
            return Err(AppError::Invalid { field: "tested_on", reason: "lies in the future".to_owned() });
        }
        let work = &taken.work;
        let rules = rules_on(&mut tx, work.disease, tested_on).await?.settings;
        let what = after_positive_test(work.status, work.case_type, work.concluded_on, tested_on, &rules);
        if what == AfterPositiveTest::NewCase {
            let (person_id, disease) = (work.person_id, work.disease);
            drop(tx);
            let details = BTreeMap::from([("tested".to_owned(), Some(tested_on.to_string()))]);
            let person = WhosePerson::Known(person_id);
            let new =
                NewCase { case_id: new_case_id, person, disease: Some(disease), case_type: CaseType::Index, details };
            let opened = self.open_case(worker, &new).await?;
            return Ok(Tested { what, case_id: opened.case_id });
        }
        self.confirm(&mut tx, worker, &mut taken, tested_on).await?;
        if what == AfterPositiveTest::Reopened {
            let before = taken.work.status_before.unwrap_or(CaseStatus::Open);
            self.move_to(worker, &mut taken, before);
        }
        self.settle(tx, worker, taken, "cases.positive_test").await?;
        Ok(Tested { what, case_id })
    }

    /// Writes the test into a case that is taken: index, confirmed, tested.
    pub(super) async fn confirm(&self, tx: &mut Tx, worker: &Worker, taken: &mut Taken, tested_on: Date) -> Result<()> {
        let (case_id, today) = (taken.work.case_id, local_day(taken.now, &worker.authority.time_zone));
        let case = storage::cases::by_id(tx, Some(&taken.sealer), case_id).await?;
        let mut case = case.ok_or(AppError::NotFound("case"))?;
        let why = "positive test";
        let before = taken.work.case_type;
        taken.work.case_type = CaseType::Index;
        if before.is_contact() && taken.work.status == CaseStatus::Tracking {
            self.ask_contacts_again(tx, worker, taken).await?;
        }
        self.note_change(
            worker,
            taken,
            ("case_type", why),
            Some(before.to_string()),
            Some(CaseType::Index.to_string()),
        );
        let before = std::mem::replace(&mut case.classification, CaseClassification::Confirmed);
        let after = case.classification;
        self.note_change(worker, taken, ("classification", why), Some(before.to_string()), Some(after.to_string()));
        if case.dates.tested_on.is_none_or(|known| tested_on < known) {
            let before = case.dates.tested_on.replace(tested_on).map(|day| day.to_string());
            self.note_change(worker, taken, ("tested", why), before, Some(tested_on.to_string()));
        }
        derive_age(&taken.person, &mut case, today);
        let now = taken.now;
        taken.work.clock.reported_at.get_or_insert(now);
        storage::cases::replace(tx, &taken.sealer, &case).await?;
        self.follow_window(tx, worker, taken, &case).await
    }
}
