//! Bringing files in through the page.

use crate::site::{Browser, MOST_IMPORT_BYTES, Site};
use domain::authorities::Role;
use domain::diseases::Disease;
use serde_json::{Value, json};
use testkit::contract;

const LINE_LIST: &[u8] = b"nr;dt_onset;Nachname\nA1;2026-01-05;Quarrel\nA2;2026-02-30;Broken\nA3;;Plain\n";

fn settings(preview: &Value) -> Value {
    let columns: Vec<Value> = preview["guess"]
        .as_array()
        .unwrap()
        .iter()
        .map(|guess| json!({ "field": guess["field"], "column": guess["column"] }))
        .collect();
    json!({ "columns": columns, "disease": null, "interval_s": null, "date_order": "iso", "update": false })
}

fn strict(mut settings: Value, strict: bool) -> Value {
    settings["strict"] = json!(strict);
    settings
}

/// Brings a file in and imports it with the columns that were guessed.
async fn import(browser: &Browser<'_>, kind: &str, bytes: &[u8]) -> (String, Value) {
    let id = browser.upload(kind, "list.csv", bytes).await.ok(201)["import_id"].as_str().unwrap().to_owned();
    let preview = browser.get(&format!("/imports/{id}/preview")).await.ok(200);
    let job = browser.post(&format!("/imports/{id}/run"), strict(settings(&preview), false)).await.ok(202);
    let job = browser.finished(&job).await;
    assert_eq!(job["state"], "done", "{job}");
    (id.clone(), browser.get(&format!("/imports/{id}")).await.ok(200))
}

contract! {
    async fn a_file_is_previewed_checked_imported_and_its_bad_row_corrected_in_place(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let import = kim.upload("cases", "F%C3%A4lle%20M%C3%A4rz.csv", LINE_LIST).await.ok(201);
        assert_eq!((import["file_name"].as_str(), import["state"].as_str()), (Some("Fälle März.csv"), Some("uploaded")));
        assert_eq!(import["ends_at"], "2026-03-08T12:00:00Z");
        let path = format!("/imports/{}", import["import_id"].as_str().unwrap());
        let preview = kim.get(&format!("{path}/preview")).await.ok(200);
        assert_eq!(preview["header"], json!(["nr", "dt_onset", "Nachname"]));
        assert_eq!(preview["rows"][1], json!(["A2", "2026-02-30", "Broken"]));
        let guessed: Vec<_> = preview["guess"].as_array().unwrap().iter().map(|g| g["field"].as_str().unwrap()).collect();
        assert_eq!(guessed, ["id", "onset", "last_name"]);

        let job = kim.post(&format!("{path}/check"), settings(&preview)).await.ok(202);
        assert_eq!(kim.finished(&job).await["state"], "done");
        let checked = kim.get(&path).await.ok(200);
        assert_eq!((checked["state"].as_str(), checked["checked"].as_bool()), (Some("checked"), Some(true)));
        assert_eq!((checked["summary"]["stored"].as_u64(), checked["summary"]["refused"].as_u64()), (Some(2), Some(1)));
        assert_eq!(n_cases(&site).await, 0);

        let job = kim.post(&format!("{path}/run"), strict(settings(&preview), false)).await.ok(202);
        let job = kim.finished(&job).await;
        assert_eq!((job["state"].as_str(), job["done"].as_i64()), (Some("done"), Some(3)));
        let refused = kim.get(&format!("{path}/refused")).await.ok(200);
        assert_eq!(refused["items"][0]["number"], 3);
        assert_eq!(refused["items"][0]["cells"], json!(["A2", "2026-02-30", "Broken"]));
        assert!(refused["items"][0]["reason"].as_str().unwrap().starts_with("onset:"));
        let csv = kim.get(&format!("{path}/refused.csv")).await;
        assert!(csv.text.starts_with("reason;nr;dt_onset;Nachname\n"), "{}", csv.text);

        for rows in [
            json!([{ "number": 3, "cells": ["", " ", ""] }]),
            json!([{ "number": 3, "cells": ["A2"] }, { "number": 3, "cells": ["A2"] }]),
            json!([{ "number": 2, "cells": ["A1"] }]),
        ] {
            let refused = kim.post(&format!("{path}/corrections"), json!({ "rows": rows })).await;
            assert_eq!(refused.fields(), ["rows"], "{rows}");
        }
        let still_wrong = json!({ "rows": [{ "number": 3, "cells": ["A2", "2026-13-01", "Broken"] }] });
        let import = kim.post(&format!("{path}/corrections"), still_wrong).await.ok(200);
        assert_eq!(import["n_refused"], 1);
        let refused = kim.get(&format!("{path}/refused")).await.ok(200);
        assert_eq!(refused["items"][0]["cells"][1], "2026-13-01", "what was typed is kept");
        let right = json!({ "rows": [{ "number": 3, "cells": ["A2", "2026-01-30", "Broken"] }] });
        let import = kim.post(&format!("{path}/corrections"), right.clone()).await.ok(200);
        assert_eq!((import["n_refused"].as_i64(), import["summary"]["stored"].as_u64()), (Some(0), Some(3)));
        assert_eq!(kim.post(&format!("{path}/corrections"), right).await.fields(), ["rows"], "nothing is left to correct");
        assert_eq!(n_cases(&site).await, 3);
        kim.delete(&path).await.ok(204);
        assert_eq!(kim.get(&path).await.status, 404);
    }

    /// Rows are told apart by their place: a cell with a line break moves the numbers of all rows behind it.
    async fn corrected_cells_may_have_line_breaks(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (id, import) = import(&kim, "cases", b"id,onset,note\nA,x,1\nB,y,2\nC,z,3\n").await;
        assert_eq!(import["n_refused"], 3);
        let rows = json!({ "rows": [
            { "number": 2, "cells": ["A", "2026-01-05", "one\ntwo\nthree"] },
            { "number": 3, "cells": ["B", "still wrong", "one\ntwo"] },
            { "number": 4, "cells": ["C", "2026-01-07", "3"] },
        ] });
        let import = kim.post(&format!("/imports/{id}/corrections"), rows).await.ok(200);
        assert_eq!(import["n_refused"], 1);
        let left = kim.get(&format!("/imports/{id}/refused")).await.ok(200);
        assert_eq!(left["items"][0]["number"], 3);
        assert_eq!(left["items"][0]["cells"], json!(["B", "still wrong", "one\ntwo"]));
        assert_eq!(n_cases(&site).await, 2);
    }

    async fn the_same_file_again_is_already_there(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        import(&kim, "cases", b"id,onset\nA,2026-01-05\nB,2026-01-08\n").await;
        let (_, again) = import(&kim, "cases", b"id,onset\nA,2026-01-05\nB,2026-01-08\n").await;
        assert_eq!((again["summary"]["stored"].as_u64(), again["summary"]["already_there"].as_u64()), (Some(0), Some(2)));
        let (_, links) = import(&kim, "infections", b"from,to\nA,B\nA,nobody\n").await;
        assert_eq!((links["summary"]["stored"].as_u64(), links["n_refused"].as_i64()), (Some(1), Some(1)));
        let jobs = kim.get("/jobs?limit=2").await.ok(200);
        assert_eq!(jobs["items"].as_array().unwrap().len(), 2);
        let cursor = jobs["next"].as_str().unwrap();
        assert_eq!(kim.get(&format!("/jobs?limit=2&cursor={cursor}")).await.ok(200)["items"].as_array().unwrap().len(), 1);
        let files = kim.get("/imports").await.ok(200);
        assert_eq!(files["items"][0]["kind"], "infections", "newest first");
    }

    async fn one_bad_row_stops_a_strict_import(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let id = kim.upload("cases", "list.csv", LINE_LIST).await.ok(201)["import_id"].as_str().unwrap().to_owned();
        let preview = kim.get(&format!("/imports/{id}/preview")).await.ok(200);
        let job = kim.post(&format!("/imports/{id}/run"), strict(settings(&preview), true)).await.ok(202);
        kim.finished(&job).await;
        let import = kim.get(&format!("/imports/{id}")).await.ok(200);
        assert_eq!(import["summary"]["committed"], false);
    }

    async fn wrong_files_and_wrong_columns_are_refused_at_once_with_what_to_do(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        assert_eq!(kim.upload("cases", "x", b"").await.fields(), ["file"]);
        assert_eq!(kim.upload("cases", "x", &[0xd0, 0xcf, 0x11, 0xe0, 1, 2]).await.fields(), ["file"], "an old workbook");
        assert_eq!(kim.upload("poems", "x", b"a\n").await.fields(), ["kind"]);
        assert_eq!(kim.upload("cases", "x", &vec![b'a'; MOST_IMPORT_BYTES + 1]).await.status, 413);
        let id = kim.upload("cases", "x", LINE_LIST).await.ok(201)["import_id"].as_str().unwrap().to_owned();
        let with = |columns: Value, date_order: &str| {
            json!({ "columns": columns, "disease": null, "interval_s": null, "date_order": date_order, "update": false })
        };
        let path = format!("/imports/{id}/check");
        let check = |body: Value| kim.post(&path, body);
        assert_eq!(check(with(json!([]), "iso")).await.fields(), ["columns"]);
        assert_eq!(check(with(json!([{ "field": "onset", "column": 1 }]), "iso")).await.fields(), ["columns"], "no id");
        assert_eq!(check(with(json!([{ "field": "id", "column": 9 }]), "iso")).await.fields(), ["columns"]);
        assert_eq!(check(with(json!([{ "field": "poem", "column": 0 }]), "iso")).await.fields(), ["columns"]);
        assert_eq!(check(with(json!([{ "field": "id", "column": 0 }]), "ymd")).await.fields(), ["date_order"]);
        assert_eq!(kim.get(&format!("/imports/{id}")).await.ok(200)["state"], "uploaded");
    }

    async fn a_file_is_kept_for_a_week_and_what_came_of_it_longer(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (id, _) = import(&kim, "cases", LINE_LIST).await;
        let worker = site.app.sign_in_as("kim", None).await.unwrap();
        let import_id = domain::ids::ImportId(id.parse().unwrap());
        let ledger = storage::ledger::Ledger::beside(&site.kit.keyring());
        site.wait_min(6 * 24 * 60);
        site.app.run_due_retention(&ledger).await.unwrap();
        site.app.import_file(&worker, import_id).await.unwrap();
        site.wait_min(2 * 24 * 60);
        site.app.run_due_retention(&ledger).await.unwrap();
        assert!(site.app.import_file(&worker, import_id).await.is_err());
        let mut tx = site.kit.read().await;
        let sealer = &site.kit.sealer;
        let content = storage::import_files::Content::File;
        assert!(storage::import_files::content(&mut tx, sealer, import_id, content).await.unwrap().is_empty());
        assert_eq!(n_cases(&site).await, 2);
    }

    /// A server that dies leaves its job; the next one goes on with it.
    async fn a_job_that_its_server_left_is_taken_over(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let file = kim.upload("cases", "list.csv", LINE_LIST).await.ok(201);
        let import_id = domain::ids::ImportId(file["import_id"].as_str().unwrap().parse().unwrap());
        let worker = site.app.sign_in_as("kim", None).await.unwrap();
        let how = app::imports::files::FileSettings {
            columns: vec![("id".to_owned(), 0), ("onset".to_owned(), 1)],
            disease: None,
            interval_s: None,
            date_order: "iso".to_owned(),
            update: false,
            strict: false,
            dry_run: false,
        };
        let gone = uuid::Uuid::from_u128(7);
        let later = site.now().checked_add(jiff::SignedDuration::from_mins(2)).unwrap();
        let job = site.app.ask_for_import(&worker, import_id, &how).await.unwrap();
        let mut tx = site.kit.write().await;
        assert!(storage::jobs::take(&mut tx, job.job_id, gone, site.now(), later).await.unwrap());
        assert!(storage::jobs::advance(&mut tx, job.job_id, gone, 1, later).await.unwrap());
        tx.commit().await.unwrap();
        let us = uuid::Uuid::from_u128(8);
        assert!(!site.app.work_on_next_job(site.kit.authority_id, us).await.unwrap(), "another holds it");
        site.wait_min(2);
        while site.app.job(&worker, job.job_id).await.unwrap().finished_at.is_none() {
            site.app.work_on_next_job(site.kit.authority_id, us).await.unwrap();
            tokio::task::yield_now().await;
        }
        let done = site.app.job(&worker, job.job_id).await.unwrap();
        assert_eq!((done.state.as_str(), done.done), ("done", 3));
    }

    async fn a_cancelled_job_has_ended_and_its_file_can_be_asked_for_again(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let file = kim.upload("cases", "list.csv", LINE_LIST).await.ok(201);
        let import_id = domain::ids::ImportId(file["import_id"].as_str().unwrap().parse().unwrap());
        let worker = site.app.sign_in_as("kim", None).await.unwrap();
        let mut how = app::imports::files::FileSettings {
            columns: vec![("id".to_owned(), 0)],
            disease: None,
            interval_s: None,
            date_order: "iso".to_owned(),
            update: false,
            strict: false,
            dry_run: true,
        };
        let job = site.app.ask_for_import(&worker, import_id, &how).await.unwrap();
        let path = format!("/jobs/{}", job.job_id);
        let cancelled = kim.delete(&path).await;
        if cancelled.status == 204 {
            assert_eq!(kim.get(&path).await.ok(200)["state"], "cancelled");
        } else {
            assert_eq!(cancelled.status, 409, "it was faster");
        }
        assert_eq!(kim.delete(&path).await.status, 409, "it has ended");
        how.dry_run = false;
        site.app.ask_for_import(&worker, import_id, &how).await.unwrap();
    }
}

async fn n_cases(site: &Site) -> usize {
    storage::cases::outlines(&mut site.kit.read().await, Disease::Covid19).await.unwrap().len()
}
