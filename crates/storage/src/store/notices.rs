//! What PostgreSQL says beside its answers. The driver gives it to the log alone, so it is listened for there.

use std::cell::Cell;
use std::fmt::{self, Debug};
use std::pin::pin;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// Where the driver says it.
const TARGET: &str = "sqlx::postgres::notice";

/// A commit that no standby has, though it is called done.
const NOT_REPLICATED: &str = "canceling wait for synchronous replication";

thread_local! {
    static HEARD: Cell<bool> = const { Cell::new(false) };
}

/// Listens to what PostgreSQL says of commits. **Belongs into the log of every process that writes to a cell**: without it a
/// commit whose wait for a standby was cancelled is taken for a sure one.
#[derive(Clone, Copy, Debug, Default)]
pub struct CommitNotices;

impl<S: Subscriber> Layer<S> for CommitNotices {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == TARGET {
            event.record(&mut Listener);
        }
    }
}

impl CommitNotices {
    /// Returns it as a layer that hears nothing else: a layer that hears all has the driver write down every statement.
    pub fn layer<S: Subscriber + for<'l> LookupSpan<'l>>() -> impl Layer<S> {
        Self.with_filter(Targets::new().with_target(TARGET, LevelFilter::WARN))
    }
}

struct Listener;

impl Visit for Listener {
    fn record_str(&mut self, _: &Field, value: &str) {
        if value.starts_with(NOT_REPLICATED) {
            HEARD.set(true);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, fmt::format(format_args!("{value:?}")).trim_matches('"'));
    }
}

/// Waits for something, and says whether PostgreSQL said meanwhile that a commit isn't on a standby. The driver speaks on the thread
/// on which it is waited for, while it is.
pub(super) async fn listening<F: Future>(future: F) -> (F::Output, bool) {
    let mut future = pin!(future);
    let mut has_heard = false;
    let output = std::future::poll_fn(|context| {
        HEARD.set(false);
        let polled = future.as_mut().poll(context);
        has_heard |= HEARD.take();
        polled
    });
    (output.await, has_heard)
}
