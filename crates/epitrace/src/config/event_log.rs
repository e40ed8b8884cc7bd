//! Section `[event_log]`: which log, and how brokers are reached.

use super::is_this_machine;
use crate::failure::{Mistyped, Misuse};
use crate::session::read_secret;
use event_log::kafka::{Identity, Mechanism, Options, Sasl, Security, Tls};
use jiff::SignedDuration;
use serde::Deserialize;
use server::Consumption;
use std::path::PathBuf;

/// Section `[event_log]`. Without brokers what nodes report waits in files of the data folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EventLogConfig {
    /// Some brokers of Apache Kafka, as `host:port`; they name the others. Default: none. All other keys need them.
    pub brokers: Option<Vec<String>>,
    /// The topic; it is made if it is missing. Default: `coronaz`.
    pub topic: Option<String>,
    /// How many partitions the topic has, 1 to 1000. Default: 12.
    pub partitions: Option<u32>,
    /// On how many brokers each record is kept, 1 to 9. Default: 3.
    pub replicas: Option<u32>,
    /// Days that a record is kept, 1 to 14. Default: 14.
    pub kept_days: Option<u32>,
    /// The group whose members share the partitions. Default: `epitrace`.
    pub group: Option<String>,
    /// `tls`, or, for brokers on this machine only, `none`. Default: `tls`.
    pub security: Option<String>,
    /// PEM file with the certificates that brokers' are checked with. Default: the system's.
    pub ca_file: Option<PathBuf>,
    /// PEM file with a certificate and its chain, where brokers want to see one.
    pub certificate: Option<PathBuf>,
    /// PEM file with its private key.
    pub private_key: Option<PathBuf>,
    /// User name, where brokers want one.
    pub user: Option<String>,
    /// File whose first line is the password; together with `user`.
    pub password_file: Option<PathBuf>,
    /// How the password is proved: `scram-sha-512`, `scram-sha-256` or `plain`. Default: `scram-sha-512`.
    pub mechanism: Option<String>,
    /// Whether `epitrace serve` stores what waits there. Say no where processes of `epitrace consume` do. Default: true.
    pub consume: Option<bool>,
}

/// Brokers, and who stores what waits there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brokers {
    /// How they are reached.
    pub options: Options,
    /// Whether servers store it.
    pub consumption: Consumption,
}

impl EventLogConfig {
    /// Returns how brokers are reached; `None` if there are none. Reads the password.
    ///
    /// # Errors
    ///
    /// [`Misuse`] or [`Mistyped`] if a value can't be meant.
    pub fn brokers(&self) -> anyhow::Result<Option<Brokers>> {
        let Some(brokers) = &self.brokers else {
            if *self == Self::default() {
                return Ok(None);
            }
            let sentence = "[event_log] says how brokers are used, and names none".to_owned();
            let hint = "add brokers = [\"kafka.example.org:9093\"], or leave the section out: then reports wait in the data folder";
            return Err(Mistyped { sentence, hint }.into());
        };
        if brokers.is_empty() {
            let sentence = "[event_log] brokers is an empty list".to_owned();
            let hint = "name some brokers, or leave the section out: then reports wait in the data folder";
            return Err(Mistyped { sentence, hint }.into());
        }
        for broker in brokers {
            host(broker)?;
        }
        let consumption = if self.consume.unwrap_or(true) { Consumption::Here } else { Consumption::Elsewhere };
        let options = Options {
            brokers: brokers.clone(),
            security: self.security(brokers)?,
            topic: named("topic", self.topic.as_deref().unwrap_or("coronaz"))?,
            n_partitions: within("partitions", self.partitions.unwrap_or(12), 1000)?,
            n_replicas: within("replicas", self.replicas.unwrap_or(3), 9)?,
            kept: SignedDuration::from_hours(24 * i64::from(within("kept_days", self.kept_days.unwrap_or(14), 14)?)),
            group: named("group", self.group.as_deref().unwrap_or("epitrace"))?,
        };
        Ok(Some(Brokers { options, consumption }))
    }

    fn security(&self, brokers: &[String]) -> anyhow::Result<Security> {
        let sasl = self.sasl()?;
        let identity = match (&self.certificate, &self.private_key) {
            (Some(certificate), Some(key)) => Some(Identity { certificate: certificate.clone(), key: key.clone() }),
            (None, None) => None,
            _ => return misused("certificate and private_key belong together; give both or none"),
        };
        match self.security.as_deref().unwrap_or("tls") {
            "tls" => Ok(Security { tls: Some(Tls { authorities: self.ca_file.clone(), identity }), sasl }),
            "none" if identity.is_some() || self.ca_file.is_some() => {
                misused("security = 'none' uses no certificates; leave them out, or use tls")
            }
            "none" => {
                for broker in brokers {
                    if !is_this_machine(host(broker)?) {
                        return misused("security = 'none' is for brokers on this machine; use tls");
                    }
                }
                Ok(Security { tls: None, sasl })
            }
            other => misused(&format!("security {other}: choose tls or none")),
        }
    }

    fn sasl(&self) -> anyhow::Result<Option<Sasl>> {
        let mechanism = match self.mechanism.as_deref() {
            None | Some("scram-sha-512") => Mechanism::ScramSha512,
            Some("scram-sha-256") => Mechanism::ScramSha256,
            Some("plain") => Mechanism::Plain,
            Some(other) => {
                return misused(&format!("mechanism {other}: choose scram-sha-512, scram-sha-256 or plain"));
            }
        };
        match (&self.user, &self.password_file) {
            (Some(user), Some(file)) => {
                let password = read_secret(file)?.to_string();
                Ok(Some(Sasl { mechanism, user: user.clone(), password }))
            }
            (None, None) if self.mechanism.is_some() => misused("mechanism is for a user; give user and password_file"),
            (None, None) => Ok(None),
            _ => misused("user and password_file belong together; give both or none"),
        }
    }
}

fn misused<T>(what: &str) -> anyhow::Result<T> {
    Err(Misuse(format!("[event_log] {what}")).into())
}

/// Returns the host of a broker, without the brackets of an IPv6 address.
fn host(broker: &str) -> anyhow::Result<&str> {
    let parts = broker.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok_and(|port| port > 0));
    let host = parts.map(|(host, _)| host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host));
    let is_plain = |host: &&str| {
        let is_address = host.parse::<std::net::Ipv6Addr>().is_ok();
        !host.is_empty() && (is_address || host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c)))
    };
    match host.filter(is_plain) {
        Some(host) => Ok(host),
        None => misused(&format!("brokers: {broker} is no broker; write host:port, such as kafka.example.org:9093")),
    }
}

/// What Kafka takes as a name.
fn named(key: &str, name: &str) -> anyhow::Result<String> {
    let is_good = !name.is_empty() && name.len() <= 249 && name.chars().any(|c| c != '.');
    if is_good && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
        return Ok(name.to_owned());
    }
    misused(&format!("{key} {name}: write up to 249 letters, digits, dots, hyphens and underscores"))
}

fn within(key: &str, number: u32, most: u32) -> anyhow::Result<u32> {
    if (1..=most).contains(&number) { Ok(number) } else { misused(&format!("{key} {number}: from 1 to {most}")) }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn brokers(lines: &str) -> Result<Option<Brokers>, String> {
        let config: Config = toml::from_str(&format!("[event_log]\n{lines}")).map_err(|error| error.to_string())?;
        config.event_log.brokers().map_err(|error| error.to_string())
    }

    fn options(lines: &str) -> Options {
        brokers(lines).unwrap().unwrap().options
    }

    #[test]
    fn without_brokers_it_is_the_log_in_the_data_folder_and_nothing_else_may_be_said() {
        assert_eq!(brokers(""), Ok(None));
        for key in ["topic = 'x'", "consume = false", "replicas = 1", "ca_file = 'x'"] {
            assert_eq!(brokers(key), Err("[event_log] says how brokers are used, and names none".to_owned()), "{key}");
        }
        assert_eq!(brokers("brokers = []"), Err("[event_log] brokers is an empty list".to_owned()));
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let Brokers { options, consumption } =
            brokers("brokers = ['one.example.org:9093', 'two:9093']").unwrap().unwrap();
        let tls = Some(Tls { authorities: None, identity: None });
        assert_eq!(options.security, Security { tls, sasl: None });
        assert_eq!((&*options.topic, &*options.group), ("coronaz", "epitrace"));
        assert_eq!((options.n_partitions, options.n_replicas, options.kept), (12, 3, event_log::embedded::MOST_KEPT));
        assert_eq!(consumption, Consumption::Here);
        let elsewhere = brokers("brokers = ['one:9093']\nconsume = false").unwrap().unwrap();
        assert_eq!(elsewhere.consumption, Consumption::Elsewhere);
    }

    #[test]
    fn reports_go_encrypted_unless_the_brokers_are_this_machine() {
        let open = "security = 'none'\nbrokers = ['localhost:9092', '127.0.0.1:9093', '[::1]:9094']";
        assert_eq!(options(open).security, Security::default());
        for wrong in [
            "security = 'none'\nbrokers = ['localhost:9092', '192.0.2.1:9092']",
            "security = 'none'\nbrokers = ['kafka.example.org:9092']",
            "security = 'none'\nbrokers = ['localhost:9092']\nca_file = 'ca.pem'",
            "security = 'plaintext'\nbrokers = ['localhost:9092']",
        ] {
            assert!(brokers(wrong).unwrap_err().starts_with("[event_log] security"), "{wrong}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_named() {
        let check = |line: &str, word: &str| {
            let said = brokers(&format!("brokers = ['one:9093']\n{line}")).unwrap_err();
            assert!(said.contains(word), "{line}: {said}");
        };
        check("partitions = 0", "[event_log] partitions 0: from 1 to 1000");
        check("replicas = 10", "[event_log] replicas 10: from 1 to 9");
        check("kept_days = 15", "[event_log] kept_days 15: from 1 to 14");
        check("topic = 'a b'", "[event_log] topic a b");
        check("topic = '..'", "[event_log] topic");
        check("group = ''", "[event_log] group");
        check("certificate = 'x'", "belong together");
        check("user = 'x'", "belong together");
        check("mechanism = 'plain'", "is for a user");
        check("mechanism = 'gssapi'", "mechanism gssapi: choose");
        check("user = 'x'\npassword_file = '/no/such/file'", "cannot read the secret");
        check("password = 'x'", "unknown field");
        for wrong in ["one", "one:", "one:0", "one:70000", ":9092", "one:9092,two:9092", "http://one:9092"] {
            let said = brokers(&format!("brokers = ['{wrong}']")).unwrap_err();
            assert!(said.contains("is no broker"), "{wrong}: {said}");
        }
    }

    #[test]
    fn the_section_for_three_brokers_is_one_that_is_understood() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "geheim\n").unwrap();
        let text = include_str!("../../../../deploy/kafka/epitrace.toml");
        let text = text.replace("/etc/epitrace/kafka-password", &file.display().to_string());
        let config: Config = toml::from_str(&text).unwrap();
        let Brokers { options, .. } = config.event_log.brokers().unwrap().unwrap();
        assert_eq!((options.brokers.len(), options.n_partitions, options.n_replicas), (3, 12, 3));
        assert!(options.security.tls.is_some() && options.security.sasl.is_some());
    }

    #[test]
    fn who_comes_is_told_by_a_password_or_a_certificate() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "geheim\n").unwrap();
        let line = format!("brokers = ['one:9093']\nuser = 'server'\npassword_file = '{}'", file.display());
        let sasl = |mechanism| Some(Sasl { mechanism, user: "server".to_owned(), password: "geheim".to_owned() });
        assert_eq!(options(&line).security.sasl, sasl(Mechanism::ScramSha512));
        assert_eq!(options(&format!("{line}\nmechanism = 'plain'")).security.sasl, sasl(Mechanism::Plain));
        let own = options("brokers = ['one:9093']\nca_file = 'ca'\ncertificate = 'own'\nprivate_key = 'key'").security;
        let identity = Some(Identity { certificate: "own".into(), key: "key".into() });
        assert_eq!(own.tls, Some(Tls { authorities: Some("ca".into()), identity }));
    }
}
