//! The keyring as a process: the same contract as a folder, and what two sides do when one of them is away.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod contract;
mod pair;
mod strangers;

use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::{AccountId, AuthorityId, VenueId};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use keyring::Clock;
use keyring::caller::{self, Address};
use keyring::process::{Options, Process};
use keyring::tls::Certificates;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use storage::sealing::{
    DayKind, KeyFolder, Keyring, Keys, Mirror, Opener, Opening, PublicKey, SealedKey, SealingError, Sender, Standing,
};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long a state may take to come.
const PATIENCE: Duration = Duration::from_secs(60);
const PORT: u16 = 7374;

pub fn now() -> Timestamp {
    "2026-12-01T12:00:00Z".parse().unwrap()
}

pub fn of(authority: i32, day: i8) -> VenueDay {
    VenueDay { authority_id: AuthorityId(authority), day: date(2026, 11, day) }
}

/// An instant some days after now.
pub fn in_days(days: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}

pub fn opening(of: VenueDay, venue_id: VenueId) -> Opening {
    let list = ListOfDay { of, venue_id };
    Opening { list, account_id: AccountId(uuid::Uuid::nil()), why: "infection_reported", at: now() }
}

pub fn venue() -> VenueId {
    VenueId::of_bits(5)
}

/// Seals something to a day, as a server does; what it takes to open it, and what must come out.
pub fn seal(of: VenueDay, public: &PublicKey) -> ([(u64, SealedKey); 1], Vec<u8>) {
    let sender = Sender::to(of, public).unwrap();
    let (key, sealed) = sender.data_key(venue()).unwrap();
    ([(sender.number(), sealed)], key.to_vec())
}

/// Waits for a state, with a limit.
pub async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let wait = async {
        while !is_so().await {
            tokio::task::yield_now().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, wait).await.is_ok(), "it never came: {what}");
}

/// An authority that signs certificates.
pub struct Office {
    folder: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Default for Office {
    fn default() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("authority.pem"), issuer.pem()).unwrap();
        Self { folder, issuer }
    }
}

impl Office {
    /// A certificate for a name.
    pub fn certificates(&self, name: &str) -> Certificates {
        let key = KeyPair::generate().unwrap();
        let signed = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let file = |suffix: &str| self.folder.path().join(format!("{name}.{suffix}"));
        std::fs::write(file("pem"), signed.pem()).unwrap();
        std::fs::write(file("key"), key.serialize_pem()).unwrap();
        let authority = self.folder.path().join("authority.pem");
        Certificates { certificate: file("pem"), private_key: file("key"), authority }
    }
}

/// Two hosts of a keyring, or one.
pub struct Hosts {
    pub office: Office,
    folder: TempDir,
    /// Addresses of this machine that nobody else uses.
    pub names: Vec<String>,
    running: Vec<Mutex<Option<Running>>>,
    hands: Vec<Arc<Mutex<Timestamp>>>,
}

struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

static HOSTS: AtomicU32 = AtomicU32::new(0);

impl Hosts {
    pub fn new(n: usize) -> Self {
        let network = std::process::id() % 16_000;
        let name = || {
            let host = HOSTS.fetch_add(1, Ordering::SeqCst);
            format!("127.{}.{}.{}", 64 + network / 256 % 64, network % 256, 1 + host % 250)
        };
        Self {
            office: Office::default(),
            folder: TempDir::new().unwrap(),
            names: (0..n).map(|_| name()).collect(),
            running: (0..n).map(|_| Mutex::default()).collect(),
            hands: (0..n).map(|_| Arc::new(Mutex::new(now()))).collect(),
        }
    }

    /// Two that have spoken with each other.
    pub async fn pair() -> Self {
        let hosts = Self::new(2);
        hosts.start(0).await;
        hosts.start(1).await;
        hosts.together().await;
        hosts
    }

    /// The folder of a host.
    pub fn keyring(&self, host: usize) -> PathBuf {
        self.folder.path().join(format!("keyring-{host}"))
    }

    pub fn address(&self, host: usize) -> Address {
        Address { name: self.names[host].clone(), port: PORT }
    }

    pub fn certificates(&self, host: usize) -> Certificates {
        self.office.certificates(&self.names[host])
    }

    pub fn set_clock(&self, host: usize, at: Timestamp) {
        *self.hands[host].lock().unwrap() = at;
    }

    fn options(&self, host: usize) -> Options {
        let mirror = (self.names.len() == 2).then(|| self.address(1 - host));
        let name = self.names[host].clone();
        let listen = format!("{name}:{PORT}").parse().unwrap();
        Options { listen, certificates: self.office.certificates(&name), name, mirror }
    }

    /// Starts the process of a host, on what lies in its folder.
    pub async fn start(&self, host: usize) {
        let folder = open_folder(&self.keyring(host));
        let hand = Arc::clone(&self.hands[host]);
        let clock: Clock = Arc::new(move || *hand.lock().unwrap());
        let process = Process::open(folder, &self.options(host), clock).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(process.serve(async {
            let _ = stopped.await;
        }));
        *self.running[host].lock().unwrap() = Some(Running { stop, task });
    }

    /// Ends the process of a host.
    pub async fn stop(&self, host: usize) {
        let running = self.running[host].lock().unwrap().take().unwrap();
        running.stop.send(()).unwrap();
        running.task.await.unwrap();
    }

    /// The keys as a server has them that may ask all hosts.
    pub async fn keys(&self) -> Keys {
        let all = (0..self.names.len()).map(|host| self.address(host)).collect();
        caller::open(all, &self.office.certificates("127.0.0.1")).await.unwrap()
    }

    /// The keys as a server has them that reaches one host alone.
    pub async fn keys_of(&self, host: usize) -> Keys {
        caller::open(vec![self.address(host)], &self.office.certificates("127.0.0.1")).await.unwrap()
    }

    /// How a host stands; `None` if it isn't there.
    pub async fn standing(&self, host: usize) -> Option<Standing> {
        let certificates = self.office.certificates("127.0.0.1");
        let mut all = caller::standings(vec![self.address(host)], &certificates).await.unwrap();
        all.pop().and_then(|(_, standing)| standing.ok())
    }

    pub async fn together(&self) {
        for host in 0..2 {
            self.wait_for(host, Mirror::There).await;
        }
    }

    pub async fn wait_for(&self, host: usize, mirror: Mirror) {
        until("a standing", || async { self.standing(host).await.is_some_and(|standing| standing.mirror == mirror) })
            .await;
    }

    /// An operator says on a host that it is alone.
    pub async fn say_alone(&self, host: usize) -> Result<(), keyring::KeyringError> {
        caller::tell_alone(&self.address(host), &self.certificates_of_process(host)).await
    }

    /// Those that its process shows: made when it started.
    fn certificates_of_process(&self, host: usize) -> Certificates {
        let file = |suffix: &str| self.office.folder.path().join(format!("{}.{suffix}", self.names[host]));
        let authority = self.office.folder.path().join("authority.pem");
        Certificates { certificate: file("pem"), private_key: file("key"), authority }
    }
}

pub fn open_folder(path: &Path) -> KeyFolder {
    let keyring =
        if Keyring::exists(path) { Keyring::open(path, Opener::Auto) } else { Keyring::create(path, Opener::Auto) };
    keyring.unwrap().into()
}

/// Makes a day and seals something to it.
pub async fn day(keys: &Keys, of: VenueDay) -> ([(u64, SealedKey); 1], Vec<u8>) {
    let public = keys.make(DayKind::Arrivals, &[(of, in_days(9))]).await.unwrap();
    seal(of, &public[0])
}

/// Asserts that something opens.
pub async fn opens(keys: &Keys, of: VenueDay, (sealed, key): &([(u64, SealedKey); 1], Vec<u8>)) {
    assert_eq!(keys.open(&opening(of, venue()), sealed).await.unwrap()[0].1[..], key[..]);
}

/// Asserts that a day's key is destroyed.
pub async fn is_gone(keys: &Keys, of: VenueDay, (sealed, _): &([(u64, SealedKey); 1], Vec<u8>)) {
    assert!(matches!(keys.open(&opening(of, venue()), sealed).await, Err(SealingError::NoKey)));
}
