//! What leaves as files: which cases, and workbooks until their days are over.

use super::cases::case;
use super::quarantines::decision;
use super::retention::after_days;
use domain::cases::{CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::exports::ExportKind;
use domain::ids::{CaseId, DecisionId, ExportId, JobId};
use domain::time::{DayRange, Window};
use jiff::civil::date;
use storage::cases::{self, CaseWork};
use storage::export_files::{self, ExportFile};
use testkit::kit::now;
use testkit::{Kit, contract};

pub fn workbook(kit: &Kit, job_id: JobId) -> ExportFile {
    ExportFile {
        export_id: ExportId::mint(now(), kit.random()),
        account_id: kit.account_id,
        account: "test".to_owned(),
        kind: ExportKind::Cases,
        settings: "{}".to_owned(),
        job_id,
        size: None,
        state: None,
        done: 0,
        created_at: now(),
    }
}

/// Stores a case of somebody, and puts it where it stands.
async fn put(kit: &Kit, n: u8, change: impl FnOnce(CaseWork) -> CaseWork) -> CaseId {
    let person = kit.person(&format!("P{n}")).await;
    let case = case(n, person, Disease::Covid19);
    let mut tx = kit.write().await;
    cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
    let work = cases::lock(&mut tx, case.case_id).await.unwrap().unwrap();
    cases::write_work(&mut tx, &change(work)).await.unwrap();
    tx.commit().await.unwrap();
    case.case_id
}

const DAYS: DayRange = DayRange { first: date(2026, 3, 1), last: date(2026, 3, 10) };

contract! {
    async fn contacts_without_quarantine_are_open_and_have_no_days(kit) {
        let contact = |work| CaseWork { case_type: CaseType::Contact, ..work };
        let waits = put(&kit, 1, contact).await;
        put(&kit, 2, |work| CaseWork { quarantine: Some(DAYS), ..contact(work) }).await;
        put(&kit, 3, |work| CaseWork { status: CaseStatus::Concluded, ..contact(work) }).await;
        put(&kit, 4, |work| work).await;
        assert_eq!(cases::without_quarantine(&mut kit.read().await).await.unwrap(), [waits]);
    }

    async fn external_cases_and_those_in_tracking_are_found_by_where_they_stand(kit) {
        let external = put(&kit, 1, |work| CaseWork { status: CaseStatus::External, ..work }).await;
        let in_tracking = |work| CaseWork { status: CaseStatus::Tracking, ..work };
        let (one, two) = (put(&kit, 2, in_tracking).await, put(&kit, 3, in_tracking).await);
        let mut tx = kit.read().await;
        assert_eq!(cases::external(&mut tx).await.unwrap(), [(external, None)]);
        assert_eq!(cases::in_tracking(&mut tx, None, 1).await.unwrap(), [one]);
        assert_eq!(cases::in_tracking(&mut tx, Some(one), 9).await.unwrap(), [two]);
    }

    async fn a_quarantine_counts_on_the_day_of_its_newest_decision(kit) {
        let case_id = put(&kit, 1, |work| work).await;
        let person = cases::work_of(&mut kit.read().await, &[case_id]).await.unwrap()[0].person_id;
        let window = |first, last| Window::of_days(DayRange { first, last }, &jiff::tz::TimeZone::UTC);
        let mut tx = kit.write().await;
        for days_later in [0, 3] {
            let at = after_days(days_later);
            let decided = storage::quarantines::Decision {
                decision_id: DecisionId::mint(at, kit.random()),
                decided_at: at,
                ..decision(&kit, case_id, person)
            };
            storage::quarantines::insert(&mut tx, &kit.sealer, &decided).await.unwrap();
        }
        let between = async |tx: &mut storage::Tx, first, last| {
            cases::decided_between(tx, window(first, last)).await.unwrap()
        };
        assert_eq!(between(&mut tx, date(2026, 3, 1), date(2026, 3, 3)).await, []);
        assert_eq!(between(&mut tx, date(2026, 3, 1), date(2026, 3, 4)).await, [case_id], "once, on its last day");
    }

    async fn a_workbook_is_sealed_comes_back_in_parts_and_is_a_neighbours_of_nobody(kit) {
        let file = workbook(&kit, JobId::mint(now(), kit.random()));
        let content: Vec<u8> = (0..(1 << 20) + 7u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mut tx = kit.write().await;
        export_files::insert(&mut tx, &file).await.unwrap();
        assert_eq!(export_files::find(&mut tx, file.export_id).await.unwrap(), Some(file.clone()));
        export_files::set_ready(&mut tx, &kit.sealer, file.export_id, 5, &content).await.unwrap();
        let found = export_files::list(&mut tx, 9).await.unwrap();
        assert_eq!(found[0].size, Some((5, i64::try_from(content.len()).unwrap())));
        let mut whole = Vec::new();
        for part in 0.. {
            let Some(bytes) = export_files::part(&mut tx, &kit.sealer, file.export_id, part).await.unwrap() else { break };
            whole.extend(bytes);
        }
        assert_eq!(whole, content);
        tx.commit().await.unwrap();
        let neighbour = kit.neighbour().await;
        let mut theirs = kit.store.write(neighbour).await.unwrap();
        assert_eq!(export_files::find(&mut theirs, file.export_id).await.unwrap(), None);
        assert!(!export_files::delete(&mut theirs, file.export_id).await.unwrap());
        drop(theirs);
        let mut tx = kit.write().await;
        assert!(export_files::delete(&mut tx, file.export_id).await.unwrap());
        assert_eq!(export_files::part(&mut tx, &kit.sealer, file.export_id, 0).await.unwrap(), None);
    }
}
