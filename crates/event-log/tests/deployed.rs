//! The three brokers as `deploy/kafka` describes them: they start, come to each other by certificate, take the product's topic, and one
//! of them may be lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// Brokers of one's own, kept as the test run keeps its own.
#[path = "../../../xtask/src/test/broker.rs"]
mod broker;

use broker::{Broker, Ports, Told, free_ports};
use bytes::Bytes;
use event_log::kafka::{Log, Mechanism, Options, Sasl, Security, Tls};
use event_log::{EventLog, Most, Polled, Record};
use jiff::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::path::{Path, PathBuf};

const FILES: [&str; 3] = [
    include_str!("../../../deploy/kafka/broker-1.properties"),
    include_str!("../../../deploy/kafka/broker-2.properties"),
    include_str!("../../../deploy/kafka/broker-3.properties"),
];

fn jars() -> PathBuf {
    std::env::var_os("EPITRACE_TEST_KAFKA_JARS").expect("no jars: run the tests with `make test`").into()
}

/// Writes an authority, and key and certificate of brokers on this machine.
fn certificates(folder: &Path) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Authority of the tests");
    std::fs::write(folder.join("authority.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
    let authority = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap().pem();
    std::fs::write(folder.join("broker.pem"), format!("{}{certificate}", key.serialize_pem())).unwrap();
}

/// The file of a broker, with this machine's addresses in the place of names and folders.
fn here(id: usize, ports: &[Ports], between: &[Ports], folder: &Path) -> Told {
    let mut lines = FILES[id - 1].replace("/etc/kafka/", &format!("{}/", folder.display()));
    for (host, (own, between)) in (1..).zip(ports.iter().zip(between)) {
        for (port, is) in [(9093, own.clients), (9094, own.controllers), (9095, between.clients)] {
            lines = lines.replace(&format!("kafka-{host}.example.org:{port}"), &format!("127.0.0.1:{is}"));
        }
    }
    assert!(!lines.contains("example.org"), "{lines}");
    // Each has a folder of its own already.
    let lines = lines.lines().filter(|line| !line.starts_with("log.dirs=")).map(|line| format!("{line}\n")).collect();
    let user = "SCRAM-SHA-512=[name=epitrace,password=geheim]";
    Told { lines, cluster_id: None, prepared_with: vec!["--add-scram".to_owned(), user.to_owned()] }
}

#[test]
fn the_files_of_the_three_differ_in_number_and_host_only() {
    let common = |id: usize| {
        let text =
            FILES[id - 1].replace(&format!("Broker {id}"), "Broker N").replace(&format!("node.id={id}"), "node.id=N");
        let own = |line: &str| !line.starts_with("listeners=") && !line.starts_with("advertised.listeners=");
        let name =
            |line: &str| if own(line) { line.to_owned() } else { line.replace(&format!("kafka-{id}"), "kafka-N") };
        text.lines().map(name).collect::<Vec<_>>()
    };
    assert_eq!(common(1), common(2));
    assert_eq!(common(1), common(3));
}

fn record(value: u64) -> Record {
    let value = Bytes::from(value.to_le_bytes().to_vec());
    Record { key: Some(value.clone()), headers: Vec::new(), value, at: Timestamp::UNIX_EPOCH }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_brokers_as_deployed_take_the_topic_and_do_without_one() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let between = free_ports(3).unwrap();
    let told = |ports: &[Ports], id: usize| here(id, ports, &between, folder.path());
    let mut brokers = Broker::start_cluster_told(&jars(), 3, told).unwrap();
    let tls = Some(Tls { authorities: Some(folder.path().join("authority.pem")), ..Tls::default() });
    let (user, password) = ("epitrace".to_owned(), "geheim".to_owned());
    let options = Options {
        brokers: brokers.iter().map(Broker::address).collect(),
        security: Security { tls, sasl: Some(Sasl { mechanism: Mechanism::ScramSha512, user, password }) },
        topic: "coronaz".to_owned(),
        n_partitions: 12,
        n_replicas: 3,
        kept: event_log::embedded::MOST_KEPT,
        group: "epitrace".to_owned(),
    };
    let (log, opened) = Log::open(options.clone()).await.unwrap();
    assert!(opened.is_new);
    let log = EventLog::Kafka(log);
    log.produce((0..100).map(record).collect()).await.unwrap();
    brokers[0].kill().unwrap();
    let mut next = 100;
    // Who leads a partition that was the lost broker's is chosen anew.
    while log.produce((next..next + 100).map(record).collect()).await.is_err() {
        next += 100;
    }
    let most = Most { records: 1_000, bytes: 1 << 20 };
    let (mut consumer, mut found) = (log.consumer(), std::collections::BTreeSet::new());
    while !(0..100).chain(next..next + 100).all(|value: u64| found.contains(&value)) {
        match consumer.poll(most).await.unwrap() {
            Polled::Assigned(partitions) => {
                for partition in partitions {
                    consumer.seek(partition, 0).await.unwrap();
                }
            }
            Polled::Revoked(partitions) => panic!("{partitions:?} went"),
            Polled::Records { records, .. } => {
                let value =
                    |fetched: &event_log::Fetched| u64::from_le_bytes(fetched.record.value[..].try_into().unwrap());
                found.extend(records.iter().map(value));
            }
        }
    }
    assert!(
        Log::find(Options { topic: "another".to_owned(), ..options }).await.unwrap().is_none(),
        "none is made by itself"
    );
}
