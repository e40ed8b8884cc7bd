//! How long the steps of cases took, and where their cases came from, counted over those reported in a period.
//!
//! The period is one of days of report, so that an index leads to its cases. A read-only copy of a case that was handed
//! over is another authority's to count.

use crate::dialect::{At, Day, Statement};
use crate::error::Result;
use crate::store::Tx;
use domain::cases::{LATE_HOURS, Milestone, ON_TIME_HOURS};
use domain::diseases::Disease;
use domain::time::DayRange;
use jiff::Timestamp;
use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};

/// How a step stands in many cases of which the instant of report is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StepCounts {
    /// Reached within 24 h of the report.
    pub on_time: u64,
    /// Later, but within 48 h.
    pub late: u64,
    /// Later still.
    pub too_late: u64,
    /// Not reached, and 24 h are not over.
    pub running: u64,
    /// Not reached, and they are.
    pub overdue: u64,
}

/// The steps of the index cases, or of the contact cases, of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimedCases {
    /// Whether these are the index cases.
    pub is_index: bool,
    /// How many there are.
    pub n_cases: u64,
    /// Of how many the instant of report is known.
    pub n_timed: u64,
    /// How each step of [`Milestone::STEPS`] stands.
    pub steps: [StepCounts; Milestone::STEPS.len()],
}

/// Where the index cases of a period came from, and whom they named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct OriginCounts {
    /// Index cases.
    pub n_index: i64,
    /// Those of them that are anonymised: whom they named was erased, so they are in no other number here.
    pub n_anonymised: i64,
    /// Nobody is known who infected them: no link leads to them, and no declaration came before their case.
    pub n_unlinked: i64,
    /// They named nobody.
    pub n_without_contacts: i64,
    /// They were known contacts before: a declaration came before their case, or it began as a contact's.
    pub n_known_contacts: i64,
    /// People whom they named, each once for a case.
    pub n_contacts: i64,
}

macro_rules! step {
    ($reached:literal) => {
        concat!(
            ",\n       count(CASE WHEN ",
            $reached,
            " <= in_time THEN 1 END)",
            ", count(CASE WHEN ",
            $reached,
            " > in_time AND ",
            $reached,
            " <= not_lost THEN 1 END)",
            ", count(CASE WHEN ",
            $reached,
            " > not_lost THEN 1 END)",
            ",\n       count(CASE WHEN ",
            $reached,
            " IS NULL AND in_time >= $5 THEN 1 END)",
            ", count(CASE WHEN ",
            $reached,
            " IS NULL AND in_time < $5 THEN 1 END)"
        )
    };
}

macro_rules! steps {
    ($in_time:literal, $not_lost:literal, $from:literal) => {
        concat!(
            "-- cases::steps\nSELECT case_type = 'index', count(*), count(reported_at)",
            step!("assigned_at"),
            step!("first_call_at"),
            step!("contacts_named_at"),
            step!("contacts_notified_at"),
            step!("quarantined_at"),
            "\n  FROM (SELECT case_type, reported_at, assigned_at, first_call_at, contacts_named_at, contacts_notified_at,",
            "\n               quarantined_at, ", $in_time, " AS in_time, ", $not_lost, " AS not_lost",
            "\n          FROM ", $from,
            "\n         WHERE authority_id = $1 AND disease = $2 AND reported_on BETWEEN $3 AND $4",
            "\n           AND handed_over_to IS NULL) AS c",
            "\n GROUP BY case_type = 'index'"
        )
    };
}

/// An instant is a number of microseconds in SQLite.
pub(crate) const STEPS: Statement = Statement::each(
    steps!("reported_at + $6 * 3600000000", "reported_at + $7 * 3600000000", "outbreak_case INDEXED BY case_by_report"),
    steps!("reported_at + make_interval(hours => $6)", "reported_at + make_interval(hours => $7)", "outbreak_case"),
);

/// A declaration that came after the case only says that both know each other. SQLite is told its indexes: without
/// statistics it would read all of an authority's rows for each case.
macro_rules! origins {
    ($from:literal, $links:literal, $declared:literal, $history:literal) => {
        concat!(
            "-- cases::origins
SELECT count(*) AS n_index,
       count(CASE WHEN NOT is_known THEN 1 END) AS n_anonymised,
       count(CASE WHEN is_known AND NOT is_linked AND NOT is_declared THEN 1 END) AS n_unlinked,
       count(CASE WHEN is_known AND n_contacts = 0 THEN 1 END) AS n_without_contacts,
       count(CASE WHEN is_known AND (is_declared OR was_contact) THEN 1 END) AS n_known_contacts,
       CAST(coalesce(sum(CASE WHEN is_known THEN n_contacts END), 0) AS BIGINT) AS n_contacts
  FROM (SELECT c.status <> 'anonymised' AS is_known,
               EXISTS (SELECT 1 FROM ",
            $links,
            "
                        WHERE l.authority_id = $1 AND l.infected_id = c.person_id) AS is_linked,
               EXISTS (SELECT 1 FROM ",
            $declared,
            "
                        WHERE d.authority_id = $1 AND d.contact_case_id = c.case_id
                          AND d.declared_at <= c.created_at) AS is_declared,
               EXISTS (SELECT 1 FROM ",
            $history,
            "
                        WHERE h.authority_id = $1 AND h.case_id = c.case_id AND h.field = 'case_type'
                          AND h.before_clear LIKE 'contact%') AS was_contact,
               (SELECT count(DISTINCT n.met_id) FROM declared_contact AS n
                 WHERE n.authority_id = $1 AND n.case_id = c.case_id) AS n_contacts
          FROM ",
            $from,
            "
         WHERE c.authority_id = $1 AND c.disease = $2 AND c.reported_on BETWEEN $3 AND $4
           AND c.case_type = 'index' AND c.handed_over_to IS NULL) AS counted"
        )
    };
}

pub(crate) const ORIGINS: Statement = Statement::each(
    origins!(
        "outbreak_case AS c INDEXED BY case_by_report",
        "infection_link AS l INDEXED BY infection_link_of_infected",
        "declared_contact AS d INDEXED BY declared_contact_of_case",
        "history AS h INDEXED BY history_of_case"
    ),
    origins!("outbreak_case AS c", "infection_link AS l", "declared_contact AS d", "history AS h"),
);

struct StepsRow(TimedCases);

impl<'r, R: Row> FromRow<'r, R> for StepsRow
where
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let number = |column: usize| row.try_get::<i64, _>(column).map(|n| u64::try_from(n).unwrap_or(0));
        let mut steps = [StepCounts::default(); Milestone::STEPS.len()];
        for (i, step) in steps.iter_mut().enumerate() {
            let first = 3 + 5 * i;
            *step = StepCounts {
                on_time: number(first)?,
                late: number(first + 1)?,
                too_late: number(first + 2)?,
                running: number(first + 3)?,
                overdue: number(first + 4)?,
            };
        }
        Ok(Self(TimedCases { is_index: row.try_get(0)?, n_cases: number(1)?, n_timed: number(2)?, steps }))
    }
}

/// Counts how the steps of the cases of one disease stand now that were reported on these days. A kind of which there is
/// no case is left out.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn steps_between(tx: &mut Tx, disease: Disease, days: DayRange, now: Timestamp) -> Result<Vec<TimedCases>> {
    let (first, last) = (Day(days.first), Day(days.last));
    let hours = |hours: i64| i32::try_from(hours).unwrap_or(i32::MAX);
    let (in_time, not_lost) = (hours(ON_TIME_HOURS), hours(LATE_HOURS));
    let rows = all!(tx, StepsRow, STEPS, mine, disease.as_str(), first, last, At(now), in_time, not_lost)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Counts where the index cases of one disease came from that were reported on these days, and whom they named.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn origins_between(tx: &mut Tx, disease: Disease, days: DayRange) -> Result<OriginCounts> {
    let (first, last) = (Day(days.first), Day(days.last));
    Ok(optional!(tx, OriginCounts, ORIGINS, mine, disease.as_str(), first, last)?.unwrap_or_default())
}
