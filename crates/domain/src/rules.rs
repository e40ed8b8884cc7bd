//! Rules that change: which days are infectious, what is a close contact, how near counts how much.
//!
//! Rules held for a while and were then replaced; two authorities may differ on the same day. So a rule
//! set has dates and a version, each decision keeps the version it used, and last month's decision can
//! be explained with last month's rule.

mod settings;
mod table;
mod versions;

pub use settings::{RuleSettings, StoredSettings};
pub use table::{Form, InvalidSettings, Setting, change_settings, differences};
pub use versions::{Past, check_days, ended_early};

use crate::cited::Cited;
use crate::contacts::ContactKind;
use crate::diseases::{Disease, InfectiousnessCurve};
use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

/// Days around day zero on which a case infects others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfectiousRules {
    /// Days before symptom onset (or the test).
    pub days_before_onset: u8,
    /// Days after it.
    pub days_after_onset: u8,
}

/// What counts as a close contact, by a published guideline and while it held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CloseContactRule {
    /// Its name in settings and answers.
    pub id: &'static str,
    /// First day on which it held; `None` since ever.
    pub first: Option<Date>,
    /// Last day on which it held; `None` until today.
    pub last: Option<Date>,
    /// Minutes within [`near_m`](Self::near_m) that make a close contact. Together, or within 24 h where
    /// [`within_24_h`](Self::within_24_h) says so.
    pub min_minutes: f64,
    /// Whether minutes count only within 24 hours.
    pub within_24_h: bool,
    /// How near is near, in metres.
    pub near_m: f64,
    /// Minutes in one room, at any distance, that make a close contact; `None` where they never do.
    pub room_minutes: Option<f64>,
    /// The guideline.
    pub source: &'static str,
}

/// The presets, each with the dates on which it held.
pub const CLOSE_CONTACT_PRESETS: &[CloseContactRule] = &[
    CloseContactRule {
        id: "rki-2020",
        first: None,
        last: Some(date(2021, 3, 30)),
        min_minutes: 15.0,
        within_24_h: false,
        near_m: 1.5,
        room_minutes: None,
        source: "RKI, category I until 2021-03-31: at least 15 minutes cumulated face to face, nearer than 1.5 m",
    },
    CloseContactRule {
        id: "rki-2021",
        first: Some(date(2021, 3, 31)),
        last: None,
        min_minutes: 10.0,
        within_24_h: false,
        near_m: 1.5,
        room_minutes: Some(10.0),
        source: "RKI from 2021-03-31: more than 10 minutes within 1.5 m, a conversation of any length, or more than \
                 10 minutes in a badly aired room",
    },
    CloseContactRule {
        id: "cdc-2020-10-21",
        first: Some(date(2020, 10, 21)),
        last: None,
        min_minutes: 15.0,
        within_24_h: true,
        near_m: 1.8,
        room_minutes: None,
        source: "CDC from 2020-10-21: at least 15 minutes within 24 hours, nearer than 6 feet (1.8 m)",
    },
    CloseContactRule {
        id: "measles-room",
        first: None,
        last: None,
        min_minutes: 0.0,
        within_24_h: false,
        near_m: f64::INFINITY,
        room_minutes: Some(0.0),
        source: "CDC, measles: any time in the same room, up to 2 hours after the case left",
    },
    CloseContactRule {
        id: "any-near",
        first: None,
        last: None,
        min_minutes: 0.0,
        within_24_h: false,
        near_m: 1.5,
        room_minutes: None,
        source: "Epitrace's own choice where no guideline with minutes was found: any time within 1.5 m",
    },
];

/// How much a minute counts, by nearness; 0 to 1, below 1 so that more evidence always counts more.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosenessRules {
    /// Within 1.5 m.
    pub near: f64,
    /// From 1.5 to 3 m.
    pub middle: f64,
    /// Beyond 3 m.
    pub far: f64,
    /// In range, but nobody measured how near.
    pub unknown_distance: f64,
    /// In the same area of a facility.
    pub same_area: f64,
    /// In an area that the case had left a short while ago.
    pub airing: f64,
}

/// The defaults for closeness.
pub const CLOSENESS: Cited<ClosenessRules> = Cited::with_caution(
    ClosenessRules { near: 0.9, middle: 0.5, far: 0.1, unknown_distance: 0.5, same_area: 0.3, airing: 0.15 },
    "boundaries: RKI near field 1.5 m, and 3 m as the 63 dB step of the Corona-Warn-App's first scoring; the weights \
     are Epitrace's own choice, falling with distance",
    "the Corona-Warn-App's own weights (0.8, 1.0, 0.1) are for radio attenuation and are not monotone in distance",
);

/// A declared meeting without minutes: the minutes it counts as, and its closeness.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeclaredWeight {
    /// Minutes it stands for; for a household, each day.
    pub minutes: f64,
    /// Its closeness, 0 to 1.
    pub closeness: f64,
}

/// Returns what a declared contact of a kind counts as. Epitrace's own choice, except that face to face
/// is declared as "at least 15 minutes" by the guideline's own wording.
#[must_use]
pub fn declared_weight(kind: ContactKind) -> DeclaredWeight {
    let (minutes, closeness) = match kind {
        ContactKind::Household => (480.0, 0.5),
        ContactKind::FaceToFace | ContactKind::Care => (15.0, 0.9),
        ContactKind::Transport => (15.0, 0.5),
        ContactKind::SameRoom => (15.0, 0.3),
        ContactKind::Other => (5.0, 0.3),
    };
    DeclaredWeight { minutes, closeness }
}

/// What an infection link counts as: somebody found that it was enough, so the threshold of 15 minutes.
pub const LINK_WEIGHT: DeclaredWeight = DeclaredWeight { minutes: 15.0, closeness: 0.9 };

/// The least that a day counts, so that evidence outside the curve is still seen as evidence.
pub const LEAST_INFECTIOUSNESS: f64 = 0.01;

/// A rule set: settings for one disease and a span of days.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleSet {
    /// Version, kept with every decision; 0 is the built-in profile.
    pub version: i32,
    /// For which disease.
    pub disease: Disease,
    /// First day on which it holds; `None` since ever.
    pub first: Option<Date>,
    /// Last day on which it holds; `None` until further notice.
    pub last: Option<Date>,
    /// The numbers.
    pub settings: RuleSettings,
}

impl RuleSet {
    /// Returns the built-in rule set of a disease, from its profile.
    #[must_use]
    pub fn built_in(disease: Disease) -> Self {
        Self { version: 0, disease, first: None, last: None, settings: RuleSettings::built_in(disease) }
    }

    /// Says whether it holds on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last)
    }

    /// Returns the infectiousness curve of its disease.
    #[must_use]
    pub fn infectiousness(&self) -> InfectiousnessCurve {
        self.disease.profile().infectiousness.value
    }

    /// Returns the close-contact rule for an exposure on a day: the one that was chosen, else the one of
    /// the disease that held then.
    #[must_use]
    pub fn close_contact_on(&self, day: Date) -> &'static CloseContactRule {
        let by_id = |id: &str| CLOSE_CONTACT_PRESETS.iter().find(|rule| rule.id == id);
        let chosen = self.settings.close_contact.as_deref().and_then(by_id);
        let held = match self.disease {
            Disease::Covid19 if day < date(2021, 3, 31) => by_id("rki-2020"),
            Disease::Covid19 => by_id("rki-2021"),
            Disease::Measles => by_id("measles-room"),
            _ => by_id("any-near"),
        };
        chosen.or(held).unwrap_or(&CLOSE_CONTACT_PRESETS[0])
    }
}

/// Returns the rule set that holds on a day: the newest version that does, else the built-in one.
#[must_use]
pub fn rule_set_on(own: &[RuleSet], disease: Disease, day: Date) -> RuleSet {
    own.iter()
        .filter(|set| set.disease == disease && set.holds_on(day))
        .max_by_key(|set| set.version)
        .cloned()
        .unwrap_or_else(|| RuleSet::built_in(disease))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_of_the_day_decides_and_the_newest_version_wins() {
        let longer = |version, first, before| {
            let mut set = RuleSet::built_in(Disease::Covid19);
            set.version = version;
            set.first = Some(first);
            set.settings.infectious.days_before_onset = before;
            set
        };
        let own = [longer(1, date(2020, 6, 1), 3), longer(2, date(2020, 9, 1), 4)];
        let before_onset = |day| rule_set_on(&own, Disease::Covid19, day).settings.infectious.days_before_onset;
        assert_eq!(before_onset(date(2020, 5, 31)), 2, "the profile's");
        assert_eq!(before_onset(date(2020, 6, 1)), 3);
        assert_eq!(before_onset(date(2020, 9, 1)), 4);
        assert_eq!(rule_set_on(&own, Disease::Mers, date(2020, 9, 1)).version, 0);
    }

    #[test]
    fn the_german_rule_changed_on_the_last_of_march_2021() {
        let rules = RuleSet::built_in(Disease::Covid19);
        assert_eq!(rules.close_contact_on(date(2021, 3, 30)).id, "rki-2020");
        assert_eq!(rules.close_contact_on(date(2021, 3, 31)).id, "rki-2021");
    }
}
