//! Mail transport: hands mails to the installation's mail server, over one connection a turn; and the chore that does so
//! every few seconds.
//!
//! What a mail server says is never kept nor logged: it may hold an address. A word and its reply code are.

mod chore;
mod letter;

pub(crate) use chore::work;

use app::messages::{MailTransport, OutgoingMail};
use domain::messages::{DisplayName, Failure, MailAddress, Obstacle};
use lettre::Address;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

/// Seconds for a mail server to take a connection.
const CONNECT: Duration = Duration::from_secs(15);
/// Seconds for one mail in all, connection included. Another server takes it after twice that.
const ONE_MAIL: Duration = Duration::from_secs(60);

/// How the way to the mail server is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// STARTTLS, which the server must offer: usual on port 587.
    StartTls,
    /// TLS from the first byte: usual on port 465.
    Tls,
    /// Not at all; only for a mail server on this machine.
    None,
}

/// Which mail server, and in whose name.
#[derive(Clone, Debug)]
pub struct MailOptions {
    /// Name or address of the mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way there is kept from being read.
    pub security: Security,
    /// User name and password, where it wants them.
    pub credentials: Option<(String, Zeroizing<String>)>,
    /// PEM file with a certificate that is trusted besides the system's.
    pub ca_file: Option<PathBuf>,
    /// The sender.
    pub from: MailAddress,
    /// Name of the sender where an authority has none.
    pub from_name: Option<DisplayName>,
    /// A test installation's: everything goes to this address.
    pub all_to: Option<MailAddress>,
}

/// Why mail can't be sent as it is set up.
#[derive(Debug, thiserror::Error)]
pub enum MailSetupError {
    /// The file with a trusted certificate can't be read.
    #[error("cannot read the certificate in `[mail] ca_file`")]
    CertificateFile(#[source] std::io::Error),
    /// TLS can't be used.
    #[error("cannot use TLS towards the mail server in `[mail] host`")]
    Tls(#[source] SmtpError),
    /// An address that the mail library doesn't take.
    #[error("the sender or `all_to` in `[mail]` is no address that mail can be sent from or to")]
    Address,
}

/// A way to the mail server.
pub struct Mailer {
    options: MailOptions,
    tls: Option<TlsParameters>,
    from: Address,
    all_to: Option<Address>,
    connection: Option<AsyncSmtpConnection>,
}

impl Mailer {
    /// Prepares the way; nothing is connected yet.
    ///
    /// # Errors
    ///
    /// [`MailSetupError`] if a file or an address can't be used.
    pub fn new(options: MailOptions) -> Result<Self, MailSetupError> {
        let tls = match options.security {
            Security::None => None,
            Security::StartTls | Security::Tls => Some(tls(&options)?),
        };
        let from = address(&options.from).ok_or(MailSetupError::Address)?;
        let all_to = match &options.all_to {
            Some(one) => Some(address(one).ok_or(MailSetupError::Address)?),
            None => None,
        };
        Ok(Self { options, tls, from, all_to, connection: None })
    }

    /// Ends the connection, if there is one.
    pub async fn hang_up(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            connection.abort().await;
        }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Failure> {
        let options = &self.options;
        let hello = ClientId::Domain(options.from.domain().to_owned());
        let implicit = self.tls.clone().filter(|_| options.security == Security::Tls);
        let server = (options.host.as_str(), options.port);
        let connected = AsyncSmtpConnection::connect_tokio1(server, Some(CONNECT), &hello, implicit, None).await;
        let mut connection = connected.map_err(|error| failure(&error, Obstacle::NotLetIn, Obstacle::Unreachable))?;
        if options.security == Security::StartTls
            && let Some(tls) = self.tls.clone()
        {
            // Refused where the server doesn't offer it: never in clear instead.
            let begun = connection.starttls(tls, &hello).await;
            begun.map_err(|error| failure(&error, Obstacle::Tls, Obstacle::Tls))?;
        }
        if let Some((user, password)) = &options.credentials {
            let credentials = Credentials::new(user.clone(), password.to_string());
            let let_in = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
            let_in.map_err(|error| failure(&error, Obstacle::NotLetIn, Obstacle::NotLetIn))?;
        }
        Ok(connection)
    }

    /// Returns a connection that the server still holds.
    async fn connected(&mut self) -> Result<AsyncSmtpConnection, Failure> {
        if let Some(mut known) = self.connection.take()
            && known.command(Rset).await.is_ok()
        {
            return Ok(known);
        }
        self.connect().await
    }

    async fn send_now(&mut self, mail: &OutgoingMail) -> Result<(), Failure> {
        let unreadable = Failure { obstacle: Obstacle::Unreadable, reply: None };
        let to = address(&mail.to).ok_or(unreadable)?;
        let to = self.all_to.clone().unwrap_or(to);
        let bytes = letter::write(mail, &self.from, self.options.from_name.as_ref(), &to).ok_or(unreadable)?;
        let mut connection = self.connected().await?;
        let mail_from = connection.command(Mail::new(Some(self.from.clone()), Vec::new())).await;
        mail_from.map_err(|error| failure(&error, Obstacle::SenderRefused, Obstacle::Unreachable))?;
        match connection.command(Rcpt::new(to, Vec::new())).await {
            Ok(_) => {}
            Err(error) => {
                let failure = failure(&error, Obstacle::RecipientRefused, Obstacle::Unreachable);
                if failure.reply.is_some() {
                    self.connection = Some(connection);
                }
                return Err(failure);
            }
        }
        let content = |error: SmtpError| failure(&error, Obstacle::ContentRefused, Obstacle::Unreachable);
        connection.command(Data).await.map_err(content)?;
        connection.message(&bytes).await.map_err(content)?;
        self.connection = Some(connection);
        Ok(())
    }
}

impl MailTransport for Mailer {
    async fn send(&mut self, mail: &OutgoingMail) -> Result<(), Failure> {
        // Out of time, the connection is dropped with the future that holds it.
        let sent = tokio::time::timeout(ONE_MAIL, self.send_now(mail)).await;
        sent.unwrap_or(Err(Failure { obstacle: Obstacle::TimedOut, reply: None }))
    }
}

fn tls(options: &MailOptions) -> Result<TlsParameters, MailSetupError> {
    let mut builder = TlsParameters::builder(options.host.clone());
    if let Some(path) = &options.ca_file {
        let pem = std::fs::read(path).map_err(MailSetupError::CertificateFile)?;
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(MailSetupError::Tls)?);
    }
    builder.build_rustls().map_err(MailSetupError::Tls)
}

fn address(address: &MailAddress) -> Option<Address> {
    Address::new(address.local_part(), address.domain()).ok()
}

/// Returns why something didn't go: `refused` if the server said no, `broken` if the line broke.
fn failure(error: &SmtpError, refused: Obstacle, broken: Obstacle) -> Failure {
    /// The server is about to stop; it says so whatever it was asked.
    const CLOSING: u16 = 421;
    let reply = error.status().map(u16::from);
    let obstacle = match reply {
        Some(CLOSING) => Obstacle::Unreachable,
        Some(_) => refused,
        None if error.is_timeout() => Obstacle::TimedOut,
        None if error.is_tls() => Obstacle::Tls,
        None if error.is_response() => Obstacle::Garbled,
        None => broken,
    };
    Failure { obstacle, reply }
}
