//! Influenza. Short intervals: tracing is a race.

use super::{
    CONTACT_TEMPERATURE_C, Disease, DiseaseProfile, INDEX_TEMPERATURE_C, InfectiousnessCurve, SAME_INFECTION_DAYS,
    SerialIntervalDays,
};
use crate::cited::Cited;

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
};
