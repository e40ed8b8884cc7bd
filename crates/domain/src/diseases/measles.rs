//! Measles. Airborne: who enters the room within two hours is exposed too.

use super::{
    CONTACT_TEMPERATURE_C, Disease, DiseaseProfile, INDEX_TEMPERATURE_C, InfectiousnessCurve, SAME_INFECTION_DAYS,
    SerialIntervalDays,
};
use crate::cited::Cited;
use crate::symptoms::{ListedSymptom, Symptom as S};

/// What is known of Measles.
pub const PROFILE: DiseaseProfile = DiseaseProfile {
    disease: Disease::Measles,
    name: "Measles",
    incubation_median_days: Cited::with_caution(
        10.0,
        "CDC, Pink Book, measles: about 10 to 12 days from exposure to prodrome",
        "to rash it is about 14 days, with a range of 7 to 21",
    ),
    incubation_max_days: Cited::new(21, "CDC, Pink Book, measles: 7 to 21 days from exposure to rash"),
    days_before_onset: Cited::with_caution(
        4,
        "CDC, Pink Book, measles: from 4 days before rash",
        "counted from rash; where a line list gives the prodrome as onset, the period begins about 4 days early and should be set by a rule set",
    ),
    days_after_onset: Cited::new(4, "CDC, Pink Book, measles: to 4 days after rash"),
    follow_up_days: Cited::new(
        21,
        "CDC 2019, manual for surveillance of vaccine-preventable diseases: exposed persons without immunity for 21 days",
    ),
    isolation_days: Cited::with_caution(
        4,
        "CDC, Pink Book, measles: to 4 days after rash",
        "counted from rash; where a line list gives the prodrome as onset, it ends about 4 days too early",
    ),
    quarantine_days: Cited::with_caution(
        21,
        "CDC 2019, manual for surveillance of vaccine-preventable diseases: exposed persons without immunity for 21 days",
        "only those without immunity",
    ),
    contact_temperature_c: CONTACT_TEMPERATURE_C,
    index_temperature_c: INDEX_TEMPERATURE_C,
    same_infection_days: SAME_INFECTION_DAYS,
    serial_interval: Cited::with_caution(
        SerialIntervalDays { mean: 11.7, sd: 2.0 },
        "Vink, Bootsma, Wallinga 2014, Am J Epidemiol 180:865, doi 10.1093/aje/kwu209: mean 11.7 days",
        "the standard deviation of 2 days is Epitrace's own choice, to be replaced by the observed one",
    ),
    room_safe_after_min: Cited::new(
        120,
        "CDC, Pink Book, measles: in the air of a closed room up to 2 hours after the case left",
    ),
    infectiousness: Cited::new(
        InfectiousnessCurve::Flat,
        "Epitrace's own choice: no published curve by day was taken over",
    ),
    symptoms: Cited::with_caution(
        SYMPTOMS,
        "WHO 2018, vaccine-preventable diseases surveillance standards, measles: fever and rash with cough, coryza or conjunctivitis; CDC, clinical overview of measles: Koplik spots, pneumonia, encephalitis",
        "which are suspicious is Epitrace's own choice: signs of pneumonia and encephalitis, and in contacts what tells of measles",
    ),
};

/// What a diary asks for, as it is shown: what is characteristic first.
const SYMPTOMS: &[ListedSymptom] = &[
    ListedSymptom::characteristic(S::Fever),
    ListedSymptom::characteristic(S::Rash).telling_of_contacts(),
    ListedSymptom::characteristic(S::Cough),
    ListedSymptom::characteristic(S::RunnyNose),
    ListedSymptom::characteristic(S::RedEyes),
    ListedSymptom::characteristic(S::KoplikSpots).telling_of_contacts(),
    ListedSymptom::other(S::ShortnessOfBreath).alarming(),
    ListedSymptom::other(S::Confusion).alarming(),
    ListedSymptom::other(S::Seizure).alarming(),
    ListedSymptom::other(S::BlueLips).alarming(),
    ListedSymptom::other(S::EarPain),
    ListedSymptom::other(S::LightHurts),
    ListedSymptom::other(S::SoreThroat),
    ListedSymptom::other(S::Headache),
    ListedSymptom::other(S::Weakness),
    ListedSymptom::other(S::Diarrhoea),
    ListedSymptom::other(S::Vomiting),
    ListedSymptom::other(S::LossOfAppetite),
    ListedSymptom::other(S::SwollenLymphNodes),
];
