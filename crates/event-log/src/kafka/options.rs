//! How Kafka is reached, and what its clients are told.

use super::topic::MAX_MESSAGE_BYTES;
use jiff::SignedDuration;
use rdkafka::ClientConfig;
use std::fmt;
use std::path::PathBuf;

/// How a log in Kafka is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Some of the brokers, as `host:port`; they name the others.
    pub brokers: Vec<String>,
    /// How they are spoken to, and as whom.
    pub security: Security,
    /// What the records are about. It is made if it is missing.
    pub topic: String,
    /// How many partitions the topic has.
    pub n_partitions: u32,
    /// On how many brokers each record is kept.
    pub n_replicas: u32,
    /// The longest that a record is kept: at most [`crate::embedded::MOST_KEPT`].
    pub kept: SignedDuration,
    /// The group whose members share the partitions.
    pub group: String,
}

/// How brokers are spoken to, and as whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Security {
    /// Encrypted, after a look at the broker's certificate and name; `None` in the open.
    pub tls: Option<Tls>,
    /// With a name and a password; `None` without.
    pub sasl: Option<Sasl>,
}

/// What TLS trusts, and shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// A file of certificates that are trusted, in PEM; the system's if `None`.
    pub authorities: Option<PathBuf>,
    /// What is shown to brokers that want to know by a certificate who comes.
    pub identity: Option<Identity>,
}

/// A certificate of one's own, and its key: both files in PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, with its chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// A name and a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Sasl {
    /// How the password is proved.
    pub mechanism: Mechanism,
    /// Who it is.
    pub user: String,
    /// The password; never shown.
    pub password: String,
}

/// How a password is proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// It is sent. Only for TLS.
    Plain,
    /// By challenge, with SHA-256.
    ScramSha256,
    /// By challenge, with SHA-512.
    ScramSha512,
}

impl fmt::Debug for Sasl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sasl").field("mechanism", &self.mechanism).field("user", &self.user).finish_non_exhaustive()
    }
}

impl Mechanism {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl Options {
    /// What every client is told.
    pub(super) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("client.id", "epitrace").set("bootstrap.servers", self.brokers.join(","));
        // A broker that comes back is found within a second.
        config.set("reconnect.backoff.max.ms", "1000");
        let protocol = match (&self.security.tls, &self.security.sasl) {
            (None, None) => "plaintext",
            (Some(_), None) => "ssl",
            (None, Some(_)) => "sasl_plaintext",
            (Some(_), Some(_)) => "sasl_ssl",
        };
        config.set("security.protocol", protocol);
        let tls = self.security.tls.as_ref();
        if let Some(path) = tls.and_then(|tls| tls.authorities.as_ref()) {
            config.set("ssl.ca.location", path.to_string_lossy());
        }
        if let Some(Identity { certificate, key }) = tls.and_then(|tls| tls.identity.as_ref()) {
            config.set("ssl.certificate.location", certificate.to_string_lossy());
            config.set("ssl.key.location", key.to_string_lossy());
        }
        if let Some(sasl) = &self.security.sasl {
            config.set("sasl.mechanism", sasl.mechanism.name());
            config.set("sasl.username", &sasl.user).set("sasl.password", &sasl.password);
        }
        config
    }

    /// What the producer is told: nothing is acknowledged that isn't on as many brokers as the topic asks for, nothing is
    /// there twice, and keys choose partitions as they do for Kafka's own clients.
    pub(super) fn producer(&self) -> ClientConfig {
        let mut config = self.client();
        config.set("acks", "all").set("enable.idempotence", "true");
        config.set("partitioner", "murmur2_random");
        config.set("message.max.bytes", MAX_MESSAGE_BYTES.to_string());
        config.set("compression.type", "lz4");
        // How long a record is tried before its producer is told that it isn't there.
        config.set("message.timeout.ms", "30000");
        // How much may wait is counted before, in bytes.
        config.set("queue.buffering.max.messages", "0");
        config
    }

    /// What a consumer is told: offsets are said by its caller and by nobody else, and only the partitions that change
    /// hands are taken from anybody.
    pub(super) fn consumer(&self) -> ClientConfig {
        let mut config = self.client();
        config.set("group.id", &self.group);
        config.set("auto.offset.reset", "error").set("enable.auto.commit", "false");
        config.set("enable.auto.offset.store", "false");
        config.set("partition.assignment.strategy", "cooperative-sticky");
        // A member that dies is missed after 15 seconds; one that comes, or leaves, is heard of after one.
        config.set("session.timeout.ms", "15000").set("heartbeat.interval.ms", "1000");
        config.set("max.poll.interval.ms", "300000");
        // What is read ahead.
        config.set("queued.max.messages.kbytes", "16384");
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(security: Security) -> Options {
        Options {
            brokers: vec!["one:9092".to_owned(), "two:9092".to_owned()],
            security,
            topic: "coronaz".to_owned(),
            n_partitions: 4,
            n_replicas: 3,
            kept: crate::embedded::MOST_KEPT,
            group: "epitrace".to_owned(),
        }
    }

    fn sasl(mechanism: Mechanism) -> Option<Sasl> {
        Some(Sasl { mechanism, user: "server".to_owned(), password: "geheim".to_owned() })
    }

    #[test]
    fn each_way_to_speak_to_brokers_is_one_that_the_client_knows() {
        let check = |security: Security, expected: &str| {
            let config = options(security).client();
            assert_eq!(config.get("security.protocol"), Some(expected));
            config.create_native_config().unwrap();
        };
        let authorities = || Some(PathBuf::from("/etc/ssl/certs/ca-certificates.crt"));
        let tls = || Some(Tls { authorities: authorities(), identity: None });
        check(Security::default(), "plaintext");
        check(Security { tls: tls(), sasl: None }, "ssl");
        let identity = Some(Identity { certificate: "own.pem".into(), key: "own.key".into() });
        check(Security { tls: Some(Tls { authorities: authorities(), identity }), sasl: None }, "ssl");
        for mechanism in [Mechanism::Plain, Mechanism::ScramSha256, Mechanism::ScramSha512] {
            check(Security { tls: None, sasl: sasl(mechanism) }, "sasl_plaintext");
            check(Security { tls: tls(), sasl: sasl(mechanism) }, "sasl_ssl");
        }
    }

    #[test]
    fn what_producers_and_consumers_are_told_is_what_the_client_knows() {
        options(Security::default()).producer().create_native_config().unwrap();
        options(Security::default()).consumer().create_native_config().unwrap();
    }

    #[test]
    fn a_password_is_never_shown() {
        let shown = format!("{:?}", options(Security { tls: None, sasl: sasl(Mechanism::Plain) }));
        assert!(shown.contains("server") && !shown.contains("geheim"), "{shown}");
    }
}
