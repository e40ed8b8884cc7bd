//! The catalogue of tenant tables: the one list that drives policies, backups, erasure and moves.
//!
//! A test fails if a table with `authority_id` is missing from it.

/// What becomes of a table's rows when the person or the case to which they belong is anonymised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtAnonymising {
    /// They are deleted.
    Deleted,
    /// They stay, without what stands in these columns.
    Stripped(&'static [&'static str]),
    /// They stay: nothing in them names anybody, or a statement of its own sees to it.
    Kept,
}

/// A table whose rows belong to an authority.
#[derive(Clone, Copy, Debug)]
pub struct TenantTable {
    /// Its name.
    pub name: &'static str,
    /// Columns, in order, that name a person; the search for traces of an erased person looks there.
    pub person_columns: &'static [&'static str],
    /// Whether its rows belong to a case (`case_id`) and go with it.
    pub goes_with_case: bool,
    /// What becomes of its rows when their person or case is anonymised.
    pub at_anonymising: AtAnonymising,
    /// What the app role may do with it on PostgreSQL.
    pub app_may: &'static str,
}

const READ_WRITE: &str = "SELECT, INSERT, UPDATE, DELETE";
const APPEND: &str = "SELECT, INSERT";

const fn table(name: &'static str, person_columns: &'static [&'static str], app_may: &'static str) -> TenantTable {
    TenantTable { name, person_columns, goes_with_case: false, at_anonymising: AtAnonymising::Deleted, app_may }
}

const fn of_case(name: &'static str, app_may: &'static str) -> TenantTable {
    TenantTable { goes_with_case: true, ..table(name, &["person_id"], app_may) }
}

const fn kept(table: TenantTable) -> TenantTable {
    TenantTable { at_anonymising: AtAnonymising::Kept, ..table }
}

/// All tenant tables, parents before children.
pub const TENANT_TABLES: &[TenantTable] = &[
    table("membership", &[], READ_WRITE),
    table("rule_set", &[], APPEND),
    table("counter", &[], READ_WRITE),
    table("facility", &[], READ_WRITE),
    table("venue", &[], READ_WRITE),
    table("venue_area", &[], READ_WRITE),
    table("venue_account", &[], READ_WRITE),
    table("venue_member", &[], READ_WRITE),
    table("venue_link", &[], READ_WRITE),
    table("guest_list_opening", &[], "SELECT, INSERT, DELETE"),
    table("guest_list_setting", &[], APPEND),
    table("occasion", &[], READ_WRITE),
    table("upload_day", &[], "SELECT, INSERT, UPDATE"),
    table("occasion_block", &[], READ_WRITE),
    table("occasion_visitor", &[], READ_WRITE),
    table("occasion_opening", &[], "SELECT, INSERT, DELETE"),
    kept(table("person", &["person_id"], READ_WRITE)),
    table("person_reference", &["person_id"], READ_WRITE),
    table("person_token", &["person_id"], READ_WRITE),
    table("person_change", &["person_id"], READ_WRITE),
    kept(table("outbreak_case", &["person_id"], READ_WRITE)),
    table("person_redirect", &["gone_id", "person_id"], READ_WRITE),
    table("person_merge", &["person_id", "gone_id"], READ_WRITE),
    table("distinct_person", &["person_id", "other_id"], READ_WRITE),
    of_case("case_redirect", READ_WRITE),
    kept(of_case(
        "history",
        "SELECT, INSERT, UPDATE (person_id, case_id, before_sealed, after_sealed, why, why_sealed), DELETE",
    )),
    of_case("action_item", READ_WRITE),
    of_case("phone_call", READ_WRITE),
    of_case("case_comment", READ_WRITE),
    of_case("laboratory_result", READ_WRITE),
    TenantTable {
        at_anonymising: AtAnonymising::Stripped(&["note", "contacts"]),
        ..of_case("diary_entry", READ_WRITE)
    },
    TenantTable {
        at_anonymising: AtAnonymising::Stripped(&["told", "infected_on"]),
        ..of_case("questionnaire", READ_WRITE)
    },
    TenantTable { person_columns: &["person_id", "met_id"], ..of_case("declared_contact", READ_WRITE) },
    of_case("case_stay", READ_WRITE),
    of_case("share_code", READ_WRITE),
    of_case("list_request", READ_WRITE),
    // Whose case it is doesn't stand in it: the guests are none of theirs.
    TenantTable { person_columns: &["guest_person_id"], ..of_case("released_visit", READ_WRITE) },
    TenantTable { person_columns: &["guest_person_id"], ..of_case("occasion_contact", READ_WRITE) },
    of_case("request_elsewhere", READ_WRITE),
    table("request_from_other", &[], READ_WRITE),
    table("venue_elsewhere", &[], "SELECT, INSERT, UPDATE"),
    table("authority_message", &[], "SELECT, INSERT, DELETE"),
    of_case("quarantine_decision", "SELECT, INSERT, UPDATE (person_id, case_id), DELETE"),
    of_case("letter", READ_WRITE),
    of_case("activation_code", READ_WRITE),
    of_case("enrolment", READ_WRITE),
    of_case("hand_over", READ_WRITE),
    table("patient_account", &["person_id"], READ_WRITE),
    table("patient_session", &[], READ_WRITE),
    table("letterhead", &[], APPEND),
    kept(table("infection_link", &["infector_id", "infected_id"], READ_WRITE)),
    table("refused_link", &[], READ_WRITE),
    kept(table("contact", &["declared_by", "met"], READ_WRITE)),
    kept(table("encounter", &["person_id", "other_id"], READ_WRITE)),
    kept(table("visit", &["person_id"], READ_WRITE)),
    table("visit_day", &[], READ_WRITE),
    table("check_in_day", &[], "SELECT, INSERT, UPDATE"),
    table("import_file", &[], READ_WRITE),
    table("import_part", &[], READ_WRITE),
    table("export_file", &[], READ_WRITE),
    table("export_part", &[], READ_WRITE),
    table("job", &[], READ_WRITE),
    table("saved_view", &[], READ_WRITE),
    table("case_tally", &[], READ_WRITE),
    table("bulk_action", &[], READ_WRITE),
    kept(TenantTable { person_columns: &[], ..of_case("bulk_row", READ_WRITE) }),
    table("message", &["person_id"], READ_WRITE),
    table("message_log", &["person_id"], "SELECT, INSERT, DELETE, UPDATE (person_id)"),
    table("message_template", &[], APPEND),
    table("public_text", &[], APPEND),
    table("outbox", &["person_id"], READ_WRITE),
    table("inbox", &[], "SELECT, INSERT, DELETE"),
    table("audit_record", &[], "SELECT, INSERT, UPDATE (seq, hash)"),
    table("audit_block", &[], APPEND),
    table("audit_chain", &[], "SELECT, INSERT, UPDATE (head_seq, head_hash)"),
];

/// Tables of the installation, with what the app role may do.
pub const INSTALLATION_TABLES: &[(&str, &str)] = &[
    ("installation", "SELECT"),
    ("authority", "SELECT"),
    ("authority_key", "SELECT, INSERT, UPDATE (valid_until)"),
    ("account", "SELECT, INSERT"),
    ("credential", "SELECT, INSERT, UPDATE"),
    ("recovery_code", "SELECT, INSERT, DELETE"),
    ("session", "SELECT, INSERT, UPDATE, DELETE"),
    ("invitation", "SELECT, INSERT, UPDATE, DELETE"),
    ("api_token", "SELECT, INSERT, UPDATE, DELETE"),
    ("territory_version", "SELECT"),
    ("territory_office", "SELECT"),
    ("territory_postcode", "SELECT"),
    ("lease", "SELECT, INSERT, UPDATE, DELETE"),
    ("server_beat", "SELECT, INSERT, UPDATE, DELETE"),
    ("last_done", "SELECT, INSERT, UPDATE"),
    ("pulse", "SELECT, UPDATE"),
    ("run", "SELECT, INSERT, UPDATE, DELETE"),
    ("run_node", "SELECT, INSERT, UPDATE, DELETE"),
    ("run_frame", "SELECT, INSERT, DELETE"),
    ("run_encounter", "SELECT, INSERT, UPDATE, DELETE"),
    ("run_infection", "SELECT, INSERT, DELETE"),
    ("run_message", "SELECT, INSERT, DELETE"),
    ("run_view", "SELECT, INSERT, UPDATE, DELETE"),
    ("log_offset", "SELECT, INSERT, UPDATE, DELETE"),
    ("dead_letter", "SELECT, INSERT, DELETE"),
];
