//! `kill -9` in the middle of a migration, again and again: the next one goes on, and the schema is as if it was made in one go.

use super::*;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use testkit::{Database, Kind};

/// After how many steps in all each migration is killed.
const KILLED_AFTER: [i64; 5] = [1, 2, 9, 17, 28];

/// Migrates, and kills that once so many steps are there. Returns whether it was under way then.
async fn kill_after(desk: &Desk, n: i64, n_steps: impl AsyncFn() -> i64) -> bool {
    let mut migrating = desk.command(&["migrate"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while migrating.try_wait().unwrap().is_none() && n_steps().await < n {
        tokio::task::yield_now().await;
    }
    migrating.kill().unwrap();
    migrating.wait().unwrap().signal() == Some(9)
}

/// Kills one migration after the other. At least one of them had not ended, however slow it is to look.
async fn kill_again_and_again(desk: &Desk, n_steps: impl AsyncFn() -> i64) {
    let mut n_killed = 0;
    for n in KILLED_AFTER {
        n_killed += u32::from(kill_after(desk, n, &n_steps).await);
    }
    assert!(n_killed > 0, "each had ended before it was killed");
}

/// Asks the files of a data folder for texts, in order; one that isn't there has none.
async fn ask_files(data: &Path, sql: &'static str) -> Vec<String> {
    let mut all = Vec::new();
    for name in ["epitrace.sqlite", "runs.db"] {
        let url = format!("sqlite://{}?mode=ro", data.join(name).display());
        let Ok(mut file) = SqliteConnection::connect(&url).await else { continue };
        all.extend(sqlx::query_scalar::<_, String>(sql).fetch_all(&mut file).await.unwrap_or_default());
    }
    all
}

#[tokio::test]
async fn a_file_whose_migration_was_killed_again_and_again_is_like_one_made_in_one_go() {
    let (desk, other) = (Desk::new(), Desk::new());
    let n_steps = async || {
        let steps = ask_files(&desk.data(), "SELECT description FROM _sqlx_migrations").await;
        i64::try_from(steps.len()).unwrap()
    };
    kill_again_and_again(&desk, n_steps).await;
    let schema = async |desk: &Desk| {
        desk.ok(&["migrate"]);
        let made = ask_files(&desk.data(), "SELECT coalesce(sql, name) FROM sqlite_master ORDER BY type, name").await;
        let steps = "SELECT version || ' ' || success FROM _sqlx_migrations ORDER BY version";
        (made, ask_files(&desk.data(), steps).await)
    };
    let (killed, whole) = (schema(&desk).await, schema(&other).await);
    assert!(whole.0.len() > 100 && whole.1.len() > 30, "{} {}", whole.0.len(), whole.1.len());
    assert_eq!(killed, whole);
}

/// Tables with their columns and who may do what, policies, indexes, constraints, and the steps that were taken.
const SCHEMA: &str = "
SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || coalesce(column_default, '') AS what
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'table ' || relname || ' ' || relrowsecurity || relforcerowsecurity || coalesce(relacl::text, '')
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
UNION ALL SELECT 'column of ' || attrelid::regclass || ' ' || attname || attacl::text
  FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
UNION ALL SELECT 'policy ' || tablename || ' ' || policyname || roles::text || cmd || coalesce(qual, '') || coalesce(with_check, '')
  FROM pg_policies
UNION ALL SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint ' || conrelid::regclass || ' ' || conname || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'step ' || version || ' ' || success FROM _sqlx_migrations
 ORDER BY 1";

/// A desk on a database without schema.
async fn on_postgres() -> (Desk, Database) {
    let (database, mut desk) = (Database::empty(Kind::Postgres).await, Desk::new());
    let url = |role: &str| database.url().replacen("epitrace_app@", &format!("{role}@"), 1);
    let config =
        format!("[storage]\nurl = \"{}\"\nmigrator_url = \"{}\"\n", url("epitrace_app"), url("epitrace_migrator"));
    let config = desk.write("config.toml", &config);
    desk.options.extend(["--config".to_owned(), config]);
    (desk, database)
}

#[tokio::test]
async fn a_database_whose_migration_was_killed_again_and_again_is_like_one_made_in_one_go() {
    let ((desk, database), (other, whole)) = (on_postgres().await, on_postgres().await);
    let begun = "SELECT count(*) FROM pg_tables WHERE tablename = '_sqlx_migrations'";
    let n_steps = async || match database.count(begun).await {
        0 => 0,
        _ => database.count("SELECT count(*) FROM _sqlx_migrations").await,
    };
    kill_again_and_again(&desk, n_steps).await;
    let schema = async |desk: &Desk, database: &Database| {
        desk.ok(&["migrate"]);
        let mut conn = database.superuser().await;
        let rows = sqlx::query(AssertSqlSafe(SCHEMA)).fetch_all(&mut conn).await.unwrap();
        rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>()
    };
    let (killed, whole) = (schema(&desk, &database).await, schema(&other, &whole).await);
    assert!(whole.len() > 500, "{}", whole.len());
    assert_eq!(killed, whole);
}
