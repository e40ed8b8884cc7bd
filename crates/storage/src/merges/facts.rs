//! Facts that can't just be given another id: those between the two, and those that both have.

use super::images::{self, Image};
use super::{Merge, Snapshot};
use crate::dialect::Statement;
use crate::error::Result;
use crate::store::Tx;
use crate::visits;
use domain::ids::PersonId;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

const LINK: (&str, &[&str]) = ("infection_link", &["link_id"]);

/// Who declared somebody that they are, as it turns out, themselves: it stays as it was said, and opens no case.
const NO_OWN_CASE: Statement = Statement::both(
    "-- merges::no_own_case
UPDATE declared_contact SET contact_case_id = NULL
 WHERE authority_id = $1 AND person_id = $2 AND met_id = $2 AND contact_case_id IS NOT NULL",
);

fn rows<'s>(snapshot: &'s Snapshot, table: &str) -> impl Iterator<Item = &'s Image> {
    snapshot.get(table).into_iter().flat_map(BTreeMap::values)
}

fn ends(row: &Image, (one, other): (&str, &str)) -> Option<(Uuid, Uuid)> {
    images::id_of(row.get(one)).zip(images::id_of(row.get(other)))
}

/// Counts declared contacts and infections of the two with each other.
pub(super) fn between(snapshot: &Snapshot, merge: &Merge) -> u64 {
    let both = [merge.person_id.0, merge.gone_id.0];
    let is_between = |ends: &Option<(Uuid, Uuid)>| {
        ends.is_some_and(|(one, other)| one != other && both.contains(&one) && both.contains(&other))
    };
    let contacts = rows(snapshot, "contact").map(|row| ends(row, ("declared_by", "met")));
    let links = rows(snapshot, LINK.0).map(|row| ends(row, ("infector_id", "infected_id")));
    contacts.chain(links).filter(is_between).count() as u64
}

/// Clears the way: infections of the two with each other, infections and visits that both have.
pub(super) async fn merge(tx: &mut Tx, snapshot: &Snapshot, (from, to): (Uuid, Uuid)) -> Result<()> {
    merge_links(tx, snapshot, (from, to)).await?;
    merge_visits(tx, (PersonId(from), PersonId(to))).await
}

async fn merge_links(tx: &mut Tx, snapshot: &Snapshot, (from, to): (Uuid, Uuid)) -> Result<()> {
    let now = |id| if id == from { to } else { id };
    let mut kept: HashMap<(Uuid, Uuid), &Image> = HashMap::new();
    let mut going = Vec::new();
    for row in rows(snapshot, LINK.0) {
        let Some(ends) = ends(row, ("infector_id", "infected_id")) else { continue };
        if ends.0 == from || ends.1 == from {
            going.push(((now(ends.0), now(ends.1)), row));
        } else {
            kept.insert(ends, row);
        }
    }
    for (ends, row) in going {
        let twin = kept.get(&ends);
        if ends.0 != ends.1 && twin.is_none() {
            continue;
        }
        images::delete(tx, LINK.0, LINK.1, &[images::key_of(row, LINK.1)]).await?;
        if let Some(twin) = twin {
            let lacks = |column: &&str| twin.get(*column).is_none_or(serde_json::Value::is_null);
            let columns: Vec<&str> = ["setting", "infected_on"].into_iter().filter(lacks).collect();
            images::put(tx, LINK.0, LINK.1, &[images::key_of(twin, LINK.1)], &images::key_of(row, &columns)).await?;
        }
    }
    Ok(())
}

/// A stay that both have is one stay, and lasts as long as the longer one.
async fn merge_visits(tx: &mut Tx, (from, to): (PersonId, PersonId)) -> Result<()> {
    let stays = visits::of_persons(tx, &[from, to]).await?;
    let (own, theirs): (Vec<_>, Vec<_>) = stays.into_iter().partition(|stay| stay.person == to);
    for stay in theirs {
        let is_same = |known: &&domain::visits::Visit| {
            (known.facility, &known.area, known.stay.from()) == (stay.facility, &stay.area, stay.stay.from())
        };
        let Some(same) = own.iter().find(is_same) else { continue };
        visits::delete(tx, &stay).await?;
        if stay.stay.until() > same.stay.until() {
            visits::move_end(tx, same, stay.stay.until()).await?;
        }
    }
    Ok(())
}

/// Sees to it that nobody's case comes from their own declaration.
pub(super) async fn leave_oneself_out(tx: &mut Tx, person: Uuid) -> Result<()> {
    run!(tx, NO_OWN_CASE, mine, person)?;
    Ok(())
}
