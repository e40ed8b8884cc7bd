//! Merging: everything of one person becomes the other's, in one transaction.

use super::super::details::derive_age;
use super::fields::{self, Choices};
use super::joined::{Joined, join};
use super::preview::{Alone, Seen, require_two};
use super::{Pair, accounts, cases_of, told};
use crate::context::{App, Audited, Worker};
use crate::duplicates::{rules_of, tokens_of};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::{CaseId, MergeId, PatientId, PersonId};
use domain::time::local_day;
use std::collections::BTreeMap;
use storage::Tx;
use storage::duplicates::PersonTokens;
use storage::history::Change;
use storage::merges::{Merge, Told};
use storage::persons::Person;
use storage::sealing::Sealer;

/// Two persons who are to become one.
#[derive(Clone, Debug)]
pub struct MergeWish {
    /// Id of the merge, made by whoever merges: the same merge twice is one.
    pub merge_id: MergeId,
    /// Who is merged into the person who stays.
    pub other: PersonId,
    /// Whose value holds, by field of the person; where nobody chose, that of the record that stays if it has one.
    pub values: Choices,
    /// The same for each case that becomes part of another.
    pub cases: BTreeMap<CaseId, Choices>,
    /// Which account acts from then on, where both have one; where nobody chose, that of the record that stays.
    pub account: Option<PatientId>,
    /// What was seen of both.
    pub seen: Seen,
}

impl App {
    /// Merges a person into another.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if one of them isn't here; [`AppError::Conflict`] if one of them was changed or merged since
    /// it was seen; [`AppError::Invalid`] and [`AppError::InvalidFields`] name what can't be chosen.
    pub async fn merge_persons(&self, worker: &Worker, person_id: PersonId, wish: &MergeWish) -> Result<Merge> {
        worker.require(Action::WorkOnCases)?;
        fields::check(fields::OF_PERSON, &wish.values)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        storage::merges::one_at_a_time(&mut tx).await?;
        if let Some(known) = storage::merges::by_id(&mut tx, wish.merge_id).await? {
            return merged_before(known, person_id, wish.other);
        }
        require_two(&mut tx, person_id, wish.other).await?;
        hold_both(&mut tx, person_id, wish.other).await?;
        let pair = Pair::read(&mut tx, &sealer, person_id, wish.other).await?;
        if pair.seen != wish.seen {
            return Err(AppError::Conflict("one of the two was changed meanwhile; look at both again".to_owned()));
        }
        let merge = self.merge_within(&mut tx, worker, &sealer, (pair, wish)).await?;
        let subjects = format!("{} {}", person_id.0.simple(), wish.other.0.simple());
        self.record(&mut tx, worker, Audited { operation: "persons.merge", subjects, n_subjects: 2 }).await?;
        tx.commit().await?;
        Ok(merge)
    }

    async fn merge_within(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        sealer: &Sealer,
        (pair, wish): (Pair, &MergeWish),
    ) -> Result<Merge> {
        let today = local_day(self.now(), &worker.authority.time_zone);
        let (person, mut changes) = self.chosen_person(worker, &pair, wish);
        let folds = pair.folds();
        if !wish.cases.keys().all(|case| folds.iter().any(|fold| fold.folded == *case)) {
            let reason = "there is no such case that becomes part of another".to_owned();
            return Err(AppError::Invalid { field: "cases", reason });
        }
        let acts = accounts::chosen(&pair, wish.account)?;
        let joined = join(&pair, &person, &folds, &wish.cases, today)?;
        let proposed = joined.iter().filter_map(|(case, joined)| {
            let days = joined.proposed?;
            Some((case.0, days.first.to_string(), days.last.to_string()))
        });
        let merge = Merge {
            merge_id: wish.merge_id,
            person_id: person.person_id,
            gone_id: wish.other,
            account_id: worker.account_id,
            merged_at: self.now(),
            undone_at: None,
            told: Told { folds, proposed: proposed.collect(), ..Told::default() },
        };
        let cases: Vec<CaseId> = pair.cases.iter().map(|(case, _)| case.case_id).collect();
        let superseded = told::superseded(&pair, &merge.told.folds, &wish.cases);
        let answers = told::answers(&pair, &merge.told.folds, &wish.cases, person.person_id);
        let begun = storage::merges::begin(tx, merge, &cases, &superseded).await?;
        if let Some(acts) = acts {
            changes.extend(self.let_one_account_act(tx, worker, (&pair, acts), person.person_id).await?);
        }
        for answered in &answers {
            storage::questionnaires::put(tx, sealer, answered).await?;
        }
        if person != pair.kept {
            storage::persons::replace(tx, sealer, &person).await?;
        }
        let merged = (None, Some(wish.other.to_string()));
        changes.push(self.line(worker, (person.person_id, None), "merged", merged));
        storage::history::insert(tx, sealer, &changes).await?;
        let is_born_anew = born(&person) != born(&pair.kept);
        self.follow_cases(tx, worker, sealer, (&person, is_born_anew), joined).await?;
        follow_persons(tx, worker, sealer, (std::slice::from_ref(&person), &[wish.other])).await?;
        Ok(storage::merges::end(tx, begun).await?)
    }

    /// Returns the person with the chosen values, and what that changes.
    fn chosen_person(&self, worker: &Worker, pair: &Pair, wish: &MergeWish) -> (Person, Vec<Change>) {
        let (mut kept, mut other) = (Alone::of(&pair.kept), Alone::of(&pair.other));
        let outcomes = fields::take(fields::OF_PERSON, &wish.values, &mut kept.subject(), &other.subject());
        let of = (kept.person.person_id, None);
        let line = |(field, before, after): fields::Outcome| self.line(worker, of, &field, (before, after));
        (kept.person, outcomes.into_iter().map(line).collect())
    }

    /// Writes the cases that go on, and lets the items of all that aren't over follow.
    async fn follow_cases(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        sealer: &Sealer,
        (person, is_born_anew): (&Person, bool),
        mut joined: BTreeMap<CaseId, Joined>,
    ) -> Result<()> {
        let today = local_day(self.now(), &worker.authority.time_zone);
        for case in storage::cases::briefly_of_persons(tx, &[person.person_id]).await? {
            let mut taken = self.take(tx, sealer.clone(), case.case_id).await?;
            if taken.work.status.is_ended() {
                continue;
            }
            let stored = storage::cases::by_id(tx, Some(sealer), case.case_id).await?;
            let stored = stored.ok_or(AppError::NotFound("case"))?;
            let mut new = stored.clone();
            let one = joined.remove(&case.case_id);
            if let Some(one) = one {
                new = storage::cases::Case { person_id: person.person_id, ..one.case };
                taken.work = storage::cases::CaseWork { person_id: person.person_id, ..one.work };
                let of = (person.person_id, Some(case.case_id));
                let lines = one.outcomes.into_iter().map(|(field, values)| self.line(worker, of, &field, values));
                taken.changes.extend(lines);
                self.require_free_file_number(tx, &taken.work).await?;
                write_if_changed(tx, sealer, &stored, &new).await?;
                self.follow_window(tx, worker, &taken, &new).await?;
            } else if is_born_anew {
                derive_age(person, &mut new, today);
                write_if_changed(tx, sealer, &stored, &new).await?;
            }
            self.settle_after_merge(tx, worker, &mut taken).await?;
        }
        Ok(())
    }
}

/// The same merge, done before: a browser that got no answer asks again.
fn merged_before(known: Merge, person_id: PersonId, other: PersonId) -> Result<Merge> {
    if (known.person_id, known.gone_id) == (person_id, other) && known.undone_at.is_none() {
        return Ok(known);
    }
    Err(AppError::Conflict("another merge has this id".to_owned()))
}

/// Takes the cases of both, then both, each in the order of ids, as everybody does.
pub(super) async fn hold_both(tx: &mut Tx, person_id: PersonId, other: PersonId) -> Result<()> {
    let cases = cases_of(tx, person_id, other).await?;
    for case in &cases {
        storage::cases::lock(tx, *case).await?;
    }
    if storage::merges::lock(tx, &[person_id, other]).await?.len() < 2 {
        return Err(AppError::NotFound("person"));
    }
    if cases_of(tx, person_id, other).await? != cases {
        return Err(AppError::Conflict("a case was opened or deleted just now; look at both again".to_owned()));
    }
    Ok(())
}

async fn write_if_changed(
    tx: &mut Tx,
    sealer: &Sealer,
    before: &storage::cases::Case,
    after: &storage::cases::Case,
) -> Result<()> {
    if before != after {
        storage::cases::replace(tx, sealer, after).await?;
    }
    Ok(())
}

fn born(person: &Person) -> Option<&str> {
    person.personal.get(&domain::persons::PersonalField::Born).map(|born| born.expose().as_str())
}

/// Lets the index of names and the tokens of duplicates follow persons who changed, and those who are gone.
pub(super) async fn follow_persons(
    tx: &mut Tx,
    worker: &Worker,
    sealer: &Sealer,
    (changed, gone): (&[Person], &[PersonId]),
) -> Result<()> {
    let rules = rules_of(&worker.authority);
    let ids: Vec<PersonId> = changed.iter().map(|person| person.person_id).chain(gone.iter().copied()).collect();
    storage::persons::note_changes(tx, &ids).await?;
    let mut tokens: Vec<PersonTokens> = changed.iter().map(|person| tokens_of(person, rules)).collect();
    tokens.extend(gone.iter().map(|person_id| PersonTokens { person_id: *person_id, tokens: Vec::new() }));
    storage::duplicates::replace(tx, sealer, &tokens).await?;
    Ok(storage::duplicates::follow_own(tx, rules.number(), ids.len()).await?)
}
