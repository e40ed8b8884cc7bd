//! What people do here: one function for one intention.
//!
//! Each authorises, reads, lets `domain` decide, writes and audits. Page, command line and jobs call the
//! same functions. Only this crate checks rights, writes the audit log and opens transactions.

pub mod audit;
pub mod authorities;
pub mod backup;
pub mod context;
pub mod demo;
pub mod doctor;
pub mod error;
pub mod exposures;
pub mod imports;
pub mod keys;
pub mod outbreak;
pub mod retention;

pub use context::{App, Worker};
pub use error::AppError;
