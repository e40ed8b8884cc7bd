//! Two persons who are one: compared, merged, and parted again where it was a mistake.
//!
//! Nothing merges by itself. A worker sees both side by side, says which value stays, and everything that names one of
//! them moves in one transaction. The id that goes leads to the one that stays. For thirty days it can be undone.

mod accounts;
mod fields;
mod joined;
mod merge;
mod preview;
mod told;
mod undo;

pub use accounts::ActingAccount;
pub use merge::MergeWish;
pub use preview::{CaseComparison, FieldComparison, MergePreview, Seen};
pub use undo::{MergeLine, UndoneMerge, undo_until};

use super::taken::Taken;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::cases::CaseStatus;
use domain::diseases::Disease;
use domain::ids::{CaseId, HistoryId, PersonId};
use domain::merges::{Age, earliest};
use domain::persons::Personal;
use std::collections::{BTreeMap, BTreeSet};
use storage::Tx;
use storage::cases::{Case, CaseWork};
use storage::diary::DiaryEntry;
use storage::history::Change;
use storage::merges::Fold;
use storage::persons::Person;
use storage::questionnaires::AnsweredQuestionnaire;
use storage::sealing::Sealer;

/// The two who are compared, with their cases.
struct Pair {
    kept: Person,
    other: Person,
    /// The cases of both.
    cases: Vec<(Case, CaseWork)>,
    /// Their diaries.
    diaries: BTreeMap<CaseId, Vec<DiaryEntry>>,
    /// Their answers to the questions that everybody is asked.
    answers: BTreeMap<CaseId, AnsweredQuestionnaire>,
    /// The accounts that act for them.
    accounts: Vec<ActingAccount>,
    seen: Seen,
}

impl Pair {
    /// Reads both persons.
    async fn read(tx: &mut Tx, sealer: &Sealer, kept: PersonId, other: PersonId) -> Result<Self> {
        let mut persons = storage::persons::by_id(tx, sealer, &[kept, other]).await?;
        let no_person = || AppError::NotFound("person");
        let pair = (persons.remove(&kept).ok_or_else(no_person)?, persons.remove(&other).ok_or_else(no_person)?);
        let ids = cases_of(tx, kept, other).await?;
        let works = storage::cases::work_of(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
        let mut cases = Vec::with_capacity(works.len());
        let (mut diaries, mut answers) = (BTreeMap::new(), BTreeMap::new());
        for work in works {
            diaries.insert(work.case_id, storage::diary::of_case(tx, Some(sealer), work.case_id).await?);
            let answered = storage::questionnaires::of_case(tx, Some(sealer), work.case_id).await?;
            answers.extend(answered.map(|answered| (work.case_id, answered)));
            let case = storage::cases::by_id(tx, Some(sealer), work.case_id).await?;
            cases.push((case.ok_or(AppError::NotFound("case"))?, work));
        }
        cases.sort_by_key(|(case, _)| case.case_id);
        let accounts = accounts::of_both(tx, sealer, kept, other).await?;
        let seen = Seen { kept: last_change(tx, kept).await?, other: last_change(tx, other).await? };
        Ok(Self { kept: pair.0, other: pair.1, cases, diaries, answers, accounts, seen })
    }

    fn case(&self, case_id: CaseId) -> Option<&(Case, CaseWork)> {
        self.cases.iter().find(|(case, _)| case.case_id == case_id)
    }

    /// Lists which cases become one: those of a disease that aren't over, where both have one.
    fn folds(&self) -> Vec<Fold> {
        let mut folds = Vec::new();
        for disease in self.cases.iter().map(|(case, _)| case.disease.as_str()).collect::<BTreeSet<_>>() {
            let open: Vec<&Case> = self.open_cases(Disease::find(disease)).collect();
            let has = |person| open.iter().any(|case| case.person_id == person);
            if !has(self.kept.person_id) || !has(self.other.person_id) {
                continue;
            }
            let ages: Vec<Age> =
                open.iter().map(|case| Age { reported_on: case.dates.reported_on, case_id: case.case_id }).collect();
            let Some(kept) = earliest(&ages) else { continue };
            let rest = open.iter().filter(|case| case.case_id != kept);
            folds.extend(rest.map(|case| Fold { kept, folded: case.case_id }));
        }
        folds
    }

    fn open_cases(&self, disease: Option<Disease>) -> impl Iterator<Item = &Case> {
        let is_open = |status: CaseStatus| !status.is_ended();
        let open = self.cases.iter().filter(move |(case, work)| Some(case.disease) == disease && is_open(work.status));
        open.map(|(case, _)| case)
    }
}

/// Lists the cases of two persons, in the order of their ids.
async fn cases_of(tx: &mut Tx, kept: PersonId, other: PersonId) -> Result<BTreeSet<CaseId>> {
    let cases = storage::cases::briefly_of_persons(tx, &[kept, other]).await?;
    Ok(cases.into_iter().map(|case| case.case_id).collect())
}

async fn last_change(tx: &mut Tx, person: PersonId) -> Result<Option<HistoryId>> {
    let last = storage::history::page(tx, None, (person, None), None, 1).await?;
    Ok(last.first().map(|change| change.history_id))
}

impl App {
    /// A line of history about a person, or one of their cases.
    fn line(&self, worker: &Worker, of: (PersonId, Option<CaseId>), field: &str, values: Values) -> Change {
        Change {
            history_id: HistoryId::mint(self.now(), self.random()),
            person_id: of.0,
            case_id: of.1,
            changed_at: self.now(),
            account_id: worker.account_id,
            field: field.to_owned(),
            before: values.0.map(Personal::new),
            after: values.1.map(Personal::new),
            why: "merge".to_owned(),
        }
    }

    /// Lets items and priority of a case follow, after persons were merged or parted.
    async fn settle_after_merge(&self, tx: &mut Tx, worker: &Worker, taken: &mut Taken) -> Result<()> {
        joined::one_of_a_kind(tx, taken).await?;
        self.follow_and_write(tx, worker, taken).await
    }
}

/// What a field was and became.
type Values = (Option<String>, Option<String>);
