//! Lists of cases: a page by filter and order, from a key or a position; counts; the rows of a page.
//!
//! A page is read in two steps: first the ids, from an index alone, then the rows of those ids, which hold sealed cells.
//! Where no day is known, a case comes last in the descending order, and first in the ascending one, which is its exact
//! mirror. Row values can't compare what isn't known, so the two parts, with and without a day, are read one after the
//! other.

use super::filter::CaseFilter;
use super::index::{Index, count_up_to, rare};
use super::written::{Dialect, Value, Written};
use super::{CaseClassification, dates, place};
use crate::dialect::{At, Day, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::persons::SealedName;
use crate::sealing::Sealer;
use crate::store::Tx;
use domain::cases::{CaseDates, CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::ids::{AccountId, CaseId, FacilityId, PersonId};
use domain::persons::{Personal, PersonalField};
use domain::time::DayRange;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// By what a list is sorted; cases of one day by their ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseSort {
    /// Day of report.
    Reported,
    /// First day with symptoms.
    Onset,
    /// When they were stored here, which ids tell.
    Created,
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Newest first; what has no day comes last.
    Desc,
    /// What has no day comes first, then the oldest.
    Asc,
}

impl Order {
    /// Returns the other one.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Desc => Self::Asc,
            Self::Asc => Self::Desc,
        }
    }
}

/// Where a case stands in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CaseKey {
    /// The day by which the list is sorted; `None` where nobody noted it, or where no day sorts.
    pub day: Option<Date>,
    /// The case.
    pub case_id: CaseId,
}

/// A case as a list shows it. Without a sealer personal fields stay `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCase {
    /// Its id.
    pub case_id: CaseId,
    /// Whose.
    pub person_id: PersonId,
    /// Which disease.
    pub disease: Disease,
    /// How sure.
    pub classification: CaseClassification,
    /// Onset, test, report.
    pub dates: CaseDates,
    /// Day of death.
    pub died_on: Option<Date>,
    /// As imported.
    pub outcome: Option<String>,
    /// Kind of place of the infection.
    pub setting: Option<String>,
    /// Place, and what it is called.
    pub place: Option<(FacilityId, String)>,
    /// Sex of the person, as imported.
    pub sex: Option<String>,
    /// Given names.
    pub first_name: Option<Personal<String>>,
    /// Family names.
    pub last_name: Option<Personal<String>>,
    /// Date of birth.
    pub born: Option<Personal<String>>,
    /// Age in years.
    pub age: Option<Personal<String>>,
    /// When it was stored here.
    pub created_at: Timestamp,
    /// Index case, or which kind of contact.
    pub case_type: CaseType,
    /// Where it stands.
    pub status: CaseStatus,
    /// User name of who works on it.
    pub assignee: Option<String>,
    /// Days of quarantine or isolation.
    pub quarantine: Option<DayRange>,
}

/// A case and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CaseRef {
    /// The case.
    pub case_id: CaseId,
    /// Whose.
    pub person_id: PersonId,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    case_id: Uuid,
    day: Option<Day>,
}

#[derive(sqlx::FromRow)]
struct RefRow {
    case_id: Uuid,
    person_id: Uuid,
}

impl From<RefRow> for CaseRef {
    fn from(row: RefRow) -> Self {
        Self { case_id: CaseId(row.case_id), person_id: PersonId(row.person_id) }
    }
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    case_id: Uuid,
    person_id: Uuid,
    disease: String,
    classification: String,
    symptom_onset: Option<Day>,
    tested_on: Option<Day>,
    reported_on: Option<Day>,
    died_on: Option<Day>,
    outcome: Option<String>,
    setting: Option<String>,
    facility_id: Option<Uuid>,
    place: Option<String>,
    sex: Option<String>,
    first_name: Option<Vec<u8>>,
    last_name: Option<Vec<u8>>,
    born: Option<Vec<u8>>,
    age: Option<Vec<u8>>,
    created_at: At,
    case_type: String,
    status: String,
    assigned_to: Option<Uuid>,
    quarantine_first: Option<Day>,
    quarantine_last: Option<Day>,
}

pub(crate) const LISTED: Statement = Statement::each(
    "-- cases::listed
SELECT c.case_id, c.person_id, c.disease, c.classification, c.symptom_onset, c.tested_on, c.reported_on, c.died_on,
       c.outcome, c.setting, c.facility_id, f.name AS place, p.sex, p.first_name, p.last_name, p.born, c.age, c.created_at,
       c.case_type, c.status, c.assigned_to, c.quarantine_first, c.quarantine_last
  FROM json_each($2) AS id
  CROSS JOIN outbreak_case AS c ON c.authority_id = $1 AND c.case_id = unhex(id.value)
  LEFT JOIN person AS p ON p.authority_id = $1 AND p.person_id = c.person_id
  LEFT JOIN facility AS f ON f.authority_id = $1 AND f.facility_id = c.facility_id",
    "-- cases::listed
SELECT c.case_id, c.person_id, c.disease, c.classification, c.symptom_onset, c.tested_on, c.reported_on, c.died_on,
       c.outcome, c.setting, c.facility_id, f.name AS place, p.sex, p.first_name, p.last_name, p.born, c.age, c.created_at,
       c.case_type, c.status, c.assigned_to, c.quarantine_first, c.quarantine_last
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN outbreak_case AS c ON c.authority_id = $1 AND c.case_id = id
  LEFT JOIN person AS p ON p.authority_id = $1 AND p.person_id = c.person_id
  LEFT JOIN facility AS f ON f.authority_id = $1 AND f.facility_id = c.facility_id",
);

/// Beyond the end of any list, and still a number that databases take.
const LAST_POSITION: u64 = 1 << 40;

/// Which part of a list to read.
#[derive(Clone, Copy)]
enum Part {
    /// Everything, in order.
    Whole,
    /// What has a day.
    Dated,
    /// What has this day or a later one.
    DatedSince(Date),
    /// What has a day, beyond this place.
    DatedBeyond(Date, CaseId),
    /// What has none.
    Undated,
    /// What has none, beyond this case.
    UndatedBeyond(CaseId),
}

impl CaseSort {
    /// The column of its day.
    fn day(self) -> Option<&'static str> {
        match self {
            Self::Reported => Some("c.reported_on"),
            Self::Onset => Some("c.symptom_onset"),
            Self::Created => None,
        }
    }

    fn index(self) -> Index {
        match self {
            Self::Reported => Index::Report,
            Self::Onset => Index::Onset,
            Self::Created => Index::Made,
        }
    }

    /// The parts that follow a key, one after the other.
    fn parts(self, order: Order, after: Option<&CaseKey>) -> Vec<Part> {
        match (self, order, after) {
            (_, _, None) => vec![Part::Whole],
            (Self::Created, _, Some(key)) => vec![Part::UndatedBeyond(key.case_id)],
            (_, Order::Desc, Some(CaseKey { day: Some(day), case_id })) => {
                vec![Part::DatedBeyond(*day, *case_id), Part::Undated]
            }
            (_, Order::Asc, Some(CaseKey { day: Some(day), case_id })) => vec![Part::DatedBeyond(*day, *case_id)],
            (_, Order::Desc, Some(key)) => vec![Part::UndatedBeyond(key.case_id)],
            (_, Order::Asc, Some(key)) => vec![Part::UndatedBeyond(key.case_id), Part::Dated],
        }
    }
}

/// Lists the keys of the cases that follow `after`, at most `limit`; from the beginning without it.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn page_after(
    tx: &mut Tx,
    filter: &CaseFilter,
    (sort, order): (CaseSort, Order),
    after: Option<&CaseKey>,
    limit: u64,
) -> Result<Vec<CaseKey>> {
    let index = rare(tx, filter, Some(sort.index())).await?.unwrap_or(sort.index());
    let mut keys: Vec<CaseKey> = Vec::new();
    // Who fell ill in a period and is sorted by the report: the newest reports came after the period, and those before
    // need not be sorted when these fill the page.
    if let (CaseSort::Reported, Order::Desc, Index::Onset, None, Some(last)) =
        (sort, order, index, after, filter.onset.last)
    {
        let keys = read_part(tx, filter, (sort, order), index, Part::DatedSince(last), (limit, 0)).await?;
        if keys.len() as u64 == limit {
            return Ok(keys);
        }
    }
    for part in sort.parts(order, after) {
        let rest = limit.saturating_sub(keys.len() as u64);
        if rest > 0 {
            keys.extend(read_part(tx, filter, (sort, order), index, part, (rest, 0)).await?);
        }
    }
    Ok(keys)
}

/// Lists the keys of the cases from a position on, counted from 0, at most `limit`. With the length of the list it
/// walks from the nearer end; the cost grows with the distance.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn page_at(
    tx: &mut Tx,
    filter: &CaseFilter,
    (sort, order): (CaseSort, Order),
    position: u64,
    limit: u64,
    total: Option<u64>,
) -> Result<Vec<CaseKey>> {
    let position = position.min(LAST_POSITION);
    let index = rare(tx, filter, Some(sort.index())).await?.unwrap_or(sort.index());
    match total {
        Some(total) if position >= total => Ok(Vec::new()),
        Some(total) if position > total / 2 => {
            let length = limit.min(total - position);
            let skipped = total - position - length;
            let backward = (sort, order.reversed());
            let mut keys = read_part(tx, filter, backward, index, Part::Whole, (length, skipped)).await?;
            keys.reverse();
            Ok(keys)
        }
        _ => read_part(tx, filter, (sort, order), index, Part::Whole, (limit, position)).await,
    }
}

async fn read_part(
    tx: &mut Tx,
    filter: &CaseFilter,
    (sort, order): (CaseSort, Order),
    index: Index,
    part: Part,
    (limit, offset): (u64, u64),
) -> Result<Vec<CaseKey>> {
    let text = write_page(Dialect::of(tx), filter, (sort, order), index, part, (limit, offset));
    let rows: Vec<KeyRow> = text.fetch(tx).await?;
    let key = |row: KeyRow| CaseKey { day: row.day.map(|day| day.0), case_id: CaseId(row.case_id) };
    Ok(rows.into_iter().map(key).collect())
}

fn write_page(
    dialect: Dialect,
    filter: &CaseFilter,
    (sort, order): (CaseSort, Order),
    index: Index,
    part: Part,
    (limit, offset): (u64, u64),
) -> Written {
    let mut text = Written::begin("-- cases::page\nSELECT c.case_id, ");
    // Where ids sort, no day is read; a column that is there gives the NULL its type.
    text.piece(sort.day().unwrap_or("NULLIF(c.reported_on, c.reported_on)")).piece(" AS day");
    index.write(dialect, &mut text);
    filter.write(dialect, index, &mut text);
    let day = sort.day().unwrap_or_default();
    let beyond = match order {
        Order::Desc => "<",
        Order::Asc => ">",
    };
    match part {
        Part::Whole => {}
        Part::Dated => _ = text.piece(&format!(" AND {day} IS NOT NULL")),
        Part::DatedSince(first) => _ = text.with(&format!(" AND {day} >= ?"), Value::Day(Day(first))),
        Part::DatedBeyond(after, case_id) => {
            text.with(&format!(" AND ({day}, c.case_id) {beyond} (?, "), Value::Day(Day(after)));
            text.with("?)", Value::Id(case_id.0));
        }
        Part::Undated => _ = text.piece(&format!(" AND {day} IS NULL")),
        Part::UndatedBeyond(case_id) => {
            if !day.is_empty() {
                text.piece(&format!(" AND {day} IS NULL"));
            }
            text.with(&format!(" AND c.case_id {beyond} ?"), Value::Id(case_id.0));
        }
    }
    text.piece("\n ORDER BY ");
    // A day plus nothing is the same day, but no order of an index: so PostgreSQL reads the few days and sorts them.
    let unordered = format!("{day} + 0");
    let is_sorted = dialect == Dialect::Postgres && !day.is_empty() && matches!(index, Index::Onset | Index::Report);
    let day = if is_sorted && index != sort.index() { unordered.as_str() } else { day };
    match (day, order) {
        ("", Order::Desc) => text.piece("c.case_id DESC"),
        ("", Order::Asc) => text.piece("c.case_id"),
        (day, Order::Desc) => text.piece(&format!("{day} DESC NULLS LAST, c.case_id DESC")),
        (day, Order::Asc) => text.piece(&format!("{day} NULLS FIRST, c.case_id")),
    };
    text.rows("LIMIT", limit);
    if offset > 0 {
        text.rows("OFFSET", offset);
    }
    text
}

/// Returns the texts of pages in every order, the first and one that follows a key, for SQLite and for PostgreSQL: their
/// plans are watched.
#[must_use]
pub fn texts_of_pages() -> Vec<(String, String)> {
    let filter = CaseFilter::all_of(Disease::Covid19);
    let key = CaseId(Uuid::nil());
    let mut texts = Vec::new();
    for sort in [CaseSort::Reported, CaseSort::Onset, CaseSort::Created] {
        for order in [Order::Desc, Order::Asc] {
            let mut parts = vec![Part::Whole, Part::UndatedBeyond(key)];
            if sort.day().is_some() {
                parts.extend([Part::Dated, Part::DatedBeyond(Date::ZERO, key), Part::Undated]);
            }
            let text =
                |dialect, part| write_page(dialect, &filter, (sort, order), sort.index(), part, (50, 0)).into_text();
            texts.extend(parts.into_iter().map(|part| (text(Dialect::Sqlite, part), text(Dialect::Postgres, part))));
        }
    }
    texts
}

/// Counts the cases that are meant, but no further than one more than `most`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn count(tx: &mut Tx, filter: &CaseFilter, most: u64) -> Result<u64> {
    let index = match rare(tx, filter, None).await? {
        Some(index) => index,
        // The narrowest.
        None if filter.is_all() => Index::Setting,
        None if filter.postcodes.is_some() => Index::Postcode,
        None if filter.onset != super::Days::ANY && !filter.asks_for_work() => Index::Onset,
        None => Index::Report,
    };
    count_up_to(tx, filter, index, most).await
}

/// Lists the cases that are meant, in no order, at most `most` of them.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn matching(tx: &mut Tx, filter: &CaseFilter, most: u64) -> Result<Vec<CaseRef>> {
    // The index alone says which; whose they are is read for those only.
    let usual = if filter.postcodes.is_some() { Index::Postcode } else { Index::Report };
    let index = rare(tx, filter, None).await?.unwrap_or(usual);
    let join = match Dialect::of(tx) {
        Dialect::Sqlite => "CROSS JOIN",
        Dialect::Postgres => "JOIN",
    };
    let mut text = Written::begin("-- cases::matching\nSELECT w.case_id, w.person_id FROM (SELECT c.case_id");
    index.write(Dialect::of(tx), &mut text);
    filter.write(Dialect::of(tx), index, &mut text);
    text.rows("LIMIT", most).piece(") AS found\n  ").piece(join);
    text.piece(" outbreak_case AS w ON w.authority_id = $1 AND w.case_id = found.case_id");
    let rows: Vec<RefRow> = text.fetch(tx).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Lists the cases of these persons that are meant, in no order.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn matching_of(tx: &mut Tx, filter: &CaseFilter, persons: &[PersonId]) -> Result<Vec<CaseRef>> {
    // In the order of the index, so that neighbours are read together.
    let mut ids: Vec<Uuid> = persons.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    let ids = Value::Ids(ids);
    let mut text = Written::begin("-- cases::matching_of\nSELECT c.case_id, c.person_id\n  FROM ");
    if Dialect::of(tx) == Dialect::Sqlite {
        text.with("json_each(?) AS id CROSS JOIN outbreak_case AS c INDEXED BY case_of_person", ids);
        text.piece("\n    ON c.person_id = unhex(id.value)\n WHERE c.authority_id = $1");
    } else {
        text.with("unnest(?::uuid[]) AS id JOIN outbreak_case AS c ON c.person_id = id", ids);
        text.piece("\n WHERE c.authority_id = $1");
    }
    filter.write(Dialect::of(tx), Index::Made, &mut text);
    let rows: Vec<RefRow> = text.fetch(tx).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// Reads cases as lists show them, in the order of `cases`. Those that aren't there are left out.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a cell doesn't open.
pub async fn listed(tx: &mut Tx, sealer: Option<&Sealer>, cases: &[CaseId]) -> Result<Vec<ListedCase>> {
    let mut found = HashMap::with_capacity(cases.len());
    for chunk in cases.chunks(10_000) {
        let json = ids_as_json(chunk.iter().map(|id| &id.0));
        let rows = all!(tx, ListedRow, LISTED, mine, &json)?;
        let accounts: BTreeSet<AccountId> = rows.iter().filter_map(|row| row.assigned_to.map(AccountId)).collect();
        let names = names_of(tx, accounts).await?;
        for row in rows {
            let assignee = row.assigned_to.and_then(|account| names.get(&AccountId(account)).cloned());
            found.insert(CaseId(row.case_id), open(sealer, row, assignee)?);
        }
    }
    Ok(cases.iter().filter_map(|id| found.remove(id)).collect())
}

async fn names_of(tx: &mut Tx, accounts: BTreeSet<AccountId>) -> Result<HashMap<AccountId, String>> {
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    crate::history::names_of_accounts(tx, &accounts.into_iter().collect::<Vec<_>>()).await
}

fn open(sealer: Option<&Sealer>, row: ListedRow, assignee: Option<String>) -> Result<ListedCase> {
    let sealed = SealedName {
        person_id: PersonId(row.person_id),
        first_name: row.first_name,
        last_name: row.last_name,
        born: row.born,
    };
    let name = sealer.map(|sealer| sealed.open(sealer)).transpose()?;
    let (first_name, last_name, born) =
        name.map_or((None, None, None), |name| (name.first_name, name.last_name, name.born));
    let age = match (sealer, row.age) {
        (Some(sealer), Some(cell)) => Some(Personal::new(sealer.open(place(PersonalField::Age, row.case_id), &cell)?)),
        _ => None,
    };
    Ok(ListedCase {
        case_id: CaseId(row.case_id),
        person_id: PersonId(row.person_id),
        disease: Disease::find(&row.disease).ok_or(StorageError::Unreadable("disease"))?,
        classification: CaseClassification::find(&row.classification)
            .ok_or(StorageError::Unreadable("case classification"))?,
        dates: dates(row.symptom_onset, row.tested_on, row.reported_on),
        died_on: row.died_on.map(|day| day.0),
        outcome: row.outcome,
        setting: row.setting,
        place: row.facility_id.map(FacilityId).zip(row.place),
        sex: row.sex,
        first_name,
        last_name,
        born,
        age,
        created_at: row.created_at.0,
        case_type: CaseType::find(&row.case_type).ok_or(StorageError::Unreadable("case type"))?,
        status: CaseStatus::find(&row.status).ok_or(StorageError::Unreadable("case status"))?,
        assignee,
        quarantine: row
            .quarantine_first
            .zip(row.quarantine_last)
            .map(|(first, last)| DayRange { first: first.0, last: last.0 }),
    })
}
