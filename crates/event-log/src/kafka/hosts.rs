//! Each broker by itself: a log that answers says nothing of the one that doesn't.

use super::{Admin, Options, blocking};
use crate::Result;
use rdkafka::metadata::Metadata;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// How long one broker is waited for.
const ONE_ANSWERS: Duration = Duration::from_secs(5);

/// The brokers, each as it answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Those that answer, as `host:port`, in their order.
    pub answering: Vec<String>,
    /// Those that don't.
    pub silent: Vec<String>,
    /// Partitions of the topic that fewer brokers have than should.
    pub n_thin: usize,
}

/// What one broker says.
struct Said {
    address: String,
    answer: Result<Metadata>,
}

/// Asks each broker by itself: those of the options, and those that they name.
pub async fn look_at_hosts(options: &Options) -> Hosts {
    let mut hosts = Hosts::default();
    let mut asked: BTreeSet<String> = options.brokers.iter().cloned().collect();
    let mut asking: JoinSet<Said> = JoinSet::new();
    for address in &asked {
        asking.spawn(ask(options.clone(), address.clone()));
    }
    while let Some(said) = asking.join_next().await {
        // It fails only if the runtime ends.
        let Ok(Said { address, answer }) = said else { break };
        let Ok(metadata) = answer else {
            hosts.silent.push(address);
            continue;
        };
        hosts.answering.push(address);
        hosts.n_thin = n_thin(&metadata);
        for broker in metadata.brokers() {
            let named = format!("{}:{}", broker.host(), broker.port());
            if asked.insert(named.clone()) {
                asking.spawn(ask(options.clone(), named));
            }
        }
    }
    hosts.answering.sort_unstable();
    hosts.silent.sort_unstable();
    hosts
}

async fn ask(options: Options, address: String) -> Said {
    let topic = options.topic.clone();
    let one = Options { brokers: vec![address.clone()], ..options };
    let answer = match one.client().create::<Admin>() {
        Ok(admin) => {
            let admin = Arc::new(admin);
            blocking("ask a broker", move || admin.inner().fetch_metadata(Some(&topic), ONE_ANSWERS)).await
        }
        Err(error) => Err(crate::EventLogError::broker("begin to speak to Kafka")(error)),
    };
    Said { address, answer }
}

fn n_thin(metadata: &Metadata) -> usize {
    let partitions = metadata.topics().first().map_or(&[][..], |topic| topic.partitions());
    partitions.iter().filter(|partition| partition.isr().len() < partition.replicas().len()).count()
}
