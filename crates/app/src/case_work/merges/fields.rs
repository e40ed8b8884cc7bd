//! The fields that two records may differ in, and whose value holds.

use super::super::details::{Subject, read};
use super::preview::FieldComparison;
use crate::error::{AppError, Result};
use domain::merges::Takes;
use domain::persons::{Personal, PersonalField};
use std::collections::BTreeMap;

/// Fields of a person that are compared, in the order of the form.
pub(super) const OF_PERSON: &[&str] = &[
    "first_name",
    "last_name",
    "born",
    "sex",
    "phone",
    "mobile",
    "email",
    "says_no_email",
    "street",
    "house_number",
    "postcode",
    "city",
    "language",
];

/// Fields of a case that are compared. Type, classification and status follow rules, and nobody chooses them.
pub(super) const OF_CASE: &[&str] = &[
    "file_number",
    "onset",
    "tested",
    "reported",
    "exposed_first",
    "exposed_last",
    "died",
    "place",
    "setting",
    "outcome",
    "note",
];

/// Whose value somebody chose, by field.
pub(super) type Choices = BTreeMap<String, Takes>;

/// Compares fields of two records; those that neither has are left out.
pub(super) fn compare(fields: &[&'static str], kept: &Subject<'_>, other: &Subject<'_>) -> Vec<FieldComparison> {
    let pair = |field: &&'static str| {
        let (kept, other) = (read(kept, field), read(other, field));
        let takes = Takes::by_default(kept.as_ref(), other.as_ref());
        let has_any = kept.is_some() || other.is_some();
        has_any.then(|| FieldComparison {
            field: (*field).to_owned(),
            kept: kept.map(Personal::new),
            other: other.map(Personal::new),
            takes,
        })
    };
    fields.iter().filter_map(pair).collect()
}

/// Checks that only fields that can be chosen were.
pub(super) fn check(fields: &[&'static str], choices: &Choices) -> Result<()> {
    match choices.keys().all(|name| fields.contains(&name.as_str())) {
        true => Ok(()),
        false => Err(AppError::Invalid { field: "values", reason: "there is no such field to choose".to_owned() }),
    }
}

/// A field with the value that goes and the one that holds.
pub(super) type Outcome = (String, Option<String>, Option<String>);

/// Puts the chosen values of another record into one; returns what differed, with the value that holds last.
pub(super) fn take(
    fields: &[&'static str],
    choices: &Choices,
    kept: &mut Subject<'_>,
    other: &Subject<'_>,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for comparison in compare(fields, kept, other) {
        if comparison.kept == comparison.other {
            continue;
        }
        let takes = choices.get(&comparison.field).copied().unwrap_or(comparison.takes);
        let text = |value: Option<Personal<String>>| value.map(|value| value.expose().clone());
        match takes {
            Takes::Kept => outcomes.push((comparison.field, text(comparison.other), text(comparison.kept))),
            Takes::Other => {
                copy(&comparison.field, kept, other);
                outcomes.push((comparison.field, text(comparison.kept), text(comparison.other)));
            }
        }
    }
    outcomes
}

fn copy(field: &str, to: &mut Subject<'_>, from: &Subject<'_>) {
    match field {
        "sex" => to.person.sex.clone_from(&from.person.sex),
        "postcode" => to.person.postcode.clone_from(&from.person.postcode),
        "language" => to.person.language.clone_from(&from.person.language),
        "says_no_email" => to.person.says_no_email = from.person.says_no_email,
        "file_number" => to.work.file_number.clone_from(&from.work.file_number),
        "onset" => to.case.dates.symptom_onset = from.case.dates.symptom_onset,
        "tested" => to.case.dates.tested_on = from.case.dates.tested_on,
        "reported" => to.case.dates.reported_on = from.case.dates.reported_on,
        "exposed_first" => to.case.exposed_first = from.case.exposed_first,
        "exposed_last" => to.case.exposed_last = from.case.exposed_last,
        "died" => to.case.died_on = from.case.died_on,
        "place" => to.case.facility_id = from.case.facility_id,
        "setting" => to.case.setting.clone_from(&from.case.setting),
        "outcome" => to.case.outcome.clone_from(&from.case.outcome),
        "note" => to.case.note.clone_from(&from.case.note),
        _ => {
            let Some(field) = PersonalField::find(field) else { return };
            match from.person.personal.get(&field) {
                Some(value) => _ = to.person.personal.insert(field, value.clone()),
                None => _ = to.person.personal.remove(&field),
            }
        }
    }
}
