//! The faults that a network of nodes must survive, one by one: the database, a consumer, the server and the brokers go away,
//! nodes come, a node is killed. All are processes of their own. What nodes say at their end that they heard must be stored,
//! each contact once, and nobody may have been silent who was not.

use super::broker::Broker;
use super::brokers::{finding, on_postgres, on_sqlite};
use super::run_processes::{CLOSE, Nodes, clock_of, n_heard, second_of, server_at};
use super::runs::{MOST_LOOKS, json, until};
use super::serve::{Client, Server};
use super::*;
use bytes::Bytes;
use event_log::{EventLog, Record, kafka};
use rustix::process::Signal;
use testkit::brokers::{address, jars};

/// A server, a run of it, and nodes that all hear each other.
struct Scene {
    desk: Desk,
    base: String,
    server: Option<Server>,
    client: Client,
    run: String,
    nodes: Nodes,
    n_nodes: u64,
    port: &'static str,
}

impl Scene {
    /// Begins with nodes in processes of their own, which speak to each other by a port that no other test has.
    async fn begin(desk: Desk, n_nodes: usize, second: &str, port: &'static str) -> Self {
        Self::begin_with(desk, (n_nodes, 1), second, port).await
    }

    /// Begins with so many hosts of so many nodes each.
    async fn begin_with(desk: Desk, hosts: (usize, usize), second: &str, port: &'static str) -> Self {
        let server = Server::on(&desk, &[]);
        let base = server.base.clone();
        let mut client = Client::new(&base);
        client.accept(&desk.administrators_link()).await;
        let args = ["runs", "new", "--safe", "0", "--infected", "0", "--second", second, "--json"];
        let made = json(&desk.run(&[&args[..], &CLOSE].concat()));
        let run = made["run_id"].as_str().unwrap().to_owned();
        let mut nodes = Nodes::start(&desk, &run, &base, port, 0);
        nodes.add_hosts(&desk, &run, &base, port, hosts);
        let n_nodes = (hosts.0 * hosts.1) as u64;
        let scene = Self { desk, base, server: Some(server), client, run, nodes, n_nodes, port };
        scene.stored_beyond(10);
        scene
    }

    /// Waits until it is stored what all nodes said, beyond a second; returns the last second that is.
    fn stored_beyond(&self, second: u64) -> u64 {
        let all = |shown: &Value| shown["statistics"]["total"] == self.n_nodes;
        second_of(&until(&self.desk, &self.run, |shown| all(shown) && second_of(shown) > second))
    }

    /// Waits until the run's own clock is so many seconds on; returns which second it is.
    fn lives_on(&self, seconds: u64) -> u64 {
        let from = clock_of(&self.desk, &self.run);
        loop {
            let now = clock_of(&self.desk, &self.run);
            if now >= from + seconds {
                return now;
            }
        }
    }

    /// Sees that nobody was silent in some seconds, once all that was told of them has arrived.
    fn nobody_was_silent(&self, seconds: std::ops::Range<u64>) {
        let at =
            |second: u64| json(&self.desk.run(&["runs", "show", &self.run, "--at", &second.to_string(), "--json"]));
        let all = |shown: &Value| {
            let numbers = &shown["statistics"];
            (&numbers["total"], &numbers["silent"]) == (&self.n_nodes.into(), &0.into())
        };
        for second in seconds.step_by(7) {
            let arrived = (0..MOST_LOOKS).any(|_| all(&at(second)));
            assert!(arrived, "second {second}: {}", at(second));
        }
    }

    /// Ends the run, and sees that what its nodes heard is stored; returns how often they heard. Those that were killed may have
    /// known of more.
    async fn ends_whole(mut self, n_killed: usize) -> u64 {
        self.desk.ok(&["runs", "stop", &self.run]);
        let ended = self.nodes.ended();
        let mut told = 0;
        for summary in &ended {
            assert_eq!((&summary["ended"], &summary["contacts_lost"]), (&"stopped".into(), &0.into()), "{summary}");
            told += summary["contacts"].as_u64().unwrap();
        }
        assert!(told > 60, "they heard each other: {ended:?}");
        let mut stored = 0;
        for _ in 0..MOST_LOOKS {
            stored = n_heard(&mut self.client, &self.run).await;
            if stored >= told {
                break;
            }
        }
        if n_killed == 0 {
            assert_eq!(stored, told, "each contact once: {ended:?}");
        } else {
            assert!(stored >= told, "{stored} stored, {told} heard");
        }
        if let Some(server) = self.server.take() {
            server.stop();
        }
        told
    }
}

fn consume(desk: &Desk) -> Server {
    let mut command = desk.command(&["consume"]);
    command.stderr(std::fs::File::options().append(true).create(true).open(desk.path("consume.log")).unwrap());
    Server::start(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_away_costs_no_contact_and_nobody_is_silent_afterwards() {
    let mut broker = Broker::start(&jars()).unwrap();
    let scene = Scene::begin(on_sqlite(&broker.address(), ""), 20, "100ms", "47331").await;
    let died_at = clock_of(&scene.desk, &scene.run);
    broker.kill().unwrap();
    let back_at = scene.lives_on(60);
    let stored = second_of(&json(&scene.desk.run(&["runs", "show", &scene.run, "--json"])));
    assert!(stored + 30 < back_at, "nobody stores what is heard: second {stored} of {back_at}");
    broker.start_again().unwrap();
    scene.stored_beyond(back_at + 10);
    scene.nobody_was_silent(died_at..back_at + 10);
    scene.ends_whole(0).await;
}

/// Three hundred nodes that all hear each other hear more than a million times within twelve seconds.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_host_hears_beyond_a_million_times_is_united_and_none_of_it_is_lost() {
    let mut broker = Broker::start(&jars()).unwrap();
    let scene = Scene::begin_with(on_sqlite(&broker.address(), ""), (1, 300), "1s", "47338").await;
    broker.kill().unwrap();
    scene.lives_on(16);
    broker.start_again().unwrap();
    scene.stored_beyond(scene.lives_on(5));
    let told = scene.ends_whole(0).await;
    assert!(told > 1_000_000, "only {told} times");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_three_brokers_dies_under_load_and_nothing_is_lost_or_doubled() {
    let mut brokers = Broker::start_cluster(&jars(), 3).unwrap();
    let addresses: Vec<String> = brokers.iter().map(Broker::address).collect();
    let (desk, _database) = on_postgres(&addresses.join("', '"), "consume = false").await;
    let config = std::fs::read_to_string(desk.path("config.toml")).unwrap().replace("replicas = 1", "replicas = 3");
    desk.write("config.toml", &config);
    let consumers = [consume(&desk), consume(&desk)];
    let log = log_of(&config, addresses);
    let log = EventLog::Kafka(kafka::Log::open(log).await.unwrap().0);
    let scene = Scene::begin(desk, 8, "100ms", "47332").await;
    let began_at = clock_of(&scene.desk, &scene.run);
    for broker in &mut brokers {
        // Whichever leads a partition is among them.
        broker.kill().unwrap();
        log.produce(poison()).await.unwrap();
        scene.stored_beyond(scene.lives_on(10));
        broker.start_again().unwrap();
        scene.stored_beyond(scene.lives_on(10));
    }
    scene.nobody_was_silent(began_at..clock_of(&scene.desk, &scene.run) - 10);
    let aside = finding(&scene.desk, "reports put aside")["found"].to_string();
    assert!(aside.contains("12"), "what is no report is put aside, each once: {aside}");
    scene.ends_whole(0).await;
    consumers.into_iter().for_each(Server::stop);
}

/// The topic of a configuration, for who writes to it directly.
fn log_of(config: &str, brokers: Vec<String>) -> kafka::Options {
    let topic = config.lines().find_map(|line| line.strip_prefix("topic = '")).unwrap().trim_end_matches('\'');
    kafka::Options {
        brokers,
        security: kafka::Security::default(),
        topic: topic.to_owned(),
        n_partitions: 3,
        n_replicas: 3,
        kept: event_log::embedded::MOST_KEPT,
        group: topic.to_owned(),
    }
}

/// Four records that are no reports.
fn poison() -> Vec<Record> {
    let record = |no: u8| Record {
        key: Some(Bytes::from(vec![no])),
        headers: Vec::new(),
        value: Bytes::from(vec![0xff, no]),
        at: jiff::Timestamp::from_second(1_800_000_000).unwrap(),
    };
    (0..4).map(record).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_costs_no_contact_and_the_page_is_told_when_to_ask_again() {
    let (desk, database) = on_postgres(&address(), "").await;
    let scene = Scene::begin(desk, 4, "50ms", "47333").await;
    let died_at = clock_of(&scene.desk, &scene.run);
    database.go_away().await;
    let answer = reqwest::get(format!("{}/api/v1/runs", scene.base)).await.unwrap();
    assert_eq!(answer.status().as_u16(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    let log = || std::fs::read_to_string(scene.desk.path("serve.log")).unwrap();
    while log().matches("waits for the database").count() < 4 {
        std::thread::yield_now();
    }
    database.come_back().await;
    let back_at = clock_of(&scene.desk, &scene.run);
    scene.stored_beyond(back_at + 10);
    scene.nobody_was_silent(died_at..back_at + 10);
    scene.ends_whole(0).await;
}

/// Two consumers share the partitions; one after the other is killed without warning, and another takes its place.
async fn consumers_die(desk: Desk, port: &'static str) {
    let mut consumers = vec![consume(&desk), consume(&desk)];
    let scene = Scene::begin(desk, 4, "50ms", port).await;
    let began_at = clock_of(&scene.desk, &scene.run);
    for _ in 0..3 {
        consumers.push(consume(&scene.desk));
        consumers.remove(0).kill();
        scene.stored_beyond(scene.lives_on(20));
    }
    scene.nobody_was_silent(began_at..clock_of(&scene.desk, &scene.run) - 10);
    scene.ends_whole(0).await;
    consumers.into_iter().for_each(Server::stop);
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_that_are_killed_are_replaced_by_those_that_live_on_sqlite() {
    consumers_die(on_sqlite(&address(), "consume = false"), "47334").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_that_are_killed_are_replaced_by_those_that_live_on_postgres() {
    let (desk, _database) = on_postgres(&address(), "consume = false").await;
    consumers_die(desk, "47335").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consumer_that_stands_still_loses_its_partitions_and_stores_nothing_twice_when_it_wakes() {
    let (desk, _database) = on_postgres(&address(), "consume = false").await;
    let (sleeper, other) = (consume(&desk), consume(&desk));
    let scene = Scene::begin(desk, 4, "100ms", "47336").await;
    let began_at = clock_of(&scene.desk, &scene.run);
    sleeper.signal(Signal::STOP);
    // The group misses it only after a while.
    scene.stored_beyond(scene.lives_on(30));
    sleeper.signal(Signal::CONT);
    let woken_at = scene.lives_on(1);
    scene.stored_beyond(scene.lives_on(50));
    scene.nobody_was_silent(began_at..woken_at);
    scene.ends_whole(0).await;
    sleeper.stop();
    other.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_nodes_that_come_and_one_that_is_killed() {
    let desk = on_sqlite(&address(), "consume = false");
    let consumer = consume(&desk);
    let mut scene = Scene::begin(desk, 3, "200ms", "47337").await;
    let died_at = clock_of(&scene.desk, &scene.run);
    scene.server.take().unwrap().kill();
    let back_at = scene.lives_on(20);
    scene.server = Some(server_at(&scene.desk, &scene.base));
    scene.stored_beyond(back_at + 10);
    scene.nobody_was_silent(died_at..back_at);
    // Others come while all goes on.
    scene.nodes.add(&scene.desk, &scene.run, &scene.base, scene.port, 3);
    scene.n_nodes = 6;
    scene.stored_beyond(scene.lives_on(5));
    scene.nodes.kill_one();
    let shown = until(&scene.desk, &scene.run, |shown| shown["statistics"]["silent"] == 1);
    assert_eq!((&shown["statistics"]["total"], &shown["statistics"]["deaths"]), (&6.into(), &0.into()), "{shown}");
    scene.ends_whole(1).await;
    consumer.stop();
}
