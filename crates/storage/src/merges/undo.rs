//! Undoing a merge: every row goes back to where it came from; what was added since stays with the person who stays.
//!
//! A column goes back if it still has what the merge wrote, and keeps what somebody wrote since. Sealed cells are compared
//! opened, because writing the same again seals it anew; without a key the merge's side wins, which only happens when a
//! restore replays the erasure of one of the two. Whoever is named and no longer here stays unnamed.

use super::follow::{self, tables};
use super::record::{self, Changed, Merge, Record};
use super::{person_now, since, spells};
use crate::error::{Result, StorageError};
use crate::images::{self, Image};
use crate::persons::{self, SEALED_FIELDS};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::PersonId;
use domain::persons::PersonalField;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// What an undo left as it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Rows that were added since the merge and stay with the person who stays, by table.
    pub stays: BTreeMap<String, u64>,
    /// Columns that somebody changed since: the table, the column. They keep what was written.
    pub changed_since: BTreeSet<(String, String)>,
}

/// Keys of rows by table.
type Since = BTreeMap<&'static str, Vec<Image>>;

/// Columns whose change is no news: they follow from others.
const DERIVED: &[&str] = &["priority", "waiting_since", "age", "age_band"];

/// Undoes a merge. `None` if its record is gone, so that nothing can be undone any more.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn undo(tx: &mut Tx, sealer: Option<&Sealer>, merge: &Merge, now: Timestamp) -> Result<Option<Undone>> {
    let Some(record) = record::record(tx, merge.merge_id).await? else { return Ok(None) };
    images::fix_form(tx).await?;
    let mut undone = Undone::default();
    let mut since = added_since(tx, &record, merge).await?;
    take_back_added(tx, &record, &mut since).await?;
    // What leaves a case goes first: what holds its place there now is free again afterwards.
    let leaves = |changed: &&Changed| !changed.before.contains_key("case_id");
    let mut all: Vec<&Changed> = record.changed.iter().collect();
    all.sort_by_key(leaves);
    for changed in all {
        put_back(tx, sealer, changed, &mut undone).await?;
    }
    for table in tables() {
        if let Some(rows) = record.removed.get(table.name) {
            insert_again(tx, table, rows, merge, &mut undone).await?;
        }
    }
    renew_visits(tx, &record, merge).await?;
    let mut spells = record.spells.clone();
    follow_others(tx, &mut spells.of_gone).await?;
    follow_others(tx, &mut spells.replaced).await?;
    follow_others(tx, &mut spells.put_in).await?;
    spells::give_back(tx, &spells, (merge.gone_id.0, merge.person_id.0)).await?;
    for (table, keys) in since {
        undone.stays.insert(table.to_owned(), keys.len() as u64);
        since::stay(tx, table, &keys, merge, &record).await?;
    }
    persons::count_removed(tx).await?;
    record::set_undone(tx, merge.merge_id, now).await?;
    Ok(Some(undone))
}

/// Lists the keys of rows of the person who stays that came after the merge, by table.
async fn added_since(tx: &mut Tx, record: &Record, merge: &Merge) -> Result<Since> {
    let mut all = Since::new();
    for table in tables() {
        let known: BTreeSet<String> = record.known.get(table.name).into_iter().flatten().map(text).collect();
        let mut new = BTreeMap::new();
        for column in table.persons {
            for row in images::with_id(tx, table.name, column, merge.person_id.0).await? {
                let key = images::key_of(&row, table.key);
                let key_text = text(&key);
                if !known.contains(&key_text) {
                    new.insert(key_text, key);
                }
            }
        }
        if !new.is_empty() {
            all.insert(table.name, new.into_values().collect());
        }
    }
    Ok(all)
}

fn text(row: &Image) -> String {
    Value::Object(row.clone()).to_string()
}

/// Deletes what the merge itself made: redirects, items, lines of history, which are about values that one of the two
/// never had. What somebody changed since stays.
async fn take_back_added(tx: &mut Tx, record: &Record, since: &mut Since) -> Result<()> {
    for (name, rows) in &record.added {
        let table = follow::table(name).ok_or(StorageError::Unreadable("undo record"))?;
        let mut now = HashMap::new();
        for row in images::with_keys(tx, table.name, table.key, rows).await? {
            now.insert(text(&images::key_of(&row, table.key)), row);
        }
        let mut going = Vec::new();
        for row in rows {
            let key = images::key_of(row, table.key);
            match now.get(&text(&key)) {
                Some(now) if now == row => going.push(key),
                Some(_) => since.entry(table.name).or_default().push(key),
                None => {}
            }
        }
        images::delete(tx, table.name, table.key, &going).await?;
    }
    Ok(())
}

/// Gives rows the columns back that the merge changed.
async fn put_back(tx: &mut Tx, sealer: Option<&Sealer>, changed: &Changed, undone: &mut Undone) -> Result<()> {
    let table = follow::table(&changed.table).ok_or(StorageError::Unreadable("undo record"))?;
    let now = images::with_keys(tx, table.name, table.key, &changed.keys).await?;
    // Rows that nobody touched go back together, the others one by one.
    let is_as_left = |row: &&Image| changed.after.iter().all(|(column, value)| row.get(column) == Some(value));
    let (as_left, touched): (Vec<&Image>, Vec<&Image>) = now.iter().partition(is_as_left);
    let keys: Vec<Image> = as_left.into_iter().map(|row| images::key_of(row, table.key)).collect();
    images::put(tx, table.name, table.key, &keys, &changed.before).await?;
    for row in touched {
        let mut values = Image::new();
        for (column, after) in &changed.after {
            let Some(before) = changed.before.get(column) else { continue };
            if is_same(sealer, table.name, column, row, after)? {
                values.insert(column.clone(), before.clone());
            } else if !DERIVED.contains(&column.as_str()) {
                undone.changed_since.insert((changed.table.clone(), column.clone()));
            }
        }
        images::put(tx, table.name, table.key, &[images::key_of(row, table.key)], &values).await?;
    }
    Ok(())
}

/// Says whether a column still has what the merge wrote.
fn is_same(sealer: Option<&Sealer>, table: &'static str, column: &str, row: &Image, after: &Value) -> Result<bool> {
    if row.get(column) == Some(after) {
        return Ok(true);
    }
    let Some((column, id)) = sealed(table, column) else { return Ok(false) };
    let Some(sealer) = sealer else { return Ok(true) };
    let Some(id) = images::id_of(row.get(id)) else { return Ok(false) };
    let open = |value| -> Result<Option<String>> {
        let place = CellPlace { table, column, row: id };
        Ok(images::cell_of(value).map(|cell| sealer.open(place, &cell)).transpose()?)
    };
    Ok(open(row.get(column))? == open(Some(after))?)
}

/// Returns the name of a sealed column that is written anew with its row, and the column that it is bound to.
fn sealed(table: &str, column: &str) -> Option<(&'static str, &'static str)> {
    let (fields, id) = match table {
        "person" => (SEALED_FIELDS, "person_id"),
        "outbreak_case" => (&[PersonalField::Age, PersonalField::Note][..], "case_id"),
        _ => return None,
    };
    let field = fields.iter().find(|field| field.as_str() == column)?;
    Some((field.as_str(), id))
}

/// Puts rows back that are gone. A row that names somebody who was merged since names whoever that is now; one that names
/// somebody who was erased since stays away.
async fn insert_again(
    tx: &mut Tx,
    table: follow::Table,
    rows: &[Image],
    merge: &Merge,
    undone: &mut Undone,
) -> Result<()> {
    let mut back = Vec::with_capacity(rows.len());
    for row in rows {
        let mut row = row.clone();
        let mut is_whole = true;
        for column in table.persons {
            let Some(named) = images::id_of(row.get(*column)) else { continue };
            if [merge.gone_id.0, merge.person_id.0].contains(&named) {
                continue;
            }
            match who_now(tx, named).await? {
                Some(now) => _ = row.insert((*column).to_owned(), images::id(tx, now)),
                None => is_whole = false,
            }
        }
        if is_whole {
            back.push(row);
        }
    }
    if table.name == "outbreak_case" {
        free_file_numbers(tx, &mut back, undone).await?;
    }
    images::insert(tx, table.name, &back).await
}

async fn who_now(tx: &mut Tx, person: Uuid) -> Result<Option<Uuid>> {
    let now = person_now(tx, PersonId(person)).await?;
    Ok(persons::exists(tx, now).await?.then_some(now.0))
}

async fn follow_others(tx: &mut Tx, spells: &mut Vec<record::StoredSpell>) -> Result<()> {
    let mut known: HashMap<Uuid, Option<Uuid>> = HashMap::new();
    for other in spells.iter().map(|spell| spell.other).collect::<BTreeSet<_>>() {
        known.insert(other, who_now(tx, other).await?);
    }
    spells.retain_mut(|spell| match known.get(&spell.other).copied().flatten() {
        Some(now) => {
            spell.other = now;
            true
        }
        None => false,
    });
    Ok(())
}

/// A file number that another case was given since stays with that one.
async fn free_file_numbers(tx: &mut Tx, rows: &mut [Image], undone: &mut Undone) -> Result<()> {
    for row in rows {
        let number = row.get("file_number").and_then(Value::as_str);
        let number = number.map(|text| text.strip_prefix("t:").unwrap_or(text));
        let Some(number) = number.and_then(|text| domain::references::Reference::new(text).ok()) else { continue };
        if crate::cases::by_file_number(tx, &number).await?.is_some() {
            row.insert("file_number".to_owned(), Value::Null);
            undone.changed_since.insert(("outbreak_case".to_owned(), "file_number".to_owned()));
        }
    }
    Ok(())
}

/// The days of visits follow from the visits.
async fn renew_visits(tx: &mut Tx, record: &Record, merge: &Merge) -> Result<()> {
    let removed = record.removed.get("visit").into_iter().flatten();
    let moved = record.changed.iter().filter(|changed| changed.before.contains_key("left_at"));
    let keys = removed.chain(moved.flat_map(|changed| &changed.keys));
    let ids: BTreeSet<Uuid> = keys.filter_map(|row| images::id_of(row.get("visit_id"))).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let visits = crate::visits::of_persons(tx, &[merge.gone_id, merge.person_id]).await?;
    for visit in visits.iter().filter(|visit| ids.contains(&visit.visit_id.0)) {
        crate::visits::renew_days(tx, visit).await?;
    }
    Ok(())
}
