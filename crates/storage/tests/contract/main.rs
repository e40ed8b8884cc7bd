//! The contract of the storage: each test runs on each database.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, clippy::cloned_ref_to_slice_refs)]

mod accounts;
mod anonymising;
mod audit;
mod backup;
mod bulk;
mod cases;
mod check_ins;
mod declared;
mod diary;
mod duplicates;
mod encounters;
mod enrolment;
mod exports;
mod facts;
mod filters;
mod hand_overs;
mod isolation;
mod jobs;
mod lists;
mod merges;
mod messages;
mod outbox;
mod periods;
mod persons;
mod plans;
mod public_texts;
mod quarantines;
mod retention;
mod saved_views;
mod schema;
mod territory;
mod timeliness;
mod venues;
mod visits;
mod work;
