//! Runs of which nothing is heard any more.

use crate::runs::Field;
use app::runs::{NewNodes, RunChange, Viewer, Watch};
use domain::ids::{NodeId, RunId};
use domain::runs::{Hosting, Run, RunState, Visibility};
use std::sync::atomic::Ordering;
use storage::runs::{FrameAt, NamedNode, NewNode};
use testkit::contract;
use testkit::kit::now;
use uuid::Uuid;

/// A run whose nodes have all come, with how it is watched.
struct Watched {
    field: Field,
    run: Run,
    watch: Watch,
}

impl Watched {
    async fn on(kit: testkit::Kit) -> Self {
        let field = Field::on(kit).await;
        let run = field.made(Visibility::Staff).await;
        field.bench.app.take_nodes(run.run_id, (Hosting::Server, Uuid::from_u128(1)), 20).await.unwrap();
        let watched = Self { field, run, watch: Watch::default() };
        watched.hear(0).await;
        watched
    }

    /// Two nodes report a second.
    async fn hear(&self, second: u32) {
        let mut tx = self.field.store.write().await.unwrap();
        let named = |id| NamedNode { node_id: NodeId(Uuid::from_u128(id)), boot: 1, first_second: 0 };
        let nodes = [1, 2].map(|id| NewNode { tag: id, named: Some(named(u128::from(id))) });
        storage::runs::intern(&mut tx, self.run.run_id, &nodes).await.unwrap();
        let at = FrameAt { second, kind: 1, chain: 0, part: i64::from(second) };
        storage::runs::put_frames(&mut tx, self.run.run_id, &[(at, vec![1])]).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn die(&self, no: u32) {
        let mut tx = self.field.store.write().await.unwrap();
        storage::runs::die(&mut tx, self.run.run_id, &[no], 7).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn change(&self, change: RunChange) {
        self.field.change(&self.field.bench.worker, &self.run, change).await.unwrap();
    }

    async fn look(&mut self) -> Vec<RunId> {
        self.field.bench.app.end_quiet_runs(&mut self.watch).await.unwrap()
    }

    /// Returns how many half minutes nothing must be heard until it ends; looks that long, and no longer than two hours.
    async fn half_minutes_until_it_ends(&mut self) -> Option<i64> {
        for n in 0..=240 {
            if self.look().await == [self.run.run_id] {
                return Some(n);
            }
            self.field.seconds.fetch_add(30, Ordering::Relaxed);
        }
        None
    }

    async fn now(&self) -> Run {
        self.field.bench.app.run(Viewer::Server, self.run.run_id).await.unwrap()
    }
}

contract! {
    async fn ten_minutes_after_its_last_node_died_a_run_is_over(kit) {
        let mut watched = Watched::on(kit).await;
        watched.die(0).await;
        watched.die(1).await;
        assert_eq!(watched.half_minutes_until_it_ends().await, Some(20));
        let over = watched.now().await;
        assert_eq!(over.clock.state, RunState::Stopped);
        assert_eq!(over.ended_at, Some(now() + std::time::Duration::from_mins(10)));
        assert_eq!(watched.look().await, [], "once");
        assert_eq!(watched.field.bench.app.hosted_runs().await.unwrap(), []);
    }

    async fn an_hour_after_the_last_was_heard_of_the_silent_a_run_is_over(kit) {
        let mut watched = Watched::on(kit).await;
        watched.die(0).await;
        assert_eq!(watched.half_minutes_until_it_ends().await, Some(120));
    }

    async fn nodes_that_were_asked_for_and_did_not_come_are_waited_for(kit) {
        let mut watched = Watched::on(kit).await;
        watched.die(0).await;
        watched.die(1).await;
        watched.change(RunChange::Nodes(NewNodes { safe: 1, infected: 0 })).await;
        assert_eq!(watched.half_minutes_until_it_ends().await, Some(120));
    }

    async fn a_run_in_which_nobody_was_heard_yet_waits_as_long(kit) {
        let field = Field::on(kit).await;
        let run = field.made(Visibility::Staff).await;
        let mut watched = Watched { field, run, watch: Watch::default() };
        assert_eq!(watched.half_minutes_until_it_ends().await, Some(120));
    }

    async fn whatever_somebody_does_in_a_run_counts(kit) {
        let mut watched = Watched::on(kit).await;
        watched.die(0).await;
        watched.die(1).await;
        for half_minute in 1..=100 {
            assert_eq!(watched.look().await, [], "after {half_minute} half minutes");
            watched.field.seconds.fetch_add(30, Ordering::Relaxed);
            // Each time shortly before it would end.
            match half_minute {
                19 => watched.hear(9).await,
                38 => watched.change(RunChange::Nodes(NewNodes { safe: 1, infected: 0 })).await,
                50 => {
                    let by = (Hosting::Server, Uuid::from_u128(1));
                    watched.field.bench.app.take_nodes(watched.run.run_id, by, 20).await.unwrap();
                }
                56 => watched.change(RunChange::Pause).await,
                99 => watched.change(RunChange::Resume).await,
                _ => {}
            }
        }
        assert_eq!(watched.half_minutes_until_it_ends().await, Some(19), "the first of twenty was just now");
    }

    async fn time_in_which_nobody_looked_does_not_count(kit) {
        let mut watched = Watched::on(kit).await;
        watched.die(0).await;
        watched.die(1).await;
        assert_eq!(watched.look().await, []);
        watched.field.seconds.fetch_add(86_400, Ordering::Relaxed);
        assert_eq!(watched.look().await, [], "the machine was asleep");
        watched.watch.begin_anew();
        assert_eq!(watched.half_minutes_until_it_ends().await, Some(20), "nor does what was before");
    }
}
