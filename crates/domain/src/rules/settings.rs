//! The numbers of a rule set, and how they lie in the database.
//!
//! Settings come, and none go: a row that was written before one was known is read with the default of its
//! disease. An unknown key is refused, because a number that nobody reads would look as if it held.

use super::{CLOSENESS, ClosenessRules, InfectiousRules};
use crate::cases::CaseType;
use crate::cited::Cited;
use crate::diseases::Disease;
use serde::{Deserialize, Serialize};

/// Whether new contact cases are invited by themselves.
pub const INVITE_CONTACTS: Cited<bool> = Cited::new(
    false,
    "Quarano, quarano.registration.automatically-initiate-registration-for-contact-cases: off, so that somebody calls first",
);

/// Whether contact cases are asked for contacts of their own.
pub const ASK_CONTACTS_OF_CONTACTS: Cited<bool> = Cited::with_caution(
    false,
    "Quarano, quarano.cases.execute-contact-retro-for-contact-cases: off",
    "switched on, contacts are known before a contact falls ill, and many more people are named",
);

/// Whether somebody without an entry in the diary is reminded.
pub const REMINDERS: Cited<bool> =
    Cited::new(true, "Quarano, quarano.diary.reminder.enable: on; whoever wants none says so");

/// Whether a guest list that is asked for is here at once, without the venue's release.
pub const LISTS_AT_ONCE: Cited<bool> = Cited::with_caution(
    false,
    "IRIS, the gateway between German health offices and guest lists (2021): the venue releases what it is asked for",
    "switched on, venues learn that their list was taken, and can't ask back first",
);

/// The numbers of a rule set, as an authority may set them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RuleSettings {
    /// Infectious days.
    pub infectious: InfectiousRules,
    /// Longest incubation reckoned with when looking backward, in days.
    pub incubation_max_days: u8,
    /// Follow-up after the last exposure, in days.
    pub follow_up_days: u8,
    /// Minutes after which a room is safe again.
    pub room_safe_after_min: u16,
    /// Which close-contact preset; `None` takes the one that held on the day.
    pub close_contact: Option<String>,
    /// Closeness.
    pub closeness: ClosenessRules,
    /// Isolation of cases, in days from onset or test on.
    pub isolation_days: u8,
    /// Quarantine of contacts, in days from the last exposure on.
    pub quarantine_days: u8,
    /// Somebody looks at a contact whose temperature is above (>) this one.
    pub contact_temperature_c: f64,
    /// Somebody looks at an index case whose temperature is above (>) this one.
    pub index_temperature_c: f64,
    /// Days after the conclusion of a case within which a positive test is the same infection.
    pub same_infection_days: u16,
    /// Whether new contact cases are invited by themselves.
    pub invite_contacts: bool,
    /// Whether contact cases are asked for contacts of their own.
    pub ask_contacts_of_contacts: bool,
    /// Whether somebody without an entry in the diary is reminded.
    pub reminders: bool,
    /// Whether a guest list that is asked for is here at once, without the venue's release.
    pub lists_at_once: bool,
}

impl RuleSettings {
    /// Returns the built-in settings of a disease, from its profile.
    #[must_use]
    pub fn built_in(disease: Disease) -> Self {
        let profile = disease.profile();
        Self {
            infectious: InfectiousRules {
                days_before_onset: profile.days_before_onset.value,
                days_after_onset: profile.days_after_onset.value,
            },
            incubation_max_days: profile.incubation_max_days.value,
            follow_up_days: profile.follow_up_days.value,
            room_safe_after_min: profile.room_safe_after_min.value,
            close_contact: None,
            closeness: CLOSENESS.value,
            isolation_days: profile.isolation_days.value,
            quarantine_days: profile.quarantine_days.value,
            contact_temperature_c: profile.contact_temperature_c.value,
            index_temperature_c: profile.index_temperature_c.value,
            same_infection_days: profile.same_infection_days.value,
            invite_contacts: INVITE_CONTACTS.value,
            ask_contacts_of_contacts: ASK_CONTACTS_OF_CONTACTS.value,
            reminders: REMINDERS.value,
            lists_at_once: LISTS_AT_ONCE.value,
        }
    }
}

impl RuleSettings {
    /// Says whether somebody looks at a temperature: above the threshold of the case's type, not on it.
    #[must_use]
    pub fn is_increased(&self, temperature_c: f64, case_type: CaseType) -> bool {
        let is_contact = case_type.is_contact();
        temperature_c > if is_contact { self.contact_temperature_c } else { self.index_temperature_c }
    }
}

/// Settings as a row holds them: what was added later may lack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredSettings {
    infectious: InfectiousRules,
    incubation_max_days: u8,
    follow_up_days: u8,
    room_safe_after_min: u16,
    close_contact: Option<String>,
    closeness: ClosenessRules,
    isolation_days: Option<u8>,
    quarantine_days: Option<u8>,
    contact_temperature_c: Option<f64>,
    index_temperature_c: Option<f64>,
    same_infection_days: Option<u16>,
    invite_contacts: Option<bool>,
    ask_contacts_of_contacts: Option<bool>,
    reminders: Option<bool>,
    lists_at_once: Option<bool>,
}

impl StoredSettings {
    /// Returns the settings, with the defaults of the disease for what the row lacks.
    #[must_use]
    pub fn of(self, disease: Disease) -> RuleSettings {
        let known = RuleSettings::built_in(disease);
        RuleSettings {
            infectious: self.infectious,
            incubation_max_days: self.incubation_max_days,
            follow_up_days: self.follow_up_days,
            room_safe_after_min: self.room_safe_after_min,
            close_contact: self.close_contact,
            closeness: self.closeness,
            isolation_days: self.isolation_days.unwrap_or(known.isolation_days),
            quarantine_days: self.quarantine_days.unwrap_or(known.quarantine_days),
            contact_temperature_c: self.contact_temperature_c.unwrap_or(known.contact_temperature_c),
            index_temperature_c: self.index_temperature_c.unwrap_or(known.index_temperature_c),
            same_infection_days: self.same_infection_days.unwrap_or(known.same_infection_days),
            invite_contacts: self.invite_contacts.unwrap_or(known.invite_contacts),
            ask_contacts_of_contacts: self.ask_contacts_of_contacts.unwrap_or(known.ask_contacts_of_contacts),
            reminders: self.reminders.unwrap_or(known.reminders),
            lists_at_once: self.lists_at_once.unwrap_or(known.lists_at_once),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// As rows were written before there was anything but the first six settings.
    const OLD: &str = r#"{"infectious":{"days_before_onset":4,"days_after_onset":10},"incubation_max_days":14,
        "follow_up_days":14,"room_safe_after_min":30,"close_contact":"cdc-2020-10-21","closeness":{"near":0.9,
        "middle":0.5,"far":0.1,"unknown_distance":0.5,"same_area":0.3,"airing":0.15}}"#;

    fn read(text: &str, disease: Disease) -> Result<RuleSettings, serde_json::Error> {
        serde_json::from_str::<StoredSettings>(text).map(|stored| stored.of(disease))
    }

    #[test]
    fn a_row_without_the_later_settings_gets_the_defaults_of_its_disease() {
        for disease in [Disease::Covid19, Disease::Measles] {
            let read = read(OLD, disease).unwrap();
            assert_eq!(read.infectious.days_before_onset, 4, "what it says");
            let known = RuleSettings::built_in(disease);
            assert_eq!((read.isolation_days, read.quarantine_days), (known.isolation_days, known.quarantine_days));
            assert_eq!((read.contact_temperature_c, read.index_temperature_c), (37.9, 39.4));
            assert_eq!(read.same_infection_days, 90);
            assert_eq!((read.invite_contacts, read.ask_contacts_of_contacts, read.reminders), (false, false, true));
        }
    }

    #[test]
    fn a_temperature_is_increased_above_the_threshold_and_not_on_it() {
        let rules = RuleSettings::built_in(Disease::Covid19);
        let is = |temperature_c| {
            [CaseType::Contact, CaseType::ContactMedical, CaseType::Index]
                .map(|case_type| rules.is_increased(temperature_c, case_type))
        };
        assert_eq!(is(37.9), [false, false, false]);
        assert_eq!(is(38.0), [true, true, false]);
        assert_eq!(is(39.4), [true, true, false]);
        assert_eq!(is(39.5), [true, true, true]);
    }

    #[test]
    fn settings_come_back_as_written_and_an_unknown_key_is_refused() {
        for disease in Disease::ALL {
            let settings = RuleSettings { reminders: false, ..RuleSettings::built_in(*disease) };
            let text = serde_json::to_string(&settings).unwrap();
            assert_eq!(read(&text, *disease).unwrap(), settings);
            assert!(read(&text.replacen('{', "{\"extra\":1,", 1), *disease).is_err());
        }
    }
}
