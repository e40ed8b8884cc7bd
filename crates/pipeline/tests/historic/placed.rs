//! To which run, and to which second of it, a message belongs.

use crate::kit::Bench;
use crate::messages::record;
use domain::ids::RunId;
use domain::runs::{Hosting, Parameters, Run, RunClock, Visibility, Wire};
use event_log::{RUN_HEADER, Record};
use jiff::Timestamp;
use pipeline::consumer::Stored;
use std::borrow::Cow;
use std::time::Duration;
use storage::runs;
use testkit::{Kit, contract};
use uuid::Uuid;

fn at(time: &str) -> Timestamp {
    format!("2026-03-01T{time}Z").parse().unwrap()
}

fn message(node: u128, clock: &str, is: &str) -> String {
    let (infected, alive) = (is == "ill", is != "dead");
    format!(
        r#"{{"uuid": "{}", "position": [1, 2], "infected": {infected}, "timestamp": "2020-12-05 {clock}", "alive": {alive}}}"#,
        Uuid::from_u128(node)
    )
}

fn json_run(kit: &Kit, name: &str, created_at: Timestamp) -> Run {
    Run {
        run_id: RunId::mint(created_at, kit.random()),
        name: name.to_owned(),
        owner: Some(kit.account_id),
        visibility: Visibility::Staff,
        is_rehearsal: false,
        parameters: Parameters { wire: Wire::Json, ..Parameters::default() },
        hosting: Hosting::Processes,
        created_at,
        ended_at: None,
        clock: RunClock::start(Duration::from_secs(1), created_at),
        n_safe: 0,
        n_infected: 0,
    }
}

fn stored(n_stored: usize, n_again: usize, n_put_aside: usize) -> Stored {
    Stored { n_stored, n_again, n_put_aside }
}

/// Names of runs, the earliest first, each with how many nodes it has.
async fn runs_with_nodes(bench: &Bench) -> Vec<(String, usize)> {
    let mut all = Vec::new();
    for run in bench.runs().await.into_iter().rev() {
        let n = bench.numbers(run.run_id).await.len();
        all.push((run.name, n));
    }
    all
}

fn named(runs: &[(&str, usize)]) -> Vec<(String, usize)> {
    runs.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

contract! {
    async fn a_message_belongs_to_the_newest_run_that_was_there_for_it_when_it_came(kit) {
        let bench = Bench::embedded(&kit).await;
        let early = json_run(&kit, "early", at("09:00:00"));
        let ended = json_run(&kit, "ended", at("10:00:00"));
        bench.insert(&early).await;
        bench.insert(&ended).await;
        bench.end(&ended, at("10:30:00")).await;
        let compact = Run { parameters: Parameters::default(), ..json_run(&kit, "compact", at("11:00:00")) };
        bench.insert(&compact).await;
        bench.send(vec![
            record(message(1, "01:00:00", "well"), at("10:30:01")),
            record(message(2, "01:00:00", "well"), at("10:29:59")),
            record(message(3, "01:00:00", "well"), at("12:00:00")),
            record(message(4, "01:00:00", "well"), at("08:00:00")),
        ]).await;
        assert_eq!(bench.consume(100).await.stored, stored(4, 0, 0));
        let expected = named(&[("historic 2026-03-01", 1), ("early", 2), ("ended", 1), ("compact", 0)]);
        assert_eq!(runs_with_nodes(&bench).await, expected);
        assert_eq!(bench.statistics(ended.run_id, 1_799).await.total, 1, "its second is the log's, in the run's clock");
        assert_eq!(bench.statistics(ended.run_id, 1_798).await.total, 0);
    }

    async fn runs_that_nobody_made_follow_each_other_through_a_day(kit) {
        let bench = Bench::embedded(&kit).await;
        bench.send(vec![record(message(1, "01:00:00", "well"), at("08:00:30"))]).await;
        bench.consume(100).await;
        let first = bench.runs().await.remove(0);
        assert_eq!((first.created_at, first.visibility), (at("07:59:00"), Visibility::Staff));
        assert_eq!((first.parameters.wire, first.hosting), (Wire::Json, Hosting::Processes));
        bench.end(&first, at("09:00:00")).await;
        bench.send(vec![
            record(message(2, "01:00:00", "well"), at("09:00:01")),
            record(message(3, "01:00:00", "well"), at("08:59:00")),
            record(message(4, "01:00:00", "well"), at("00:00:00")),
            record(message(5, "01:00:00", "well"), "2026-03-02T00:00:00Z".parse().unwrap()),
        ]).await;
        bench.consume(100).await;
        let expected = [("historic 2026-03-01", 3), ("historic 2026-03-01 (2)", 1), ("historic 2026-03-02", 1)];
        assert_eq!(runs_with_nodes(&bench).await, named(&expected));
        assert_eq!(bench.statistics(first.run_id, 0).await.total, 1, "what came before its beginning is in its second 0");
    }

    async fn a_node_twice_with_one_clock_counts_once_wherever_it_lies(kit) {
        let bench = Bench::kafka(&kit).await;
        let again = |clock: &str, time: &str| record(message(1, clock, "ill"), at(time));
        let lies_in = |key: &'static [u8], record: Record| Record { key: Some(key.into()), ..record };
        bench.send(vec![
            lies_in(b"a", again("01:00:00", "08:00:00")),
            lies_in(b"b", again("01:00:00", "08:00:00")),
            lies_in(b"c", again("01:00:00", "08:00:07")),
            lies_in(b"d", again("01:00:01", "08:00:01")),
            lies_in(b"e", record(message(2, "01:00:00", "ill"), at("08:00:00"))),
        ]).await;
        assert_eq!(bench.consume(1).await.stored, stored(3, 2, 0));
        let restarted = [lies_in(b"f", again("01:00:01", "08:00:01")), lies_in(b"g", again("01:00:01.000", "08:00:01"))];
        bench.send(restarted.to_vec()).await;
        assert_eq!(bench.consume(10).await.stored, stored(0, 2, 0), "another consumer knows them too");
        assert_eq!(runs_with_nodes(&bench).await, named(&[("historic 2026-03-01", 2)]));
    }

    async fn of_one_second_the_last_message_stands_whichever_is_stored_first(kit) {
        let bench = Bench::embedded(&kit).await;
        let said = [("01:00:00.9", "dead", "08:00:00.950"), ("01:00:00.1", "ill", "08:00:00.100"), ("01:00:00.5", "well", "08:00:00.950")];
        bench.send(said.iter().map(|(clock, is, time)| record(message(1, clock, is), at(time))).collect()).await;
        // Beyond the next key frame, so that it must be told there too.
        bench.send(vec![record(message(2, "01:02:00", "well"), at("08:02:00"))]).await;
        bench.send(vec![record(message(3, "01:00:00.7", "well"), at("08:00:00.700")), record(message(3, "01:00:00.8", "ill"), at("08:00:00.800"))]).await;
        assert_eq!(bench.consume(1).await.stored, stored(6, 0, 0));
        let run = bench.runs().await.remove(0);
        for second in [60, 119, 179, 180, 181, 500] {
            let counted = bench.statistics(run.run_id, second).await;
            assert_eq!((counted.deaths, counted.zombies, counted.dead_zombies), (1, 1, 0), "second {second}");
        }
    }

    async fn a_header_names_a_run_that_must_take_json(kit) {
        let bench = Bench::embedded(&kit).await;
        let json = json_run(&kit, "json", at("09:00:00"));
        let compact = Run { parameters: Parameters::default(), ..json_run(&kit, "compact", at("09:00:00")) };
        bench.insert(&json).await;
        bench.insert(&compact).await;
        let nobody = RunId::mint(at("09:00:00"), kit.random());
        let named = |run: String| {
            let header = event_log::Header { name: Cow::Borrowed(RUN_HEADER), value: run.into() };
            Record { headers: vec![header], ..record(message(1, "01:00:00", "well"), at("08:00:00")) }
        };
        let records = [json.run_id, compact.run_id, nobody].map(|run_id| named(run_id.to_string()));
        bench.send(records.into_iter().chain([named("x".to_owned())]).collect()).await;
        assert_eq!(bench.consume(10).await.stored, stored(1, 0, 3));
        let mut reasons = bench.reasons().await;
        reasons.sort_unstable();
        assert_eq!(reasons, ["its run is no id", "its run takes no JSON", "there is no such run"]);
        assert_eq!(bench.statistics(json.run_id, 0).await.total, 1);
    }

    async fn a_death_ends_its_batch_and_is_noted(kit) {
        let bench = Bench::embedded(&kit).await;
        let mut batch = pipeline::consumer::Batch::default();
        let (limits, now) = (pipeline::consumer::Limits::default(), tokio::time::Instant::now());
        let fetched = |is| event_log::Fetched { offset: 0, record: record(message(1, "01:00:00", is), at("08:00:05")) };
        batch.add(vec![fetched("well")]);
        assert!(batch.due(&limits, now, None, None) > now);
        batch.add(vec![fetched("dead")]);
        assert_eq!(batch.due(&limits, now, None, None), now);
        bench.send(vec![fetched("dead").record]).await;
        bench.consume(10).await;
        let run = bench.runs().await.remove(0);
        let counted = runs::count_nodes(&mut bench.store.read().await.unwrap(), run.run_id).await.unwrap();
        assert_eq!(counted, (1, 0), "so a run whose nodes are all dead ends by itself");
    }
}
