//! Runs of published nodes: who may change them, and what is read of messages that came in any order.

use crate::runs::Field;
use app::AppError;
use app::runs::{NoReproduction, RunChange, Viewer};
use domain::ids::{NodeId, RunId};
use domain::runs::{Health, Hosting, NodeState, Parameters, Position, Run, RunClock, Statistics, Visibility, Wire};
use jiff::civil::date;
use protocol::frames::{Chain, HISTORIC_CHAIN, Picture, Scattered};
use std::collections::BTreeMap;
use std::time::Duration;
use storage::runs::{FrameAt, HistoricDay, Message, NamedNode, NewNode};
use testkit::contract;
use testkit::kit::now;
use uuid::Uuid;

async fn nobodys(field: &Field) -> Run {
    let run = Run {
        run_id: RunId::mint(now(), field.bench.app.random()),
        name: "historic 2026-03-01".to_owned(),
        owner: None,
        visibility: Visibility::Staff,
        is_rehearsal: false,
        parameters: Parameters { wire: Wire::Json, ..Parameters::default() },
        hosting: Hosting::Processes,
        created_at: now(),
        ended_at: None,
        clock: RunClock::start(Duration::from_secs(1), now()),
        n_safe: 0,
        n_infected: 0,
    };
    let mut tx = field.store.write().await.unwrap();
    let of = HistoricDay { day: date(2026, 3, 1), no: 1 };
    assert!(storage::runs::insert_historic(&mut tx, &run, of).await.unwrap());
    let named = NamedNode { node_id: NodeId(Uuid::from_u128(1)), boot: 0, first_second: 0 };
    storage::runs::intern(&mut tx, run.run_id, &[NewNode { tag: 1, named: Some(named) }]).await.unwrap();
    tx.commit().await.unwrap();
    run
}

fn said(x: u16, health: Health, alive: bool, next: Option<u32>) -> Vec<Scattered> {
    vec![Scattered { no: 0, state: NodeState { position: Position { x, y: 0 }, health, alive }, next }]
}

/// Stores messages as the consumer does, of node 0: by second, what it said, and what its clock showed.
async fn store(field: &Field, run: &Run, chain: &mut Chain, second: u32, said: Vec<Scattered>, told_at: i64) {
    let mut tx = field.store.write().await.unwrap();
    let part = storage::runs::next_part(&mut tx, run.run_id, HISTORIC_CHAIN).await.unwrap();
    let frames: Vec<_> = chain
        .scatter(BTreeMap::from([(second, said)]))
        .into_iter()
        .zip(part..)
        .map(|(frame, part)| {
            (FrameAt { second: frame.second, kind: frame.kind.byte(), chain: HISTORIC_CHAIN, part }, frame.bytes)
        })
        .collect();
    storage::runs::put_frames(&mut tx, run.run_id, &frames).await.unwrap();
    let message = Message { no: 0, told_at, recorded_at: told_at, second };
    storage::runs::put_messages(&mut tx, run.run_id, &[message]).await.unwrap();
    tx.commit().await.unwrap();
}

contract! {
    async fn a_run_that_nobody_made_is_seen_by_the_staff_and_changed_by_operators(kit) {
        let field = Field::on(kit).await;
        let run = nobodys(&field).await;
        let worker = app::Worker { operator: false, ..field.bench.worker.clone() };
        let operator = app::Worker { operator: true, ..field.bench.worker.clone() };
        let app = &field.bench.app;
        assert_eq!(app.run(Viewer::Staff(&worker), run.run_id).await.unwrap().owner, None);
        assert!(matches!(app.run(Viewer::Anybody, run.run_id).await, Err(AppError::NotFound(_))));
        let refused = field.change(&worker, &run, RunChange::Stop).await;
        assert!(matches!(refused, Err(AppError::NotAllowed { .. })), "{refused:?}");
        assert!(field.change(&operator, &run, RunChange::Stop).await.unwrap().ended_at.is_some());
        app.delete_run(&operator, run.run_id).await.unwrap();
        assert!(app.runs(Viewer::Staff(&operator)).await.unwrap().is_empty());
    }

    async fn messages_in_any_order_are_read_by_second(kit) {
        let field = Field::on(kit).await;
        let (app, viewer) = (&field.bench.app, Viewer::Staff(&field.bench.worker));
        let run = nobodys(&field).await;
        let mut chain = Chain::default();
        let mut live = app.watch_run(viewer, run.run_id).await.unwrap();
        let mut seen = Picture::default();
        seen.apply(&live.key()).unwrap();
        let (well, ill) = (Health::Susceptible, Health::Infected);
        let messages = [
            (3_000, said(9, well, true, None), 1_607_161_401_144_477),
            (70, said(4, ill, true, Some(3_000)), 5),
            (10, said(1, well, true, Some(70)), 6),
            (3_000, said(9, ill, false, None), 1_607_161_402_000_000),
        ];
        for (second, said, told_at) in messages {
            store(&field, &run, &mut chain, second, said, told_at).await;
            for frame in app.look_at_run(&mut live).await.unwrap() {
                seen.apply(&frame).unwrap();
            }
        }
        let at = async |second| app.run_statistics(viewer, run.run_id, Some(second)).await.unwrap().1;
        let one = Statistics { total: 1, ..Statistics::default() };
        assert_eq!(at(9).await, Statistics::default());
        assert_eq!(at(10).await, one);
        assert_eq!(at(69).await, Statistics { silent: 1, ..one });
        assert_eq!(at(70).await, Statistics { zombies: 1, ..one });
        assert_eq!(at(2_999).await, Statistics { zombies: 1, silent: 1, ..one });
        assert_eq!(at(3_000).await, Statistics { deaths: 1, dead_zombies: 1, ..one });
        assert_eq!(seen.statistics(3_000), at(3_000).await, "who watches sees the last that was said of a second, and nothing late");
        let curve = app.run_curve(viewer, run.run_id, 0, 100).await.unwrap();
        assert_eq!(curve.reproduction, Err(NoReproduction::NotTold));
        let published = app.published_data(viewer, run.run_id).await.unwrap();
        let lived: Vec<_> = published.lived.unwrap().iter().map(|node| (node.second, node.state.position.x)).collect();
        assert_eq!(lived, [(10, 1), (70, 4), (3_000, 9)], "entries count, not how long the run is");
        let clock = published.clocks[&(0, 3_000)];
        assert_eq!(clock, date(2020, 12, 5).at(9, 43, 22, 0), "that of the message that stands");
    }
}
