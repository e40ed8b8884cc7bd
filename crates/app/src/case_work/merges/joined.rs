//! Two cases that become one: what the case that goes on takes from the other.

use super::super::details::{Subject, check_together, derive_age};
use super::super::taken::{Taken, resolve_by_itself};
use super::fields::{self, Choices, Outcome};
use super::{Pair, Values, told};
use crate::error::{AppError, Result};
use domain::action_items::ItemKind;
use domain::ids::{CaseId, ItemId};
use domain::merges::{merged_classification, merged_clock, merged_status, merged_type, wider_quarantine};
use domain::time::DayRange;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use storage::Tx;
use storage::cases::{Case, CaseWork};
use storage::merges::Fold;
use storage::persons::Person;

/// A case as it is after others became part of it.
pub(super) struct Joined {
    pub(super) case: Case,
    pub(super) work: CaseWork,
    /// What differed: the field, what it was, what it is.
    pub(super) outcomes: Vec<(String, Values)>,
    /// A longer quarantine that follows from both.
    pub(super) proposed: Option<DayRange>,
}

/// Returns the cases that go on, with what they take from those that become part of them.
///
/// # Errors
///
/// [`AppError::InvalidFields`] if the chosen dates can't be true together.
pub(super) fn join(
    pair: &Pair,
    person: &Person,
    folds: &[Fold],
    choices: &BTreeMap<CaseId, Choices>,
    today: Date,
) -> Result<BTreeMap<CaseId, Joined>> {
    let none = Choices::new();
    let mut all: BTreeMap<CaseId, Joined> = BTreeMap::new();
    for fold in folds {
        let no_case = || AppError::NotFound("case");
        let (case, work) = pair.case(fold.kept).cloned().ok_or_else(no_case)?;
        let (folded, folded_work) = pair.case(fold.folded).cloned().ok_or_else(no_case)?;
        let choices = choices.get(&fold.folded).unwrap_or(&none);
        let of_case = choices.iter().filter(|(field, _)| !told::is_told(field));
        fields::check(fields::OF_CASE, &of_case.map(|(field, takes)| (field.clone(), *takes)).collect())?;
        let joined =
            all.entry(fold.kept).or_insert_with(|| Joined { case, work, outcomes: Vec::new(), proposed: None });
        joined.take(person, (folded, folded_work), choices, today)?;
    }
    for joined in all.values_mut() {
        derive_age(person, &mut joined.case, today);
    }
    Ok(all)
}

impl Joined {
    fn take(
        &mut self,
        person: &Person,
        (mut folded, mut folded_work): (Case, CaseWork),
        choices: &Choices,
        today: Date,
    ) -> Result<()> {
        let (mut one, mut same) = (person.clone(), person.clone());
        let mut kept = Subject { person: &mut one, case: &mut self.case, work: &mut self.work, facility_id: None };
        let other = Subject { person: &mut same, case: &mut folded, work: &mut folded_work, facility_id: None };
        let was_wrong = !check_together(&kept, today).is_empty() || !check_together(&other, today).is_empty();
        let outcomes = fields::take(fields::OF_CASE, choices, &mut kept, &other);
        let wrong = check_together(&kept, today);
        // What can't be true in one of the records alone is no reason to keep both.
        if !was_wrong && !wrong.is_empty() {
            return Err(AppError::InvalidFields(wrong));
        }
        let outcome = |(field, before, after): Outcome| (field, (before, after));
        self.outcomes.extend(outcomes.into_iter().map(outcome));
        self.follow_rules(&folded, &folded_work);
        Ok(())
    }

    /// What was ordered stays as it was ordered. A longer one is proposed.
    fn take_quarantine(&mut self, other: &CaseWork) {
        match (self.work.quarantine, other.quarantine) {
            (Some(own), Some(theirs)) => self.proposed = wider_quarantine(self.proposed.unwrap_or(own), theirs),
            // It was ordered for this person, and nothing gets longer.
            (None, Some(_)) => {
                self.work.quarantine = other.quarantine;
                self.work.quarantine_kind = other.quarantine_set().map(|set| set.kind);
                self.work.order_sent = other.order_sent;
            }
            (_, None) => {}
        }
    }

    /// What nobody chooses.
    fn follow_rules(&mut self, folded: &Case, other: &CaseWork) {
        let mut note = |field: &str, before: String, after: String| {
            if before != after {
                self.outcomes.push((field.to_owned(), (Some(before), Some(after))));
            }
        };
        let case_type = merged_type(self.work.case_type, other.case_type);
        note("case_type", self.work.case_type.to_string(), case_type.to_string());
        let sure = merged_classification(self.case.classification, folded.classification);
        note("classification", self.case.classification.to_string(), sure.to_string());
        let status = merged_status(self.work.status, other.status);
        note("status", self.work.status.to_string(), status.to_string());
        if status != self.work.status {
            self.work.status_since = other.status_since;
        }
        // Of an order that doesn't say which, the type of the case says it, and that may be another one now.
        self.work.quarantine_kind = self.work.quarantine_set().map(|set| set.kind);
        (self.work.case_type, self.case.classification, self.work.status) = (case_type, sure, status);
        self.work.clock = merged_clock(&self.work.clock, &other.clock);
        self.work.assigned_to = self.work.assigned_to.or(other.assigned_to);
        self.take_quarantine(other);
    }
}

/// Resolves what two cases had to be done in common: of each kind, or kind and cause, the first stays.
pub(super) async fn one_of_a_kind(tx: &mut Tx, taken: &mut Taken) -> Result<()> {
    let mut known: BTreeSet<(ItemKind, String)> = BTreeSet::new();
    let mut again: Vec<ItemId> = Vec::new();
    taken.items.sort_by_key(|item| (item.arose_at, item.item_id));
    for item in taken.items.iter().filter(|item| item.resolution.is_none()) {
        let is_for_each = item.kind.is_one_for_each_cause() || !item.kind.is_made_by_the_situation();
        let cause = if is_for_each { item.cause.clone() } else { String::new() };
        if !known.insert((item.kind, cause)) {
            again.push(item.item_id);
        }
    }
    for item_id in again {
        resolve_by_itself(tx, taken, item_id).await?;
    }
    Ok(())
}
