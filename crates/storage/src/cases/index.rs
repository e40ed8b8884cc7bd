//! Where to begin to look for the cases that a filter means: at an index of what few of them have.

use super::filter::{AssignedTo, CaseFilter, Days, Postcodes};
use super::written::{Dialect, Written};
use crate::error::Result;
use crate::store::Tx;
use domain::cases::CaseStatus;
use domain::diseases::Disease;
use domain::ids::AccountId;
use domain::time::{days_between, plus_days};
use jiff::civil::Date;
use uuid::Uuid;

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
