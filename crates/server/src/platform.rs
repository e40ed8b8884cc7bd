//! What every handler has at hand.

use crate::guard::TimeLimits;
use crate::limits::Limits;
use crate::network::{Network, Reported};
use crate::problem::{Kind, Problem};
use crate::status::Keeper;
use app::App;
use app::doctor::MailSetting;
use axum::extract::FromRef;
use domain::ids::RunId;
use protocol::http::session::DemoSignIn;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use storage::folder::DataFolder;
use storage::ledger::Ledger;
use tokio::sync::Notify;

/// The platform and how it is served.
#[derive(Clone)]
pub struct Platform {
    /// What people do here.
    pub app: App,
    inner: Arc<Inner>,
    time_limits: TimeLimits,
    network: Option<Arc<Network>>,
    keeper: Arc<Keeper>,
}

struct Inner {
    options: Options,
    limits: Limits,
    job_was_added: Notify,
}

/// How the platform is served.
pub struct Options {
    /// The data folder, for the doctor.
    pub folder: DataFolder,
    /// Where the keyring is.
    pub keyring: PathBuf,
    /// The ledger of erasures.
    pub ledger: Ledger,
    /// Set on a demo.
    pub demo: Option<Demo>,
    /// Whether a proxy stands before the server and names the caller in `x-forwarded-for`.
    pub behind_proxy: bool,
    /// Largest file that may be brought in, in bytes.
    pub most_import_bytes: usize,
    /// Where mails go, for the doctor.
    pub mail: MailSetting,
    /// The file with the certificate that the server shows, if it has one: operators are told before it ends.
    pub certificate: Option<PathBuf>,
    /// How long it takes callers after it was told to end, so that balancers see that it isn't ready any more.
    pub drain: Duration,
}

/// How to sign in to a demo.
#[derive(Clone, Debug)]
pub struct Demo {
    /// User name.
    pub user_name: String,
    /// Password.
    pub password: String,
    /// What the demo shows.
    pub note: String,
}

impl Platform {
    /// Puts it together.
    #[must_use]
    pub fn new(app: App, options: Options) -> Self {
        let inner = Inner { options, limits: Limits::default(), job_was_added: Notify::new() };
        let keeper = keeper(&app);
        Self { app, inner: Arc::new(inner), time_limits: TimeLimits::USUAL, network: None, keeper }
    }

    /// The same, with other limits of time.
    #[must_use]
    pub fn with_time_limits(self, time_limits: TimeLimits) -> Self {
        Self { time_limits, ..self }
    }

    /// The same, with a proximity network, as a server of its own.
    #[must_use]
    pub fn with_network(self, network: Network) -> Self {
        let keeper = keeper(&self.app);
        Self { network: Some(Arc::new(network)), keeper, ..self }
    }

    /// The proximity network.
    pub(crate) fn network(&self) -> Result<Arc<Network>, Problem> {
        self.network.clone().ok_or_else(|| Problem::new(Kind::Unavailable).detail("there is no proximity network here"))
    }

    /// Says that a run was made, so that its nodes come into being at once.
    pub(crate) fn run_was_made(&self) {
        if let Some(network) = &self.network {
            network.run_was_made();
        }
    }

    /// Appends reports of a run to the event log.
    pub(crate) async fn publish(&self, run_id: RunId, reports: Vec<Reported>) -> Result<(), Problem> {
        Ok(self.network()?.publish(run_id, reports, self.app.now()).await?)
    }

    /// How long a request may take.
    pub(crate) fn time_limits(&self) -> TimeLimits {
        self.time_limits
    }

    /// How it is served.
    pub(crate) fn options(&self) -> &Options {
        &self.inner.options
    }

    /// What the server keeps of itself.
    pub(crate) fn keeper(&self) -> &Keeper {
        &self.keeper
    }

    /// How often somebody may try to sign in.
    pub(crate) fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Wakes the job runner, and is waited for by it.
    pub(crate) fn job_was_added(&self) -> &Notify {
        &self.inner.job_was_added
    }

    /// How to sign in, if this is a demo.
    pub(crate) fn demo(&self) -> Option<DemoSignIn> {
        self.options().demo.as_ref().map(|demo| DemoSignIn {
            user_name: demo.user_name.clone(),
            password: demo.password.clone(),
            note: demo.note.clone(),
        })
    }
}

fn keeper(app: &App) -> Arc<Keeper> {
    Arc::new(Keeper::new(domain::ids::mint(app.now(), app.random()), app.now()))
}

impl FromRef<Platform> for App {
    fn from_ref(platform: &Platform) -> Self {
        platform.app.clone()
    }
}
