//! Encounters of two who are one person: spells with the same other person unite where they overlap.
//!
//! A meeting of the two with each other is taken out: nobody meets themselves. A united spell counts from the import of
//! its oldest part, so that no minute is kept longer than it may be.

use super::record::{Spells, StoredSpell};
use crate::dialect::{At, Day, Statement};
use crate::encounters::{self, Encounter};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::encounters::{Spell, unite_spells, utc_midnight};
use domain::ids::PersonId;
use domain::time::Window;
use std::collections::BTreeMap;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct SpellRow {
    other_id: Uuid,
    started_at: At,
    ended_at: At,
    distance_m: Option<f32>,
    stored_on: Day,
}

pub(crate) const OF_PERSON: Statement = Statement::both(
    "-- merges::spells_of_person
SELECT other_id, started_at, ended_at, distance_m, stored_on FROM encounter
 WHERE authority_id = $1 AND person_id = $2 ORDER BY other_id, started_at",
);

type ByOther = BTreeMap<Uuid, Vec<StoredSpell>>;

async fn of_person(tx: &mut Tx, person: Uuid) -> Result<ByOther> {
    let mut found = ByOther::new();
    for row in all!(tx, SpellRow, OF_PERSON, mine, person)? {
        found.entry(row.other_id).or_default().push(StoredSpell {
            other: row.other_id,
            from: row.started_at.0,
            until: row.ended_at.0,
            distance: row.distance_m.map(f32::to_bits),
            stored_on: row.stored_on.0,
        });
    }
    Ok(found)
}

fn window(spell: &StoredSpell) -> Result<Window> {
    Window::new(spell.from, spell.until).map_err(|_| StorageError::Unreadable("encounter"))
}

fn encounter(person: Uuid, stored: &StoredSpell) -> Result<Encounter> {
    let spell = Spell { window: window(stored)?, distance_m: stored.distance.map(f32::from_bits) };
    Ok(Encounter { person: PersonId(person), other: PersonId(stored.other), spell })
}

async fn take_out(tx: &mut Tx, person: Uuid, spells: &[StoredSpell]) -> Result<()> {
    let encounters = spells.iter().map(|spell| encounter(person, spell)).collect::<Result<Vec<_>>>()?;
    encounters::delete(tx, &encounters).await
}

async fn put_in(tx: &mut Tx, person: Uuid, spells: &[StoredSpell]) -> Result<()> {
    let mut by_day: BTreeMap<_, Vec<Encounter>> = BTreeMap::new();
    for spell in spells {
        by_day.entry(spell.stored_on).or_default().push(encounter(person, spell)?);
    }
    for (stored_on, encounters) in by_day {
        encounters::insert(tx, &encounters, stored_on).await?;
    }
    Ok(())
}

/// Gives the spells of one person to another. Returns what was taken out and put in.
pub(super) async fn merge(tx: &mut Tx, from: Uuid, to: Uuid) -> Result<Spells> {
    let gone = of_person(tx, from).await?;
    if gone.is_empty() {
        return Ok(Spells::default());
    }
    let kept = of_person(tx, to).await?;
    let mut spells = Spells { of_gone: gone.values().flatten().copied().collect(), ..Spells::default() };
    for (other, theirs) in gone.iter().filter(|(other, _)| **other != to) {
        let own = kept.get(other).map_or(&[][..], Vec::as_slice);
        let united = unite(own, theirs)?;
        spells.replaced.extend(own.iter().filter(|spell| !united.contains(spell)));
        spells.put_in.extend(united.iter().filter(|spell| !own.contains(spell)));
    }
    take_out(tx, from, &spells.of_gone).await?;
    take_out(tx, to, &spells.replaced).await?;
    put_in(tx, to, &spells.put_in).await?;
    Ok(spells)
}

fn unite(own: &[StoredSpell], theirs: &[StoredSpell]) -> Result<Vec<StoredSpell>> {
    let parts: Vec<StoredSpell> = own.iter().chain(theirs).copied().collect();
    let spell = |part: &StoredSpell| Ok(Spell { window: window(part)?, distance_m: part.distance.map(f32::from_bits) });
    let united = unite_spells(parts.iter().map(spell).collect::<Result<Vec<_>>>()?);
    let whole = |spell: Spell| {
        let (from, until) = (spell.window.from(), spell.window.until());
        let inside = parts.iter().filter(|part| part.from < until && part.until > from);
        let oldest = inside.min_by_key(|part| part.stored_on)?;
        let distance = spell.distance_m.map(f32::to_bits);
        Some(StoredSpell { from, until, distance, ..*oldest })
    };
    Ok(united.into_iter().filter_map(whole).collect())
}

/// Gives spells back. What an import has made longer since stays with the person who stays, whole.
pub(super) async fn give_back(tx: &mut Tx, spells: &Spells, (from, to): (Uuid, Uuid)) -> Result<()> {
    if spells.of_gone.is_empty() {
        return Ok(());
    }
    let now: Vec<StoredSpell> = of_person(tx, to).await?.into_values().flatten().collect();
    let out: Vec<StoredSpell> = spells.put_in.iter().filter(|spell| now.contains(spell)).copied().collect();
    let stays = |spell: &StoredSpell| now.iter().filter(|other| !out.contains(other)).any(|other| joins(other, spell));
    let back: Vec<StoredSpell> = spells.replaced.iter().filter(|spell| !stays(spell)).copied().collect();
    take_out(tx, to, &out).await?;
    put_in(tx, to, &back).await?;
    put_in(tx, from, &spells.of_gone).await
}

/// Says whether two spells of one pair would be one: they overlap, or touch other than at midnight, where all are cut.
fn joins(one: &StoredSpell, other: &StoredSpell) -> bool {
    let touch = |at: jiff::Timestamp| at != utc_midnight(at);
    let overlap = one.from < other.until && one.until > other.from;
    let meet = one.from == other.until && touch(one.from) || one.until == other.from && touch(one.until);
    one.other == other.other && (overlap || meet)
}
