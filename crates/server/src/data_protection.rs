//! What somebody can ask of an authority about themselves.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id};
use crate::sign_in::{Eraser, FileReader};
use app::data_protection;
use axum::Json;
use axum::extract::State;
use axum::http::header::CONTENT_DISPOSITION;
use axum::response::IntoResponse;
use domain::erasure::ErasureReason;
use domain::ids::PersonId;
use domain::retention::PERIODS;
use protocol::http::persons::{
    ErasedRows, ErasureCertificate, PersonErasure, PersonFile, PersonFileColumn, PersonFileTable,
};
use protocol::http::problem::Problem as ProblemBody;

const LEFT_OUT: &[&str] = &[
    "Who else is named in a row: the rights of others (Article 15 (4)). It says \"somebody else\" there.",
    "Ids of cases, calls and other things, and keyed hashes, which say nothing about the person.",
    "Who looked at the data: the audit log holds it by id, and the authority can be asked.",
    "Files that were brought in by imports in the last seven days: they are sealed as a whole, and then deleted.",
];

const LATER: &[&str] = &[
    "Backups hold it until they expire. Each restore erases it again, by the ledger of erasures.",
    "Files that were brought in by imports, sealed as a whole: deleted seven days after they were brought in.",
    "The audit log, by id only: two years.",
    "Free text about others, in which somebody may have written a name, was not searched.",
];

fn period_of(table: &str) -> (String, String) {
    let period = PERIODS.iter().find(|period| period.table == table);
    let what = period.map_or(table, |period| period.what).to_owned();
    let kept = period.map_or_else(String::new, |period| {
        format!("{} days after {}, at most {} after creation", period.days, period.counts_from, period.cap_days)
    });
    (what, kept)
}

fn file(file: &data_protection::PersonFile) -> PersonFile {
    let column = |(name, what): &(&str, &str)| PersonFileColumn { name: (*name).to_owned(), what: (*what).to_owned() };
    let tables = file.tables.iter().map(|table| {
        let (what, kept) = period_of(table.name);
        PersonFileTable {
            what,
            table: table.name.to_owned(),
            kept,
            columns: table.columns.iter().map(column).collect(),
            rows: table.rows.iter().map(|row| serde_json::Value::Object(row.expose().clone())).collect(),
        }
    });
    PersonFile {
        person_id: file.person_id.0,
        authority: file.authority.clone(),
        made_at: file.made_at.to_string(),
        tables: tables.collect(),
        left_out: LEFT_OUT.iter().map(|text| (*text).to_owned()).collect(),
    }
}

/// Gives everything that is stored about a person, as a file.
#[utoipa::path(
    get, path = "/api/v1/persons/{person_id}/file", tag = "persons", operation_id = "person_file",
    params(("person_id" = uuid::Uuid, Path)),
    responses((status = 200, body = PersonFile), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("see_person_files"))),
)]
pub async fn person_file(
    State(platform): State<Platform>,
    worker: FileReader,
    Id(person_id): Id<PersonId>,
) -> Result<impl IntoResponse, Problem> {
    let found = platform.app.person_file(&worker, person_id).await?;
    let name = "attachment; filename=\"everything-about-one-person.json\"";
    Ok(([(CONTENT_DISPOSITION, name)], Json(file(&found))))
}

/// Erases a person with all cases and every fact that names them. It can't be undone.
#[utoipa::path(
    post, path = "/api/v1/persons/{person_id}/erasure", tag = "persons", operation_id = "erase_person",
    params(("person_id" = uuid::Uuid, Path)), request_body = PersonErasure,
    responses((status = 200, body = ErasureCertificate), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("erase_persons"))),
)]
pub async fn erase_person(
    State(platform): State<Platform>,
    worker: Eraser,
    Id(person_id): Id<PersonId>,
    Body(body): Body<PersonErasure>,
) -> Result<Json<ErasureCertificate>, Problem> {
    let reason = ErasureReason::find(&body.reason)
        .ok_or_else(|| Problem::field("reason", "choose one of request, unlawful, obligation"))?;
    let done = platform.app.erase_person(&worker, &platform.options().ledger, person_id, reason).await?;
    let rows = done.rows.iter().map(|(table, n_rows)| ErasedRows {
        table: (*table).to_owned(),
        what: period_of(table).0,
        n_rows: *n_rows,
    });
    Ok(Json(ErasureCertificate {
        person_id: done.person_id.0,
        authority: done.authority,
        account: done.account,
        reason: done.reason.to_string(),
        erased_at: done.erased_at.to_string(),
        rows: rows.collect(),
        later: LATER.iter().map(|text| (*text).to_owned()).collect(),
    }))
}
