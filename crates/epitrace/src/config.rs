//! The configuration file: typed, every key with its default, unknown keys refused.

mod event_log;
mod keyring;

pub use self::keyring::KeyringConfig;
pub use event_log::{Brokers, EventLogConfig};

use crate::failure::{Mistyped, Misuse};
use crate::session::read_secret;
use app::doctor::MailSetting;
use domain::messages::{DisplayName, MailAddress};
use jiff::SignedDuration;
use serde::Deserialize;
use server::mail::{MailOptions, Security};
use server::traces::TraceOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Which share of requests is traced where nobody says.
const USUAL_SHARE: f64 = 0.01;
/// Longest that callers may be served after a server was told to end.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where facts are.
    pub storage: StorageConfig,
    /// Where keys are.
    pub keyring: KeyringConfig,
    /// How `epitrace serve` is reached.
    pub server: ServerConfig,
    /// Where mails go.
    pub mail: Option<MailConfig>,
    /// Where what nodes of runs report waits.
    pub event_log: EventLogConfig,
    /// What is logged.
    pub log: LogConfig,
    /// Where traces go.
    pub traces: TracesConfig,
}

/// Section `[storage]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StorageConfig {
    /// URL of a PostgreSQL database, as the role `epitrace_app`. Default: SQLite in the data folder.
    pub url: Option<String>,
    /// The same at the standbys: lists and numbers are read there once they have what is needed. Default: all at `url`.
    pub standbys_url: Option<String>,
    /// The same as the role `epitrace_jobs`, for deletions. Default: `url`.
    pub jobs_url: Option<String>,
    /// The same as the role `epitrace_intake`, for guests' check-ins. Default: none are taken.
    pub intake_url: Option<String>,
    /// The same as the role that owns the schema, for `migrate`, `admin`, `territory`
    /// and `restore`. Default: `url`.
    pub migrator_url: Option<String>,
    /// Most connections at once. Default: 4.
    pub connections: Option<u32>,
}

/// Section `[server]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port. Default: `127.0.0.1:7373`. Beyond this machine only with a certificate, or behind a proxy.
    pub listen: Option<std::net::SocketAddr>,
    /// PEM file with the certificate and its chain.
    pub certificate: Option<PathBuf>,
    /// PEM file with its private key.
    pub private_key: Option<PathBuf>,
    /// Whether a proxy with TLS stands before the server, and names callers in `x-forwarded-for`. Default: false.
    pub behind_proxy: bool,
    /// Address under which people outside reach the server, such as `https://tracing.example.org`: links in mails and
    /// letters begin with it. Default: the address that it listens on, if that is this machine's own.
    pub public_url: Option<String>,
    /// Largest file that may be brought in through the page, in MiB. Default: 64.
    pub most_import_mib: Option<usize>,
    /// How long it serves callers after it was told to end, such as `3s`, while it says that it isn't ready: so long that
    /// balancers have seen it. At most 10 s. Default: not at all.
    pub drain: Option<String>,
}

/// Section `[mail]`. Without it mails wait.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// Name or address of the mail server.
    pub host: String,
    /// Its port. Default: 587 with `starttls`, 465 with `tls`, 25 with `none`.
    pub port: Option<u16>,
    /// `starttls`, `tls`, or, for a mail server on this machine only, `none`. Default: `starttls`.
    pub security: Option<String>,
    /// User name, where the mail server wants one.
    pub user: Option<String>,
    /// File whose first line is the password; together with `user`.
    pub password_file: Option<PathBuf>,
    /// PEM file with a certificate that is trusted besides the system's, such as a house's own authority.
    pub ca_file: Option<PathBuf>,
    /// Address of the sender.
    pub from: String,
    /// Name of the sender where an authority's doesn't fit. Default: none.
    pub from_name: Option<String>,
    /// A test installation's: all mail goes to this address. Default: none.
    pub all_to: Option<String>,
}

/// Section `[log]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `error`, `warn`, `info` or `debug`. Default: `info`.
    pub level: Option<String>,
    /// `json` or `text`. Default: `text` on a terminal, else `json`.
    pub format: Option<String>,
}

/// Section `[traces]`. Without it nothing is traced.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TracesConfig {
    /// A collector of OpenTelemetry, over HTTP, such as `http://127.0.0.1:4318`. Default: none.
    pub endpoint: Option<String>,
    /// Which share of requests is traced, 0 to 1. Default: 0.01.
    pub share: Option<f64>,
}

impl TracesConfig {
    /// Returns where traces go; `None` if nowhere.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if a value can't be meant.
    pub fn options(&self) -> anyhow::Result<Option<TraceOptions>> {
        let share = self.share.unwrap_or(USUAL_SHARE);
        if !(0.0..=1.0).contains(&share) {
            return Err(Misuse(format!("[traces] share {share}: choose 0 to 1")).into());
        }
        match &self.endpoint {
            None if self.share.is_some() => Err(Misuse("[traces] share without endpoint".to_owned()).into()),
            None => Ok(None),
            Some(url) if is_web_address(url) => Ok(Some(TraceOptions { endpoint: url.clone(), share })),
            Some(url) => Err(Misuse(format!("[traces] endpoint {url}: write it as http://127.0.0.1:4318")).into()),
        }
    }
}

impl Config {
    /// Reads a file; without one all is default.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if it can't be read or has an unknown key.
    pub fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path).map_err(|error| Mistyped {
            sentence: format!("cannot read the configuration {}: {error}", path.display()),
            hint: "name a file with --config that this user may read; without it the default holds, which is SQLite",
        })?;
        toml::from_str(&text).map_err(|error| {
            Misuse(format!("the configuration {} is wrong: {}", path.display(), error.message())).into()
        })
    }
}

impl ServerConfig {
    /// Returns how long callers are served after it was told to end.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if it isn't a time of at most ten seconds: within thirty, supervisors want all of it ended.
    pub fn drain(&self) -> anyhow::Result<Duration> {
        let Some(text) = &self.drain else { return Ok(Duration::ZERO) };
        let lasts: Option<SignedDuration> = text.parse().ok();
        let lasts = lasts.and_then(|lasts| Duration::try_from(lasts).ok()).filter(|lasts| *lasts <= LONGEST_DRAIN);
        lasts.ok_or_else(|| Misuse(format!("[server] drain {text}: write a time such as 3s, at most 10s")).into())
    }

    /// Returns the address for people outside: the one that is set, else that of this machine where nobody outside can
    /// come anyway; `None` where nobody has said it.
    pub fn outside(&self, listens: &str, is_loopback: bool) -> anyhow::Result<Option<String>> {
        match &self.public_url {
            Some(url) if is_web_address(url) => Ok(Some(url.clone())),
            Some(url) => {
                Err(Misuse(format!("[server] public_url {url}: write it as https://tracing.example.org")).into())
            }
            None => Ok((is_loopback && !self.behind_proxy).then(|| listens.to_owned())),
        }
    }
}

/// Says whether a text is the address of a server, without a page.
fn is_web_address(url: &str) -> bool {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = host.map(|rest| rest.trim_end_matches('/')).unwrap_or_default();
    !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
}

impl MailConfig {
    /// Returns how mail is sent; reads the password.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if a value can't be meant.
    pub fn options(&self) -> anyhow::Result<MailOptions> {
        let security = match self.security.as_deref().unwrap_or("starttls") {
            "starttls" => Security::StartTls,
            "tls" => Security::Tls,
            "none" if is_this_machine(&self.host) => Security::None,
            "none" => {
                let sentence = "[mail] security = 'none' is for a mail server on this machine; use starttls or tls";
                return Err(Misuse(sentence.to_owned()).into());
            }
            other => return Err(Misuse(format!("[mail] security {other}: choose starttls, tls or none")).into()),
        };
        let usual_port = match security {
            Security::StartTls => 587,
            Security::Tls => 465,
            Security::None => 25,
        };
        let credentials = match (&self.user, &self.password_file) {
            (Some(user), Some(file)) => Some((user.clone(), read_secret(file)?)),
            (None, None) => None,
            _ => {
                return Err(
                    Misuse("[mail] user and password_file belong together; give both or none".to_owned()).into()
                );
            }
        };
        let from_name = self.from_name.as_deref().map(DisplayName::new).transpose();
        Ok(MailOptions {
            host: self.host.clone(),
            port: self.port.unwrap_or(usual_port),
            security,
            credentials,
            ca_file: self.ca_file.clone(),
            from: address("from", &self.from)?,
            from_name: from_name.map_err(|error| Misuse(format!("[mail] from_name: {error}")))?,
            all_to: self.all_to.as_deref().map(|one| address("all_to", one)).transpose()?,
        })
    }

    /// Returns where mails go, for the doctor.
    pub fn setting(config: Option<&Self>) -> MailSetting {
        match config {
            None => MailSetting::Missing,
            Some(config) if config.all_to.is_some() => MailSetting::AllToOne,
            Some(_) => MailSetting::ToRecipients,
        }
    }
}

fn address(key: &str, text: &str) -> anyhow::Result<MailAddress> {
    MailAddress::new(text).map_err(|error| Misuse(format!("[mail] {key}: {error}")).into())
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_with_the_address_that_people_outside_use() {
        let server = |public_url: Option<&str>, behind_proxy| ServerConfig {
            public_url: public_url.map(str::to_owned),
            behind_proxy,
            ..ServerConfig::default()
        };
        let url = |config: ServerConfig, is_loopback| config.outside("http://127.0.0.1:7373", is_loopback).ok();
        let outside = "https://tracing.example.org";
        assert_eq!(url(server(Some(outside), true), true), Some(Some(outside.to_owned())));
        assert_eq!(url(server(None, false), true), Some(Some("http://127.0.0.1:7373".to_owned())));
        assert_eq!(url(server(None, true), true), Some(None), "only the proxy knows");
        assert_eq!(url(server(None, false), false), Some(None));
        for wrong in ["tracing.example.org", "https://", "https://a b", "https://example.org/page"] {
            assert_eq!(url(server(Some(wrong), false), true), None, "{wrong}");
        }
    }

    #[test]
    fn draining_takes_at_most_ten_seconds() {
        let drain = |text: &str| ServerConfig { drain: Some(text.to_owned()), ..ServerConfig::default() }.drain().ok();
        assert_eq!(drain("3s"), Some(Duration::from_secs(3)));
        assert_eq!(drain("10 s"), Some(Duration::from_secs(10)));
        assert_eq!(ServerConfig::default().drain().ok(), Some(Duration::ZERO));
        for wrong in ["3", "11s", "-1s", "a while"] {
            assert_eq!(drain(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn traces_go_to_a_collector_or_nowhere() {
        let traces = |text: &str| toml::from_str::<Config>(text).ok()?.traces.options().ok();
        assert_eq!(traces(""), Some(None));
        let to = |share| Some(Some(TraceOptions { endpoint: "http://127.0.0.1:4318".to_owned(), share }));
        assert_eq!(traces("[traces]\nendpoint = 'http://127.0.0.1:4318'"), to(0.01));
        assert_eq!(traces("[traces]\nendpoint = 'http://127.0.0.1:4318'\nshare = 1.0"), to(1.0));
        for wrong in ["share = 0.5", "endpoint = 'collector'", "endpoint = 'http://127.0.0.1:4318'\nshare = 1.5"] {
            assert_eq!(traces(&format!("[traces]\n{wrong}")), None, "{wrong}");
        }
    }

    fn mail(lines: &str) -> Result<MailOptions, String> {
        let text = format!("[mail]\nfrom = 'epitrace@example.org'\n{lines}");
        let config: Config = toml::from_str(&text).map_err(|error| error.to_string())?;
        let mail = config.mail.ok_or("no section")?;
        mail.options().map_err(|error| error.to_string())
    }

    #[test]
    fn mail_goes_encrypted_unless_the_server_is_this_machine() {
        let port = |lines: &str| mail(lines).map(|options| (options.port, options.security));
        assert_eq!(port("host = 'mail.example.org'"), Ok((587, Security::StartTls)));
        assert_eq!(port("host = 'mail.example.org'\nsecurity = 'tls'"), Ok((465, Security::Tls)));
        assert_eq!(port("host = '127.0.0.1'\nsecurity = 'none'"), Ok((25, Security::None)));
        for wrong in [
            "host = 'mail.example.org'\nsecurity = 'none'",
            "host = '192.0.2.1'\nsecurity = 'none'",
            "host = 'mail.example.org'\nsecurity = 'ssl'",
            "host = 'mail.example.org'\nuser = 'x'",
            "host = 'mail.example.org'\nall_to = 'nobody'",
            "host = 'mail.example.org'\nfrom_name = 'a\\nb'\n[log]\nlvl = 1",
            "host = 'mail.example.org'\npassword = 'x'",
            "prot = 1",
        ] {
            assert!(mail(wrong).is_err(), "{wrong}");
        }
        assert!(mail("host = 'mail.example.org'\nfrom_name = \"a\\nb\"").is_err(), "a line break in the head");
    }

    #[test]
    fn an_unknown_key_is_refused_and_a_known_one_read() {
        assert!(toml::from_str::<Config>("[storage]\nulr = 'x'").is_err());
        let config: Config = toml::from_str("[storage]\nurl = 'postgres://x'").unwrap_or_default();
        assert_eq!(config.storage.url.as_deref(), Some("postgres://x"));
    }
}
