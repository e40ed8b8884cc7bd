//! Signing in: who somebody is, how they prove it, and for how long.
//!
//! Whoever fails is told the same words after the same work, whether the account exists or not. Secrets that people or
//! programs hold (cookies, links, keys, recovery codes) are stored as hashes only.

pub mod invitations;
pub mod passwords;
pub mod second_factor;
mod secrets;
pub mod sessions;
pub mod tokens;

pub use secrets::Secret;
pub(crate) use secrets::random;
