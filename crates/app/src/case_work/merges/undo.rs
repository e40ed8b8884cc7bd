//! Undoing a merge within thirty days: both are there again, each with what came from them.

use super::merge::follow_persons;
use crate::cases::shown;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::{MergeId, PersonId};
use domain::merges::UNDO_DAYS;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use storage::merges::{Merge, Undone};
use storage::persons::Person;
use storage::{Freshness, Tx};

/// A merge that is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergeLine {
    /// The merge.
    pub merge: Merge,
    /// User name of who merged.
    pub account: String,
    /// Until when it can be undone; `None` if it was undone, or another has to be undone first.
    pub undo_until: Option<Timestamp>,
}

/// A merge that was undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoneMerge {
    /// The merge.
    pub merge: Merge,
    /// What stays with the person who stays.
    pub undone: Undone,
}

/// Returns until when a merge can be undone.
#[must_use]
pub fn undo_until(merge: &Merge) -> Timestamp {
    let period = SignedDuration::from_hours(24 * i64::from(UNDO_DAYS));
    merge.merged_at.checked_add(period).unwrap_or(Timestamp::MAX)
}

impl App {
    /// Lists the merges into a person that are remembered, the newest first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such person here.
    pub async fn merges_of_person(&self, worker: &Worker, person_id: PersonId) -> Result<Vec<MergeLine>> {
        worker.require(Action::SeeCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let person_id = storage::merges::person_now(&mut tx, person_id).await?;
        if !storage::persons::exists(&mut tx, person_id).await? {
            return Err(AppError::NotFound("person"));
        }
        let merges = storage::merges::of_person(&mut tx, person_id).await?;
        let accounts: BTreeSet<_> = merges.iter().map(|merge| merge.account_id).collect();
        let names = storage::history::names_of_accounts(&mut tx, &accounts.into_iter().collect::<Vec<_>>()).await?;
        drop(tx);
        self.record_alone(worker, shown("persons.merges", [person_id])).await?;
        let last = merges.iter().find(|merge| merge.undone_at.is_none()).map(|merge| merge.merge_id);
        let line = |merge: Merge| {
            let until = undo_until(&merge);
            let is_last = last == Some(merge.merge_id);
            let account = names.get(&merge.account_id).cloned().unwrap_or_else(|| merge.account_id.to_string());
            MergeLine { account, undo_until: (is_last && self.now() < until).then_some(until), merge }
        };
        Ok(merges.into_iter().map(line).collect())
    }

    /// Undoes a merge. What was added since stays with the person who stays, and is listed.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such merge here; [`AppError::Conflict`] if it was undone already, if its
    /// thirty days are over, or if a later merge of the same person has to be undone first.
    pub async fn undo_merge(&self, worker: &Worker, merge_id: MergeId) -> Result<UndoneMerge> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        storage::merges::one_at_a_time(&mut tx).await?;
        let merge = storage::merges::by_id(&mut tx, merge_id).await?.ok_or(AppError::NotFound("merge"))?;
        self.require_last(&mut tx, &merge).await?;
        hold(&mut tx, merge.person_id).await?;
        let too_late = || AppError::Conflict("the thirty days in which a merge can be undone are over".to_owned());
        let undone = storage::merges::undo(&mut tx, Some(&sealer), &merge, self.now()).await?.ok_or_else(too_late)?;
        let both = [merge.person_id, merge.gone_id];
        let persons = storage::persons::by_id(&mut tx, &sealer, &both).await?;
        let persons: Vec<Person> = both.iter().filter_map(|id| persons.get(id).cloned()).collect();
        follow_persons(&mut tx, worker, &sealer, (&persons, &[])).await?;
        let line =
            |of: PersonId, from: PersonId| self.line(worker, (of, None), "parted", (Some(from.to_string()), None));
        let lines = [line(merge.person_id, merge.gone_id), line(merge.gone_id, merge.person_id)];
        storage::history::insert(&mut tx, &sealer, &lines).await?;
        for case in storage::cases::briefly_of_persons(&mut tx, &both).await? {
            let mut taken = self.take(&mut tx, sealer.clone(), case.case_id).await?;
            if !taken.work.status.is_ended() {
                self.settle_after_merge(&mut tx, worker, &mut taken).await?;
            }
        }
        let subjects = format!("{} {}", merge.person_id.0.simple(), merge.gone_id.0.simple());
        self.record(&mut tx, worker, Audited { operation: "persons.undo_merge", subjects, n_subjects: 2 }).await?;
        tx.commit().await?;
        Ok(UndoneMerge { merge: Merge { undone_at: Some(self.now()), ..merge }, undone })
    }

    /// Refuses what can't be undone now.
    async fn require_last(&self, tx: &mut Tx, merge: &Merge) -> Result<()> {
        let conflict = |why: &str| Err(AppError::Conflict(why.to_owned()));
        if merge.undone_at.is_some() {
            return conflict("this merge was undone already");
        }
        if self.now() >= undo_until(merge) {
            return conflict("the thirty days in which a merge can be undone are over");
        }
        let later = storage::merges::of_person(tx, merge.person_id).await?;
        let last = later.iter().find(|other| other.undone_at.is_none()).map(|other| other.merge_id);
        let is_gone = storage::merges::person_now(tx, merge.person_id).await? != merge.person_id;
        if is_gone || last != Some(merge.merge_id) {
            return conflict("the same person was merged again since; undo the later merge first");
        }
        Ok(())
    }
}

/// Takes the cases of a person, then the person.
async fn hold(tx: &mut Tx, person_id: PersonId) -> Result<()> {
    let cases = super::cases_of(tx, person_id, person_id).await?;
    for case in &cases {
        storage::cases::lock(tx, *case).await?;
    }
    if storage::merges::lock(tx, &[person_id]).await?.is_empty() {
        return Err(AppError::NotFound("person"));
    }
    if super::cases_of(tx, person_id, person_id).await? != cases {
        return Err(AppError::Conflict("a case was opened or deleted just now; try again".to_owned()));
    }
    Ok(())
}
