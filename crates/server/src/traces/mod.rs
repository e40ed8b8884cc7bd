//! Traces for OpenTelemetry: from the request to the row, for some requests of many.
//!
//! Only what this program marks with the target [`TARGET`] goes out, and the names of statements: patterns of routes, names of
//! functions, counts. Never a text, a parameter, an address or an event of the log.

mod sender;
mod statements;

use axum::http::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use sender::Sender;
use statements::Statements;
use std::time::Duration;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::{Layer, Registry};

/// What is marked with it goes into traces, and not into the log.
pub const TARGET: &str = "epitrace::traces";
/// How the program is called there.
const SERVICE: &str = "epitrace";
/// How long the last traces may take to be sent.
const LAST_TRACES: Duration = Duration::from_secs(2);

/// Where traces go.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceOptions {
    /// A collector, as `http://127.0.0.1:4318`.
    pub endpoint: String,
    /// Which share of requests is traced, 0 to 1.
    pub share: f64,
}

/// Why nothing can be traced.
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The collector can't be sent to.
    #[error("traces can't be sent to the collector in [traces] endpoint")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A layer of the log.
pub type LogLayer = Box<dyn Layer<Registry> + Send + Sync>;

/// Traces that are being sent. What is left is sent by [`Traces::end`].
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send traces; returns the layer of the log that makes them. Within a runtime, which sends them.
    ///
    /// # Errors
    ///
    /// [`TracesError`] if the collector's address can't be used.
    pub fn begin(options: &TraceOptions) -> Result<(Self, LogLayer), TracesError> {
        let sender = Sender::new().map_err(|error| TracesError::Setup(Box::new(error)))?;
        let endpoint = format!("{}/v1/traces", options.endpoint.trim_end_matches('/'));
        let exporter = SpanExporter::builder().with_http().with_http_client(sender).with_endpoint(endpoint).build();
        let exporter = exporter.map_err(|error| TracesError::Setup(Box::new(error)))?;
        let resource = Resource::builder_empty()
            .with_service_name(SERVICE)
            .with_attribute(opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_attribute(opentelemetry::KeyValue::new("service.instance.id", crate::figures::host_name()))
            .build();
        let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(options.share)));
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .with_sampler(sampler)
            .build();
        let spans = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(Targets::new().with_target(TARGET, LevelFilter::INFO));
        let statements = Statements::new(provider.tracer(SERVICE));
        // The spans too, else it doesn't see within which a statement runs.
        let heard = Targets::new().with_target(statements::TARGET, LevelFilter::DEBUG);
        let statements = statements.with_filter(heard.with_target(TARGET, LevelFilter::INFO));
        // Not as a vector: layers in one aren't told which log they belong to, and statements would find no span.
        Ok((Self(provider), spans.and_then(statements).boxed()))
    }

    /// Sends what is left.
    pub fn end(self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_TRACES) {
            tracing::warn!(%error, "the last traces are lost");
        }
    }
}

/// Headers of a request, for the propagator.
struct Headers<'h>(&'h HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(axum::http::HeaderName::as_str).collect()
    }
}

/// Lets a span go on where a proxy's ended, by `traceparent`. Only what a proxy of ours says is believed: whoever calls could
/// have every request traced.
pub(crate) fn continue_from(span: &Span, headers: &HeaderMap) {
    if span.is_disabled() || !headers.contains_key("traceparent") {
        return;
    }
    let context = TraceContextPropagator::new().extract(&Headers(headers));
    if context.span().span_context().is_valid() {
        // It fails only where nothing is traced.
        let _ = span.set_parent(context);
    }
}
