//! Runs in a backup.

use crate::backup::restored_database;
use crate::runs::{made, place};
use domain::ids::NodeId;
use storage::backup::{back_up, remove_database, require_no_database};
use storage::runs::{self, Choice, DeadLetter, Encounter, FrameAt, Infection, Message, NamedNode, NewNode, Progress};
use storage::store::{Place, RunStore};
use testkit::database::options;
use testkit::kit::now;
use testkit::{Database, Kind, contract};

contract! {
    async fn runs_come_back_with_a_backup_and_what_could_not_be_stored_does_not(kit) {
        let (store, run) = made(&kit).await;
        let met = Encounter { lower: 0, higher: 1, slot: 0, first_second: 3, last_second: 4, n_heard: 2, nearest_quarters: Some(6) };
        let infected = Infection { no: 1, second: 4, infector: 0 };
        let named = NamedNode { node_id: NodeId::mint(now(), kit.random()), boot: 5, first_second: 0 };
        let frame = (FrameAt { second: 0, kind: 1, chain: 0, part: 0 }, vec![0; 100_000]);
        let letter =
            DeadLetter { place: place(0), offset: 3, reason: "odd".to_owned(), noted_at: now(), bytes: b"left-behind".to_vec() };
        let mut tx = store.write().await.unwrap();
        runs::set_key(&mut tx, run.run_id, "a hash").await.unwrap();
        let nodes = [NewNode { tag: 7, named: Some(named) }, NewNode { tag: 8, named: None }];
        runs::intern(&mut tx, run.run_id, &nodes).await.unwrap();
        runs::put_frames(&mut tx, run.run_id, &[frame]).await.unwrap();
        runs::put_encounters(&mut tx, run.run_id, &[met]).await.unwrap();
        runs::put_infections(&mut tx, run.run_id, &[infected]).await.unwrap();
        let message = Message { no: 0, told_at: 7, recorded_at: 8, second: 3 };
        runs::put_messages(&mut tx, run.run_id, &[message]).await.unwrap();
        runs::put_aside(&mut tx, &letter).await.unwrap();
        runs::choose(&mut tx, kit.account_id, Choice::Map, r#"{"realism":true}"#).await.unwrap();
        assert!(runs::advance(&mut tx, &place(0), 0, 4, 0).await.unwrap());
        tx.commit().await.unwrap();
        let folder = kit.database.folder.path().join("backup");
        back_up(&kit.store, &folder, now()).await.unwrap();
        let mut tx = store.read().await.unwrap();
        assert_eq!(runs::dead_letters(&mut tx, 9).await.unwrap(), [letter], "a backup takes nothing away");
        let known = runs::nodes_of(&mut tx, run.run_id, None, 9).await.unwrap();
        let frames = runs::frames_of_chain(&mut tx, run.run_id, 0, 0).await.unwrap();
        drop(tx);
        for file in std::fs::read_dir(&folder).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
            assert!(!holds(b"left-behind") && !holds(b"6c6566742d626568696e64"), "neither as it is nor in hexadecimal");
        }

        let target = restored_database(&kit, &folder).await;
        let restored = RunStore::beside(&target.open().await, &options(&target.app)).await.unwrap();
        let mut tx = restored.write().await.unwrap();
        assert_eq!(runs::find(&mut tx, run.run_id).await.unwrap(), Some(run.clone()));
        assert_eq!(runs::nodes_of(&mut tx, run.run_id, None, 9).await.unwrap(), known);
        assert_eq!(runs::frames_of_chain(&mut tx, run.run_id, 0, 0).await.unwrap(), frames);
        assert_eq!(runs::encounters_of_node(&mut tx, run.run_id, 1, 9).await.unwrap(), [met]);
        assert_eq!(runs::infections_of(&mut tx, run.run_id, 9).await.unwrap(), [infected]);
        let again = runs::put_messages(&mut tx, run.run_id, &[message]).await.unwrap();
        assert_eq!(again, [], "what was said before is still known");
        assert!(runs::chosen(&mut tx, kit.account_id, Choice::Map).await.unwrap().is_some());
        assert_eq!(runs::progress(&mut tx, &place(0)).await.unwrap(), Progress { next: 4, n_gaps: 0 });
        assert_eq!(runs::dead_letters(&mut tx, 9).await.unwrap(), []);
        assert_eq!(runs::key_hash(&mut tx, run.run_id).await.unwrap().as_deref(), Some("a hash"));
        assert_eq!(runs::end_keys(&mut tx).await.unwrap(), 1);
        assert_eq!(runs::key_hash(&mut tx, run.run_id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn runs_that_are_there_are_not_written_over() {
    let target = Database::empty(Kind::Sqlite).await;
    let Place::File(database) = &target.app else { panic!("it is a file") };
    require_no_database(database).unwrap();
    let runs = database.with_file_name("runs.db");
    std::fs::write(&runs, "somebody's").unwrap();
    let refused = require_no_database(database).unwrap_err();
    assert!(refused.to_string().contains("runs.db"), "{refused}");
    assert!(storage::backup::restore_file(database.parent().unwrap(), database).is_err());
    assert_eq!(std::fs::read_to_string(&runs).unwrap(), "somebody's");
    remove_database(database).unwrap();
    assert!(!runs.exists(), "a restore that begins anew takes away what it had brought");
}
