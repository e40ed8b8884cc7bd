//! The schema: numbered steps, written once for both databases.
//!
//! A step is SQL with words for the types that differ (`UUID INSTANT DAY SEALED BYTES`), for the table's form
//! (`CLUSTERED`: rows lie in key order; `HEAP`), and `COVERING` columns. It is rendered into each dialect;
//! the comment behind each column becomes the column's comment on PostgreSQL. Lines that begin with
//! `@sqlite` or `@postgres` are for that one only. Applying, checksums and the lock against two
//! migrations at once are sqlx's.

use crate::catalogue::{AtAnonymising, INSTALLATION_TABLES, TENANT_TABLES};
use crate::error::{Result, StorageError};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, SqlStr, SqlitePool};
use std::borrow::Cow;
use std::fmt::Write;

const STEPS: &[(i64, &str, &str)] = &[
    (1, "installation", include_str!("0001_installation.sql")),
    (2, "case work", include_str!("0002_case_work.sql")),
    (3, "audit", include_str!("0003_audit.sql")),
    (4, "sign-in", include_str!("0004_sign_in.sql")),
    (5, "lists", include_str!("0005_lists.sql")),
    (6, "imports and jobs", include_str!("0006_imports_and_jobs.sql")),
    (7, "duplicates", include_str!("0007_duplicates.sql")),
    (8, "territory", include_str!("0008_territory.sql")),
    (9, "messages", include_str!("0009_messages.sql")),
    (10, "case work", include_str!("0010_case_work.sql")),
    (11, "declared contacts", include_str!("0011_declared_contacts.sql")),
    (12, "anonymising", include_str!("0012_anonymising.sql")),
    (13, "diary", include_str!("0013_diary.sql")),
    (14, "questionnaire", include_str!("0014_questionnaire.sql")),
    (15, "quarantine and letters", include_str!("0015_quarantine_and_letters.sql")),
    (16, "merges", include_str!("0016_merges.sql")),
    (17, "workload", include_str!("0017_workload.sql")),
    (18, "enrolment", include_str!("0018_enrolment.sql")),
    (19, "texts", include_str!("0019_texts.sql")),
    (21, "exports", include_str!("0021_exports.sql")),
    (22, "bulk", include_str!("0022_bulk.sql")),
    (23, "dashboard", include_str!("0023_dashboard.sql")),
    (24, "reminders", include_str!("0024_reminders.sql")),
    (25, "filters and views", include_str!("0025_filters_and_views.sql")),
    (26, "hand-over", include_str!("0026_hand_over.sql")),
    (28, "superseded accounts", include_str!("0028_superseded_accounts.sql")),
    (29, "venues", include_str!("0029_venues.sql")),
    (30, "check-ins", include_str!("0030_check_ins.sql")),
    (31, "guest lists", include_str!("0031_guest_lists.sql")),
    (32, "list requests", include_str!("0032_list_requests.sql")),
    (33, "occasions", include_str!("0033_occasions.sql")),
    (34, "requests between authorities", include_str!("0034_requests_between.sql")),
    (35, "runs", include_str!("0035_runs.sql")),
    (36, "run hosts", include_str!("0036_run_hosts.sql")),
    (37, "published nodes", include_str!("0037_published_nodes.sql")),
    (38, "united contacts", include_str!("0038_united_contacts.sql")),
    (40, "servers", include_str!("0040_servers.sql")),
    (41, "pulse", include_str!("0041_pulse.sql")),
];

/// Steps of the tables of runs. On SQLite these lie in a file of their own: nodes that report must not keep case work waiting.
const OF_RUNS: &[i64] = &[35, 36, 37, 38];

/// Roles on PostgreSQL: the app reads and writes rows, jobs also end them; neither changes the schema.
pub(crate) const APP_ROLE: &str = "epitrace_app";
pub(crate) const JOBS_ROLE: &str = "epitrace_jobs";
/// The role that takes check-ins: it may insert them for any authority, and can't read one.
pub(crate) const INTAKE_ROLE: &str = "epitrace_intake";

/// Brings a SQLite database up to date.
pub(crate) async fn migrate_sqlite(pool: &SqlitePool) -> Result<()> {
    step_by_step(pool, |number| !OF_RUNS.contains(&number)).await
}

/// Brings the SQLite database of the runs up to date.
pub(crate) async fn migrate_sqlite_runs(pool: &SqlitePool) -> Result<()> {
    step_by_step(pool, |number| OF_RUNS.contains(&number)).await
}

/// Takes the steps that a SQLite database lacks. Nothing keeps two processes from beginning the same one, and then the second
/// finds it done: it looks again what there is to do, once for each step at most.
async fn step_by_step(pool: &SqlitePool, takes: fn(i64) -> bool) -> Result<()> {
    for _ in STEPS {
        match migrator(Dialect::Sqlite, takes).run(pool).await {
            Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..)) => {}
            done => return done.map_err(schema_error),
        }
    }
    migrator(Dialect::Sqlite, takes).run(pool).await.map_err(schema_error)
}

/// Brings a PostgreSQL database up to date, with policies and grants; as the migrator role.
pub(crate) async fn migrate_postgres(pool: &PgPool) -> Result<()> {
    migrator(Dialect::Postgres, |_| true).run(pool).await.map_err(schema_error)?;
    let mut transaction = pool.begin().await?;
    apply_policies(&mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// Returns the number of the newest step.
pub(crate) fn newest() -> i64 {
    STEPS.iter().map(|(number, _, _)| *number).max().unwrap_or(0)
}

/// A column as the schema describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its table.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its type, in the words of the schema: `TEXT`, `INTEGER`, `UUID`, `INSTANT`, `DAY`, `SEALED`, …
    pub kind: &'static str,
    /// What stands in it.
    pub what: &'static str,
}

/// Returns all columns, in the order in which they were made.
#[must_use]
pub fn columns() -> Vec<Column> {
    let mut columns = Vec::new();
    let mut within = "";
    for line in STEPS.iter().flat_map(|(_, _, code)| code.lines()) {
        let (code, what) = line.split_once(" -- ").unwrap_or((line, ""));
        let words: Vec<&'static str> = code.split([' ', ';', ',']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            ["CREATE", "TABLE", name, ..] => within = name,
            ["ALTER", "TABLE", table, "ADD", "COLUMN", name, kind, ..] => {
                columns.push(Column { table, name, kind, what });
            }
            [name, kind, ..] if line.starts_with("  ") && !what.is_empty() => {
                columns.push(Column { table: within, name, kind, what });
            }
            _ => {}
        }
    }
    columns
}

/// Returns the catalogue of data as the book prints it: every column of every table that belongs to an authority.
#[must_use]
pub fn data_catalogue() -> String {
    let mut book = String::new();
    for table in TENANT_TABLES {
        let at_end = match (table.person_columns.is_empty(), table.at_anonymising) {
            (true, _) => "names no person".to_owned(),
            (_, AtAnonymising::Deleted) => "deleted when its person or case is anonymised".to_owned(),
            (_, AtAnonymising::Kept) => "kept when its person or case is anonymised".to_owned(),
            (_, AtAnonymising::Stripped(columns)) => {
                format!("kept when its person or case is anonymised, without {}", columns.join(", "))
            }
        };
        let _ = write!(book, "### {}\n\n{at_end}\n\n| column | | what |\n| --- | --- | --- |\n", table.name);
        for column in columns().iter().filter(|column| column.table == table.name) {
            let how = if column.kind == "SEALED" { "sealed" } else { "in clear" };
            let _ = writeln!(book, "| {} | {how} | {} |", column.name, column.what);
        }
        book.push('\n');
    }
    book
}

/// A step that a role may not take is told as such; anything else is a defect of the schema.
fn schema_error(error: MigrateError) -> StorageError {
    match error {
        MigrateError::Execute(inner) | MigrateError::ExecuteMigration(inner, _) => match StorageError::from(inner) {
            StorageError::Refused(inner) => StorageError::Schema(MigrateError::Execute(inner)),
            known => known,
        },
        other => StorageError::Schema(other),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Dialect {
    Sqlite,
    Postgres,
}

fn migrator(dialect: Dialect, is_mine: impl Fn(i64) -> bool) -> Migrator {
    let step = |(number, name, text): &(i64, &'static str, &str)| {
        let sql: SqlStr = sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(render(text, dialect)));
        Migration::new(*number, Cow::Borrowed(*name), MigrationType::Simple, sql, false)
    };
    Migrator {
        migrations: Cow::Owned(STEPS.iter().filter(|(number, ..)| is_mine(*number)).map(step).collect()),
        ..Migrator::DEFAULT
    }
}

fn render(text: &str, dialect: Dialect) -> String {
    let mut rendered = String::with_capacity(text.len());
    let mut comments = String::new();
    let mut table = "";
    for line in text.lines() {
        let (mine, line) = match (line.strip_prefix("@sqlite "), line.strip_prefix("@postgres ")) {
            (Some(rest), _) => (dialect == Dialect::Sqlite, rest),
            (_, Some(rest)) => (dialect == Dialect::Postgres, rest),
            _ => (true, line),
        };
        if !mine {
            continue;
        }
        if let Some(name) = line.strip_prefix("CREATE TABLE ") {
            table = name.trim_end_matches(" (");
        }
        let (code, comment) = line.split_once(" -- ").map_or((line, None), |(code, comment)| (code, Some(comment)));
        rendered.push_str(&words(code, dialect));
        let mut column = code.split_whitespace().next();
        if let Some((name, added)) = code.strip_prefix("ALTER TABLE ").and_then(|rest| rest.split_once(" ADD COLUMN "))
        {
            (table, column) = (name, added.split_whitespace().next());
        }
        match (comment, dialect, column) {
            (Some(comment), Dialect::Postgres, Some(column)) => {
                let comment = comment.replace('\'', "''");
                // A String never fails to be written to.
                let _ = writeln!(comments, "COMMENT ON COLUMN {table}.{column} IS '{comment}';");
            }
            (Some(comment), Dialect::Sqlite, _) => {
                let _ = write!(rendered, " -- {comment}");
            }
            _ => {}
        }
        rendered.push('\n');
    }
    rendered + &comments
}

fn words(code: &str, dialect: Dialect) -> String {
    let pairs: &[(&str, &str)] = match dialect {
        Dialect::Sqlite => &[
            (" UUID", " BLOB"),
            (" INSTANT", " INTEGER"),
            (" DAY", " INTEGER"),
            (" SEALED", " BLOB"),
            (" BYTES", " BLOB"),
            (" BIGINT", " INTEGER"),
            (") CLUSTERED", ") STRICT, WITHOUT ROWID"),
            (") HEAP", ") STRICT"),
        ],
        Dialect::Postgres => &[
            (" UUID", " uuid"),
            (" INSTANT", " timestamptz"),
            (" DAY", " date"),
            (" SEALED", " bytea"),
            (" BYTES", " bytea"),
            (" BIGINT", " bigint"),
            (") CLUSTERED", ")"),
            (") HEAP", ")"),
            (" COVERING ", " INCLUDE "),
        ],
    };
    let mut code = code.to_owned();
    for (word, meaning) in pairs {
        code = code.replace(word, meaning);
    }
    if dialect == Dialect::Sqlite
        && let Some(at) = code.find(" COVERING (")
    {
        let rest = code[at..].find(')').map_or("", |end| &code[at + end + 1..]);
        code = format!("{}{rest}", &code[..at]);
    }
    code
}

/// Forces row-level security on every tenant table and grants what the two roles need. Run after every
/// migration; running it again changes nothing.
async fn apply_policies(conn: &mut PgConnection) -> Result<()> {
    let mine = "authority_id = NULLIF(current_setting('epitrace.authority', true), '')::integer";
    let mut sql = format!("GRANT USAGE ON SCHEMA public TO {APP_ROLE}, {JOBS_ROLE};");
    for table in TENANT_TABLES {
        let name = table.name;
        let _ = write!(
            sql,
            "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; ALTER TABLE {name} FORCE ROW LEVEL SECURITY; \
             DROP POLICY IF EXISTS own_authority ON {name}; \
             CREATE POLICY own_authority ON {name} USING ({mine}) WITH CHECK ({mine}); \
             REVOKE ALL ON {name} FROM PUBLIC, {APP_ROLE}, {JOBS_ROLE}; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {JOBS_ROLE}; \
             GRANT {} ON {name} TO {APP_ROLE};",
            table.app_may
        );
    }
    for (name, app_may) in INSTALLATION_TABLES {
        let _ = write!(
            sql,
            "REVOKE ALL ON {name} FROM PUBLIC, {APP_ROLE}, {JOBS_ROLE}; \
             GRANT {app_may} ON {name} TO {APP_ROLE}; GRANT {app_may} ON {name} TO {JOBS_ROLE};"
        );
    }
    let _ = write!(
        sql,
        "GRANT SELECT ON _sqlx_migrations TO {APP_ROLE}, {JOBS_ROLE}, {INTAKE_ROLE}; \
         GRANT USAGE ON SCHEMA public TO {INTAKE_ROLE}; REVOKE ALL ON authority FROM {INTAKE_ROLE}; \
         GRANT SELECT (authority_id, state) ON authority TO {INTAKE_ROLE};"
    );
    for name in ["check_ins.block", "check_ins.list"] {
        let _ = write!(
            sql,
            "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY; ALTER TABLE {name} FORCE ROW LEVEL SECURITY; \
             DROP POLICY IF EXISTS own_authority ON {name}; \
             CREATE POLICY own_authority ON {name} USING ({mine}) WITH CHECK ({mine}); \
             REVOKE ALL ON {name} FROM PUBLIC, {APP_ROLE}, {INTAKE_ROLE}; \
             GRANT SELECT, UPDATE ON {name} TO {APP_ROLE};"
        );
    }
    let _ = write!(
        sql,
        "DROP POLICY IF EXISTS intake ON check_ins.block; \
         CREATE POLICY intake ON check_ins.block FOR INSERT TO {INTAKE_ROLE} WITH CHECK (true); \
         GRANT INSERT ON check_ins.block TO {INTAKE_ROLE}; \
         GRANT USAGE ON SCHEMA check_ins TO {APP_ROLE}, {INTAKE_ROLE}; \
         ALTER SCHEMA check_ins OWNER TO {JOBS_ROLE}; \
         ALTER TABLE check_ins.block OWNER TO {JOBS_ROLE}; ALTER TABLE check_ins.list OWNER TO {JOBS_ROLE};"
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_reads_well_in_both_dialects() {
        let text =
            "CREATE TABLE t (\n  id UUID NOT NULL, -- A row's id\n  PRIMARY KEY (id) COVERING (a, b)\n) CLUSTERED;";
        assert_eq!(
            render(text, Dialect::Sqlite),
            "CREATE TABLE t (\n  id BLOB NOT NULL, -- A row's id\n  PRIMARY KEY (id)\n) STRICT, WITHOUT ROWID;\n"
        );
        assert_eq!(
            render(text, Dialect::Postgres),
            "CREATE TABLE t (\n  id uuid NOT NULL,\n  PRIMARY KEY (id) INCLUDE (a, b)\n);\n\
             COMMENT ON COLUMN t.id IS 'A row''s id';\n"
        );
    }

    #[test]
    fn an_added_column_reads_well_in_both_dialects() {
        let text = "ALTER TABLE t ADD COLUMN seen INSTANT; -- When";
        assert_eq!(render(text, Dialect::Sqlite), "ALTER TABLE t ADD COLUMN seen INTEGER; -- When\n");
        assert_eq!(
            render(text, Dialect::Postgres),
            "ALTER TABLE t ADD COLUMN seen timestamptz;\nCOMMENT ON COLUMN t.seen IS 'When';\n"
        );
    }

    #[test]
    fn every_column_has_a_comment() {
        let is_column =
            |line: &&str| line.starts_with("  ") && !line.starts_with("  PRIMARY KEY") || line.contains(" ADD COLUMN ");
        for (number, _, text) in STEPS {
            for line in text.lines().filter(is_column) {
                assert!(line.contains(" -- "), "step {number}: {line}");
            }
        }
    }
}
