//! Files of encounters: sensors that heard each other, slice by slice, or people who met.
//!
//! Rows of one pair that touch or overlap unite into spells, with each other and with what is stored, so
//! that a file can be imported again, or in two overlapping halves, and every minute counts once. Rows
//! are by the million, so references are read once and then known by number.

use super::visits::window;
use super::{Fate, Importer, Setting, column, persons};
use crate::error::Result;
use documents::cell::{Cell, Row};
use documents::columns::Columns;
use documents::values::{self, DateOrder, Moment};
use domain::encounters::{LONGEST_ENCOUNTER_DAYS, Spell, unite_spells, utc_midnight};
use domain::ids::PersonId;
use domain::references::Reference;
use domain::time::{Window, local_day};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use rustc_hash::FxHashMap;
use std::collections::{BTreeSet, HashMap};
use storage::Tx;
use storage::encounters::{self, Encounter};

pub(crate) const FIELDS: &[&str] = &["time", "from", "until", "a", "b", "distance_m"];

/// A row: two persons by number, and when.
struct Slice {
    a: u32,
    b: u32,
    spell: Spell,
}

pub(crate) struct Encounters {
    time: Option<usize>,
    from: Option<usize>,
    until: Option<usize>,
    a: Option<usize>,
    b: Option<usize>,
    distance_m: Option<usize>,
    order: DateOrder,
    zone: TimeZone,
    interval: SignedDuration,
    numbers: FxHashMap<Box<str>, u32>,
    references: Vec<Reference>,
    persons: Vec<Option<PersonId>>,
    parsed: Vec<Slice>,
}

impl Encounters {
    pub(crate) fn new(setting: &Setting<'_>, columns: &Columns) -> Self {
        Self {
            time: column(columns, "time"),
            from: column(columns, "from"),
            until: column(columns, "until"),
            a: column(columns, "a"),
            b: column(columns, "b"),
            distance_m: column(columns, "distance_m"),
            order: setting.options.date_order,
            zone: setting.worker.authority.time_zone.clone(),
            interval: setting.options.interval.unwrap_or(SignedDuration::ZERO),
            numbers: FxHashMap::default(),
            references: Vec::new(),
            persons: Vec::new(),
            parsed: Vec::new(),
        }
    }

    fn number(&mut self, cell: Cell<'_>, field: &str) -> Result<u32, String> {
        if let Cell::Text(text) = cell
            && let Some(number) = self.numbers.get(text)
        {
            return Ok(*number);
        }
        let reference = persons::reference(cell, field)?;
        if let Some(number) = self.numbers.get(reference.as_str()) {
            return Ok(*number);
        }
        let number = u32::try_from(self.references.len()).map_err(|_| "too many persons".to_owned())?;
        self.numbers.insert(reference.as_str().into(), number);
        self.references.push(reference);
        self.persons.push(None);
        Ok(number)
    }

    fn when(&self, row: &Row<'_>) -> Result<Window, String> {
        let Some(time) = self.time else {
            return window(row.get(self.from), row.get(self.until), &self.zone, self.order);
        };
        let moment =
            values::instant(row.get(time), &self.zone, self.order).map_err(|error| format!("time: {error}"))?;
        let Some(Moment::Instant(at)) = moment else { return Err("time is missing, or a day only".to_owned()) };
        let until = at.checked_add(self.interval).map_err(|_| "time is out of range".to_owned())?;
        Window::new(at, until).map_err(|_| "--interval must be longer than nothing".to_owned())
    }

    /// Learns who the new references of a batch are.
    async fn meet(&mut self, tx: &mut Tx, setting: &Setting<'_>) -> Result<()> {
        let unmet: Vec<usize> = (0..self.persons.len()).filter(|i| self.persons[*i].is_none()).collect();
        let references: BTreeSet<Reference> = unmet.iter().map(|i| self.references[*i].clone()).collect();
        let known = persons::find_or_make(tx, setting, &references).await?;
        for i in unmet {
            self.persons[i] = known.get(self.references[i].as_str()).copied();
        }
        Ok(())
    }
}

type Pair = (PersonId, PersonId);

impl Importer for Encounters {
    fn parse(&mut self, row: &Row<'_>) -> Result<(), String> {
        let window = self.when(row)?;
        if window.minutes() > f64::from(i32::try_from(LONGEST_ENCOUNTER_DAYS).unwrap_or(31)) * 1440.0 {
            return Err(format!("an encounter of more than {LONGEST_ENCOUNTER_DAYS} days is a slip; check its end"));
        }
        let distance = values::distance(row.get(self.distance_m)).map_err(|error| format!("distance_m: {error}"))?;
        let (a, b) = (self.number(row.get(self.a), "a")?, self.number(row.get(self.b), "b")?);
        if a == b {
            return Err("a and b are the same person".to_owned());
        }
        #[allow(clippy::cast_possible_truncation)] // Metres: seven digits are more than any sensor has.
        let spell = Spell { window, distance_m: distance.map(|metres| metres as f32) };
        self.parsed.push(Slice { a, b, spell });
        Ok(())
    }

    async fn store(&mut self, tx: &mut Tx, setting: &Setting<'_>) -> Result<Vec<Fate>> {
        self.meet(tx, setting).await?;
        let slices = std::mem::take(&mut self.parsed);
        let mut of_pair: HashMap<Pair, Vec<(usize, Spell)>, rustc_hash::FxBuildHasher> = HashMap::default();
        for (i, slice) in slices.iter().enumerate() {
            let ends = (self.persons[slice.a as usize], self.persons[slice.b as usize]);
            let (Some(a), Some(b)) = ends else { continue };
            of_pair.entry((a.min(b), a.max(b))).or_default().push((i, slice.spell));
        }
        let mut stored = stored_spells(tx, &of_pair).await?;
        let mut fates = vec![Fate::AlreadyThere; slices.len()];
        let (mut gone, mut new) = (Vec::new(), Vec::new());
        for (pair, rows) in of_pair {
            let before = stored.remove(&pair).unwrap_or_default();
            for i in newly_covering(&before, &rows) {
                fates[i] = Fate::Stored;
            }
            let after = unite_spells(before.iter().copied().chain(rows.iter().map(|(_, spell)| *spell)).collect());
            let (person, other) = pair;
            let as_row = |spell: &Spell| Encounter { person, other, spell: *spell };
            gone.extend(before.iter().filter(|spell| !after.contains(spell)).map(as_row));
            new.extend(after.iter().filter(|spell| !before.contains(spell)).map(as_row));
        }
        encounters::delete(tx, &gone).await?;
        encounters::insert(tx, &new, local_day(setting.now, &TimeZone::UTC)).await?;
        Ok(fates)
    }
}

/// Reads what is stored of these pairs on the days (in UTC) that the rows touch.
async fn stored_spells(
    tx: &mut Tx,
    of_pair: &HashMap<Pair, Vec<(usize, Spell)>, rustc_hash::FxBuildHasher>,
) -> Result<HashMap<Pair, Vec<Spell>>> {
    let day = SignedDuration::from_hours(24);
    let mut asked: BTreeSet<(PersonId, Window)> = BTreeSet::new();
    for ((person, _), rows) in of_pair {
        for (_, spell) in rows {
            let mut midnight = utc_midnight(spell.window.from());
            while midnight < spell.window.until() {
                let Ok(next) = midnight.checked_add(day) else { break };
                asked.extend(Window::new(midnight, next).map(|window| (*person, window)));
                midnight = next;
            }
        }
    }
    let asked: Vec<(PersonId, Window)> = asked.into_iter().collect();
    let mut stored: HashMap<Pair, Vec<Spell>> = HashMap::new();
    for encounter in encounters::of_persons(tx, &asked).await? {
        let pair = (encounter.person, encounter.other);
        if of_pair.contains_key(&pair) {
            stored.entry(pair).or_default().push(encounter.spell);
        }
    }
    Ok(stored)
}

/// Returns which rows bring time, or nearness, that neither the store nor an earlier row has.
fn newly_covering(stored: &[Spell], rows: &[(usize, Spell)]) -> Vec<usize> {
    let mut pieces: Vec<(Option<usize>, Spell)> = Vec::with_capacity(stored.len() + rows.len());
    pieces.extend(stored.iter().map(|spell| (None, *spell)));
    for (i, spell) in rows {
        pieces.extend(unite_spells(vec![*spell]).into_iter().map(|piece| (Some(*i), piece)));
    }
    pieces.sort_by_key(|(row, piece)| {
        (piece.window.from(), row.is_some(), std::cmp::Reverse(piece.window.until()), *row)
    });
    let mut covered: Option<Spell> = None;
    let mut bring = BTreeSet::new();
    for (row, piece) in pieces {
        let nearer = |known: Option<f32>| piece.distance_m.is_some_and(|new| known.is_none_or(|known| new < known));
        match &mut covered {
            Some(so_far) if piece.window.from() <= so_far.window.until() => {
                let is_new = piece.window.until() > so_far.window.until() || nearer(so_far.distance_m);
                if is_new {
                    bring.extend(row);
                }
                let until = so_far.window.until().max(piece.window.until());
                so_far.window = Window::new(so_far.window.from(), until).unwrap_or(so_far.window);
                if nearer(so_far.distance_m) {
                    so_far.distance_m = piece.distance_m;
                }
            }
            _ => {
                bring.extend(row);
                covered = Some(piece);
            }
        }
    }
    bring.into_iter().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::Timestamp;

    fn spell(from: i64, until: i64, distance_m: Option<f32>) -> Spell {
        let at = |s| Timestamp::from_second(s).unwrap();
        Spell { window: Window::new(at(from), at(until)).unwrap(), distance_m }
    }

    #[test]
    fn a_row_that_is_covered_already_is_already_there() {
        let stored = [spell(0, 60, None)];
        let rows =
            [(0, spell(0, 20, None)), (1, spell(40, 80, None)), (2, spell(60, 80, None)), (3, spell(200, 220, None))];
        assert_eq!(newly_covering(&stored, &rows), [1, 3]);
        assert_eq!(newly_covering(&[], &[(0, spell(0, 20, None)), (1, spell(0, 20, None))]), [0]);
    }

    #[test]
    fn a_nearer_distance_is_news_and_a_further_one_is_not() {
        let stored = [spell(0, 60, Some(2.0))];
        assert_eq!(newly_covering(&stored, &[(0, spell(0, 20, Some(1.0)))]), [0]);
        assert!(newly_covering(&stored, &[(0, spell(0, 20, Some(3.0)))]).is_empty());
    }
}
