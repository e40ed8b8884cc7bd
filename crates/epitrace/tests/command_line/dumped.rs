//! What a dump of PostgreSQL holds of a file that came in over HTTP: no name, not even as the digits of its bytes.

use super::postgres::{desk, dump};
use super::sealed::{assert_nothing_in, demo_values, found_in};
use super::serve::{Client, Server};
use super::*;
use serde_json::json;
use std::collections::BTreeSet;
use testkit::Database;

/// Stand in a row that is refused, in its correction, and in the file's name.
const REFUSED: &str = "Zyxwquarrendell";
const CORRECTED: &str = "Qvistolina";
const FILE_NAME: &str = "Vrombautzen";

/// Uploads a file, looks into it, checks it, imports it, and corrects its only bad row.
async fn bring_in(client: &mut Client, file: &str) {
    let header: Vec<&str> = file.lines().next().unwrap().split(',').collect();
    let import = client.upload(&format!("{FILE_NAME}.csv"), file).await;
    let path = format!("/api/v1/imports/{}", import["import_id"].as_str().unwrap());
    assert_eq!(client.get(&format!("{path}/preview")).await.0, 200);
    let fields = ["id", "first_name", "last_name", "born", "phone", "email", "street", "city", "onset", "note"];
    let place = |field: &str| header.iter().position(|name| *name == field).unwrap();
    let columns: Vec<Value> = fields.iter().map(|field| json!({ "field": field, "column": place(field) })).collect();
    let mut settings = json!({ "columns": columns, "disease": null, "interval_s": null, "date_order": "iso",
                               "update": false });
    for what in ["check", "run"] {
        if what == "run" {
            settings["strict"] = json!(false);
        }
        let job = client.post(&format!("{path}/{what}"), settings.clone()).await;
        client.get(&format!("/api/v1/jobs/{}/events", job["job_id"].as_str().unwrap())).await;
    }
    let (_, refused) = client.get(&format!("{path}/refused")).await;
    let row = &refused["items"][0];
    assert_eq!((refused["items"].as_array().unwrap().len(), &row["cells"][place("last_name")]), (1, &json!(REFUSED)));
    let mut cells = row["cells"].clone();
    cells[place("first_name")] = json!(CORRECTED);
    // Refused again: what was typed is kept with it.
    let rows = json!({ "rows": [{ "number": row["number"], "cells": cells }] });
    assert_eq!(client.post(&format!("{path}/corrections"), rows).await["n_refused"], 1);
}

/// Writes a value into the database in clear, once as text and once as bytes.
async fn leak(database: &Database, value: &str) {
    database.ask(&format!("CREATE TABLE leak AS SELECT '{value}'::text AS a, '{value}'::bytea AS b")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_holds_no_name_from_a_file_that_came_in_over_http_and_neither_does_the_log() {
    let (desk, database) = desk().await;
    let mut values = demo_values(&desk);
    values.extend([REFUSED, CORRECTED, FILE_NAME].map(str::to_owned));
    let owner = Desk { options: desk.options[..desk.options.len() - 2].to_vec(), ..Desk::new() };
    let config = std::fs::read_to_string(desk.path("config.toml")).unwrap();
    desk.write("config.toml", &format!("{config}[log]\nlevel = 'debug'\nformat = 'json'\n"));
    let server = Server::on(&owner, &[]);
    let mut client = Client::new(&server.base);
    client.accept(&desk.administrators_link()).await;

    let made = std::fs::read_to_string(desk.path("made/cases.csv")).unwrap();
    let n_columns = made.lines().next().unwrap().split(',').count();
    let mut bad = vec!["never"; n_columns];
    bad[..3].copy_from_slice(&["X1", "Ann", REFUSED]);
    bring_in(&mut client, &format!("{made}{}\n", bad.join(","))).await;
    let found = client.post("/api/v1/cases/search", json!({ "text": "birkental" })).await;
    let case = format!("/api/v1/cases/{}", found["items"][0]["case_id"].as_str().unwrap());
    assert_eq!(client.get(&case).await.1["last_name"], "Birkental");

    assert_nothing_in(&[dump(&desk, &database), owner.path("serve.log")], &values);
    server.stop();

    leak(&database, CORRECTED).await;
    let found = found_in(&[dump(&desk, &database)], &BTreeSet::from([CORRECTED.to_owned()]));
    assert_eq!(found.len(), 2, "the search finds text and bytes: {found:?}");
}
