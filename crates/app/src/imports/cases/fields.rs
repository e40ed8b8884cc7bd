//! The fields of a line list: how each is read from its cell, and where it goes.

use super::super::{Setting, column, persons, visits::place_name};
use super::Difference;
use documents::cell::Row;
use documents::columns::Columns;
use documents::values::{self, DateOrder};
use domain::cases::{CaseClassification, CaseDates, check_dates};
use domain::diseases::Disease;
use domain::ids::{CaseId, FacilityId, PersonId};
use domain::persons::{Age, Personal, PersonalField};
use domain::references::Reference;
use domain::time::local_day;
use jiff::civil::Date;
use storage::cases::Case;
use storage::persons::Person;

/// The fields that columns can be mapped to.
pub(crate) const FIELDS: &[&str] = &[
    "id",
    "first_name",
    "last_name",
    "born",
    "sex",
    "age",
    "phone",
    "mobile",
    "email",
    "street",
    "house_number",
    "postcode",
    "city",
    "disease",
    "onset",
    "tested",
    "reported",
    "classification",
    "place",
    "setting",
    "outcome",
    "died",
    "exposed_first",
    "exposed_last",
    "note",
];

/// The longest text of a field, in characters; notes may be longer.
const LONGEST_TEXT: usize = 200;
const LONGEST_NOTE: usize = 10_000;

/// Personal texts and their fields.
const PERSONAL: &[PersonalField] = &[
    PersonalField::FirstName,
    PersonalField::LastName,
    PersonalField::Phone,
    PersonalField::Mobile,
    PersonalField::Email,
    PersonalField::Street,
    PersonalField::HouseNumber,
    PersonalField::City,
];

/// What a row says; `None` where it says nothing.
pub(super) struct CaseFields {
    pub(super) reference: Reference,
    pub(super) disease: Option<Disease>,
    pub(super) place: Option<String>,
    personal: Vec<(PersonalField, String)>,
    sex: Option<String>,
    postcode: Option<String>,
    age: Option<Age>,
    note: Option<String>,
    classification: Option<CaseClassification>,
    dates: CaseDates,
    exposed_first: Option<Date>,
    exposed_last: Option<Date>,
    died_on: Option<Date>,
    outcome: Option<String>,
    setting: Option<String>,
}

/// Reads rows into fields.
pub(super) struct Reader {
    columns: Vec<(&'static str, usize)>,
    order: DateOrder,
    today: Date,
}

impl Reader {
    pub(super) fn new(setting: &Setting<'_>, columns: &Columns) -> Self {
        Self {
            columns: FIELDS.iter().filter_map(|field| Some((*field, column(columns, field)?))).collect(),
            order: setting.options.date_order,
            today: local_day(setting.now, &setting.worker.authority.time_zone),
        }
    }

    fn column(&self, field: &str) -> Option<usize> {
        self.columns.iter().find(|(name, _)| *name == field).map(|(_, column)| *column)
    }

    fn day(&self, row: &Row<'_>, field: &str) -> Result<Option<Date>, String> {
        values::day(row.get(self.column(field)), self.order).map_err(|error| format!("{field}: {error}"))
    }

    fn text(&self, row: &Row<'_>, field: &str, longest: usize) -> Result<Option<String>, String> {
        let text = values::text(row.get(self.column(field)));
        match text {
            Some(text) if text.chars().count() > longest => Err(format!("{field} is longer than {longest} characters")),
            text => Ok(text.map(std::borrow::Cow::into_owned)),
        }
    }

    fn word(&self, row: &Row<'_>, field: &str) -> Result<Option<String>, String> {
        let word = values::word(row.get(self.column(field)));
        match word {
            Some(word) if word.chars().count() > LONGEST_TEXT => {
                Err(format!("{field} is longer than {LONGEST_TEXT} characters"))
            }
            word => Ok(word.map(std::borrow::Cow::into_owned)),
        }
    }

    pub(super) fn read(&self, row: &Row<'_>) -> Result<CaseFields, String> {
        let reference = persons::reference(row.get(self.column("id")), "id")?;
        let mut personal = Vec::new();
        for field in PERSONAL {
            if let Some(value) = self.text(row, field.as_str(), LONGEST_TEXT)? {
                personal.push((*field, value));
            }
        }
        let born = self.day(row, "born")?;
        personal.extend(born.map(|day| (PersonalField::Born, day.to_string())));
        let dates = CaseDates {
            symptom_onset: self.day(row, "onset")?,
            tested_on: self.day(row, "tested")?,
            reported_on: self.day(row, "reported")?,
        };
        let fields = CaseFields {
            reference,
            disease: self.listed(row, "disease", Disease::find, Disease::ALL)?,
            place: place_name(row.get(self.column("place")), "place")?,
            personal,
            sex: self.word(row, "sex")?,
            postcode: self.text(row, "postcode", 20)?,
            age: self.age(row, born, &dates)?,
            note: self.text(row, "note", LONGEST_NOTE)?,
            classification: self.listed(row, "classification", CaseClassification::find, CaseClassification::ALL)?,
            dates,
            exposed_first: self.day(row, "exposed_first")?,
            exposed_last: self.day(row, "exposed_last")?,
            died_on: self.day(row, "died")?,
            outcome: self.word(row, "outcome")?,
            setting: self.word(row, "setting")?,
        };
        self.check(&fields, born)?;
        Ok(fields)
    }

    fn age(&self, row: &Row<'_>, born: Option<Date>, dates: &CaseDates) -> Result<Option<Age>, String> {
        let stated = values::age(row.get(self.column("age"))).map_err(|error| format!("age: {error}"))?;
        let stated = stated.and_then(Age::new);
        let on = dates.symptom_onset.or(dates.tested_on).or(dates.reported_on);
        let derived = born.zip(on).and_then(|(born, on)| Age::on(on, born));
        Ok(stated.or(derived))
    }

    fn check(&self, fields: &CaseFields, born: Option<Date>) -> Result<(), String> {
        let named = [
            ("onset", fields.dates.symptom_onset),
            ("tested", fields.dates.tested_on),
            ("reported", fields.dates.reported_on),
            ("died", fields.died_on),
            ("born", born),
        ];
        let exposed = (fields.exposed_first, fields.exposed_last);
        check_dates(&named, fields.dates.symptom_onset, fields.died_on, exposed, self.today)
            .map_err(|error| error.to_string())
    }

    /// Reads a word from a list that can't be left; an unknown one is refused with those that are known.
    fn listed<T: Copy + std::fmt::Display>(
        &self,
        row: &Row<'_>,
        field: &str,
        find: impl Fn(&str) -> Option<T>,
        all: &[T],
    ) -> Result<Option<T>, String> {
        let Some(word) = values::identifier(row.get(self.column(field))) else { return Ok(None) };
        find(&word.to_lowercase()).map(Some).ok_or_else(|| {
            let known: Vec<String> = all.iter().map(ToString::to_string).collect();
            format!("{field}: \"{word}\" is not known; write one of {}", known.join(", "))
        })
    }
}

impl CaseFields {
    pub(super) fn empty_case(&self, case_id: CaseId, person_id: PersonId, setting: &Setting<'_>) -> Case {
        Case {
            case_id,
            person_id,
            disease: self.disease.unwrap_or(setting.disease),
            classification: self.classification.unwrap_or(CaseClassification::Confirmed),
            dates: CaseDates::default(),
            exposed_first: None,
            exposed_last: None,
            died_on: None,
            outcome: None,
            setting: None,
            facility_id: None,
            age_band: None,
            age: None,
            note: None,
        }
    }

    /// Puts what the row says into a person; returns what that changes.
    pub(super) fn put_into_person(&self, person: &mut Person) -> Vec<Difference> {
        let mut differences = Vec::new();
        put(&mut person.sex, &self.sex, "sex", &mut differences);
        put(&mut person.postcode, &self.postcode, "postcode", &mut differences);
        for (field, value) in &self.personal {
            let before = person.personal.get(field).map(|old| old.expose().clone());
            if before.as_ref() != Some(value) {
                differences.push((field.as_str(), before, Some(value.clone())));
                person.personal.insert(*field, Personal::new(value.clone()));
            }
        }
        differences
    }

    /// Puts what the row says into a case; returns what that changes.
    pub(super) fn put_into_case(&self, case: &mut Case, place: Option<FacilityId>, is_new: bool) -> Vec<Difference> {
        let mut differences = Vec::new();
        let changes = &mut differences;
        put(&mut case.dates.symptom_onset, &self.dates.symptom_onset, "onset", changes);
        put(&mut case.dates.tested_on, &self.dates.tested_on, "tested", changes);
        put(&mut case.dates.reported_on, &self.dates.reported_on, "reported", changes);
        put(&mut case.exposed_first, &self.exposed_first, "exposed_first", changes);
        put(&mut case.exposed_last, &self.exposed_last, "exposed_last", changes);
        put(&mut case.died_on, &self.died_on, "died", changes);
        put(&mut case.outcome, &self.outcome, "outcome", changes);
        put(&mut case.setting, &self.setting, "setting", changes);
        put(&mut case.facility_id, &place, "place", changes);
        if !is_new {
            let mut classification = Some(case.classification);
            put(&mut classification, &self.classification, "classification", changes);
            case.classification = classification.unwrap_or(case.classification);
        }
        put_personal(&mut case.age, self.age.map(|age| age.years().to_string()), "age", changes);
        if let Some(age) = self.age {
            case.age_band = Some(age.band());
        }
        put_personal(&mut case.note, self.note.clone(), "note", changes);
        differences
    }
}

fn put<T: Clone + PartialEq + ToString>(
    slot: &mut Option<T>,
    stated: &Option<T>,
    field: &'static str,
    differences: &mut Vec<Difference>,
) {
    if stated.is_some() && slot != stated {
        let text = |value: &Option<T>| value.as_ref().map(ToString::to_string);
        differences.push((field, text(slot), text(stated)));
        slot.clone_from(stated);
    }
}

fn put_personal(
    slot: &mut Option<Personal<String>>,
    stated: Option<String>,
    field: &'static str,
    differences: &mut Vec<Difference>,
) {
    let before = slot.as_ref().map(|old| old.expose().clone());
    if stated.is_some() && before != stated {
        *slot = stated.clone().map(Personal::new);
        differences.push((field, before, stated));
    }
}
