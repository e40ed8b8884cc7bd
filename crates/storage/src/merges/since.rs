//! Rows that came after a merge that is undone: they stay with the person who stays, as far as they can.
//!
//! Rows of a case that goes back go to the case that the person who stays had of their own. Where they had none, a row
//! can't leave its case, and follows it. What became of a message follows the message.

use super::follow;
use super::record::{Merge, Record};
use crate::error::{Result, StorageError};
use crate::images::{self, Image};
use crate::store::Tx;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Lists the rows of a table that an undo gives back to the person who had gone.
fn went_back(record: &Record, table: &str, key: &str) -> BTreeSet<Uuid> {
    let is_of_person = |changed: &&super::Changed| changed.table == table && changed.before.contains_key("person_id");
    let keys = record.changed.iter().filter(is_of_person).flat_map(|changed| &changed.keys);
    keys.filter_map(|row| images::id_of(row.get(key))).collect()
}

/// Returns the case of the person who stays that had become part of this one.
fn own_case(record: &Record, merge: &Merge, case_id: Uuid) -> Option<Uuid> {
    let folded = merge.told.folds.iter().filter(|fold| fold.kept.0 == case_id).map(|fold| fold.folded.0);
    let removed = record.removed.get("outbreak_case")?;
    let is_own = |folded: &Uuid| {
        removed.iter().any(|row| {
            images::id_of(row.get("case_id")) == Some(*folded)
                && images::id_of(row.get("person_id")) == Some(merge.person_id.0)
        })
    };
    folded.into_iter().find(is_own)
}

/// Sees to it that rows which came later stand where they belong now.
pub(super) async fn stay(tx: &mut Tx, name: &str, keys: &[Image], merge: &Merge, record: &Record) -> Result<()> {
    let table = follow::table(name).ok_or(StorageError::Unreadable("undo record"))?;
    let gone = images::id(tx, merge.gone_id.0);
    if name == "message_log" {
        let messages = went_back(record, "message", "message_id");
        let is_of_them = |key: &&Image| images::id_of(key.get("message_id")).is_some_and(|id| messages.contains(&id));
        let following: Vec<Image> = keys.iter().filter(is_of_them).cloned().collect();
        images::put(tx, name, table.key, &following, &Image::from_iter([("person_id".to_owned(), gone)])).await?;
        return Ok(());
    }
    let cases = went_back(record, "outbreak_case", "case_id");
    if !table.cases.contains(&"case_id") || cases.is_empty() {
        return Ok(());
    }
    for row in images::with_keys(tx, name, table.key, keys).await? {
        let Some(case_id) = images::id_of(row.get("case_id")).filter(|case| cases.contains(case)) else { continue };
        let key = images::key_of(&row, table.key);
        let values = match own_case(record, merge, case_id) {
            Some(own) => ("case_id".to_owned(), images::id(tx, own)),
            None => ("person_id".to_owned(), gone.clone()),
        };
        if name == "declared_contact" && values.0 == "person_id" {
            let declared_by = Image::from_iter([("declared_by".to_owned(), gone.clone())]);
            images::put(tx, "contact", &["contact_id"], std::slice::from_ref(&key), &declared_by).await?;
        }
        images::put(tx, name, table.key, &[key], &Image::from_iter([values])).await?;
    }
    Ok(())
}
