//! A host whose clock is wrong ends nothing.

use super::*;
use storage::condition::{Beat, ServerState};
use testkit::contract;

/// What a server says of itself at a time of the database's clock.
fn beat(n: u128, seen_at: Timestamp, clock_ahead_ms: i64) -> Beat {
    Beat {
        server_id: uuid::Uuid::from_u128(n),
        name: format!("app-{n}"),
        version: "0.1.0".to_owned(),
        schema_version: 1,
        started_at: seen_at,
        seen_at,
        state: ServerState::Serving,
        certificate_until: None,
        clock_ahead_ms: Some(clock_ahead_ms),
        disk_free_bytes: None,
        has_keys: true,
    }
}

contract! {
    async fn who_has_a_wrong_clock_stands_aside_while_another_serves_by_a_right_one(kit) {
        let bench = Bench::on(kit).await;
        let own = uuid::Uuid::from_u128(1);
        let theirs = bench.app.condition().await.unwrap().time_there();
        let after = |seconds| theirs.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
        let is_postgres = bench.kit.database.kind == testkit::Kind::Postgres;
        let wrong = [
            beat(1, after(0), 0),
            beat(2, after(0), 60_001),
            beat(3, after(-90), 0),
            // Said before the database's clock was set back.
            beat(4, after(90), 0),
            Beat { clock_ahead_ms: None, ..beat(5, after(0), 0) },
            Beat { state: ServerState::Draining, ..beat(6, after(0), 0) },
            Beat { state: ServerState::Aside, ..beat(7, after(0), 0) },
        ];
        for server in &wrong {
            bench.app.note_server(server).await.unwrap();
        }
        assert_eq!(bench.app.stands_aside(own).await.unwrap(), None, "nobody else serves by a right clock");
        bench.app.note_server(&beat(8, after(0), -60_000)).await.unwrap();
        let aside = bench.app.stands_aside(own).await.unwrap();
        assert_eq!(aside.is_some_and(|ahead_s| ahead_s < -60), is_postgres, "{aside:?}");
        if is_postgres {
            let jobs = bench.kit.database.open_for_jobs().await;
            let right = Bench::app(&bench.kit, bench.kit.store.clone(), jobs, after(0));
            assert_eq!(right.stands_aside(own).await.unwrap(), None);
        }
    }

    async fn what_is_over_by_a_wrong_clock_may_not_be_ended(kit) {
        let bench = Bench::on(kit).await;
        let said = bench.app.require_right_clock().await;
        if bench.kit.database.kind == testkit::Kind::Sqlite {
            said.unwrap();
            return;
        }
        // The clock of these tests stands still, PostgreSQL's goes on.
        let error = said.unwrap_err();
        assert!(matches!(error, AppError::ClockOff { ahead_s } if ahead_s < -60), "{error}");
        assert!(error.to_string().contains("behind") && error.may_pass(), "{error}");
        let theirs = bench.kit.database.count("SELECT extract(epoch FROM clock_timestamp())::bigint").await;
        for (ahead_s, is_right) in [(0, true), (40, true), (-40, true), (90, false), (-120, false)] {
            let at = Timestamp::from_second(theirs + ahead_s).unwrap();
            let app = Bench::app(&bench.kit, bench.kit.store.clone(), bench.kit.database.open_for_jobs().await, at);
            assert_eq!(app.require_right_clock().await.is_ok(), is_right, "{ahead_s}");
        }
    }
}
