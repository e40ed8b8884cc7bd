//! What patients do: redeem a code, sign in and out, tell about themselves. Each operation acts on the caller's own cases
//! alone.

mod account;
mod diary;
mod own;

pub use account::*;
pub use diary::*;
pub use own::*;
