//! What is shown of runs of published nodes.

use crate::site::Site;
use domain::authorities::Role;
use domain::ids::{NodeId, RunId};
use domain::runs::{Health, Hosting, NodeState, Parameters, Position, Run, RunClock, Visibility, Wire};
use jiff::civil::date;
use protocol::frames::{Chain, HISTORIC_CHAIN, Scattered};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use storage::runs::{Encounter, FrameAt, HistoricDay, Message, NamedNode, NewNode};
use storage::store::RunStore;
use testkit::contract;
use testkit::kit::now;
use uuid::Uuid;

/// A run of two published nodes; one of them spoke, in second 61.
async fn stored(site: &Site) -> RunId {
    let store = RunStore::beside(&site.kit.store, &testkit::database::options(&site.kit.database.app)).await.unwrap();
    let run = Run {
        run_id: RunId::mint(now(), site.kit.random()),
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
    let state = NodeState { position: Position { x: 72, y: 33 }, health: Health::Infected, alive: false };
    let said = BTreeMap::from([(61, vec![Scattered { no: 0, state, next: None }])]);
    let frames: Vec<_> = Chain::default()
        .scatter(said)
        .into_iter()
        .zip(0..)
        .map(|(frame, part)| {
            (FrameAt { second: frame.second, kind: frame.kind.byte(), chain: HISTORIC_CHAIN, part }, frame.bytes)
        })
        .collect();
    let met = Encounter {
        lower: 0,
        higher: 1,
        slot: 0,
        first_second: 60,
        last_second: 61,
        n_heard: 2,
        nearest_quarters: None,
    };
    let named = NamedNode { node_id: NodeId(Uuid::from_u128(1)), boot: 0, first_second: 61 };
    let mut tx = store.write().await.unwrap();
    storage::runs::insert_historic(&mut tx, &run, HistoricDay { day: date(2026, 3, 1), no: 1 }).await.unwrap();
    let nodes = [NewNode { tag: 1, named: Some(named) }, NewNode { tag: 2, named: None }];
    storage::runs::intern(&mut tx, run.run_id, &nodes).await.unwrap();
    storage::runs::put_frames(&mut tx, run.run_id, &frames).await.unwrap();
    storage::runs::put_encounters(&mut tx, run.run_id, &[met]).await.unwrap();
    let message = Message { no: 0, told_at: 1_607_161_401_144_477, recorded_at: 0, second: 61 };
    storage::runs::put_messages(&mut tx, run.run_id, &[message]).await.unwrap();
    tx.commit().await.unwrap();
    run.run_id
}

contract! {
    async fn what_published_nodes_do_not_say_is_null_with_its_reason(kit) {
        let site = Site::on(kit).await.with_network().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let run_id = stored(&site).await;
        let path = format!("/runs/{run_id}");
        let run = kim.get(&path).await.ok(200);
        assert_eq!((&run["is_automatic"], &run["may_change"]), (&json!(true), &json!(false)));
        let data = kim.get("/data").await.ok(200);
        let node = json!({ "position": [72, 33], "timestamp": "2020-12-05 09:43:21.144477", "infected": true, "alive": false });
        assert_eq!(data["result"], json!([{ "_id": 0, "00000000-0000-0000-0000-000000000001": node }]));
        let curve = kim.get(&format!("{path}/curve?from=0&to=70")).await.ok(200);
        assert_eq!(curve["reproduction"], json!(null));
        assert_eq!(curve["reproduction_reason"], "published nodes don't say who infected them");
        let met = kim.get(&format!("{path}/encounters")).await.ok(200)["items"][0].clone();
        assert_eq!((&met["count"], &met["distance"]), (&json!(2), &json!(null)));
        assert_eq!(met["distance_reason"], "published nodes don't say how near they were");
        let counted = kim.get(&format!("{path}/statistics?at=61")).await.ok(200);
        assert_eq!((&counted["total"], &counted["dead_zombies"]), (&json!(1), &json!(1)));
        site.stranger().get(&path).await.ok(404);
        site.stranger().get("/data").await.ok(404);
    }
}
