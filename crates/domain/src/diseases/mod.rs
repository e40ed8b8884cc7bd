//! Disease profiles: all that differs from one disease to the next, as data, each number with its source.
//!
//! A profile is what Epitrace knows by default. An authority's own rule set (see [`crate::rules`]) may
//! replace any of it for a span of days.

mod covid_19;
mod ebola;
mod influenza;
mod measles;
mod mers;
mod mpox;

use crate::authorities::words;
use crate::cited::Cited;
use crate::languages::Language;
use crate::symptoms::{ListedSymptom, Symptom};

/// A disease that Epitrace has a profile for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disease {
    /// Coronavirus disease 2019.
    Covid19,
    /// Measles.
    Measles,
    /// Ebola virus disease.
    Ebola,
    /// Middle East respiratory syndrome.
    Mers,
    /// Mpox.
    Mpox,
    /// Influenza.
    Influenza,
}
words!(Disease {
    Covid19 = "covid-19",
    Measles = "measles",
    Ebola = "ebola",
    Mers = "mers",
    Mpox = "mpox",
    Influenza = "influenza",
});

/// Mean and standard deviation of the serial interval, in days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SerialIntervalDays {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

/// How infectious a case is by day relative to symptom onset, 1 at the peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InfectiousnessCurve {
    /// The same on every infectious day: nothing better is known.
    Flat,
    /// One weight a day from `first_day` on; 0 before and after.
    ByDay {
        /// Day of the first weight, relative to onset.
        first_day: i32,
        /// Weights, 0 to 1.
        weights: &'static [f64],
    },
}

impl InfectiousnessCurve {
    /// Returns the infectiousness on a day relative to onset, 0 to 1.
    #[must_use]
    pub fn on_day(&self, day: i32) -> f64 {
        match self {
            Self::Flat => 1.0,
            Self::ByDay { first_day, weights } => {
                usize::try_from(day - first_day).ok().and_then(|i| weights.get(i)).copied().unwrap_or(0.0)
            }
        }
    }
}

/// What differs from one disease to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiseaseProfile {
    /// Which.
    pub disease: Disease,
    /// Its name in English.
    pub name: &'static str,
    /// Median days from infection to onset.
    pub incubation_median_days: Cited<f64>,
    /// Longest days from infection to onset that follow-up reckons with.
    pub incubation_max_days: Cited<u8>,
    /// Days before onset on which a case already infects others.
    pub days_before_onset: Cited<u8>,
    /// Days after onset on which a case still infects others.
    pub days_after_onset: Cited<u8>,
    /// Days of follow-up after the last exposure.
    pub follow_up_days: Cited<u8>,
    /// Days of isolation of a case, from onset or test on.
    pub isolation_days: Cited<u8>,
    /// Days of quarantine of a contact, from the last exposure on.
    pub quarantine_days: Cited<u8>,
    /// Above this temperature somebody looks at a contact, in degrees Celsius.
    pub contact_temperature_c: Cited<f64>,
    /// Above this one, at an index case.
    pub index_temperature_c: Cited<f64>,
    /// Days after the conclusion of a case within which a positive test is the same infection, and reopens it.
    pub same_infection_days: Cited<u16>,
    /// Onset to onset.
    pub serial_interval: Cited<SerialIntervalDays>,
    /// Minutes after which a room that a case has left is safe again; 0 where air doesn't carry it.
    pub room_safe_after_min: Cited<u16>,
    /// Infectiousness by day.
    pub infectiousness: Cited<InfectiousnessCurve>,
    /// What a diary asks for, in the order in which it is shown.
    pub symptoms: Cited<&'static [ListedSymptom]>,
}

/// The threshold for contacts, for every disease.
const CONTACT_TEMPERATURE_C: Cited<f64> = Cited::with_caution(
    37.9,
    "Quarano, quarano.anomalies.temperature-threshold-contact: above 37.9 °C, which is fever from 38.0 °C on",
    "the default of the system in use before, for COVID-19; no guideline with a threshold for diaries was found",
);
/// The threshold for index cases, for every disease.
const INDEX_TEMPERATURE_C: Cited<f64> = Cited::with_caution(
    39.4,
    "Quarano, quarano.anomalies.temperature-threshold-index: above 39.4 °C",
    "the default of the system in use before, for COVID-19; no guideline with a threshold for diaries was found",
);
/// Where nobody has published for how long a positive test is the same infection.
const SAME_INFECTION_DAYS: Cited<u16> = Cited::new(
    90,
    "Epitrace's own choice: as for COVID-19, where the CDC says 3 months; no published number was found",
);

impl Disease {
    /// Returns what is known of it.
    #[must_use]
    pub fn profile(self) -> &'static DiseaseProfile {
        match self {
            Self::Covid19 => &covid_19::PROFILE,
            Self::Measles => &measles::PROFILE,
            Self::Ebola => &ebola::PROFILE,
            Self::Mers => &mers::PROFILE,
            Self::Mpox => &mpox::PROFILE,
            Self::Influenza => &influenza::PROFILE,
        }
    }
}

/// One number of a profile, for the book's table of parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// What it is, with its unit.
    pub name: &'static str,
    /// The value, printed.
    pub value: String,
    /// Its source.
    pub source: &'static str,
    /// What to know before relying on it.
    pub caution: &'static str,
}

/// Names some of the symptoms of a list.
fn named(list: &[ListedSymptom], which: impl Fn(&ListedSymptom) -> bool) -> String {
    let chosen = list.iter().filter(|one| which(one));
    chosen.map(|one| one.symptom.name(Language::En)).collect::<Vec<_>>().join(", ")
}

impl DiseaseProfile {
    /// Returns what the profile says of a symptom; `None` for one that its diary doesn't ask for.
    #[must_use]
    pub fn symptom(&self, symptom: Symptom) -> Option<&'static ListedSymptom> {
        self.symptoms.value.iter().find(|listed| listed.symptom == symptom)
    }

    /// Lists every number with its source.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        fn line<T: Copy>(name: &'static str, cited: &Cited<T>, print: impl Fn(T) -> String) -> Parameter {
            Parameter { name, value: print(cited.value), source: cited.source, caution: cited.caution }
        }
        let days = |value: u8| value.to_string();
        vec![
            line("incubation, median (days)", &self.incubation_median_days, |v| v.to_string()),
            line("incubation, longest reckoned with (days)", &self.incubation_max_days, days),
            line("infectious before onset (days)", &self.days_before_onset, days),
            line("infectious after onset (days)", &self.days_after_onset, days),
            line("follow-up after last exposure (days)", &self.follow_up_days, days),
            line("isolation of cases, from onset or test (days)", &self.isolation_days, days),
            line("quarantine of contacts, from the last exposure (days)", &self.quarantine_days, days),
            line("temperature of contacts to look at, above (°C)", &self.contact_temperature_c, |v| v.to_string()),
            line("temperature of index cases to look at, above (°C)", &self.index_temperature_c, |v| v.to_string()),
            line("same infection, after conclusion (days)", &self.same_infection_days, |v| v.to_string()),
            line("serial interval, mean and sd (days)", &self.serial_interval, |v| format!("{} and {}", v.mean, v.sd)),
            line("room safe again after (min)", &self.room_safe_after_min, |v| v.to_string()),
            line("infectiousness by day", &self.infectiousness, |v| match v {
                InfectiousnessCurve::Flat => "flat".to_owned(),
                InfectiousnessCurve::ByDay { first_day, weights } => {
                    format!("from day {first_day}: {weights:?}")
                }
            }),
            line("characteristic symptoms", &self.symptoms, |v| named(v, |one| one.characteristic)),
            line("suspicious symptoms of index cases", &self.symptoms, |v| named(v, |one| one.suspicious_for_index)),
            line("suspicious symptoms of contacts", &self.symptoms, |v| named(v, |one| one.suspicious_for_contacts)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_every_disease_has_a_source() {
        for disease in Disease::ALL {
            let profile = disease.profile();
            assert_eq!(profile.disease, *disease);
            for parameter in profile.parameters() {
                assert!(parameter.source.len() > 10, "{disease}: {}", parameter.name);
            }
        }
    }

    #[test]
    fn profiles_are_consistent_in_themselves() {
        for disease in Disease::ALL {
            let profile = disease.profile();
            assert!(profile.incubation_median_days.value <= f64::from(profile.incubation_max_days.value), "{disease}");
            assert!(profile.follow_up_days.value > 0 && profile.serial_interval.value.mean > 1.0, "{disease}");
            assert!(profile.serial_interval.value.sd > 0.0, "{disease}");
        }
    }

    #[test]
    fn covid_is_most_infectious_around_onset_and_not_before_day_minus_eight() {
        let curve = Disease::Covid19.profile().infectiousness.value;
        assert_eq!(curve.on_day(-9), 0.0);
        assert_eq!(curve.on_day(-1), 1.0);
        assert!(curve.on_day(5) < curve.on_day(2));
    }
}
