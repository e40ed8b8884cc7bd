//! Influenza. Short intervals: tracing is a race.

use super::{
    CONTACT_TEMPERATURE_C, Disease, DiseaseProfile, INDEX_TEMPERATURE_C, InfectiousnessCurve, SAME_INFECTION_DAYS,
    SerialIntervalDays,
};
use crate::cited::Cited;
use crate::symptoms::{ListedSymptom, Symptom as S};

/// What is known of Influenza.
pub const PROFILE: DiseaseProfile = DiseaseProfile {
    disease: Disease::Influenza,
    name: "Influenza",
    incubation_median_days: Cited::new(
        1.4,
        "Lessler et al. 2009, Lancet Infect Dis 9:291, doi 10.1016/S1473-3099(09)70069-6: median 1.4 days, influenza A",
    ),
    incubation_max_days: Cited::new(4, "CDC, influenza, clinical signs: 1 to 4 days"),
    days_before_onset: Cited::new(1, "CDC, how flu spreads: from 1 day before onset"),
    days_after_onset: Cited::with_caution(
        7,
        "CDC, how flu spreads: to 5 to 7 days after onset",
        "children and people with weak immunity longer",
    ),
    follow_up_days: Cited::with_caution(
        4,
        "Epitrace's own choice: the longest incubation",
        "contacts of influenza are seldom followed up",
    ),
    isolation_days: Cited::with_caution(
        7,
        "CDC, how flu spreads: to 5 to 7 days after onset",
        "children and people with weak immunity longer",
    ),
    quarantine_days: Cited::with_caution(
        4,
        "Epitrace's own choice: the longest incubation",
        "contacts of influenza are seldom quarantined",
    ),
    contact_temperature_c: CONTACT_TEMPERATURE_C,
    index_temperature_c: INDEX_TEMPERATURE_C,
    same_infection_days: SAME_INFECTION_DAYS,
    serial_interval: Cited::with_caution(
        SerialIntervalDays { mean: 2.8, sd: 1.5 },
        "Vink, Bootsma, Wallinga 2014, Am J Epidemiol 180:865, doi 10.1093/aje/kwu209: mean 2.8 days, A(H1N1)pdm09",
        "the standard deviation of 1.5 days is Epitrace's own choice, to be replaced by the observed one",
    ),
    room_safe_after_min: Cited::with_caution(
        0,
        "Epitrace's own choice: no rule on airing was found",
        "droplets and aerosol",
    ),
    infectiousness: Cited::new(
        InfectiousnessCurve::Flat,
        "Epitrace's own choice: no published curve by day was taken over",
    ),
    symptoms: Cited::with_caution(
        SYMPTOMS,
        "WHO 2023, fact sheet on seasonal influenza: fever, cough, sore throat, body aches, exhaustion, headache, runny nose; CDC, emergency warning signs of flu",
        "no symptom tells influenza from other respiratory infections",
    ),
};

/// What a diary asks for, as it is shown: what is characteristic first.
const SYMPTOMS: &[ListedSymptom] = &[
    ListedSymptom::characteristic(S::Fever),
    ListedSymptom::characteristic(S::Cough),
    ListedSymptom::characteristic(S::Chills),
    ListedSymptom::characteristic(S::Headache),
    ListedSymptom::characteristic(S::MusclePain),
    ListedSymptom::characteristic(S::Weakness),
    ListedSymptom::characteristic(S::SoreThroat),
    ListedSymptom::characteristic(S::RunnyNose),
    ListedSymptom::other(S::ShortnessOfBreath).alarming(),
    ListedSymptom::other(S::PainWhenBreathing).alarming(),
    ListedSymptom::other(S::ChestPain).alarming(),
    ListedSymptom::other(S::BlueLips).alarming(),
    ListedSymptom::other(S::Confusion).alarming(),
    ListedSymptom::other(S::Seizure).alarming(),
    ListedSymptom::other(S::JointPain),
    ListedSymptom::other(S::CoughWithSputum),
    ListedSymptom::other(S::CoughingUpBlood).alarming(),
    ListedSymptom::other(S::LossOfAppetite),
    ListedSymptom::other(S::Nausea),
    ListedSymptom::other(S::Vomiting),
    ListedSymptom::other(S::Diarrhoea),
    ListedSymptom::other(S::Dizziness),
    ListedSymptom::other(S::EarPain),
    ListedSymptom::other(S::RedEyes),
];
