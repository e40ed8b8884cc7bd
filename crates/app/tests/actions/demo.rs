//! The people of this week in a demonstration: whenever it is started, somebody waits.

use super::*;
use app::case_work::WorkQuery;
use app::demo::PRESENT_DISEASE;
use app::outbreak::OutbreakQuery;
use app::timeliness::TimelinessQuery;
use domain::action_items::ItemKind;
use domain::diseases::Disease;
use jiff::SignedDuration;
use std::collections::HashSet;
use storage::cases::{Whose, WorkFilter};
use testkit::contract;

async fn make(kit: Kit, minutes_later: i64) -> (Bench, App) {
    let bench = Bench::on(kit).await;
    let at = now() + SignedDuration::from_mins(minutes_later);
    let app = Bench::app(&bench.kit, bench.kit.store.clone(), bench.kit.database.open_for_jobs().await, at);
    app.make_present_people(&bench.worker).await.unwrap();
    (bench, app)
}

async fn check(bench: &Bench, app: &App) {
    let query = WorkQuery { filter: WorkFilter { whose: Whose::Anybodys, kind: None }, after: None, limit: 50 };
    let waiting = app.worklist(&bench.worker, &query).await.unwrap();
    let kinds: HashSet<ItemKind> =
        waiting.items.iter().flat_map(|line| line.items.iter().map(|item| item.kind)).collect();
    for kind in [ItemKind::InitialCall, ItemKind::CallBack, ItemKind::DetailsMissing, ItemKind::WrongContactDetails] {
        assert!(kinds.contains(&kind), "{kind} of {kinds:?}");
    }
    let loads = app.workload(&bench.worker).await.unwrap();
    let has = |name: Option<&str>| loads.items.iter().any(|load| load.user_name.as_deref() == name && load.open > 0);
    assert!(has(Some("mira")) && has(Some("jonas")) && has(Some("test")) && has(None), "{loads:?}");
    let report = app.timeliness(&bench.worker, &TimelinessQuery::default()).await.unwrap();
    assert_eq!((report.index_cases.cases, report.contact_cases.cases), (14, 11));
    assert_eq!(report.origins.among_known_contacts.cases, 2);
    let called = &report.index_cases.steps[1];
    assert!(called.within_24_h > 0 && called.within_48_h > called.within_24_h && called.overdue > 0, "{called:?}");
    let query = OutbreakQuery { disease: Some(Disease::Mers), serial_interval: None, window_days: 7 };
    assert_eq!(app.outbreak_report(&bench.worker, &query).await.unwrap().cases, 0, "they are of {PRESENT_DISEASE}");
}

contract! {
    async fn at_noon_people_of_this_week_wait(kit) {
        let (bench, app) = make(kit, 0).await;
        check(&bench, &app).await;
    }

    async fn a_minute_after_midnight_they_do_too(kit) {
        let (bench, app) = make(kit, 12 * 60 + 1).await;
        check(&bench, &app).await;
    }
}
