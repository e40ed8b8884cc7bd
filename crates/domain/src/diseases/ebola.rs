//! Ebola virus disease. Nobody infects others before the first symptom.

use super::{
    CONTACT_TEMPERATURE_C, Disease, DiseaseProfile, INDEX_TEMPERATURE_C, InfectiousnessCurve, SAME_INFECTION_DAYS,
    SerialIntervalDays,
};
use crate::cited::Cited;
use crate::symptoms::{ListedSymptom, Symptom as S};

/// What is known of Ebola virus disease.
pub const PROFILE: DiseaseProfile = DiseaseProfile {
    disease: Disease::Ebola,
    name: "Ebola virus disease",
    incubation_median_days: Cited::with_caution(
        11.4,
        "WHO Ebola Response Team 2014, N Engl J Med 371:1481, doi 10.1056/NEJMoa1411100: 11.4 days",
        "a mean, not a median",
    ),
    incubation_max_days: Cited::new(21, "WHO, Ebola virus disease: 2 to 21 days"),
    days_before_onset: Cited::new(0, "WHO, Ebola virus disease: not infectious before symptoms"),
    days_after_onset: Cited::with_caution(
        21,
        "Epitrace's own choice: the time until discharge or death in most cases",
        "ends when blood is free of virus; body fluids may hold it for months",
    ),
    follow_up_days: Cited::new(
        21,
        "WHO 2014, contact tracing during an outbreak of Ebola virus disease: 21 days after the last contact",
    ),
    isolation_days: Cited::with_caution(
        21,
        "Epitrace's own choice: the time until discharge or death in most cases",
        "ends when blood is free of virus, not by the calendar",
    ),
    quarantine_days: Cited::with_caution(
        21,
        "WHO 2014, contact tracing during an outbreak of Ebola virus disease: 21 days after the last contact",
        "daily follow-up for 21 days; who must stay at home is decided locally",
    ),
    contact_temperature_c: CONTACT_TEMPERATURE_C,
    index_temperature_c: INDEX_TEMPERATURE_C,
    same_infection_days: SAME_INFECTION_DAYS,
    serial_interval: Cited::new(
        SerialIntervalDays { mean: 15.3, sd: 9.3 },
        "WHO Ebola Response Team 2014, N Engl J Med 371:1481, doi 10.1056/NEJMoa1411100: 15.3 (sd 9.3) days",
    ),
    room_safe_after_min: Cited::new(0, "WHO, Ebola virus disease: by contact with body fluids, not through the air"),
    infectiousness: Cited::new(
        InfectiousnessCurve::Flat,
        "Epitrace's own choice: no published curve by day was taken over",
    ),
    symptoms: Cited::with_caution(
        SYMPTOMS,
        "WHO 2014, case definition recommendations for Ebola or Marburg virus diseases: fever, headache, vomiting, anorexia, diarrhoea, lethargy, stomach pain, aching muscles or joints, difficulty swallowing or breathing, hiccup, inexplicable bleeding",
        "which are suspicious is Epitrace's own choice; in an outbreak a contact with any of them is to be seen",
    ),
};

/// What a diary asks for, as it is shown: what is characteristic first.
const SYMPTOMS: &[ListedSymptom] = &[
    ListedSymptom::characteristic(S::Fever).telling_of_contacts(),
    ListedSymptom::characteristic(S::Weakness),
    ListedSymptom::characteristic(S::Headache),
    ListedSymptom::characteristic(S::MusclePain),
    ListedSymptom::characteristic(S::JointPain),
    ListedSymptom::characteristic(S::Vomiting).telling_of_contacts(),
    ListedSymptom::characteristic(S::Diarrhoea).telling_of_contacts(),
    ListedSymptom::characteristic(S::AbdominalPain),
    ListedSymptom::characteristic(S::LossOfAppetite),
    ListedSymptom::characteristic(S::SoreThroat),
    ListedSymptom::characteristic(S::DifficultySwallowing),
    ListedSymptom::characteristic(S::Hiccups).alarming(),
    ListedSymptom::characteristic(S::Bleeding).alarming(),
    ListedSymptom::characteristic(S::BloodInStool).alarming(),
    ListedSymptom::characteristic(S::ShortnessOfBreath).alarming(),
    ListedSymptom::other(S::Confusion).alarming(),
    ListedSymptom::other(S::Seizure).alarming(),
    ListedSymptom::other(S::Nausea),
    ListedSymptom::other(S::Rash),
    ListedSymptom::other(S::RedEyes),
    ListedSymptom::other(S::ChestPain),
    ListedSymptom::other(S::BackPain),
    ListedSymptom::other(S::Cough),
];
