//! The API as its callers meet it: over real HTTP, on both databases, with a clock that the tests move.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod accounts;
mod audit;
mod bulk;
mod case_work;
mod cases;
mod check_ins;
mod contacts;
mod diary;
mod duplicates;
mod enrolment;
mod exports;
mod exposures;
mod hand_overs;
mod imports;
mod invitations;
mod list_requests;
mod mail;
mod merged_accounts;
mod merges;
mod messages;
mod operations;
mod own_diary;
mod public_texts;
mod quarantine;
mod questionnaire;
mod requests;
mod rule_sets;
mod saved_views;
mod sessions;
mod site;
mod slow;
mod timeliness;
mod tokens;
mod told;
mod venues;
