use domain::cases::{CaseClassification, CaseDates};
use domain::diseases::Disease;
use domain::ids::{CaseId, PersonId};
use domain::persons::Personal;
use jiff::civil::date;
use storage::StorageError;
use storage::cases::{self, Case};
use testkit::contract;
use testkit::kit::now;

pub fn case(n: u8, person_id: PersonId, disease: Disease) -> Case {
    Case {
        case_id: CaseId::mint(now(), [n; 10]),
        person_id,
        disease,
        classification: CaseClassification::Probable,
        dates: CaseDates {
            symptom_onset: Some(date(2020, 2, 29)),
            tested_on: None,
            reported_on: Some(date(1861, 11, 21)),
        },
        exposed_first: Some(date(2020, 2, 1)),
        exposed_last: None,
        died_on: None,
        outcome: Some("Alive".to_owned()),
        setting: None,
        facility_id: None,
        age_band: Some("60-69".to_owned()),
        age: Some(Personal::new("68".to_owned())),
        note: Some(Personal::new("sneezed".to_owned())),
    }
}

contract! {
    async fn a_case_comes_back_as_stored_with_days_before_1970(kit) {
        let person_id = kit.person("A").await;
        let stored = case(1, person_id, Disease::Mers);
        let mut tx = kit.write().await;
        cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&stored), now()).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.read().await;
        let found = cases::of_persons(&mut tx, &kit.sealer, Disease::Mers, &[person_id]).await.unwrap();
        assert_eq!(found, [stored.clone()]);
        assert_eq!(cases::of_persons(&mut tx, &kit.sealer, Disease::Ebola, &[person_id]).await.unwrap(), []);
        let dates = cases::dates_of_persons(&mut tx, Disease::Mers, &[person_id]).await.unwrap();
        assert_eq!(dates[0].dates, stored.dates);
    }

    async fn reports_read_the_cases_of_one_disease_in_the_order_in_which_they_were_made(kit) {
        let person_id = kit.person("A").await;
        let all = [case(2, person_id, Disease::Mers), case(1, person_id, Disease::Mers), case(3, person_id, Disease::Mpox)];
        let mut tx = kit.write().await;
        cases::insert(&mut tx, &kit.sealer, &all, now()).await.unwrap();
        let outlines = cases::outlines(&mut tx, Disease::Mers).await.unwrap();
        let ids: Vec<CaseId> = outlines.iter().map(|outline| outline.case_id).collect();
        assert_eq!(ids, [all[1].case_id, all[0].case_id]);
    }

    async fn replacing_a_case_changes_that_one_only(kit) {
        let person_id = kit.person("A").await;
        let (mut first, second) = (case(1, person_id, Disease::Mers), case(2, person_id, Disease::Mers));
        let mut tx = kit.write().await;
        cases::insert(&mut tx, &kit.sealer, &[first.clone(), second.clone()], now()).await.unwrap();
        first.note = Some(Personal::new("coughed".to_owned()));
        first.died_on = Some(date(2020, 3, 9));
        cases::replace(&mut tx, &kit.sealer, &first).await.unwrap();
        let found = cases::of_persons(&mut tx, &kit.sealer, Disease::Mers, &[person_id]).await.unwrap();
        assert_eq!(found, [first, second]);
        let missing = case(9, person_id, Disease::Mers);
        let refused = cases::replace(&mut tx, &kit.sealer, &missing).await;
        assert!(matches!(refused, Err(StorageError::WrongCount { .. })));
    }
}
