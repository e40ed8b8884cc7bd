//! The process: listens, sees who comes, and lets a side answer.

use crate::connection::Address;
use crate::side::{Side, reply};
use crate::tls::{self, Certificates};
use crate::wire::{self, Refusal, Reply, Said};
use crate::{Clock, KeyringError};
use rustls::pki_types::CertificateDer;
use std::fs::{File, OpenOptions, TryLockError};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use storage::sealing::{KeyFolder, SealingError};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Connections at once; more wait.
const MOST_CONNECTIONS: usize = 512;
/// How long it may take to prove who one is.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How long a connection may lie idle.
const IDLE: Duration = Duration::from_secs(600);
/// How often days are looked at that may have ended.
const END_EVERY: Duration = Duration::from_secs(10);

/// How a process is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its name, which its certificate has.
    pub name: String,
    /// Where its mirror is; `None` where there is to be none.
    pub mirror: Option<Address>,
    /// Its certificate, key and authority.
    pub certificates: Certificates,
}

/// A process that listens.
pub struct Process {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    own: CertificateDer<'static>,
    side: Arc<Side>,
    _lock: File,
}

impl Process {
    /// Takes the folder and the address.
    ///
    /// # Errors
    ///
    /// [`KeyringError`] if one of them is in use, or a certificate can't be used.
    pub async fn open(folder: KeyFolder, options: &Options, clock: Clock) -> Result<Self, KeyringError> {
        let certificates = tls::Read::of(&options.certificates)?;
        if !certificates.is_for(&options.name) {
            let path = options.certificates.certificate.display().to_string();
            return Err(KeyringError::Certificate { path, why: format!("it is not for {}", options.name) });
        }
        let own = certificates.own().cloned().unwrap_or_else(|| CertificateDer::from(Vec::new()));
        let lock = take(folder.path())?;
        let side = Side::new(folder, &options.name, options.mirror.clone(), &certificates, clock)?;
        let listen = |source| KeyringError::Listen { address: options.listen, source };
        let listener = TcpListener::bind(options.listen).await.map_err(listen)?;
        Ok(Self { listener, acceptor: certificates.acceptor()?, own, side: Arc::new(side), _lock: lock })
    }

    /// Returns where it listens.
    ///
    /// # Errors
    ///
    /// If the system doesn't say.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` comes. What was acknowledged is on disk, so there is nothing to finish.
    pub async fn serve(self, stop: impl Future<Output = ()>) {
        let linking = tokio::spawn(Arc::clone(&self.side).keep_link());
        let ended = Arc::clone(&self.side);
        let ending = tokio::spawn(async move {
            let mut next = tokio::time::interval(END_EVERY);
            loop {
                next.tick().await;
                ended.end_days();
            }
        });
        tokio::select! {
            () = self.accept() => {}
            () = stop => {}
        }
        linking.abort();
        ending.abort();
    }

    async fn accept(&self) {
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        // They end with this: whoever is told to stop says nothing more to anybody.
        let mut talks = JoinSet::new();
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let (stream, from) = match self.listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of files, mostly: those that are open end by themselves.
                    tracing::warn!(%error, "a connection can't be taken");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let (acceptor, side, own) = (self.acceptor.clone(), Arc::clone(&self.side), self.own.clone());
            while talks.try_join_next().is_some() {}
            talks.spawn(async move {
                match let_in(stream, &acceptor).await {
                    Ok(stream) => talk(stream, &side, &own).await,
                    Err(error) => tracing::warn!(%from, %error, "somebody wasn't let in to the keyring"),
                }
                drop(place);
            });
        }
    }
}

async fn let_in(stream: TcpStream, acceptor: &TlsAcceptor) -> std::io::Result<TlsStream<TcpStream>> {
    stream.set_nodelay(true)?;
    timeout(HANDSHAKE, acceptor.accept(stream)).await.map_err(|_| std::io::ErrorKind::TimedOut)?
}

/// Who is on the other end, by the certificate that was shown.
struct Caller {
    /// The other side.
    is_mirror: bool,
    /// This host itself.
    is_own: bool,
}

impl Caller {
    fn of(stream: &TlsStream<TcpStream>, side: &Side, own: &CertificateDer<'_>) -> Self {
        let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
        let is_mirror = |shown| side.name_of_other().is_some_and(|name| tls::is_for(shown, name));
        Self { is_mirror: shown.is_some_and(is_mirror), is_own: shown == Some(own) }
    }
}

async fn talk(mut stream: TlsStream<TcpStream>, side: &Side, own: &CertificateDer<'_>) {
    let caller = Caller::of(&stream, side, own);
    // Whoever says something that can't be read is hung up on.
    while let Ok(Ok(Some(said))) = timeout(IDLE, wire::read::<Said>(&mut stream)).await {
        let answer = match said {
            Said::Ask(ask) => reply(side.answer(&ask).await),
            Said::Mirror(said) if caller.is_mirror => side.hear(said).await.unwrap_or_else(Reply::Refused),
            Said::Alone if caller.is_own => side.go_on_alone().unwrap_or_else(Reply::Refused),
            Said::Mirror(_) | Said::Alone => Reply::Refused(Refusal::NotAllowed),
        };
        if wire::write(&mut stream, &answer).await.is_err() {
            return;
        }
    }
}

/// Takes a folder for this process alone.
fn take(folder: &Path) -> Result<File, KeyringError> {
    let path = folder.join("serve.lock");
    let failed = |source| SealingError::File { doing: "lock", path: path.display().to_string(), source };
    let open = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = open.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(KeyringError::InUse),
        Err(TryLockError::Error(error)) => Err(failed(error).into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use crate::connection::{ANSWER, Connection};
    use crate::wire::{Join, ToMirror};
    use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use storage::sealing::{Held, Keyring, Opener};

    /// With a server's certificate, whoever stole it can't take the keys of days as the mirror does.
    #[tokio::test]
    async fn a_server_is_no_mirror_and_gets_no_key_of_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let certificates = |name: &str| {
            let key = KeyPair::generate().unwrap();
            let signed = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
            let file = |suffix: &str| folder.path().join(format!("{name}.{suffix}"));
            std::fs::write(file("pem"), signed.pem()).unwrap();
            std::fs::write(file("key"), key.serialize_pem()).unwrap();
            std::fs::write(file("authority"), issuer.pem()).unwrap();
            Certificates { certificate: file("pem"), private_key: file("key"), authority: file("authority") }
        };
        let options = Options {
            listen: "127.0.0.1:0".parse().unwrap(),
            name: "127.0.0.1".to_owned(),
            mirror: Some("keys-2.example.org:1".parse().unwrap()),
            certificates: certificates("127.0.0.1"),
        };
        let keyring = Keyring::create(&folder.path().join("keyring"), Opener::Auto).unwrap();
        let process = Process::open(keyring.into(), &options, Arc::new(|| jiff::Timestamp::UNIX_EPOCH)).await.unwrap();
        let to = Address { name: "127.0.0.1".to_owned(), port: process.address().unwrap().port() };
        let serving = tokio::spawn(process.serve(std::future::pending()));
        let join = || {
            let held = Held::default();
            let (now, beats) = (jiff::Timestamp::UNIX_EPOCH, None);
            let join = Join { id: None, folder: "0".repeat(32), now, held, beats };
            Said::Mirror(ToMirror::Join(Box::new(join)))
        };
        for (name, is_let_in) in [("app-1.example.org", false), ("keys-2.example.org", true)] {
            let connector = tls::Read::of(&certificates(name)).unwrap().connector().unwrap();
            let reply = Connection::open(&to, &connector).await.unwrap().say(&join(), ANSWER).await.unwrap();
            match reply {
                Reply::Joined(_) => assert!(is_let_in, "{name}"),
                Reply::Refused(refusal) => assert_eq!((refusal, is_let_in), (Refusal::NotAllowed, false), "{name}"),
                other => panic!("{name}: {other:?}"),
            }
        }
        serving.abort();
    }
}
