//! What people do here: one function for one intention.
//!
//! Each authorises, reads, lets `domain` decide, writes and audits. Page, command line and jobs call the
//! same functions. Only this crate checks rights, writes the audit log and opens transactions.

pub mod error;
pub mod context;
pub mod authorities;
pub mod imports;
pub mod exposures;
pub mod outbreak;
pub mod audit;
pub mod keys;
pub mod backup;
pub mod retention;
pub mod doctor;
pub mod demo;

pub use context::{App, Worker};
pub use error::AppError;
