//! A host whose clock is wrong ends nothing.

use super::*;
use testkit::contract;

contract! {
    async fn what_is_over_by_a_wrong_clock_may_not_be_ended(kit) {
        let bench = Bench::on(kit).await;
        let said = bench.app.require_right_clock().await;
        if bench.kit.database.kind == testkit::Kind::Postgres {
            // The clock of these tests stands still, PostgreSQL's goes on.
            let error = said.unwrap_err();
            assert!(matches!(error, AppError::ClockOff { ahead_s } if ahead_s < -60), "{error}");
            assert!(error.to_string().contains("behind") && error.may_pass(), "{error}");
        } else {
            said.unwrap();
        }
        let jobs = bench.kit.database.open_for_jobs().await;
        let right = Bench::app_with_clock(&bench.kit, bench.kit.store.clone(), jobs, Arc::new(Timestamp::now));
        right.require_right_clock().await.unwrap();
    }
}
