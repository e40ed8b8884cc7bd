//! The report on two real outbreaks equals what another program computed: see `data/NOTICE.md` and `data/expected.py`.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use contact_graph::doubling_time::DoublingBasis;
use contact_graph::outbreak::{
    CaseRecord, LinkRecord, OutbreakInput, OutbreakOptions, OutbreakReport, ReproductionNumbers, derive_outbreak_report,
};
use contact_graph::reproduction_number::discretised::{DiscretisedInterval, SerialIntervalSource};
use serde_json::Value;

struct Outbreak {
    ids: Vec<String>,
    report: OutbreakReport,
    expected: Value,
}

static MERS: LazyLock<Outbreak> = LazyLock::new(|| {
    let cases = rows("mers_korea_2015_linelist.csv");
    let links = rows("mers_korea_2015_contacts.csv");
    let links: Vec<_> = links.iter().map(|link| (link["from"].clone(), link["to"].clone())).collect();
    outbreak("mers", &cases, "id", "dt_onset", &links)
});

static HAGELLOCH: LazyLock<Outbreak> = LazyLock::new(|| {
    let cases = rows("measles_hagelloch_1861.csv");
    let named = cases.iter().filter(|case| !case["infector"].is_empty());
    let links: Vec<_> = named.map(|case| (case["infector"].clone(), case["case_ID"].clone())).collect();
    outbreak("hagelloch", &cases, "case_ID", "date_of_prodrome", &links)
});

fn path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_path(path(name)).unwrap().deserialize().map(Result::unwrap).collect()
}

fn outbreak(
    name: &str,
    rows: &[BTreeMap<String, String>],
    id: &str,
    onset: &str,
    links: &[(String, String)],
) -> Outbreak {
    let ids: Vec<_> = rows.iter().map(|row| row[id].clone()).collect();
    let position: BTreeMap<_, _> = ids.iter().zip(0u32..).collect();
    let date = |row: &BTreeMap<String, String>, column| row.get(column).and_then(|text: &String| text.parse().ok());
    let cases = rows.iter().map(|row| CaseRecord {
        onset: date(row, onset),
        reported: date(row, "dt_report"),
        ..CaseRecord::default()
    });
    let links = links.iter().map(|(a, b)| LinkRecord { infector: position[a], infected: position[b], setting: None });
    let input = OutbreakInput { cases: cases.collect(), links: links.collect(), exposed: vec![] };
    let options = OutbreakOptions {
        as_of: None,
        window_days: 7,
        profile_interval: None,
        given_interval: None,
        doubling_window_days: 14,
        doubling_basis: DoublingBasis::Daily,
        n_top_spreaders: 3,
    };
    let report = derive_outbreak_report(&input, &options).unwrap();
    let mut expected: Value = serde_json::from_reader(std::fs::File::open(path("expected.json")).unwrap()).unwrap();
    Outbreak { ids, report, expected: expected[name].take() }
}

impl Outbreak {
    fn reproduction_numbers(&self) -> &ReproductionNumbers {
        self.report.reproduction_numbers.as_ref().unwrap()
    }

    /// Cases, links, largest generation, largest tree.
    fn counts(&self) -> (usize, usize, u32, usize) {
        let chains = &self.report.chains;
        (self.report.cases, self.report.links, chains.generations, chains.largest_chain)
    }
}

fn assert_close(found: f64, expected: &Value, tolerance: f64, what: &str) {
    let expected = expected.as_f64().unwrap();
    let error = (found - expected).abs() / expected.abs().max(1e-12);
    assert!(error < tolerance, "{what}: found {found}, expected {expected}");
}

#[test]
fn counts_generations_and_largest_chain_are_the_known_ones() {
    assert_eq!(MERS.counts(), (162, 98, 3, 94));
    assert_eq!(HAGELLOCH.counts(), (188, 184, 5, 173));
    for outbreak in [&*MERS, &*HAGELLOCH] {
        assert!(outbreak.report.links_rejected.is_empty());
        assert_eq!(outbreak.report.chains.links_on_cycles, 0);
    }
}

#[test]
fn three_cases_of_mers_infected_most() {
    let offspring = &MERS.report.offspring;
    let top: Vec<_> =
        offspring.top_spreaders.iter().map(|s| (MERS.ids[s.case_idx as usize].as_str(), s.n_offspring)).collect();
    assert_eq!(top, [("SK_14", 38), ("SK_1", 26), ("SK_16", 21)]);
    assert_eq!(offspring.mean, Some(98.0 / 162.0));
}

#[test]
fn serial_intervals_equal_the_independent_ones() {
    for outbreak in [&*MERS, &*HAGELLOCH] {
        let (found, expected) = (outbreak.report.serial_interval, &outbreak.expected["serial_interval"]);
        assert_eq!(found.n as u64, expected["n"].as_u64().unwrap());
        assert_close(found.mean_days.unwrap(), &expected["mean"], 1e-12, "mean");
        assert_close(found.sd_days.unwrap(), &expected["sd"], 1e-12, "sd");
        assert_close(found.median_days.unwrap(), &expected["median"], 1e-12, "median");
        assert_eq!(outbreak.reproduction_numbers().interval.source, SerialIntervalSource::Observed);
    }
}

#[test]
fn dispersion_and_its_interval_equal_the_independent_ones() {
    for outbreak in [&*MERS, &*HAGELLOCH] {
        let (found, expected) = (outbreak.report.offspring.dispersion_k, &outbreak.expected["dispersion_k"]);
        assert_close(found.estimate.unwrap(), &expected["estimate"], 1e-6, "k");
        assert_close(found.lower.unwrap(), &expected["lower"], 1e-6, "lower");
        assert_close(found.upper.unwrap(), &expected["upper"], 1e-6, "upper");
    }
}

#[test]
fn the_discretised_serial_interval_equals_its_definition_by_quadrature() {
    for outbreak in [&*MERS, &*HAGELLOCH] {
        let weights = DiscretisedInterval::new(outbreak.reproduction_numbers().interval.interval).unwrap();
        for (day, expected) in outbreak.expected["discretised_serial_interval"].as_array().unwrap().iter().enumerate() {
            let found = weights.by_day().get(day).copied().unwrap_or(0.0);
            let expected = expected.as_f64().unwrap();
            let expected = if expected < 1e-9 { 0.0 } else { expected };
            assert!((found - expected).abs() <= 1e-12 + 1e-6 * expected, "day {day}: {found}, expected {expected}");
        }
    }
}

#[test]
fn the_instantaneous_reproduction_number_equals_the_independent_one_on_every_day() {
    for outbreak in [&*MERS, &*HAGELLOCH] {
        let days = outbreak.reproduction_numbers().cori.iter();
        let found: Vec<_> = days.filter_map(|day| Some((day.date.to_string(), day.estimate.ok()?))).collect();
        let expected = outbreak.expected["cori"].as_array().unwrap();
        assert_eq!(found.len(), expected.len());
        for ((date, found), expected) in found.iter().zip(expected) {
            assert_eq!(date, expected["date"].as_str().unwrap());
            let values = [found.mean, found.sd, found.lower, found.median, found.upper];
            for (found, name) in values.into_iter().zip(["mean", "sd", "lower", "median", "upper"]) {
                assert_close(found, &expected[name], 1e-6, &format!("{date} {name}"));
            }
        }
    }
}

#[test]
fn the_cohort_reproduction_number_equals_the_full_matrix_of_pairs() {
    for outbreak in [&*MERS, &*HAGELLOCH] {
        let days = &outbreak.reproduction_numbers().cohort.days;
        let expected = outbreak.expected["wallinga_teunis"].as_array().unwrap();
        assert_eq!(days.len(), expected.len());
        for (found, expected) in days.iter().zip(expected) {
            assert_eq!(found.date.to_string(), expected["date"].as_str().unwrap());
            let expected = expected["mean"].as_f64().unwrap();
            assert!((found.mean - expected).abs() < 1e-6, "{}: {}, expected {expected}", found.date, found.mean);
        }
    }
}

#[test]
fn curves_hold_every_dated_case() {
    let (onset, report) = (&MERS.report.epi_curve_by_onset, &MERS.report.epi_curve_by_report);
    let total = |curve: &contact_graph::epi_curve::EpiCurve| curve.days.iter().map(|day| day.count).sum::<u32>();
    assert_eq!((total(onset), onset.n_without_date), (135, 27));
    assert_eq!((total(report), report.n_without_date), (162, 0));
}
