//! How each table follows a merge.
//!
//! Every table of the catalogue that names a person or belongs to a case stands here; a test compares the list with the
//! real schema, so a table that somebody adds is not forgotten.

use crate::catalogue::TENANT_TABLES;

/// What a merge does with the rows of a table that name the person who goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// They are given the id of the person who stays, and an undo gives them back.
    Rows {
        /// Columns that tell one row from another of the same authority, and that no merge changes.
        key: &'static [&'static str],
        /// Columns that name a case.
        cases: &'static [&'static str],
    },
    /// Not row by row; why stands here.
    Otherwise(&'static str),
}

const fn rows(key: &'static [&'static str], cases: &'static [&'static str]) -> Follows {
    Follows::Rows { key, cases }
}

/// Every table that names a person or a case.
pub const FOLLOWS: &[(&str, Follows)] = &[
    ("person", rows(&["person_id"], &[])),
    ("person_reference", rows(&["reference"], &[])),
    ("person_token", Follows::Otherwise("written anew from the details of whoever has changed")),
    ("person_change", Follows::Otherwise("both persons are marked as changed, at the merge and at its undo")),
    ("outbreak_case", rows(&["case_id"], &[])),
    ("person_redirect", rows(&["gone_id"], &[])),
    ("person_merge", Follows::Otherwise("an earlier merge waits until the later one is undone")),
    ("distinct_person", rows(&["person_id", "other_id"], &[])),
    ("case_redirect", rows(&["gone_id"], &["case_id"])),
    ("history", rows(&["history_id"], &["case_id"])),
    ("action_item", rows(&["item_id"], &["case_id"])),
    ("phone_call", rows(&["call_id"], &["case_id"])),
    ("case_comment", rows(&["comment_id"], &["case_id"])),
    ("laboratory_result", rows(&["result_id"], &["case_id"])),
    ("quarantine_decision", rows(&["decision_id"], &["case_id"])),
    ("letter", rows(&["letter_id"], &["case_id"])),
    ("activation_code", rows(&["code_id"], &["case_id"])),
    ("enrolment", rows(&["enrolment_id"], &["case_id"])),
    ("hand_over", rows(&["hand_over_id"], &["case_id"])),
    // Both accounts stay; by which enrolments the one that wasn't chosen acts no more, these say.
    ("patient_account", rows(&["patient_id"], &[])),
    ("diary_entry", rows(&["entry_id"], &["case_id"])),
    // Sealed for its case, so it doesn't move; whoever merges writes the answers that hold anew.
    ("questionnaire", rows(&["case_id"], &[])),
    ("declared_contact", rows(&["contact_id"], &["case_id", "contact_case_id"])),
    ("case_stay", rows(&["stay_id"], &["case_id", "origin_case_id"])),
    ("share_code", rows(&["share_id"], &["case_id"])),
    ("list_request", rows(&["request_id"], &["case_id"])),
    ("released_visit", rows(&["request_id", "visit_id"], &["case_id", "contact_case_id"])),
    ("occasion_contact", rows(&["step_id", "visitor_id"], &["case_id", "contact_case_id"])),
    ("request_elsewhere", rows(&["request_id"], &["case_id"])),
    ("infection_link", rows(&["link_id"], &[])),
    ("contact", rows(&["contact_id"], &[])),
    ("encounter", Follows::Otherwise("spells of one pair unite, so they are taken out and put in again")),
    ("visit", rows(&["visit_id"], &[])),
    ("bulk_row", rows(&["bulk_id", "place"], &["case_id"])),
    ("message", rows(&["message_id"], &["case_id"])),
    ("message_log", rows(&["message_id", "step_no"], &[])),
    ("outbox", rows(&["outbox_id"], &["case_id"])),
];

/// A table whose rows follow one by one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) key: &'static [&'static str],
    /// Columns that name a person, without those of the key.
    pub(super) persons: &'static [&'static str],
    pub(super) cases: &'static [&'static str],
}

impl Table {
    /// Returns the columns that name a person and are given another one.
    pub(super) fn moving(self) -> impl Iterator<Item = &'static str> {
        self.persons.iter().copied().filter(move |column| !self.key.contains(column))
    }
}

/// Lists the tables whose rows follow one by one, parents before children.
pub(super) fn tables() -> impl Iterator<Item = Table> {
    TENANT_TABLES.iter().filter_map(|table| match find(table.name)? {
        Follows::Rows { key, cases } => Some(Table { name: table.name, key, persons: table.person_columns, cases }),
        Follows::Otherwise(_) => None,
    })
}

/// Returns a table by the name that an undo record has for it.
pub(super) fn table(name: &str) -> Option<Table> {
    tables().find(|table| table.name == name)
}

fn find(name: &str) -> Option<Follows> {
    FOLLOWS.iter().find(|(known, _)| *known == name).map(|(_, follows)| *follows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_that_names_a_person_or_a_case_follows_a_merge() {
        for table in TENANT_TABLES {
            let names_somebody = !table.person_columns.is_empty() || table.goes_with_case;
            assert_eq!(find(table.name).is_some(), names_somebody, "{}: say how it follows a merge", table.name);
            if table.goes_with_case {
                let of_case = tables().find(|known| known.name == table.name);
                let names_case = |known: Table| known.cases.contains(&"case_id") || known.key.contains(&"case_id");
                assert!(of_case.is_some_and(names_case), "{}", table.name);
            }
        }
    }
}
