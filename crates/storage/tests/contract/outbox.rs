//! Events leave in the transaction of their change, at least once.

use super::retention::{after_days, run_at};
use domain::ids::{CaseId, OutboxId};
use jiff::{SignedDuration, Timestamp};
use storage::outbox::{self, Event};
use testkit::kit::now;
use testkit::{Kit, contract};
use uuid::Uuid;

pub fn event(kit: &Kit) -> Event {
    Event {
        outbox_id: OutboxId::mint(now(), kit.random()),
        kind: "case.opened".to_owned(),
        case_id: Some(CaseId(Uuid::from_u128(5))),
        person_id: None,
        subject_id: None,
        attempts: 0,
        created_at: now(),
    }
}

fn later(minutes: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

contract! {
    async fn what_was_rolled_back_left_no_event_and_what_was_committed_did(kit) {
        let event = event(&kit);
        let mut tx = kit.write().await;
        outbox::insert(&mut tx, &event).await.unwrap();
        drop(tx);
        let mut tx = kit.write().await;
        assert_eq!(outbox::take_next(&mut tx, later(1), later(2)).await.unwrap(), None);
        outbox::insert(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.write().await;
        let taken = outbox::take_next(&mut tx, later(1), later(2)).await.unwrap();
        assert_eq!(taken, Some(Event { attempts: 1, ..event }));
    }

    async fn an_event_whose_server_died_is_taken_again_until_it_is_done(kit) {
        let event = event(&kit);
        let mut tx = kit.write().await;
        outbox::insert(&mut tx, &event).await.unwrap();
        assert!(outbox::take_next(&mut tx, later(1), later(3)).await.unwrap().is_some());
        assert_eq!(outbox::take_next(&mut tx, later(2), later(4)).await.unwrap(), None);
        assert_eq!(outbox::take_next(&mut tx, later(3), later(5)).await.unwrap().unwrap().attempts, 2);
        assert!(outbox::done(&mut tx, event.outbox_id, later(3)).await.unwrap());
        assert!(!outbox::done(&mut tx, event.outbox_id, later(3)).await.unwrap(), "once");
        assert_eq!(outbox::take_next(&mut tx, later(60), later(61)).await.unwrap(), None);
    }

    async fn events_end_after_thirty_days(kit) {
        let mut tx = kit.write().await;
        outbox::insert(&mut tx, &event(&kit)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(run_at(&kit, after_days(30)).await.n_facts, 0);
        assert_eq!(run_at(&kit, after_days(31)).await.n_facts, 1);
    }
}
