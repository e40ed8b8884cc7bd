//! What is noted of an installation.

use storage::condition::{Done, last_done, note_done};
use testkit::contract;
use testkit::kit::now;

contract! {
    async fn what_was_done_last_stays_noted_when_an_earlier_time_comes(kit) {
        let hour = jiff::SignedDuration::from_hours(1);
        for (what, at, expected) in [
            (Done::Backup, now(), now()),
            (Done::Backup, now() - hour, now()),
            (Done::Backup, now() + hour, now() + hour),
            (Done::Retention, now() - hour, now() - hour),
        ] {
            let mut tx = kit.store.installation().await.unwrap();
            note_done(&mut tx, what, at).await.unwrap();
            assert_eq!(last_done(&mut tx, what).await.unwrap(), Some(expected));
            tx.commit().await.unwrap();
        }
    }
}
