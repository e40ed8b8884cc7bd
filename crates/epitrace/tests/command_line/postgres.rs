//! The same command line on PostgreSQL: an operator sets it up, then people work.

use super::sealed::{assert_nothing_in, demo_values};
use super::*;
use sqlx::Row;
use std::collections::BTreeSet;
use testkit::{Database, Kind};

/// A desk on a database without schema, set up as the operator's book says.
pub async fn desk() -> (Desk, Database) {
    let database = Database::empty(Kind::Postgres).await;
    let mut desk = Desk::new();
    let url = |role: &str| database.url().replacen("epitrace_app@", &format!("{role}@"), 1);
    let config = desk.write(
        "config.toml",
        &format!(
            "[storage]\nurl = \"{}\"\njobs_url = \"{}\"\nmigrator_url = \"{}\"\n",
            url("epitrace_app"),
            url("epitrace_jobs"),
            url("epitrace_migrator")
        ),
    );
    desk.options.extend(["--config".to_owned(), config]);
    let early = desk.run(&["report", "outbreak", "--account", "kim"]);
    assert!(early.err.contains("epitrace migrate"), "{}", early.err);
    desk.ok(&["migrate"]);
    desk.ok(&["admin", "create-authority", "kr", "--name", "Korea", "--time-zone", "Asia/Seoul", "--disease", "mers"]);
    desk.ok(&["admin", "create-account", "kim", "--role", "administrator"]);
    let nobody = desk.run(&["report", "outbreak"]);
    assert_eq!(nobody.code, 2, "{}", nobody.err);
    desk.options.extend(["--account".to_owned(), "kim".to_owned()]);
    (desk, database)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_outbreak_has_the_same_report_on_both_databases() {
    let (desk, _database) = desk().await;
    let sqlite = Desk::new();
    for desk in [&desk, &sqlite] {
        desk.import_mers();
    }
    let report = |desk: &Desk| desk.json(&["report", "outbreak", "--disease", "mers"]);
    let (on_postgres, on_sqlite) = (report(&desk), report(&sqlite));
    for (key, value) in on_sqlite.as_object().unwrap() {
        assert_eq!(on_postgres[key], *value, "{key}");
    }
    let exposed = |desk: &Desk| desk.json(&["exposed", "SK_14", "--disease", "mers"]);
    assert_eq!(exposed(&desk), exposed(&sqlite));
    desk.ok(&["audit", "verify"]);
    desk.ok(&["retention", "run"]);
    assert_eq!(report(&desk)["cases"], 162);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_used_says_why_once_and_which_key_to_look_at() {
    let database = Database::empty(Kind::Postgres).await;
    let desk = Desk::new();
    let run = |url: &str, command: &[&str]| {
        let config = desk.write("config.toml", &format!("[storage]\nurl = \"{url}\"\n"));
        let said = desk.run(&[command, &["--config", &config]].concat());
        assert!(said.code == 1 && !said.err.contains("refused a statement"), "{}", said.err);
        said.err
    };
    let url = database.url();
    let name = url.rsplit('/').next().unwrap().split('?').next().unwrap();
    let nowhere = url.replacen(name, "no_such_database", 1);
    let said = run(&nowhere, &["report", "outbreak", "--account", "kim"]);
    assert!(said.contains("cannot connect to the database: ") && said.contains("[storage] url"), "{said}");
    assert_eq!(said.matches("does not exist").count(), 1, "{said}");
    let said = run(&url, &["migrate"]);
    assert!(said.contains("the role of the database may not") && said.contains("migrator_url"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_a_dump_nor_the_write_ahead_log_nor_a_backup_holds_a_personal_value() {
    let (desk, database) = desk().await;
    let values = demo_values(&desk);
    let before = wal_position(&database).await;
    let made = |name: &str| desk.path("made").join(name).display().to_string();
    let columns = "id=id,first_name=first_name,last_name=last_name,born=born,phone=phone,email=email,street=street,\
                   city=city,note=note,onset=onset";
    desk.ok(&["import", "cases", &made("cases.csv"), "--columns", columns]);
    let without_account = desk.options[..desk.options.len() - 2].to_vec();
    let owner = Desk { folder: TempDir::new().unwrap(), options: without_account.clone() };
    owner.ok(&["admin", "create-account", "olu", "--role", "operator"]);
    let options = [without_account, vec!["--account".to_owned(), "olu".to_owned()]].concat();
    let operator = Desk { folder: TempDir::new().unwrap(), options };
    operator.ok(&["backup", &desk.path("backup").display().to_string()]);
    assert_nothing_in(&files(&desk.path("backup")), &values);

    assert_nothing_in(&[dump(&desk, &database)], &values);
    // The log also holds the server's own catalogues, in which a short name may be part of a word.
    let values: BTreeSet<String> = values.into_iter().filter(|value| value.len() >= 8).collect();
    let after = wal_position(&database).await;
    assert_nothing_in(&log_files(&database, before, after).await, &values);
}

/// Writes all that the database holds to a file, as its superuser.
pub fn dump(desk: &Desk, database: &Database) -> PathBuf {
    let path = desk.path("all.sql");
    let superuser = database.url().replacen("epitrace_app@", "postgres@", 1);
    let dumped = Command::new("pg_dump").args([&superuser, "--file"]).arg(&path).status().unwrap();
    assert!(dumped.success());
    path
}

/// Bytes of write-ahead log that the server has written.
async fn wal_position(database: &Database) -> i64 {
    database.ask("SELECT (pg_current_wal_lsn() - '0/0')::bigint").await[0].get(0)
}

/// Lists the files of the write-ahead log between two positions.
async fn log_files(database: &Database, before: i64, after: i64) -> Vec<PathBuf> {
    let folder: String = database.ask("SHOW data_directory").await[0].get(0);
    let segment = 16 * 1024 * 1024;
    let name = |n: i64| format!("00000001{:08X}{:08X}", n / 256, n % 256);
    (before / segment..=after / segment).map(|n| Path::new(&folder).join("pg_wal").join(name(n))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_comes_back_into_an_empty_database_and_never_into_a_full_one() {
    let (desk, _database) = desk().await;
    desk.import_mers();
    let owner = desk.options[..desk.options.len() - 2].to_vec();
    let backup = desk.path("backup").display().to_string();
    let migrator = Desk { folder: TempDir::new().unwrap(), options: owner };
    migrator.ok(&["admin", "create-account", "olu", "--role", "operator"]);
    migrator.ok(&["backup", &backup, "--account", "olu"]);

    let target = Database::migrated(Kind::Postgres).await;
    let url = |role: &str| target.url().replacen("epitrace_app@", &format!("{role}@"), 1);
    let mut other = Desk::new();
    let (app, owner) = (url("epitrace_app"), url("epitrace_migrator"));
    let config = other.write("config.toml", &format!("[storage]\nurl = \"{app}\"\nmigrator_url = \"{owner}\"\n"));
    let keyring = desk.data().join("keyring").display().to_string();
    other.options.extend(["--config".to_owned(), config, "--keyring".to_owned(), keyring]);
    other.ok(&["restore", &backup]);
    assert!(!other.data().join("restore.unfinished").exists());
    let report = other.json(&["report", "outbreak", "--account", "kim"]);
    assert_eq!((&report["cases"], &report["links"]), (&162.into(), &98.into()));
    let again = other.run(&["restore", &backup]);
    assert!(again.code == 1 && again.err.contains("is not empty"), "{}", again.err);
    other.ok(&["report", "outbreak", "--account", "kim"]);
}
