//! The statements on which the cost of a search hangs: their plans must follow a key, never scan a table.
//!
//! A test asks both databases for these plans, on tables with rows and statistics, and fails on a scan.

use crate::dialect::Statement;

/// A statement whose plan is watched.
#[derive(Clone, Copy, Debug)]
pub struct Watched {
    /// Its text for SQLite; the first line is its name.
    pub sqlite: &'static str,
    /// Its text for PostgreSQL.
    pub postgres: &'static str,
}

const fn watched(statement: Statement) -> Watched {
    Watched { sqlite: statement.sqlite, postgres: statement.postgres }
}

/// All of them.
pub const WATCHED: &[Watched] = &[
    watched(crate::persons::BY_REFERENCE),
    watched(crate::persons::REFERENCES_OF),
    watched(crate::persons::BY_PREFIX),
    watched(crate::persons::NAMES_OF),
    watched(crate::persons::NAMES_AFTER),
    watched(crate::persons::MADE_BETWEEN),
    watched(crate::duplicates::CANDIDATES),
    watched(crate::duplicates::OF_PERSONS),
    watched(crate::duplicates::CHANGES_AFTER),
    watched(crate::cases::DATES_OF_PERSONS),
    watched(crate::cases::BRIEFLY_OF_PERSONS),
    watched(crate::cases::LISTED),
    watched(crate::cases::WORK_OF),
    watched(crate::cases::STEPS),
    watched(crate::cases::ORIGINS),
    watched(crate::cases::WORKLOAD),
    watched(crate::cases::WITH_ENDED_QUARANTINE),
    watched(crate::cases::DECIDED_BETWEEN),
    watched(crate::cases::WITHOUT_QUARANTINE),
    watched(crate::cases::EXTERNAL),
    watched(crate::cases::IN_TRACKING),
    watched(crate::bulk::INVITEES),
    watched(crate::activation_codes::OPEN_OF_CASES),
    watched(crate::action_items::WAITING_OF),
    watched(crate::calls::LAST_OF),
    watched(crate::diary::OF_CASE),
    watched(crate::diary::WITHOUT_ENTRY),
    watched(crate::diary::TO_REMIND),
    watched(crate::infections::OF_INFECTORS),
    watched(crate::infections::OF_INFECTED),
    watched(crate::contacts::OF_PERSONS),
    watched(crate::encounters::OF_PERSONS),
    watched(crate::visits::OF_PERSONS),
    watched(crate::visits::IN_AREA),
    watched(crate::stays::AREAS_OF_FACILITIES),
    watched(crate::requests_between::OF_FACILITIES),
    watched(crate::merges::BY_ID),
    watched(crate::merges::OF_PERSON),
    watched(crate::merges::PERSON_NOW),
    watched(crate::merges::CASE_NOW),
    watched(crate::merges::PERSONS_GONE),
    watched(crate::merges::CASES_GONE),
    watched(crate::merges::DISTINCT_FROM),
    watched(crate::merges::SPELLS_OF_PERSON),
    watched(crate::messages::NEXT_DUE),
    watched(crate::messages::OF_CASE),
    watched(crate::outbox::NEXT_DUE),
    watched(crate::rule_sets::DATED_CASES),
];
