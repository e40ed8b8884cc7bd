//! `epitrace serve`: the page and the API.

use super::demo::demo_folder;
use crate::cli::Common;
use crate::config::{LogConfig, MailConfig, ServerConfig, TracesConfig};
use crate::failure::{Hinted, Misuse};
use crate::screen;
use crate::session::{DatabaseRole, Places, open_app};
use app::imports::{ImportOptions, Kind};
use app::{App, AppError, Worker};
use domain::diseases::Disease;
use server::mail::Mailer;
use server::serve::{Certificate, ServeError, listen};
use server::traces::{LogLayer, Traces};
use server::{Demo, Options, Platform};
use std::io::{Cursor, IsTerminal};
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;
use storage::StorageError;
use storage::folder::{DataFolder, Use};
use storage::ledger::Ledger;
use storage::pulse::Remembered;
use storage::store::CommitNotices;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The port of nobody else: Epitrace on a telephone's keys would be too long.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 7373);
/// Ports that a demo tries, one after the other.
const DEMO_PORTS: u16 = 20;
const DEFAULT_IMPORT_MIB: usize = 64;

const DEMO_USER: &str = "demo";
const DEMO_PASSWORD: &str = "take a look around";
/// Views that name no disease are about this one; the people of this week have another.
const DEMO_DISEASE: Disease = Disease::Mers;
const DEMO_NOTE: &str = "MERS in South Korea, 2015: 162 cases from the line list that the ECDC published";
const DEMO_CASES: &str = include_str!("../../../../demo/mers_korea_2015_linelist.csv");
const DEMO_LINKS: &str = include_str!("../../../../demo/mers_korea_2015_contacts.csv");
const DEMO_CASE_COLUMNS: &str = "id=id,onset=dt_onset,tested=dt_diag,reported=dt_report,age=age,sex=sex,place=loc_hosp,\
    outcome=outcome,died=dt_death,exposed_first=dt_start_exp,exposed_last=dt_end_exp";
const DEMO_LINK_COLUMNS: &str = "from=from,to=to,setting=exposure";

pub async fn run(common: &Common, asked: Option<SocketAddr>, is_demo: bool, opens: bool) -> anyhow::Result<ExitCode> {
    // First of all, so that whoever tells it to end while it starts is heard.
    let stop = told_to_stop()?;
    let common = if is_demo { demo_folder(common)? } else { common.clone() };
    let places = Places::of(&common)?;
    let brokers = places.config.event_log.brokers()?;
    let config = &places.config.server;
    let certificate = certificate(config)?;
    let drain = config.drain()?;
    // A demo's people don't exist; its mails wait.
    let mail = places.config.mail.as_ref().filter(|_| !is_demo);
    let mailer = mail.map(|mail| anyhow::Ok(Mailer::new(mail.options()?)?)).transpose()?;
    let listener = take_address(asked.or(config.listen), certificate.is_some() || config.behind_proxy, is_demo)?;
    let traces = log(&places.config.log, &places.config.traces)?;
    let folder = DataFolder::take(&places.data, Use::Shared)?;
    if folder.is_restoring() {
        return Err(StorageError::RestoreUnfinished.into());
    }
    let disease = if is_demo { DEMO_DISEASE } else { Disease::Covid19 };
    let app = open_app(&common, &places, &folder, DatabaseRole::App, Some(disease)).await?;
    settle(&app, &app.ledger(&places.keyring)).await;
    beat(&app, &app.remembered(&places.keyring)).await?;
    let scheme = if certificate.is_some() { "https" } else { "http" };
    let listens = listener.local_addr()?;
    let address = format!("{scheme}://{listens}");
    let outside = config.outside(&address, listens.ip().is_loopback())?;
    let app = match &outside {
        Some(url) => app.with_public_url(url),
        None => app,
    };
    let demo = if is_demo { Some(make_demo(&app).await?) } else { None };
    if let Some(demo) = &demo {
        screen::say(format!("{address}/  sign in as {} with the password: {}", demo.user_name, demo.password));
    } else {
        screen::say(format!("{address}/"));
        if places.is_postgres() {
            say_who_lacks_administrators(&app).await?;
        } else {
            say_first_links(&app, outside.as_deref().unwrap_or(&address)).await?;
        }
    }
    for authority in app.authorities_at_work().await? {
        app.take_jobs_over(authority.authority_id).await?;
        app.take_mails_over(authority.authority_id).await?;
    }
    let shelf = places.shelf(&folder, &app).await?;
    if let Some(shelf) = &shelf {
        app.open_door(shelf.clone()).await?;
    }
    if opens {
        open_page(&address);
    }
    let (runs, network) = places.network(&folder, &app, brokers).await?;
    let store = app.store.clone();
    let ledger = app.ledger(&places.keyring);
    let app = app.with_runs(runs);
    let platform = Platform::new(
        app,
        Options {
            folder,
            ledger,
            keyring: places.keyring.clone(),
            demo,
            behind_proxy: config.behind_proxy,
            most_import_bytes: config.most_import_mib.unwrap_or(DEFAULT_IMPORT_MIB) << 20,
            mail: MailConfig::setting(mail),
            certificate: config.certificate.clone(),
            drain,
        },
    )
    .with_network(network);
    match server::serve(platform, listener, certificate, mailer, stop).await {
        Err(ServeError::NotReplayed) => return Err(StorageError::NotReplayed.into()),
        served => served?,
    }
    if let Some(shelf) = shelf {
        shelf.close().await;
    }
    store.close().await;
    end_traces(traces).await;
    Ok(ExitCode::SUCCESS)
}

/// Beats before anybody is let in: what is done from now on is of after that. Where nothing can be remembered it goes without.
async fn beat(app: &App, remembered: &Remembered) -> anyhow::Result<()> {
    match app.beat(remembered).await {
        Err(error @ AppError::Storage(StorageError::NotReplayed)) => return Err(error.into()),
        Err(error) => tracing::error!(%error, "a database that is put back won't be known as such"),
        Ok(()) => {}
    }
    Ok(())
}

/// Ends what whoever erased was stopped in.
async fn settle(app: &App, ledger: &Ledger) {
    match app.settle_ledger(ledger).await {
        Ok(0) => {}
        Ok(n_erasures) => tracing::info!(n_erasures, "erased again what the ledger of erasures lists"),
        Err(error) => tracing::error!(%error, "the end of the ledger of erasures can't be replayed"),
    }
}

/// Sends the last traces. That waits for a thread, so it is done beside.
pub(super) async fn end_traces(traces: Option<Traces>) {
    if let Some(traces) = traces {
        // It fails only if the runtime ends.
        let _ = tokio::task::spawn_blocking(move || traces.end()).await;
    }
}

fn certificate(config: &ServerConfig) -> anyhow::Result<Option<Certificate>> {
    match (&config.certificate, &config.private_key) {
        (Some(chain), Some(key)) => Ok(Some(Certificate { chain: chain.clone(), key: key.clone() })),
        (None, None) => Ok(None),
        _ => Err(Misuse("[server] certificate and private_key belong together; give both or none".to_owned()).into()),
    }
}

/// Takes the address. Cookies travel only encrypted, so beyond this machine there must be TLS.
fn take_address(asked: Option<SocketAddr>, is_encrypted: bool, is_demo: bool) -> anyhow::Result<TcpListener> {
    let address = asked.unwrap_or(DEFAULT_LISTEN);
    if !address.ip().is_loopback() && is_demo {
        return Err(Misuse("a demo is for this machine; listen on 127.0.0.1".to_owned()).into());
    }
    if !address.ip().is_loopback() && !is_encrypted {
        let sentence = format!("{address} can be reached from other machines, and there is no TLS");
        let hint = "set [server] certificate and private_key, or behind_proxy = true where a proxy does TLS";
        return Err(Hinted { sentence, hint }.into());
    }
    let last = if is_demo && address.port() != 0 { address.port().saturating_add(DEMO_PORTS) } else { address.port() };
    let mut taken = None;
    for port in address.port()..=last {
        match listen(SocketAddr::new(address.ip(), port)) {
            Ok(listener) => return Ok(listener),
            Err(error) => taken = Some(error),
        }
    }
    let hint = "another program listens there, or the address is not this machine's; choose another with --listen";
    let sentence = taken.map_or_else(String::new, |error| error.to_string());
    Err(Hinted { sentence, hint }.into())
}

/// Begins to log to standard error, and to send traces where that is wanted. What it returns must be ended.
pub(super) fn log(config: &LogConfig, traces: &TracesConfig) -> anyhow::Result<Option<Traces>> {
    let level = match config.level.as_deref().unwrap_or("info") {
        "error" => LevelFilter::ERROR,
        "warn" => LevelFilter::WARN,
        "info" => LevelFilter::INFO,
        "debug" => LevelFilter::DEBUG,
        other => return Err(Misuse(format!("[log] level {other}: choose error, warn, info or debug")).into()),
    };
    let is_terminal = std::io::stderr().is_terminal();
    let format = config.format.as_deref().unwrap_or(if is_terminal { "text" } else { "json" });
    // A log that cannot be written, as on a full disk, ends nothing: said on the same place, that would end the thread.
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    // What goes into traces is no part of the log.
    let shown = Targets::new().with_default(level).with_target(server::traces::TARGET, LevelFilter::OFF);
    let lines: LogLayer = match format {
        "json" => lines.json().flatten_event(true).with_filter(shown).boxed(),
        "text" => lines.with_ansi(is_terminal).with_filter(shown).boxed(),
        other => return Err(Misuse(format!("[log] format {other}: choose json or text")).into()),
    };
    let told: LogLayer = CommitNotices::layer().and_then(lines).boxed();
    let (traces, layers) = match traces.options()? {
        Some(options) => {
            let (sent, spans) = Traces::begin(&options)?;
            (Some(sent), told.and_then(spans).boxed())
        }
        None => (None, told),
    };
    // Where a test has set a log already, that one stays.
    let _ = tracing_subscriber::registry().with(layers).try_init();
    Ok(traces)
}

/// Says how a first administrator signs in, where nobody can yet.
async fn say_first_links(app: &App, address: &str) -> anyhow::Result<()> {
    for authority in app.authorities().await? {
        if let Some(link) = app.first_administrator(&authority).await? {
            screen::say(format!(
                "{} has no administrator yet. This link makes {} one; it works once, for an hour:\n{address}{}",
                authority.name,
                link.account,
                link.path()
            ));
        }
    }
    Ok(())
}

/// Says which authorities nobody administers yet. Not by a link: each of several servers would void the one before, and what a
/// server says is kept in a journal.
async fn say_who_lacks_administrators(app: &App) -> anyhow::Result<()> {
    for authority in app.authorities().await? {
        if app.lacks_administrator(&authority).await? {
            screen::say(format!(
                "{} has no administrator yet. `epitrace admin create-account NAME --role administrator` makes one, with a link; \
                 `epitrace admin invite NAME` gives another link",
                authority.name
            ));
        }
    }
    Ok(())
}

/// Fills a demo: an account, people of this week, and the outbreak.
async fn make_demo(app: &App) -> anyhow::Result<Demo> {
    let worker: Worker = app.sign_in_locally("demo", None).await?;
    app.make_demo_account(&worker.authority, DEMO_USER, DEMO_PASSWORD).await?;
    let viewer = app.sign_in_as(DEMO_USER, None).await?;
    app.make_present_people(&viewer).await?;
    app.make_public_texts(&viewer).await?;
    let parts = [(Kind::Cases, DEMO_CASE_COLUMNS, DEMO_CASES), (Kind::Infections, DEMO_LINK_COLUMNS, DEMO_LINKS)];
    for (kind, columns, text) in parts {
        let options = ImportOptions { disease: Some(DEMO_DISEASE), ..ImportOptions::new(kind, columns) };
        app.import(&worker, Cursor::new(text.as_bytes()), &options, None, &mut |_| ()).await?;
    }
    Ok(Demo { user_name: DEMO_USER.to_owned(), password: DEMO_PASSWORD.to_owned(), note: DEMO_NOTE.to_owned() })
}

/// Opens the page where somebody sits before a screen. Where nobody does, or it fails, the printed address has to do.
fn open_page(address: &str) {
    let has_screen = cfg!(target_os = "macos")
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|at| !at.is_empty()));
    if has_screen && let Err(error) = opener::open_browser(address) {
        screen::say(format!("no browser opened by itself ({error}); open the address"));
    }
}

/// Listens from now on for being told to end, by Ctrl+C or by a supervisor's SIGTERM; the future is over when it is.
pub(super) fn told_to_stop() -> anyhow::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
