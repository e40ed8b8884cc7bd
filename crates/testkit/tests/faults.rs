//! Real kills: what was acknowledged is there afterwards, once; what wasn't may be there, once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use domain::cases::{CaseClassification, CaseDates};
use domain::diseases::Disease;
use domain::encounters::Spell;
use domain::ids::{CaseId, PersonId};
use domain::persons::{Personal, PersonalField};
use domain::time::Window;
use sqlx::Row;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use storage::cases::Case;
use storage::encounters;
use storage::store::Place;
use testkit::cluster::{Cluster, as_server};
use testkit::kit::now;
use testkit::{Database, Kind, Kit, contract};

const WRITER: &str = env!("CARGO_BIN_EXE_acknowledging-writer");
const MERGER: &str = env!("CARGO_BIN_EXE_merging-writer");

fn place(kit: &Kit) -> String {
    match &kit.database.app {
        Place::File(path) => path.display().to_string(),
        Place::Postgres(url) => url.clone(),
    }
}

fn start(kit: &Kit, first: i64) -> Child {
    let mut command = Command::new(WRITER);
    command.args([&place(kit), &first.to_string(), "1000000", "synced"]);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

/// Lets it write until it has acknowledged `n`, kills it, and returns all that it acknowledged.
fn kill_after(mut writer: Child, n: usize) -> Vec<i64> {
    let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    let number = |line: String| line.strip_prefix("ack ").unwrap().parse::<i64>().unwrap();
    let mut acknowledged: Vec<i64> = lines.by_ref().take(n).map(|line| number(line.unwrap())).collect();
    assert_eq!(acknowledged.len(), n, "the writer ended by itself");
    writer.kill().unwrap();
    writer.wait().unwrap();
    acknowledged.extend(lines.map_while(Result::ok).filter(|line| line.starts_with("ack ")).map(number));
    acknowledged
}

async fn stored(kit: &Kit) -> Vec<i64> {
    let store = kit.database.open().await;
    let mut tx = store.read(kit.authority_id, storage::Freshness::Fresh).await.unwrap();
    let person = PersonId(uuid::Uuid::from_u128(1));
    let found = encounters::of_persons(&mut tx, &[(person, Window::ALWAYS)]).await.unwrap();
    let mut numbers: Vec<i64> =
        found.iter().map(|e| (e.spell.window.from().as_second() - 1_767_225_600) / 60).collect();
    numbers.sort_unstable();
    numbers
}

contract! {
    async fn kill_9_in_the_middle_of_writes_loses_nothing_acknowledged_and_doubles_nothing(kit) {
        let mut acknowledged = Vec::new();
        for n in [3, 40, 150] {
            let next = stored(&kit).await.last().map_or(0, |last| last + 1);
            acknowledged.extend(kill_after(start(&kit, next), n));
            let there = stored(&kit).await;
            for number in &acknowledged {
                assert!(there.contains(number), "{number} was acknowledged and is gone");
            }
            assert!(there.windows(2).all(|pair| pair[0] < pair[1]), "something is doubled");
            assert!(there.len() <= acknowledged.len() + 3, "at most one a kill was committed and not yet said");
        }
    }
}

/// Two persons with references, meetings with the same people, and with each other.
async fn two_persons(kit: &Kit) {
    let ids = [kit.person("A").await, kit.person("B").await, kit.person("C").await];
    let met = |one: usize, other: usize, from: i64| {
        let at = |minutes| jiff::Timestamp::from_second(1_767_258_000 + minutes * 60).unwrap();
        let spell = Spell { window: Window::new(at(from), at(from + 20)).unwrap(), distance_m: Some(1.5) };
        encounters::Encounter { person: ids[one], other: ids[other], spell }
    };
    let mut tx = kit.write().await;
    let all = [met(0, 2, 0), met(1, 2, 10), met(0, 1, 60), met(1, 2, 90)];
    encounters::insert(&mut tx, &all, jiff::civil::date(2026, 1, 1)).await.unwrap();
    tx.commit().await.unwrap();
}

/// Every row of an authority, without numbers that only grow. Of merges, only which of them hold.
async fn rows(kit: &Kit) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    for table in
        storage::catalogue::TENANT_TABLES.iter().filter(|table| !["counter", "person_merge"].contains(&table.name))
    {
        all.insert(table.name, kit.database.dump(table.name).await);
    }
    let mut tx = kit.database.open().await.read(kit.authority_id, storage::Freshness::Fresh).await.unwrap();
    let a = storage::persons::by_reference(&mut tx, &["A"]).await.unwrap()["A"];
    let merges = storage::merges::of_person(&mut tx, a).await.unwrap();
    let held = merges.iter().filter(|merge| merge.undone_at.is_none()).map(|merge| merge.gone_id.to_string());
    all.insert("person_merge", held.collect());
    all
}

fn merger(kit: &Kit, what: &str) -> Child {
    let mut command = Command::new(MERGER);
    command.args([&place(kit), what]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Reads lines until `n` of them say this.
fn wait_for(child: &mut Child, word: &str, n: usize) {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map_while(Result::ok);
    assert_eq!(lines.filter(|line| line == word).take(n).count(), n, "it ended by itself");
}

/// Lets it move every row and kills it before the commit.
fn kill_moved(mut child: Child) {
    wait_for(&mut child, "moved", 1);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Lets it do all of it.
fn finish(mut child: Child) {
    wait_for(&mut child, "moved", 1);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

contract! {
    async fn kill_9_in_a_merge_or_in_its_undo_leaves_nothing_half_done(kit) {
        two_persons(&kit).await;
        let apart = rows(&kit).await;
        kill_moved(merger(&kit, "merge"));
        assert_eq!(rows(&kit).await, apart, "not merged");
        finish(merger(&kit, "merge"));
        let merged = rows(&kit).await;
        assert_ne!(merged, apart);
        kill_moved(merger(&kit, "undo"));
        assert_eq!(rows(&kit).await, merged, "not parted");
        finish(merger(&kit, "undo"));
        assert_eq!(rows(&kit).await, apart);
        for n in [1, 2, 5, 8] {
            let mut both = merger(&kit, "both");
            wait_for(&mut both, "done", n);
            both.kill().unwrap();
            both.wait().unwrap();
            let now = rows(&kit).await;
            assert!(now == apart || now == merged, "half done: {now:#?}");
            if now == merged {
                finish(merger(&kit, "undo"));
            }
        }
    }
}

/// Gives `A` a name and a case with a note.
async fn a_case_of_a(kit: &Kit) {
    let mut tx = kit.write().await;
    let person_id = storage::persons::by_reference(&mut tx, &["A"]).await.unwrap()["A"];
    let mut person =
        storage::persons::by_id(&mut tx, &kit.sealer, &[person_id]).await.unwrap().remove(&person_id).unwrap();
    person.personal.insert(PersonalField::LastName, Personal::new("Zyx".to_owned()));
    storage::persons::replace(&mut tx, &kit.sealer, &person).await.unwrap();
    let case = Case {
        case_id: CaseId::mint(now(), kit.random()),
        person_id,
        disease: Disease::Covid19,
        classification: CaseClassification::Confirmed,
        dates: CaseDates::default(),
        exposed_first: None,
        exposed_last: None,
        died_on: None,
        outcome: None,
        setting: None,
        facility_id: None,
        age_band: None,
        age: None,
        note: Some(Personal::new("speaks slowly".to_owned())),
    };
    storage::cases::insert(&mut tx, &kit.sealer, &[case], now()).await.unwrap();
    tx.commit().await.unwrap();
}

/// Every row of an authority.
async fn all_rows(kit: &Kit) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    for table in storage::catalogue::TENANT_TABLES {
        all.insert(table.name, kit.database.dump(table.name).await);
    }
    all
}

contract! {
    async fn kill_9_in_an_anonymisation_leaves_nothing_half_done(kit) {
        two_persons(&kit).await;
        a_case_of_a(&kit).await;
        let named = all_rows(&kit).await;
        kill_moved(merger(&kit, "anonymise"));
        assert_eq!(all_rows(&kit).await, named, "all of it is still there");
        finish(merger(&kit, "anonymise"));
        let sealed = "person WHERE last_name IS NOT NULL";
        assert_eq!(kit.database.count_rows(sealed).await, 0);
        assert_eq!(kit.database.count_rows("outbreak_case WHERE status = 'anonymised' AND note IS NULL").await, 1);
    }
}

/// The server is killed when every row is moved and nothing is committed.
#[tokio::test]
async fn kill_9_of_postgresql_in_a_merge_or_in_its_undo_leaves_nothing_half_done() {
    let server = Cluster::start().unwrap();
    let kit = Kit::on(Database::migrated_on(&server.url()).await).await;
    let data: String = kit.database.ask("SHOW data_directory").await[0].get(0);
    let programs: String = kit.database.ask("SELECT setting FROM pg_config WHERE name = 'BINDIR'").await[0].get(0);
    two_persons(&kit).await;
    kit.store.close().await;
    for what in ["merge", "undo"] {
        let before = rows(&kit).await;
        let mut child = merger(&kit, what);
        wait_for(&mut child, "moved", 1);
        kill_9(&data);
        drop(child.stdin.take());
        assert!(!child.wait().unwrap().success(), "it noticed");
        restart(&programs, &data);
        assert_eq!(rows(&kit).await, before, "{what}");
        finish(merger(&kit, what));
        assert_ne!(rows(&kit).await, before, "{what}");
    }
}

/// Kills the whole server, three times, in the middle of writes; it comes back by its own recovery.
#[tokio::test]
async fn kill_9_of_postgresql_loses_nothing_acknowledged_and_doubles_nothing() {
    let server = Cluster::start().unwrap();
    let kit = Kit::on(Database::migrated_on(&server.url()).await).await;
    let data: String = kit.database.ask("SHOW data_directory").await[0].get(0);
    let programs: String = kit.database.ask("SELECT setting FROM pg_config WHERE name = 'BINDIR'").await[0].get(0);
    let mut acknowledged = Vec::new();
    for n in [3, 40, 150] {
        let next = stored(&kit).await.last().map_or(0, |last| last + 1);
        let mut writer = start(&kit, next);
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let number = |line: String| line.strip_prefix("ack ").unwrap().parse::<i64>().unwrap();
        let mut said = 0;
        for line in lines.map_while(Result::ok) {
            acknowledged.push(number(line));
            said += 1;
            if said == n {
                kill_9(&data);
            }
        }
        assert!(!writer.wait().unwrap().success(), "the writer noticed");
        kit.store.close().await;
        restart(&programs, &data);
        let there = stored(&kit).await;
        assert!(acknowledged.iter().all(|number| there.contains(number)), "something acknowledged is gone");
        assert!(there.windows(2).all(|pair| pair[0] < pair[1]), "something is doubled");
        assert!(there.len() <= acknowledged.len() + 3, "at most one a kill was committed and not yet said");
    }
}

/// Kills the server's first process and all that it started.
fn kill_9(data: &str) {
    let pid = std::fs::read_to_string(format!("{data}/postmaster.pid")).unwrap();
    let pid = pid.lines().next().unwrap().to_owned();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    // The shell's own: a small machine has no program for it.
    let mut command = Command::new("sh");
    command.args(["-c", "kill -9 \"$@\"", "kill", &pid]).args(children.split_whitespace());
    assert!(command.status().unwrap().success());
    // Where nobody collects the dead, the number of the first process stays taken and would be mistaken for a
    // running server.
    std::fs::remove_file(format!("{data}/postmaster.pid")).unwrap();
}

fn restart(programs: &str, data: &str) {
    let mut command = as_server(&format!("{programs}/pg_ctl")).unwrap();
    command.args(["--pgdata", data, "--log", &format!("{data}/../log"), "--wait", "--silent", "start"]);
    for _ in 0..50 {
        // Until the last of the killed has let go of the shared memory.
        if command.stdout(Stdio::null()).status().unwrap().success() {
            return;
        }
    }
    panic!("the server doesn't come back:\n{}", std::fs::read_to_string(format!("{data}/../log")).unwrap());
}

/// A kill doesn't test a power cut, since the page cache survives it. The system calls do: between two
/// acknowledgements there must be a sync.
#[tokio::test]
async fn every_acknowledgement_comes_after_a_sync_and_the_check_fails_without() {
    for (durability, expected) in [("synced", 0), ("unsynced", 5)] {
        let kit = Kit::new(Kind::Sqlite).await;
        let trace = kit.database.folder.path().join("strace");
        let status = Command::new("strace")
            .args(["-f", "-e", "trace=fsync,fdatasync,write", "-o"])
            .arg(&trace)
            .args([WRITER, &place(&kit), "0", "5", durability])
            .stdout(Stdio::null())
            .status()
            .expect("strace is needed: scripts/setup test installs it");
        assert!(status.success());
        let n_unsynced = acknowledged_without_sync(&std::fs::read_to_string(&trace).unwrap());
        assert_eq!(n_unsynced, expected, "{durability}");
    }
}

fn acknowledged_without_sync(trace: &str) -> usize {
    let mut is_synced = false;
    let mut n_unsynced = 0;
    for line in trace.lines() {
        if line.contains("fdatasync(") || line.contains("fsync(") || line.contains("fdatasync resumed") {
            is_synced = true;
        }
        if line.contains("write(1, \"ack ") {
            n_unsynced += usize::from(!is_synced);
            is_synced = false;
        }
    }
    n_unsynced
}
