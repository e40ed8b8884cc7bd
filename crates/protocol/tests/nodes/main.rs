//! What nodes say, from outside: the published examples, sizes, and whatever strangers may send.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod examples;
mod fuzz;
mod historic;
mod sizes;
