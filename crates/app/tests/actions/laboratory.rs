//! Results of laboratories: whose case they open, turn, or leave alone.

use super::*;
use app::case_work::{StatusChange, WorkQuery};
use domain::cases::{CaseStatus, CaseType, Conclusion};
use domain::ids::CaseId;
use storage::Freshness;
use storage::cases::{CaseWork, Whose, WorkFilter};
use testkit::contract;

const COLUMNS: &str = "laboratory=lab,sample=sample,result=result,specimen=taken,first_name=first,last_name=last,born=born,\
    phone=phone";
const HEADER: &str = "lab,sample,result,taken,first,last,born,phone\n";

async fn import_results(bench: &Bench, rows: &str) -> ImportSummary {
    bench.import(Kind::Laboratory, COLUMNS, &format!("{HEADER}{rows}")).await
}

/// All cases of COVID-19, in the order in which they were made.
async fn works(bench: &Bench) -> Vec<CaseWork> {
    let mut tx = bench.app.store.read(bench.worker.authority.authority_id, Freshness::Fresh).await.unwrap();
    let outlines = storage::cases::outlines(&mut tx, domain::diseases::Disease::Covid19).await.unwrap();
    let ids: Vec<CaseId> = outlines.iter().map(|outline| outline.case_id).collect();
    let mut works = storage::cases::work_of(&mut tx, &ids).await.unwrap();
    works.sort_by_key(|work| work.case_id);
    works
}

async fn waiting(bench: &Bench) -> usize {
    let query = WorkQuery { filter: WorkFilter { whose: Whose::Anybodys, kind: None }, after: None, limit: 50 };
    bench.app.worklist(&bench.worker, &query).await.unwrap().items.len()
}

async fn conclude(bench: &Bench, case_id: CaseId) {
    let change = StatusChange { to: CaseStatus::Concluded, conclusion: Some(Conclusion::Completed), text: None };
    bench.app.change_status(&bench.worker, case_id, change).await.unwrap();
}

contract! {
    async fn a_positive_result_opens_an_index_case_that_waits_for_its_call(kit) {
        let bench = Bench::on(kit).await;
        let summary = import_results(&bench, "North,L1,positiv,2026-02-27,Anna,O'Neill,1980-05-17,0621 12345\n").await;
        assert_eq!((summary.stored, summary.refused), (1, 0));
        let works = works(&bench).await;
        assert_eq!((works[0].case_type, works[0].status), (CaseType::Index, CaseStatus::Open));
        assert!(works[0].clock.reported_at.is_some());
        let sheet = bench.app.case_work(&bench.worker, works[0].case_id).await.unwrap();
        assert_eq!(sheet.details["tested"].as_deref(), Some("2026-02-27"));
        assert_eq!((sheet.results[0].laboratory.as_str(), sheet.results[0].sample.as_str()), ("North", "L1"));
        assert_eq!(waiting(&bench).await, 1);
    }

    async fn the_same_file_again_changes_nothing(kit) {
        let bench = Bench::on(kit).await;
        let rows = "North,L1,pos,2026-02-27,Anna,O'Neill,1980-05-17,\nSouth,L1,pos,2026-02-27,Bo,Ng,1990-01-01,\n";
        assert_eq!(import_results(&bench, rows).await.stored, 2, "each laboratory counts for itself");
        let again = import_results(&bench, rows).await;
        assert_eq!((again.stored, again.already_there), (0, 2));
        let other = import_results(&bench, "North,L1,neg,2026-02-27,Anna,O'Neill,1980-05-17,\n").await;
        assert_eq!(other.first_refusals[0].1, "sample L1 exists with another result");
        assert_eq!(works(&bench).await.len(), 2);
    }

    async fn who_is_the_same_beyond_doubt_has_one_case_and_who_is_alike_two(kit) {
        let bench = Bench::on(kit).await;
        import_results(&bench, "N,L1,pos,2026-02-20,Anna,Höhne,1980-05-17,0621 12345\n").await;
        let rows = "N,L2,pos,2026-02-25,ANNA,Hoehne,1980-05-17,\nN,L3,pos,2026-02-25,Anne,Höhne,1980-05-17,0621 12345\n\
                    N,L4,pos,2026-02-26,Cem,Ak,1970-01-01,\nN,L5,neg,2026-02-27,Cem,Ak,1970-01-01,\n";
        let summary = import_results(&bench, rows).await;
        assert_eq!((summary.stored, summary.refused), (4, 0), "{:?}", summary.first_refusals);
        let works = works(&bench).await;
        assert_eq!(works.len(), 3, "Anna, Anne and Cem");
        let anna = bench.app.case_work(&bench.worker, works[0].case_id).await.unwrap();
        assert_eq!((anna.results.len(), anna.details["tested"].as_deref()), (2, Some("2026-02-20")), "the first test counts");
        let anne = works.iter().find(|work| work.person_id != works[0].person_id).unwrap();
        let proposed = bench.app.duplicates_of_person(&bench.worker, anne.person_id).await.unwrap();
        assert_eq!(proposed.found.len(), 1, "nothing merged, but it is said");
    }

    async fn a_contact_turns_index_and_an_ended_case_opens_again(kit) {
        let bench = Bench::on(kit).await;
        import_results(&bench, "N,L1,pos,2026-02-20,Anna,Höhne,1980-05-17,0621 12345\n").await;
        let case_id = works(&bench).await[0].case_id;
        conclude(&bench, case_id).await;
        let summary = import_results(&bench, "N,L2,neg,2026-02-25,Anna,Höhne,1980-05-17,\n").await;
        assert_eq!(summary.refused, 1, "not positive, and the case is over");
        import_results(&bench, "N,L3,pos,2026-02-26,Anna,Höhne,1980-05-17,\n").await;
        let works = works(&bench).await;
        assert_eq!((works.len(), works[0].status, works[0].conclusion), (1, CaseStatus::Open, None));
        assert_eq!(waiting(&bench).await, 1);
    }

    async fn negative_results_of_strangers_are_not_kept_and_bad_rows_come_back(kit) {
        let bench = Bench::on(kit).await;
        let rows = "N,L1,neg,2026-02-27,Anna,Höhne,1980-05-17,\nN,L2,maybe,2026-02-27,Bo,Ng,,\n\
                    N,L3,pos,2026-02-27,Bo2,Ng,,\nN,L4,pos,2026-02-27,,,,\nN,,pos,2026-02-27,Bo,Ng,,\n\
                    N,Anna Höhne,pos,2026-02-27,Bo,Ng,,\nN,L5,pos,2030-02-27,Bo,Ng,,\nN,L6,pos,2026-02-27,Bo,Ng,,\n";
        let summary = import_results(&bench, rows).await;
        assert_eq!((summary.stored, summary.refused), (1, 7));
        let reasons: Vec<&str> = summary.first_refusals.iter().map(|(_, reason)| reason.as_str()).collect();
        assert!(reasons[0].starts_with("not positive, and nobody here has a case"));
        assert_eq!(reasons[1], "result: write positive, negative or indeterminate");
        assert_eq!(reasons[2], "first_name: a name has no digits");
        assert!(reasons[3].starts_with("whose sample it is is missing"));
        assert_eq!(reasons[4], "sample is missing");
        assert!(reasons[5].starts_with("sample: a reference has only letters"));
        assert_eq!(reasons[6], "specimen lies in the future");
        let mut tx = bench.app.store.read(bench.worker.authority.authority_id, Freshness::Fresh).await.unwrap();
        let stored = storage::laboratory::of_samples(&mut tx, &[("N".to_owned(), "L1".to_owned())]).await.unwrap();
        assert!(stored.is_empty());
    }
}
