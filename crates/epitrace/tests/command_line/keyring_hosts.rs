//! The keyring as processes of its own: two that are killed again and again, what commands say, and what is in no log.
#![allow(clippy::disallowed_methods, reason = "the processes under test have the clock of the machine")]

use super::runs::MOST_LOOKS;
use super::serve::Server;
use super::*;
use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::{AccountId, AuthorityId, VenueId};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use keyring::caller;
use keyring::tls::Certificates;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use storage::sealing::{DayKind, Keys, Mirror, Opening, SealedKey, SealingError, Sender};

const PORT: u16 = 7375;
/// Changes that are acknowledged between two kills.
const BETWEEN: u32 = 30;
const PATIENCE: Duration = Duration::from_secs(120);
fn venue() -> VenueId {
    VenueId::of_bits(5)
}

static HOSTS: AtomicU32 = AtomicU32::new(0);

/// Two hosts, and a desk on which commands are typed.
struct Pair {
    desk: Desk,
    names: [String; 2],
    sides: [Option<Server>; 2],
}

impl Pair {
    fn new() -> Self {
        let desk = Desk::new();
        let network = std::process::id() % 16_000;
        let name = || {
            let host = HOSTS.fetch_add(1, Ordering::SeqCst);
            format!("127.{}.{}.{}", 128 + network / 256 % 64, network % 256, 1 + host % 250)
        };
        let names = [name(), name()];
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        desk.write("authority.pem", &issuer.pem());
        for who in [names[0].as_str(), &names[1], "app-1.example.org"] {
            let key = KeyPair::generate().unwrap();
            let signed = CertificateParams::new(vec![who.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
            desk.write(&format!("{who}.pem"), &signed.pem());
            desk.write(&format!("{who}.key"), &key.serialize_pem());
        }
        let pair = Self { desk, names, sides: [None, None] };
        for host in 0..2 {
            let listen = format!("listen = \"{}:{PORT}\"\n", pair.names[host]);
            pair.desk.write(&format!("keyring-{host}.toml"), &format!("{}{listen}", pair.section(&pair.names[host])));
        }
        pair.desk.write("app.toml", &pair.section("app-1.example.org"));
        pair
    }

    fn section(&self, who: &str) -> String {
        let [one, other] = &self.names;
        let file = |name: &str| self.desk.path(name).display().to_string();
        format!(
            "[keyring]\nservers = [\"{one}:{PORT}\", \"{other}:{PORT}\"]\ncertificate = \"{}\"\nprivate_key = \"{}\"\n\
             authority = \"{}\"\n",
            file(&format!("{who}.pem")),
            file(&format!("{who}.key")),
            file("authority.pem")
        )
    }

    fn folder(&self, host: usize) -> PathBuf {
        self.desk.path(&format!("keyring-{host}"))
    }

    /// What is typed on a host of the keyring.
    fn command(&self, host: usize, args: &[&str]) -> Command {
        let (config, folder) = (self.desk.path(&format!("keyring-{host}.toml")), self.folder(host));
        let mut command = self.desk.command(args);
        command.arg("--config").arg(config).arg("--keyring").arg(folder);
        command
    }

    fn start(&mut self, host: usize) {
        let mut command = self.command(host, &["keyring", "serve", "--name", &self.names[host]]);
        let log = std::fs::File::options().append(true).create(true).open(self.desk.path(&format!("log-{host}")));
        command.stderr(log.unwrap());
        self.sides[host] = Some(Server::start(command));
    }

    fn kill(&mut self, host: usize) {
        self.sides[host].take().unwrap().kill();
    }

    fn certificates(&self) -> Certificates {
        let path = |name: &str| self.desk.path(name);
        Certificates {
            certificate: path("app-1.example.org.pem"),
            private_key: path("app-1.example.org.key"),
            authority: path("authority.pem"),
        }
    }

    fn address(&self, host: usize) -> caller::Address {
        caller::Address { name: self.names[host].clone(), port: PORT }
    }

    async fn keys(&self, hosts: &[usize]) -> Keys {
        let all = hosts.iter().map(|host| self.address(*host)).collect();
        caller::open(all, &self.certificates()).await.unwrap()
    }

    /// Waits until both are there for each other.
    async fn together(&self) {
        let (all, certificates) = ((0..2).map(|host| self.address(host)).collect::<Vec<_>>(), self.certificates());
        let wait = async {
            loop {
                let standings = caller::standings(all.clone(), &certificates).await.unwrap();
                if standings.iter().all(|(_, one)| one.as_ref().is_ok_and(|one| one.mirror == Mirror::There)) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("they never came together");
    }

    /// What a command says on the desk, with the processes as its keyring.
    fn run(&self, args: &[&str]) -> Said {
        let config = self.desk.path("app.toml").display().to_string();
        self.desk.run(&[args, &["--config", &config]].concat())
    }
}

/// What a server knows of a day: how to open something of it, what must come out, and whether it was destroyed.
struct Known {
    sealed: [(u64, SealedKey); 1],
    key: Vec<u8>,
    is_destroyed: bool,
}

fn opening(of: VenueDay) -> Opening {
    let list = ListOfDay { of, venue_id: venue() };
    Opening { list, account_id: AccountId(uuid::Uuid::nil()), why: "infection_reported", at: Timestamp::now() }
}

/// Does something again and again until it is acknowledged.
async fn acknowledged<T, F: Future<Output = Result<T, SealingError>>>(what: impl Fn() -> F, n: &AtomicU32) -> T {
    loop {
        match what().await {
            Ok(done) => {
                n.fetch_add(1, Ordering::SeqCst);
                return done;
            }
            Err(SealingError::Away(_)) => tokio::task::yield_now().await,
            Err(other) => panic!("{other:?}"),
        }
    }
}

/// A server: makes days, opens what it sealed to them, and destroys every third. Returns what was acknowledged.
async fn server(keys: Keys, authority: i32, n: Arc<AtomicU32>, is_over: Arc<AtomicBool>) -> BTreeMap<VenueDay, Known> {
    let mut all = BTreeMap::new();
    let ends_at = Timestamp::now().checked_add(SignedDuration::from_hours(24 * 9)).unwrap();
    for number in 0.. {
        let day = date(2026, 11, 1).checked_add(jiff::Span::new().days(number)).unwrap();
        let of = VenueDay { authority_id: AuthorityId(authority), day };
        let days = [(of, ends_at)];
        let public = acknowledged(|| keys.make(DayKind::Arrivals, &days), &n).await;
        let sender = Sender::to(of, &public[0]).unwrap();
        let (key, sealed) = sender.data_key(venue()).unwrap();
        let sealed = [(sender.number(), sealed)];
        let opening = opening(of);
        let opened = acknowledged(|| keys.open(&opening, &sealed), &n).await;
        assert_eq!(opened[0].1[..], key[..]);
        let (is_destroyed, day) = (number % 3 == 2, [of]);
        if is_destroyed {
            acknowledged(|| keys.destroy(DayKind::Arrivals, &day), &n).await;
        }
        all.insert(of, Known { sealed, key: key.to_vec(), is_destroyed });
        if is_over.load(Ordering::SeqCst) {
            break;
        }
    }
    all
}

fn n_kills() -> usize {
    std::env::var("EPITRACE_DRILL_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(3)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_they_lose_nothing_acknowledged_and_bring_nothing_back() {
    let mut pair = Pair::new();
    pair.start(0);
    pair.start(1);
    pair.together().await;
    let (n, is_over) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let mut servers = Vec::new();
    for authority in 1..=3 {
        let keys = pair.keys(&[0, 1]).await;
        servers.push(tokio::spawn(server(keys, authority, Arc::clone(&n), Arc::clone(&is_over))));
    }
    for round in 0..n_kills() {
        let until = n.load(Ordering::SeqCst) + BETWEEN;
        let goes_on = async {
            while n.load(Ordering::SeqCst) < until {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, goes_on).await.expect("nothing is acknowledged any more");
        // One, the other, both.
        let hosts: &[usize] = [&[0][..], &[1], &[0, 1]][round % 3];
        hosts.iter().for_each(|host| pair.kill(*host));
        hosts.iter().for_each(|host| pair.start(*host));
    }
    is_over.store(true, Ordering::SeqCst);
    pair.together().await;
    let mut all = BTreeMap::new();
    for server in servers {
        all.append(&mut tokio::time::timeout(PATIENCE, server).await.expect("a server waits").unwrap());
    }
    assert!(all.len() as u32 * 3 > n_kills() as u32 * BETWEEN / 2);
    for host in 0..2 {
        let keys = pair.keys(&[host]).await;
        for (of, known) in &all {
            let opened = keys.open(&opening(*of), &known.sealed).await;
            match known.is_destroyed {
                true => assert!(matches!(opened, Err(SealingError::NoKey)), "{of:?} on {host}: {opened:?}"),
                false => assert_eq!(opened.unwrap()[0].1[..], known.key[..], "{of:?} on {host}"),
            }
        }
    }
    // Each side has what either wrote down.
    let logs = |host| {
        let logs = files(&pair.folder(host)).into_iter().filter(|path| path.to_string_lossy().ends_with(".log"));
        logs.map(|path| std::fs::read_to_string(path).unwrap()).collect::<String>()
    };
    for host in 0..2 {
        let log = logs(host);
        for of in all.keys() {
            let line = format!("authority {} venue {} day {} why", of.authority_id.0, venue(), of.day);
            assert!(log.contains(&line), "{line} on {host}");
        }
    }
    pair.sides.iter_mut().for_each(|side| side.take().unwrap().stop());
    no_secret_is_said(&pair);
}

/// Nothing that a process says holds 32 bytes in hexadecimal, as every key would be written, and no file beside the keys does.
fn no_secret_is_said(pair: &Pair) {
    let is_key = |word: &str| word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    for host in 0..2 {
        let said = std::fs::read_to_string(pair.desk.path(&format!("log-{host}"))).unwrap();
        assert!(said.contains("mirror of the keyring"), "{said}");
        assert!(!said.split(|c: char| !c.is_ascii_alphanumeric()).any(is_key), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_work_over_the_processes_as_over_a_folder_and_wait_while_both_are_away() {
    let mut pair = Pair::new();
    let away = pair.run(&["doctor"]);
    assert!(away.code == 75 && away.err.contains("the keyring is away"), "{} {}", away.code, away.err);
    pair.start(0);
    let waits = pair.run(&["doctor"]);
    assert!(waits.code == 75 && waits.err.contains("not spoken with its mirror"), "{} {}", waits.code, waits.err);
    pair.start(1);
    pair.together().await;
    let names = pair.desk.write("names.csv", "nr,name,onset\n1,Zyxwquarrendell,2020-03-01\n");
    let columns = "id=nr,last_name=name,onset=onset";
    let import = |pair: &Pair| pair.run(&["import", "cases", &names, "--columns", columns, "--json"]);
    let imported = import(&pair);
    assert_eq!(imported.code, 0, "{}", imported.err);
    let doctor = pair.run(&["doctor", "--json"]);
    let findings: Value = serde_json::from_str(&doctor.out).unwrap();
    let of_keyring = |findings: &Value| {
        let all = findings.as_array().unwrap().iter().filter(|one| one["check"] == "keyring");
        all.map(|one| one["verdict"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of_keyring(&findings), ["fine", "fine"], "{}", doctor.out);
    assert!(!pair.desk.data().join("keyring").exists(), "no key is on a server");
    let secret = pair.desk.write("secret", "correct horse battery\n");
    let copy = pair.desk.path("copy").display().to_string();
    let exported = pair.run(&["keys", "export", &copy, "--secret-file", &secret]);
    assert!(exported.out.starts_with("2 keys written"), "{}{}", exported.out, exported.err);

    pair.kill(1);
    let alone = said(pair.command(0, &["keyring", "alone", "--name", &pair.names[0]]).output().unwrap());
    assert_eq!(alone.code, 75, "its mirror spoke a moment ago: {}", alone.err);
    assert_eq!(import(&pair).code, 0, "names are opened with one of both");
    // The one that is left sees within a second or so that it is.
    let is_told = (0..MOST_LOOKS).any(|_| {
        let doctor = pair.run(&["doctor", "--json"]);
        let mut verdicts = of_keyring(&serde_json::from_str(&doctor.out).unwrap());
        verdicts.sort();
        doctor.code == 1 && verdicts == ["broken", "warning"]
    });
    assert!(is_told, "{}", pair.run(&["doctor"]).out);
    let status = pair.run(&["keyring", "status"]);
    assert!(status.code == 1 && status.out.contains("away"), "{}", status.out);

    pair.kill(0);
    assert_eq!(import(&pair).code, 75);
    pair.start(0);
    let alone = said(pair.command(0, &["keyring", "alone", "--name", &pair.names[0]]).output().unwrap());
    assert_eq!(alone.code, 0, "{}", alone.err);
    assert_eq!(import(&pair).code, 0);
    let not_its_own = pair.run(&["keyring", "alone", "--name", &pair.names[0]]);
    assert!(not_its_own.code == 75 && not_its_own.err.contains("may not ask this"), "{}", not_its_own.err);
    pair.start(1);
    pair.together().await;
    assert_eq!(pair.run(&["keyring", "status"]).code, 0);
}

#[test]
fn a_process_is_unlocked_as_a_folder_is() {
    let pair = Pair::new();
    let (secret, wrong) = (pair.desk.write("secret", "correct horse battery\n"), pair.desk.write("wrong", "staple\n"));
    let serve = ["keyring", "serve", "--name", &pair.names[0]];
    let unlocked = |file: &str| pair.command(0, &[&serve[..], &["--unlock-file", file]].concat());
    Server::start(unlocked(&secret)).stop();
    let mut locked = pair.command(0, &serve);
    let locked = said(locked.stdin(std::process::Stdio::null()).output().unwrap());
    assert!(locked.code == 75 && locked.err.contains("--unlock-file"), "{}", locked.err);
    let refused = said(unlocked(&wrong).output().unwrap());
    assert!(refused.code == 1 && refused.err.contains("does not open the keyring"), "{}", refused.err);
    Server::start(unlocked(&secret)).stop();
    assert!(!pair.folder(0).join("root.key").exists(), "the root key is nowhere on disk");
}

#[test]
fn what_is_configured_wrongly_is_said() {
    let pair = Pair::new();
    let says = |config: &str, args: &[&str], expected: &str| {
        let config = pair.desk.write("wrong.toml", config);
        let said = pair.desk.run(&[args, &["--config", &config]].concat());
        assert!(said.code == 2 && said.err.contains(expected), "{}: {}", said.code, said.err);
    };
    let section = pair.section("app-1.example.org");
    let serve = ["keyring", "serve", "--name", "keys-1.example.org"];
    says("[keyring]\nservers = [\"keys-1\"]\n", &["doctor"], "write name:port");
    says("[keyring]\nservers = [\"keys-1:7374\"]\n", &["doctor"], "certificate is missing");
    says(&format!("{section}folder = \"x\"\n"), &["doctor"], "both folder and servers");
    says(&section, &serve, "doesn't name keys-1.example.org once");
    says("", &serve, "servers is missing");
}
