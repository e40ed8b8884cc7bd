//! Mpox. By close contact, for weeks.

use super::{
    CONTACT_TEMPERATURE_C, Disease, DiseaseProfile, INDEX_TEMPERATURE_C, InfectiousnessCurve, SAME_INFECTION_DAYS,
    SerialIntervalDays,
};
use crate::cited::Cited;
use crate::symptoms::{ListedSymptom, Symptom as S};

/// What is known of Mpox.
pub const PROFILE: DiseaseProfile = DiseaseProfile {
    disease: Disease::Mpox,
    name: "Mpox",
    incubation_median_days: Cited::with_caution(
        7.8,
        "Ward et al. 2022, BMJ 379:e073153, doi 10.1136/bmj-2022-073153: 7.6 to 7.8 days",
        "a mean, not a median",
    ),
    incubation_max_days: Cited::new(21, "WHO 2022, mpox: 1 to 21 days"),
    days_before_onset: Cited::new(
        4,
        "Ward et al. 2022, BMJ 379:e073153, doi 10.1136/bmj-2022-073153: transmission up to 4 days before onset",
    ),
    days_after_onset: Cited::with_caution(
        28,
        "WHO 2022, mpox: until crusts have fallen and new skin has formed, 2 to 4 weeks",
        "ends earlier where the skin has healed",
    ),
    follow_up_days: Cited::new(
        21,
        "WHO 2022, surveillance, case investigation and contact tracing for mpox: 21 days after the last contact",
    ),
    isolation_days: Cited::with_caution(
        28,
        "WHO 2022, mpox: until crusts have fallen and new skin has formed, 2 to 4 weeks",
        "ends earlier where the skin has healed",
    ),
    quarantine_days: Cited::with_caution(
        21,
        "WHO 2022, surveillance, case investigation and contact tracing for mpox: 21 days after the last contact",
        "contacts without symptoms are watched for that long, not kept at home",
    ),
    contact_temperature_c: CONTACT_TEMPERATURE_C,
    index_temperature_c: INDEX_TEMPERATURE_C,
    same_infection_days: SAME_INFECTION_DAYS,
    serial_interval: Cited::with_caution(
        SerialIntervalDays { mean: 8.0, sd: 5.0 },
        "Ward et al. 2022, BMJ 379:e073153, doi 10.1136/bmj-2022-073153: mean 8.0 days (95 % CrI 6.5 to 9.8)",
        "the standard deviation of 5 days is Epitrace's own choice, to be replaced by the observed one",
    ),
    room_safe_after_min: Cited::new(0, "WHO 2022, mpox: by close contact; no rule on airing"),
    infectiousness: Cited::new(
        InfectiousnessCurve::Flat,
        "Epitrace's own choice: no published curve by day was taken over",
    ),
    symptoms: Cited::with_caution(
        SYMPTOMS,
        "WHO 2024, surveillance, case investigation and contact tracing for mpox: rash, mucosal lesions, swollen lymph nodes, with fever, headache, muscle pain, back pain, weakness; contacts watch for these, chills and sore throat",
        "which are suspicious is Epitrace's own choice: signs of eye disease, pneumonia and encephalitis, and in contacts lesions",
    ),
};

/// What a diary asks for, as it is shown: what is characteristic first.
const SYMPTOMS: &[ListedSymptom] = &[
    ListedSymptom::characteristic(S::Rash).telling_of_contacts(),
    ListedSymptom::characteristic(S::Blisters).telling_of_contacts(),
    ListedSymptom::characteristic(S::MouthSores).telling_of_contacts(),
    ListedSymptom::characteristic(S::GenitalSores).telling_of_contacts(),
    ListedSymptom::characteristic(S::Fever),
    ListedSymptom::characteristic(S::SwollenLymphNodes),
    ListedSymptom::characteristic(S::Headache),
    ListedSymptom::characteristic(S::MusclePain),
    ListedSymptom::characteristic(S::BackPain),
    ListedSymptom::characteristic(S::Weakness),
    ListedSymptom::characteristic(S::Chills),
    ListedSymptom::characteristic(S::SoreThroat),
    ListedSymptom::characteristic(S::RectalPain),
    ListedSymptom::other(S::EyePain).alarming(),
    ListedSymptom::other(S::ShortnessOfBreath).alarming(),
    ListedSymptom::other(S::Confusion).alarming(),
    ListedSymptom::other(S::Seizure).alarming(),
    ListedSymptom::other(S::DifficultySwallowing).alarming(),
    ListedSymptom::other(S::PainWhenUrinating),
    ListedSymptom::other(S::RedEyes),
    ListedSymptom::other(S::Cough),
    ListedSymptom::other(S::Nausea),
    ListedSymptom::other(S::Vomiting),
    ListedSymptom::other(S::Diarrhoea),
];
