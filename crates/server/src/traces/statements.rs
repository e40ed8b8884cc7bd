//! Statements in traces: by the name that each of ours has in its first line. The driver tells the log how long each took; only its name
//! is taken from that, never its text.

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Tracer};
use opentelemetry_sdk::trace::SdkTracer;
use std::fmt::Debug;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};
use tracing::dispatcher::WeakDispatch;
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Where the driver says it.
pub(super) const TARGET: &str = "sqlx::query";
/// What stands before a name.
const BEFORE_NAME: &str = "-- ";
/// What is no statement of ours: beginning and end of transactions.
const OTHERS: [&str; 5] = ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "PRAGMA"];

/// Makes spans of statements.
pub(super) struct Statements {
    tracer: SdkTracer,
    dispatch: OnceLock<WeakDispatch>,
}

impl Statements {
    pub(super) fn new(tracer: SdkTracer) -> Self {
        Self { tracer, dispatch: OnceLock::new() }
    }
}

impl<S: tracing::Subscriber + for<'l> LookupSpan<'l>> Layer<S> for Statements {
    fn on_register_dispatch(&self, dispatch: &Dispatch) {
        let _ = self.dispatch.set(dispatch.downgrade());
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(dispatch) = self.dispatch.get().and_then(WeakDispatch::upgrade) else { return };
        // What no request or chore of ours asked for stands alone, and says nothing.
        let Some(span) = context.event_span(event) else { return };
        let Some(parent) = tracing_opentelemetry::get_otel_context(&span.id(), &dispatch) else { return };
        let mut told = Told::default();
        event.record(&mut told);
        let now = now();
        let begun = now.checked_sub(Duration::try_from_secs_f64(told.elapsed_s).unwrap_or_default()).unwrap_or(now);
        let name = name_of(&told.summary);
        let made = SpanBuilder::from_name(name.to_owned())
            .with_kind(SpanKind::Client)
            .with_start_time(begun)
            .with_attributes([KeyValue::new("db.response.returned_rows", told.n_rows)]);
        self.tracer.build_with_context(made, &parent).end_with_timestamp(now);
    }
}

/// The time, for a collector that compares hosts; nothing is decided by it.
#[allow(clippy::disallowed_methods, reason = "how long a statement took decides nothing")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// What the driver told of a statement.
#[derive(Default)]
struct Told {
    summary: String,
    elapsed_s: f64,
    n_rows: i64,
}

impl Visit for Told {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "elapsed_secs" {
            self.elapsed_s = value;
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "rows_returned" {
            self.n_rows = i64::try_from(value).unwrap_or(i64::MAX);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            value.clone_into(&mut self.summary);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

/// Returns the name of a statement, or a word that says nothing of it.
fn name_of(summary: &str) -> &str {
    if let Some(named) = summary.strip_prefix(BEFORE_NAME) {
        let name = named.split_whitespace().next().unwrap_or_default();
        let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_:".contains(c));
        return if is_name && name.contains("::") { name } else { "statement" };
    }
    let first = summary.split_whitespace().next().unwrap_or_default();
    OTHERS.into_iter().find(|other| *other == first).unwrap_or("statement")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_named_and_never_told() {
        assert_eq!(name_of("-- cases::find SELECT case_id …"), "cases::find");
        assert_eq!(name_of("BEGIN ISOLATION LEVEL READ …"), "BEGIN");
        assert_eq!(name_of("SELECT name FROM person …"), "statement");
        assert_eq!(name_of("-- O'Neill SELECT …"), "statement");
        assert_eq!(name_of("-- SELECT::x"), "statement");
        assert_eq!(name_of(""), "statement");
    }
}
