//! Figures of this server for Prometheus: which there are, what is read when somebody asks, and the text that is given.
//!
//! Labels are words of the program and patterns of routes: never a person, an authority, an id or an address. What counts is in
//! the crates that do the work; each figure stands in [`FIGURES`], and a test reads the sources.

mod process;
mod sampled;
mod table;

pub use process::{host_name, most_files};
pub(crate) use sampled::sample;
pub use table::{FIGURES, Figure, Kind, as_table};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;

/// Seconds into which what lasts is counted.
const BUCKETS: &[f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to count. Where somebody else counts already, there are no figures of ours.
pub(crate) fn count() {
    METRICS.get_or_init(|| {
        let matcher = Matcher::Suffix("_seconds".to_owned());
        let handle = PrometheusBuilder::new().set_buckets_for_metric(matcher, BUCKETS).ok()?.install_recorder().ok()?;
        for figure in FIGURES {
            match figure.kind {
                Kind::Counter => metrics::describe_counter!(figure.name, figure.what),
                Kind::Gauge => metrics::describe_gauge!(figure.name, figure.what),
                Kind::Histogram => metrics::describe_histogram!(figure.name, figure.what),
            }
        }
        Some(handle)
    });
}

/// Sums up what was counted, so that it takes no more and more memory while nobody asks.
pub(crate) fn sum_up() {
    if let Some(Some(handle)) = METRICS.get() {
        handle.run_upkeep();
    }
}

/// Returns all figures in the format of Prometheus.
pub(crate) fn text() -> String {
    METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default()
}
