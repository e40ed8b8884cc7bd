//! HTTP: routes, sign-in, jobs, the embedded page. Only this crate knows status codes.
//!
//! A handler reads the request, calls one thing in `app`, shapes the answer. Who may is in its signature. Read [`api`]
//! for what there is, [`sign_in`] for who may, [`guard`] for what holds for every request, [`serve`] for start and end, [`figures`] for what is measured.

mod accounts;
mod activation;
pub mod api;
mod aside;
mod audit;
mod bulk;
mod case_work;
mod cases;
mod check_ins;
mod contacts;
mod cursor;
mod dashboard;
mod data_protection;
mod diary;
mod doctor;
mod duplicates;
mod exports;
mod exposures;
pub mod figures;
mod guard;
mod guest_lists;
mod hand_overs;
mod health;
mod imports;
mod jobs;
mod limits;
mod list_requests;
pub mod mail;
mod merges;
mod message_templates;
mod messages;
mod network;
mod occasions;
mod outbreak;
mod page;
mod patient;
mod persons;
mod platform;
mod problem;
mod public_texts;
mod quarantine;
mod questionnaire;
mod request;
mod requests_between;
mod rule_sets;
mod runs;
mod saved_views;
pub mod serve;
mod session;
mod sign_in;
mod status;
mod sure;
mod territory;
mod timeliness;
mod tokens;
pub mod traces;
mod unchanged;
mod venues;

pub use guard::TimeLimits;
pub use network::{Consumption, Network, Unkept};
pub use platform::{Demo, Options, Platform};
pub use serve::serve;
pub use status::ends_at;
