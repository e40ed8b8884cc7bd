//! What people do here: one function for one intention.
//!
//! Each authorises, reads, lets `domain` decide, writes and audits. Page, command line and jobs call the
//! same functions. Only this crate checks rights, writes the audit log and opens transactions.

pub mod accounts;
pub mod audit;
pub mod authorities;
pub mod backup;
pub mod case_work;
pub mod cases;
pub mod check_ins;
mod clock;
pub mod condition;
pub mod context;
pub mod dashboard;
pub mod data_protection;
mod days;
pub mod demo;
pub mod doctor;
pub mod duplicates;
pub mod error;
pub mod exports;
pub mod exposures;
pub mod guest_lists;
pub mod imports;
pub mod jobs;
pub mod keys;
pub mod letterhead;
pub mod messages;
pub mod names;
pub mod occasions;
pub mod outbox;
pub mod outbreak;
pub mod patients;
pub mod persons;
pub mod public_texts;
pub mod pulse;
pub mod reading;
pub mod retention;
pub mod rule_sets;
pub mod runs;
pub mod saved_views;
pub mod sign_in;
pub mod territory;
pub mod timeliness;
pub mod venues;

pub use context::{App, Worker};
pub use days::ExplainedDays;
pub use error::AppError;
