//! The index itself: all names of an authority in one text, sorted, searched from end to end.
//!
//! An entry is `⏎last⇥first`, and, where umlauts may be written out, `␍last⇥first` once more in the second folding. What is
//! looked for holds no such sign, so a match never spans two names, and the sign before a match says what it is: the
//! beginning of a last name, of a first name, of a word, or something within. Entries stand in the order of names, so the
//! number of an entry is its rank. Who has no name stands at the end.

use domain::ids::PersonId;
use domain::names::{fold, without_umlauts};
use memchr::memmem::Finder;
use std::cmp::Ordering;
use storage::persons::{ChangeMark, Name};
use zeroize::Zeroizing;

const ENTRY: u8 = b'\n';
const FIRST_NAME: u8 = b'\t';
const AGAIN: u8 = b'\r';

/// What a text matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matched {
    /// The last name.
    LastName,
    /// The first name.
    FirstName,
    /// Both, a word each.
    Name,
}

/// Somebody who was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Number of the entry in the order of names.
    pub(crate) rank: u32,
    /// What matched.
    pub(crate) matched: Matched,
}

/// Whom a text found, best first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) hits: Vec<Hit>,
    /// Whether there are more.
    pub(crate) capped: bool,
}

/// The names of an authority. Wiped when dropped.
pub(crate) struct NameIndex {
    text: Zeroizing<Vec<u8>>,
    /// Where each entry begins, and where the text ends.
    starts: Vec<u32>,
    ids: Vec<PersonId>,
    /// Years of birth; 0 where unknown.
    years: Vec<u16>,
    /// Ranks in the order of ids.
    by_id: Vec<u32>,
    /// Up to where changes were followed.
    pub(crate) mark: ChangeMark,
}

/// Some names on their way into the index, sorted.
pub(crate) struct Part {
    text: Zeroizing<Vec<u8>>,
    entries: Vec<Entry>,
}

struct Entry {
    start: u32,
    end: u32,
    /// Its place in the order of ids, within the part.
    nth: u32,
    id: PersonId,
    year: u16,
}

/// What entries are sorted by: those with a last name first, then with a first name only, then without any.
fn sort_key(entry: &[u8]) -> (u8, &[u8]) {
    let names = entry.get(1..).unwrap_or_default();
    let names = names.iter().position(|byte| *byte == AGAIN).map_or(names, |end| &names[..end]);
    let missing = match names {
        [FIRST_NAME] | [] => 2,
        [FIRST_NAME, ..] => 1,
        _ => 0,
    };
    (missing, names)
}

/// The beginning of the key as a number: nearly always enough to compare by.
fn short_key(entry: &[u8]) -> u64 {
    let (missing, names) = sort_key(entry);
    let mut bytes = [0; 8];
    bytes[0] = missing;
    for (byte, letter) in bytes[1..].iter_mut().zip(names) {
        *byte = *letter;
    }
    u64::from_be_bytes(bytes)
}

impl Part {
    /// Folds and sorts names, which come in the order of ids.
    pub(crate) fn of(names: &[Name]) -> Self {
        let mut text = Zeroizing::new(Vec::with_capacity(names.len() * 40));
        let mut entries = Vec::with_capacity(names.len());
        for (nth, name) in (0..).zip(names) {
            let start = length(&text);
            write_entry(name, &mut text);
            let year = name.born.as_ref().and_then(|born| born.expose().get(..4)?.parse().ok()).unwrap_or(0);
            entries.push(Entry { start, end: length(&text), nth, id: name.person_id, year });
        }
        let mut part = Self { text, entries };
        let text = &part.text;
        let of = |entry: &Entry| &text[entry.start as usize..entry.end as usize];
        part.entries.sort_by(|a, b| sort_key(of(a)).cmp(&sort_key(of(b))).then(a.id.cmp(&b.id)));
        part
    }

    fn text(&self, entry: &Entry) -> &[u8] {
        &self.text[entry.start as usize..entry.end as usize]
    }
}

fn write_entry(name: &Name, text: &mut Vec<u8>) {
    let start = text.len();
    text.push(ENTRY);
    if let Some(last) = &name.last_name {
        fold(last.expose(), text);
    }
    text.push(FIRST_NAME);
    if let Some(first) = &name.first_name {
        fold(first.expose(), text);
    }
    if let Some(short) = without_umlauts(&text[start + 1..]) {
        text.push(AGAIN);
        text.extend(Zeroizing::new(short).iter());
    }
}

/// Never cut off: the text of a hundred million names is shorter.
fn length(text: &[u8]) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

impl NameIndex {
    /// Puts parts together. The parts come in the order of ids, too.
    pub(crate) fn of(parts: &[Part], mark: ChangeMark) -> Self {
        let n_names = parts.iter().map(|part| part.entries.len()).sum();
        let n_bytes = parts.iter().map(|part| part.text.len()).sum();
        let mut order: Vec<(u64, u32, u32)> = Vec::with_capacity(n_names);
        let mut before = Vec::with_capacity(parts.len());
        for (number, part) in (0..).zip(parts) {
            before.push(u32::try_from(order.len()).unwrap_or(u32::MAX));
            order.extend((0..).zip(&part.entries).map(|(at, entry)| (short_key(part.text(entry)), number, at)));
        }
        let entry = |part: u32, at: u32| {
            let part = &parts[part as usize];
            (part, &part.entries[at as usize])
        };
        // The parts are sorted runs, which a stable sort finds and merges.
        order.sort_by(|a, b| {
            a.0.cmp(&b.0).then_with(|| {
                let ((part_a, a), (part_b, b)) = (entry(a.1, a.2), entry(b.1, b.2));
                sort_key(part_a.text(a)).cmp(&sort_key(part_b.text(b))).then(a.id.cmp(&b.id))
            })
        });
        let mut index = Self::with_room(n_names, n_bytes, mark);
        index.by_id.resize(n_names, 0);
        for (rank, (_, number, at)) in (0..).zip(order) {
            let (part, entry) = entry(number, at);
            index.by_id[(before[number as usize] + entry.nth) as usize] = rank;
            index.push(part.text(entry), entry.id, entry.year);
        }
        index.end()
    }

    fn with_room(n_names: usize, n_bytes: usize, mark: ChangeMark) -> Self {
        Self {
            text: Zeroizing::new(Vec::with_capacity(n_bytes + 1)),
            starts: Vec::with_capacity(n_names + 1),
            ids: Vec::with_capacity(n_names),
            years: Vec::with_capacity(n_names),
            by_id: Vec::with_capacity(n_names),
            mark,
        }
    }

    fn push(&mut self, text: &[u8], id: PersonId, year: u16) {
        self.starts.push(length(&self.text));
        self.text.extend_from_slice(text);
        self.ids.push(id);
        self.years.push(year);
    }

    fn end(mut self) -> Self {
        self.starts.push(length(&self.text));
        self.text.push(ENTRY);
        self
    }

    /// Returns the index with some names new or changed. One pass over all.
    pub(crate) fn with(&self, changed: &Part, mark: ChangeMark) -> Self {
        let mut gone: Vec<u32> = changed.entries.iter().filter_map(|entry| self.rank(entry.id)).collect();
        gone.sort_unstable();
        let mut gone = gone.into_iter().peekable();
        let n_names = self.len() + changed.entries.len();
        let mut next = Self::with_room(n_names, self.text.len() + changed.text.len(), mark);
        let mut moved = vec![u32::MAX; self.len()];
        let mut placed = vec![(PersonId(uuid::Uuid::nil()), 0); changed.entries.len()];
        let mut coming = changed.entries.iter().peekable();
        for (rank, was) in (0..).zip(0..self.len()) {
            if gone.next_if_eq(&rank).is_some() {
                continue;
            }
            let (text, id) = (self.entry(rank), self.ids[was]);
            let is_before = |entry: &&Entry| {
                let own = sort_key(changed.text(entry));
                own.cmp(&sort_key(text)).then(entry.id.cmp(&id)) == Ordering::Less
            };
            while let Some(entry) = coming.next_if(is_before) {
                placed[entry.nth as usize] = (entry.id, next.n_names());
                next.push(changed.text(entry), entry.id, entry.year);
            }
            moved[was] = next.n_names();
            next.push(text, id, self.years[was]);
        }
        for entry in coming {
            placed[entry.nth as usize] = (entry.id, next.n_names());
            next.push(changed.text(entry), entry.id, entry.year);
        }
        next.sort_ids(self, &moved, &placed);
        next.end()
    }

    /// Merges the order of ids: those that stayed, and those that came, both in order.
    fn sort_ids(&mut self, before: &Self, moved: &[u32], placed: &[(PersonId, u32)]) {
        let mut coming = placed.iter().peekable();
        for rank in &before.by_id {
            let stayed = moved[*rank as usize];
            let id = before.ids[*rank as usize];
            while let Some((_, came)) = coming.next_if(|(came, _)| *came <= id) {
                self.by_id.push(*came);
            }
            if stayed != u32::MAX {
                self.by_id.push(stayed);
            }
        }
        self.by_id.extend(coming.map(|(_, came)| *came));
    }

    /// Returns how many persons there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    fn n_names(&self) -> u32 {
        u32::try_from(self.ids.len()).unwrap_or(u32::MAX)
    }

    /// Returns its size in memory, in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.text.capacity() + 4 * (self.starts.capacity() + self.by_id.capacity()) + 18 * self.ids.capacity()
    }

    /// Returns who stands at a rank; the caller keeps below [`len`](Self::len).
    pub(crate) fn person(&self, rank: u32) -> PersonId {
        self.ids[rank as usize]
    }

    /// Returns where somebody stands in the order of names.
    pub(crate) fn rank(&self, person: PersonId) -> Option<u32> {
        let found = self.by_id.binary_search_by_key(&person, |rank| self.ids[*rank as usize]);
        found.ok().map(|at| self.by_id[at])
    }

    fn entry(&self, rank: u32) -> &[u8] {
        let rank = rank as usize;
        &self.text[self.starts[rank] as usize..self.starts[rank + 1] as usize]
    }

    /// Finds whose name has all words of a text, the best matches first, then by name; at most so many. Four digits are
    /// a year of birth.
    pub(crate) fn search(&self, text: &str, most: usize) -> Found {
        let mut folded = Zeroizing::new(Vec::new());
        fold(text, &mut folded);
        let (years, words): (Vec<&[u8]>, Vec<&[u8]>) =
            folded.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).partition(|word| year(word).is_some());
        let years: Vec<u16> = years.into_iter().filter_map(year).collect();
        let words: Vec<Word> = words.into_iter().map(Word::new).collect();
        let of_year = |rank: u32| years.iter().all(|year| self.years[rank as usize] == *year);
        let driver = (0..words.len()).max_by_key(|at| words[*at].needles[0].needle().len());
        let mut found: Vec<((u8, Matched), u32)> = match driver {
            Some(driver) => {
                let mut others = words;
                let met = self.with_word(&others.swap_remove(driver));
                let judge = |(rank, best)| Some((self.judge(rank, best, &others)?, rank));
                met.into_iter().filter(|(rank, _)| of_year(*rank)).filter_map(judge).collect()
            }
            None if years.is_empty() => Vec::new(),
            None => (0..self.n_names()).filter(|rank| of_year(*rank)).map(|rank| ((0, Matched::Name), rank)).collect(),
        };
        let capped = found.len() > most;
        if capped {
            found.select_nth_unstable_by_key(most, |((class, _), rank)| (*class, *rank));
            found.truncate(most);
        }
        found.sort_unstable_by_key(|((class, _), rank)| (*class, *rank));
        Found { hits: found.into_iter().map(|((_, matched), rank)| Hit { rank, matched }).collect(), capped }
    }

    /// Lists the ranks of those in whose name a word stands, in order, each with its best match.
    fn with_word(&self, word: &Word) -> Vec<(u32, (u8, Matched))> {
        let mut met: Vec<(u32, (u8, Matched))> = Vec::new();
        for needle in &word.needles {
            let (mut from, mut rank) = (0, 0);
            while let Some(at) = needle.find(&self.text[from..]) {
                let at = from + at;
                rank = self.rank_at(at, rank);
                let best = class_at(&self.text[self.starts[rank] as usize..at]);
                let number = u32::try_from(rank).unwrap_or(u32::MAX);
                match met.last_mut() {
                    Some((last, known)) if *last == number => *known = if known.0 <= best.0 { *known } else { best },
                    _ => met.push((number, best)),
                }
                // Nothing better than the beginning of the last name can follow.
                from = if best.0 == 0 { self.starts[rank + 1] as usize } else { at + 1 };
            }
        }
        if word.needles.len() > 1 {
            met.sort_unstable_by_key(|(rank, (class, _))| (*rank, *class));
            met.dedup_by_key(|(rank, _)| *rank);
        }
        met
    }

    /// Returns the rank of the entry that a place in the text belongs to; it isn't below `rank`. Matches lie close
    /// together, so strides begin small.
    fn rank_at(&self, at: usize, mut rank: usize) -> usize {
        let begins_by = |rank: usize| self.starts.get(rank).is_some_and(|start| *start as usize <= at);
        let mut stride = 1;
        while begins_by(rank + stride) {
            rank += stride;
            stride *= 2;
        }
        let end = (rank + stride).min(self.len());
        rank + self.starts[rank..end].partition_point(|start| *start as usize <= at) - 1
    }

    /// Says how well all words match an entry, and what; `None` if one doesn't.
    fn judge(&self, rank: u32, (class, matched): (u8, Matched), others: &[Word]) -> Option<(u8, Matched)> {
        let (mut total, mut all) = (class, matched);
        for word in others {
            let (class, matched) = word.best_in(self.entry(rank))?;
            total += class;
            all = if all == matched { all } else { Matched::Name };
        }
        Some((total, all))
    }
}

/// Says what a match after these bytes of an entry is: 0 begins the last name, 1 the first, 2 a word, 3 stands within.
fn class_at(before: &[u8]) -> (u8, Matched) {
    let field = before.iter().rev().find(|byte| **byte < b' ');
    let matched = if field == Some(&FIRST_NAME) { Matched::FirstName } else { Matched::LastName };
    let class = match before.last() {
        Some(&FIRST_NAME) => 1,
        Some(&b' ') => 2,
        Some(&(ENTRY | AGAIN)) | None => 0,
        Some(_) => 3,
    };
    (class, matched)
}

/// A word that is looked for, in one or both foldings.
struct Word {
    needles: Vec<Finder<'static>>,
}

impl Word {
    fn new(word: &[u8]) -> Self {
        let own = Finder::new(word).into_owned();
        let short = without_umlauts(word).map(|short| Finder::new(&short).into_owned());
        Self { needles: std::iter::once(own).chain(short).collect() }
    }

    /// The best match in an entry.
    fn best_in(&self, entry: &[u8]) -> Option<(u8, Matched)> {
        let at = self.needles.iter().flat_map(|needle| needle.find_iter(entry));
        at.map(|at| class_at(&entry[..at])).min_by_key(|(class, _)| *class)
    }
}

/// Four digits that can be a year of birth.
fn year(word: &[u8]) -> Option<u16> {
    let year: u16 = std::str::from_utf8(word).ok().filter(|word| word.len() == 4)?.parse().ok()?;
    (1850..2100).contains(&year).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::persons::Personal;
    use proptest::prelude::*;
    use uuid::Uuid;

    const MARK: ChangeMark = ChangeMark { changed: 0, removed: 0 };

    fn name(id: u128, last: &str, first: &str, born: &str) -> Name {
        let some = |text: &str| (!text.is_empty()).then(|| Personal::new(text.to_owned()));
        Name {
            person_id: PersonId(Uuid::from_u128(id)),
            first_name: some(first),
            last_name: some(last),
            born: some(born),
        }
    }

    fn index(names: &[(&str, &str)]) -> NameIndex {
        let names: Vec<Name> = (0..).zip(names).map(|(id, (last, first))| name(id, last, first, "")).collect();
        NameIndex::of(&[Part::of(&names)], MARK)
    }

    fn numbers(index: &NameIndex, text: &str) -> Vec<u128> {
        let found = index.search(text, 100);
        found.hits.iter().map(|hit| index.person(hit.rank).0.as_u128()).collect()
    }

    #[test]
    fn the_best_match_comes_first_then_the_alphabet_decides() {
        let index = index(&[
            ("Obermeier", "Zoe"),
            ("Huber", "Meinrad"),
            ("Schulz Meier", "Ina"),
            ("Meier", "Zita"),
            ("Meier", "Anna"),
        ]);
        assert_eq!(numbers(&index, "mei"), [4, 3, 1, 2, 0]);
    }

    #[test]
    fn all_words_must_match_in_whatever_order() {
        let index = index(&[("Meier", "Anna"), ("Meier", "Berta"), ("Anders", "Hanna Meike")]);
        assert_eq!(numbers(&index, "anna mei"), [0, 2]);
        assert_eq!(numbers(&index, "MEI ANNA"), [0, 2]);
        assert_eq!(index.search("anna mei", 9).hits[0].matched, Matched::Name);
        assert_eq!(index.search("berta", 9).hits[0].matched, Matched::FirstName);
        assert_eq!(index.search("eier", 9).hits[0].matched, Matched::LastName);
        assert_eq!(numbers(&index, "anna xyz"), [0; 0]);
    }

    #[test]
    fn umlauts_are_found_written_out_and_the_other_way_round() {
        let index = index(&[("Müller", "Jörg"), ("Mueller", "Joerg"), ("Samuel", "Uwe"), ("Muller", "Jorg")]);
        for text in ["Müller", "mueller", "MUELLER", "müll", "jörg", "joerg"] {
            assert_eq!(numbers(&index, text), [1, 0, 3], "{text}");
        }
        assert_eq!(numbers(&index, "el"), [1, 2], "a letter of its own");
    }

    #[test]
    fn a_match_spans_no_two_names() {
        let index = index(&[("Anna", "Berta"), ("Carla", "Dora")]);
        assert_eq!(numbers(&index, "annaberta"), [0; 0]);
        assert_eq!(numbers(&index, "bertacarla"), [0; 0]);
    }

    #[test]
    fn a_year_of_birth_narrows_and_may_stand_alone() {
        let names = [name(0, "Meier", "Anna", "1980-02-29"), name(1, "Meier", "Anna", "1990-01-01")];
        let index = NameIndex::of(&[Part::of(&names)], MARK);
        assert_eq!(numbers(&index, "meier 1990"), [1]);
        assert_eq!(numbers(&index, "1980"), [0]);
    }

    #[test]
    fn who_has_no_name_stands_last_and_is_never_found() {
        let index = index(&[("", ""), ("Zyx", "A"), ("", "Anna")]);
        let order: Vec<u128> = (0..3).map(|rank| index.person(rank).0.as_u128()).collect();
        assert_eq!(order, [1, 2, 0]);
        assert_eq!(numbers(&index, "a"), [1, 2]);
        assert_eq!(numbers(&index, " "), [0; 0]);
    }

    #[test]
    fn of_more_than_are_asked_for_the_best_are_kept() {
        let index = index(&[("Aba", ""), ("Bab", ""), ("Bac", "")]);
        let found = index.search("ba", 2);
        let ids: Vec<u128> = found.hits.iter().map(|hit| index.person(hit.rank).0.as_u128()).collect();
        assert_eq!((ids.as_slice(), found.capped), (&[1, 2][..], true));
    }

    fn names() -> impl Strategy<Value = Vec<(String, String)>> {
        prop::collection::vec(("[A-Cä ]{0,4}", "[a-cue]{0,3}"), 0..40)
    }

    fn same(a: &NameIndex, b: &NameIndex) -> bool {
        a.text == b.text && a.starts == b.starts && a.ids == b.ids && a.by_id == b.by_id && a.years == b.years
    }

    proptest! {
        /// However the names came in, the index is the same.
        #[test]
        fn parts_and_changes_give_the_same_index_as_all_at_once(before in names(), after in names(), cut in 0usize..40) {
            let all = |names: &[(String, String)]| -> Vec<Name> {
                (0..).zip(names).map(|(id, (last, first))| name(id, last, first, "")).collect()
            };
            let (before, after) = (all(&before), all(&after));
            let (one, other) = before.split_at(cut.min(before.len()));
            let whole = NameIndex::of(&[Part::of(&before)], MARK);
            prop_assert!(same(&whole, &NameIndex::of(&[Part::of(one), Part::of(other)], MARK)));
            // The names of `after` replace those of the same ids, and those beyond are new.
            let mut merged = before.clone();
            merged.truncate(0);
            merged.extend(after.iter().cloned());
            merged.extend(before.iter().skip(after.len()).cloned());
            let followed = whole.with(&Part::of(&after), MARK);
            prop_assert!(same(&followed, &NameIndex::of(&[Part::of(&merged)], MARK)));
            for (nth, id) in (0..).zip(merged.iter().map(|name| name.person_id)) {
                prop_assert_eq!(followed.rank(id).map(|rank| followed.person(rank)), Some(PersonId(Uuid::from_u128(nth))));
            }
        }

        #[test]
        fn a_search_finds_whom_a_plain_comparison_finds(names in names(), text in "[a-cue]{1,2}") {
            let index = index(&names.iter().map(|(last, first)| (last.as_str(), first.as_str())).collect::<Vec<_>>());
            let folds = |name: &str| {
                let mut plain = Vec::new();
                fold(name, &mut plain);
                let short = without_umlauts(&plain).unwrap_or_else(|| plain.clone());
                (String::from_utf8_lossy(&plain).into_owned(), String::from_utf8_lossy(&short).into_owned())
            };
            let (plain, short) = folds(&text);
            let has = |name: &str| {
                let own = folds(name);
                own.0.contains(&plain) || own.1.contains(&short) || own.0.contains(&short)
            };
            let mut found = numbers(&index, &text);
            found.sort_unstable();
            let expected: Vec<u128> =
                (0..).zip(&names).filter(|(_, (last, first))| has(last) || has(first)).map(|(id, _)| id).collect();
            for id in &expected {
                prop_assert!(found.contains(id), "{text} in {:?}", names[usize::try_from(*id).unwrap_or(0)]);
            }
        }
    }
}
