//! Which cases are meant: a filter on columns in clear.

use super::index::Index;
use super::written::{Dialect, Value, Written};
use crate::dialect::Day;
use domain::cases::{CaseClassification, CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::ids::{AccountId, FacilityId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Days from the first to the last, both included; either end may be open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// First day; `None` since ever.
    pub first: Option<Date>,
    /// Last day, included; `None` until today.
    pub last: Option<Date>,
}

impl Days {
    /// All days, and those that nobody noted.
    pub const ANY: Self = Self { first: None, last: None };

    pub(super) fn is_any(&self) -> bool {
        *self == Self::ANY
    }
}

/// Who works on a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AssignedTo {
    /// Nobody yet.
    Nobody,
    /// Anybody.
    Somebody,
    /// This account.
    Account(AccountId),
}

/// A postcode, or how postcodes begin. It is no secret: postcodes stand in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Postcodes {
    /// This one.
    Whole(String),
    /// All that begin so.
    Beginning(String),
}

impl AssignedTo {
    /// Finds it by `nobody`, `somebody`, or the id of an account.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        match word {
            "nobody" => Some(Self::Nobody),
            "somebody" => Some(Self::Somebody),
            id => Uuid::try_parse(id).ok().map(|id| Self::Account(AccountId(id))),
        }
    }
}

impl fmt::Display for AssignedTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody"),
            Self::Somebody => f.write_str("somebody"),
            Self::Account(account) => account.0.fmt(f),
        }
    }
}

/// Letters of the longest postcode that is asked for.
const LONGEST_POSTCODE: usize = 12;

impl Postcodes {
    /// Reads a postcode of at most 12 letters, digits, spaces and hyphens; with `*` behind it, how postcodes begin.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let text = text.trim();
        let (postcode, is_beginning) = text.strip_suffix('*').map_or((text, false), |beginning| (beginning, true));
        let is_sign = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '-';
        if postcode.is_empty() || postcode.len() > LONGEST_POSTCODE || !postcode.chars().all(is_sign) {
            return None;
        }
        let postcode = postcode.to_owned();
        Some(if is_beginning { Self::Beginning(postcode) } else { Self::Whole(postcode) })
    }
}

impl fmt::Display for Postcodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(postcode) => f.write_str(postcode),
            Self::Beginning(beginning) => write!(f, "{beginning}*"),
        }
    }
}

/// Which cases: those that have all that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFilter {
    /// Of which disease.
    pub disease: Disease,
    /// How sure.
    pub classification: Option<CaseClassification>,
    /// At which place.
    pub place: Option<FacilityId>,
    /// Kind of place of the infection, as written.
    pub setting: Option<String>,
    /// Outcome, as written.
    pub outcome: Option<String>,
    /// Sex of the person, as written.
    pub sex: Option<String>,
    /// Fallen ill on these days.
    pub onset: Days,
    /// Reported on these days.
    pub reported: Days,
    /// Index case, or which kind of contact.
    pub case_type: Option<CaseType>,
    /// Where they stand: at one of these; anywhere without any.
    pub statuses: Vec<CaseStatus>,
    /// Who works on them.
    pub assigned: Option<AssignedTo>,
    /// In quarantine or isolation on this day.
    pub quarantined_on: Option<Date>,
    /// Quarantine or isolation ends on these days.
    pub quarantine_ends: Days,
    /// Where the person lives.
    pub postcodes: Option<Postcodes>,
    /// The specimen was taken on these days.
    pub tested: Days,
}

impl CaseFilter {
    /// All cases of a disease.
    #[must_use]
    pub fn all_of(disease: Disease) -> Self {
        Self {
            disease,
            classification: None,
            place: None,
            setting: None,
            outcome: None,
            sex: None,
            onset: Days::ANY,
            reported: Days::ANY,
            case_type: None,
            statuses: Vec::new(),
            assigned: None,
            quarantined_on: None,
            quarantine_ends: Days::ANY,
            postcodes: None,
            tested: Days::ANY,
        }
    }

    /// Says whether every case of the disease is meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::all_of(self.disease)
    }

    /// Says whether it asks for what stands only in the index of reports.
    pub(super) fn asks_for_work(&self) -> bool {
        self.case_type.is_some()
            || !self.statuses.is_empty()
            || self.assigned.is_some()
            || self.quarantined_on.is_some()
            || !self.quarantine_ends.is_any()
            || !self.tested.is_any()
    }

    /// Writes what follows `FROM outbreak_case AS c … WHERE c.authority_id = $1`.
    pub(super) fn write(&self, dialect: Dialect, index: Index, text: &mut Written) {
        text.with(" AND c.disease = ?", Value::Text(self.disease.as_str().to_owned()));
        if let Some(classification) = self.classification {
            text.with(" AND c.classification = ?", Value::Text(classification.as_str().to_owned()));
        }
        if let Some(place) = self.place {
            text.with(" AND c.facility_id = ?", Value::Id(place.0));
        }
        if let Some(setting) = &self.setting {
            text.with(" AND c.setting = ?", Value::Text(setting.clone()));
        }
        if let Some(outcome) = &self.outcome {
            text.with(" AND c.outcome = ?", Value::Text(outcome.clone()));
        }
        let ends = [
            (" AND c.symptom_onset >= ?", self.onset.first),
            (" AND c.symptom_onset <= ?", self.onset.last),
            (" AND c.reported_on >= ?", self.reported.first),
            (" AND c.reported_on <= ?", self.reported.last),
            (" AND c.tested_on >= ?", self.tested.first),
            (" AND c.tested_on <= ?", self.tested.last),
            (" AND c.quarantine_first <= ?", self.quarantined_on),
            (" AND c.quarantine_last >= ?", self.quarantined_on),
            (" AND c.quarantine_last >= ?", self.quarantine_ends.first),
            (" AND c.quarantine_last <= ?", self.quarantine_ends.last),
        ];
        for (piece, day) in ends {
            if let Some(day) = day {
                text.with(piece, Value::Day(Day(day)));
            }
        }
        if let Some(sex) = &self.sex {
            text.piece(
                " AND EXISTS (SELECT 1 FROM person AS p WHERE p.authority_id = $1 AND p.person_id = c.person_id",
            );
            text.with(" AND p.sex = ?)", Value::Text(sex.clone()));
        }
        self.write_work(text);
        self.write_postcodes(dialect, index, text);
    }

    /// Writes what has to do with the work on a case.
    fn write_work(&self, text: &mut Written) {
        if let Some(case_type) = self.case_type {
            text.with(" AND c.case_type = ?", Value::Text(case_type.as_str().to_owned()));
        }
        for (i, status) in self.statuses.iter().enumerate() {
            let piece = if i == 0 { " AND c.status IN (?" } else { ", ?" };
            text.with(piece, Value::Text(status.as_str().to_owned()));
        }
        if !self.statuses.is_empty() {
            text.piece(")");
        }
        match self.assigned {
            None => {}
            Some(AssignedTo::Nobody) => _ = text.piece(" AND c.assigned_to IS NULL"),
            Some(AssignedTo::Somebody) => _ = text.piece(" AND c.assigned_to IS NOT NULL"),
            Some(AssignedTo::Account(account)) => _ = text.with(" AND c.assigned_to = ?", Value::Id(account.0)),
        }
    }

    /// Writes where the person lives. From the postcodes the persons are read first, and each one's cases; else each
    /// case's person is looked up.
    fn write_postcodes(&self, dialect: Dialect, index: Index, text: &mut Written) {
        let Some(postcodes) = &self.postcodes else { return };
        text.piece(match (dialect, index) {
            (Dialect::Sqlite, Index::Postcode) => {
                " AND c.person_id IN (SELECT p.person_id FROM person AS p INDEXED BY person_by_postcode WHERE p.authority_id = $1"
            }
            _ => " AND EXISTS (SELECT 1 FROM person AS p WHERE p.authority_id = $1 AND p.person_id = c.person_id",
        });
        postcodes.write(dialect, text);
        text.piece(")");
    }
}

impl Postcodes {
    /// Writes the condition on `p`, a person.
    pub(super) fn write(&self, dialect: Dialect, text: &mut Written) {
        let column = match dialect {
            Dialect::Sqlite => " AND p.postcode",
            Dialect::Postgres => " AND p.postcode COLLATE \"C\"",
        };
        match self {
            Self::Whole(postcode) => _ = text.with(&format!("{column} = ?"), Value::Text(postcode.clone())),
            Self::Beginning(beginning) => {
                text.with(&format!("{column} >= ?"), Value::Text(beginning.clone()));
                // No text that begins so comes after this one.
                text.with(&format!("{column} < ?"), Value::Text(format!("{beginning}\u{10ffff}")));
            }
        }
    }
}
