//! How fast others are: what an authority's own shares can be compared with.

use crate::cited::Cited;

/// Hours that each step may take: from specimen to report, from report to interview, from naming contacts to telling
/// them.
pub const TARGET_HOURS: Cited<i64> = Cited::new(
    super::ON_TIME_HOURS,
    "Resolve to Save Lives 2020, COVID-19 contact tracing playbook, metrics: each step within 24 h",
);

const SPENCER: &str = "Spencer et al., MMWR 2021; 70(3): 83-87 (CDC): 56 US health departments, June to July 2020";
const MEDIAN: &str = "the median over departments, each of which counted for itself";

/// Share of index cases that were interviewed within 24 h of their report, 0 to 1.
pub const INTERVIEWED_IN_24_H: Cited<f64> = Cited::with_caution(0.57, SPENCER, MEDIAN);

/// Share of contacts that were told within 24 h of being named, 0 to 1.
pub const NOTIFIED_IN_24_H: Cited<f64> = Cited::with_caution(0.55, SPENCER, MEDIAN);

/// Contacts that an index case names.
pub const CONTACTS_PER_CASE: Cited<f64> = Cited::with_caution(1.15, SPENCER, MEDIAN);
