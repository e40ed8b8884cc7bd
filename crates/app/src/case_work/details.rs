//! Details of a case and its person as somebody types them: each field checked by its own rule, all of them together by
//! those of the dates, and either all are taken or none.

use super::taken::{Taken, follow_person, resolve_by_itself};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::action_items::ItemKind;
use domain::cases::{CaseClassification, CaseType, check_dates};
use domain::ids::{CaseId, FacilityId, HistoryId, ItemId};
use domain::persons::{Age, Personal, PersonalField, tidy};
use domain::references::Reference;
use domain::time::local_day;
use jiff::civil::Date;
use std::collections::BTreeMap;
use storage::cases::{Case, CaseWork};
use storage::persons::Person;

/// What is to change: a field and its value; without one it is emptied. Fields that aren't named stay.
pub type Changes = BTreeMap<String, Option<String>>;

/// Changes, and what whoever makes them had seen.
#[derive(Clone, Debug)]
pub struct CaseChanges {
    /// What is to change.
    pub changes: Changes,
    /// The last change of the case that was seen; a field that changed since is not written over.
    pub seen: Option<HistoryId>,
}

/// The fields that can be changed, in the order of the form.
pub const DETAILS: &[&str] = &[
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
    "case_type",
    "classification",
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

/// The longest word in clear: a setting, an outcome, a place.
const LONGEST_WORD: usize = 200;

/// Changes looked back over for what somebody else changed meanwhile.
const MOST_SEEN: i64 = 500;

/// A person and a case while details are put into them.
pub(super) struct Subject<'s> {
    pub(super) person: &'s mut Person,
    pub(super) case: &'s mut Case,
    pub(super) work: &'s mut CaseWork,
    /// The place that was named, looked up before.
    pub(super) facility_id: Option<FacilityId>,
}

/// A field with its value before and after.
pub(super) type Difference = (&'static str, Option<String>, Option<String>);

/// Puts details into a person and a case; returns what that changes.
///
/// # Errors
///
/// [`AppError::InvalidFields`] names every field that breaks a rule, with its reason.
pub(super) fn put(subject: &mut Subject<'_>, changes: &Changes, today: Date) -> Result<Vec<Difference>> {
    let (mut differences, mut wrong) = (Vec::new(), Vec::new());
    for (name, typed) in changes {
        let Some(field) = DETAILS.iter().find(|known| *known == name) else {
            return Err(AppError::Invalid { field: "changes", reason: "there is no such detail".to_owned() });
        };
        let before = read(subject, field);
        match put_one(subject, field, typed.as_deref().map(str::trim).filter(|text| !text.is_empty())) {
            Ok(()) => {
                let after = read(subject, field);
                if before != after {
                    differences.push((*field, before, after));
                }
            }
            Err(reason) => wrong.push((*field, reason)),
        }
    }
    if wrong.is_empty() {
        wrong.extend(check_together(subject, today));
    }
    if wrong.is_empty() { Ok(differences) } else { Err(AppError::InvalidFields(wrong)) }
}

/// Returns the details that have a value.
pub(super) fn read_details(subject: &Subject<'_>) -> Changes {
    let values = DETAILS.iter().filter_map(|field| Some(((*field).to_owned(), Some(read(subject, field)?))));
    values.collect()
}

pub(super) fn read(subject: &Subject<'_>, field: &str) -> Option<String> {
    let (person, case, work) = (&subject.person, &subject.case, &subject.work);
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    match field {
        "sex" => person.sex.clone(),
        "postcode" => person.postcode.clone(),
        "language" => person.language.clone(),
        "says_no_email" => person.says_no_email.then(|| "yes".to_owned()),
        "case_type" => Some(work.case_type.to_string()),
        "classification" => Some(case.classification.to_string()),
        "file_number" => work.file_number.as_ref().map(|number| number.as_str().to_owned()),
        "onset" => day(case.dates.symptom_onset),
        "tested" => day(case.dates.tested_on),
        "reported" => day(case.dates.reported_on),
        "exposed_first" => day(case.exposed_first),
        "exposed_last" => day(case.exposed_last),
        "died" => day(case.died_on),
        "place" => case.facility_id.map(|id| id.to_string()),
        "setting" => case.setting.clone(),
        "outcome" => case.outcome.clone(),
        "note" => case.note.as_ref().map(|note| note.expose().clone()),
        _ => {
            let field = PersonalField::find(field)?;
            person.personal.get(&field).map(|value| value.expose().clone())
        }
    }
}

fn put_one(subject: &mut Subject<'_>, field: &str, typed: Option<&str>) -> Result<(), String> {
    let (person, case) = (&mut *subject.person, &mut *subject.case);
    match field {
        "sex" => person.sex = word(typed)?,
        "postcode" => person.postcode = postcode(typed)?,
        "language" => person.language = language(typed)?,
        "says_no_email" => person.says_no_email = yes_or_no(typed)?,
        "case_type" => put_type(subject.work, typed)?,
        "classification" => case.classification = classification(typed)?,
        "file_number" => subject.work.file_number = file_number(typed)?,
        "onset" => case.dates.symptom_onset = day(typed)?,
        "tested" => case.dates.tested_on = day(typed)?,
        "reported" => case.dates.reported_on = day(typed)?,
        "exposed_first" => case.exposed_first = day(typed)?,
        "exposed_last" => case.exposed_last = day(typed)?,
        "died" => case.died_on = day(typed)?,
        "place" => {
            word(typed)?;
            case.facility_id = typed.and(subject.facility_id);
        }
        "setting" => case.setting = word(typed)?,
        "outcome" => case.outcome = word(typed)?,
        "note" => case.note = tidied(PersonalField::Note, typed)?,
        "born" => {
            let born = day(typed)?;
            put_personal(person, PersonalField::Born, born.map(|born| Personal::new(born.to_string())));
        }
        _ => {
            let field = PersonalField::find(field).ok_or("there is no such detail")?;
            put_personal(person, field, tidied(field, typed)?);
        }
    }
    Ok(())
}

fn put_personal(person: &mut Person, field: PersonalField, value: Option<Personal<String>>) {
    match value {
        Some(value) => _ = person.personal.insert(field, value),
        None => _ = person.personal.remove(&field),
    }
}

fn tidied(field: PersonalField, typed: Option<&str>) -> Result<Option<Personal<String>>, String> {
    let tidied = typed.map_or(Ok(None), |typed| tidy(field, typed)).map_err(|wrong| wrong.to_string())?;
    Ok(tidied.map(Personal::new))
}

fn word(typed: Option<&str>) -> Result<Option<String>, String> {
    match typed {
        Some(text) if text.chars().count() > LONGEST_WORD => Err(format!("at most {LONGEST_WORD} characters")),
        Some(text) if text.chars().any(char::is_control) => Err("one line only".to_owned()),
        text => Ok(text.map(str::to_owned)),
    }
}

fn postcode(typed: Option<&str>) -> Result<Option<String>, String> {
    match typed {
        Some(text) if text.len() > 12 || !text.chars().all(|c| c.is_ascii_alphanumeric() || " -".contains(c)) => {
            Err("a postcode has letters A to Z, digits, spaces and -, 12 at most".to_owned())
        }
        text => Ok(text.map(str::to_owned)),
    }
}

fn language(typed: Option<&str>) -> Result<Option<String>, String> {
    match typed {
        Some(tag) if !(2..=3).contains(&tag.len()) || !tag.chars().all(|c| c.is_ascii_lowercase()) => {
            Err("a language is two or three small letters, such as de, en, tr".to_owned())
        }
        tag => Ok(tag.map(str::to_owned)),
    }
}

fn yes_or_no(typed: Option<&str>) -> Result<bool, String> {
    match typed {
        Some("yes") => Ok(true),
        Some("no") | None => Ok(false),
        Some(_) => Err("yes or no".to_owned()),
    }
}

fn put_type(work: &mut CaseWork, typed: Option<&str>) -> Result<(), String> {
    let wanted = typed.and_then(CaseType::find);
    let wanted = wanted.ok_or("one of index, contact, contact_medical, contact_vulnerable")?;
    if !work.case_type.may_become(wanted) {
        return Err("once index, always index".to_owned());
    }
    if wanted == CaseType::Index && work.case_type.is_contact() {
        return Err("a contact becomes an index case by a positive test: note the test".to_owned());
    }
    work.case_type = wanted;
    Ok(())
}

fn classification(typed: Option<&str>) -> Result<CaseClassification, String> {
    let wanted = typed.and_then(CaseClassification::find);
    wanted.ok_or_else(|| "one of suspected, probable, confirmed".to_owned())
}

fn file_number(typed: Option<&str>) -> Result<Option<Reference>, String> {
    typed.map(Reference::new).transpose().map_err(|wrong| wrong.to_string())
}

fn day(typed: Option<&str>) -> Result<Option<Date>, String> {
    let parsed = typed.map(str::parse::<Date>).transpose();
    parsed.map_err(|_| "a day is written as year-month-day, such as 2026-03-09".to_owned())
}

fn born_of(person: &Person) -> Option<Date> {
    person.personal.get(&PersonalField::Born)?.expose().parse().ok()
}

/// Rules that look at several fields at once.
pub(super) fn check_together(subject: &Subject<'_>, today: Date) -> Vec<(&'static str, String)> {
    let (case, born) = (&subject.case, born_of(subject.person));
    let named = [
        ("born", born),
        ("onset", case.dates.symptom_onset),
        ("tested", case.dates.tested_on),
        ("reported", case.dates.reported_on),
        ("died", case.died_on),
        ("exposed_first", case.exposed_first),
        ("exposed_last", case.exposed_last),
    ];
    let mut wrong: Vec<(&'static str, String)> = named
        .iter()
        .filter(|(_, day)| day.is_some_and(|day| day > today))
        .map(|(name, _)| (*name, "lies in the future".to_owned()))
        .collect();
    if let Some(born) = born {
        let before = named.iter().filter(|(_, day)| day.is_some_and(|day| day < born));
        wrong.extend(before.map(|(name, _)| (*name, "lies before the birth".to_owned())));
        if born <= today && Age::on(today, born).is_none() {
            wrong.push(("born", "nobody is that old".to_owned()));
        }
    }
    let exposed = (case.exposed_first, case.exposed_last);
    if wrong.is_empty()
        && let Err(reason) = check_dates(&[], case.dates.symptom_onset, case.died_on, exposed, today)
    {
        let field =
            if case.died_on.is_some() && case.dates.symptom_onset > case.died_on { "died" } else { "exposed_last" };
        wrong.push((field, reason.to_string()));
    }
    wrong
}

/// Writes the age that follows from the birth and the first day of the case.
pub(super) fn derive_age(person: &Person, case: &mut Case, today: Date) {
    let day = case.dates.symptom_onset.or(case.dates.tested_on).or(case.dates.reported_on).unwrap_or(today);
    if let Some(age) = born_of(person).and_then(|born| Age::on(day, born)) {
        case.age_band = Some(age.band());
        case.age = Some(Personal::new(age.years().to_string()));
    }
}

impl App {
    /// Changes details of a case and its person.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every field that breaks a rule; [`AppError::Conflict`] if somebody else changed
    /// one of the fields meanwhile, if another case has the file number, or if the case is anonymised.
    #[tracing::instrument(target = "epitrace::traces", name = "app::change_details", skip_all)]
    pub async fn change_details(&self, worker: &Worker, case_id: CaseId, wanted: &CaseChanges) -> Result<CaseWork> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        self.change_taken(&mut tx, worker, &mut taken, wanted).await?;
        Ok(self.settle(tx, worker, taken, "cases.change").await?.work)
    }

    /// Changes details of a case that is taken, whoever took it.
    pub(super) async fn change_taken(
        &self,
        tx: &mut storage::Tx,
        worker: &Worker,
        taken: &mut Taken,
        wanted: &CaseChanges,
    ) -> Result<()> {
        let mut case = storage::cases::by_id(tx, Some(&taken.sealer), taken.work.case_id).await?;
        let case = case.as_mut().ok_or(AppError::NotFound("case"))?;
        self.require_unchanged(tx, taken, wanted).await?;
        let facility_id = self.facility_named(tx, wanted.changes.get("place"), taken.now).await?;
        let today = local_day(taken.now, &worker.authority.time_zone);
        let mut subject = Subject { person: &mut taken.person, case, work: &mut taken.work, facility_id };
        let differences = put(&mut subject, &wanted.changes, today)?;
        if taken.work.case_type.is_contact() && case.classification == CaseClassification::Confirmed {
            let reason = "a contact is confirmed by a positive test: note the test".to_owned();
            return Err(AppError::InvalidFields(vec![("classification", reason)]));
        }
        self.require_free_file_number(tx, &taken.work).await?;
        derive_age(&taken.person, case, today);
        let names: Vec<&str> = differences.iter().map(|(field, _, _)| *field).collect();
        for (field, before, after) in differences.iter().cloned() {
            self.note_change(worker, taken, (field, "by hand"), before, after);
        }
        if !names.is_empty() {
            storage::persons::replace(tx, &taken.sealer, &taken.person).await?;
            storage::cases::replace(tx, &taken.sealer, case).await?;
            follow_person(tx, worker, &taken.sealer, &taken.person, false).await?;
        }
        if names.iter().any(|name| ["onset", "tested"].contains(name)) {
            self.follow_window(tx, worker, taken, case).await?;
        }
        if names.iter().any(|name| ["phone", "mobile", "email"].contains(name)) {
            resolve_wrong_contact(tx, taken).await?;
        }
        Ok(())
    }

    /// Refuses to write over what somebody else changed since it was seen.
    async fn require_unchanged(&self, tx: &mut storage::Tx, taken: &Taken, wanted: &CaseChanges) -> Result<()> {
        let Some(seen) = wanted.seen else { return Ok(()) };
        let of_case = (taken.work.person_id, Some(taken.work.case_id));
        let changes = storage::history::page(tx, None, of_case, None, MOST_SEEN).await?;
        let newer = changes.iter().take_while(|change| change.history_id > seen);
        let mut clashing = newer.filter(|change| wanted.changes.contains_key(&change.field));
        match clashing.next() {
            None => Ok(()),
            Some(_) => {
                Err(AppError::Conflict("somebody else changed the same detail meanwhile; look at it first".to_owned()))
            }
        }
    }

    pub(super) async fn require_free_file_number(&self, tx: &mut storage::Tx, work: &CaseWork) -> Result<()> {
        let Some(number) = &work.file_number else { return Ok(()) };
        match storage::cases::by_file_number(tx, number).await? {
            Some(other) if other != work.case_id => {
                let reason = "another case has this file number".to_owned();
                Err(AppError::InvalidFields(vec![("file_number", reason)]))
            }
            _ => Ok(()),
        }
    }

    /// Finds the place with a name, or makes it.
    pub(super) async fn facility_named(
        &self,
        tx: &mut storage::Tx,
        name: Option<&Option<String>>,
        now: jiff::Timestamp,
    ) -> Result<Option<FacilityId>> {
        let name = name.and_then(Option::as_deref).map(str::trim).filter(|name| !name.is_empty());
        let Some(name) = name.filter(|name| name.chars().count() <= LONGEST_WORD) else { return Ok(None) };
        let known = storage::facilities::by_name(tx, &[name]).await?;
        if let Some(id) = known.get(name) {
            return Ok(Some(*id));
        }
        let id = FacilityId::mint(now, self.random());
        storage::facilities::insert(tx, &[(id, name.to_owned())], now).await?;
        Ok(Some(id))
    }
}

async fn resolve_wrong_contact(tx: &mut storage::Tx, taken: &mut Taken) -> Result<()> {
    let wrong: Vec<ItemId> = taken
        .items
        .iter()
        .filter(|item| item.kind == ItemKind::WrongContactDetails && item.resolution.is_none())
        .map(|item| item.item_id)
        .collect();
    for item_id in wrong {
        resolve_by_itself(tx, taken, item_id).await?;
    }
    Ok(())
}
