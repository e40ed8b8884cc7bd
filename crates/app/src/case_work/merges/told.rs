//! What both told: diary entries for one half day, answers to the questions that everybody is asked once.
//!
//! Of two entries for one half day a worker says which holds; the other is kept beside it. Of two sets of answers one
//! stays with the case; the other is kept for as long as the merge can be undone.

use super::Pair;
use super::fields::Choices;
use super::preview::FieldComparison;
use domain::diary::Slot;
use domain::ids::{CaseId, PersonId};
use domain::merges::Takes;
use domain::persons::Personal;
use std::collections::BTreeMap;
use storage::diary::DiaryEntry;
use storage::merges::{Fold, Superseded};
use storage::questionnaires::AnsweredQuestionnaire;

const ANSWERS: &str = "questionnaire";
const DIARY: &str = "diary/";

/// Says whether a choice is about what was told.
pub(super) fn is_told(field: &str) -> bool {
    field == ANSWERS || field.starts_with(DIARY)
}

fn name_of(slot: Slot) -> String {
    format!("{DIARY}{}/{}", slot.day, slot.part)
}

/// An entry in a line: temperature, symptoms, note.
fn line(entry: &DiaryEntry) -> String {
    let temperature = entry.temperature.map(|temperature| format!("{temperature} °C"));
    let symptoms: Vec<&str> = entry.symptoms.iter().map(|symptom| symptom.as_str()).collect();
    let symptoms = (!symptoms.is_empty()).then(|| symptoms.join(", ").replace('_', " "));
    let note = entry.note.as_ref().map(|note| note.expose().clone());
    [temperature, symptoms, note].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Answers in a line: whether there are symptoms, which, and who took them down when.
fn answers_line(answered: &AnsweredQuestionnaire) -> String {
    let answers = answered.answers.expose();
    let symptoms: Vec<&str> = answers.symptoms.iter().map(|symptom| symptom.as_str()).collect();
    let when = answered.answered_at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    if symptoms.is_empty() { when } else { format!("{when}; {}", symptoms.join(", ").replace('_', " ")) }
}

fn diary(pair: &Pair, case_id: CaseId) -> &[DiaryEntry] {
    pair.diaries.get(&case_id).map_or(&[], Vec::as_slice)
}

/// Compares what two cases told that can't both hold.
pub(super) fn compare(pair: &Pair, fold: &Fold) -> Vec<FieldComparison> {
    let compared = |field: String, kept: String, other: String| FieldComparison {
        field,
        kept: Some(Personal::new(kept)),
        other: Some(Personal::new(other)),
        takes: Takes::Kept,
    };
    let mut all = Vec::new();
    for kept in diary(pair, fold.kept) {
        if let Some(other) = diary(pair, fold.folded).iter().find(|other| other.slot == kept.slot) {
            all.push(compared(name_of(kept.slot), line(kept), line(other)));
        }
    }
    if let Some((kept, other)) = pair.answers.get(&fold.kept).zip(pair.answers.get(&fold.folded)) {
        all.push(compared(ANSWERS.to_owned(), answers_line(kept), answers_line(other)));
    }
    all
}

fn chosen(choices: &BTreeMap<CaseId, Choices>, fold: &Fold, field: &str) -> Takes {
    choices.get(&fold.folded).and_then(|of_case| of_case.get(field)).copied().unwrap_or(Takes::Kept)
}

/// Lists the entries that don't hold, each with the one that does.
pub(super) fn superseded(pair: &Pair, folds: &[Fold], choices: &BTreeMap<CaseId, Choices>) -> Vec<Superseded> {
    let mut all = Vec::new();
    let mut holding: BTreeMap<(CaseId, Slot), &DiaryEntry> = BTreeMap::new();
    for fold in folds {
        for entry in diary(pair, fold.kept) {
            holding.entry((fold.kept, entry.slot)).or_insert(entry);
        }
        for entry in diary(pair, fold.folded) {
            let holds = holding.entry((fold.kept, entry.slot)).or_insert(entry);
            if holds.entry_id == entry.entry_id {
                continue;
            }
            let (winner, loser) = match chosen(choices, fold, &name_of(entry.slot)) {
                Takes::Kept => (*holds, entry),
                Takes::Other => (entry, *holds),
            };
            all.push(Superseded { case_id: loser.case_id, entry_id: loser.entry_id, by: winner.entry_id });
            *holds = winner;
        }
    }
    all
}

/// Lists the answers that cases take from those that become part of them.
pub(super) fn answers(
    pair: &Pair,
    folds: &[Fold],
    choices: &BTreeMap<CaseId, Choices>,
    person_id: PersonId,
) -> Vec<AnsweredQuestionnaire> {
    let mut all: BTreeMap<CaseId, AnsweredQuestionnaire> = BTreeMap::new();
    for fold in folds {
        let has_own = pair.answers.contains_key(&fold.kept) || all.contains_key(&fold.kept);
        let Some(other) = pair.answers.get(&fold.folded) else { continue };
        if !has_own || chosen(choices, fold, ANSWERS) == Takes::Other {
            all.insert(fold.kept, AnsweredQuestionnaire { case_id: fold.kept, person_id, ..other.clone() });
        }
    }
    all.into_values().collect()
}
