//! COVID-19. The infectiousness by day is the mass of a shifted gamma density on each day, divided by the largest.

use super::{
    CONTACT_TEMPERATURE_C, Disease, DiseaseProfile, INDEX_TEMPERATURE_C, InfectiousnessCurve, SerialIntervalDays,
};
use crate::cited::Cited;
use crate::symptoms::{ListedSymptom, Symptom as S};

/// What is known of COVID-19.
pub const PROFILE: DiseaseProfile = DiseaseProfile {
    disease: Disease::Covid19,
    name: "COVID-19",
    incubation_median_days: Cited::new(
        5.1,
        "Lauer et al. 2020, Ann Intern Med 172:577, doi 10.7326/M20-0504: median 5.1 days (95 % CI 4.5 to 5.8)",
    ),
    incubation_max_days: Cited::new(14, "RKI 2021-01-15, management of contact persons: incubation at most 14 days"),
    days_before_onset: Cited::with_caution(
        2,
        "CDC 2020, definition of close contact: from 2 days before onset, or before the specimen was taken if there are no symptoms",
        "by the corrected curve of He et al. a look-back of 2 days misses 18 % of the infections; an authority may set 3 or 4",
    ),
    days_after_onset: Cited::with_caution(
        10,
        "CDC 2020, discontinuing isolation: 10 days after onset",
        "20 days in severe illness or weak immunity",
    ),
    follow_up_days: Cited::new(14, "RKI 2020, management of contact persons: 14 days from the last contact"),
    isolation_days: Cited::with_caution(
        10,
        "CDC 2020, discontinuing isolation: 10 days after onset, or after the test if there are no symptoms",
        "20 days in severe illness or weak immunity; it also takes 24 hours without fever",
    ),
    quarantine_days: Cited::with_caution(
        14,
        "RKI 2020, management of contact persons: 14 days from the last contact",
        "later guidelines let it end earlier with a negative test",
    ),
    contact_temperature_c: CONTACT_TEMPERATURE_C,
    index_temperature_c: INDEX_TEMPERATURE_C,
    same_infection_days: Cited::new(
        90,
        "CDC 2020-10, duration of isolation and precautions for adults with COVID-19: whoever tests positive within 3 months of the first symptoms most likely sheds the same virus",
    ),
    serial_interval: Cited::new(
        SerialIntervalDays { mean: 4.7, sd: 2.9 },
        "Nishiura et al. 2020, Int J Infect Dis 93:284, doi 10.1016/j.ijid.2020.02.060: mean 4.7, sd 2.9 days",
    ),
    room_safe_after_min: Cited::with_caution(
        30,
        "Corona-Warn-App, check-ins at venues: the stay of a case is prolonged by at most 30 minutes",
        "badly aired rooms stay infectious longer",
    ),
    infectiousness: Cited::with_caution(
        InfectiousnessCurve::ByDay { first_day: -8, weights: WEIGHTS },
        "He et al. 2020, Nat Med, doi 10.1038/s41591-020-0869-5, as corrected (doi 10.1038/s41591-020-1016-z), in the parameters of the Corona-Warn-App: gamma with shape 20.516508, rate 1.592124, shifted by 12.272481 days",
        "the first version of the paper had another curve, which was withdrawn",
    ),
    symptoms: Cited::with_caution(
        SYMPTOMS,
        "WHO 2022, COVID-19 case definition (WHO/2019-nCoV/Surveillance_Case_Definition/2022.1); which are characteristic and which suspicious: Quarano 2020, symptom catalogue, and CDC 2020, emergency warning signs",
        "what was characteristic changed with the variants: loss of smell was common in 2020 and is rare since 2022",
    ),
};

/// Days -8 to 12 relative to onset.
const WEIGHTS: &[f64] = &[
    0.002, 0.014, 0.062, 0.181, 0.386, 0.640, 0.870, 1.0, 1.0, 0.888, 0.711, 0.521, 0.353, 0.223, 0.132, 0.074, 0.040,
    0.020, 0.010, 0.005, 0.002,
];

/// What a diary asks for, as it is shown: what is characteristic first.
const SYMPTOMS: &[ListedSymptom] = &[
    ListedSymptom::characteristic(S::Fever),
    ListedSymptom::characteristic(S::Cough),
    ListedSymptom::characteristic(S::SoreThroat),
    ListedSymptom::characteristic(S::RunnyNose),
    ListedSymptom::characteristic(S::LossOfSmell).telling_of_contacts(),
    ListedSymptom::characteristic(S::LossOfTaste).telling_of_contacts(),
    ListedSymptom::characteristic(S::ShortnessOfBreath).alarming(),
    ListedSymptom::characteristic(S::PainWhenBreathing).alarming(),
    ListedSymptom::characteristic(S::Diarrhoea),
    ListedSymptom::characteristic(S::Weakness),
    ListedSymptom::other(S::ChestPain).alarming(),
    ListedSymptom::other(S::BlueLips).alarming(),
    ListedSymptom::other(S::Confusion).alarming(),
    ListedSymptom::other(S::Chills),
    ListedSymptom::other(S::Headache),
    ListedSymptom::other(S::MusclePain),
    ListedSymptom::other(S::JointPain),
    ListedSymptom::other(S::CoughWithSputum),
    ListedSymptom::other(S::CoughingUpBlood).alarming(),
    ListedSymptom::other(S::Wheezing),
    ListedSymptom::other(S::LossOfAppetite),
    ListedSymptom::other(S::Nausea),
    ListedSymptom::other(S::Vomiting),
    ListedSymptom::other(S::AbdominalPain),
    ListedSymptom::other(S::Dizziness),
    ListedSymptom::other(S::RedEyes),
    ListedSymptom::other(S::EarPain),
    ListedSymptom::other(S::Rash),
    ListedSymptom::other(S::SwollenLymphNodes),
    ListedSymptom::other(S::Seizure).alarming(),
];
