//! Who was exposed, as the page asks for it.

use crate::site::{Browser, Site};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

async fn import(kim: &Browser<'_>, kind: &str, fields: &[&str], text: &str) {
    let id = kim.upload(kind, "x.csv", text.as_bytes()).await.ok(201)["import_id"].as_str().unwrap().to_owned();
    let columns: Vec<Value> =
        fields.iter().enumerate().map(|(column, field)| json!({ "field": field, "column": column })).collect();
    let settings = json!({ "columns": columns, "disease": "mers", "interval_s": null, "date_order": "iso", "update": false,
                           "strict": true });
    let job = kim.post(&format!("/imports/{id}/run"), settings).await.ok(202);
    assert_eq!(kim.finished(&job).await["state"], "done");
}

async fn case(kim: &Browser<'_>, reference: &str) -> String {
    let found = kim.post("/cases/search", json!({ "text": reference, "disease": "mers" })).await.ok(200);
    found["items"][0]["case_id"].as_str().unwrap().to_owned()
}

contract! {
    /// Links of published line lists have no day; the line list says when the infected was exposed.
    async fn a_link_without_a_day_takes_the_days_of_exposure_of_the_line_list_and_says_so(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let cases = "id,onset,exposed_first,exposed_last\nC1,2015-05-17,,\nC2,2015-05-30,2015-05-20,2015-05-28\nC3,2015-06-02,,\n";
        import(&kim, "cases", &["id", "onset", "exposed_first", "exposed_last"], cases).await;
        let links = "from,to,date\nC1,C2,\nC1,C3,2015-05-25\n";
        import(&kim, "infections", &["from", "to", "date"], links).await;
        let exposed = kim.get(&format!("/cases/{}/exposures", case(&kim, "C1").await)).await.ok(200);
        let days = |reference: &str| {
            let all = exposed["items"].as_array().unwrap();
            let one = all.iter().find(|one| one["reference"] == reference).unwrap();
            let piece = &one["evidence"][0];
            json!([piece["day"], piece["last_day"], piece["days_from"], one["first_day"]])
        };
        assert_eq!(days("C2"), json!(["2015-05-20", "2015-05-28", "line_list", "2015-05-20"]));
        assert_eq!(days("C3"), json!(["2015-05-25", "2015-05-25", "evidence", "2015-05-25"]));
        let sources = kim.get(&format!("/cases/{}/sources", case(&kim, "C2").await)).await.ok(200);
        assert_eq!(sources["items"][0]["reference"], "C1");
        assert_eq!(sources["items"][0]["evidence"][0]["days_from"], "line_list", "backward the infected is the one asked for");
    }
}
