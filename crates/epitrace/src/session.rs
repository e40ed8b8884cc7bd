//! Opening a data folder: lock, database, keyring, account.

use crate::cli::Common;
use crate::config::{Brokers, Config, MailConfig};
use crate::failure::Misuse;
use anyhow::Context;
use app::doctor::MailSetting;
use app::{App, Worker};
use domain::authorities::ShortCode;
use domain::diseases::Disease;
use domain::ids::mint;
use event_log::embedded::{Log, Options, SEGMENT_BYTES};
use jiff::Timestamp;
use keyring::caller::Address;
use keyring::tls::Certificates;
use server::Network;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use storage::check_ins::shelf::{Shelf, Tables};
use storage::check_ins::{DayFiles, folder_beside};
use storage::folder::{DataFolder, Use};
use storage::ledger::Ledger;
use storage::sealing::{Keyring, Keys, Opener, SealingError};
use storage::store::{CommitNotices, Durability, Place, RunStore};
use storage::{StorageError, Store, StoreOptions};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use zeroize::Zeroizing;

/// What nodes of runs report.
const TOPIC: &str = "coronaz";

/// Returns where the log of what nodes report lies.
pub fn log_folder(data: &Path) -> PathBuf {
    data.join("log").join(TOPIC)
}

/// A data folder in use, and who uses it.
pub struct Session {
    /// The platform.
    pub app: App,
    /// The account of this command.
    pub worker: Worker,
    /// Where the keyring is.
    pub keyring_folder: PathBuf,
    /// The data folder.
    pub folder: DataFolder,
    /// Where mails go.
    pub mail: MailSetting,
    /// Whether it is set up to take guests' check-ins.
    pub takes_check_ins: bool,
}

/// Which role of the database a command needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum DatabaseRole {
    /// Reads and writes rows.
    App,
    /// Owns the schema.
    Migrator,
}

/// Where things are, before anything is opened.
pub struct Places {
    /// Data folder.
    pub data: PathBuf,
    /// Keyring folder.
    pub keyring: PathBuf,
    /// Whether that folder was named with `--keyring`: then it goes before processes that are configured.
    names_keyring: bool,
    /// Configuration.
    pub config: Config,
}

impl Places {
    /// Works out where things are.
    pub fn of(common: &Common) -> anyhow::Result<Self> {
        let config = Config::read(common.config.as_deref())?;
        let data = match &common.data {
            Some(data) => data.clone(),
            None => default_data_folder()?,
        };
        let keyring =
            common.keyring.clone().or_else(|| config.keyring.folder.clone()).unwrap_or_else(|| data.join("keyring"));
        Ok(Self { data, keyring, names_keyring: common.keyring.is_some(), config })
    }

    /// Returns how to open the database in a role.
    pub fn store_options(&self, folder: &DataFolder, role: DatabaseRole) -> StoreOptions {
        let storage = &self.config.storage;
        let url = match role {
            DatabaseRole::App => storage.url.clone(),
            DatabaseRole::Migrator => storage.migrator_url.clone().or_else(|| storage.url.clone()),
        };
        let place = url.map_or_else(|| Place::File(folder.database()), Place::Postgres);
        StoreOptions { place, durability: Durability::Synced, n_connections: storage.connections.unwrap_or(4) }
    }

    fn jobs_options(&self, folder: &DataFolder) -> StoreOptions {
        let mut options = self.store_options(folder, DatabaseRole::App);
        if let Some(url) = &self.config.storage.jobs_url {
            options.place = Place::Postgres(url.clone());
        }
        options
    }

    /// Opens where guests' check-ins lie; `None` on PostgreSQL without a role that takes them.
    pub async fn shelf(&self, folder: &DataFolder, app: &App) -> anyhow::Result<Option<Shelf>> {
        if !self.is_postgres() {
            let files = DayFiles::open(&folder_beside(&folder.database()), Durability::Synced)?;
            return Ok(Some(Shelf::Files(files, app.store.clone())));
        }
        let Some(url) = &self.config.storage.intake_url else { return Ok(None) };
        let tables = Tables::connect(app.store.clone(), app.jobs_store.clone(), url).await?;
        Ok(Some(Shelf::Tables(tables)))
    }

    /// Opens where runs lie.
    pub async fn run_store(&self, folder: &DataFolder, store: &Store) -> anyhow::Result<RunStore> {
        let _turn = folder.turn()?;
        Ok(RunStore::beside(store, &self.store_options(folder, DatabaseRole::App)).await?)
    }

    /// Opens the database.
    pub async fn store(&self, folder: &DataFolder, role: DatabaseRole) -> anyhow::Result<Store> {
        let _turn = folder.turn()?;
        Ok(Store::open(&self.store_options(folder, role)).await?)
    }

    /// Opens where runs lie, and the log in which reports of their nodes wait: at brokers, where there are some.
    pub async fn network(
        &self,
        folder: &DataFolder,
        app: &App,
        brokers: Option<Brokers>,
    ) -> anyhow::Result<(RunStore, Network)> {
        let runs = self.run_store(folder, &app.store).await?;
        if let Some(Brokers { options, consumption }) = brokers {
            return Ok((runs.clone(), Network::over_brokers(options, consumption, runs)));
        }
        let options =
            Options { topic: TOPIC.to_owned(), fresh_id: mint(app.now(), app.random()), segment_bytes: SEGMENT_BYTES };
        let (log, opened) = Log::open(&log_folder(&self.data), options)?;
        if let Some(cut) = opened.cut.filter(|cut| cut.n_acknowledged > 0) {
            tracing::error!(
                n_records = cut.n_acknowledged,
                "the end of the event log is gone: a file was shortened from outside; what nodes reported then is lost"
            );
        }
        Ok((runs.clone(), Network::embedded(log, runs)))
    }

    /// Says whether facts are in PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.config.storage.url.is_some() || self.config.storage.migrator_url.is_some()
    }

    /// Returns which processes hold the keyring, and what is shown to them; `None` where it is a folder.
    fn asked(&self) -> anyhow::Result<Option<(Vec<Address>, Certificates)>> {
        if self.names_keyring { Ok(None) } else { self.config.keyring.asked() }
    }

    /// Opens the keys; `None` if there are none.
    pub async fn open_keys(&self, unlock_file: Option<&Path>) -> anyhow::Result<Option<Keys>> {
        match self.asked()? {
            Some((sides, certificates)) => Ok(Some(keyring::caller::open(sides, &certificates).await?)),
            None => Ok(self.open_keyring(unlock_file)?.map(Keys::from)),
        }
    }

    /// Opens the keyring that is a folder; `None` if there is none.
    pub fn open_keyring(&self, unlock_file: Option<&Path>) -> anyhow::Result<Option<Keyring>> {
        if !Keyring::exists(&self.keyring) {
            return Ok(None);
        }
        let opener = if Keyring::wants_secret(&self.keyring)? {
            Opener::Secret(self.secret(unlock_file)?.ok_or(SealingError::Locked)?)
        } else {
            self.root_opener()?
        };
        Ok(Some(Keyring::open(&self.keyring, opener)?))
    }

    /// Makes a keyring that is a folder.
    pub fn create_keyring(&self, unlock_file: Option<&Path>) -> anyhow::Result<Keyring> {
        let secret_file = unlock_file.or(self.config.keyring.unlock_file.as_deref());
        let opener = match secret_file {
            Some(path) => Opener::Secret(read_secret(path)?),
            None => self.root_opener()?,
        };
        Ok(Keyring::create(&self.keyring, opener)?)
    }

    /// Whether there is a keyring to be opened.
    pub fn has_keyring(&self) -> bool {
        let is_process = !self.names_keyring && !self.config.keyring.servers.is_empty();
        is_process || Keyring::exists(&self.keyring)
    }

    fn root_opener(&self) -> anyhow::Result<Opener> {
        match &self.config.keyring.root_key_file {
            None => Ok(Opener::Auto),
            Some(path) => {
                let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
                Ok(Opener::RootKey(Zeroizing::new(bytes)))
            }
        }
    }

    fn secret(&self, unlock_file: Option<&Path>) -> anyhow::Result<Option<Zeroizing<String>>> {
        if let Some(path) = unlock_file.or(self.config.keyring.unlock_file.as_deref()) {
            return read_secret(path).map(Some);
        }
        if std::io::stdin().is_terminal() {
            return Ok(Some(Zeroizing::new(rpassword::prompt_password("Secret of the keyring: ")?)));
        }
        Ok(None)
    }
}

/// Reads a secret: the first line of a file.
pub fn read_secret(path: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .map_err(|error| Misuse(format!("cannot read the secret in {}: {error}", path.display())))?;
    let line = text.lines().next().unwrap_or_default().to_owned();
    if line.is_empty() {
        return Err(Misuse(format!("{} is empty; its first line is the secret", path.display())).into());
    }
    Ok(Zeroizing::new(line))
}

impl Session {
    /// Opens a data folder for a command that works beside others.
    pub async fn open(common: &Common) -> anyhow::Result<Self> {
        let places = Places::of(common)?;
        let folder = DataFolder::take(&places.data, Use::Shared)?;
        Self::open_in(common, &places, folder, DatabaseRole::App).await
    }

    /// Opens a data folder as the role that owns the schema.
    pub async fn open_as_migrator(common: &Common) -> anyhow::Result<Self> {
        let places = Places::of(common)?;
        let folder = DataFolder::take(&places.data, Use::Shared)?;
        Self::open_in(common, &places, folder, DatabaseRole::Migrator).await
    }

    /// Opens a data folder that was taken already.
    pub async fn open_in(
        common: &Common,
        places: &Places,
        folder: DataFolder,
        role: DatabaseRole,
    ) -> anyhow::Result<Self> {
        if folder.is_restoring() {
            return Err(StorageError::RestoreUnfinished.into());
        }
        let app = open_app(common, places, &folder, role, Some(Disease::Covid19)).await?;
        let authority = authority(common)?;
        let local = !places.is_postgres() || role == DatabaseRole::Migrator;
        let worker = match (&common.account, local) {
            (Some(name), _) => app.sign_in_as(name, authority.as_ref()).await?,
            (None, true) => app.sign_in_locally(&user_of_system(), authority.as_ref()).await?,
            (None, false) => {
                let hint = "on PostgreSQL, name the account that acts with --account";
                return Err(Misuse(hint.to_owned()).into());
            }
        };
        let mail = MailConfig::setting(places.config.mail.as_ref());
        let takes_check_ins = !places.is_postgres() || places.config.storage.intake_url.is_some();
        Ok(Self { app, worker, keyring_folder: places.keyring.clone(), folder, mail, takes_check_ins })
    }

    /// Returns the ledger of erasures.
    pub fn ledger(&self) -> Ledger {
        self.app.ledger(&self.keyring_folder)
    }

    /// Ends a command: chains what it added to the audit log.
    pub async fn close(self) -> anyhow::Result<()> {
        self.app.chain_audit(&self.worker).await?;
        self.app.store.close().await;
        Ok(())
    }
}

/// Opens store and keyring, unless the database was put back to an earlier moment and what was deleted since not deleted again.
pub async fn open_app(
    common: &Common,
    places: &Places,
    folder: &DataFolder,
    role: DatabaseRole,
    disease: Option<Disease>,
) -> anyhow::Result<App> {
    let app = open_restored(common, places, folder, role, disease).await?;
    app.check_pulse(&app.remembered(&places.keyring)).await?;
    Ok(app)
}

/// Opens store and keyring, whatever moment the database is of. A keyring is made only where there is no authority yet: never over old
/// cells. A fresh file gets its authority, about the disease, if one is named; in PostgreSQL authorities are made by hand.
pub async fn open_restored(
    common: &Common,
    places: &Places,
    folder: &DataFolder,
    role: DatabaseRole,
    disease: Option<Disease>,
) -> anyhow::Result<App> {
    // Where a server has set a log already, that one listens too.
    let _ = tracing_subscriber::registry().with(CommitNotices::layer()).try_init();
    let mut store = places.store(folder, role).await?;
    let options = places.store_options(folder, role);
    if let Some(url) = &places.config.storage.standbys_url {
        store = store.with_standbys(url, options.n_connections)?;
    }
    let jobs_store = match (&options.place, &places.config.storage.jobs_url) {
        (Place::Postgres(_), Some(_)) => Store::open(&places.jobs_options(folder)).await?,
        _ => store.clone(),
    };
    let turn = folder.turn()?;
    let keys = places.open_keys(common.unlock_file.as_deref()).await?;
    let has_keyring = keys.is_some();
    let app = App::new(store, jobs_store, keys, Arc::new(now), Arc::new(fill_random));
    let app = app.with_press(letters::set).with_poster_press(letters::set_posters);
    let app = app.with_list_press(letters::set_guest_list);
    if !has_keyring && app.is_fresh().await? {
        app.take_keys(places.create_keyring(common.unlock_file.as_deref())?.into());
    }
    app.check_keyring().await?;
    app.prepare_installation_key().await?;
    if let Some(disease) = disease.filter(|_| !places.is_postgres()) {
        app.prepare_fresh(&machine_time_zone(), disease).await?;
    }
    drop(turn);
    Ok(app)
}

fn authority(common: &Common) -> anyhow::Result<Option<ShortCode>> {
    let parse = |code: &String| {
        ShortCode::new(code).map_err(|error| anyhow::Error::from(Misuse(format!("--authority {code}: {error}"))))
    };
    common.authority.as_ref().map(parse).transpose()
}

/// The one place where the program asks what time it is.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// The one place where the program asks for randomness for ids.
fn fill_random(bytes: &mut [u8]) {
    // Never fails on Linux: the system's generator is there from boot on. An id of zeros would still be
    // refused as a duplicate, never mistaken for another.
    let _ = getrandom::fill(bytes);
}

/// Returns the name of the machine's time zone.
pub fn machine_time_zone() -> String {
    jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned()
}

/// Returns the user of this machine, as the audit log names them.
pub fn user_of_system() -> String {
    ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok()).unwrap_or_else(|| "root".to_owned())
}

fn default_data_folder() -> anyhow::Result<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("XDG_DATA_HOME")
        .or_else(|| folder("HOME").map(|home| home.join(".local/share")))
        .map(|base| base.join("epitrace"))
        .ok_or_else(|| Misuse("name a data folder with --data".to_owned()).into())
}
