//! What staff ask of an opened list: an area, a seat, a word, how near in time.

use super::Visitor;
use crate::names::fold;
use crate::time::Window;

/// The time near which visitors are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Near {
    /// When the case was there.
    pub during: Window,
    /// Minutes before or after it, at most, that somebody else was there. 0: at the same time.
    pub most_min: u32,
}

/// What is asked of a list. All of it must hold; what is `None` holds for everybody.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct VisitorFilter {
    /// The area, written in any way.
    pub area: Option<String>,
    /// How the seat begins: a row, or a seat.
    pub seat: Option<String>,
    /// A piece of a name, of a group, or of the value of a qualifier.
    pub text: Option<String>,
    /// How near in time.
    pub near: Option<Near>,
}

impl std::fmt::Debug for VisitorFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VisitorFilter(…)")
    }
}

/// A visitor with how near they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenVisitor {
    /// Who.
    pub visitor: Visitor,
    /// When they were there.
    pub stay: Window,
    /// Whole minutes between their stay and the asked time; 0 where they overlap, or nothing was asked.
    pub gap_min: i64,
    /// Minutes together with the asked time; of the whole stay where nothing was asked.
    pub together_min: i64,
}

/// A filter as it is compared.
struct Folded {
    area: Option<Vec<u8>>,
    seat: Option<String>,
    text: Option<Vec<u8>>,
}

fn folded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    fold(text, &mut bytes);
    bytes
}

/// Signs of a seat count: row 7 is not row 70.
fn squeezed(seat: &str) -> String {
    seat.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase()
}

fn wanted(text: Option<&String>) -> Option<Vec<u8>> {
    text.map(|text| folded(text)).filter(|text| !text.is_empty())
}

impl VisitorFilter {
    /// Returns who of a list is meant: the nearest in time first, then by area, seat and name.
    #[must_use]
    pub fn among(&self, visitors: Vec<Visitor>, occasion: &Window) -> Vec<SeenVisitor> {
        let seat = self.seat.as_deref().map(squeezed).filter(|seat| !seat.is_empty());
        let wanted = Folded { area: wanted(self.area.as_ref()), seat, text: wanted(self.text.as_ref()) };
        let seen = visitors.into_iter().filter(|one| wanted.holds(one)).filter_map(|one| self.seen(one, occasion));
        let mut seen: Vec<SeenVisitor> = seen.collect();
        seen.sort_by_cached_key(|one| {
            let part = |text: &Option<String>| text.as_deref().map(folded).unwrap_or_default();
            let visitor = &one.visitor;
            let name = (part(&visitor.last_name), part(&visitor.first_name), visitor.visitor_id);
            (one.gap_min, part(&visitor.area), part(&visitor.seat), name)
        });
        seen
    }

    fn seen(&self, visitor: Visitor, occasion: &Window) -> Option<SeenVisitor> {
        let stay = visitor.stay(occasion).unwrap_or(*occasion);
        let Some(near) = self.near else {
            return Some(SeenVisitor { visitor, stay, gap_min: 0, together_min: minutes(&stay) });
        };
        let gap_min = gap(&stay, &near.during);
        let together_min = stay.overlap(&near.during).as_ref().map_or(0, minutes);
        // Whoever comes in the moment in which the other leaves was not there at the same time.
        let is_near = together_min > 0 || (near.most_min > 0 && gap_min <= i64::from(near.most_min));
        is_near.then_some(SeenVisitor { visitor, stay, gap_min, together_min })
    }
}

impl Folded {
    fn holds(&self, visitor: &Visitor) -> bool {
        let of = |text: &Option<String>| text.as_deref().map(folded).unwrap_or_default();
        self.area.as_ref().is_none_or(|area| of(&visitor.area) == *area)
            && self
                .seat
                .as_ref()
                .is_none_or(|seat| squeezed(visitor.seat.as_deref().unwrap_or_default()).starts_with(seat))
            && self.text.as_ref().is_none_or(|text| holds_text(visitor, text))
    }
}

fn holds_text(visitor: &Visitor, text: &[u8]) -> bool {
    let name = [&visitor.first_name, &visitor.last_name].into_iter().flatten().cloned().collect::<Vec<_>>().join(" ");
    let values = visitor.qualifiers.iter().map(|one| one.value.as_str());
    let mut all = [name.as_str(), visitor.group.as_deref().unwrap_or_default()].into_iter().chain(values);
    all.any(|one| folded(one).windows(text.len()).any(|piece| piece == text))
}

fn minutes(window: &Window) -> i64 {
    // At least one, so that a moment together isn't none.
    (window.until().duration_since(window.from()).as_secs() / 60).max(1)
}

fn gap(one: &Window, other: &Window) -> i64 {
    let between = if one.from() >= other.until() {
        one.from().duration_since(other.until())
    } else if other.from() >= one.until() {
        other.from().duration_since(one.until())
    } else {
        return 0;
    };
    // Rounded up: who came 90 seconds later is not within a minute.
    (between.as_secs() + 59) / 60
}
