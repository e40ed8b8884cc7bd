//! Which cases are meant: a filter on columns in clear, and where to begin to look for them.

use super::written::{Dialect, Value, Written};
use crate::dialect::Day;
use crate::error::Result;
use crate::store::Tx;
use domain::cases::{CaseClassification, CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::ids::{AccountId, FacilityId};
use domain::time::{days_between, plus_days};
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

    fn is_any(&self) -> bool {
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
    fn write(&self, dialect: Dialect, text: &mut Written) {
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

/// An index to begin with. SQLite keeps no statistics here, so it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Index {
    /// The table itself, in the order in which cases were made.
    Made,
    Report,
    Onset,
    Place,
    Setting,
    Outcome,
    Status,
    Assignee,
    Quarantine,
    /// The cases of persons, whom their postcodes lead to.
    Postcode,
}

impl Index {
    /// Writes `FROM outbreak_case AS c`, with the index where the database wants to be told.
    pub(super) fn write(self, dialect: Dialect, text: &mut Written) {
        text.piece("\n  FROM outbreak_case AS c");
        if dialect == Dialect::Sqlite {
            text.piece(match self {
                Self::Made => " NOT INDEXED",
                Self::Report => " INDEXED BY case_by_report",
                Self::Onset => " INDEXED BY case_by_onset",
                Self::Place => " INDEXED BY case_by_place",
                Self::Setting => " INDEXED BY case_by_setting",
                Self::Outcome => " INDEXED BY case_by_outcome",
                Self::Status => " INDEXED BY case_by_status",
                Self::Assignee => " INDEXED BY case_by_assignee",
                Self::Quarantine => " INDEXED BY case_in_quarantine",
                Self::Postcode => " INDEXED BY case_of_person",
            });
        }
        text.piece("\n WHERE c.authority_id = $1");
    }
}

/// So few that reading and sorting all of them costs less than looking for them in the order of the list.
const FEW: u64 = 2_000;

/// The same for days: their index holds all that other conditions ask for, and what few of them need is not elsewhere in
/// the order of the list, but may lie at its far end.
const FEW_OF_DAYS: u64 = 100_000;

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

/// Returns the index of a condition that few cases meet, if there is one. `order` is the index of the list's own order.
/// PostgreSQL knows most of it from its statistics, but not that cases of some days of onset lie together in the order of
/// report.
pub(super) async fn rare(tx: &mut Tx, filter: &CaseFilter, order: Option<Index>) -> Result<Option<Index>> {
    let none = CaseFilter::all_of(filter.disease);
    let is_kept_apart = matches!(filter.assigned, Some(AssignedTo::Somebody | AssignedTo::Account(_)));
    let is_quarantine = filter.quarantined_on.is_some() || !filter.quarantine_ends.is_any();
    if let Some(postcodes) = &filter.postcodes
        && Dialect::of(tx) == Dialect::Sqlite
        && live_there(tx, postcodes, FEW).await? <= FEW
    {
        return Ok(Some(Index::Postcode));
    }
    let conditions = [
        (Index::Place, FEW, filter.place.map(|place| CaseFilter { place: Some(place), ..none.clone() })),
        (Index::Setting, FEW, filter.setting.clone().map(|word| CaseFilter { setting: Some(word), ..none.clone() })),
        (Index::Outcome, FEW, filter.outcome.clone().map(|word| CaseFilter { outcome: Some(word), ..none.clone() })),
        (Index::Assignee, FEW, is_kept_apart.then(|| CaseFilter { assigned: filter.assigned, ..none.clone() })),
        (
            Index::Quarantine,
            FEW,
            is_quarantine.then(|| CaseFilter {
                quarantined_on: filter.quarantined_on,
                quarantine_ends: filter.quarantine_ends,
                ..none.clone()
            }),
        ),
        (
            Index::Status,
            FEW,
            (!filter.statuses.is_empty()).then(|| CaseFilter { statuses: filter.statuses.clone(), ..none.clone() }),
        ),
        (
            Index::Onset,
            FEW_OF_DAYS,
            (!filter.onset.is_any()).then(|| CaseFilter { onset: filter.onset, ..none.clone() }),
        ),
        (
            Index::Report,
            FEW_OF_DAYS,
            (!filter.reported.is_any()).then(|| CaseFilter { reported: filter.reported, ..none.clone() }),
        ),
        // In the order of a day the disease is where the index begins.
        (Index::Report, FEW, (order.is_none_or(|order| order == Index::Made)).then(|| none.clone())),
    ];
    for (index, few, condition) in conditions {
        let Some(condition) = condition else { continue };
        // The list's own order begins with these days anyway.
        let is_own = order == Some(index) && few == FEW_OF_DAYS;
        let is_known = Dialect::of(tx) == Dialect::Postgres && few == FEW;
        if is_own || is_known {
            continue;
        }
        let n_cases = match sampled_days(&condition, index) {
            Some((days, n_days)) => estimate(tx, &condition, index, days, n_days).await?,
            None => count_up_to(tx, &condition, index, few).await?,
        };
        if n_cases <= few {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// Counts who lives there, but no further than one more than `most`.
async fn live_there(tx: &mut Tx, postcodes: &Postcodes, most: u64) -> Result<u64> {
    let text = write_live_there(Dialect::of(tx), postcodes, most);
    let rows: Vec<Count> = text.fetch(tx).await?;
    Ok(rows.first().map_or(0, |row| u64::try_from(row.n).unwrap_or(0)))
}

fn write_live_there(dialect: Dialect, postcodes: &Postcodes, most: u64) -> Written {
    let mut text = Written::begin("-- cases::live_there\nSELECT count(*) AS n FROM (SELECT 1 AS one FROM person AS p");
    if dialect == Dialect::Sqlite {
        text.piece(" INDEXED BY person_by_postcode");
    }
    text.piece("\n WHERE p.authority_id = $1");
    postcodes.write(dialect, &mut text);
    text.rows("LIMIT", most + 1).piece(") AS counted");
    text
}

/// Periods of more days are counted: three days don't speak for them, and most lie within the order of the list anyway.
const MOST_ESTIMATED_DAYS: i32 = 62;

/// Days that speak for a short period, and how many days it has; `None` where cases are to be counted.
fn sampled_days(condition: &CaseFilter, index: Index) -> Option<([Date; 3], u64)> {
    let days = if index == Index::Onset { condition.onset } else { condition.reported };
    let (first, last) = (days.first?, days.last?);
    let n_days = days_between(first, last).saturating_add(1);
    let is_short = (4..=MOST_ESTIMATED_DAYS).contains(&n_days);
    is_short.then_some(([first, plus_days(first, n_days / 2), last], u64::try_from(n_days).ok()?))
}

/// Estimates how many cases a period has from some of its days. Which index serves better needs no more than that, and
/// counting them all would take as long as reading them.
async fn estimate(tx: &mut Tx, condition: &CaseFilter, index: Index, sample: [Date; 3], n_days: u64) -> Result<u64> {
    let mut n_sampled = 0;
    for day in sample {
        let day = Days { first: Some(day), last: Some(day) };
        let (onset, reported) = if index == Index::Onset { (day, Days::ANY) } else { (Days::ANY, day) };
        let of_day = CaseFilter { onset, reported, ..condition.clone() };
        n_sampled += count_up_to(tx, &of_day, index, FEW_OF_DAYS).await?;
    }
    Ok(n_sampled * n_days / 3)
}

/// Counts the cases that are meant, but no further than one more than `most`.
pub(super) async fn count_up_to(tx: &mut Tx, filter: &CaseFilter, index: Index, most: u64) -> Result<u64> {
    let rows: Vec<Count> = write_count(Dialect::of(tx), filter, index, most).fetch(tx).await?;
    Ok(rows.first().map_or(0, |row| u64::try_from(row.n).unwrap_or(0)))
}

fn write_count(dialect: Dialect, filter: &CaseFilter, index: Index, most: u64) -> Written {
    let mut text = Written::begin("-- cases::count\nSELECT count(*) AS n FROM (SELECT 1 AS one");
    index.write(dialect, &mut text);
    filter.write(dialect, index, &mut text);
    text.rows("LIMIT", most + 1).piece(") AS counted");
    text
}

/// Returns the texts that count what few cases have, each with the index that it is to begin with, for SQLite and for
/// PostgreSQL: their plans are watched.
#[must_use]
pub fn texts_of_counts() -> Vec<(&'static str, String, String)> {
    let all = CaseFilter::all_of(Disease::Covid19);
    let days = Days { first: Some(Date::ZERO), last: Some(Date::ZERO) };
    let postcodes = Postcodes::Beginning("6".to_owned());
    let begun = |index: Index, name, filter: CaseFilter| {
        let text = |dialect| write_count(dialect, &filter, index, FEW).into_text();
        (name, text(Dialect::Sqlite), text(Dialect::Postgres))
    };
    let statuses = vec![CaseStatus::Open, CaseStatus::Tracking];
    let account = AssignedTo::Account(AccountId(Uuid::nil()));
    let there = |dialect| write_live_there(dialect, &postcodes, FEW).into_text();
    vec![
        begun(Index::Status, "case_by_status", CaseFilter { statuses, ..all.clone() }),
        begun(Index::Assignee, "case_by_assignee", CaseFilter { assigned: Some(account), ..all.clone() }),
        begun(Index::Assignee, "case_by_assignee", CaseFilter { assigned: Some(AssignedTo::Somebody), ..all.clone() }),
        begun(Index::Quarantine, "case_in_quarantine", CaseFilter { quarantined_on: Some(Date::ZERO), ..all.clone() }),
        begun(Index::Quarantine, "case_in_quarantine", CaseFilter { quarantine_ends: days, ..all.clone() }),
        begun(Index::Postcode, "person_by_postcode", CaseFilter { postcodes: Some(postcodes.clone()), ..all }),
        ("person_by_postcode", there(Dialect::Sqlite), there(Dialect::Postgres)),
    ]
}
