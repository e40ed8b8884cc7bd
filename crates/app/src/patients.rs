//! Patients' accounts: signing in and out, passwords, links that set a new one, and the end of an account.
//!
//! An account belongs to a person. Whoever fails is told the same words after the same work, whether it exists or not.

mod accounts;
mod sessions;

pub use sessions::{IDLE_MINUTES, Patient, PatientAttempt};
