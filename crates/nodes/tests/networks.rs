//! Nodes in processes and networks of their own hear each other: over UDP as it is.
//!
//! Networks are made of namespaces without a default route, which takes root and the program `ip`. Where they can't be made these
//! tests fail and say what is missing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use nodes::air::{Air, Inbox, Medium};
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

const NODE: &str = env!("CARGO_BIN_EXE_lone-node");
const GROUP: &str = "239.77.1.9";
/// Each takes some milliseconds.
const MOST_LOOKS: u32 = 5_000;

/// Two namespaces; they go when it is dropped, with all that lives in them.
struct Networks {
    names: [String; 2],
}

/// Asks until both ends of a cable have found each other.
fn wait_until_up(name: &str) {
    let is_up = |_| ip(&format!("-n {name} link show eth0")).contains("state UP");
    assert!((0..MOST_LOOKS).any(is_up), "the cable at {name} has no link");
}

/// Runs `ip`, and returns what it says; says what is missing if it can't.
fn ip(args: &str) -> String {
    let output = Command::new("ip").args(args.split_whitespace()).output();
    let output = output.unwrap_or_else(|error| panic!("the program `ip` (iproute2) is missing: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "networks can't be made here, which takes root: `ip {args}` says {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

impl Networks {
    /// Makes two namespaces in which only the loopback is up.
    fn apart() -> Self {
        static N: AtomicU32 = AtomicU32::new(0);
        let n = N.fetch_add(1, Ordering::Relaxed);
        let networks = Self { names: ["a", "b"].map(|side| format!("epitrace-{}-{n}{side}", std::process::id())) };
        for name in &networks.names {
            ip(&format!("netns add {name}"));
            ip(&format!("-n {name} link set lo up"));
        }
        networks
    }

    /// Joins them by a cable: 10.77.0.1 and 10.77.0.2.
    fn joined() -> Self {
        let networks = Self::apart();
        let [a, b] = &networks.names;
        ip(&format!("-n {a} link add eth0 type veth peer name eth0 netns {b}"));
        for (name, address) in [(a, "10.77.0.1/24"), (b, "10.77.0.2/24")] {
            ip(&format!("-n {name} address add {address} broadcast + dev eth0"));
            ip(&format!("-n {name} link set eth0 up"));
        }
        [a, b].into_iter().for_each(|name| wait_until_up(name));
        networks
    }

    /// Prepares a node in one of them.
    fn node(&self, network: usize, n: u32, more: &[&str]) -> Command {
        let mut command = Command::new("ip");
        let node = format!("00000000-0000-0000-0000-{n:012}");
        let health = if n == 1 { "infected" } else { "safe" };
        command.args(["netns", "exec", &self.names[network], NODE, &node, health, "4711"]).args(more);
        command
    }
}

impl Drop for Networks {
    fn drop(&mut self) {
        for name in &self.names {
            let _ = Command::new("ip").args(["netns", "del", name]).stderr(Stdio::null()).status();
        }
    }
}

/// Starts an infected node and another, and checks that they met, and that the other was infected.
fn check_they_meet(commands: [Command; 2], sent_to: &str) {
    let started = commands.map(|mut command| command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let said = started.map(|node| {
        let output = node.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        said
    });
    let expected = |n| format!("met true infections {n} refused 0 unsent 0 to [{sent_to}]\n");
    assert_eq!(said, [expected(0), expected(1)]);
}

#[test]
fn nodes_in_two_networks_without_a_default_route_hear_each_other_over_a_cable() {
    let networks = Networks::joined();
    check_they_meet([networks.node(0, 1, &[]), networks.node(1, 2, &[])], "10.77.0.255");
}

#[test]
fn nodes_of_one_machine_share_the_port_and_hear_each_other_over_the_loopback_if_there_is_nothing_else() {
    let networks = Networks::apart();
    check_they_meet([networks.node(0, 1, &[]), networks.node(0, 2, &[])], "127.255.255.255");
}

#[test]
fn nodes_of_a_multicast_group_hear_each_other_over_a_cable() {
    let networks = Networks::joined();
    let nodes = [networks.node(0, 1, &[GROUP, "10.77.0.1"]), networks.node(1, 2, &[GROUP, "10.77.0.2"])];
    check_they_meet(nodes, GROUP);
}

/// Waits until something comes, and returns the frames: one for each network of the machine that it came over.
async fn heard(air: &Air) -> Vec<Vec<u8>> {
    let (mut inbox, mut frames) = (Inbox::default(), Vec::new());
    while frames.is_empty() {
        air.ready().await.unwrap();
        air.drain(&mut inbox, |frame| frames.push(frame.to_vec())).unwrap();
    }
    frames
}

#[tokio::test]
async fn two_sockets_on_a_free_port_both_hear_what_one_of_them_sends() {
    let group = Medium::Multicast { group: Ipv4Addr::new(239, 77, 1, 10), interface: Some(Ipv4Addr::LOCALHOST) };
    for medium in [Medium::Broadcast, group] {
        let one = Air::open(medium, 0).unwrap();
        let other = Air::open(medium, one.port()).unwrap();
        assert!(one.send(b"a frame").await, "{medium:?}");
        for air in [&one, &other] {
            assert!(heard(air).await.iter().all(|frame| frame == b"a frame"), "{medium:?}");
        }
    }
}
