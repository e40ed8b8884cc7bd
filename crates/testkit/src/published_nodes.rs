//! Nodes of the published system, with the client library that they use, in a process of their own.

use std::process::{Command, Stdio};

const PROGRAM: &str = include_str!("published_nodes.py");

/// Has so many nodes send so many messages each to a topic, their last one with `alive: false`, by a clock that shows New York's
/// time. Returns how many were acknowledged.
#[must_use]
pub fn send(brokers: &str, topic: &str, n_nodes: u32, n_messages: u32) -> usize {
    let python = std::env::var_os("EPITRACE_TEST_KAFKA_PYTHON").expect(
        "no Python with kafka-python to test with: run the tests with `make test` or `cargo xtask test`, which make one and \
         name it in EPITRACE_TEST_KAFKA_PYTHON",
    );
    let mut command = Command::new(python);
    command.arg("-c").arg(PROGRAM).args([brokers, topic, &n_nodes.to_string(), &n_messages.to_string()]);
    let done = command.env("TZ", "America/New_York").stdin(Stdio::null()).output().unwrap();
    assert!(done.status.success(), "the published nodes failed: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().parse().unwrap()
}
