//! What an authority tells everybody, over HTTP.

use crate::site::Site;
use domain::authorities::Role;
use serde_json::json;
use testkit::contract;

contract! {
    async fn an_administrator_writes_a_text_and_a_stranger_reads_it(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let stranger = site.stranger();
        let read = "/authorities/local/texts/welcome";
        assert_eq!(stranger.get(read).await.status, 404);
        let all = ada.get("/public-texts").await.ok(200);
        assert_eq!(all["items"].as_array().unwrap().len(), 15);
        assert_eq!((&all["items"][0]["is_required"], &all["items"][1]["is_required"]), (&json!(true), &json!(false)));
        let markup = "# Hallo\n\n<script>alert(1)</script>";
        let preview = ada.post("/public-texts/welcome/de/preview", json!({ "markup": markup })).await.ok(200);
        assert!(!preview["html"].as_str().unwrap().contains("<script"), "{preview}");
        let changed = ada.put("/public-texts/welcome/de", json!({ "version": 0, "markup": markup })).await.ok(200);
        assert_eq!((&changed["version"], &changed["changed_by"]), (&json!(1), &json!("ada")));
        assert_eq!(ada.put("/public-texts/welcome/de", json!({ "version": 0, "markup": "x" })).await.status, 409);
        let shown = stranger.get(&format!("{read}?language=tr")).await.ok(200);
        assert_eq!(shown["parts"][0]["html"], preview["html"]);
        assert_eq!((&shown["authority"], &shown["parts"][0]["language"]), (&json!("Authority local"), &json!("de")));
        ada.put("/public-texts/welcome/de", json!({ "version": 1, "markup": "Neu" })).await.ok(200);
        let before = stranger.get(&format!("{read}?language=de&version=1")).await.ok(200);
        assert_eq!(before["parts"][0]["html"], preview["html"]);
        let versions = ada.get("/public-texts/welcome/de/versions").await.ok(200);
        assert_eq!(versions["items"][0]["markup"], "Neu");
    }

    async fn what_is_no_text_is_not_found_and_what_is_no_language_is_said(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let stranger = site.stranger();
        for path in ["/authorities/nobody/texts/welcome", "/authorities/1/texts/welcome", "/authorities/local/texts/x"] {
            assert_eq!(stranger.get(path).await.status, 404, "{path}");
        }
        assert_eq!(stranger.get("/authorities/local/texts/terms?language=fr").await.fields(), ["language"]);
        assert_eq!(ada.put("/public-texts/x/de", json!({ "version": 0, "markup": "x" })).await.status, 404);
        let empty = json!({ "version": 0, "markup": "" });
        assert_eq!(ada.put("/public-texts/terms/de", empty).await.fields(), ["markup"]);
    }

    async fn a_stranger_sees_which_texts_there_are(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let stranger = site.stranger();
        let list = "/authorities/local/texts";
        assert_eq!(stranger.get(list).await.ok(200), json!({ "authority": "Authority local", "kinds": [] }));
        ada.put("/public-texts/offers/tr", json!({ "version": 0, "markup": "Test" })).await.ok(200);
        ada.put("/public-texts/imprint/de", json!({ "version": 0, "markup": "Wir" })).await.ok(200);
        assert_eq!(stranger.get(list).await.ok(200)["kinds"], json!(["imprint", "offers"]));
        ada.put("/public-texts/imprint/de", json!({ "version": 1, "markup": null })).await.ok(200);
        assert_eq!(stranger.get(list).await.ok(200)["kinds"], json!(["offers"]), "taken back");
        for unknown in ["/authorities/nobody/texts", "/authorities/1/texts"] {
            assert_eq!(stranger.get(unknown).await.status, 404, "{unknown}");
        }
    }

    async fn whoever_reads_too_often_is_asked_to_wait(kit) {
        let site = Site::on(kit).await;
        let stranger = site.stranger();
        let mut refused = None;
        for _ in 0..200 {
            let answer = stranger.get("/authorities/local/texts/welcome").await;
            if answer.status == 429 {
                refused = Some(answer);
                break;
            }
            assert_eq!(answer.status, 404);
        }
        assert!(!refused.expect("a hundred at once are enough for an office").header("retry-after").is_empty());
    }
}
