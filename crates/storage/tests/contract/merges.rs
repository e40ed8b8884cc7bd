//! Merging at rest: every table follows, undo records end, and nothing of an erased person is left in one.

use super::cases::case;
use super::encounters::met;
use super::retention::{after_days, run_at};
use domain::diseases::Disease;
use domain::ids::{CaseId, LinkId, MergeId, PersonId};
use domain::infections::InfectionLink;
use domain::persons::{Personal, PersonalField};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use storage::catalogue::TENANT_TABLES;
use storage::ledger::Ledger;
use storage::merges::{self, FOLLOWS, Fold, Follows, Merge, Told, Undone};
use storage::persons::Person;
use storage::retention::replay;
use storage::{cases, encounters, infections, persons};
use testkit::kit::{NOW, nobody, now};
use testkit::{Kind, Kit, contract};

fn merge_of(kit: &Kit, person_id: PersonId, gone_id: PersonId, folds: Vec<Fold>) -> Merge {
    Merge {
        merge_id: MergeId::mint(now(), kit.random()),
        person_id,
        gone_id,
        account_id: kit.account_id,
        merged_at: now(),
        undone_at: None,
        told: Told { folds, ..Told::default() },
    }
}

async fn merge(kit: &Kit, merge: Merge, cases: &[CaseId]) -> Merge {
    let mut tx = kit.write().await;
    let begun = merges::begin(&mut tx, merge, cases, &[]).await.unwrap();
    let merge = merges::end(&mut tx, begun).await.unwrap();
    tx.commit().await.unwrap();
    merge
}

async fn undo(kit: &Kit, merge: &Merge) -> Undone {
    let mut tx = kit.write().await;
    let undone = merges::undo(&mut tx, Some(&kit.sealer), merge, now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    undone
}

/// All rows but those of counters and of merges themselves.
async fn dump(kit: &Kit) -> BTreeMap<&'static str, Vec<String>> {
    let mut all = BTreeMap::new();
    for table in TENANT_TABLES.iter().filter(|table| !["counter", "person_merge"].contains(&table.name)) {
        all.insert(table.name, kit.database.dump(table.name).await);
    }
    all
}

/// A person of whom a first name is known, and a case.
async fn named(kit: &Kit, reference: &str, n: u8) -> (PersonId, CaseId) {
    let person_id = kit.person(reference).await;
    let name = Personal::new(format!("Zyx{reference}"));
    let person = Person { personal: [(PersonalField::FirstName, name)].into(), ..nobody(person_id) };
    let mut tx = kit.write().await;
    persons::replace(&mut tx, &kit.sealer, &person).await.unwrap();
    let case = case(n, person_id, Disease::Covid19);
    cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
    tx.commit().await.unwrap();
    (person_id, case.case_id)
}

async fn two_merged(kit: &Kit) -> (Merge, (PersonId, CaseId), (PersonId, CaseId)) {
    let (a, b) = (named(kit, "A", 1).await, named(kit, "B", 2).await);
    let fold = Fold { kept: a.1, folded: b.1 };
    let merge = merge(kit, merge_of(kit, a.0, b.0, vec![fold]), &[a.1, b.1]).await;
    (merge, a, b)
}

contract! {
    /// Also a table that names a person or a case in a column that nobody told the catalogue of.
    async fn every_table_with_a_person_or_a_case_follows(kit) {
        let known: BTreeSet<&str> = FOLLOWS.iter().map(|(name, _)| *name).collect();
        let mut found = kit.database.tables_with_column("person_id").await;
        found.extend(kit.database.tables_with_column("case_id").await);
        let forgotten: Vec<&String> = found.iter().filter(|name| !known.contains(name.as_str())).collect();
        assert_eq!(forgotten, [""; 0], "say in storage::merges::follow how it follows");
        for (name, follows) in FOLLOWS {
            let Follows::Rows { key, cases } = follows else { continue };
            let has_case = kit.database.tables_with_column("case_id").await.contains(*name);
            assert_eq!(cases.contains(&"case_id") || key.contains(&"case_id"), has_case, "{name}");
        }
    }

    async fn a_table_that_somebody_adds_does_not_follow_in_silence(kit) {
        kit.database.tamper("CREATE TABLE rumour (authority_id INTEGER, person_id INTEGER)", kit.authority_id).await;
        assert!(kit.database.tables_with_column("person_id").await.contains("rumour"));
        assert!(!FOLLOWS.iter().any(|(name, _)| *name == "rumour"));
    }

    async fn an_id_that_went_leads_on_also_after_two_merges(kit) {
        let (_, a, b) = two_merged(&kit).await;
        let c = named(&kit, "C", 3).await;
        merge(&kit, merge_of(&kit, c.0, a.0, vec![Fold { kept: c.1, folded: a.1 }]), &[a.1, c.1]).await;
        let mut tx = kit.read().await;
        for id in [a.0, b.0, c.0] {
            assert_eq!(merges::person_now(&mut tx, id).await.unwrap(), c.0);
        }
        for id in [a.1, b.1, c.1] {
            assert_eq!(merges::case_now(&mut tx, id).await.unwrap(), c.1);
        }
        assert!(persons::is_taken(&mut tx, b.0).await.unwrap());
        assert!(!persons::exists(&mut tx, b.0).await.unwrap());
        drop(tx);
        let mut tx = kit.write().await;
        assert_eq!(merges::hold(&mut tx, b.0).await.unwrap(), Some(c.0));
        assert_eq!(merges::hold(&mut tx, PersonId::mint(now(), [7; 10])).await.unwrap(), None);
    }

    async fn undo_records_end_after_thirty_days_and_redirects_stay(kit) {
        let (merge, a, b) = two_merged(&kit).await;
        run_at(&kit, after_days(30)).await;
        let mut tx = kit.read().await;
        assert_eq!(merges::by_id(&mut tx, merge.merge_id).await.unwrap(), Some(merge.clone()));
        drop(tx);
        run_at(&kit, after_days(31)).await;
        let mut tx = kit.write().await;
        assert_eq!(merges::by_id(&mut tx, merge.merge_id).await.unwrap(), None);
        assert!(merges::undo(&mut tx, None, &merge, now()).await.unwrap().is_none(), "final");
        assert_eq!(merges::person_now(&mut tx, b.0).await.unwrap(), a.0);
    }

    /// The ledger names the ids that went too: a backup from before the merge has rows under them.
    async fn when_the_survivor_is_anonymised_nothing_of_who_became_part_of_them_is_left(kit) {
        let (_, a, b) = two_merged(&kit).await;
        run_at(&kit, after_days(731)).await;
        let erasures = Ledger::beside(&kit.keyring()).list().await.unwrap();
        let erased: BTreeSet<(&str, uuid::Uuid)> = erasures.iter().map(|erasure| (erasure.table.as_str(), erasure.id)).collect();
        let (case, person) = (storage::retention::CASE_ANONYMISED, storage::retention::PERSON_ANONYMISED);
        assert_eq!(erased, [(case, a.1.0), (case, b.1.0), (person, a.0.0), (person, b.0.0)].into());
        assert_no_trace(&kit, b.0).await;
        assert_eq!(kit.database.count_rows("person_merge").await, 0);
        // As a backup from before the merge would bring them back.
        let mut tx = kit.write().await;
        persons::insert_unknown(&mut tx, &[b.0], now()).await.unwrap();
        cases::insert(&mut tx, &kit.sealer, &[cases::Case { case_id: b.1, ..case_of(b.0) }], now()).await.unwrap();
        replay(&mut tx, &erasures).await.unwrap();
        let work = cases::work_of(&mut tx, &[b.1]).await.unwrap().pop().unwrap();
        assert_eq!(work.status, domain::cases::CaseStatus::Anonymised);
    }

    async fn erasing_the_survivor_erases_who_became_part_of_them(kit) {
        let (_, a, b) = two_merged(&kit).await;
        let jobs = kit.database.open_for_jobs().await;
        let mut tx = jobs.write(kit.authority_id).await.unwrap();
        storage::retention::erase_person(&mut tx, a.0).await.unwrap();
        tx.commit().await.unwrap();
        assert_no_trace(&kit, a.0).await;
        assert_no_trace(&kit, b.0).await;
        assert_eq!(kit.database.count_rows("person_merge").await, 0);
    }

    /// Erasing the case that goes on ends what would bring the other one back.
    async fn an_erased_case_takes_the_undo_record_with_it(kit) {
        let (_, a, _) = two_merged(&kit).await;
        let mut tx = kit.write().await;
        let over = Some((domain::cases::Conclusion::Recovered, date(2025, 1, 1)));
        let begun = cases::Begun { over, priority_tenths: 0, waiting_since: None, reported_at: None };
        cases::begin(&mut tx, &begun, &[a.1]).await.unwrap();
        encounters::insert(&mut tx, &[met(a.0, kit_other(), "2T09:00:00", "2T10:00:00")], date(2026, 3, 1)).await.unwrap();
        tx.commit().await.unwrap();
        run_at(&kit, after_days(1)).await;
        assert_eq!(kit.database.count_rows("person_merge").await, 0);
        let mut tx = kit.read().await;
        assert!(persons::exists(&mut tx, a.0).await.unwrap(), "a meeting is left of her");
    }

    /// A backup from between the merge and its undo: whoever was erased after the undo is taken out of the other.
    async fn a_replay_takes_an_erased_person_out_of_the_one_they_were_merged_into(kit) {
        let (merge, a, b) = two_merged(&kit).await;
        let erasure = storage::ledger::Erasure {
            erased_at: after_days(5),
            authority_id: kit.authority_id,
            table: "person".to_owned(),
            id: b.0.0,
        };
        let mut tx = kit.write().await;
        replay(&mut tx, &[erasure]).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        assert!(persons::exists(&mut tx, a.0).await.unwrap());
        assert!(!persons::is_taken(&mut tx, b.0).await.unwrap());
        let left = persons::by_id(&mut tx, &kit.sealer, &[a.0]).await.unwrap();
        assert_eq!(left[&a.0].personal[&PersonalField::FirstName].expose(), "ZyxA");
        assert_eq!(cases::briefly_of_persons(&mut tx, &[a.0]).await.unwrap().len(), 1);
        assert_eq!(merges::by_id(&mut tx, merge.merge_id).await.unwrap(), None);
        drop(tx);
        for (table, rows) in dump(&kit).await {
            assert!(!rows.iter().any(|row| names(row, b.0)), "{table}");
        }
    }

    /// Whom a fact names and who was erased since stays unnamed; who was merged since is named as who they are now.
    async fn an_undo_names_nobody_who_was_erased_or_merged_since(kit) {
        let (a, b) = (kit.person("A").await, kit.person("B").await);
        let (c, d) = (kit.person("C").await, kit.person("D").await);
        let mut tx = kit.write().await;
        let all = [met(b, c, "2T09:00:00", "2T10:00:00"), met(b, d, "2T09:00:00", "2T10:00:00")];
        encounters::insert(&mut tx, &all, date(2026, 3, 1)).await.unwrap();
        tx.commit().await.unwrap();
        let first = merge(&kit, merge_of(&kit, a, b, Vec::new()), &[]).await;
        merge(&kit, merge_of(&kit, kit.person("E").await, d, Vec::new()), &[]).await;
        let jobs = kit.database.open_for_jobs().await;
        let mut tx = jobs.write(kit.authority_id).await.unwrap();
        storage::retention::erase_person(&mut tx, c).await.unwrap();
        tx.commit().await.unwrap();
        undo(&kit, &first).await;
        let rows = kit.database.dump("encounter").await;
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(!rows.iter().any(|row| names(row, c) || names(row, d)));
    }

    async fn links_that_both_have_become_one_with_what_either_knew(kit) {
        let (a, b, c) = (kit.person("A").await, kit.person("B").await, kit.person("C").await);
        let link = |infector, infected, infected_on| InfectionLink {
            link_id: LinkId::mint(now(), kit.random()),
            infector,
            infected,
            setting: None,
            infected_on,
        };
        let mut tx = kit.write().await;
        let day = Some(date(2026, 2, 1));
        let all = [link(a, c, None), link(b, c, day), link(a, b, day), link(b, a, day)];
        infections::insert(&mut tx, &all, now()).await.unwrap();
        tx.commit().await.unwrap();
        let before = dump(&kit).await;
        let done = merge(&kit, merge_of(&kit, a, b, Vec::new()), &[]).await;
        assert_eq!(done.told.n_between, 2);
        let mut tx = kit.read().await;
        let left = infections::all(&mut tx).await.unwrap();
        assert_eq!(left, [InfectionLink { infected_on: day, ..all[0].clone() }]);
        drop(tx);
        undo(&kit, &done).await;
        assert_eq!(dump(&kit).await, before);
    }
}

fn case_of(person: PersonId) -> cases::Case {
    case(2, person, Disease::Covid19)
}

async fn assert_no_trace(kit: &Kit, person: PersonId) {
    for (table, rows) in dump(kit).await {
        assert!(!rows.iter().any(|row| names(row, person)), "{table}");
    }
}

/// Somebody whom only a meeting names.
fn kit_other() -> PersonId {
    PersonId::mint(NOW.parse().unwrap(), [200; 10])
}

fn names(row: &str, person: PersonId) -> bool {
    let row = row.to_lowercase();
    row.contains(&person.0.to_string()) || row.contains(&person.0.simple().to_string())
}

/// A meeting of two of five persons on a day in March, in minutes after nine.
fn meeting() -> impl Strategy<Value = (usize, usize, i32, i32)> {
    (0..5usize, 0..5usize, 0..90i32, 1..40i32).prop_filter("two persons", |(one, other, ..)| one != other)
}

fn at(minutes: i32) -> jiff::Timestamp {
    let start: jiff::Timestamp = "2026-03-02T23:00:00Z".parse().unwrap();
    start.checked_add(jiff::SignedDuration::from_mins(i64::from(minutes))).unwrap()
}

/// Stores meetings as an import would: those of one pair united.
async fn store_meetings(kit: &Kit, ids: &[PersonId], meetings: &[(usize, usize, i32, i32)]) {
    let mut by_pair: BTreeMap<(usize, usize), Vec<domain::encounters::Spell>> = BTreeMap::new();
    for (one, other, from, length) in meetings {
        let window = domain::time::Window::new(at(*from), at(from + length)).unwrap();
        let spell = domain::encounters::Spell { window, distance_m: (length % 3 > 0).then_some(0.1 * *length as f32) };
        by_pair.entry((*one.min(other), *one.max(other))).or_default().push(spell);
    }
    let mut tx = kit.write().await;
    for ((one, other), spells) in by_pair {
        let united = domain::encounters::unite_spells(spells);
        let all: Vec<encounters::Encounter> = united
            .into_iter()
            .map(|spell| encounters::Encounter { person: ids[one], other: ids[other], spell })
            .collect();
        encounters::insert(&mut tx, &all, date(2026, 3, one as i8 + 1)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// Whatever two persons did with others and each other: after a merge no minute is lost or counted twice, and after the
/// undo every row is there again.
#[test]
fn a_merge_and_its_undo_change_nothing_whatever_was_there() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 24, ..ProptestConfig::default() });
    let strategy = (prop::collection::vec(meeting(), 0..24), prop::sample::select(vec![Kind::Sqlite, Kind::Postgres]));
    let outcome = runner.run(&strategy, |(meetings, kind)| {
        runtime.block_on(async {
            let kit = Kit::new(kind).await;
            let mut ids = Vec::new();
            for reference in ["A", "B", "C", "D", "E"] {
                ids.push(kit.person(reference).await);
            }
            store_meetings(&kit, &ids, &meetings).await;
            let before = dump(&kit).await;
            let done = merge(&kit, merge_of(&kit, ids[0], ids[1], Vec::new()), &[]).await;
            let mut tx = kit.read().await;
            let always = domain::time::Window::ALWAYS;
            for (i, other) in ids.iter().enumerate().skip(2) {
                let found = encounters::of_persons(&mut tx, &[(ids[0], always)]).await.unwrap();
                let mine = found.iter().filter(|one| one.other == *other);
                let sum: f64 = mine.map(|one| one.spell.window.minutes()).sum();
                let windows: Vec<_> = meetings
                    .iter()
                    .filter(|(one, two, ..)| [*one, *two].contains(&i) && (*one < 2 || *two < 2))
                    .map(|(_, _, from, length)| domain::time::Window::new(at(*from), at(from + length)).unwrap())
                    .collect();
                prop_assert!((sum - domain::time::minutes_together(&windows)).abs() < 1e-6);
                prop_assert!(found.iter().all(|one| one.other != ids[0] && one.other != ids[1]));
            }
            drop(tx);
            undo(&kit, &done).await;
            prop_assert_eq!(dump(&kit).await, before);
            Ok(())
        })
    });
    outcome.unwrap();
}
