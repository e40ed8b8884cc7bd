//! Start and end: listens, does its chores beside the requests, and ends when told to, without cutting anybody off.

use crate::mail::{self, Mailer};
use crate::platform::Platform;
use crate::{api, figures, jobs, network, status};
use app::AppError;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use socket2::{Domain, Socket, Type};
use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;
use storage::StorageError;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// Calls that may wait to be answered. The 128 of the standard library make telephones wait whole seconds when a hall opens.
const MOST_CALLING: i32 = 4096;
/// Seconds that requests get to end when the server is told to.
const LAST_REQUESTS: Duration = Duration::from_secs(5);
/// Seconds that the mail under way gets then. One that is cut off is sent again.
const LAST_MAIL: Duration = Duration::from_secs(10);
/// Seconds that nodes get to tell what they lived, and the consumer to store it. What is left waits in the log.
const LAST_REPORTS: Duration = Duration::from_secs(10);
/// How often the audit log is chained: within a second of being written.
const CHAIN_EVERY: Duration = Duration::from_millis(500);
/// How often the clock is compared with the database's.
const CLOCK_EVERY: Duration = Duration::from_secs(2);
/// How often sessions and links that are over, and names that nobody searches, are cleared away.
const CLEAR_EVERY: Duration = Duration::from_secs(60);
/// How often hidden items and ended days are looked at.
const WAKE_EVERY: Duration = Duration::from_secs(30);
/// How often it is noted how far the primary of the database is: so exactly is said how old a standby's picture is.
const NOTE_EVERY: Duration = Duration::from_secs(1);
/// How often figures are summed up: at a busy door many come together.
const SUM_UP_EVERY: Duration = Duration::from_secs(5);
/// Seconds that the last of it may take in the database.
const LAST_WRITES: Duration = Duration::from_secs(2);
/// How often it is seen what became of mails, and what follows from it.
const FOLLOW_EVERY: Duration = Duration::from_secs(2);
/// How often it is seen whether somebody lacks the tokens by which duplicates are found. Usually nobody does.
const TOKENS_EVERY: Duration = Duration::from_secs(60);
/// How often days of check-ins are looked at: made ahead, packed, ended. What ends at midnight ends minutes later.
const DAYS_EVERY: Duration = Duration::from_secs(300);
/// How often the end of periods is looked at; of several servers one does it.
const RETENTION_EVERY: Duration = Duration::from_secs(3600);

/// How often it is seen whether the database is still the one of now: on PostgreSQL, and in a file, which only `restore` puts back.
const BEAT_EVERY: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(60));

/// Why a server can't be started.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address can't be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which address.
        address: SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// Certificate or key can't be used.
    #[error("cannot use the certificate and key in `[server] certificate` and `private_key`")]
    Certificate(#[source] std::io::Error),
    /// The database was put back to an earlier moment while it served.
    #[error("the database was put back to an earlier moment")]
    NotReplayed,
    /// It broke while serving.
    #[error("the server stopped")]
    Stopped(#[source] std::io::Error),
}

/// Certificate and key, as PEM files.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The chain.
    pub chain: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Takes an address. What calls before the server answers waits.
///
/// # Errors
///
/// [`ServeError::Listen`] if it is taken, or not this machine's.
pub fn listen(address: SocketAddr) -> Result<TcpListener, ServeError> {
    let socket = || {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        // A server that was just stopped leaves connections behind, which would keep the address for a minute.
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        socket.listen(MOST_CALLING)?;
        socket.set_nonblocking(true)?;
        Ok(socket)
    };
    Ok(socket().map_err(|source| ServeError::Listen { address, source })?.into())
}

/// Serves until `stop` comes; then lets requests, and the mail under way, end. Without a mailer mails wait.
///
/// # Errors
///
/// [`ServeError`] if the certificate can't be used, the socket breaks, or the database is not the one of now any more.
pub async fn serve(
    platform: Platform,
    listener: TcpListener,
    certificate: Option<Certificate>,
    mailer: Option<Mailer>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    figures::count();
    // Before anybody is let in.
    status::mind_clock(&platform).await;
    let handle = Handle::new();
    let chores = chores(&platform);
    let runner = tokio::spawn(jobs::work(platform.clone()));
    let (tell, told) = watch::channel(false);
    let network =
        platform.network().ok().map(|network| tokio::spawn(network::work(platform.clone(), network, told.clone())));
    let mails = mailer.map(|mailer| tokio::spawn(mail::work(platform.clone(), mailer, told)));
    let (ending, was_told) = (handle.clone(), tell.subscribe());
    let (beating, draining) = (platform.clone(), platform.clone());
    let outcome = tokio::spawn(async move {
        tokio::select! {
            () = stop => {
                drain(&draining).await;
                tracing::info!("ending: requests get {} s", LAST_REQUESTS.as_secs());
                let _ = tell.send(true);
                ending.graceful_shutdown(Some(LAST_REQUESTS));
                Ok(())
            }
            () = beat(&beating) => {
                tracing::error!("ending at once: the database was put back to an earlier moment");
                let _ = tell.send(true);
                ending.shutdown();
                Err(ServeError::NotReplayed)
            }
        }
    });
    let service = api::router(platform.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let served = match certificate {
        None => {
            let server = axum_server::from_tcp(listener).map_err(ServeError::Stopped)?;
            server.handle(handle).serve(service).await
        }
        Some(certificate) => {
            let config = tls(&certificate).await?;
            let server = axum_server::from_tcp_rustls(listener, config).map_err(ServeError::Stopped)?;
            server.handle(handle).serve(service).await
        }
    };
    runner.abort();
    drop(chores);
    // At once: together they must end before a supervisor loses its patience.
    tokio::join!(end(mails, LAST_MAIL), end(network, LAST_REPORTS));
    // Nothing more is written into a database that isn't the one of now.
    if *was_told.borrow()
        && let Ok(Err(not_of_now)) = outcome.await
    {
        return Err(not_of_now);
    }
    let last = async {
        chain(&platform).await;
        status::leave(&platform).await;
    };
    if tokio::time::timeout(LAST_WRITES, last).await.is_err() {
        tracing::warn!(
            "the database takes too long; another server, or the next start, chains the rest of the audit log"
        );
    }
    served.map_err(ServeError::Stopped)
}

/// Says to balancers that nobody is to be sent any more, and serves whoever comes until they have seen it.
async fn drain(platform: &Platform) {
    platform.begin_draining();
    let lasts = platform.options().drain;
    if lasts.is_zero() {
        return;
    }
    tracing::info!("draining: for {} s callers are still served, and nobody is to be sent any more", lasts.as_secs());
    tokio::join!(tokio::time::sleep(lasts), status::speak(platform));
}

/// Waits for a task, but not for ever.
async fn end(task: Option<JoinHandle<()>>, at_most: Duration) {
    if let Some(mut task) = task
        && tokio::time::timeout(at_most, &mut task).await.is_err()
    {
        task.abort();
    }
}

async fn tls(certificate: &Certificate) -> Result<RustlsConfig, ServeError> {
    // Installing it twice is refused and changes nothing.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    RustlsConfig::from_pem_file(&certificate.chain, &certificate.key).await.map_err(ServeError::Certificate)
}

/// What a server does beside answering, each in a task of its own, so that none waits for another. What fails is tried
/// again at its next turn: a database that is away for a while ends nothing.
fn chores(platform: &Platform) -> JoinSet<()> {
    let mut all = JoinSet::new();
    let (chaining, clearing, ending) = (platform.clone(), platform.clone(), platform.clone());
    let waking = platform.clone();
    all.spawn(async move {
        let mut next = turns(WAKE_EVERY);
        loop {
            next.tick().await;
            wake(&waking).await;
        }
    });
    let noting = platform.clone();
    all.spawn(async move {
        let mut next = turns(NOTE_EVERY);
        loop {
            next.tick().await;
            // A primary that is away is said by whoever needs it.
            let _ = noting.app.note_position().await;
        }
    });
    let following = platform.clone();
    all.spawn(async move {
        let mut next = turns(FOLLOW_EVERY);
        loop {
            next.tick().await;
            follow(&following).await;
        }
    });
    let finding = platform.clone();
    all.spawn(async move {
        let mut next = turns(CHAIN_EVERY);
        loop {
            next.tick().await;
            chain(&chaining).await;
        }
    });
    all.spawn(async move {
        let mut next = turns(CLEAR_EVERY);
        loop {
            next.tick().await;
            clear(&clearing).await;
        }
    });
    all.spawn(async move {
        let mut next = turns(TOKENS_EVERY);
        loop {
            next.tick().await;
            write_tokens(&finding).await;
        }
    });
    all.spawn(async move {
        let mut next = turns(SUM_UP_EVERY);
        loop {
            next.tick().await;
            figures::sum_up();
        }
    });
    let speaking = platform.clone();
    all.spawn(async move {
        let mut next = turns(status::SPEAK_EVERY);
        loop {
            next.tick().await;
            status::speak(&speaking).await;
        }
    });
    let minding = platform.clone();
    all.spawn(async move {
        let mut next = turns(CLOCK_EVERY);
        loop {
            next.tick().await;
            status::mind_clock(&minding).await;
        }
    });
    let keeping = platform.clone();
    all.spawn(async move {
        let mut next = turns(DAYS_EVERY);
        loop {
            next.tick().await;
            keep_days(&keeping).await;
        }
    });
    all.spawn(async move {
        let mut next = turns(RETENTION_EVERY);
        loop {
            next.tick().await;
            end_periods(&ending).await;
        }
    });
    all
}

fn turns(every: Duration) -> tokio::time::Interval {
    let mut turns = tokio::time::interval(every);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    turns
}

/// Beats until the database turns out not to be the one of now: then persons who were erased are in it again.
async fn beat(platform: &Platform) {
    let remembered = platform.app.remembered(&platform.options().keyring);
    let (often, seldom) = BEAT_EVERY;
    let mut next = turns(if platform.app.store.kind() == "postgresql" { often } else { seldom });
    loop {
        next.tick().await;
        match platform.app.beat(&remembered).await {
            Ok(()) => {}
            Err(AppError::Storage(StorageError::NotReplayed)) => return,
            Err(error) => tracing::warn!(%error, "whether the database is the one of now is seen at the next turn"),
        }
    }
}

async fn chain(platform: &Platform) {
    let Ok(all) = platform.app.authorities_at_work().await else { return };
    for authority in all {
        if let Err(error) = platform.app.chain_new_audit(authority.authority_id).await {
            tracing::warn!(%error, "the audit log is not chained yet");
        }
    }
}

async fn clear(platform: &Platform) {
    platform.limits().forget();
    platform.app.drop_idle_names(platform.app.now());
    for authority in platform.app.authorities_at_work().await.unwrap_or_default() {
        if let Err(error) = platform.app.fold_tallies(authority.authority_id).await {
            tracing::warn!(%error, "numbers of cases are folded at the next turn");
        }
    }
    if has_right_clock(platform).await
        && let Err(error) = platform.app.end_what_is_over().await
    {
        tracing::warn!(%error, "sessions that are over stay for now");
    }
}

async fn wake(platform: &Platform) {
    if platform.is_aside() {
        return;
    }
    if let Err(error) = platform.app.wake_all_items().await {
        tracing::warn!(%error, "hidden items and ended days wait for the next turn");
    }
}

async fn follow(platform: &Platform) {
    platform.app.store.checkpoint_behind();
    if let Err(error) = platform.app.act_on_all_events().await {
        tracing::warn!(%error, "what became of mails is followed at the next turn");
    }
}

async fn write_tokens(platform: &Platform) {
    match platform.app.write_missing_tokens().await {
        Ok(0) => {}
        Ok(n_persons) => {
            tracing::info!(n_persons, "prepared persons that were stored before to be found as duplicates")
        }
        Err(error) => tracing::warn!(%error, "some persons can't be found as duplicates yet"),
    }
}

/// Whether what is over by this clock may be ended.
async fn has_right_clock(platform: &Platform) -> bool {
    let said = platform.app.require_right_clock().await;
    if let Err(error) = &said {
        tracing::warn!(%error, "what is over stays for now");
    }
    said.is_ok()
}

async fn keep_days(platform: &Platform) {
    if !has_right_clock(platform).await {
        return;
    }
    match platform.app.keep_days().await {
        Ok(0) => {}
        Ok(n_days) => tracing::info!(n_days, "destroyed the keys of days of check-ins, and dropped their rows"),
        Err(error) => tracing::warn!(%error, "days of check-ins stay as they are for now"),
    }
    match platform.app.end_upload_days().await {
        Ok(0) => {}
        Ok(n_days) => tracing::info!(n_days, "destroyed the keys of days of uploads, and dropped their rows"),
        Err(error) => tracing::warn!(%error, "days of uploads stay as they are for now"),
    }
}

async fn end_periods(platform: &Platform) {
    if !has_right_clock(platform).await {
        return;
    }
    if let Ok(network) = platform.network()
        && let Err(error) = network.sweep(platform.app.now()).await
    {
        tracing::warn!(%error, "what is over in the event log stays for now");
    }
    if let Err(error) = platform.app.forget_dead_letters().await {
        tracing::warn!(%error, "reports that were put aside stay for now");
    }
    match platform.app.run_due_retention(&platform.options().ledger).await {
        Ok(0) => {}
        Ok(n_ended) => tracing::info!(n_ended, "ended what has reached the end of its period"),
        Err(error) => tracing::warn!(%error, "what has reached the end of its period stays for now"),
    }
}
