//! Mails and letters, and their texts, on the page.

use crate::site::Site;
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["message_id"].as_str().unwrap().to_owned()).collect()
}

contract! {
    async fn a_case_worker_sees_messages_page_by_page_and_by_status(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let mut queued = Vec::new();
        for name in ["a", "b", "c"] {
            queued.push(site.mail_about(name).await.to_string());
        }
        queued.reverse();
        let first = kim.get("/messages?limit=2").await.ok(200);
        assert_eq!(ids(&first), queued[..2]);
        assert!(!first.to_string().contains("example.org"), "a list has no address");
        let next = kim.get(&format!("/messages?limit=2&cursor={}", first["next"].as_str().unwrap())).await.ok(200);
        assert_eq!((ids(&next), &next["next"]), (queued[2..].to_vec(), &Value::Null));
        kim.post(&format!("/messages/{}/cancel", queued[1]), json!({})).await.ok(204);
        assert_eq!(ids(&kim.get("/messages?status=cancelled").await.ok(200)), queued[1..2]);
        assert_eq!(ids(&kim.get("/messages?status=waiting").await.ok(200)).len(), 2);
        assert_eq!(kim.get("/messages?status=lost").await.fields(), ["status"]);
        assert_eq!(kim.get("/messages?kind=lost").await.fields(), ["kind"]);
        assert_eq!(ids(&kim.get("/messages?kind=new_contact_case&status=waiting").await.ok(200)).len(), 2);
        assert_eq!(ids(&kim.get("/messages?kind=reset").await.ok(200)), [""; 0]);
        let nobody = "00000000-0000-7000-8000-000000000000";
        assert_eq!(ids(&kim.get(&format!("/messages?case_id={nobody}")).await.ok(200)), [""; 0]);
        assert_eq!(kim.get("/messages/counts").await.ok(200), json!({ "waiting": 2, "held": 0, "failed": 0 }));
    }

    async fn a_message_is_shown_with_what_it_says_and_its_log_until_it_is_taken_back(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let path = format!("/messages/{}", site.mail_about("mia").await);
        let shown = kim.get(&path).await.ok(200);
        assert_eq!(shown["content"]["recipient"], "mia@example.org");
        assert_eq!(shown["content"]["subject"], "You met a person who is infected");
        assert!(shown["content"]["html"].as_str().unwrap().contains("Dear mia"));
        assert_eq!((&shown["message"]["status"], &shown["message"]["may_be_cancelled"]), (&json!("waiting"), &json!(true)));
        assert_eq!(shown["log"][0]["step"], "queued");
        kim.post(&format!("{path}/cancel"), json!({})).await.ok(204);
        let gone = kim.get(&path).await.ok(200);
        assert_eq!(gone["content"], Value::Null);
        assert_eq!((&gone["log"][1]["step"], &gone["log"][1]["account"]), (&json!("cancelled"), &json!("kim")));
        for what in ["cancel", "retry"] {
            assert_eq!(kim.post(&format!("{path}/{what}"), json!({})).await.status, 409, "{what}");
        }
    }

    async fn an_administrator_changes_a_text_after_a_look_at_it(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let all = ada.get("/message-templates").await.ok(200);
        let found = |all: &Value| {
            let items = all["items"].as_array().unwrap().clone();
            items.into_iter().find(|item| item["kind"] == "new_contact_case" && item["language"] == "en").unwrap()
        };
        let before = found(&all);
        assert_eq!((&before["version"], &before["is_own"]), (&json!(0), &json!(false)));
        assert_eq!(before["variables"], json!(["name", "authority", "phone"]));
        let texts = json!({ "subject": "Please call", "text": "Hello {{ name }}", "html": "<p>Hello {{ name }}</p>" });
        let path = "/message-templates/new_contact_case/en";
        let preview = ada.post(&format!("{path}/preview"), texts.clone()).await.ok(200);
        assert!(preview["text"].as_str().unwrap().starts_with("Hello Kim O'Neill"), "{preview}");
        assert!(preview["html"].as_str().unwrap().contains("O&#x27;Neill &lt;"), "{preview}");
        let changed = ada.put(path, json!({ "version": 0, "texts": texts })).await.ok(200);
        assert_eq!((&changed["version"], &changed["is_own"]), (&json!(1), &json!(true)));
        assert_eq!(ada.put(path, json!({ "version": 0, "texts": texts })).await.status, 409, "an old version");
        let id = site.mail_about("mia").await;
        assert_eq!(ada.get(&format!("/messages/{id}")).await.ok(200)["content"]["subject"], "Please call");
        let wrong = json!({ "subject": "S", "text": "{{ password }}", "html": "x" });
        assert_eq!(ada.post(&format!("{path}/preview"), wrong).await.fields(), ["text"]);
        assert_eq!(ada.put(path, json!({ "version": 1, "texts": null })).await.ok(200)["is_own"], false);
        for unknown in ["/message-templates/tax_return/en", "/message-templates/order/fr"] {
            assert_eq!(ada.put(unknown, json!({ "version": 0, "texts": null })).await.status, 404, "{unknown}");
        }
    }
}
