//! Exposure: the evidence that one person may have infected another, and how much it weighs.
//!
//! The score reads like a dose: minutes × closeness × infectiousness of the day. Where several pieces of
//! evidence cover the same minutes, these count once, and their closeness grows as independent evidence
//! does (one minus the product of the doubts). So one hour in three sources is one hour, and taking a
//! piece away lowers the score. Every score comes with its parts.

use crate::contacts::ContactKind;
use crate::diseases::InfectiousnessCurve;
use crate::ids::{FacilityId, PersonId};
use crate::rules::{CloseContactRule, ClosenessRules, LEAST_INFECTIOUSNESS, LINK_WEIGHT, declared_weight};
use crate::time::{DayRange, Window, days_between, local_day, minutes_together, plus_days, start_of_day};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// When the evidence says they met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// To the instant.
    During(Window),
    /// On some of these days.
    OnDays(DayRange),
    /// Nobody noted it.
    Unknown,
}

impl When {
    /// Returns the time it may have been, in a time zone; `None` where nobody noted it.
    #[must_use]
    pub fn window(&self, zone: &TimeZone) -> Option<Window> {
        match self {
            Self::During(window) => Some(*window),
            Self::OnDays(days) => Some(Window::of_days(*days, zone)),
            Self::Unknown => None,
        }
    }

    /// Returns what of it lies in a window; `None` where nothing does. What nobody noted stays.
    #[must_use]
    pub fn within(&self, limits: &Window, zone: &TimeZone) -> Option<Self> {
        match self {
            Self::During(window) => window.overlap(limits).map(Self::During),
            Self::OnDays(days) => {
                let part = Window::of_days(*days, zone).overlap(limits)?.days(zone);
                Some(Self::OnDays(part))
            }
            Self::Unknown => Some(Self::Unknown),
        }
    }
}

/// What the evidence is.
#[derive(Clone, Debug, PartialEq)]
pub enum EvidenceKind {
    /// Known to have infected.
    Infection {
        /// Kind of place, as written.
        setting: Option<String>,
    },
    /// Declared by a person.
    Contact {
        /// How they met.
        kind: ContactKind,
    },
    /// Two devices in range.
    Encounter {
        /// Nearest distance in metres, if measured.
        distance_m: Option<f32>,
    },
    /// In the same area at the same time.
    Visit {
        /// Where.
        facility: FacilityId,
        /// Which area; empty for the whole facility.
        area: String,
    },
    /// In an area before it was aired after the case.
    Airing {
        /// Where.
        facility: FacilityId,
        /// Which area; empty for the whole facility.
        area: String,
    },
}

impl EvidenceKind {
    /// Returns its word in answers: `infection`, `contact`, `encounter`, `visit`, `airing`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Infection { .. } => "infection",
            Self::Contact { .. } => "contact",
            Self::Encounter { .. } => "encounter",
            Self::Visit { .. } => "visit",
            Self::Airing { .. } => "airing",
        }
    }

    fn closeness(&self, rules: &ClosenessRules) -> f64 {
        match self {
            Self::Infection { .. } => LINK_WEIGHT.closeness,
            Self::Contact { kind } => declared_weight(*kind).closeness,
            Self::Encounter { distance_m: None } => rules.unknown_distance,
            Self::Encounter { distance_m: Some(metres) } if *metres <= 1.5 => rules.near,
            Self::Encounter { distance_m: Some(metres) } if *metres <= 3.0 => rules.middle,
            Self::Encounter { .. } => rules.far,
            Self::Visit { .. } => rules.same_area,
            Self::Airing { .. } => rules.airing,
        }
    }
}

/// One piece of evidence that `from` may have infected the person it is listed for.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Who may have infected.
    pub from: PersonId,
    /// What it is.
    pub kind: EvidenceKind,
    /// When.
    pub when: When,
}

/// What a group of evidence adds to the score: its kind on one day.
#[derive(Clone, Debug, PartialEq)]
pub struct ScorePart {
    /// Who may have infected.
    pub from: PersonId,
    /// The kind; for encounters with the nearest distance of the day.
    pub kind: EvidenceKind,
    /// The local day, or the first of several; `None` where nobody noted it.
    pub day: Option<Date>,
    /// First and last instant; `None` where nobody noted it.
    pub window: Option<Window>,
    /// Minutes measured; `None` where nobody measured.
    pub minutes: Option<f64>,
    /// Minutes that were counted: measured, or those that a declaration stands for.
    pub counted_minutes: f64,
    /// Closeness, 0 to 1.
    pub closeness: f64,
    /// Infectiousness of the day, 0 to 1.
    pub infectiousness: f64,
    /// What it adds to the score.
    pub points: f64,
    /// Pieces of evidence in the group.
    pub n_pieces: usize,
}

/// A score with what it is made of. The parts sum to the total.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Score {
    /// Equivalent minutes: at closeness 1, on the most infectious day.
    pub total: f64,
    /// The parts, the heaviest first.
    pub parts: Vec<ScorePart>,
}

/// How infectious somebody was, by day.
#[derive(Clone, Debug)]
pub struct InfectiousDays {
    /// The curve of the disease.
    pub curve: InfectiousnessCurve,
    /// Day zero of each of the person's cases; empty where none is known.
    pub days_zero: Vec<Date>,
}

impl InfectiousDays {
    /// Returns the infectiousness on a day, 0.01 to 1. Without a known case every day counts in full.
    #[must_use]
    pub fn on(&self, day: Date) -> f64 {
        if self.days_zero.is_empty() {
            return 1.0;
        }
        let of_case = |zero: &Date| self.curve.on_day(days_between(*zero, day));
        self.days_zero.iter().map(of_case).fold(LEAST_INFECTIOUSNESS, f64::max)
    }
}

/// Scores the evidence for one exposed person.
///
/// `infectious` tells how infectious each of those was who may have infected. Cost grows with the
/// number of pieces and the logarithm of it.
#[must_use]
pub fn score(
    evidence: &[Evidence],
    closeness: &ClosenessRules,
    zone: &TimeZone,
    infectious: impl Fn(PersonId, Date) -> f64,
) -> Score {
    let mut parts = Vec::new();
    let slices = slices_by_day(evidence, closeness, zone, &infectious);
    add_measured(&slices, evidence, &mut parts);
    for piece in evidence {
        parts.extend(declared_part(piece, closeness, zone, &infectious));
    }
    parts.sort_by(|a, b| b.points.total_cmp(&a.points).then(a.day.cmp(&b.day)).then(a.from.cmp(&b.from)));
    Score { total: parts.iter().map(|part| part.points).sum(), parts }
}

/// A stretch of measured evidence within one local day.
struct Slice {
    piece: usize,
    window: Window,
    day: Date,
    closeness: f64,
    infectiousness: f64,
}

fn slices_by_day(
    evidence: &[Evidence],
    closeness: &ClosenessRules,
    zone: &TimeZone,
    infectious: &impl Fn(PersonId, Date) -> f64,
) -> Vec<Slice> {
    let mut slices = Vec::with_capacity(evidence.len());
    for (piece, Evidence { from, kind, when }) in evidence.iter().enumerate() {
        let When::During(window) = when else { continue };
        let mut rest = Some(*window);
        while let Some(window) = rest {
            let day = local_day(window.from(), zone);
            let midnight = start_of_day(plus_days(day, 1), zone);
            let today = Window::new(window.from(), window.until().min(midnight)).unwrap_or(window);
            rest = Window::new(midnight, window.until()).ok();
            let (closeness, infectiousness) = (kind.closeness(closeness), infectious(*from, day));
            slices.push(Slice { piece, window: today, day, closeness, infectiousness });
        }
    }
    slices
}

/// Sweeps over the measured evidence: each minute counts once, shared among the pieces that cover it.
fn add_measured(slices: &[Slice], evidence: &[Evidence], parts: &mut Vec<ScorePart>) {
    let mut edges: Vec<(jiff::Timestamp, bool, usize)> = Vec::with_capacity(slices.len() * 2);
    for (i, slice) in slices.iter().enumerate() {
        edges.push((slice.window.from(), true, i));
        edges.push((slice.window.until(), false, i));
    }
    edges.sort_unstable();
    let mut points = vec![0.0; slices.len()];
    let mut active: Vec<usize> = Vec::new();
    let mut since = jiff::Timestamp::MIN;
    for (at, begins, i) in edges {
        if let Ok(stretch) = Window::new(since, at)
            && !active.is_empty()
        {
            share(stretch.minutes(), &active, slices, &mut points);
        }
        since = at;
        if begins { active.push(i) } else { active.retain(|other| *other != i) }
    }
    group(slices, evidence, &points, parts);
}

fn share(minutes: f64, active: &[usize], slices: &[Slice], points: &mut [f64]) {
    let doubt: f64 = active.iter().map(|i| 1.0 - slices[*i].closeness * slices[*i].infectiousness).product();
    let weights: f64 = active.iter().map(|i| slices[*i].closeness * slices[*i].infectiousness).sum();
    for i in active {
        let weight = slices[*i].closeness * slices[*i].infectiousness;
        points[*i] += minutes * (1.0 - doubt) * weight / weights;
    }
}

/// Groups slices of one kind, place and day: a day of sensor data is one line, not a thousand.
fn group(slices: &[Slice], evidence: &[Evidence], points: &[f64], parts: &mut Vec<ScorePart>) {
    let place = |kind: &EvidenceKind| match kind {
        EvidenceKind::Visit { facility, area } | EvidenceKind::Airing { facility, area } => {
            Some((*facility, area.clone()))
        }
        _ => None,
    };
    let mut groups: std::collections::BTreeMap<_, Vec<usize>> = std::collections::BTreeMap::new();
    for (i, slice) in slices.iter().enumerate() {
        let piece = &evidence[slice.piece];
        let key = (piece.from, piece.kind.word(), place(&piece.kind), slice.day);
        groups.entry(key).or_default().push(i);
    }
    for ((from, _, _, day), members) in groups {
        let windows: Vec<Window> = members.iter().map(|i| slices[*i].window).collect();
        let minutes = minutes_together(&windows);
        let total: f64 = members.iter().map(|i| points[*i]).sum();
        let span = windows
            .iter()
            .copied()
            .reduce(|a, b| Window::new(a.from().min(b.from()), a.until().max(b.until())).unwrap_or(a));
        let nearest = members.iter().copied().max_by(|a, b| slices[*a].closeness.total_cmp(&slices[*b].closeness));
        let Some(nearest) = nearest else { continue };
        parts.push(ScorePart {
            from,
            kind: evidence[slices[nearest].piece].kind.clone(),
            day: Some(day),
            window: span,
            minutes: Some(minutes),
            counted_minutes: minutes,
            closeness: slices[nearest].closeness,
            infectiousness: slices[nearest].infectiousness,
            points: total,
            n_pieces: members.len(),
        });
    }
}

fn declared_part(
    piece: &Evidence,
    rules: &ClosenessRules,
    zone: &TimeZone,
    infectious: &impl Fn(PersonId, Date) -> f64,
) -> Option<ScorePart> {
    let (minutes, every_day) = match &piece.kind {
        EvidenceKind::Infection { .. } => (LINK_WEIGHT.minutes, false),
        EvidenceKind::Contact { kind } => (declared_weight(*kind).minutes, *kind == ContactKind::Household),
        _ => return None,
    };
    let by_day: Vec<f64> = match piece.when {
        When::OnDays(days) => days_of(days).map(|day| infectious(piece.from, day)).collect(),
        _ => vec![1.0],
    };
    let most = by_day.iter().copied().fold(0.0, f64::max);
    let days_counted = if every_day && most > 0.0 { by_day.iter().sum::<f64>() / most } else { 1.0 };
    let counted_minutes = minutes * days_counted;
    let closeness = piece.kind.closeness(rules);
    Some(ScorePart {
        from: piece.from,
        kind: piece.kind.clone(),
        day: match piece.when {
            When::OnDays(days) => Some(days.first),
            _ => None,
        },
        window: piece.when.window(zone),
        minutes: None,
        counted_minutes,
        closeness,
        infectiousness: most,
        points: counted_minutes * closeness * most,
        n_pieces: 1,
    })
}

fn days_of(days: DayRange) -> impl Iterator<Item = Date> {
    let n_days = days_between(days.first, days.last).clamp(0, 366);
    (0..=n_days).map(move |n| plus_days(days.first, n))
}

/// Says whether the evidence makes a close contact by a rule; `None` where minutes or distance lack.
#[must_use]
pub fn is_close_contact(evidence: &[Evidence], rule: &CloseContactRule) -> Option<bool> {
    use ContactKind::{Care, FaceToFace, Household};
    let mut near = Vec::new();
    let mut room = Vec::new();
    let mut unsure = false;
    for piece in evidence {
        match (&piece.kind, piece.when) {
            (EvidenceKind::Infection { .. }, _) => return Some(true),
            (EvidenceKind::Contact { kind: Household | FaceToFace | Care }, _) => return Some(true),
            (EvidenceKind::Encounter { distance_m: Some(metres) }, When::During(window)) => {
                if f64::from(*metres) < rule.near_m { near.push(window) } else { room.push(window) }
            }
            (EvidenceKind::Encounter { distance_m: None }, When::During(window)) => {
                unsure = true;
                room.push(window);
            }
            (_, When::During(window)) => room.push(window),
            _ => unsure = true,
        }
    }
    let near_enough = most_minutes(&near, rule.within_24_h).is_some_and(|minutes| minutes >= rule.min_minutes);
    let room_enough = rule.room_minutes.is_some_and(|least| {
        room.extend(&near);
        most_minutes(&room, false).is_some_and(|minutes| minutes >= least)
    });
    if near_enough || room_enough {
        Some(true)
    } else if unsure {
        None
    } else {
        Some(false)
    }
}

/// Returns the most minutes together, in all or within any 24 hours; `None` without evidence.
fn most_minutes(windows: &[Window], within_24_h: bool) -> Option<f64> {
    if windows.is_empty() {
        return None;
    }
    if !within_24_h {
        return Some(minutes_together(windows));
    }
    let day = jiff::SignedDuration::from_hours(24);
    let in_a_day_from = |start: &Window| {
        let limits = Window::new(start.from(), start.from().checked_add(day).ok()?).ok()?;
        let inside: Vec<Window> = windows.iter().filter_map(|window| window.overlap(&limits)).collect();
        Some(minutes_together(&inside))
    };
    windows.iter().filter_map(in_a_day_from).reduce(f64::max)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::{CLOSE_CONTACT_PRESETS, CLOSENESS};
    use jiff::Timestamp;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    const CASE: PersonId = PersonId(Uuid::nil());

    fn window(from_min: i64, until_min: i64) -> Window {
        let at = |m: i64| Timestamp::from_second(m * 60).unwrap();
        Window::new(at(from_min), at(until_min)).unwrap()
    }

    fn near(from_min: i64, until_min: i64) -> Evidence {
        let kind = EvidenceKind::Encounter { distance_m: Some(1.0) };
        Evidence { from: CASE, kind, when: When::During(window(from_min, until_min)) }
    }

    fn visit(from_min: i64, until_min: i64) -> Evidence {
        let kind = EvidenceKind::Visit { facility: FacilityId(Uuid::nil()), area: String::new() };
        Evidence { kind, ..near(from_min, until_min) }
    }

    fn declared(kind: ContactKind) -> Evidence {
        let days = DayRange { first: date(1970, 1, 1), last: date(1970, 1, 1) };
        Evidence { from: CASE, kind: EvidenceKind::Contact { kind }, when: When::OnDays(days) }
    }

    fn points(evidence: &[Evidence]) -> f64 {
        score(evidence, &CLOSENESS.value, &TimeZone::UTC, |_, _| 1.0).total
    }

    #[test]
    fn an_hour_near_scores_its_minutes_times_closeness() {
        assert!((points(&[near(0, 60)]) - 54.0).abs() < 1e-9);
    }

    #[test]
    fn one_hour_in_three_sources_is_one_hour_and_each_piece_counts() {
        let all = [near(0, 60), visit(0, 60), declared(ContactKind::FaceToFace)];
        let whole = points(&all);
        assert!(whole < points(&[near(0, 60)]) + points(&[visit(0, 60)]) + points(&all[2..]), "not simply added");
        for without in 0..3 {
            let mut fewer = all.to_vec();
            fewer.remove(without);
            assert!(points(&fewer) < whole, "taking piece {without} away must lower the score");
        }
    }

    #[test]
    fn the_day_counts_by_infectiousness() {
        let over_midnight = [near(24 * 60 - 30, 24 * 60 + 30)];
        let second_day_half = |_, day: Date| if day == date(1970, 1, 2) { 0.5 } else { 1.0 };
        let scored = score(&over_midnight, &CLOSENESS.value, &TimeZone::UTC, second_day_half);
        assert!((scored.total - (27.0 + 13.5)).abs() < 1e-9);
        assert_eq!(scored.parts.len(), 2, "a line for each day");
    }

    #[test]
    fn fifteen_minutes_face_to_face_may_come_in_pieces() {
        let rki = CLOSE_CONTACT_PRESETS.iter().find(|rule| rule.id == "rki-2020").unwrap();
        let cdc = CLOSE_CONTACT_PRESETS.iter().find(|rule| rule.within_24_h).unwrap();
        let days = 24 * 60;
        let pieces = [near(0, 8), near(2 * days, 2 * days + 7)];
        assert_eq!(is_close_contact(&pieces, rki), Some(true), "cumulated");
        assert_eq!(is_close_contact(&pieces, cdc), Some(false), "not within 24 h");
        assert_eq!(is_close_contact(&[near(0, 8), near(60, 67)], cdc), Some(true));
        assert_eq!(is_close_contact(&[declared(ContactKind::Other)], rki), None, "nobody knows how near");
    }

    #[test]
    fn without_a_known_case_every_day_counts_in_full_and_outside_the_curve_a_little() {
        let curve = crate::diseases::Disease::Covid19.profile().infectiousness.value;
        let unknown = InfectiousDays { curve, days_zero: vec![] };
        let known = InfectiousDays { curve, days_zero: vec![date(2020, 3, 10)] };
        assert_eq!(unknown.on(date(1990, 1, 1)), 1.0);
        assert_eq!(known.on(date(2020, 3, 10)), 1.0);
        assert_eq!(known.on(date(2020, 5, 10)), LEAST_INFECTIOUSNESS);
    }

    fn pieces() -> impl Strategy<Value = Vec<Evidence>> {
        let piece = (0i64..4000, 1i64..200, 0u8..4).prop_map(|(from, length, kind)| match kind {
            0 => near(from, from + length),
            1 => visit(from, from + length),
            2 => Evidence { kind: EvidenceKind::Encounter { distance_m: None }, ..near(from, from + length) },
            _ => declared(ContactKind::SameRoom),
        });
        prop::collection::vec(piece, 1..12)
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_total_and_more_evidence_never_scores_less(evidence in pieces(), drop in 0usize..12) {
            let whole = score(&evidence, &CLOSENESS.value, &TimeZone::UTC, |_, _| 0.7);
            prop_assert!((whole.parts.iter().map(|p| p.points).sum::<f64>() - whole.total).abs() < 1e-9);
            let mut fewer = evidence.clone();
            fewer.remove(drop % evidence.len());
            let less = score(&fewer, &CLOSENESS.value, &TimeZone::UTC, |_, _| 0.7);
            prop_assert!(less.total < whole.total + 1e-9);
        }

        #[test]
        fn a_longer_window_never_loses_evidence(from in 0i64..100, length in 1i64..100, grow in 0i64..50, a in 0i64..200, b in 1i64..80) {
            let piece = When::During(window(a, a + b));
            let inner = window(from + 50, from + 50 + length);
            let outer = window(from + 50 - grow, from + 50 + length + grow);
            if piece.within(&inner, &TimeZone::UTC).is_some() {
                prop_assert!(piece.within(&outer, &TimeZone::UTC).is_some());
            }
        }
    }
}
