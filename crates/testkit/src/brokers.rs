//! The Apache Kafka of the test run: where it is, names that nobody else uses there, and a way to it that opens late.

use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use uuid::Uuid;

/// Returns the broker of the test run, as `host:port`.
#[must_use]
pub fn address() -> String {
    std::env::var("EPITRACE_TEST_KAFKA").expect(
        "no Apache Kafka to test on: run the tests with `make test` or `cargo xtask test`, which start one and name it in \
         EPITRACE_TEST_KAFKA",
    )
}

/// Returns where its jars are, from which others are started.
#[must_use]
pub fn jars() -> PathBuf {
    let jars = std::env::var_os("EPITRACE_TEST_KAFKA_JARS");
    jars.expect("no jars of Apache Kafka: run the tests with `make test` or `cargo xtask test`").into()
}

/// Returns a name for a topic and a group that nobody else has.
#[must_use]
pub fn fresh_name() -> String {
    format!("t-{}", Uuid::new_v4().simple())
}

/// An address at which nobody answers, until it leads to the brokers.
pub struct Way {
    socket: TcpSocket,
}

impl Way {
    /// Takes an address.
    #[must_use]
    pub fn closed() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        Self { socket }
    }

    /// Returns the address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// Passes on what comes, for as long as the runtime lasts.
    pub fn open(self) {
        let listener = self.socket.listen(64).unwrap();
        tokio::spawn(pass_on(listener));
    }
}

async fn pass_on(listener: TcpListener) {
    while let Ok((mut caller, _)) = listener.accept().await {
        tokio::spawn(async move {
            let Ok(mut broker) = TcpStream::connect(address()).await else { return };
            // Either end may break off.
            let _ = tokio::io::copy_bidirectional(&mut caller, &mut broker).await;
        });
    }
}
