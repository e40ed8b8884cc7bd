//! What people do here, on both databases: through the same functions that page and command line call.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod bulk;
mod cases;
mod check_ins;
mod clock;
mod dashboard;
mod deletion;
mod demo;
mod diary;
mod duplicates;
mod exposures;
mod hand_overs;
mod historic_runs;
mod imports;
mod laboratory;
mod merges;
mod messages;
mod names;
mod occasions;
mod outbreak;
mod public_texts;
mod quiet_runs;
mod requests_between;
mod restores;
mod rights;
mod rule_sets;
mod runs;
mod territory;

use app::context::Clock;
use app::exposures::{ExposedPerson, ExposureQuery, Exposures, SearchDirection};
use app::imports::{ImportOptions, ImportSummary, Kind};
use app::{App, AppError, Worker};
use jiff::Timestamp;
use std::io::Cursor;
use std::sync::Arc;
use storage::Store;
use storage::sealing::{Keyring, Opener};
use testkit::Kit;
use testkit::kit::now;

/// Ids that were given out.
static IDS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1 << 40);

/// The platform on a kit's database, and its administrator.
pub struct Bench {
    pub app: App,
    pub worker: Worker,
    pub kit: Kit,
}

impl Bench {
    pub async fn on(kit: Kit) -> Self {
        let jobs = kit.database.open_for_jobs().await;
        let app = Self::app(&kit, kit.store.clone(), jobs, now());
        app.prepare_installation_key().await.unwrap();
        let worker = app.sign_in_as("test", None).await.unwrap();
        Self { app, worker, kit }
    }

    /// A platform on stores of one's own, at an instant. No two give out the same id.
    pub fn app(kit: &Kit, store: Store, jobs: Store, at: Timestamp) -> App {
        Self::app_with_clock(kit, store, jobs, Arc::new(move || at))
    }

    /// The same with a clock.
    pub fn app_with_clock(kit: &Kit, store: Store, jobs: Store, clock: Clock) -> App {
        let keyring = Keyring::open(&kit.keyring(), Opener::Auto).unwrap();
        let random = |bytes: &mut [u8]| {
            let n = IDS.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_be_bytes();
            bytes[2..10].copy_from_slice(&n);
        };
        App::new(store, jobs, Some(keyring.into()), clock, Arc::new(random))
    }

    /// The platform as the role that owns the schema: what the command line of an operator is.
    pub async fn as_owner(&self) -> App {
        let owner = self.kit.database.open_as_migrator().await;
        Self::app(&self.kit, owner.clone(), owner, now())
    }

    pub async fn try_import(&self, options: &ImportOptions, text: &str) -> Result<ImportSummary, AppError> {
        let source = Cursor::new(text.as_bytes().to_vec());
        self.app.import(&self.worker, source, options, None, &mut |_| ()).await
    }

    pub async fn import(&self, kind: Kind, columns: &str, text: &str) -> ImportSummary {
        self.try_import(&options(kind, columns), text).await.unwrap()
    }

    pub async fn trace(&self, query: &ExposureQuery) -> Exposures {
        self.app.exposures(&self.worker, query).await.unwrap()
    }

    pub async fn exposed(&self, person: &str) -> Vec<ExposedPerson> {
        self.trace(&forward(person)).await.persons
    }
}

pub fn options(kind: Kind, columns: &str) -> ImportOptions {
    ImportOptions::new(kind, columns)
}

pub fn forward(person: &str) -> ExposureQuery {
    ExposureQuery {
        person: person.to_owned(),
        direction: SearchDirection::Forward,
        window: None,
        generations: 1,
        disease: None,
    }
}

pub fn ids(found: &[ExposedPerson]) -> Vec<&str> {
    found.iter().map(|one| one.id.as_str()).collect()
}

pub const CASES: &str = "id=id,onset=onset";
pub const MET: &str = "from=from,until=until,a=a,b=b";
pub const STAYED: &str = "person=person,venue=venue,area=area,from=from,until=until";
