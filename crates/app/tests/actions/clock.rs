//! A host whose clock is wrong ends nothing.

use super::*;
use testkit::contract;

contract! {
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
