//! Files that people bring in.

use crate::cursor;
use crate::jobs;
use crate::platform::Platform;
use crate::problem::{Kind as ProblemKind, Problem};
use crate::request::{Body, Id, Query, limit};
use crate::sign_in::Importer;
use app::imports::files::{self, FileSettings};
use app::imports::{self, Kind};
use axum::Json;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use domain::ids::ImportId;
use percent_encoding::percent_decode_str;
use protocol::http::imports::{
    ColumnGuess, ColumnOfField, Corrections, Import, ImportField, ImportKind, ImportPreview, ImportSettings,
    ImportSummary, RefusedPage, RefusedRow, RunImport,
};
use protocol::http::jobs::Job;
use protocol::http::page::{Page, PageQuery};
use protocol::http::problem::Problem as ProblemBody;
use storage::import_files::ImportFile;

fn settings(file: &ImportFile) -> Option<FileSettings> {
    file.settings.as_deref().and_then(|text| serde_json::from_str(text).ok())
}

fn shape(file: &ImportFile) -> Import {
    let settings = settings(file);
    let summary = file.summary.as_deref().and_then(|text| serde_json::from_str::<imports::ImportSummary>(text).ok());
    Import {
        import_id: file.import_id.0,
        kind: file.kind.clone(),
        file_name: file.file_name.expose().clone(),
        bytes: file.n_bytes,
        state: file.state.clone(),
        checked: summary.is_some() && settings.as_ref().is_some_and(|settings| settings.dry_run),
        settings: settings.map(|settings| ImportSettings {
            columns: settings.columns.into_iter().map(|(field, column)| ColumnOfField { field, column }).collect(),
            disease: settings.disease,
            interval_s: settings.interval_s,
            date_order: settings.date_order,
            update: settings.update,
        }),
        summary: summary.map(|summary| ImportSummary {
            rows: summary.rows,
            stored: summary.stored,
            updated: summary.updated,
            already_there: summary.already_there,
            refused: summary.refused,
            committed: summary.committed,
            delimiter: summary.delimiter,
            encoding: summary.encoding,
        }),
        n_refused: file.n_refused,
        job_id: file.job_id.map(|job| job.0),
        created_at: file.created_at.to_string(),
        ends_at: files::ends_at(file.created_at).to_string(),
        account: file.account.clone(),
    }
}

/// Brings a file in: its bytes are the body, its name stands percent-encoded in the header `x-file-name`.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports", extensions(("x-action" = json!("import_facts"))),
    params(ImportKind, ("x-file-name" = Option<String>, Header, description = "Name of the file, percent-encoded")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, body = Import), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn upload_import(
    State(platform): State<Platform>,
    worker: Importer,
    Query(query): Query<ImportKind>,
    request: Request,
) -> Result<(StatusCode, Json<Import>), Problem> {
    let kind = Kind::find(&query.kind)
        .ok_or_else(|| Problem::field("kind", "choose cases, infections, encounters or visits"))?;
    let name = file_name(request.headers());
    let most = platform.options().most_import_bytes;
    let too_large = || {
        Problem::new(ProblemKind::TooLarge)
            .detail(format!("a file may have {} MiB", most >> 20))
            .hint("pack it with gzip, or split it; larger files go in by the command line")
    };
    let bytes = to_bytes(request.into_body(), most).await.map_err(|_| too_large())?;
    let file = platform.app.keep_import(&worker, kind, &name, bytes.to_vec()).await?;
    Ok((StatusCode::CREATED, Json(shape(&file))))
}

fn file_name(headers: &HeaderMap) -> String {
    let sent = headers.get("x-file-name").and_then(|value| value.to_str().ok()).unwrap_or_default();
    percent_decode_str(sent).decode_utf8_lossy().into_owned()
}

/// Lists files, newest first.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", extensions(("x-action" = json!("import_facts"))), params(PageQuery),
    responses((status = 200, body = Page<Import>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_imports(
    State(platform): State<Platform>,
    worker: Importer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Import>>, Problem> {
    let limit = limit(query.limit)?;
    let before = cursor::open(&platform.app, &worker, "imports", query.cursor.as_deref())?;
    let found = platform.app.list_import_files(&worker, before, limit).await?;
    let last = found.last().filter(|_| found.len() == limit).map(|file| file.import_id);
    let next = cursor::seal(&platform.app, &worker, "imports", last.as_ref())?;
    Ok(Json(Page { items: found.iter().map(shape).collect(), next }))
}

/// Shows a file's state.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}", tag = "imports", extensions(("x-action" = json!("import_facts"))),
    params(("import_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Import), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn show_import(
    State(platform): State<Platform>,
    worker: Importer,
    Id(import_id): Id<ImportId>,
) -> Result<Json<Import>, Problem> {
    Ok(Json(shape(&platform.app.import_file(&worker, import_id).await?)))
}

/// Deletes a file with its refused rows. What was imported from it stays.
#[utoipa::path(delete, path = "/api/v1/imports/{import_id}", tag = "imports",
    extensions(("x-action" = json!("import_facts"))), params(("import_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn delete_import(
    State(platform): State<Platform>,
    worker: Importer,
    Id(import_id): Id<ImportId>,
) -> Result<StatusCode, Problem> {
    platform.app.delete_import_file(&worker, import_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows the beginning of a file, and what its columns seem to be.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}/preview", tag = "imports",
    extensions(("x-action" = json!("import_facts"))), params(("import_id" = uuid::Uuid, Path)),
    responses((status = 200, body = ImportPreview), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn preview_import(
    State(platform): State<Platform>,
    worker: Importer,
    Id(import_id): Id<ImportId>,
) -> Result<Json<ImportPreview>, Problem> {
    let (kind, preview) = platform.app.preview_import(&worker, import_id).await?;
    let field = |(name, required, what): (&str, bool, &str)| ImportField {
        name: name.to_owned(),
        required,
        what: what.to_owned(),
    };
    let guess = |guess: files::ColumnGuess| ColumnGuess {
        field: guess.field.to_owned(),
        column: guess.column,
        sure: guess.sure,
    };
    Ok(Json(ImportPreview {
        header: preview.header,
        n_columns: preview.n_columns,
        rows: preview.rows,
        encoding: preview.encoding,
        delimiter: preview.delimiter,
        fields: files::fields(kind).into_iter().map(field).collect(),
        guess: preview.guess.into_iter().map(guess).collect(),
    }))
}

fn as_file_settings(body: ImportSettings, strict: bool, dry_run: bool) -> FileSettings {
    FileSettings {
        columns: body.columns.into_iter().map(|pair| (pair.field, pair.column)).collect(),
        disease: body.disease,
        interval_s: body.interval_s,
        date_order: body.date_order,
        update: body.update,
        strict,
        dry_run,
    }
}

async fn ask(
    platform: &Platform,
    worker: &Importer,
    id: ImportId,
    how: FileSettings,
) -> Result<(StatusCode, Json<Job>), Problem> {
    let job = platform.app.ask_for_import(worker, id, &how).await?;
    platform.job_was_added().notify_one();
    Ok((StatusCode::ACCEPTED, Json(jobs::shape(job))))
}

/// Says what an import would do, and stores nothing: a job.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/check", tag = "imports",
    extensions(("x-action" = json!("import_facts"))), params(("import_id" = uuid::Uuid, Path)), request_body = ImportSettings,
    responses((status = 202, body = Job), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn check_import(
    State(platform): State<Platform>,
    worker: Importer,
    Id(import_id): Id<ImportId>,
    Body(body): Body<ImportSettings>,
) -> Result<(StatusCode, Json<Job>), Problem> {
    ask(&platform, &worker, import_id, as_file_settings(body, false, true)).await
}

/// Imports a file: a job. Run again, it finds what is there already.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/run", tag = "imports",
    extensions(("x-action" = json!("import_facts"))), params(("import_id" = uuid::Uuid, Path)), request_body = RunImport,
    responses((status = 202, body = Job), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn run_import(
    State(platform): State<Platform>,
    worker: Importer,
    Id(import_id): Id<ImportId>,
    Body(body): Body<RunImport>,
) -> Result<(StatusCode, Json<Job>), Problem> {
    let RunImport { columns, disease, interval_s, date_order, update, strict } = body;
    let settings = ImportSettings { columns, disease, interval_s, date_order, update };
    ask(&platform, &worker, import_id, as_file_settings(settings, strict, false)).await
}

/// Lists the rows that were refused, with their reasons, in the order of the file.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}/refused", tag = "imports",
    extensions(("x-action" = json!("import_facts"))), params(("import_id" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = RefusedPage), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_refused(
    State(platform): State<Platform>,
    worker: Importer,
    Id(import_id): Id<ImportId>,
    Query(query): Query<PageQuery>,
) -> Result<Json<RefusedPage>, Problem> {
    let limit = limit(query.limit)?;
    let after: Option<u64> = cursor::open(&platform.app, &worker, "refused", query.cursor.as_deref())?;
    let kept = platform.app.refused_rows(&worker, import_id).await?;
    let mut rows = kept.rows.into_iter().filter(|row| after.is_none_or(|after| row.number > after));
    let items: Vec<RefusedRow> = rows
        .by_ref()
        .take(limit)
        .map(|row| RefusedRow { number: row.number, reason: row.reason, cells: row.cells })
        .collect();
    let last = rows.next().and(items.last()).map(|row| row.number);
    let next = cursor::seal(&platform.app, &worker, "refused", last.as_ref())?;
    Ok(Json(RefusedPage { items, next, header: kept.header }))
}

/// Gives the refused rows as a file in the layout of the one that was brought in, reasons first.
#[utoipa::path(get, path = "/api/v1/imports/{import_id}/refused.csv", tag = "imports",
    extensions(("x-action" = json!("import_facts"))), params(("import_id" = uuid::Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/csv"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn download_refused(
    State(platform): State<Platform>,
    worker: Importer,
    Id(import_id): Id<ImportId>,
) -> Result<impl IntoResponse, Problem> {
    let bytes = platform.app.refused_file(&worker, import_id).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"refused-rows.csv\""),
    ];
    Ok((headers, bytes))
}

/// Imports rows that were corrected. Those that are refused again stay in the list.
#[utoipa::path(post, path = "/api/v1/imports/{import_id}/corrections", tag = "imports",
    extensions(("x-action" = json!("import_facts"))), params(("import_id" = uuid::Uuid, Path)), request_body = Corrections,
    responses((status = 200, body = Import), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn correct_import(
    State(platform): State<Platform>,
    worker: Importer,
    Id(import_id): Id<ImportId>,
    Body(body): Body<Corrections>,
) -> Result<Json<Import>, Problem> {
    let rows = body.rows.into_iter().map(|row| (row.number, row.cells)).collect();
    Ok(Json(shape(&platform.app.correct_import(&worker, import_id, rows).await?)))
}
