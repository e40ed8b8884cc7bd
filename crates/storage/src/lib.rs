//! Facts at rest: one interface, SQLite and PostgreSQL behind it.
//!
//! This crate remembers and knows no rule: it can say which visits overlap, not which of them is an
//! exposure. It alone knows SQL and keys. Read the modules in this order.

#[macro_use]
mod dialect;
pub mod error;
pub mod catalogue;
mod schema;
pub mod store;
pub mod sealing;
pub mod authorities;
pub mod accounts;
pub mod persons;
pub mod history;
pub mod cases;
pub mod infections;
pub mod contacts;
pub mod encounters;
pub mod facilities;
pub mod visits;
pub mod rule_sets;
pub mod audit;
pub mod leases;
pub mod folder;
pub mod ledger;
pub mod retention;
pub mod backup;

pub use error::StorageError;
pub use store::{Freshness, Store, StoreOptions, Tx};
