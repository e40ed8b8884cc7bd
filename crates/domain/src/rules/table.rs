//! Every setting by its word: what it may be and why, what it is by default and where that comes from.
//!
//! Page, command line and API show and change settings by this one table, so that a new setting is one line
//! in each function here. Values go in and out as text, as people type them.

use super::settings::{ASK_CONTACTS_OF_CONTACTS, INVITE_CONTACTS, LISTS_AT_ONCE, REMINDERS};
use super::{CLOSE_CONTACT_PRESETS, CLOSENESS, RuleSettings};
use crate::authorities::words;
use crate::cited::Cited;
use crate::diseases::Disease;
use std::collections::BTreeMap;

/// A setting of a rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// Infectious days before onset.
    DaysBeforeOnset,
    /// Infectious days after onset.
    DaysAfterOnset,
    /// Longest incubation.
    IncubationMaxDays,
    /// Isolation of cases.
    IsolationDays,
    /// Quarantine of contacts.
    QuarantineDays,
    /// Follow-up of contacts.
    FollowUpDays,
    /// Days of one infection.
    SameInfectionDays,
    /// Temperature of contacts to look at.
    ContactTemperatureC,
    /// Temperature of index cases to look at.
    IndexTemperatureC,
    /// Close contact.
    CloseContact,
    /// Airing of rooms.
    RoomSafeAfterMin,
    /// Weight of minutes within 1.5 m.
    ClosenessNear,
    /// From 1.5 to 3 m.
    ClosenessMiddle,
    /// Beyond 3 m.
    ClosenessFar,
    /// Not measured.
    ClosenessUnknownDistance,
    /// In one area.
    ClosenessSameArea,
    /// In an area that is not yet aired.
    ClosenessAiring,
    /// Contacts are invited by themselves.
    InviteContacts,
    /// Contacts are asked for contacts.
    AskContactsOfContacts,
    /// Reminders.
    Reminders,
    /// Guest lists without the venue's release.
    ListsAtOnce,
}
words!(Setting {
    DaysBeforeOnset = "days_before_onset",
    DaysAfterOnset = "days_after_onset",
    IncubationMaxDays = "incubation_max_days",
    IsolationDays = "isolation_days",
    QuarantineDays = "quarantine_days",
    FollowUpDays = "follow_up_days",
    SameInfectionDays = "same_infection_days",
    ContactTemperatureC = "contact_temperature_c",
    IndexTemperatureC = "index_temperature_c",
    CloseContact = "close_contact",
    RoomSafeAfterMin = "room_safe_after_min",
    ClosenessNear = "closeness_near",
    ClosenessMiddle = "closeness_middle",
    ClosenessFar = "closeness_far",
    ClosenessUnknownDistance = "closeness_unknown_distance",
    ClosenessSameArea = "closeness_same_area",
    ClosenessAiring = "closeness_airing",
    InviteContacts = "invite_contacts",
    AskContactsOfContacts = "ask_contacts_of_contacts",
    Reminders = "reminders",
    ListsAtOnce = "lists_at_once",
});

/// What a setting may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// A number; both ends are allowed.
    Number {
        /// The least.
        least: f64,
        /// The most.
        most: f64,
        /// Digits after the point, at most.
        decimals: usize,
        /// Its unit; empty for a plain number.
        unit: &'static str,
    },
    /// `yes` or `no`.
    YesNo,
    /// A close-contact preset, or `of_the_day`.
    Preset,
}

/// Stands for the preset that held on the day.
const OF_THE_DAY: &str = "of_the_day";

/// Settings that break rules: each with the reason.
pub type InvalidSettings = Vec<(&'static str, String)>;

/// Where a setting lies.
enum Slot<'s> {
    Days(&'s mut u8),
    Many(&'s mut u16),
    Real(&'s mut f64),
    YesNo(&'s mut bool),
    Preset(&'s mut Option<String>),
}

impl Setting {
    fn slot(self, settings: &mut RuleSettings) -> Slot<'_> {
        match self {
            Self::DaysBeforeOnset => Slot::Days(&mut settings.infectious.days_before_onset),
            Self::DaysAfterOnset => Slot::Days(&mut settings.infectious.days_after_onset),
            Self::IncubationMaxDays => Slot::Days(&mut settings.incubation_max_days),
            Self::IsolationDays => Slot::Days(&mut settings.isolation_days),
            Self::QuarantineDays => Slot::Days(&mut settings.quarantine_days),
            Self::FollowUpDays => Slot::Days(&mut settings.follow_up_days),
            Self::SameInfectionDays => Slot::Many(&mut settings.same_infection_days),
            Self::ContactTemperatureC => Slot::Real(&mut settings.contact_temperature_c),
            Self::IndexTemperatureC => Slot::Real(&mut settings.index_temperature_c),
            Self::CloseContact => Slot::Preset(&mut settings.close_contact),
            Self::RoomSafeAfterMin => Slot::Many(&mut settings.room_safe_after_min),
            Self::ClosenessNear => Slot::Real(&mut settings.closeness.near),
            Self::ClosenessMiddle => Slot::Real(&mut settings.closeness.middle),
            Self::ClosenessFar => Slot::Real(&mut settings.closeness.far),
            Self::ClosenessUnknownDistance => Slot::Real(&mut settings.closeness.unknown_distance),
            Self::ClosenessSameArea => Slot::Real(&mut settings.closeness.same_area),
            Self::ClosenessAiring => Slot::Real(&mut settings.closeness.airing),
            Self::InviteContacts => Slot::YesNo(&mut settings.invite_contacts),
            Self::AskContactsOfContacts => Slot::YesNo(&mut settings.ask_contacts_of_contacts),
            Self::Reminders => Slot::YesNo(&mut settings.reminders),
            Self::ListsAtOnce => Slot::YesNo(&mut settings.lists_at_once),
        }
    }

    /// Returns what it may be. The ranges are Epitrace's own choice: wide enough for every guideline that was
    /// found, narrow enough for a slip of the finger to be noticed.
    #[must_use]
    pub fn form(self) -> Form {
        let days = |least: f64, most: f64| Form::Number { least, most, decimals: 0, unit: "days" };
        match self {
            Self::DaysBeforeOnset => days(0.0, 14.0),
            Self::DaysAfterOnset => days(0.0, 60.0),
            Self::IncubationMaxDays | Self::IsolationDays | Self::QuarantineDays | Self::FollowUpDays => {
                days(1.0, 60.0)
            }
            Self::SameInfectionDays => days(1.0, 365.0),
            Self::ContactTemperatureC | Self::IndexTemperatureC => {
                Form::Number { least: 36.0, most: 42.0, decimals: 1, unit: "°C" }
            }
            Self::RoomSafeAfterMin => Form::Number { least: 0.0, most: 1440.0, decimals: 0, unit: "min" },
            Self::ClosenessNear
            | Self::ClosenessMiddle
            | Self::ClosenessFar
            | Self::ClosenessUnknownDistance
            | Self::ClosenessSameArea
            | Self::ClosenessAiring => Form::Number { least: 0.0, most: 0.99, decimals: 2, unit: "" },
            Self::CloseContact => Form::Preset,
            Self::InviteContacts | Self::AskContactsOfContacts | Self::Reminders | Self::ListsAtOnce => Form::YesNo,
        }
    }

    /// Returns why a value beyond its range is refused.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::DaysBeforeOnset => "nobody is known to infect others more than two weeks before falling ill",
            Self::DaysAfterOnset => "two months after onset nobody is followed as infectious any more",
            Self::IncubationMaxDays => "it takes a day at least, and two months are longer than any known incubation",
            Self::IsolationDays | Self::QuarantineDays => "an order has a day at least, and two months at most",
            Self::FollowUpDays => "a contact is followed for a day at least, and two months at most",
            Self::SameInfectionDays => "on the next day it may be the same infection, after a year it isn't",
            Self::ContactTemperatureC | Self::IndexTemperatureC => {
                "below it everybody would be looked at, above it nobody"
            }
            Self::RoomSafeAfterMin => "a day later every room has been aired",
            Self::ClosenessNear
            | Self::ClosenessMiddle
            | Self::ClosenessFar
            | Self::ClosenessUnknownDistance
            | Self::ClosenessSameArea
            | Self::ClosenessAiring => "a weight stays below 1, so that more evidence always counts more",
            Self::CloseContact => "only a guideline that Epitrace knows can be applied",
            Self::InviteContacts | Self::AskContactsOfContacts | Self::Reminders | Self::ListsAtOnce => {
                "it is on or off"
            }
        }
    }

    /// Returns its value as text: a number, `yes`, `no`, a preset.
    #[must_use]
    pub fn of(self, settings: &RuleSettings) -> String {
        match self.slot(&mut settings.clone()) {
            Slot::Days(days) => days.to_string(),
            Slot::Many(number) => number.to_string(),
            Slot::Real(number) => number.to_string(),
            Slot::YesNo(is) => if *is { "yes" } else { "no" }.to_owned(),
            Slot::Preset(preset) => preset.clone().unwrap_or_else(|| OF_THE_DAY.to_owned()),
        }
    }

    /// Returns its default for a disease, with the source.
    #[must_use]
    pub fn default_of(self, disease: Disease) -> Cited<String> {
        let profile = disease.profile();
        let (source, caution) = match self {
            Self::DaysBeforeOnset => words_of(&profile.days_before_onset),
            Self::DaysAfterOnset => words_of(&profile.days_after_onset),
            Self::IncubationMaxDays => words_of(&profile.incubation_max_days),
            Self::IsolationDays => words_of(&profile.isolation_days),
            Self::QuarantineDays => words_of(&profile.quarantine_days),
            Self::FollowUpDays => words_of(&profile.follow_up_days),
            Self::SameInfectionDays => words_of(&profile.same_infection_days),
            Self::ContactTemperatureC => words_of(&profile.contact_temperature_c),
            Self::IndexTemperatureC => words_of(&profile.index_temperature_c),
            Self::RoomSafeAfterMin => words_of(&profile.room_safe_after_min),
            Self::ClosenessNear
            | Self::ClosenessMiddle
            | Self::ClosenessFar
            | Self::ClosenessUnknownDistance
            | Self::ClosenessSameArea
            | Self::ClosenessAiring => words_of(&CLOSENESS),
            Self::CloseContact => (
                "the guideline that held on the day of the first evidence; each preset names its own",
                "where none with minutes was found, any time within 1.5 m counts",
            ),
            Self::InviteContacts => words_of(&INVITE_CONTACTS),
            Self::AskContactsOfContacts => words_of(&ASK_CONTACTS_OF_CONTACTS),
            Self::Reminders => words_of(&REMINDERS),
            Self::ListsAtOnce => words_of(&LISTS_AT_ONCE),
        };
        Cited { value: self.of(&RuleSettings::built_in(disease)), source, caution }
    }

    /// Writes a value that was typed.
    ///
    /// # Errors
    ///
    /// What it may be, and why. The value isn't repeated.
    pub fn put(self, settings: &mut RuleSettings, typed: &str) -> Result<(), String> {
        let typed = typed.trim();
        let form = self.form();
        let refused = || format!("{}: {}", form.in_words(), self.why());
        if !form.allows(typed) {
            return Err(refused());
        }
        match self.slot(settings) {
            Slot::Days(days) => *days = typed.parse().map_err(|_| refused())?,
            Slot::Many(number) => *number = typed.parse().map_err(|_| refused())?,
            Slot::Real(number) => *number = typed.parse().map_err(|_| refused())?,
            Slot::YesNo(is) => *is = typed == "yes",
            Slot::Preset(preset) => *preset = (typed != OF_THE_DAY).then(|| typed.to_owned()),
        }
        Ok(())
    }
}

fn words_of<T>(cited: &Cited<T>) -> (&'static str, &'static str) {
    (cited.source, cited.caution)
}

impl Form {
    /// Says whether a text is such a value.
    fn allows(self, typed: &str) -> bool {
        match self {
            Self::Number { least, most, decimals, .. } => {
                let plain = !typed.is_empty() && typed.chars().all(|c| c.is_ascii_digit() || c == '.');
                let after_point = typed.split_once('.').map_or(0, |(_, digits)| digits.len());
                let is_within = typed.parse().is_ok_and(|number: f64| (least..=most).contains(&number));
                plain && is_within && after_point <= decimals && (decimals > 0 || !typed.contains('.'))
            }
            Self::YesNo => matches!(typed, "yes" | "no"),
            Self::Preset => Self::presets().any(|id| id == typed),
        }
    }

    /// Lists the presets that can be chosen.
    pub fn presets() -> impl Iterator<Item = &'static str> {
        std::iter::once(OF_THE_DAY).chain(CLOSE_CONTACT_PRESETS.iter().map(|preset| preset.id))
    }

    /// Returns what is asked for: "choose 0 to 14 days".
    #[must_use]
    pub fn in_words(self) -> String {
        match self {
            Self::Number { least, most, decimals, unit } => {
                let how = match decimals {
                    0 => ", a whole number",
                    1 => ", with one digit after the point at most",
                    _ => ", with two digits after the point at most",
                };
                format!("choose {least} to {most} {unit}").trim_end().to_owned() + how
            }
            Self::YesNo => "write yes or no".to_owned(),
            Self::Preset => format!("choose one of {}", Self::presets().collect::<Vec<_>>().join(", ")),
        }
    }
}

/// Returns settings with what was typed put in, by the words of the settings; what isn't named stays.
///
/// # Errors
///
/// Every setting that breaks a rule, with the reason; `settings` for a word that is none.
pub fn change_settings(base: &RuleSettings, typed: &BTreeMap<String, String>) -> Result<RuleSettings, InvalidSettings> {
    let mut settings = base.clone();
    let mut wrong = InvalidSettings::new();
    for (word, value) in typed {
        match Setting::find(word) {
            Some(setting) => {
                if let Err(reason) = setting.put(&mut settings, value) {
                    wrong.push((setting.as_str(), reason));
                }
            }
            None => {
                let known: Vec<&str> = Setting::ALL.iter().map(|setting| setting.as_str()).collect();
                wrong.push(("settings", format!("there are these settings: {}", known.join(", "))));
            }
        }
    }
    if wrong.is_empty() {
        wrong = contradictions(&settings);
    }
    if wrong.is_empty() { Ok(settings) } else { Err(wrong) }
}

/// What each number may be, but not together.
fn contradictions(settings: &RuleSettings) -> InvalidSettings {
    let closeness = settings.closeness;
    let mut wrong = InvalidSettings::new();
    let mut check = |holds: bool, setting: Setting, reason: &str| {
        if !holds {
            wrong.push((setting.as_str(), reason.to_owned()));
        }
    };
    check(
        closeness.near >= closeness.middle,
        Setting::ClosenessMiddle,
        "farther away can't count more than within 1.5 m",
    );
    check(closeness.middle >= closeness.far, Setting::ClosenessFar, "beyond 3 m can't count more than from 1.5 to 3 m");
    check(
        closeness.same_area >= closeness.airing,
        Setting::ClosenessAiring,
        "a room that the case has left can't count more than being there together",
    );
    check(
        settings.index_temperature_c >= settings.contact_temperature_c,
        Setting::IndexTemperatureC,
        "a contact with fever is looked at no later than a case, who is known to be ill",
    );
    wrong
}

/// Lists the settings in which two differ: which, and its value in each.
#[must_use]
pub fn differences(one: &RuleSettings, other: &RuleSettings) -> Vec<(Setting, String, String)> {
    let both = Setting::ALL.iter().map(|setting| (*setting, setting.of(one), setting.of(other)));
    both.filter(|(_, one, other)| one != other).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn change(typed: &[(&str, &str)]) -> Result<RuleSettings, InvalidSettings> {
        let typed = typed.iter().map(|(word, value)| ((*word).to_owned(), (*value).to_owned())).collect();
        change_settings(&RuleSettings::built_in(Disease::Covid19), &typed)
    }

    fn fields(wrong: Result<RuleSettings, InvalidSettings>) -> Vec<&'static str> {
        wrong.unwrap_err().into_iter().map(|(field, _)| field).collect()
    }

    #[test]
    fn every_setting_of_every_disease_has_a_source_and_its_default_can_be_typed() {
        for disease in Disease::ALL {
            let mut settings = RuleSettings::built_in(*disease);
            for setting in Setting::ALL {
                let default = setting.default_of(*disease);
                assert!(default.source.len() > 10, "{disease}: {setting}");
                assert_eq!(setting.put(&mut settings, &default.value), Ok(()), "{disease}: {setting}");
            }
            assert_eq!(settings, RuleSettings::built_in(*disease));
        }
    }

    #[test]
    fn both_ends_of_a_range_are_allowed_and_what_lies_beyond_is_refused_with_the_reason() {
        let mut settings = RuleSettings::built_in(Disease::Covid19);
        for setting in Setting::ALL {
            let Form::Number { least, most, decimals, .. } = setting.form() else { continue };
            let step = 0.1_f64.powi(i32::try_from(decimals).unwrap());
            for (value, fits) in [(least, true), (most, true), (most + step, false), (least - step, false)] {
                let typed = format!("{value:.decimals$}");
                assert_eq!(setting.put(&mut settings, &typed).is_ok(), fits, "{setting}: {typed}");
            }
            let reason = setting.put(&mut settings, "many").unwrap_err();
            assert!(reason.contains(setting.why()) && !reason.contains("many"), "{reason}");
        }
    }

    #[test]
    fn what_is_no_such_value_is_refused() {
        for (word, value) in [
            ("days_before_onset", "2.5"),
            ("days_before_onset", "-1"),
            ("days_before_onset", ""),
            ("days_before_onset", "1e1"),
            ("contact_temperature_c", "37.95"),
            ("contact_temperature_c", "NaN"),
            ("closeness_near", "1"),
            ("reminders", "true"),
            ("close_contact", "rki-1999"),
        ] {
            assert_eq!(fields(change(&[(word, value)])), [word], "{value}");
        }
        assert_eq!(fields(change(&[("no_such", "1")])), ["settings"]);
    }

    #[test]
    fn numbers_that_contradict_each_other_are_refused() {
        assert_eq!(fields(change(&[("closeness_near", "0.4")])), ["closeness_middle"]);
        assert_eq!(fields(change(&[("closeness_far", "0.6")])), ["closeness_far"]);
        assert_eq!(fields(change(&[("closeness_airing", "0.31")])), ["closeness_airing"]);
        assert_eq!(fields(change(&[("index_temperature_c", "37.8")])), ["index_temperature_c"]);
    }

    #[test]
    fn what_differs_is_listed_field_by_field() {
        let base = RuleSettings::built_in(Disease::Covid19);
        let other = change(&[("days_before_onset", "3"), ("close_contact", "cdc-2020-10-21"), ("reminders", "no")]);
        let other = other.unwrap();
        let said: Vec<String> = differences(&base, &other)
            .into_iter()
            .map(|(setting, before, after)| format!("{setting} {before} {after}"))
            .collect();
        assert_eq!(said, ["days_before_onset 2 3", "close_contact of_the_day cdc-2020-10-21", "reminders yes no"]);
        assert_eq!(differences(&base, &base), []);
    }
}
