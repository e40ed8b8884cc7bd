//! The catalogue of tenant tables: the one list that drives policies, backups, erasure and moves.
//!
//! A test fails if a table with `authority_id` is missing from it.

/// A table whose rows belong to an authority.
#[derive(Clone, Copy, Debug)]
pub struct TenantTable {
    /// Its name.
    pub name: &'static str,
    /// Columns, in order, that name a person; the search for traces of an erased person looks there.
    pub person_columns: &'static [&'static str],
    /// What the app role may do with it on PostgreSQL.
    pub app_may: &'static str,
}

const READ_WRITE: &str = "SELECT, INSERT, UPDATE, DELETE";
const APPEND: &str = "SELECT, INSERT";

const fn table(name: &'static str, person_columns: &'static [&'static str], app_may: &'static str) -> TenantTable {
    TenantTable { name, person_columns, app_may }
}

/// All tenant tables, parents before children.
pub const TENANT_TABLES: &[TenantTable] = &[
    table("membership", &[], READ_WRITE),
    table("rule_set", &[], APPEND),
    table("counter", &[], READ_WRITE),
    table("facility", &[], READ_WRITE),
    table("person", &["person_id"], READ_WRITE),
    table("person_reference", &["person_id"], READ_WRITE),
    table("person_change", &["person_id"], READ_WRITE),
    table("outbreak_case", &["person_id"], READ_WRITE),
    table("history", &["person_id"], "SELECT, INSERT, DELETE"),
    table("infection_link", &["infector_id", "infected_id"], READ_WRITE),
    table("refused_link", &[], READ_WRITE),
    table("contact", &["declared_by", "met"], READ_WRITE),
    table("encounter", &["person_id", "other_id"], READ_WRITE),
    table("visit", &["person_id"], READ_WRITE),
    table("visit_day", &[], READ_WRITE),
    table("import_file", &[], READ_WRITE),
    table("import_part", &[], READ_WRITE),
    table("job", &[], READ_WRITE),
    table("message", &["person_id"], READ_WRITE),
    table("message_log", &["person_id"], "SELECT, INSERT, DELETE"),
    table("message_template", &[], APPEND),
    table("outbox", &["person_id"], READ_WRITE),
    table("audit_record", &[], "SELECT, INSERT, UPDATE (seq, hash)"),
    table("audit_chain", &[], "SELECT, INSERT, UPDATE (head_seq, head_hash)"),
];

/// Tables of the installation, with what the app role may do.
pub const INSTALLATION_TABLES: &[(&str, &str)] = &[
    ("installation", "SELECT"),
    ("authority", "SELECT"),
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
];
