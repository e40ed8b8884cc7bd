//! Middle East respiratory syndrome. Few people infect many; most infect nobody.

use super::{
    CONTACT_TEMPERATURE_C, Disease, DiseaseProfile, INDEX_TEMPERATURE_C, InfectiousnessCurve, SAME_INFECTION_DAYS,
    SerialIntervalDays,
};
use crate::cited::Cited;
use crate::symptoms::{ListedSymptom, Symptom as S};

/// What is known of MERS.
pub const PROFILE: DiseaseProfile = DiseaseProfile {
    disease: Disease::Mers,
    name: "MERS",
    incubation_median_days: Cited::new(
        5.2,
        "Assiri et al. 2013, N Engl J Med 369:407, doi 10.1056/NEJMoa1306742: median 5.2 days (95 % CI 1.9 to 14.7)",
    ),
    incubation_max_days: Cited::new(14, "WHO, Middle East respiratory syndrome: 2 to 14 days"),
    days_before_onset: Cited::new(
        0,
        "WHO, Middle East respiratory syndrome: no sign that cases infect before symptoms",
    ),
    days_after_onset: Cited::with_caution(
        14,
        "Epitrace's own choice: the time until isolation or recovery in most cases of Korea 2015",
        "ends at isolation; shedding lasts longer in severe illness",
    ),
    follow_up_days: Cited::new(
        14,
        "WHO, Middle East respiratory syndrome: contacts for 14 days after the last exposure",
    ),
    isolation_days: Cited::with_caution(
        14,
        "Epitrace's own choice: the time until recovery in most cases of Korea 2015",
        "shedding lasts longer in severe illness",
    ),
    quarantine_days: Cited::new(
        14,
        "WHO, Middle East respiratory syndrome: contacts for 14 days after the last exposure",
    ),
    contact_temperature_c: CONTACT_TEMPERATURE_C,
    index_temperature_c: INDEX_TEMPERATURE_C,
    same_infection_days: SAME_INFECTION_DAYS,
    serial_interval: Cited::new(
        SerialIntervalDays { mean: 12.6, sd: 2.8 },
        "Cowling et al. 2015, Euro Surveill 20(25):21163, doi 10.2807/1560-7917.ES2015.20.25.21163: mean 12.6, sd 2.8 days",
    ),
    room_safe_after_min: Cited::with_caution(
        0,
        "Epitrace's own choice: droplets and contact; no rule on airing was found",
        "spread through the air of wards in Korea 2015 is discussed",
    ),
    infectiousness: Cited::new(
        InfectiousnessCurve::Flat,
        "Epitrace's own choice: no published curve by day was taken over",
    ),
    symptoms: Cited::with_caution(
        SYMPTOMS,
        "WHO 2022, fact sheet on MERS-CoV: fever, cough and shortness of breath, often pneumonia, also diarrhoea; WHO 2017, MERS-CoV case definition for reporting: acute febrile respiratory illness",
        "which are suspicious is Epitrace's own choice: signs of pneumonia, and in contacts fever and cough",
    ),
};

/// What a diary asks for, as it is shown: what is characteristic first.
const SYMPTOMS: &[ListedSymptom] = &[
    ListedSymptom::characteristic(S::Fever).telling_of_contacts(),
    ListedSymptom::characteristic(S::Cough).telling_of_contacts(),
    ListedSymptom::characteristic(S::ShortnessOfBreath).alarming(),
    ListedSymptom::characteristic(S::Chills),
    ListedSymptom::characteristic(S::SoreThroat),
    ListedSymptom::characteristic(S::MusclePain),
    ListedSymptom::characteristic(S::Diarrhoea),
    ListedSymptom::characteristic(S::Weakness),
    ListedSymptom::other(S::PainWhenBreathing).alarming(),
    ListedSymptom::other(S::ChestPain).alarming(),
    ListedSymptom::other(S::CoughingUpBlood).alarming(),
    ListedSymptom::other(S::BlueLips).alarming(),
    ListedSymptom::other(S::Confusion).alarming(),
    ListedSymptom::other(S::CoughWithSputum),
    ListedSymptom::other(S::RunnyNose),
    ListedSymptom::other(S::Headache),
    ListedSymptom::other(S::JointPain),
    ListedSymptom::other(S::Nausea),
    ListedSymptom::other(S::Vomiting),
    ListedSymptom::other(S::AbdominalPain),
    ListedSymptom::other(S::LossOfAppetite),
];
