//! Work on cases: opening and changing them, status, items, calls, comments, assignment, the worklist.

mod shape;

use crate::cursor;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Ids, Query, instant, limit, required_day};
use crate::sign_in::{CaseReader, CaseWorker};
use app::case_work::{CaseChanges, NewCall, NewCase, NewComment, StatusChange, Wait, WhosePerson, WorkQuery};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::action_items::ItemKind;
use domain::calls::CallOutcome;
use domain::cases::{AfterPositiveTest, CaseStatus, CaseType, Conclusion};
use domain::ids::{AccountId, CallId, CaseId, CommentId, HistoryId, ItemId, PersonId};
use domain::persons::Personal;
use protocol::http::case_work as http;
use protocol::http::problem::Problem as ProblemBody;
use storage::cases::{Whose, WorkFilter};

/// Finds what a word stands for; else says which there are.
fn word<T: Copy + std::fmt::Display>(
    field: &'static str,
    word: &str,
    find: impl Fn(&str) -> Option<T>,
    all: &[T],
) -> Result<T, Problem> {
    find(word).ok_or_else(|| {
        let words: Vec<String> = all.iter().map(ToString::to_string).collect();
        Problem::field(field, format!("choose one of {}", words.join(", ")))
    })
}

fn personal(text: Option<String>) -> Option<Personal<String>> {
    text.map(Personal::new)
}

/// Opens a case.
#[utoipa::path(
    post, path = "/api/v1/cases", tag = "case work", operation_id = "open_case",
    request_body = http::NewCase,
    responses((status = 201, body = http::OpenedCase), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn open_case(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Body(body): Body<http::NewCase>,
) -> Result<(StatusCode, Json<http::OpenedCase>), Problem> {
    let person_id = PersonId(body.person_id);
    let new = NewCase {
        case_id: CaseId(body.case_id),
        person: if body.person_is_known { WhosePerson::Known(person_id) } else { WhosePerson::New(person_id) },
        disease: crate::cases::disease(body.disease.as_deref())?,
        case_type: word("case_type", &body.case_type, CaseType::find, CaseType::ALL)?,
        details: body.details,
    };
    let opened = platform.app.open_case(&worker, &new).await?;
    let body = http::OpenedCase { case_id: opened.case_id.0, person_id: opened.person_id.0 };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Changes details of a case and its person.
#[utoipa::path(
    patch, path = "/api/v1/cases/{case_id}", tag = "case work", operation_id = "change_details",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::ChangeDetails,
    responses((status = 200, body = http::CaseStanding), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn change_details(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::ChangeDetails>,
) -> Result<Json<http::CaseStanding>, Problem> {
    let changes = CaseChanges { changes: body.changes, seen: body.seen.map(HistoryId) };
    let work = platform.app.change_details(&worker, case_id, &changes).await?;
    Ok(Json(shape::standing(&work)))
}

/// Takes a step of a case's life.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/status", tag = "case work", operation_id = "change_status",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::ChangeStatus,
    responses((status = 200, body = http::CaseStanding), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn change_status(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::ChangeStatus>,
) -> Result<Json<http::CaseStanding>, Problem> {
    let conclusion = body.conclusion.as_deref();
    let change = StatusChange {
        to: word("status", &body.status, CaseStatus::find, CaseStatus::ALL)?,
        conclusion: conclusion.map(|text| word("conclusion", text, Conclusion::find, Conclusion::ALL)).transpose()?,
        text: personal(body.text),
    };
    let work = platform.app.change_status(&worker, case_id, change).await?;
    Ok(Json(shape::standing(&work)))
}

/// Notes that the person was tested positive.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/positive-test", tag = "case work", operation_id = "note_positive_test",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::PositiveTest,
    responses((status = 200, body = http::AfterTest), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn note_positive_test(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::PositiveTest>,
) -> Result<Json<http::AfterTest>, Problem> {
    let tested_on = required_day("tested_on", &body.tested_on)?;
    let new_case_id = CaseId(body.new_case_id);
    let tested = platform.app.note_positive_test(&worker, case_id, tested_on, new_case_id).await?;
    let what = match tested.what {
        AfterPositiveTest::Confirmed => "confirmed",
        AfterPositiveTest::BecomesIndex => "became_index",
        AfterPositiveTest::Reopened => "reopened",
        AfterPositiveTest::NewCase => "new_case",
    };
    Ok(Json(http::AfterTest { what: what.to_owned(), case_id: tested.case_id.0 }))
}

/// Gives a case to somebody of the staff, or to nobody.
#[utoipa::path(
    put, path = "/api/v1/cases/{case_id}/assignment", tag = "case work", operation_id = "assign_case",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::AssignCase,
    responses((status = 200, body = http::CaseStanding), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn assign_case(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::AssignCase>,
) -> Result<Json<http::CaseStanding>, Problem> {
    let work = platform.app.assign_case(&worker, case_id, body.account_id.map(AccountId)).await?;
    Ok(Json(shape::standing(&work)))
}

/// Lists those to whom cases can be given.
#[utoipa::path(
    get, path = "/api/v1/assignees", tag = "case work", operation_id = "list_assignees",
    responses((status = 200, body = http::Assignees), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn list_assignees(
    State(platform): State<Platform>,
    worker: CaseWorker,
) -> Result<Json<http::Assignees>, Problem> {
    let found = platform.app.list_assignees(&worker).await?;
    let items = found.into_iter().map(|one| http::Assignee { account_id: one.account_id.0, name: one.name }).collect();
    Ok(Json(http::Assignees { items }))
}

/// Notes a call.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/calls", tag = "case work", operation_id = "note_call",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::NewCall,
    responses((status = 200, body = http::CaseWork), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn note_call(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NewCall>,
) -> Result<Json<http::CaseWork>, Problem> {
    let new = NewCall {
        call_id: CallId(body.call_id),
        called_at: instant("called_at", body.called_at.as_deref())?,
        outcome: word("outcome", &body.outcome, CallOutcome::find, CallOutcome::ALL)?,
        call_back_at: instant("call_back_at", body.call_back_at.as_deref())?,
        note: personal(body.note),
    };
    platform.app.note_call(&worker, case_id, new).await?;
    let sheet = platform.app.case_work(&worker, case_id).await?;
    Ok(Json(shape::sheet(&platform.app, &worker, sheet)))
}

/// Writes a comment to a case.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/comments", tag = "case work", operation_id = "write_comment",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::NewComment,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn write_comment(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NewComment>,
) -> Result<StatusCode, Problem> {
    let new = NewComment { comment_id: CommentId(body.comment_id), text: Personal::new(body.text) };
    platform.app.write_comment(&worker, case_id, new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows how work on a case stands.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/work", tag = "case work", operation_id = "case_work",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::CaseWork), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn case_work(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::CaseWork>, Problem> {
    let sheet = platform.app.case_work(&worker, case_id).await?;
    Ok(Json(shape::sheet(&platform.app, &worker, sheet)))
}

/// Resolves items of a case.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/items/resolve", tag = "case work", operation_id = "resolve_items",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::ResolveItems,
    responses((status = 200, body = http::ResolvedItems), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn resolve_items(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::ResolveItems>,
) -> Result<Json<http::ResolvedItems>, Problem> {
    let items: Vec<ItemId> = body.items.into_iter().map(ItemId).collect();
    let resolved = platform.app.resolve_items(&worker, case_id, &items, personal(body.text)).await?;
    Ok(Json(http::ResolvedItems { items: resolved.iter().map(|item| item.item_id.0).collect() }))
}

/// Takes back that items were resolved.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/items/reopen", tag = "case work", operation_id = "reopen_items",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::ResolvedItems,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn reopen_items(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::ResolvedItems>,
) -> Result<StatusCode, Problem> {
    let items: Vec<ItemId> = body.items.into_iter().map(ItemId).collect();
    platform.app.reopen_items(&worker, case_id, &items).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hides an item for a while, or shows it again.
#[utoipa::path(
    put, path = "/api/v1/cases/{case_id}/items/{item_id}/snooze", tag = "case work", operation_id = "snooze_item",
    params(("case_id" = String, Path, format = Uuid), ("item_id" = String, Path, format = Uuid)),
    request_body = http::SnoozeItem,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn snooze_item(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(case_id, item_id): Ids<CaseId, ItemId>,
    Body(body): Body<http::SnoozeItem>,
) -> Result<StatusCode, Problem> {
    let wait = instant("until", body.until.as_deref())?.map_or(Wait::Now, Wait::Until);
    platform.app.snooze_item(&worker, case_id, item_id, wait).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn whose(worker: &CaseWorker, asked: Option<&str>) -> Result<Whose, Problem> {
    match asked.unwrap_or("anybody") {
        "anybody" => Ok(Whose::Anybodys),
        "me" => Ok(Whose::Of(worker.account_id)),
        "nobody" => Ok(Whose::Nobodys),
        _ => Err(Problem::field("whose", "choose anybody, me or nobody")),
    }
}

fn kind(asked: Option<&str>) -> Result<Option<ItemKind>, Problem> {
    asked.map(|text| word("kind", text, ItemKind::find, ItemKind::ALL)).transpose()
}

/// Lists those who wait, the most urgent first.
#[utoipa::path(
    get, path = "/api/v1/worklist", tag = "case work", operation_id = "worklist",
    params(http::WorklistQuery),
    responses((status = 200, body = http::WorklistPage), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn worklist(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Query(asked): Query<http::WorklistQuery>,
) -> Result<Json<http::WorklistPage>, Problem> {
    let app = &platform.app;
    let query = WorkQuery {
        filter: WorkFilter { whose: whose(&worker, asked.whose.as_deref())?, kind: kind(asked.kind.as_deref())? },
        after: cursor::open(app, &worker, "worklist", asked.cursor.as_deref())?,
        limit: u32::try_from(limit(asked.limit)?).unwrap_or(u32::MAX),
    };
    let page = app.worklist(&worker, &query).await?;
    let next = cursor::seal(app, &worker, "worklist", page.next.as_ref())?;
    let items = page.items.iter().map(shape::row).collect();
    Ok(Json(http::WorklistPage { items, next, names_locked: app.sealer(&worker).is_err() }))
}

/// Counts those who wait.
#[utoipa::path(
    get, path = "/api/v1/worklist/count", tag = "case work", operation_id = "count_worklist",
    params(http::WorklistCountQuery),
    responses((status = 200, body = http::WorklistCount), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn count_worklist(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Query(asked): Query<http::WorklistCountQuery>,
) -> Result<Json<http::WorklistCount>, Problem> {
    let whose = whose(&worker, asked.whose.as_deref())?;
    let count = platform.app.count_worklist(&worker, whose, kind(asked.kind.as_deref())?).await?;
    Ok(Json(http::WorklistCount { count: count.count, capped: count.capped }))
}
