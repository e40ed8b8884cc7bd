//! The book of the days of one kind: which keys there are, which are destroyed for good, and what two books are together.
//!
//! A day may have several keys: both sides of a keyring that were alone at once made one each, and guests were sealed to both.
//! Whoever destroys a day writes down up to which generation its keys are gone. A key that is made for that day later is of the
//! next one, so that no copy of an old key ever comes back, from whichever side, and no clock is asked.

use super::sender::{public_of, wrapping_key};
use super::{DataKey, PUBLIC_KEY, PublicKey, SealedKey, day_place};
use crate::sealing::SealingError;
use crate::sealing::at_rest::{hex, random_key, root_from, unhex, unwrap, wrap};
use crate::sealing::held::{HeldDay, HeldDays, HeldEnd};
use aws_lc_rs::aead::{Aad, NONCE_LEN, Nonce};
use domain::check_ins::VenueDay;
use domain::ids::AuthorityId;
use domain::time::plus_days;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// Days after which nobody needs to know that a day was destroyed: its keys have ended long since, by any account.
const REMEMBERED_DAYS: i32 = 60;

/// Which day of whom.
pub(super) type DayOf = (AuthorityId, Date);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DaysFile {
    format: u32,
    pub(super) root: String,
    pub(super) days: Vec<WrappedDay>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    destroyed: Vec<HeldEnd>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WrappedDay {
    pub(super) authority_id: i32,
    day: Date,
    ends_at: Timestamp,
    public: String,
    pub(super) wrapped: String,
    #[serde(default, skip_serializing_if = "is_first")]
    generation: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    shortened: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    only_here: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // As serde asks.
fn is_first(generation: &u32) -> bool {
    *generation == 0
}

/// A day's key, for the moment in which it is needed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct DayKey {
    pub(super) ends_at: Timestamp,
    pub(super) public: PublicKey,
    pub(super) private: Zeroizing<[u8; 32]>,
    generation: u32,
    /// Whether its period was longer once: then an old copy of it may still say so.
    shortened: bool,
    /// Whether, as far as is known, the mirror lacks it.
    pub(super) only_here: bool,
}

/// All keys of one kind of days, and which days are destroyed.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Book {
    keys: BTreeMap<DayOf, Vec<DayKey>>,
    /// Keys of lower generations are gone.
    gone_below: BTreeMap<DayOf, u32>,
}

impl Book {
    /// A book with nothing in it.
    pub(super) const fn empty() -> Self {
        Self { keys: BTreeMap::new(), gone_below: BTreeMap::new() }
    }

    /// The keys of a day, the one that is given out first.
    pub(super) fn of(&self, day: DayOf) -> &[DayKey] {
        self.keys.get(&day).map_or(&[], Vec::as_slice)
    }

    /// All keys, by day.
    pub(super) fn all(&self) -> impl Iterator<Item = (DayOf, &DayKey)> {
        self.keys.iter().flat_map(|(day, keys)| keys.iter().map(|key| (*day, key)))
    }

    /// Makes the key of a day that has none, and shortens the period of what is there.
    pub(super) fn make(&mut self, day: DayOf, ends_at: Timestamp, only_here: bool) -> Result<(), SealingError> {
        let keys = self.keys.entry(day).or_default();
        keys.iter_mut().for_each(|key| key.shorten(ends_at));
        if keys.is_empty() {
            let generation = self.gone_below.get(&day).copied().unwrap_or(0);
            keys.push(DayKey::new(ends_at, generation, only_here)?);
        }
        Ok(())
    }

    /// Destroys the keys of a day, also those of which it will be known only later.
    pub(super) fn destroy(&mut self, day: DayOf) {
        let known = self.keys.remove(&day).unwrap_or_default();
        let below = known.iter().map(|key| key.generation + 1).max().unwrap_or(1);
        let gone = self.gone_below.entry(day).or_insert(0);
        *gone = below.max(*gone);
    }

    /// Forgets that days of long ago were destroyed.
    pub(super) fn forget_old(&mut self) {
        let days = self.keys.keys().chain(self.gone_below.keys());
        let Some(newest) = days.map(|(_, day)| *day).max() else { return };
        let since = plus_days(newest, -REMEMBERED_DAYS);
        self.gone_below.retain(|(_, day), _| *day >= since);
    }

    /// Takes keys away that have reached their end; returns of how many days. The other side does the same by itself, so nothing
    /// else is written down: should this clock be wrong, the other still has them. Of a key whose period was shortened it is
    /// written down, since an old copy of it lasts longer.
    pub(super) fn end(&mut self, now: Timestamp) -> usize {
        let mut n_ended = 0;
        for (day, keys) in &mut self.keys {
            let ended = keys.iter().filter(|key| key.ends_at <= now && key.shortened);
            if let Some(below) = ended.map(|key| key.generation + 1).max() {
                let gone = self.gone_below.entry(*day).or_insert(0);
                *gone = below.max(*gone);
            }
            let n_before = keys.len();
            keys.retain(|key| key.ends_at > now);
            n_ended += usize::from(keys.len() < n_before);
        }
        self.keys.retain(|_, keys| !keys.is_empty());
        n_ended
    }

    /// Takes what the other side holds: keys that lack here come, the shorter period holds, what one of both destroyed is gone,
    /// and so is what has ended.
    pub(super) fn take(&mut self, theirs: &HeldDays, now: Timestamp) -> Result<(), SealingError> {
        // What an old disk still has of days that are over says nothing about a key that was made for them since.
        self.end(now);
        for end in &theirs.destroyed {
            let gone = self.gone_below.entry((end.authority_id, end.day)).or_insert(0);
            *gone = end.below.max(*gone);
        }
        for held in &theirs.keys {
            let keys = self.keys.entry((held.authority_id, held.day)).or_default();
            let public = public_half(&held.public)?;
            match keys.iter_mut().find(|key| key.public == public) {
                Some(own) => {
                    own.shortened |= held.shortened || own.ends_at != held.ends_at;
                    own.ends_at = own.ends_at.min(held.ends_at);
                    own.only_here = false;
                }
                None if held.ends_at <= now => {}
                None => keys.push(DayKey {
                    ends_at: held.ends_at,
                    public,
                    private: held.private.0.clone(),
                    generation: held.generation,
                    shortened: held.shortened,
                    only_here: false,
                }),
            }
        }
        for (day, keys) in &mut self.keys {
            let below = self.gone_below.get(day).copied().unwrap_or(0);
            keys.retain(|key| key.generation >= below);
            // A period is a day's: all its keys end together.
            if let Some(ends_at) = keys.iter().map(|key| key.ends_at).min() {
                keys.iter_mut().for_each(|key| key.shorten(ends_at));
            }
            keys.sort_by_key(|key| (std::cmp::Reverse(key.generation), key.public));
        }
        self.keys.retain(|_, keys| !keys.is_empty());
        self.end(now);
        self.forget_old();
        Ok(())
    }

    /// Says that the other side has what it was told.
    pub(super) fn note_on_both(&mut self, told: &HeldDays) -> Result<(), SealingError> {
        for held in &told.keys {
            let public = public_half(&held.public)?;
            let own = self.keys.get_mut(&(held.authority_id, held.day)).into_iter().flatten();
            own.filter(|key| key.public == public).for_each(|key| key.only_here = false);
        }
        Ok(())
    }

    /// What the other side must know: all, or of some days.
    pub(super) fn held(&self, wanted: impl Fn(DayOf) -> bool) -> HeldDays {
        let keys = self.all().filter(|(day, _)| wanted(*day)).map(|((authority_id, day), key)| HeldDay {
            authority_id,
            day,
            ends_at: key.ends_at,
            public: hex(&key.public),
            private: key.private.clone().into(),
            generation: key.generation,
            shortened: key.shortened,
        });
        let gone = self.gone_below.iter().filter(|(day, _)| wanted(**day));
        let destroyed =
            gone.map(|((authority_id, day), below)| HeldEnd { authority_id: *authority_id, day: *day, below: *below });
        HeldDays { keys: keys.collect(), destroyed: destroyed.collect() }
    }

    /// Reads a book from its file, whose root is unwrapped already.
    pub(super) fn open(file: &DaysFile, root: &[u8; 32]) -> Result<Self, SealingError> {
        let mut book = Self::empty();
        for wrapped in &file.days {
            let (day, key) = wrapped.open(root)?;
            book.keys.entry(day).or_default().push(key);
        }
        let gone = file.destroyed.iter().map(|end| ((end.authority_id, end.day), end.below));
        book.gone_below = gone.collect();
        Ok(book)
    }

    /// Wraps all anew under a fresh root.
    pub(super) fn wrap(&self, keyring_root: &[u8; 32], place: &str) -> Result<DaysFile, SealingError> {
        let root = random_key()?;
        let days = self.all().map(|((authority_id, day), key)| key.wrap(&root, authority_id, day));
        Ok(DaysFile {
            format: 1,
            root: wrap(keyring_root, place, &root[..])?,
            days: days.collect::<Result<_, SealingError>>()?,
            destroyed: self.held(|_| true).destroyed,
        })
    }
}

impl DaysFile {
    pub(super) fn is_known(&self) -> bool {
        self.format == 1
    }
}

fn public_half(text: &str) -> Result<PublicKey, SealingError> {
    unhex(text).and_then(|bytes| PublicKey::try_from(bytes).ok()).ok_or(SealingError::DoesNotOpen)
}

impl WrappedDay {
    fn open(&self, root: &[u8; 32]) -> Result<(DayOf, DayKey), SealingError> {
        let private = root_from(&unwrap(root, &day_place(self.authority_id, self.day), &self.wrapped)?)?;
        let key = DayKey {
            ends_at: self.ends_at,
            public: public_half(&self.public)?,
            private,
            generation: self.generation,
            shortened: self.shortened,
            only_here: self.only_here,
        };
        Ok(((AuthorityId(self.authority_id), self.day), key))
    }
}

impl DayKey {
    fn new(ends_at: Timestamp, generation: u32, only_here: bool) -> Result<Self, SealingError> {
        let private = random_key()?;
        let public = public_of(&private)?;
        Ok(Self { ends_at, public, private, generation, shortened: false, only_here })
    }

    fn shorten(&mut self, ends_at: Timestamp) {
        self.shortened |= ends_at < self.ends_at;
        self.ends_at = self.ends_at.min(ends_at);
    }

    fn wrap(&self, root: &[u8; 32], authority: AuthorityId, day: Date) -> Result<WrappedDay, SealingError> {
        Ok(WrappedDay {
            authority_id: authority.0,
            day,
            ends_at: self.ends_at,
            public: hex(&self.public),
            wrapped: wrap(root, &day_place(authority.0, day), &self.private[..])?,
            generation: self.generation,
            shortened: self.shortened,
            only_here: self.only_here,
        })
    }

    pub(super) fn open(&self, of: VenueDay, place: &[u8], sealed: &SealedKey) -> Result<DataKey, SealingError> {
        let (sent_by, rest) = sealed.split_at(PUBLIC_KEY);
        let sent_by = PublicKey::try_from(sent_by).map_err(|_| SealingError::DoesNotOpen)?;
        let key = wrapping_key(&self.private, &sent_by, &sent_by, &self.public, of)?;
        let (nonce, text) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::DoesNotOpen)?;
        let mut text = Zeroizing::new(text.to_vec());
        let opened = key.open_in_place(nonce, Aad::from(place), &mut text);
        root_from(opened.map_err(|_| SealingError::DoesNotOpen)?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;
    use std::collections::{BTreeSet, HashMap};

    fn at(hour: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH.checked_add(jiff::SignedDuration::from_hours(hour)).unwrap()
    }

    fn day(number: i8) -> DayOf {
        (AuthorityId(1), date(2026, 11, number))
    }

    /// What may happen to two sides, numbered 0 and 1.
    #[derive(Clone, Debug)]
    enum Event {
        /// A key is made, or its period shortened, until an hour.
        Make(usize, i8, i64),
        Destroy(usize, i8),
        /// An hour passes.
        Wait,
        /// They come together; from then on each hears what the other does.
        Join,
        Part,
        /// A side comes back on the disk of an earlier moment; they are apart then.
        OldDisk(usize, prop::sample::Index),
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            4 => (0..2_usize, 1..4_i8, 3..12_i64).prop_map(|(side, day, until)| Event::Make(side, day, until)),
            2 => (0..2_usize, 1..4_i8).prop_map(|(side, day)| Event::Destroy(side, day)),
            2 => Just(Event::Wait),
            3 => Just(Event::Join),
            2 => Just(Event::Part),
            1 => (0..2_usize, any::<prop::sample::Index>()).prop_map(|(side, when)| Event::OldDisk(side, when)),
        ]
    }

    struct Pair {
        sides: [Book; 2],
        before: [Vec<Book>; 2],
        together: bool,
        /// Which has come back on an old disk since they were together.
        old: Option<usize>,
        hour: i64,
        /// The end of each key that both sides agreed on.
        agreed: HashMap<PublicKey, i64>,
        /// The earliest end that anybody ever wanted for a day.
        earliest: HashMap<DayOf, i64>,
        /// Keys that were acknowledged as destroyed.
        destroyed: BTreeSet<PublicKey>,
        /// Keys that were acknowledged as made, and nobody has destroyed or lost since.
        made: BTreeSet<(DayOf, PublicKey)>,
    }

    impl Pair {
        fn new() -> Self {
            let sides = [Book::empty(), Book::empty()];
            let before = [vec![Book::empty()], vec![Book::empty()]];
            let (agreed, earliest) = (HashMap::new(), HashMap::new());
            let (destroyed, made) = (BTreeSet::new(), BTreeSet::new());
            Self { sides, before, together: false, old: None, hour: 0, agreed, earliest, destroyed, made }
        }

        fn tell(&mut self, from: usize) {
            let held = self.sides[from].held(|_| true);
            let now = at(self.hour);
            self.sides[1 - from].take(&held, now).unwrap();
        }

        fn publics(&self, side: usize) -> BTreeSet<PublicKey> {
            self.sides[side].all().map(|(_, key)| key.public).collect()
        }

        fn happen(&mut self, event: &Event) {
            match event {
                Event::Make(side, number, until) => {
                    let until = self.hour + until;
                    self.sides[*side].make(day(*number), at(until), false).unwrap();
                    let earliest = self.earliest.entry(day(*number)).or_insert(until);
                    *earliest = until.min(*earliest);
                    if self.together {
                        self.tell(*side);
                        for key in self.sides[*side].of(day(*number)) {
                            let agreed = self.agreed.entry(key.public).or_insert(until);
                            *agreed = until.min(*agreed);
                            self.made.insert((day(*number), key.public));
                        }
                    }
                }
                Event::Destroy(side, number) => {
                    let of = day(*number);
                    let gone: Vec<PublicKey> = self.sides[*side].of(of).iter().map(|key| key.public).collect();
                    self.sides[*side].destroy(of);
                    if self.together {
                        self.tell(*side);
                        self.destroyed.extend(&gone);
                    }
                    // Also one of which this side didn't know may go with the day.
                    let others: Vec<PublicKey> = self.sides[1 - side].of(of).iter().map(|key| key.public).collect();
                    for public in gone.iter().chain(&others) {
                        self.made.remove(&(of, *public));
                    }
                }
                Event::Wait => {
                    self.hour += 1;
                    let now = at(self.hour);
                    self.sides.iter_mut().for_each(|side| {
                        side.end(now);
                    });
                }
                Event::Join => {
                    self.tell(0);
                    self.tell(1);
                    self.together = true;
                    self.old = None;
                    for (of, key) in self.sides[0].all() {
                        let hour = (key.ends_at.as_second() - at(0).as_second()) / 3600;
                        let agreed = self.agreed.entry(key.public).or_insert(hour);
                        *agreed = hour.min(*agreed);
                        self.made.insert((of, key.public));
                    }
                }
                Event::Part => self.together = false,
                // With old disks on both nobody knows what was destroyed.
                Event::OldDisk(side, _) if self.old.is_some_and(|old| old != *side) => {}
                Event::OldDisk(side, when) => {
                    self.old = Some(*side);
                    self.together = false;
                    let when = when.index(self.before[*side].len());
                    self.before[*side].truncate(when + 1);
                    self.sides[*side] = self.before[*side][when].clone();
                    // What only this side knew is lost with its disk; whatever was acknowledged, the other knows.
                    let known = self.publics(1 - side);
                    self.made.retain(|(_, public)| known.contains(public));
                }
            }
            for (side, before) in self.sides.iter().zip(&mut self.before) {
                before.push(side.clone());
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_happened_to_two_sides_together_they_are_one_and_nothing_comes_back(
            events in prop::collection::vec(event(), 1..40)
        ) {
            let mut pair = Pair::new();
            for event in events.iter().chain([&Event::Join]) {
                pair.happen(event);
                if !pair.together {
                    continue;
                }
                let (one, other) = (pair.sides[0].held(|_| true), pair.sides[1].held(|_| true));
                prop_assert_eq!(one, other, "after {:?}", event);
                for public in pair.publics(0) {
                    prop_assert!(!pair.destroyed.contains(&public), "destroyed, and back after {:?}", event);
                    prop_assert!(pair.agreed[&public] > pair.hour, "over, and back after {:?}", event);
                }
                for (of, public) in &pair.made {
                    let is_over = pair.earliest[of] <= pair.hour;
                    prop_assert!(is_over || pair.publics(0).contains(public), "lost after {:?}", event);
                }
            }
        }
    }

    #[test]
    fn a_day_that_was_destroyed_may_get_another_key_and_the_old_one_stays_gone() {
        let (mut side, mut old) = (Book::empty(), Book::empty());
        side.make(day(1), at(9), false).unwrap();
        old.take(&side.held(|_| true), at(0)).unwrap();
        side.destroy(day(1));
        side.make(day(1), at(9), false).unwrap();
        let new = side.of(day(1))[0].public;
        side.take(&old.held(|_| true), at(0)).unwrap();
        assert_eq!(side.of(day(1)).iter().map(|key| key.public).collect::<Vec<_>>(), [new]);
    }

    #[test]
    fn that_a_day_was_destroyed_is_forgotten_when_nobody_can_have_its_key() {
        let mut side = Book::empty();
        side.destroy((AuthorityId(1), date(2026, 1, 1)));
        side.make((AuthorityId(1), date(2026, 3, 2)), at(9), false).unwrap();
        side.forget_old();
        assert_eq!(side.held(|_| true).destroyed.len(), 1, "sixty days later");
        side.make((AuthorityId(1), date(2026, 3, 3)), at(9), false).unwrap();
        side.forget_old();
        assert!(side.held(|_| true).destroyed.is_empty());
    }
}
