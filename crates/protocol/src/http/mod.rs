//! Bodies of the HTTP API, one file for each subject.
//!
//! Instants are RFC 3339 in UTC, days `YYYY-MM-DD` in the authority's time zone.

pub mod accounts;
pub mod activation;
pub mod audit;
pub mod bulk;
pub mod case_work;
pub mod cases;
pub mod check_ins;
pub mod contacts;
pub mod dashboard;
pub mod diary;
pub mod doctor;
pub mod duplicates;
pub mod exports;
pub mod exposures;
pub mod guest_lists;
pub mod hand_overs;
pub mod imports;
pub mod jobs;
pub mod list_requests;
pub mod merges;
pub mod messages;
pub mod occasions;
pub mod outbreak;
pub mod page;
pub mod patient;
pub mod persons;
pub mod problem;
pub mod public_texts;
pub mod quarantine;
pub mod questionnaire;
pub mod requests_between;
pub mod rule_sets;
pub mod runs;
pub mod saved_views;
pub mod session;
pub mod status;
pub mod territory;
pub mod timeliness;
pub mod tokens;
pub mod venues;
