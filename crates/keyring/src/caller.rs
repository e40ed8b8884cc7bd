//! Asking a keyring that another process holds: whichever of its sides answers.

use crate::KeyringError;
use crate::connection::{ANSWER, Connection, answered};
use crate::tls::{Certificates, Read};
use crate::wire::{Refusal, Reply, Said};
use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use storage::sealing::{Answer, Ask, Asks, Elsewhere, Keys, Later, SealingError, Standing};
use tokio_rustls::TlsConnector;

pub use crate::connection::Address;

/// Connections that are kept open to each side.
const MOST_IDLE: usize = 8;
/// How long a side may say nothing before the next one is asked beside it.
const ASK_THE_NEXT: Duration = Duration::from_secs(1);

/// Opens the keys that a process holds.
///
/// # Errors
///
/// [`KeyringError::Certificate`] if a file can't be used, [`SealingError::Away`] if nobody answers.
pub async fn open(sides: Vec<Address>, certificates: &Certificates) -> Result<Keys, KeyringError> {
    let caller = Caller::new(sides, certificates)?;
    Ok(Keys::Elsewhere(Elsewhere::open(Box::new(caller)).await?))
}

/// Says to the process of this host that it goes on alone; its own certificate is what allows it.
///
/// # Errors
///
/// [`SealingError::Away`] with why it doesn't.
pub async fn tell_alone(own: &Address, certificates: &Certificates) -> Result<(), KeyringError> {
    let connector = Read::of(certificates)?.connector()?;
    let told = async { Connection::open(own, &connector).await?.say(&Said::Alone, ANSWER).await };
    let reply = told.await.map_err(|error| SealingError::Away(format!("{own} isn't reached ({error})")))?;
    answered(reply).map_err(SealingError::from)?;
    Ok(())
}

/// Asks each side how it stands.
///
/// # Errors
///
/// [`KeyringError::Certificate`] if a file can't be used.
pub async fn standings(
    sides: Vec<Address>,
    certificates: &Certificates,
) -> Result<Vec<(String, Result<Standing, SealingError>)>, KeyringError> {
    Ok(Caller::new(sides, certificates)?.each_standing().await)
}

struct Caller {
    sides: Vec<AskedSide>,
    connector: TlsConnector,
    /// Which answered last: it is asked first.
    first: AtomicUsize,
}

struct AskedSide {
    address: Address,
    idle: Mutex<Vec<Connection>>,
}

impl Caller {
    fn new(sides: Vec<Address>, certificates: &Certificates) -> Result<Self, KeyringError> {
        let connector = Read::of(certificates)?.connector()?;
        let sides = sides.into_iter().map(|address| AskedSide { address, idle: Mutex::default() }).collect();
        Ok(Self { sides, connector, first: AtomicUsize::new(0) })
    }

    /// Asks the side that answered last, and the next one when it refuses because it is away, or says nothing for a moment: whoever
    /// asks may not wait as long as a host needs to be given up.
    async fn ask_any(&self, ask: Ask) -> Result<Answer, SealingError> {
        let said = Said::Ask(ask);
        let first = self.first.load(Ordering::Relaxed);
        let mut left = (0..self.sides.len()).map(|at| (first + at) % self.sides.len());
        let mut asked = FuturesUnordered::new();
        let mut why = Vec::new();
        loop {
            if asked.is_empty() {
                let Some(at) = left.next() else { return Err(SealingError::Away(why.join("; "))) };
                asked.push(self.ask_side(at, &said));
            }
            tokio::select! {
                Some((at, reply)) = asked.next() => match reply {
                    Ok(answer) => {
                        self.first.store(at, Ordering::Relaxed);
                        return Ok(answer);
                    }
                    Err(SealingError::Away(refused)) => why.push(refused),
                    Err(refusal) => return Err(refusal),
                },
                () = tokio::time::sleep(ASK_THE_NEXT) => asked.extend(left.next().map(|at| self.ask_side(at, &said))),
            }
        }
    }

    /// Asks one side, and returns which it is with what it said.
    async fn ask_side(&self, at: usize, said: &Said) -> (usize, Result<Answer, SealingError>) {
        let side = &self.sides[at];
        let away = |why: String| Err(SealingError::Away(why));
        let answer = match side.say(said, &self.connector).await.map(answered) {
            Ok(Ok(Reply::Answer(answer))) => Ok(answer),
            Ok(Err(Refusal::Away(refused))) => away(format!("{}: {refused}", side.address)),
            Ok(Err(refusal)) => Err(refusal.into()),
            Ok(Ok(_)) => away(format!("{} gave another answer than was asked for", side.address)),
            Err(error) => {
                tracing::debug!(%error, side = %side.address, "a side of the keyring isn't reached");
                away(format!("{} isn't reached ({error})", side.address))
            }
        };
        (at, answer)
    }

    async fn each_standing(&self) -> Vec<(String, Result<Standing, SealingError>)> {
        join_all(self.sides.iter().map(|side| self.standing_of(side))).await
    }

    async fn standing_of(&self, side: &AskedSide) -> (String, Result<Standing, SealingError>) {
        let standing = match side.say(&Said::Ask(Ask::Standing), &self.connector).await.map(answered) {
            Ok(Ok(Reply::Answer(Answer::Standing(standing)))) => Ok(standing),
            Ok(Ok(_)) => Err(SealingError::Away("it gave another answer than was asked for".to_owned())),
            Ok(Err(refusal)) => Err(refusal.into()),
            Err(error) => Err(SealingError::Away(format!("it isn't reached ({error})"))),
        };
        (side.address.to_string(), standing)
    }
}

impl AskedSide {
    /// Says something on a connection that is open, or on a new one: one that lay idle may have ended meanwhile. Whatever is
    /// asked may be asked twice.
    async fn say(&self, said: &Said, connector: &TlsConnector) -> std::io::Result<Reply> {
        let idle = self.idle().pop();
        if let Some(mut connection) = idle
            && let Ok(reply) = connection.say(said, ANSWER).await
        {
            self.keep(connection);
            return Ok(reply);
        }
        // What was opened at the same time has ended at the same time.
        self.idle().clear();
        let mut connection = Connection::open(&self.address, connector).await?;
        let reply = connection.say(said, ANSWER).await?;
        self.keep(connection);
        Ok(reply)
    }

    fn keep(&self, connection: Connection) {
        let mut idle = self.idle();
        if idle.len() < MOST_IDLE {
            idle.push(connection);
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asks for Caller {
    fn ask(&self, ask: Ask) -> Later<'_, Result<Answer, SealingError>> {
        Box::pin(self.ask_any(ask))
    }

    fn standings(&self) -> Later<'_, Vec<(String, Result<Standing, SealingError>)>> {
        Box::pin(self.each_standing())
    }
}
