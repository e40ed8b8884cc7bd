//! What goes with a case to another authority, table by table.
//!
//! Every table of the catalogue that names a person or belongs to a case stands here; a test compares the list with the
//! real schema, so a table that somebody adds is not forgotten.

/// What becomes of the rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copied {
    /// Those of the case go, under the same ids and sealed anew.
    OfCase {
        /// Columns that tell one row from another of the same authority.
        key: &'static [&'static str],
    },
    /// Not row by row; why stands here.
    Otherwise(&'static str),
}

const fn of_case(key: &'static [&'static str]) -> Copied {
    Copied::OfCase { key }
}

const STAYS: &str = "stays: work of the authority that asked, and ends with its copy";

/// Every table that names a person or a case.
pub const COPIED: &[(&str, Copied)] = &[
    ("person", Copied::Otherwise("whose case it is, unless they have a case there already")),
    ("person_reference", Copied::Otherwise("stays: what files of the authority that asked call the person")),
    ("person_token", Copied::Otherwise("written anew, by the key of the authority that took it over")),
    ("person_change", Copied::Otherwise("the person is marked as changed there")),
    ("outbreak_case", of_case(&["case_id"])),
    ("person_redirect", Copied::Otherwise("stays: ids of the authority that asked")),
    ("person_merge", Copied::Otherwise("stays: what was merged there is undone there or not at all")),
    ("distinct_person", Copied::Otherwise("stays: the other person isn't there")),
    ("case_redirect", Copied::Otherwise("stays: ids of the authority that asked")),
    ("history", Copied::Otherwise("begins anew, with the hand-over; what was decided on the quarantine goes")),
    ("action_item", Copied::Otherwise("made anew, by the rules of the authority that took it over")),
    ("phone_call", Copied::Otherwise(STAYS)),
    ("case_comment", Copied::Otherwise(STAYS)),
    // A sample that the other authority was told of too is there already.
    ("laboratory_result", of_case(&["laboratory", "sample"])),
    ("diary_entry", of_case(&["entry_id"])),
    ("questionnaire", of_case(&["case_id"])),
    ("declared_contact", of_case(&["case_id", "contact_id"])),
    ("case_stay", Copied::Otherwise("stays: the venues of the other authority are others")),
    ("share_code", Copied::Otherwise("stays, and works for a day: what is shown goes to who asked for it")),
    ("list_request", Copied::Otherwise("stays: venues release to the authority that asked")),
    ("released_visit", Copied::Otherwise("stays: released to the authority that asked, and ends with its copy")),
    ("occasion_contact", Copied::Otherwise(STAYS)),
    ("request_elsewhere", Copied::Otherwise("stays: other authorities answer the one that asked")),
    ("quarantine_decision", of_case(&["decision_id"])),
    ("letter", Copied::Otherwise("stays: letters of another authority, by its head")),
    ("activation_code", Copied::Otherwise("cancelled; the authority that took it over invites anew")),
    ("enrolment", Copied::Otherwise("stays: it says which text of the authority that asked was accepted")),
    ("patient_account", Copied::Otherwise("goes with the person whose it is, unless somebody there has its user name")),
    ("infection_link", Copied::Otherwise("stays: the other person isn't there")),
    ("contact", Copied::Otherwise("written anew from what the case declared")),
    ("encounter", Copied::Otherwise("stays: the other person isn't there")),
    ("visit", Copied::Otherwise("stays: imported for the authority that asked")),
    ("bulk_row", Copied::Otherwise(STAYS)),
    ("message", Copied::Otherwise("stays: mails and letters of another authority")),
    ("message_log", Copied::Otherwise("stays with its message")),
    ("outbox", Copied::Otherwise("stays: events of the authority that asked")),
    ("hand_over", Copied::Otherwise("each side keeps its own journal")),
];

/// Lists the tables whose rows go with a case, with what tells their rows apart.
pub(super) fn tables() -> impl Iterator<Item = (&'static str, &'static [&'static str])> {
    COPIED.iter().filter_map(|(name, copied)| match copied {
        Copied::OfCase { key } => Some((*name, *key)),
        Copied::Otherwise(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::TENANT_TABLES;

    #[test]
    fn of_every_table_with_a_person_or_a_case_it_is_said_what_becomes_of_it() {
        for table in TENANT_TABLES {
            let names_somebody = !table.person_columns.is_empty() || table.goes_with_case;
            let is_said = COPIED.iter().any(|(name, _)| *name == table.name);
            assert_eq!(is_said, names_somebody, "{}: say what becomes of it in a hand-over", table.name);
        }
    }
}
