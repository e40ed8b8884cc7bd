//! The worklist: the cases that wait, the most urgent first, then those that wait longest.
//!
//! Only cases with a waiting item are in its indexes, so that a page costs the same among a million cases as among a
//! hundred.

use super::written::{Dialect, Value, Written};
use crate::dialect::At;
use crate::error::Result;
use crate::store::Tx;
use domain::action_items::ItemKind;
use domain::ids::{AccountId, CaseId, PersonId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Whose cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    Anybodys,
    /// One account's.
    Of(AccountId),
    /// Nobody's yet.
    Nobodys,
}

/// Which of the cases that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkFilter {
    /// Whose.
    pub whose: Whose,
    /// Those that wait for this.
    pub kind: Option<ItemKind>,
}

/// Where a case stands in the worklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkKey {
    /// Weights of its items, in tenths.
    pub priority_tenths: u32,
    /// When the oldest of them arose.
    pub waiting_since: Timestamp,
    /// The case.
    pub case_id: CaseId,
}

/// A case that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Where it stands in the list.
    pub key: WorkKey,
    /// Whose case it is.
    pub person_id: PersonId,
}

#[derive(sqlx::FromRow)]
struct WaitingRow {
    case_id: Uuid,
    person_id: Uuid,
    priority: i32,
    waiting_since: At,
}

impl From<WaitingRow> for Waiting {
    fn from(row: WaitingRow) -> Self {
        let key = WorkKey {
            priority_tenths: u32::try_from(row.priority).unwrap_or(0),
            waiting_since: row.waiting_since.0,
            case_id: CaseId(row.case_id),
        };
        Self { key, person_id: PersonId(row.person_id) }
    }
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

fn begin(dialect: Dialect, filter: &WorkFilter, text: &mut Written) {
    let index = match filter.whose {
        Whose::Anybodys => "case_by_priority",
        Whose::Of(_) | Whose::Nobodys => "case_by_worker",
    };
    text.piece("\n  FROM outbreak_case AS c");
    if dialect == Dialect::Sqlite {
        text.piece(" INDEXED BY ").piece(index);
    }
    text.piece("\n WHERE c.authority_id = $1 AND c.priority > 0");
    match filter.whose {
        Whose::Anybodys => {}
        Whose::Of(account) => _ = text.with(" AND c.assigned_to = ?", Value::Id(account.0)),
        Whose::Nobodys => _ = text.piece(" AND c.assigned_to IS NULL"),
    }
    if let Some(kind) = filter.kind {
        text.piece(" AND EXISTS (SELECT 1 FROM action_item AS i WHERE i.authority_id = $1 AND i.case_id = c.case_id");
        text.piece(" AND i.resolution IS NULL AND i.hidden_until IS NULL");
        text.with(" AND i.kind = ?)", Value::Text(kind.as_str().to_owned()));
    }
}

/// Which part of the list to read. What follows a case is read in two parts, each of which begins where an index leads:
/// one condition over both would walk through everything of the same priority.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// From the top.
    Whole,
    /// As urgent as this case, and behind it.
    SamePriority(&'a WorkKey),
    /// Less urgent.
    Below(&'a WorkKey),
}

fn write_page(dialect: Dialect, filter: &WorkFilter, part: Part<'_>, limit: u64) -> Written {
    let mut text = Written::begin("-- cases::worklist\nSELECT c.case_id, c.person_id, c.priority, c.waiting_since");
    begin(dialect, filter, &mut text);
    let priority = |key: &WorkKey| Value::Number(i32::try_from(key.priority_tenths).unwrap_or(i32::MAX));
    match part {
        Part::Whole => {}
        Part::SamePriority(key) => {
            text.with(" AND c.priority = ?", priority(key));
            text.with(" AND (c.waiting_since, c.case_id) > (?", Value::At(At(key.waiting_since)));
            text.with(", ?)", Value::Id(key.case_id.0));
        }
        Part::Below(key) => _ = text.with(" AND c.priority < ?", priority(key)),
    }
    text.piece("\n ORDER BY c.priority DESC, c.waiting_since, c.case_id");
    text.rows("LIMIT", limit);
    text
}

/// Lists the cases that wait behind `after`, at most `limit`; from the top without it.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn worklist(tx: &mut Tx, filter: &WorkFilter, after: Option<&WorkKey>, limit: u64) -> Result<Vec<Waiting>> {
    let parts = match after {
        None => vec![Part::Whole],
        Some(key) => vec![Part::SamePriority(key), Part::Below(key)],
    };
    let mut waiting: Vec<Waiting> = Vec::new();
    for part in parts {
        let rest = limit.saturating_sub(waiting.len() as u64);
        if rest > 0 {
            let rows: Vec<WaitingRow> = write_page(Dialect::of(tx), filter, part, rest).fetch(tx).await?;
            waiting.extend(rows.into_iter().map(Waiting::from));
        }
    }
    Ok(waiting)
}

/// Counts the cases that wait, but no further than one more than `most`.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn count_waiting(tx: &mut Tx, filter: &WorkFilter, most: u64) -> Result<u64> {
    let mut text = Written::begin("-- cases::count_waiting\nSELECT count(*) AS n FROM (SELECT 1 AS one");
    begin(Dialect::of(tx), filter, &mut text);
    text.rows("LIMIT", most + 1).piece(") AS counted");
    let rows: Vec<Count> = text.fetch(tx).await?;
    Ok(rows.first().map_or(0, |row| u64::try_from(row.n).unwrap_or(0)))
}

/// Returns the texts of the worklist's pages, for SQLite and for PostgreSQL: their plans are watched.
#[must_use]
pub fn texts_of_worklist() -> Vec<(String, String)> {
    let key = WorkKey { priority_tenths: 1, waiting_since: Timestamp::UNIX_EPOCH, case_id: CaseId(Uuid::nil()) };
    let mut texts = Vec::new();
    for whose in [Whose::Anybodys, Whose::Of(AccountId(Uuid::nil())), Whose::Nobodys] {
        for part in [Part::Whole, Part::SamePriority(&key), Part::Below(&key)] {
            let filter = WorkFilter { whose, kind: None };
            let text = |dialect| write_page(dialect, &filter, part, 50).into_text();
            texts.push((text(Dialect::Sqlite), text(Dialect::Postgres)));
        }
    }
    texts
}
