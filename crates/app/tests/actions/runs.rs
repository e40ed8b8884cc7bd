//! Runs: who sees and changes them, what they may be, and what is read of them.

use crate::Bench;
use app::runs::{MOST_HOSTED, NewNodes, NewRun, NodeSpan, RunChange, Viewer};
use app::{AppError, Worker};
use domain::authorities::Role;
use domain::ids::{AccountId, NodeId, RunId};
use domain::runs::{Health, Hosting, NodeState, Parameters, Position, Run, RunState, Statistics, Visibility};
use jiff::SignedDuration;
use protocol::frames::{Chain, Heard, Picture};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use storage::runs::{FrameAt, Infection, NamedNode, NewNode};
use storage::store::RunStore;
use testkit::contract;
use testkit::database::options;
use testkit::kit::now;

/// A platform with a place for runs, and a clock in seconds.
pub struct Field {
    pub bench: Bench,
    pub store: RunStore,
    pub seconds: Arc<AtomicI64>,
}

impl Field {
    pub async fn on(kit: testkit::Kit) -> Self {
        let store = RunStore::beside(&kit.store, &options(&kit.database.app)).await.unwrap();
        let mut bench = Bench::on(kit).await;
        let seconds = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&seconds);
        let clock =
            Arc::new(move || now().checked_add(SignedDuration::from_secs(told.load(Ordering::Relaxed))).unwrap());
        let jobs = bench.kit.database.open_for_jobs().await;
        bench.app = Bench::app_with_clock(&bench.kit, bench.kit.store.clone(), jobs, clock).with_runs(store.clone());
        Self { bench, store, seconds }
    }

    fn new_run(&self) -> NewRun {
        NewRun {
            run_id: RunId::mint(now(), self.bench.app.random()),
            name: " Field ".to_owned(),
            visibility: Visibility::Staff,
            is_rehearsal: false,
            parameters: Parameters::default(),
            second: Duration::from_secs(1),
            nodes: NewNodes { safe: 18, infected: 2 },
            hosting: Hosting::Server,
        }
    }

    pub async fn made(&self, visibility: Visibility) -> Run {
        self.bench.app.make_run(&self.bench.worker, NewRun { visibility, ..self.new_run() }).await.unwrap()
    }

    fn somebody(&self, role: Role, operator: bool) -> Worker {
        let account_id = AccountId::mint(now(), self.bench.app.random());
        Worker { account_id, role, operator, ..self.bench.worker.clone() }
    }

    pub async fn change(&self, worker: &Worker, run: &Run, change: RunChange) -> Result<Run, AppError> {
        self.bench.app.change_run(worker, run.run_id, change).await
    }
}

fn field_of(refused: Result<Run, AppError>) -> &'static str {
    let Err(AppError::Invalid { field, .. }) = refused else { return "nothing is refused" };
    field
}

fn state(x: u16, health: Health) -> NodeState {
    NodeState { position: Position { x, y: 5 }, health, alive: true }
}

contract! {
    async fn a_run_is_seen_by_whom_it_is_for(kit) {
        let field = Field::on(kit).await;
        let app = &field.bench.app;
        let own = field.made(Visibility::Owner).await;
        let staffs = field.made(Visibility::Staff).await;
        let public = field.made(Visibility::Anybody).await;
        let sees = async |viewer: Viewer<'_>| {
            let mut seen: Vec<RunId> = app.runs(viewer).await.unwrap().iter().map(|run| run.run_id).collect();
            for run in [&own, &staffs, &public] {
                assert_eq!(app.run(viewer, run.run_id).await.is_ok(), seen.contains(&run.run_id));
                assert_eq!(app.run_statistics(viewer, run.run_id, Some(1)).await.is_ok(), seen.contains(&run.run_id));
            }
            seen.sort_unstable();
            seen
        };
        let all = [own.run_id, staffs.run_id, public.run_id];
        assert_eq!(sees(Viewer::Staff(&field.bench.worker)).await, all);
        for role in [Role::CaseWorker, Role::Analyst] {
            assert_eq!(sees(Viewer::Staff(&field.somebody(role, false))).await, all[1..]);
        }
        assert_eq!(sees(Viewer::Staff(&field.somebody(Role::Analyst, true))).await, all, "an operator sees all");
        for role in [Role::Patient, Role::Venue] {
            assert_eq!(sees(Viewer::Staff(&field.somebody(role, false))).await, all[2..]);
        }
        assert_eq!(sees(Viewer::Anybody).await, all[2..]);
    }

    async fn only_whoever_made_it_and_operators_change_it(kit) {
        let field = Field::on(kit).await;
        let run = field.made(Visibility::Staff).await;
        for role in [Role::Administrator, Role::CaseWorker, Role::Analyst] {
            let colleague = field.somebody(role, false);
            let refused = field.change(&colleague, &run, RunChange::Pause).await;
            assert!(matches!(refused, Err(AppError::NotAllowed { .. })), "{refused:?}");
            let refused = field.bench.app.delete_run(&colleague, run.run_id).await;
            assert!(matches!(refused, Err(AppError::NotAllowed { .. })), "{refused:?}");
        }
        let patient = field.somebody(Role::Patient, false);
        assert!(matches!(field.change(&patient, &run, RunChange::Stop).await, Err(AppError::NotFound(_))));
        assert!(matches!(field.bench.app.make_run(&patient, field.new_run()).await, Err(AppError::NotAllowed { .. })));
        let operator = field.somebody(Role::Analyst, true);
        assert_eq!(field.change(&operator, &run, RunChange::Pause).await.unwrap().clock.state, RunState::Paused);
    }

    async fn a_run_goes_on_stands_still_and_ends(kit) {
        let field = Field::on(kit).await;
        let (app, worker) = (&field.bench.app, &field.bench.worker);
        let run = field.made(Visibility::Staff).await;
        assert_eq!((run.name.as_str(), run.n_safe, run.n_infected), ("Field", 18, 2));
        let second = async || app.run_now(Viewer::Staff(worker), run.run_id).await.unwrap().second;
        field.seconds.store(10, Ordering::Relaxed);
        assert_eq!(second().await, 10);
        field.change(worker, &run, RunChange::Pause).await.unwrap();
        field.seconds.store(30, Ordering::Relaxed);
        assert_eq!(second().await, 10, "paused seconds don't count");
        field.change(worker, &run, RunChange::Resume).await.unwrap();
        let more = field.change(worker, &run, RunChange::Nodes(NewNodes { safe: 1, infected: 3 })).await.unwrap();
        assert_eq!((more.n_safe, more.n_infected), (19, 5));
        let named = field.change(worker, &run, RunChange::Described { name: Some("Yard".to_owned()), visibility: None }).await.unwrap();
        assert_eq!(named.name, "Yard");
        assert!(matches!(app.delete_run(worker, run.run_id).await, Err(AppError::Conflict(_))), "it isn't over");
        field.seconds.store(35, Ordering::Relaxed);
        let over = field.change(worker, &run, RunChange::Stop).await.unwrap();
        assert_eq!((over.clock.state, over.ended_at.is_some()), (RunState::Stopped, true));
        assert_eq!(field.change(worker, &run, RunChange::Stop).await.unwrap(), over, "once more changes nothing");
        field.seconds.store(99, Ordering::Relaxed);
        assert_eq!(second().await, 15);
        for late in [RunChange::Pause, RunChange::Resume, RunChange::Nodes(NewNodes { safe: 1, infected: 0 })] {
            assert!(matches!(field.change(worker, &run, late).await, Err(AppError::Conflict(_))));
        }
        app.delete_run(worker, run.run_id).await.unwrap();
        assert!(matches!(app.run(Viewer::Staff(worker), run.run_id).await, Err(AppError::NotFound(_))));
    }

    async fn what_is_out_of_its_range_is_named(kit) {
        let field = Field::on(kit).await;
        let (app, worker) = (&field.bench.app, &field.bench.worker);
        let good = field.new_run();
        let made = app.make_run(worker, good.clone()).await.unwrap();
        assert_eq!(app.make_run(worker, good.clone()).await.unwrap(), made, "the same again is the same run");
        let other = NewRun { parameters: Parameters { width: 7, ..Parameters::default() }, ..good.clone() };
        assert!(matches!(app.make_run(worker, other).await, Err(AppError::Conflict(_))));
        let fresh = || field.new_run();
        let too_many = NewNodes { safe: MOST_HOSTED, infected: 1 };
        let wrong = [
            (NewRun { name: "  ".to_owned(), ..fresh() }, "name"),
            (NewRun { name: "x".repeat(81), ..fresh() }, "name"),
            (NewRun { second: Duration::from_millis(9), ..fresh() }, "second_ms"),
            (NewRun { second: Duration::from_secs(61), ..fresh() }, "second_ms"),
            (NewRun { nodes: too_many, ..fresh() }, "nodes"),
            (NewRun { parameters: Parameters { cooldown_s: 0, ..Parameters::default() }, ..fresh() }, "cooldown_s"),
        ];
        for (new, named) in wrong {
            assert_eq!(field_of(app.make_run(worker, new).await), named);
        }
        assert_eq!(field_of(field.change(worker, &made, RunChange::Nodes(too_many)).await), "nodes");
        assert_eq!(field_of(field.change(worker, &made, RunChange::Described { name: Some(String::new()), visibility: None }).await), "name");
        assert_eq!(app.run(Viewer::Staff(worker), made.run_id).await.unwrap(), made, "nothing is half done");
    }

    /// Whoever joins late, and whoever watched all the time, see what is stored: also what came late.
    async fn who_watches_sees_what_is_stored(kit) {
        let field = Field::on(kit).await;
        let (app, viewer) = (&field.bench.app, Viewer::Staff(&field.bench.worker));
        let run = field.made(Visibility::Staff).await;
        let mut chains = [Chain::default(), Chain::default()];
        let mut parts = [0; 2];
        let mut early = app.watch_run(viewer, run.run_id).await.unwrap();
        let mut seen = Picture::default();
        seen.apply(&early.key()).unwrap();
        // Two partitions; node 3 is heard ten seconds late, over the end of a minute.
        for second in 0..130u32 {
            for (chain, nodes) in [(0, vec![0, 1]), (1, vec![2])] {
                let x = second as u16;
                let mut heard = Heard::from([(second, nodes.iter().map(|no| (*no, state(x, Health::Immune))).collect())]);
                if let Some(late) = second.checked_sub(10).filter(|_| chain == 1) {
                    heard.insert(late, vec![(3, state(late as u16, Health::Infected))]);
                }
                let frames = chains[chain].take(heard).into_iter().map(|frame| {
                    let at = FrameAt { second: frame.second, kind: frame.kind.byte(), chain: chain as i32, part: parts[chain] };
                    parts[chain] += 1;
                    (at, frame.bytes)
                });
                let frames: Vec<_> = frames.collect();
                let mut tx = field.store.write().await.unwrap();
                storage::runs::put_frames(&mut tx, run.run_id, &frames).await.unwrap();
                tx.commit().await.unwrap();
            }
            if second.is_multiple_of(3) || second == 129 {
                for frame in app.look_at_run(&mut early).await.unwrap() {
                    seen.apply(&frame).unwrap();
                }
                let joined = app.watch_run(viewer, run.run_id).await.unwrap();
                let mut late = Picture::default();
                late.apply(&joined.key()).unwrap();
                let told = |picture: &Picture| -> Vec<_> {
                    picture.nodes().map(|(no, shown)| (no, shown.heard_at, shown.state)).collect()
                };
                assert_eq!(told(&seen), told(&late), "second {second}");
                assert_eq!(early.newest(), Some(second));
            }
        }
        assert_eq!(seen.node(3).unwrap().heard_at, 119);
    }

    async fn what_nodes_told_is_read_by_second(kit) {
        let field = Field::on(kit).await;
        let (app, viewer) = (&field.bench.app, Viewer::Staff(&field.bench.worker));
        let run = field.made(Visibility::Staff).await;
        let nothing = (0, Statistics::default());
        assert_eq!(app.run_statistics(viewer, run.run_id, None).await.unwrap(), nothing, "nothing is told yet");
        let node_id = NodeId::mint(now(), app.random());
        let mut chain = Chain::default();
        let mut frames = Vec::new();
        // Two walk for 130 s; the second one is silent from second 100 on, and infected from 20 on.
        for second in 0..130u32 {
            let ill = if second < 20 { Health::Susceptible } else { Health::Infected };
            let mut nodes = vec![(0, state(second as u16, Health::Susceptible))];
            if second < 100 {
                nodes.push((1, state(500, ill)));
            }
            frames.extend(chain.take(Heard::from([(second, nodes)])));
        }
        let kept: Vec<_> = frames
            .into_iter()
            .zip(0..)
            .map(|(frame, part)| (FrameAt { second: frame.second, kind: frame.kind.byte(), chain: 0, part }, frame.bytes))
            .collect();
        let mut tx = field.store.write().await.unwrap();
        let named = NamedNode { node_id, boot: 1, first_second: 0 };
        storage::runs::intern(&mut tx, run.run_id, &[NewNode { tag: 1, named: Some(named) }]).await.unwrap();
        storage::runs::put_frames(&mut tx, run.run_id, &kept).await.unwrap();
        let infections = [Infection { no: 1, second: 19, infector: 0 }];
        storage::runs::put_infections(&mut tx, run.run_id, &infections).await.unwrap();
        tx.commit().await.unwrap();

        let at = async |second| app.run_statistics(viewer, run.run_id, Some(second)).await.unwrap().1;
        assert_eq!(at(19).await, Statistics { total: 2, ..Statistics::default() });
        assert_eq!(at(103).await, Statistics { total: 2, zombies: 1, ..Statistics::default() });
        assert_eq!(at(104).await, Statistics { total: 2, zombies: 1, silent: 1, ..Statistics::default() });
        let curve = app.run_curve(viewer, run.run_id, 10, 129).await.unwrap();
        assert_eq!(curve.points.len(), 120);
        for point in &curve.points {
            assert_eq!(point.statistics, at(point.second).await, "second {}", point.second);
        }
        assert_eq!(curve.reproduction, Ok(0.0));
        assert_eq!(app.run_curve(viewer, run.run_id, 0, 4_999).await.unwrap().points.len(), 1_000, "every fifth second");
        let told = app.run_node_seconds(viewer, run.run_id, 98, 101).await.unwrap();
        let told: Vec<_> = told.iter().map(|node| (node.second, node.no, node.node_id, node.state.position.x)).collect();
        let (own, other) = (Some(node_id), None);
        assert_eq!(told, [
            (98, 0, own, 98), (98, 1, other, 500), (99, 0, own, 99), (99, 1, other, 500), (100, 0, own, 100), (101, 0, own, 101),
        ]);
        assert_eq!(app.run_statistics(viewer, run.run_id, None).await.unwrap(), (129, at(129).await));
        let history = app.run_node(viewer, run.run_id, 0).await.unwrap();
        let span = NodeSpan { from: 0, to: 129, health: Health::Susceptible, alive: true };
        assert_eq!((history.node_id, history.spans), (own, vec![span]));
        assert!(matches!(app.run_node(viewer, run.run_id, 1).await, Err(AppError::NotFound(_))), "it has no number yet");
        let data = app.published_data(viewer, run.run_id).await.unwrap();
        assert_eq!(data.lived.map(|lived| lived.len()), Some(230));
        let frames = app.run_frames(viewer, run.run_id, 70, 71).await.unwrap();
        assert_eq!((frames.first().unwrap().at.second, frames.last().unwrap().at.second), (60, 71), "from the key frame on");
        assert!(matches!(app.run_frames(viewer, run.run_id, 0, 3_601).await, Err(AppError::Invalid { .. })));
        assert!(matches!(app.run_node_seconds(viewer, run.run_id, 0, u32::MAX).await, Err(AppError::Invalid { .. })));
        assert!(matches!(app.run_curve(viewer, run.run_id, 0, 36_001).await, Err(AppError::Invalid { .. })));
        assert_eq!(app.run_now(viewer, run.run_id).await.unwrap().newest_second, Some(129));
    }
}
