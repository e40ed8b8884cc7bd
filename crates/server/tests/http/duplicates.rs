//! Duplicates, as the page asks for them.

use crate::site::Site;
use app::imports::{ImportOptions, Kind};
use domain::authorities::{Role, ShortCode};
use serde_json::{Value, json};
use std::io::Cursor;
use testkit::contract;

const LIST: &str = "id,onset,first,last,born,phone,postcode\n\
    A1,2026-01-05,Anna,Müller,1985-03-12,0621 12345,68159\n\
    A2,2026-01-06,Anna,Mueller,1985-12-03,,\n\
    D,2026-01-06,Lea,Müller,2015-07-01,0621 12345,68159\n";

async fn fill(site: &Site) {
    let worker = site.app.sign_in_as("test", Some(&ShortCode::local())).await.unwrap();
    let columns = "id=id,onset=onset,first_name=first,last_name=last,born=born,phone=phone,postcode=postcode";
    let source = Cursor::new(LIST.as_bytes().to_vec());
    let options = ImportOptions::new(Kind::Cases, columns);
    let done = site.app.import(&worker, source, &options, None, &mut |_| ()).await.unwrap();
    assert_eq!(done.refused, 0, "{done:?}");
}

fn references(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().unwrap().iter().map(|item| item["reference"].as_str().unwrap()).collect()
}

contract! {
    async fn who_is_typed_is_proposed_with_score_and_reasons(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        fill(&site).await;
        let draft = json!({ "first_name": "Anna", "last_name": "Müller", "born": "1985-03-12", "phones": ["+49 (0)621 12345"] });
        let answer = kim.post("/persons/duplicates", draft).await.ok(200);
        assert_eq!((references(&answer), &answer["capped"]), (vec!["A1", "A2"], &json!(false)));
        let first = &answer["items"][0];
        assert_eq!(first["score"], json!(1.0));
        assert_eq!(first["reasons"], json!(["same_first_name", "same_last_name", "same_birth_date", "same_phone"]));
        for (field, expected) in [("first_name", "Anna"), ("last_name", "Müller"), ("born", "1985-03-12"), ("postcode", "68159")] {
            assert_eq!(first[field], json!(expected), "{field}");
        }
        assert_eq!((&first["disease"], first["case_id"].is_string()), (&json!("covid-19"), true));
        assert!(answer["items"][1]["reasons"].as_array().unwrap().contains(&json!("birth_day_and_month_swapped")));
        let person = answer["items"][1]["person_id"].as_str().unwrap();
        let stored = kim.get(&format!("/persons/{person}/duplicates")).await.ok(200);
        assert_eq!(references(&stored), ["A1"]);
        assert_eq!(kim.post("/persons/duplicates", json!({})).await.ok(200), json!({ "items": [], "capped": false }));
    }

    /// What is refused is named, and what was typed is not said again.
    async fn a_draft_that_cannot_be_read_is_refused_by_its_field(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        for (draft, field) in [
            (json!({ "born": "12.03.Zyxw" }), "born"),
            (json!({ "last_name": "Zyxw".repeat(51) }), "last_name"),
            (json!({ "phones": vec!["Zyxw"; 11] }), "phones"),
        ] {
            let answer = kim.post("/persons/duplicates", draft).await;
            assert_eq!((answer.status, answer.fields()), (422, vec![field.to_owned()]));
            assert!(!answer.text.contains("Zyxw"), "{}", answer.text);
        }
    }

    /// Keys differ too: the same telephone is another token there.
    async fn a_neighbour_authority_finds_none_of_ours(kit) {
        let site = Site::on(kit).await;
        site.neighbour().await;
        fill(&site).await;
        let (nora, _) = site.person_in("next", "nora", Role::CaseWorker).await;
        let draft = json!({ "first_name": "Anna", "last_name": "Müller", "born": "1985-03-12", "phones": ["0621 12345"] });
        let theirs = nora.post("/persons/duplicates", draft.clone()).await.ok(200);
        assert_eq!(theirs, json!({ "items": [], "capped": false }));
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let ours = kim.post("/persons/duplicates", draft).await.ok(200);
        let person = ours["items"][0]["person_id"].as_str().unwrap();
        assert_eq!(nora.get(&format!("/persons/{person}/duplicates")).await.status, 404);
    }
}
