//! Which cases are meant: a filter on columns in clear, and where to begin to look for them.

use super::written::{Dialect, Value, Written};
use crate::dialect::Day;
use crate::error::Result;
use crate::store::Tx;
use domain::cases::CaseClassification;
use domain::diseases::Disease;
use domain::ids::FacilityId;
use domain::time::{days_between, plus_days};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

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
        }
    }

    /// Says whether every case of the disease is meant.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::all_of(self.disease)
    }

    /// Writes what follows `FROM outbreak_case AS c … WHERE c.authority_id = $1`.
    pub(super) fn write(&self, text: &mut Written) {
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
    let conditions = [
        (Index::Place, FEW, filter.place.map(|place| CaseFilter { place: Some(place), ..none.clone() })),
        (Index::Setting, FEW, filter.setting.clone().map(|word| CaseFilter { setting: Some(word), ..none.clone() })),
        (Index::Outcome, FEW, filter.outcome.clone().map(|word| CaseFilter { outcome: Some(word), ..none.clone() })),
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
    let mut text = Written::begin("-- cases::count\nSELECT count(*) AS n FROM (SELECT 1 AS one");
    index.write(Dialect::of(tx), &mut text);
    filter.write(&mut text);
    text.rows("LIMIT", most + 1).piece(") AS counted");
    let rows: Vec<Count> = text.fetch(tx).await?;
    Ok(rows.first().map_or(0, |row| u64::try_from(row.n).unwrap_or(0)))
}
