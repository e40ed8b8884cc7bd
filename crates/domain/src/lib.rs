//! The words of the field and their rules.
//!
//! This crate decides and remembers nothing: time, randomness and identifiers come in as arguments,
//! so that every rule can be tested on any day of any year. Read the modules in this order.

pub mod action_items;
pub mod activation;
pub mod audit;
pub mod authorities;
pub mod bulk;
pub mod calls;
pub mod cases;
pub mod check_ins;
pub mod cited;
pub mod contacts;
pub mod diary;
pub mod diseases;
pub mod duplicates;
pub mod encounters;
pub mod enrolment;
pub mod erasure;
pub mod exports;
pub mod exposures;
pub mod guest_lists;
pub mod hand_overs;
pub mod ids;
pub mod infections;
pub mod laboratory;
pub mod languages;
pub mod letters;
pub mod list_requests;
pub mod merges;
pub mod messages;
pub mod names;
pub mod occasions;
pub mod persons;
pub mod public_texts;
pub mod quarantines;
pub mod questionnaire;
pub mod references;
pub mod requests_between;
pub mod retention;
pub mod rules;
pub mod runs;
pub mod symptoms;
pub mod territory;
pub mod time;
pub mod venues;
pub mod visits;
