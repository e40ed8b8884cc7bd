//! How a database is known that was put back to an earlier moment.

use storage::pulse::{self, Remembered};
use storage::{StorageError, Store};
use testkit::contract;

/// Beats once, as a server does.
async fn beat(store: &Store, remembered: &Remembered) -> Result<u64, StorageError> {
    let mut tx = store.installation().await?;
    let beats = pulse::beat(&mut tx, remembered).await?;
    tx.commit().await?;
    remembered.raise(beats).await?;
    Ok(beats)
}

async fn check(store: &Store, remembered: &Remembered) -> Result<(), StorageError> {
    pulse::check(&mut store.read_installation().await?, remembered).await
}

contract! {
    async fn each_beat_counts_one_and_the_database_stays_the_one_of_now(kit) {
        let remembered = Remembered::beside(&kit.keyring());
        check(&kit.store, &remembered).await.unwrap();
        let jobs = kit.database.open_for_jobs().await;
        for (store, beats) in [(&kit.store, 1), (&jobs, 2), (&kit.store, 3)] {
            assert_eq!(beat(store, &remembered).await.unwrap(), beats);
            check(&kit.store, &remembered).await.unwrap();
        }
        assert_eq!(remembered.beats().await.unwrap(), Some(3));
    }

    async fn a_beat_that_was_not_committed_is_not_remembered(kit) {
        let remembered = Remembered::beside(&kit.keyring());
        let mut tx = kit.store.installation().await.unwrap();
        pulse::beat(&mut tx, &remembered).await.unwrap();
        drop(tx);
        assert_eq!(beat(&kit.store, &remembered).await.unwrap(), 1);
    }

    async fn a_first_beat_that_nobody_could_remember_any_more_is_no_restore(kit) {
        let remembered = Remembered::beside(&kit.keyring());
        let mut tx = kit.store.installation().await.unwrap();
        pulse::beat(&mut tx, &remembered).await.unwrap();
        tx.commit().await.unwrap();
        // As when the server was killed here.
        check(&kit.store, &remembered).await.unwrap();
        assert_eq!(beat(&kit.store, &remembered).await.unwrap(), 2);
    }

    async fn two_that_beat_first_at_the_same_time_both_count(kit) {
        let remembered = Remembered::beside(&kit.keyring());
        let jobs = kit.database.open_for_jobs().await;
        let (one, other) = tokio::join!(beat(&kit.store, &remembered), beat(&jobs, &remembered));
        let mut counts = [one.unwrap(), other.unwrap()];
        counts.sort_unstable();
        assert_eq!(counts, [1, 2]);
    }

    async fn a_database_that_falls_behind_counts_no_further_until_it_has_caught_up(kit) {
        let remembered = Remembered::beside(&kit.keyring());
        beat(&kit.store, &remembered).await.unwrap();
        // As when the database is put back to the moment after its first beat.
        remembered.raise(2).await.unwrap();
        for _ in 0..3 {
            assert!(matches!(check(&kit.store, &remembered).await, Err(StorageError::NotReplayed)));
            assert!(matches!(beat(&kit.store, &remembered).await, Err(StorageError::NotReplayed)));
        }
        let mut tx = kit.store.installation().await.unwrap();
        let beats = pulse::catch_up(&mut tx, &remembered).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(beats, 3);
        check(&kit.store, &remembered).await.unwrap();
        remembered.raise(beats).await.unwrap();
        assert_eq!(beat(&kit.store, &remembered).await.unwrap(), 4);
    }

    async fn a_keyring_that_remembers_nothing_of_a_database_that_beat_is_another_one(kit) {
        beat(&kit.store, &Remembered::beside(&kit.keyring())).await.unwrap();
        let other = Remembered::beside(&kit.database.folder.path().join("other"));
        assert!(matches!(check(&kit.store, &other).await, Err(StorageError::NotReplayed)));
    }

    async fn how_far_the_ledger_is_done_only_grows_but_where_it_was_replayed(kit) {
        let mut tx = kit.write().await;
        assert_eq!(pulse::ledger_bytes(&mut tx).await.unwrap(), 0);
        for (noted, then) in [(70, 70), (40, 70), (90, 90)] {
            pulse::note_ledger(&mut tx, noted).await.unwrap();
            assert_eq!(pulse::ledger_bytes(&mut tx).await.unwrap(), then);
        }
        pulse::set_ledger(&mut tx, 30).await.unwrap();
        assert_eq!(pulse::ledger_bytes(&mut tx).await.unwrap(), 30);
    }
}
