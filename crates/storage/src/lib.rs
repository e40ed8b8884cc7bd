//! Facts at rest: one interface, SQLite and PostgreSQL behind it.
//!
//! This crate remembers and knows no rule: it can say which visits overlap, not which of them is an
//! exposure. It alone knows SQL and keys. Read the modules in this order.

#[macro_use]
mod dialect;
pub mod accounts;
pub mod action_items;
pub mod activation_codes;
pub mod anonymising;
pub mod api_tokens;
pub mod audit;
pub mod authorities;
pub mod authority_keys;
pub mod authority_messages;
pub mod backup;
pub mod bulk;
pub mod calls;
pub mod cases;
pub mod catalogue;
pub mod check_ins;
pub mod comments;
pub mod condition;
pub mod contacts;
pub mod credentials;
pub mod declared_contacts;
pub mod diary;
pub mod duplicates;
pub mod encounters;
pub mod enrolments;
pub mod error;
pub mod export_files;
pub mod facilities;
pub mod folder;
pub mod guest_lists;
pub mod hand_overs;
pub mod history;
mod images;
pub mod import_files;
pub mod inbox;
pub mod infections;
pub mod invitations;
pub mod jobs;
pub mod laboratory;
pub mod leases;
pub mod ledger;
pub mod letters;
pub mod list_requests;
pub mod merges;
pub mod message_templates;
pub mod messages;
pub mod occasions;
pub mod outbox;
pub mod patients;
pub mod person_file;
pub mod persons;
pub mod plans;
pub mod public_texts;
pub mod pulse;
pub mod quarantines;
pub mod questionnaires;
pub mod requests_between;
pub mod retention;
pub mod rule_sets;
pub mod runs;
pub mod saved_views;
pub mod schema;
pub mod sealing;
pub mod sessions;
pub mod stays;
pub mod store;
pub mod tallies;
pub mod territory;
pub mod venues;
pub mod visits;

pub use error::StorageError;
pub use store::{Freshness, Store, StoreOptions, Tx};
