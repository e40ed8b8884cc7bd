use domain::authorities::Role;
use domain::ids::JobId;
use jiff::{SignedDuration, Timestamp};
use storage::jobs::{self, Job};
use testkit::kit::now;
use testkit::{Kit, contract};
use uuid::Uuid;

pub fn job(kit: &Kit) -> Job {
    Job {
        job_id: JobId::mint(now(), kit.random()),
        kind: "import.check".to_owned(),
        subject_id: Uuid::from_u128(9),
        account_id: kit.account_id,
        account: "test".to_owned(),
        role: Role::Administrator,
        state: "waiting".to_owned(),
        settings: "{}".to_owned(),
        done: 0,
        total: Some(3),
        problem: None,
        created_at: now(),
        finished_at: None,
    }
}

fn later(minutes: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_mins(minutes)).unwrap()
}

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);

contract! {
    async fn a_job_comes_back_as_stored_and_is_done_once(kit) {
        let job = job(&kit);
        let mut tx = kit.write().await;
        jobs::insert(&mut tx, &job).await.unwrap();
        assert_eq!(jobs::find(&mut tx, job.job_id).await.unwrap(), Some(job.clone()));
        assert!(jobs::take(&mut tx, job.job_id, ONE, now(), later(2)).await.unwrap());
        assert!(jobs::advance(&mut tx, job.job_id, ONE, 2, later(3)).await.unwrap());
        assert!(jobs::finish(&mut tx, job.job_id, "done", None, 3, later(1)).await.unwrap());
        assert!(!jobs::finish(&mut tx, job.job_id, "failed", Some("late"), 0, later(2)).await.unwrap(), "it has ended");
        assert!(!jobs::take(&mut tx, job.job_id, TWO, later(9), later(11)).await.unwrap());
        let done = jobs::find(&mut tx, job.job_id).await.unwrap().unwrap();
        assert_eq!((done.state.as_str(), done.done, done.finished_at), ("done", 3, Some(later(1))));
    }

    async fn of_two_servers_one_holds_a_job_until_it_gives_no_sign_of_life(kit) {
        let job = job(&kit);
        let mut tx = kit.write().await;
        jobs::insert(&mut tx, &job).await.unwrap();
        assert!(jobs::take(&mut tx, job.job_id, ONE, now(), later(2)).await.unwrap());
        assert_eq!(jobs::next(&mut tx, TWO, later(1)).await.unwrap(), None);
        assert!(!jobs::take(&mut tx, job.job_id, TWO, later(1), later(3)).await.unwrap());
        assert_eq!(jobs::next(&mut tx, TWO, later(2)).await.unwrap().map(|job| job.job_id), Some(job.job_id));
        assert!(jobs::take(&mut tx, job.job_id, TWO, later(2), later(4)).await.unwrap());
        assert!(!jobs::advance(&mut tx, job.job_id, ONE, 1, later(4)).await.unwrap(), "it is no longer theirs");
        assert_eq!(jobs::held_by(&mut tx, ONE).await.unwrap(), None);
        assert_eq!(jobs::held_by(&mut tx, TWO).await.unwrap().map(|job| job.job_id), Some(job.job_id));
    }

    async fn what_was_let_go_of_can_be_taken_at_once(kit) {
        let job = job(&kit);
        let mut tx = kit.write().await;
        jobs::insert(&mut tx, &job).await.unwrap();
        assert!(jobs::take(&mut tx, job.job_id, ONE, now(), later(2)).await.unwrap());
        assert_eq!(jobs::release(&mut tx).await.unwrap(), 1);
        assert!(jobs::take(&mut tx, job.job_id, TWO, now(), later(2)).await.unwrap());
    }
}
