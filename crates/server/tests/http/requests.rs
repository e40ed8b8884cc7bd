//! What holds for every request.

use crate::site::Site;
use domain::authorities::Role;
use reqwest::Method;
use serde_json::json;
use testkit::contract;

contract! {
    async fn every_answer_has_a_number_and_headers_that_keep_browsers_strict(kit) {
        let site = Site::on(kit).await;
        for path in ["/health/ready", "/session", "/nothing/here"] {
            let answer = site.stranger().get(path).await;
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self'") && !policy.contains("unsafe"), "{policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("x-request-id").len(), 32);
            if answer.status >= 400 {
                assert_eq!(answer.header("content-type"), "application/problem+json");
                assert_eq!(answer.json()["request_id"], answer.header("x-request-id"));
                assert_eq!(answer.json()["status"], answer.status);
            }
        }
        assert_eq!(site.stranger().get("/nothing/here").await.kind(), "not-found");
        assert_eq!(site.stranger().call(Method::PUT, "/sign-in", json!({})).await.kind(), "method-not-allowed");
    }

    async fn the_page_of_guests_may_only_load_its_own_files_and_have_a_service_worker(kit) {
        let site = Site::on(kit).await;
        let policy = async |path: &str| {
            let answer = site.client.get(format!("{}{path}", site.base)).send().await.unwrap();
            answer.headers()["content-security-policy"].to_str().unwrap().to_owned()
        };
        let expected = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
             manifest-src 'self'; worker-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";
        for path in ["/g/", "/g/sw.js", "/g/MA/7K3M9QX2AB/0000000001", "/g/assets/none.js"] {
            assert_eq!(policy(path).await, expected, "{path}");
        }
        for path in ["/", "/g", "/cases", "/MA/enrol"] {
            assert!(!policy(path).await.contains("worker-src"), "{path}");
        }
    }

    async fn a_request_that_changes_something_must_come_from_our_own_page(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let csrf = kim.csrf.lock().unwrap().clone();
        *kim.csrf.lock().unwrap() = "guessed".to_owned();
        let forged = kim.post("/tokens", json!({ "name": "x", "scopes": ["see_cases"], "days": 1 })).await;
        assert_eq!((forged.status, forged.kind().as_str()), (403, "forged"));
        kim.get("/tokens").await.ok(200);
        *kim.csrf.lock().unwrap() = csrf;
        kim.post("/tokens", json!({ "name": "x", "scopes": ["see_cases"], "days": 1 })).await.ok(201);
        let address = format!("{}/api/v1/session", site.base);
        let request = site.client.post(address).header("sec-fetch-site", "cross-site").body("{}");
        assert_eq!(site.stranger().send(request).await.kind(), "forged", "nobody is signed in from elsewhere");
    }

    async fn a_position_beyond_any_list_is_an_empty_page(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        kim.upload("cases", "a.csv", b"id\nA\n").await.ok(201);
        for sort in ["reported", "onset", "created", "name"] {
            let path = format!("/cases?disease=mers&sort={sort}&position={}", u64::MAX);
            assert_eq!(kim.get(&path).await.ok(200)["items"], json!([]), "{sort}");
        }
    }

    async fn who_has_the_content_already_gets_it_not_again(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let import = kim.upload("cases", "a.csv", b"id\nA\n").await.ok(201);
        let path = format!("/imports/{}", import["import_id"].as_str().unwrap());
        let first = kim.get(&path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        let again = kim.get_unless(&path, &tag).await;
        assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", tag.as_str()));
        assert_eq!(kim.get_unless(&path, "W/\"another\"").await.json(), first.json());
        kim.delete(&path).await.ok(204);
        assert_eq!(kim.get_unless(&path, &tag).await.status, 404);
    }

    async fn problems_never_repeat_what_was_typed(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let secret = "Zyxwquarrendell";
        for body in [
            json!({ "name": { "Zyxwquarrendell": 1 } }),
            json!({ "name": "x", "scopes": secret, "days": 1 }),
            json!({ "Zyxwquarrendell": 1 }),
        ] {
            let answer = kim.post("/tokens", body).await;
            assert_eq!(answer.status, 422);
            assert!(!answer.text.contains(secret), "{}", answer.text);
        }
        let half = kim.raw(Method::POST, "/tokens", Some(("application/json", b"{\"name\": \"Zyxwquarrendell".to_vec()))).await;
        assert_eq!(half.status, 400);
        assert!(!half.text.contains(secret));
    }

    async fn figures_are_given_to_administrators_and_hold_nobody(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        ada.get("/accounts").await.ok(200);
        let figures = ada.get("/metrics").await;
        assert_eq!(figures.status, 200);
        assert!(figures.text.contains("epitrace_http_requests_total{method=\"GET\",route=\"/api/v1/accounts\",status=\"200\"}"));
        assert!(!figures.text.contains("ada"));
    }
}
