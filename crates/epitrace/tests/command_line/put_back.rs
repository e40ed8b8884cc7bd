//! A database that was put back behind everybody's back: nobody shows it before the ledger is replayed.

use super::serve::Server;
use super::*;
use sqlx::AssertSqlSafe;
use storage::ledger::{Erasure, LedgerFile};
use testkit::Database;

const NAMES: &str = "id,onset,name\nA,2026-02-20,Zyx\nB,2026-02-21,Xyz\n";
const ROLES: [&str; 3] = ["epitrace_app", "epitrace_jobs", "epitrace_migrator"];

/// A cell with two cases, of whom one person is erased after it was copied; and the copy in the place of its database.
struct Cell {
    desk: Desk,
    _database: Option<Database>,
    /// On PostgreSQL the account that acts.
    account: Vec<&'static str>,
}

impl Cell {
    fn run(&self, args: &[&str]) -> Said {
        self.desk.run(&[args, &self.account[..]].concat())
    }

    fn import(&self) {
        let file = self.desk.write("names.csv", NAMES);
        let done = self.run(&["import", "cases", &file, "--columns", "id=id,onset=onset,last_name=name"]);
        assert_eq!(done.code, 0, "{}", done.err);
    }

    /// Notes that somebody was erased, of which the database, which is put back, knows nothing.
    fn erase(&self, authority_id: i32, person: uuid::Uuid) {
        let ledger = LedgerFile::beside(&self.desk.data().join("keyring"));
        let (erased_at, table) = (jiff::Timestamp::UNIX_EPOCH, "person".to_owned());
        let authority_id = domain::ids::AuthorityId(authority_id);
        ledger.append(&[Erasure { erased_at, authority_id, table, id: person }]).unwrap();
    }

    fn cases(&self) -> Value {
        let report = self.run(&["report", "outbreak", "--json"]);
        assert_eq!(report.code, 0, "{}", report.err);
        serde_json::from_str::<Value>(&report.out).unwrap()["cases"].clone()
    }

    /// Nobody shows it; then the replay, an operator who lets people in, and one person less.
    fn refuses_until_it_is_replayed(&self, authority: &str) {
        for args in [
            ["report", "outbreak"].as_slice(),
            &["exposed", "A"],
            &["serve", "--listen", "127.0.0.1:0"],
            &["backup", "x"],
        ] {
            let account = if args[0] == "serve" { &[] } else { &self.account[..] };
            let refused = self.desk.run(&[args, account].concat());
            assert_eq!(refused.code, 1, "{args:?}: {}{}", refused.out, refused.err);
            assert!(refused.err.contains("put back to an earlier moment"), "{}", refused.err);
            assert!(
                refused.err.contains("hint: ") && refused.err.contains("epitrace restore --replay"),
                "{}",
                refused.err
            );
        }
        let refused = self.desk.run(&["admin", "activate", authority]);
        assert!(refused.code == 1 && refused.err.contains("put back"), "nor is it let in: {}", refused.err);
        let said = self.desk.ok(&["restore", "--replay"]);
        assert!(said.contains("1 erasure of the ledger was replayed") && said.contains("frozen: "), "{said}");
        let frozen = self.run(&["report", "outbreak"]);
        assert!(frozen.code == 75 && frozen.err.contains("epitrace admin activate"), "{}", frozen.err);
        assert!(self.desk.ok(&["admin", "activate", authority]).contains("is at work again"));
        assert!(self.desk.ok(&["admin", "activate", "--all"]).contains("nothing to do"));
        assert_eq!(self.cases(), 1);
    }
}

/// The id of whoever has a reference.
const OF_A: &str = "SELECT person_id FROM person_reference WHERE reference = 'A'";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_copied_back_is_shown_to_nobody_until_the_ledger_is_replayed() {
    use sqlx::Connection;
    let cell = Cell { desk: Desk::new(), _database: None, account: Vec::new() };
    cell.import();
    let (file, copy) = (cell.desk.data().join("epitrace.sqlite"), cell.desk.path("copy.sqlite"));
    let open = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let mut conn = sqlx::SqliteConnection::connect_with(&open).await.unwrap();
    let into = format!("VACUUM INTO '{}'", copy.display());
    sqlx::raw_sql(AssertSqlSafe(into)).execute(&mut conn).await.unwrap();
    let person: uuid::Uuid = sqlx::query_scalar(OF_A).fetch_one(&mut conn).await.unwrap();
    conn.close().await.unwrap();
    // Its first beat is remembered before it says where it is.
    Server::on(&cell.desk, &[]).stop();
    for ending in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(cell.desk.data().join(format!("epitrace.sqlite{ending}")));
    }
    std::fs::copy(&copy, &file).unwrap();
    cell.erase(1, person);
    cell.refuses_until_it_is_replayed("local");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_that_was_put_back_is_shown_to_nobody_until_the_ledger_is_replayed() {
    let (mut desk, database) = postgres::desk().await;
    desk.options.truncate(desk.options.len() - 2);
    let mut cell = Cell { desk, _database: None, account: vec!["--account", "kim"] };
    cell.import();
    let person: uuid::Uuid = sqlx::Row::get(&database.ask(OF_A).await[0], 0);
    let back = database.copy().await;
    Server::on(&cell.desk, &[]).stop();
    cell.erase(1, person);
    let url = |role: &str| back.url().replacen("epitrace_app@", &format!("{role}@"), 1);
    let [app, jobs, owner] = ROLES.map(url);
    cell.desk.write(
        "config.toml",
        &format!("[storage]\nurl = \"{app}\"\njobs_url = \"{jobs}\"\nmigrator_url = \"{owner}\"\n"),
    );
    cell._database = Some(back);
    cell.refuses_until_it_is_replayed("kr");
}

/// What a running server does when its database is put back under it.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_database_falls_back_ends() {
    let (mut desk, database) = postgres::desk().await;
    desk.options.truncate(desk.options.len() - 2);
    let server = Server::on(&desk, &[]);
    // What the file remembers is further than what the database counts to from now on.
    storage::pulse::RememberedFile::beside(&desk.data().join("keyring")).raise(1_000).unwrap();
    assert_eq!(server.ended(), 1);
    let log = std::fs::read_to_string(desk.path("serve.log")).unwrap();
    assert!(log.contains("ending at once") && log.contains("epitrace restore --replay"), "{log}");
    drop(database);
}
