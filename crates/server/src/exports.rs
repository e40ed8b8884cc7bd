//! Cases as files: sent while they are read. Workbooks, which a job makes. Enrolled cases, for other services.

use crate::cases::{conditions, days, disease, range, written};
use crate::cursor;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::request::{Body, Id, Query, limit};
use crate::sign_in::{CaseExporter, EnrolledReader, LineListReader};
use app::context::Worker;
use app::exports::{Export, ExportQuery, ends_at};
use axum::Json;
use axum::body::Body as Stream;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::exports::{Delimiter, ExportKind};
use domain::ids::{CaseId, ExportId};
use domain::languages::Language;
use domain::persons::PersonalField;
use futures_util::stream::{self, StreamExt};
use protocol::http::exports as http;
use protocol::http::page::{Page, PageQuery};
use protocol::http::problem::Problem as ProblemBody;
use std::io;
use storage::cases::{CaseSort, Order};
use storage::export_files::ExportFile;
use uuid::Uuid;

/// Cases that may be selected one by one.
const MOST_SELECTED: usize = 20_000;

fn words_of(language: Option<&str>, delimiter: Option<&str>) -> Result<(Option<Language>, Option<Delimiter>), Problem> {
    let unknown = || Problem::field("language", "choose de or en");
    let language = language.map(|tag| Language::find(tag).ok_or_else(unknown)).transpose()?;
    let unknown = || Problem::field("delimiter", "choose semicolon or comma");
    Ok((language, delimiter.map(|word| Delimiter::find(word).ok_or_else(unknown)).transpose()?))
}

fn query(kind: ExportKind, asked: &http::ExportQuery, worker: &Worker) -> Result<ExportQuery, Problem> {
    let sort = match asked.sort.as_deref().unwrap_or("created") {
        "created" => CaseSort::Created,
        "reported" => CaseSort::Reported,
        "onset" => CaseSort::Onset,
        _ => return Err(Problem::field("sort", "choose created, reported or onset")),
    };
    let order = match asked.order.as_deref().unwrap_or("asc") {
        "asc" => Order::Asc,
        "desc" => Order::Desc,
        _ => return Err(Problem::field("order", "choose asc or desc")),
    };
    let (language, delimiter) = words_of(asked.language.as_deref(), asked.delimiter.as_deref())?;
    let decided = (asked.decided_first.as_deref(), asked.decided_last.as_deref());
    Ok(ExportQuery {
        disease: disease(asked.disease.as_deref())?,
        conditions: conditions!(asked, worker),
        order: (sort, order),
        decided: days(("decided_first", "decided_last"), decided.0, decided.1)?,
        language,
        delimiter,
        ..ExportQuery::all(kind, None)
    })
}

/// What a file of names may hold; the line list without names has an operation of its own.
fn named(path: Result<Path<String>, PathRejection>) -> Result<ExportKind, Problem> {
    let unknown = || Problem::new(Kind::NotFound);
    let Path(word) = path.map_err(|_| unknown())?;
    ExportKind::find(&word).filter(|kind| *kind != ExportKind::LineList).ok_or_else(unknown)
}

fn selected(case_ids: Vec<Uuid>) -> Result<Vec<CaseId>, Problem> {
    if case_ids.is_empty() || case_ids.len() > MOST_SELECTED {
        return Err(Problem::field("case_ids", format!("choose 1 to {MOST_SELECTED} cases")));
    }
    Ok(case_ids.into_iter().map(CaseId).collect())
}

/// Sends a file while it is read. The first piece is read before the answer begins, so that what goes wrong until then
/// is told as such; what goes wrong later ends the connection, and no half file looks whole.
async fn send(mut export: Export, kind: ExportKind) -> Result<Response, Problem> {
    let name = format!("attachment; filename=\"{}\"", export.file_name());
    let first = export.next().await?.unwrap_or_default();
    let rest = stream::try_unfold(export, |mut export| async move {
        match export.next().await {
            Ok(Some(bytes)) => Ok(Some((bytes, export))),
            Ok(None) => Ok(None),
            Err(error) => {
                tracing::error!(%error, "a file ended before its end");
                Err(io::Error::other("the file ended before its end"))
            }
        }
    });
    let whole = stream::once(std::future::ready(Ok(first))).chain(rest);
    let media = if kind == ExportKind::Fhir { "application/fhir+json" } else { "text/csv; charset=utf-8" };
    let mut response = Stream::from_stream(whole).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(|_| Problem::new(Kind::Internal))?);
    Ok(response)
}

/// Gives cases as a file: `cases`, `quarantines`, `contacts_without_quarantine`, `external`, `template`, `sormas`,
/// `sormas_contacts` or `fhir`.
#[utoipa::path(
    get, path = "/api/v1/exports/{export_kind}", tag = "exports", operation_id = "export_cases",
    params(("export_kind" = String, Path), http::ExportQuery),
    responses(
        (status = 200, body = Vec<u8>, content_type = "text/csv"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("export_cases"))),
)]
pub async fn export_cases(
    State(platform): State<Platform>,
    worker: CaseExporter,
    path: Result<Path<String>, PathRejection>,
    Query(asked): Query<http::ExportQuery>,
) -> Result<Response, Problem> {
    let kind = named(path)?;
    send(platform.app.begin_export(&worker, query(kind, &asked, &worker)?).await?, kind).await
}

/// Gives cases that were selected one by one as a file of any kind but the template. Of `quarantines`,
/// `contacts_without_quarantine` and `external` it has those of them that are such.
#[utoipa::path(
    post, path = "/api/v1/exports/{export_kind}/selected", tag = "exports", operation_id = "export_selected",
    params(("export_kind" = String, Path)), request_body = http::SelectedExport,
    responses(
        (status = 200, body = Vec<u8>, content_type = "text/csv"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("export_cases"))),
)]
pub async fn export_selected(
    State(platform): State<Platform>,
    worker: CaseExporter,
    path: Result<Path<String>, PathRejection>,
    Body(body): Body<http::SelectedExport>,
) -> Result<Response, Problem> {
    let kind = named(path)?;
    send(platform.app.begin_export(&worker, selection(kind, body)?).await?, kind).await
}

/// Gives cases without names that were selected one by one as a file, one row a case.
#[utoipa::path(
    post, path = "/api/v1/line-list/selected", tag = "exports", operation_id = "line_list_selected",
    request_body = http::SelectedExport,
    responses(
        (status = 200, body = Vec<u8>, content_type = "text/csv"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("export_line_list"))),
)]
pub async fn line_list_selected(
    State(platform): State<Platform>,
    worker: LineListReader,
    Body(body): Body<http::SelectedExport>,
) -> Result<Response, Problem> {
    let kind = ExportKind::LineList;
    send(platform.app.begin_export(&worker, selection(kind, body)?).await?, kind).await
}

fn selection(kind: ExportKind, body: http::SelectedExport) -> Result<ExportQuery, Problem> {
    let (language, delimiter) = words_of(body.language.as_deref(), body.delimiter.as_deref())?;
    let selected = Some(selected(body.case_ids)?);
    Ok(ExportQuery { selected, language, delimiter, ..ExportQuery::all(kind, None) })
}

/// Gives cases without names as a file, one row a case.
#[utoipa::path(
    get, path = "/api/v1/line-list", tag = "exports", operation_id = "line_list", params(http::ExportQuery),
    responses(
        (status = 200, body = Vec<u8>, content_type = "text/csv"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("export_line_list"))),
)]
pub async fn line_list(
    State(platform): State<Platform>,
    worker: LineListReader,
    Query(asked): Query<http::ExportQuery>,
) -> Result<Response, Problem> {
    let kind = ExportKind::LineList;
    send(platform.app.begin_export(&worker, query(kind, &asked, &worker)?).await?, kind).await
}

fn shape(file: ExportFile) -> http::Workbook {
    let state = if file.size.is_some() { Some("done".to_owned()) } else { file.state };
    http::Workbook {
        export_id: file.export_id.0,
        job_id: file.job_id.0,
        kind: file.kind.to_string(),
        state: state.unwrap_or_else(|| "failed".to_owned()),
        n_rows: file.size.map_or(file.done, |(n_rows, _)| n_rows),
        bytes: file.size.map(|(_, n_bytes)| n_bytes),
        account: file.account,
        created_at: file.created_at.to_string(),
        ends_at: ends_at(file.created_at).to_string(),
    }
}

/// Lists the newest workbooks, with how far they are.
#[utoipa::path(
    get, path = "/api/v1/workbooks", tag = "exports", operation_id = "list_workbooks",
    responses((status = 200, body = Page<http::Workbook>), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("export_cases"))),
)]
pub async fn list_workbooks(
    State(platform): State<Platform>,
    worker: CaseExporter,
) -> Result<Json<Page<http::Workbook>>, Problem> {
    let files = platform.app.list_workbooks(&worker).await?;
    Ok(Json(Page::whole(files.into_iter().map(shape).collect())))
}

/// Asks for a workbook. A job makes it; it is kept for three days.
#[utoipa::path(
    post, path = "/api/v1/workbooks", tag = "exports", operation_id = "ask_for_workbook",
    request_body = http::NewWorkbook,
    responses((status = 202, body = http::Workbook), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("export_cases"))),
)]
pub async fn ask_for_workbook(
    State(platform): State<Platform>,
    worker: CaseExporter,
    Body(body): Body<http::NewWorkbook>,
) -> Result<(StatusCode, Json<http::Workbook>), Problem> {
    let kind = ExportKind::find(&body.kind).ok_or_else(|| Problem::field("kind", "this is no kind of export"))?;
    let mut query = query(kind, &body.selection, &worker)?;
    query.selected = body.case_ids.map(selected).transpose()?;
    let file = platform.app.ask_for_workbook(&worker, &query).await?;
    platform.job_was_added().notify_one();
    Ok((StatusCode::ACCEPTED, Json(shape(file))))
}

/// Gives a workbook that is ready.
#[utoipa::path(
    get, path = "/api/v1/workbooks/{export_id}", tag = "exports", operation_id = "fetch_workbook",
    params(("export_id" = String, Path, format = Uuid)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("export_cases"))),
)]
pub async fn fetch_workbook(
    State(platform): State<Platform>,
    worker: CaseExporter,
    Id(export_id): Id<ExportId>,
) -> Result<Response, Problem> {
    let file = platform.app.fetch_workbook(&worker, export_id).await?;
    let name = format!("attachment; filename=\"{}_{}.xlsx\"", worker.authority.short_code, file.kind);
    let parts = stream::try_unfold((platform, worker, 0), move |(platform, worker, part)| async move {
        match platform.app.part_of_workbook(&worker, export_id, part).await {
            Ok(bytes) => Ok(bytes.map(|bytes| (bytes, (platform, worker, part + 1)))),
            Err(error) => {
                tracing::error!(%error, "a workbook ended before its end");
                Err(io::Error::other("the workbook ended before its end"))
            }
        }
    });
    let mut response = Stream::from_stream(parts).into_response();
    let headers = response.headers_mut();
    let media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers
        .insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(|_| Problem::new(Kind::Internal))?);
    Ok(response)
}

/// Deletes a workbook, or stops the making of it.
#[utoipa::path(
    delete, path = "/api/v1/workbooks/{export_id}", tag = "exports", operation_id = "delete_workbook",
    params(("export_id" = String, Path, format = Uuid)),
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("export_cases"))),
)]
pub async fn delete_workbook(
    State(platform): State<Platform>,
    worker: CaseExporter,
    Id(export_id): Id<ExportId>,
) -> Result<StatusCode, Problem> {
    platform.app.delete_workbook(&worker, export_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn enrolled(case: app::exports::EnrolledCase) -> http::EnrolledCase {
    let field = |wanted: PersonalField| {
        let found = case.personal.iter().find(|(field, _)| *field == wanted);
        found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    };
    http::EnrolledCase {
        case_id: case.case_id.0,
        person_id: case.person_id.0,
        first_name: field(PersonalField::FirstName),
        last_name: field(PersonalField::LastName),
        born: field(PersonalField::Born),
        phone: field(PersonalField::Phone),
        mobile: field(PersonalField::Mobile),
        email: field(PersonalField::Email),
        street: field(PersonalField::Street),
        house_number: field(PersonalField::HouseNumber),
        city: field(PersonalField::City),
        quarantine_kind: case.quarantine.map(|set| set.kind.to_string()),
        quarantine: case.quarantine.map(|set| range(set.days)),
        symptom_onset: written(case.onset),
        tested_on: written(case.tested),
        file_number: case.file_number,
        case_type: case.case_type,
        disease: case.disease,
        postcode: case.postcode,
    }
}

/// Lists the cases of those who keep a diary, oldest first: for programs of other services, by a key of this scope.
#[utoipa::path(
    get, path = "/api/v1/enrolled-cases", tag = "exports", operation_id = "enrolled_cases", params(PageQuery),
    responses((status = 200, body = Page<http::EnrolledCase>), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("read_enrolled_cases"))),
)]
pub async fn enrolled_cases(
    State(platform): State<Platform>,
    worker: EnrolledReader,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<http::EnrolledCase>>, Problem> {
    let limit = limit(page.limit)?;
    let after = cursor::open(&platform.app, &worker, "enrolled", page.cursor.as_deref())?;
    let found = platform.app.enrolled_cases(&worker, after, limit).await?;
    let next = cursor::seal(&platform.app, &worker, "enrolled", found.next.as_ref())?;
    Ok(Json(Page { items: found.items.into_iter().map(enrolled).collect(), next }))
}
