//! A row of a laboratory's file: what was found in which sample, and whose it is.

use super::super::{Setting, column};
use crate::case_work::Changes;
use crate::duplicates::PersonDraft;
use documents::cell::Row;
use documents::columns::Columns;
use documents::values::{self, DateOrder};
use domain::diseases::Disease;
use domain::laboratory::TestOutcome;
use domain::persons::Personal;
use domain::references::Reference;
use domain::time::{local_day, start_of_day};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The fields that columns can be mapped to.
pub(crate) const FIELDS: &[&str] = &[
    "laboratory",
    "sample",
    "result",
    "method",
    "specimen",
    "reported",
    "disease",
    "first_name",
    "last_name",
    "born",
    "sex",
    "phone",
    "mobile",
    "email",
    "street",
    "house_number",
    "postcode",
    "city",
];

/// Fields that go into the person as they are.
const OF_PERSON: &[&str] =
    &["first_name", "last_name", "sex", "phone", "mobile", "email", "street", "house_number", "postcode", "city"];

const LONGEST_WORD: usize = 200;

/// What a row says.
pub(super) struct LabRow {
    pub(super) laboratory: String,
    pub(super) sample: String,
    pub(super) outcome: TestOutcome,
    pub(super) method: Option<String>,
    pub(super) specimen_on: Option<Date>,
    pub(super) reported_at: Timestamp,
    pub(super) reported_on: Date,
    pub(super) disease: Option<Disease>,
    /// Of the person and the case, in the fields of a case by hand.
    pub(super) details: Changes,
}

impl LabRow {
    /// What names the sample, everywhere.
    pub(super) fn key(&self) -> (String, String) {
        (self.laboratory.clone(), self.sample.clone())
    }

    fn detail(&self, field: &str) -> Option<Personal<String>> {
        self.details.get(field).cloned().flatten().map(Personal::new)
    }

    /// The person as duplicates are looked for.
    pub(super) fn draft(&self) -> PersonDraft {
        let born = self.detail("born").and_then(|born| born.expose().parse().ok());
        PersonDraft {
            first_name: self.detail("first_name"),
            last_name: self.detail("last_name"),
            born: born.map(Personal::new),
            phones: [self.detail("phone"), self.detail("mobile")].into_iter().flatten().collect(),
            emails: self.detail("email").into_iter().collect(),
            postcode: self.details.get("postcode").cloned().flatten(),
        }
    }

    /// Names and birth as one text, where all three are known: two rows of one file with the same are one person.
    pub(super) fn identity(&self) -> Option<Personal<String>> {
        let parts = ["first_name", "last_name", "born"].map(|field| self.detail(field));
        let [Some(first), Some(last), Some(born)] = parts else { return None };
        Some(Personal::new(format!("{}\n{}\n{}", first.expose(), last.expose(), born.expose()).to_lowercase()))
    }
}

/// Reads rows.
pub(super) struct Reader {
    columns: Vec<(&'static str, usize)>,
    order: DateOrder,
    zone: TimeZone,
    now: Timestamp,
}

impl Reader {
    pub(super) fn new(setting: &Setting<'_>, columns: &Columns) -> Self {
        Self {
            columns: FIELDS.iter().filter_map(|field| Some((*field, column(columns, field)?))).collect(),
            order: setting.options.date_order,
            zone: setting.worker.authority.time_zone.clone(),
            now: setting.now,
        }
    }

    fn column(&self, field: &str) -> Option<usize> {
        self.columns.iter().find(|(name, _)| *name == field).map(|(_, column)| *column)
    }

    fn text(&self, row: &Row<'_>, field: &str) -> Result<Option<String>, String> {
        match values::text(row.get(self.column(field))) {
            Some(text) if text.chars().count() > LONGEST_WORD => {
                Err(format!("{field} is longer than {LONGEST_WORD} characters"))
            }
            text => Ok(text.map(std::borrow::Cow::into_owned)),
        }
    }

    fn day(&self, row: &Row<'_>, field: &str) -> Result<Option<Date>, String> {
        values::day(row.get(self.column(field)), self.order).map_err(|error| format!("{field}: {error}"))
    }

    pub(super) fn read(&self, row: &Row<'_>) -> Result<LabRow, String> {
        let sample = values::identifier(row.get(self.column("sample"))).ok_or("sample is missing")?;
        // A number or code, like a reference: a name would stand in clear.
        let sample = Reference::new(&sample).map_err(|error| format!("sample: {error}"))?;
        let today = local_day(self.now, &self.zone);
        let (specimen_on, reported) = (self.day(row, "specimen")?, self.day(row, "reported")?);
        for (field, day) in [("specimen", specimen_on), ("reported", reported)] {
            if day.is_some_and(|day| day > today) {
                return Err(format!("{field} lies in the future"));
            }
        }
        let reported_on = reported.unwrap_or(today);
        let reported_at = if reported_on < today { start_of_day(reported_on, &self.zone) } else { self.now };
        let mut details = Changes::new();
        for field in OF_PERSON {
            if let Some(text) = self.text(row, field)? {
                details.insert((*field).to_owned(), Some(text));
            }
        }
        if let Some(born) = self.day(row, "born")? {
            details.insert("born".to_owned(), Some(born.to_string()));
        }
        // Without the day of the sample, the day of the report is the nearest that is known.
        details.insert("tested".to_owned(), Some(specimen_on.unwrap_or(reported_on).to_string()));
        details.insert("reported".to_owned(), Some(reported_on.to_string()));
        if !details.contains_key("first_name") && !details.contains_key("last_name") {
            return Err("whose sample it is is missing: first_name, last_name or both".to_owned());
        }
        Ok(LabRow {
            laboratory: self.text(row, "laboratory")?.unwrap_or_default(),
            sample: sample.as_str().to_owned(),
            outcome: self.outcome(row)?,
            method: self.text(row, "method")?,
            specimen_on,
            reported_at,
            reported_on,
            disease: self.disease(row)?,
            details,
        })
    }

    fn outcome(&self, row: &Row<'_>) -> Result<TestOutcome, String> {
        let word = values::word(row.get(self.column("result"))).ok_or("result is missing")?;
        TestOutcome::read(&word).ok_or_else(|| "result: write positive, negative or indeterminate".to_owned())
    }

    fn disease(&self, row: &Row<'_>) -> Result<Option<Disease>, String> {
        let Some(word) = values::identifier(row.get(self.column("disease"))) else { return Ok(None) };
        let known: Vec<&str> = Disease::ALL.iter().map(|disease| disease.as_str()).collect();
        let unknown = || format!("disease: write one of {}", known.join(", "));
        Disease::find(&word.to_lowercase()).map(Some).ok_or_else(unknown)
    }
}
