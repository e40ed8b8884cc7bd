//! Guests' check-ins: once each, sealed, packed when their day is closed, gone when it ends.

use domain::check_ins::{ListOfDay, Marks};
use jiff::civil::date;
use sqlx::Row;
use storage::StorageError;
use storage::check_ins::intake::{Happened, NotTaken};
use storage::check_ins::shelf::OpenedVisit;
use testkit::door::{Door, folder, shelf, venue, visit};
use testkit::{Kind, Kit, contract};

const DAY: jiff::civil::Date = date(2026, 2, 24);
const NEXT: jiff::civil::Date = date(2026, 2, 25);

fn names(list: &[OpenedVisit]) -> Vec<&str> {
    list.iter().map(|visit| visit.guest.name.expose().as_str()).collect()
}

/// Says whether a text lies anywhere: in files, or in any column that check-ins have.
async fn lies_anywhere(kit: &Kit, bytes: &[u8]) -> bool {
    match kit.database.kind {
        Kind::Sqlite => std::fs::read_dir(folder(kit)).unwrap().any(|file| {
            let content = std::fs::read(file.unwrap().path()).unwrap();
            content.windows(bytes.len()).any(|window| window == bytes)
        }),
        Kind::Postgres => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            let sql = format!(
                "SELECT count(*) FROM (SELECT body FROM check_ins.block UNION ALL SELECT body FROM check_ins.list) AS all_of_it
                  WHERE position('\\x{hex}'::bytea IN body) > 0"
            );
            kit.database.ask(&sql).await[0].get::<i64, _>(0) > 0
        }
    }
}

contract! {
    async fn who_checked_in_is_on_the_list_of_that_venue_and_day_once(kit) {
        let neighbour = kit.neighbour().await;
        let door = Door::open(&kit, &[DAY, NEXT], &[kit.authority_id, neighbour]).await;
        let (own, other) = (venue(kit.authority_id, 1, DAY), venue(kit.authority_id, 2, DAY));
        let (theirs, later) = (venue(neighbour, 1, DAY), venue(kit.authority_id, 1, NEXT));
        let (ada, bo) = (visit(1, "Ada", "2026-02-24T18:00:00Z"), visit(2, "Bo", "2026-02-24T17:00:00Z"));
        door.check_in_all(own, &[&ada, &bo]).await.unwrap();
        door.check_in(other, &visit(3, "Cy", "2026-02-24T18:00:00Z")).await.unwrap();
        door.check_in(theirs, &visit(4, "Di", "2026-02-24T18:00:00Z")).await.unwrap();
        door.check_in(later, &visit(5, "Ed", "2026-02-25T18:00:00Z")).await.unwrap();
        door.check_in(own, &ada).await.unwrap();
        assert_eq!(names(&door.list(&kit, own).await.unwrap()), ["Bo", "Ada"], "in order of arrival, a retry once");
        assert_eq!(names(&door.list(&kit, other).await.unwrap()), ["Cy"]);
        assert_eq!(names(&door.list(&kit, theirs).await.unwrap()), ["Di"]);
        assert_eq!(names(&door.list(&kit, later).await.unwrap()), ["Ed"]);
        assert!(names(&door.list(&kit, venue(kit.authority_id, 9, DAY)).await.unwrap()).is_empty());
        assert!(!lies_anywhere(&kit, b"Ada").await, "names are sealed");
    }

    async fn the_same_id_with_other_values_is_refused_and_so_is_all_that_came_with_it(kit) {
        let door = Door::open(&kit, &[DAY], &[kit.authority_id]).await;
        let own = venue(kit.authority_id, 1, DAY);
        let mut ada = visit(1, "Ada", "2026-02-24T18:00:00Z");
        ada.stay.marks = Marks::LATE;
        assert_eq!(door.check_in(own, &ada).await.unwrap(), [Marks::LATE]);
        ada.stay.marks = Marks::NONE;
        assert_eq!(door.check_in(own, &ada).await.unwrap(), [Marks::LATE], "the first answer");
        let changed = visit(1, "Eve", "2026-02-24T18:00:00Z");
        let bo = visit(2, "Bo", "2026-02-24T18:10:00Z");
        let refused = door.check_in_all(own, &[&bo, &changed]).await;
        assert!(matches!(refused, Err(NotTaken::Conflict(1))), "{refused:?}");
        assert_eq!(names(&door.list(&kit, own).await.unwrap()), ["Ada"]);
        door.check_in(own, &bo).await.unwrap();
        assert_eq!(names(&door.list(&kit, own).await.unwrap()), ["Ada", "Bo"]);
    }

    async fn many_at_once_are_all_there_once_each(kit) {
        let door = Door::open(&kit, &[DAY], &[kit.authority_id]).await;
        let visits: Vec<_> = (0..600).map(|n| visit(n, &format!("Guest {n}"), "2026-02-24T18:00:00Z")).collect();
        let list = |n: usize| venue(kit.authority_id, n as u64 % 7, DAY);
        let twice = visits.iter().enumerate().flat_map(|(n, visit)| [(n, visit); 2]);
        let all = futures(twice.map(|(n, visit)| door.check_in(list(n), visit))).await;
        assert!(all.iter().all(Result::is_ok));
        let mut found = Vec::new();
        for n in 0..7 {
            found.extend(names(&door.list(&kit, list(n)).await.unwrap()).into_iter().map(str::to_owned));
        }
        found.sort();
        let mut expected: Vec<_> = visits.iter().map(|visit| visit.name.clone()).collect();
        expected.sort();
        assert_eq!(found, expected);
    }

    async fn a_check_out_needs_the_receipt_and_the_last_one_counts(kit) {
        let door = Door::open(&kit, &[DAY], &[kit.authority_id]).await;
        let own = venue(kit.authority_id, 1, DAY);
        let ada = visit(1, "Ada", "2026-02-24T18:00:00Z");
        door.check_in(own, &ada).await.unwrap();
        let (id, at) = (ada.stay.visit_id, |text: &str| Happened::Left(text.parse().unwrap()));
        let refused = door.change(own, id, [9; 32], at("2026-02-24T18:20:00Z")).await;
        assert!(matches!(refused, Err(NotTaken::Unknown)));
        door.change(own, id, ada.receipt, at("2026-02-24T18:30:00Z")).await.unwrap();
        door.change(own, id, ada.receipt, at("2026-02-24T18:40:00Z")).await.unwrap();
        let list = door.list(&kit, own).await.unwrap();
        assert_eq!(list[0].stay.leaves_at.to_string(), "2026-02-24T18:40:00Z");
    }

    async fn what_a_guest_deletes_is_written_over_and_does_not_come_back(kit) {
        let door = Door::open(&kit, &[DAY], &[kit.authority_id]).await;
        let own = venue(kit.authority_id, 1, DAY);
        let (ada, bo) = (visit(1, "Ada", "2026-02-24T18:00:00Z"), visit(2, "Bo", "2026-02-24T18:00:00Z"));
        door.check_in_all(own, &[&ada, &bo]).await.unwrap();
        assert!(lies_anywhere(&kit, &ada.receipt).await);
        door.change(own, ada.stay.visit_id, ada.receipt, Happened::Deleted).await.unwrap();
        assert!(!lies_anywhere(&kit, &ada.receipt).await, "its receipt lay beside the guest");
        assert_eq!(names(&door.list(&kit, own).await.unwrap()), ["Bo"]);
        assert!(matches!(door.check_in(own, &ada).await, Err(NotTaken::Deleted(0))));
        door.change(own, ada.stay.visit_id, ada.receipt, Happened::Deleted).await.unwrap();
        door.intake.shelf().pack(DAY, &[kit.authority_id]).await.unwrap();
        assert_eq!(names(&door.list(&kit, own).await.unwrap()), ["Bo"]);
        assert!(door.intake.shelf().blot_out(own, bo.stay.visit_id).await.unwrap());
        assert!(names(&door.list(&kit, own).await.unwrap()).is_empty());
        assert!(!lies_anywhere(&kit, &bo.receipt).await);
    }

    async fn a_new_door_knows_who_is_there(kit) {
        let own = venue(kit.authority_id, 1, DAY);
        let (ada, bo) = (visit(1, "Ada", "2026-02-24T18:00:00Z"), visit(2, "Bo", "2026-02-24T18:00:00Z"));
        let door = Door::open(&kit, &[DAY], &[kit.authority_id]).await;
        door.check_in_all(own, &[&ada, &bo]).await.unwrap();
        door.change(own, bo.stay.visit_id, bo.receipt, Happened::Deleted).await.unwrap();
        door.intake.shelf().close().await;
        let door = Door::open(&kit, &[DAY], &[kit.authority_id]).await;
        door.check_in(own, &ada).await.unwrap();
        assert!(matches!(door.check_in(own, &bo).await, Err(NotTaken::Deleted(0))));
        let eve = visit(1, "Eve", "2026-02-24T18:00:00Z");
        assert!(matches!(door.check_in(own, &eve).await, Err(NotTaken::Conflict(0))));
        door.check_in(own, &visit(3, "Cy", "2026-02-24T19:00:00Z")).await.unwrap();
        assert_eq!(names(&door.list(&kit, own).await.unwrap()), ["Ada", "Cy"], "of two doors, each with its keys");
    }

    async fn a_packed_day_lists_the_same_and_takes_none(kit) {
        let neighbour = kit.neighbour().await;
        let door = Door::open(&kit, &[DAY, NEXT], &[kit.authority_id, neighbour]).await;
        let lists: Vec<ListOfDay> = (0..5).map(|n| venue(kit.authority_id, n, DAY)).collect();
        let theirs = venue(neighbour, 1, DAY);
        for n in 0..60 {
            let guest = visit(n, &format!("Guest {n}"), "2026-02-24T18:00:00Z");
            door.check_in(lists[n as usize % 5], &guest).await.unwrap();
            if n % 3 == 0 {
                let left = Happened::Left("2026-02-24T18:07:00Z".parse().unwrap());
                door.change(lists[n as usize % 5], guest.stay.visit_id, guest.receipt, left).await.unwrap();
            }
        }
        door.check_in(theirs, &visit(99, "Di", "2026-02-24T18:00:00Z")).await.unwrap();
        let mut before = Vec::new();
        for list in &lists {
            before.push(door.list(&kit, *list).await.unwrap());
        }
        door.intake.shelf().pack(DAY, &[kit.authority_id, neighbour]).await.unwrap();
        for (list, before) in lists.iter().zip(&before) {
            assert_eq!(&door.list(&kit, *list).await.unwrap(), before);
        }
        door.intake.shelf().pack(DAY, &[kit.authority_id, neighbour]).await.unwrap();
        assert_eq!(names(&door.list(&kit, theirs).await.unwrap()), ["Di"], "packing again changes nothing");
    }

    async fn a_day_ends_for_one_authority_and_stays_for_another(kit) {
        let neighbour = kit.neighbour().await;
        for is_packed in [false, true] {
            let day = if is_packed { NEXT } else { DAY };
            let door = Door::open(&kit, &[DAY, NEXT], &[kit.authority_id, neighbour]).await;
            let (own, theirs) = (venue(kit.authority_id, 1, day), venue(neighbour, 1, day));
            let ada = visit(1, "Ada", "2026-02-24T18:00:00Z");
            door.check_in(own, &ada).await.unwrap();
            door.check_in(theirs, &visit(2, "Di", "2026-02-24T18:00:00Z")).await.unwrap();
            if is_packed {
                door.intake.shelf().pack(day, &[kit.authority_id, neighbour]).await.unwrap();
            }
            door.destroy(own.of).unwrap();
            assert!(matches!(door.list(&kit, own).await, Err(StorageError::Sealing(_))), "there, and nobody can read it");
            door.intake.shelf().drop_rows(own.of).await.unwrap();
            assert!(!lies_anywhere(&kit, &ada.receipt).await);
            assert_eq!(names(&door.list(&kit, theirs).await.unwrap()), ["Di"]);
            door.destroy(theirs.of).unwrap();
            door.intake.shelf().drop_day(day).await.unwrap();
            assert!(door.intake.shelf().read(theirs, storage::Freshness::Fresh).await.unwrap().stays().unwrap().is_empty());
            door.intake.shelf().close().await;
        }
    }
}

/// Waits until a session waits for others to let go of a partition, and returns its process.
async fn detaching(kit: &Kit) -> i32 {
    let sql =
        "SELECT pid FROM pg_stat_activity WHERE query LIKE '-- check_ins::detach_day%' AND wait_event_type = 'Lock'
                  AND datname = current_database()";
    loop {
        if let [row] = kit.database.ask(sql).await.as_slice() {
            return row.get(0);
        }
    }
}

#[tokio::test]
async fn a_day_whose_end_was_interrupted_ends_the_next_time() {
    let kit = Kit::new(Kind::Postgres).await;
    let own = venue(kit.authority_id, 1, DAY);
    let door = Door::open(&kit, &[DAY], &[kit.authority_id]).await;
    door.check_in(own, &visit(1, "Ada", "2026-02-24T18:00:00Z")).await.unwrap();
    // Somebody still reads, so taking the partition away has to wait; then it is stopped.
    let mut reader = kit.database.superuser().await;
    sqlx::query("BEGIN").execute(&mut reader).await.unwrap();
    sqlx::query("SELECT count(*) FROM check_ins.block").execute(&mut reader).await.unwrap();
    let shelf = door.intake.shelf().clone();
    let ending = tokio::spawn(async move { shelf.drop_day(DAY).await });
    let pid = detaching(&kit).await;
    kit.database.ask(&format!("SELECT pg_terminate_backend({pid})")).await;
    assert!(ending.await.unwrap().is_err());
    sqlx::query("COMMIT").execute(&mut reader).await.unwrap();
    door.intake.shelf().drop_day(DAY).await.unwrap();
    let left = "SELECT count(*) FROM pg_class WHERE relname IN ('block_20260224', 'list_20260224')";
    assert_eq!(kit.database.ask(left).await[0].get::<i64, _>(0), 0);
    door.intake.shelf().close().await;
}

async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    futures_util::future::join_all(all).await
}

#[tokio::test]
async fn an_interrupted_packing_leaves_the_day_as_it_was_or_packed() {
    let kit = Kit::new(Kind::Sqlite).await;
    let own = venue(kit.authority_id, 1, DAY);
    let door = Door::open(&kit, &[DAY], &[kit.authority_id]).await;
    door.check_in(own, &visit(1, "Ada", "2026-02-24T18:00:00Z")).await.unwrap();
    door.intake.shelf().close().await;
    // Stopped while the new file was written.
    std::fs::write(folder(&kit).join("2026-02-24.new"), b"half").unwrap();
    let door = Door::open(&kit, &[DAY], &[kit.authority_id]).await;
    assert_eq!(names(&door.list(&kit, own).await.unwrap()), ["Ada"]);
    assert!(!folder(&kit).join("2026-02-24.new").exists());
    // Stopped after it had its name, before the old one was gone.
    let open = std::fs::read(folder(&kit).join("2026-02-24.open"));
    door.intake.shelf().pack(DAY, &[kit.authority_id]).await.unwrap();
    door.intake.shelf().close().await;
    std::fs::write(folder(&kit).join("2026-02-24.open"), open.unwrap()).unwrap();
    let door = Door::open(&kit, &[DAY], &[kit.authority_id]).await;
    assert_eq!(names(&door.list(&kit, own).await.unwrap()), ["Ada"]);
    assert!(!folder(&kit).join("2026-02-24.open").exists());
}

#[tokio::test]
async fn who_takes_check_ins_can_read_none_and_who_reads_sees_their_own() {
    let kit = Kit::new(Kind::Postgres).await;
    let neighbour = kit.neighbour().await;
    let door = Door::open(&kit, &[DAY], &[kit.authority_id, neighbour]).await;
    door.check_in(venue(kit.authority_id, 1, DAY), &visit(1, "Ada", "2026-02-24T18:00:00Z")).await.unwrap();
    door.check_in(venue(neighbour, 1, DAY), &visit(2, "Di", "2026-02-24T18:00:00Z")).await.unwrap();
    for sql in ["SELECT * FROM check_ins.block", "SELECT * FROM check_ins.block_20260224", "SELECT * FROM person"] {
        let refused = kit.database.refused(&kit.database.intake_url(), sql).await;
        assert!(refused.contains("permission denied"), "{sql}: {refused}");
    }
    for table in ["check_ins.block", "check_ins.list"] {
        let rows = kit.database.ask_as_app(&format!("SELECT count(*) FROM {table}"), None).await;
        assert_eq!(rows[0].get::<i64, _>(0), 0, "{table}");
    }
    let own = kit.database.ask_as_app("SELECT count(*) FROM check_ins.block", Some(kit.authority_id)).await;
    assert_eq!(own[0].get::<i64, _>(0), 1);
    drop(shelf(&kit).await);
}
