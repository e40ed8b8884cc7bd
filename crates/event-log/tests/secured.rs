//! Brokers that are spoken to by TLS, and want to know who comes: whoever is right gets in, nobody else does, and they are
//! told why.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// A broker of one's own, kept as the test run keeps its own.
#[path = "../../../xtask/src/test/broker.rs"]
mod broker;

use broker::{Broker, Ports, Told};
use bytes::Bytes;
use event_log::kafka::{Identity, Log, Mechanism, Options, Sasl, Security, Tls};
use event_log::{EventLog, EventLogError, Most, Polled, Record};
use jiff::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::error::Error;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// A house's own authority, and what it signed: files in PEM.
struct House {
    folder: tempfile::TempDir,
}

impl House {
    fn new() -> Self {
        let house = Self { folder: tempfile::tempdir().unwrap() };
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Authority of the tests");
        house.write("authority.pem", &params.self_signed(&key).unwrap().pem());
        let authority = Issuer::new(params, key);
        for (name, addresses) in [("broker", vec!["127.0.0.1".to_owned()]), ("server", Vec::new())] {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(addresses).unwrap();
            params.distinguished_name.push(DnType::CommonName, name);
            let certificate = params.signed_by(&key, &authority).unwrap().pem();
            house.write(&format!("{name}.pem"), &certificate);
            house.write(&format!("{name}.key"), &key.serialize_pem());
            house.write(&format!("{name}.both"), &format!("{}{certificate}", key.serialize_pem()));
        }
        house
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A broker with two doors: by name and password, and, behind another port, by certificate.
    fn broker(&self, jars: &Path, certificate_port: u16) -> Broker {
        let told = |Ports { clients, controllers }: Ports| {
            Told {
            lines: format!(
                "listeners=SASL_SSL://127.0.0.1:{clients},SSL://127.0.0.1:{certificate_port},CONTROLLER://127.0.0.1:{controllers}
listener.security.protocol.map=SASL_SSL:SASL_SSL,SSL:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={SCRAM};
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={SCRAM} username=\"broker\" password=\"of the broker\";
listener.name.sasl_ssl.plain.sasl.jaas.config={PLAIN} user_server=\"geheim\";
listener.name.ssl.ssl.client.auth=required
ssl.keystore.type=PEM
ssl.keystore.location={keys}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
",
                keys = self.path("broker.both").display(),
                authority = self.path("authority.pem").display()
            ),
            cluster_id: None,
            prepared_with: USERS.iter().flat_map(|user| ["--add-scram".to_owned(), (*user).to_owned()]).collect(),
        }
        };
        Broker::start_told(jars, told).unwrap()
    }

    fn tls(&self) -> Option<Tls> {
        Some(Tls { authorities: Some(self.path("authority.pem")), ..Tls::default() })
    }
}

const SCRAM: &str = "org.apache.kafka.common.security.scram.ScramLoginModule required";
const PLAIN: &str = "org.apache.kafka.common.security.plain.PlainLoginModule required";
const USERS: [&str; 3] = [
    "SCRAM-SHA-512=[name=broker,password=of the broker]",
    "SCRAM-SHA-512=[name=server,password=geheim]",
    "SCRAM-SHA-256=[name=server,password=geheim]",
];

fn sasl(mechanism: Mechanism, password: &str) -> Option<Sasl> {
    Some(Sasl { mechanism, user: "server".to_owned(), password: password.to_owned() })
}

fn options(address: &str, security: Security) -> Options {
    let name = format!("t-{}", Uuid::new_v4().simple());
    Options {
        brokers: vec![address.to_owned()],
        security,
        topic: name.clone(),
        n_partitions: 1,
        n_replicas: 1,
        kept: event_log::embedded::MOST_KEPT,
        group: name,
    }
}

/// Writes a record and reads it.
async fn gets_in(address: &str, security: Security) {
    let log = EventLog::Kafka(Log::open(options(address, security)).await.unwrap().0);
    let record = Record {
        key: None,
        headers: Vec::new(),
        value: Bytes::from_static(b"one"),
        at: Timestamp::from_second(1_800_000_000).unwrap(),
    };
    log.produce(vec![record.clone()]).await.unwrap();
    let mut consumer = log.consumer();
    let most = Most { records: 10, bytes: 1_000 };
    assert_eq!(consumer.poll(most).await.unwrap(), Polled::Assigned(vec![0]));
    consumer.seek(0, 0).await.unwrap();
    let Polled::Records { records, .. } = consumer.poll(most).await.unwrap() else { panic!("no record") };
    assert_eq!(records.into_iter().map(|fetched| fetched.record).collect::<Vec<_>>(), [record]);
}

/// Sees that nobody gets in so, and that the reason is one of a person's words.
async fn stays_out(address: &str, security: Security, word: &str) {
    let refused = Log::open(options(address, security)).await.unwrap_err();
    assert!(matches!(refused, EventLogError::Broker { .. }), "{refused}");
    let reason = refused.source().map(ToString::to_string).unwrap_or_default();
    assert!(reason.contains(word), "it says {reason:?}, and nothing of {word:?}");
    assert!(!reason.contains("geheim") && !format!("{refused:?}").contains("geheim"), "a password is shown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_right_gets_in_and_nobody_else() {
    let jars = PathBuf::from(std::env::var_os("EPITRACE_TEST_KAFKA_JARS").expect("run the tests with `make test`"));
    let house = House::new();
    let by_certificate = broker::free_ports(1).unwrap()[0].clients;
    let broker = tokio::task::block_in_place(|| house.broker(&jars, by_certificate));
    let (by_name, by_certificate) = (broker.address(), format!("127.0.0.1:{by_certificate}"));
    for mechanism in [Mechanism::Plain, Mechanism::ScramSha256, Mechanism::ScramSha512] {
        gets_in(&by_name, Security { tls: house.tls(), sasl: sasl(mechanism, "geheim") }).await;
    }
    let identity = Some(Identity { certificate: house.path("server.pem"), key: house.path("server.key") });
    let shown = Some(Tls { authorities: Some(house.path("authority.pem")), identity });
    gets_in(&by_certificate, Security { tls: shown, sasl: None }).await;

    let scram = || sasl(Mechanism::ScramSha512, "geheim");
    let other_house = House::new();
    // The name of the machine stands for the same address, but not in the certificate.
    let other_name = by_name.replace("127.0.0.1", "localhost");
    tokio::join!(
        stays_out(
            &by_name,
            Security { tls: house.tls(), sasl: sasl(Mechanism::ScramSha512, "falsch") },
            "uthentication"
        ),
        stays_out(&by_name, Security { tls: house.tls(), sasl: sasl(Mechanism::Plain, "falsch") }, "uthentication"),
        stays_out(&by_name, Security { tls: other_house.tls(), sasl: scram() }, "certificate verify failed"),
        stays_out(&by_name, Security { tls: Some(Tls::default()), sasl: scram() }, "certificate verify failed"),
        stays_out(&other_name, Security { tls: house.tls(), sasl: scram() }, "certificate verify failed"),
        stays_out(&by_certificate, Security { tls: house.tls(), sasl: None }, "ertificate"),
        stays_out(&by_name, Security { tls: house.tls(), sasl: None }, ""),
        stays_out(&by_name, Security::default(), ""),
    );
}
