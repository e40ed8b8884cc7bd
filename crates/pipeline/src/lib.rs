//! The proximity network between its nodes and the database: what they report waits in the event log, and a consumer stores
//! it, once, however often anybody is killed.

pub mod consumer;
