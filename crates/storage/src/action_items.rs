//! Action items at rest. What they mean is in [`domain::action_items`].

use crate::dialect::{At, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::action_items::{ItemKind, Resolution};
use domain::ids::{AccountId, CaseId, ItemId, PersonId};
use domain::persons::Personal;
use jiff::Timestamp;
use uuid::Uuid;

/// An item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub item_id: ItemId,
    /// The case.
    pub case_id: CaseId,
    /// Whose case it is.
    pub person_id: PersonId,
    /// What must be looked at.
    pub kind: ItemKind,
    /// What made it.
    pub cause: String,
    /// When.
    pub arose_at: Timestamp,
    /// Until when nobody needs to look.
    pub hidden_until: Option<Timestamp>,
    /// How it ended.
    pub resolution: Option<Resolution>,
    /// When.
    pub resolved_at: Option<Timestamp>,
    /// By whom; `None` by itself.
    pub resolved_by: Option<AccountId>,
}

impl Item {
    /// Says whether somebody must look at it now.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.resolution.is_none() && self.hidden_until.is_none()
    }
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    item_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    kind: String,
    cause: String,
    arose_at: At,
    hidden_until: Option<At>,
    resolution: Option<String>,
    resolved_at: Option<At>,
    resolved_by: Option<Uuid>,
}

impl TryFrom<ItemRow> for Item {
    type Error = StorageError;
    fn try_from(row: ItemRow) -> Result<Self> {
        let resolution = |word: String| Resolution::find(&word).ok_or(StorageError::Unreadable("resolution"));
        Ok(Self {
            item_id: ItemId(row.item_id),
            case_id: CaseId(row.case_id),
            person_id: PersonId(row.person_id),
            kind: ItemKind::find(&row.kind).ok_or(StorageError::Unreadable("kind of item"))?,
            cause: row.cause,
            arose_at: row.arose_at.0,
            hidden_until: row.hidden_until.map(|at| at.0),
            resolution: row.resolution.map(resolution).transpose()?,
            resolved_at: row.resolved_at.map(|at| at.0),
            resolved_by: row.resolved_by.map(AccountId),
        })
    }
}

const OF_CASE: Statement = Statement::both(
    "-- action_items::of_case
SELECT item_id, case_id, person_id, kind, cause, arose_at, hidden_until, resolution, resolved_at, resolved_by
  FROM action_item WHERE authority_id = $1 AND case_id = $2 ORDER BY item_id",
);

pub(crate) const WAITING_OF: Statement = Statement::each(
    "-- action_items::waiting_of
SELECT item_id, i.case_id, person_id, kind, cause, arose_at, hidden_until, resolution, resolved_at, resolved_by
  FROM json_each($2) AS id CROSS JOIN action_item AS i ON i.authority_id = $1 AND i.case_id = unhex(id.value)
 WHERE resolution IS NULL AND hidden_until IS NULL ORDER BY i.case_id, item_id",
    "-- action_items::waiting_of
SELECT item_id, i.case_id, person_id, kind, cause, arose_at, hidden_until, resolution, resolved_at, resolved_by
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN action_item AS i ON i.authority_id = $1 AND i.case_id = id
 WHERE resolution IS NULL AND hidden_until IS NULL ORDER BY i.case_id, item_id",
);

const INSERT: &str = "-- action_items::insert
INSERT INTO action_item (authority_id, case_id, item_id, person_id, kind, cause, arose_at, hidden_until) ";

const WRITE: Statement = Statement::both(
    "-- action_items::write
UPDATE action_item SET cause = $4, hidden_until = $5, resolution = $6, resolved_at = $7, resolved_by = $8
 WHERE authority_id = $1 AND case_id = $2 AND item_id = $3",
);

const WRITE_NOTE: Statement = Statement::both(
    "-- action_items::write_note
UPDATE action_item SET note = $4 WHERE authority_id = $1 AND case_id = $2 AND item_id = $3",
);

const DUE: Statement = Statement::both(
    "-- action_items::due
SELECT DISTINCT case_id FROM action_item WHERE authority_id = $1 AND hidden_until <= $2 LIMIT $3",
);

#[derive(sqlx::FromRow)]
struct CaseRow {
    case_id: Uuid,
}

fn place(item_id: ItemId) -> CellPlace {
    CellPlace { table: "action_item", column: "note", row: item_id.0 }
}

/// Lists all items of a case, those that are over too, in the order in which they arose.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_case(tx: &mut Tx, case_id: CaseId) -> Result<Vec<Item>> {
    all!(tx, ItemRow, OF_CASE, mine, case_id.0)?.into_iter().map(TryInto::try_into).collect()
}

/// Lists the items of cases that wait now, by case.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn waiting_of(tx: &mut Tx, cases: &[CaseId]) -> Result<Vec<Item>> {
    let json = ids_as_json(cases.iter().map(|id| &id.0));
    all!(tx, ItemRow, WAITING_OF, mine, &json)?.into_iter().map(TryInto::try_into).collect()
}

/// Stores new items, which wait.
///
/// # Errors
///
/// [`StorageError`] if one is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, items: &[Item]) -> Result<()> {
    let authority_id = tx.authority().0;
    insert_all!(
        tx,
        INSERT,
        "",
        items,
        |item| authority_id,
        item.case_id.0,
        item.item_id.0,
        item.person_id.0,
        item.kind.as_str(),
        &item.cause,
        At(item.arose_at),
        item.hidden_until.map(At)
    )?;
    Ok(())
}

/// Writes what became of an item.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if there is no such item.
pub async fn write(tx: &mut Tx, item: &Item) -> Result<()> {
    let touched = run!(
        tx,
        WRITE,
        mine,
        item.case_id.0,
        item.item_id.0,
        &item.cause,
        item.hidden_until.map(At),
        item.resolution.map(Resolution::as_str),
        item.resolved_at.map(At),
        item.resolved_by.map(|account| account.0),
    )?;
    match touched {
        1 => Ok(()),
        _ => Err(StorageError::WrongCount { statement: "action_items::write", touched, expected: 1 }),
    }
}

/// Writes why an item was dismissed.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn write_note(tx: &mut Tx, sealer: &Sealer, item: &Item, note: &Personal<String>) -> Result<()> {
    let cell = sealer.seal(place(item.item_id), note.expose())?.0;
    run!(tx, WRITE_NOTE, mine, item.case_id.0, item.item_id.0, cell)?;
    Ok(())
}

/// Lists cases with items whose time to be hidden is over, at most so many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn due(tx: &mut Tx, now: Timestamp, most: i64) -> Result<Vec<CaseId>> {
    let rows = all!(tx, CaseRow, DUE, mine, At(now), most)?;
    Ok(rows.into_iter().map(|row| CaseId(row.case_id)).collect())
}
