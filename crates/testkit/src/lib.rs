//! Fixtures, a clock that stands still, throw-away databases. Only tests use it.
//!
//! Each test gets a database of its own: a SQLite file in a temporary folder, or a copy of a migrated
//! template on the PostgreSQL that `cargo xtask test` started and named in `EPITRACE_TEST_POSTGRES`.
//! Without that server the PostgreSQL half of a suite fails: it is never skipped in silence. The same holds of Apache Kafka.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// A broker of one's own, for tests that kill it: started as the test run starts its own.
#[path = "../../../xtask/src/test/broker.rs"]
pub mod broker;
pub mod brokers;
/// A server of one's own, for tests that kill it: started as the test run starts its own.
#[path = "../../../xtask/src/test/cluster.rs"]
pub mod cluster;
pub mod collector;
pub mod database;
pub mod door;
pub mod kit;
pub mod pair;
pub mod published_nodes;
pub mod smtp;

pub use database::{Database, Kind};
pub use kit::Kit;

/// Defines tests that every backend must pass, each in a database of its own.
///
/// `async fn name(kit) { … }` becomes `name::on_sqlite` and `name::on_postgres`.
#[macro_export]
macro_rules! contract {
    ($($(#[$meta:meta])* async fn $name:ident($kit:ident) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn holds($kit: $crate::Kit) $body

            #[tokio::test]
            async fn on_sqlite() {
                holds($crate::Kit::new($crate::Kind::Sqlite).await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                holds($crate::Kit::new($crate::Kind::Postgres).await).await;
            }
        }
    )*};
}
