//! Lists, searches, cases, exposures and the outbreak, as the page asks for them.

use crate::site::{Browser, Site};
use app::imports::{ImportOptions, Kind};
use domain::authorities::{Role, ShortCode};
use serde_json::{Value, json};
use std::io::Cursor;
use testkit::contract;

const LIST: &str = "id,onset,reported,first,last,class,outcome,setting,place\n\
    A,2026-01-05,2026-01-07,Anna,Müller,confirmed,Alive,school,Ward 3\n\
    B,2026-01-09,2026-01-10,Berta,Meier,probable,Died,,\n\
    C,,,Carl,Meiners,suspected,,,\n";

async fn fill(site: &Site) {
    let worker = site.app.sign_in_as("test", Some(&ShortCode::local())).await.unwrap();
    let columns = "id=id,onset=onset,reported=reported,first_name=first,last_name=last,classification=class,\
        outcome=outcome,setting=setting,place=place";
    for (kind, columns, text) in [
        (Kind::Cases, columns, LIST),
        (Kind::Infections, "from=from,to=to,setting=setting", "from,to,setting\nA,B,school\n"),
        (
            Kind::Encounters,
            "from=from,until=until,a=a,b=b",
            "from,until,a,b\n2026-01-05T10:00:00Z,2026-01-05T11:00:00Z,A,C\n",
        ),
    ] {
        let source = Cursor::new(text.as_bytes().to_vec());
        let options = ImportOptions::new(kind, columns);
        let done = site.app.import(&worker, source, &options, None, &mut |_| ()).await.unwrap();
        assert_eq!(done.refused, 0, "{done:?}");
    }
}

fn references(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["reference"].as_str().unwrap()).collect()
}

async fn listed(kim: &Browser<'_>, query: &str) -> Value {
    kim.get(&format!("/cases?{query}")).await.ok(200)
}

contract! {
    async fn a_list_goes_on_where_its_page_ended_and_takes_filters(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        fill(&site).await;
        assert_eq!(references(&listed(&kim, "").await), ["B", "A", "C"]);
        assert_eq!(references(&listed(&kim, "sort=name&order=asc").await), ["B", "C", "A"]);
        assert_eq!(references(&listed(&kim, "position=1").await), ["A", "C"]);
        let first = listed(&kim, "limit=2").await;
        let cursor = first["next"].as_str().unwrap();
        assert_eq!(references(&listed(&kim, &format!("limit=2&cursor={cursor}")).await), ["C"]);
        assert_eq!(references(&listed(&kim, "setting=school&onset_last=2026-01-06").await), ["A"]);
        assert_eq!(kim.get("/cases/count?classification=probable").await.ok(200), json!({ "count": 1, "capped": false }));
        let filters = kim.get("/cases/filters").await.ok(200);
        assert_eq!(filters["outcomes"], json!(["Alive", "Died"]));
        let place = filters["places"][0]["facility_id"].as_str().unwrap().to_owned();
        let there = listed(&kim, &format!("place={place}")).await;
        assert_eq!((references(&there), &there["items"][0]["place"]["name"]), (vec!["A"], &json!("Ward 3")));
        for (query, field) in [
            ("sort=age", "sort"),
            ("order=up", "order"),
            ("disease=flu", "disease"),
            ("classification=sure", "classification"),
            ("onset_first=today", "onset_first"),
            ("limit=0", "limit"),
            ("cursor=xyz", "cursor"),
        ] {
            assert_eq!(kim.get(&format!("/cases?{query}")).await.fields(), [field], "{query}");
        }
    }

    async fn a_list_takes_conditions_on_the_work_and_files_and_bulk_actions_take_the_same(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        fill(&site).await;
        let session = kim.get("/session").await.ok(200);
        let me = session["account_id"].as_str().unwrap();
        let all = listed(&kim, "").await;
        let b = all["items"][0]["case_id"].as_str().unwrap();
        let assign = json!({ "bulk_id": "019cab00-0000-7000-8000-0000000000f1", "action": { "kind": "assign", "account_id": me }, "cases": [b] });
        let bulk = kim.post("/bulk-actions", assign).await.ok(202);
        kim.finished(&bulk["job"]).await;
        for (query, expected) in [
            ("assigned=me", vec!["B"]),
            (&*format!("assigned={me}"), vec!["B"]),
            ("assigned=somebody", vec!["B"]),
            ("assigned=nobody", vec!["A", "C"]),
            ("status=open", vec!["B", "A", "C"]),
            ("status=concluded,handed_over", vec![]),
            ("status=concluded,open&case_type=index&assigned=me", vec!["B"]),
            ("case_type=contact", vec![]),
            ("quarantined_on=2026-01-08", vec![]),
            ("quarantine_ends_first=2026-01-01&quarantine_ends_last=2026-01-31", vec![]),
            ("postcode=68159", vec![]),
            ("postcode=6*", vec![]),
            ("tested_first=2026-01-01", vec![]),
        ] {
            assert_eq!(references(&listed(&kim, query).await), expected, "{query}");
            let count = json!({ "count": expected.len(), "capped": false });
            assert_eq!(kim.get(&format!("/cases/count?{query}")).await.ok(200), count, "{query}");
            let file = kim.get(&format!("/exports/cases?{query}")).await;
            assert_eq!((file.status, file.text.lines().count()), (200, 1 + expected.len()), "{query}");
        }
        assert_eq!(listed(&kim, "assigned=me").await["items"][0]["assignee"], "kim");
        let wrong = [
            ("case_type=person", "case_type"),
            ("status=open,asleep", "status"),
            ("status=", "status"),
            ("assigned=kim", "assigned"),
            ("quarantined_on=today", "quarantined_on"),
            ("quarantine_ends_first=1", "quarantine_ends_first"),
            ("quarantine_ends_last=2026-02-30", "quarantine_ends_last"),
            ("postcode=*", "postcode"),
            ("postcode=M%C3%BCller", "postcode"),
            ("postcode=1234567890123", "postcode"),
            ("tested_first=x", "tested_first"),
            ("tested_last=x", "tested_last"),
        ];
        for (query, field) in wrong {
            for path in ["/cases", "/cases/count", "/exports/cases"] {
                assert_eq!(kim.get(&format!("{path}?{query}")).await.fields(), [field], "{path}?{query}");
            }
            let (key, value) = query.split_once('=').unwrap();
            let mut body = json!({ "text": "mei" });
            body[key] = json!(value.replace("%C3%BC", "ü"));
            assert_eq!(kim.post("/cases/search", body.clone()).await.fields(), [field], "search: {query}");
            body.as_object_mut().unwrap().remove("text");
            let conclude = json!({ "kind": "conclude", "conclusion": "completed" });
            let bulk = json!({ "bulk_id": "019cab00-0000-7000-8000-0000000000f2", "action": conclude, "matching": body });
            assert_eq!(kim.post("/bulk-actions", bulk).await.fields(), [field], "bulk: {query}");
        }
        let mine = json!({ "status": "open", "assigned": "me" });
        let conclude = json!({ "kind": "conclude", "conclusion": "completed" });
        let bulk = json!({ "bulk_id": "019cab00-0000-7000-8000-0000000000f3", "action": conclude, "matching": mine });
        let bulk = kim.post("/bulk-actions", bulk).await.ok(202);
        assert_eq!(bulk["n_cases"], 1);
        kim.finished(&bulk["job"]).await;
        assert_eq!(references(&listed(&kim, "status=concluded").await), ["B"]);
        let found = json!({ "text": "mei", "status": "open" });
        assert_eq!(references(&kim.post("/cases/search", found).await.ok(200)), ["C"]);
    }

    async fn a_search_finds_by_name_and_says_what_matched(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        fill(&site).await;
        let found = kim.post("/cases/search", json!({ "text": "mei" })).await.ok(200);
        assert_eq!(references(&found), ["B", "C"]);
        assert_eq!((&found["count"], &found["items"][0]["match"]), (&json!(2), &json!("last_name")));
        let narrowed = json!({ "text": "mei", "classification": "suspected" });
        assert_eq!(references(&kim.post("/cases/search", narrowed).await.ok(200)), ["C"]);
        assert_eq!(kim.post("/cases/search", json!({ "text": "m" })).await.fields(), ["text"]);
        let found = kim.post("/persons/search", json!({ "text": "mueller" })).await.ok(200);
        let person = &found["items"][0];
        assert_eq!((&person["first_name"], &person["disease"]), (&json!("Anna"), &json!("covid-19")));
        let sheet = kim.get(&format!("/persons/{}", person["person_id"].as_str().unwrap())).await.ok(200);
        assert_eq!((&sheet["last_name"], &sheet["cases"][0]["case_id"]), (&json!("Müller"), &person["case_id"]));
    }

    async fn a_case_leads_to_its_history_its_exposed_and_its_sources(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        fill(&site).await;
        let page = listed(&kim, "sort=name&order=asc").await;
        let id = |n: usize| page["items"][n]["case_id"].as_str().unwrap().to_owned();
        let (b, a) = (id(0), id(2));
        let case = kim.get(&format!("/cases/{a}")).await.ok(200);
        assert_eq!(case["infectious"], json!({ "first": "2026-01-03", "last": "2026-01-15" }));
        assert_eq!((&case["last_name"], &case["n_exposed_links"]), (&json!("Müller"), &json!(1)));
        let history = kim.get(&format!("/cases/{a}/history")).await.ok(200);
        assert_eq!(history["items"][0]["field"], "created");
        let exposed = kim.get(&format!("/cases/{a}/exposures")).await.ok(200);
        assert_eq!((exposed["n_total"].as_u64(), exposed["direction"].as_str()), (Some(2), Some("forward")));
        let met = exposed["items"].as_array().unwrap().iter().find(|one| one["reference"] == "C").unwrap();
        assert_eq!((&met["minutes"], &met["outside"], &met["last_name"]), (&json!(60.0), &json!(false), &json!("Meiners")));
        assert!(met["evidence"][0]["source"].as_str().unwrap().contains("RKI"));
        let sources = kim.get(&format!("/cases/{b}/sources")).await.ok(200);
        assert_eq!(references(&sources), ["A"]);
        let person = case["person_id"].as_str().unwrap();
        assert_eq!(kim.get(&format!("/persons/{person}/exposures")).await.ok(200)["items"], exposed["items"]);
        assert_eq!(kim.get(&format!("/cases/{a}/exposures?generations=0")).await.fields(), ["generations"]);
    }

    async fn the_outbreak_is_reported_over_the_cases_that_are_asked_for(kit) {
        let site = Site::on(kit).await;
        let (ana, _) = site.person("ana", Role::Analyst).await;
        fill(&site).await;
        let report = ana.get("/reports/outbreak").await.ok(200);
        assert_eq!((&report["cases"], &report["links"]), (&json!(3), &json!(1)));
        let some = ana.get("/reports/outbreak?classification=confirmed").await.ok(200);
        assert_eq!((&some["cases"], &some["links"]), (&json!(1), &json!(0)));
        assert_eq!(ana.get("/reports/outbreak?serial_mean=5").await.fields(), ["serial_mean"]);
        assert_eq!(ana.get("/reports/outbreak?window_days=0").await.fields(), ["window_days"]);
        let chains = ana.get("/reports/outbreak/chains").await.ok(200);
        assert_eq!((&chains["n_cases"], &chains["links"][0]["first"]), (&json!(3), &json!(true)));
        assert!(!chains.to_string().contains("Müller"), "an analyst sees no name");
    }
}
