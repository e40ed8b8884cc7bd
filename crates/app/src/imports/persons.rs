//! Persons that a file of encounters or visits names: found by reference, made where they aren't there.

use super::Setting;
use crate::duplicates::rules_of;
use crate::error::Result;
use domain::ids::PersonId;
use domain::references::Reference;
use std::collections::{BTreeSet, HashMap};
use storage::Tx;
use storage::persons;

/// Returns the persons that these references name; makes those that aren't there.
///
/// The reference goes in first: where another import was faster, its person is taken.
pub(crate) async fn find_or_make(
    tx: &mut Tx,
    setting: &Setting<'_>,
    references: &BTreeSet<Reference>,
) -> Result<HashMap<String, PersonId>> {
    let texts: Vec<&str> = references.iter().map(Reference::as_str).collect();
    let mut known = persons::by_reference(tx, &texts).await?;
    let unknown = references.iter().filter(|reference| !known.contains_key(reference.as_str()));
    let minted: Vec<(Reference, PersonId)> =
        unknown.map(|reference| (reference.clone(), PersonId::mint(setting.app.now(), setting.app.random()))).collect();
    if minted.is_empty() {
        return Ok(known);
    }
    persons::insert_references(tx, &minted).await?;
    let texts: Vec<&str> = minted.iter().map(|(reference, _)| reference.as_str()).collect();
    let settled = persons::by_reference(tx, &texts).await?;
    let ours = |(reference, id): &(Reference, PersonId)| settled.get(reference.as_str()) == Some(id);
    let made: Vec<PersonId> = minted.iter().filter(|pair| ours(pair)).map(|(_, id)| *id).collect();
    persons::insert_unknown(tx, &made, setting.now).await?;
    // Of whom nothing is known, nothing can be compared.
    let rules = rules_of(&setting.worker.authority);
    storage::duplicates::follow_own(tx, rules.number(), made.len()).await?;
    known.extend(settled);
    Ok(known)
}

/// Reads the reference in a cell.
pub(crate) fn reference(cell: documents::cell::Cell<'_>, field: &str) -> Result<Reference, String> {
    let text = documents::values::identifier(cell).ok_or_else(|| format!("{field} is missing"))?;
    Reference::new(&text).map_err(|error| format!("{field}: {error}"))
}
