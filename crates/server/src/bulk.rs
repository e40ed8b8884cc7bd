//! Bulk actions: asked for, seen, their rows listed, undone; and who would be invited, counted before.

use crate::cases::disease;
use crate::cursor;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Query, limit};
use crate::sign_in::CaseWorker;
use app::case_work::{BulkLine, BulkNow, Chosen, NewBulk};
use app::cases::CaseConditions;
use app::context::Worker;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::bulk::{Again, BulkAction, NotInvited, RowOutcome};
use domain::cases::Conclusion;
use domain::ids::{AccountId, BulkId, CaseId};
use domain::persons::Personal;
use protocol::http::bulk as http;
use protocol::http::page::{Page, PageQuery};
use protocol::http::problem::Problem as ProblemBody;

/// Asks for one thing to be done to many cases. A job does it; `job` says which.
#[utoipa::path(
    post, path = "/api/v1/bulk-actions", tag = "bulk", operation_id = "start_bulk_action", request_body = http::NewBulk,
    responses((status = 202, body = http::Bulk), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn start_bulk(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Body(body): Body<http::NewBulk>,
) -> Result<(StatusCode, Json<http::Bulk>), Problem> {
    let new = NewBulk {
        bulk_id: BulkId(body.bulk_id),
        action: action(body.action)?,
        cases: chosen(body.cases, body.matching, &worker)?,
        note: body.text.filter(|text| !text.trim().is_empty()).map(Personal::new),
    };
    let now = platform.app.start_bulk(&worker, new).await?;
    platform.job_was_added().notify_one();
    Ok((StatusCode::ACCEPTED, Json(shape(now))))
}

/// Lists bulk actions, newest first.
#[utoipa::path(
    get, path = "/api/v1/bulk-actions", tag = "bulk", operation_id = "list_bulk_actions", params(PageQuery),
    responses((status = 200, body = Page<http::Bulk>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn list_bulk(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<http::Bulk>>, Problem> {
    let limit = limit(query.limit)?;
    let before = cursor::open(&platform.app, &worker, "bulk", query.cursor.as_deref())?;
    let found = platform.app.list_bulk(&worker, before, limit).await?;
    let last = found.last().filter(|_| found.len() == limit).map(|now| now.bulk.bulk_id);
    let next = cursor::seal(&platform.app, &worker, "bulk", last.as_ref())?;
    Ok(Json(Page { items: found.into_iter().map(shape).collect(), next }))
}

/// Shows how far a bulk action is.
#[utoipa::path(
    get, path = "/api/v1/bulk-actions/{bulk_id}", tag = "bulk", operation_id = "show_bulk_action",
    params(("bulk_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::Bulk), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn show_bulk(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(bulk_id): Id<BulkId>,
) -> Result<Json<http::Bulk>, Problem> {
    Ok(Json(shape(platform.app.bulk(&worker, bulk_id).await?)))
}

/// Lists what became of the cases of a bulk action, in the order in which they were chosen.
#[utoipa::path(
    get, path = "/api/v1/bulk-actions/{bulk_id}/rows", tag = "bulk", operation_id = "list_bulk_rows",
    params(("bulk_id" = uuid::Uuid, Path), http::BulkRowsQuery),
    responses((status = 200, body = Page<http::BulkRow>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn list_bulk_rows(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(bulk_id): Id<BulkId>,
    Query(query): Query<http::BulkRowsQuery>,
) -> Result<Json<Page<http::BulkRow>>, Problem> {
    let limit = limit(query.limit)?;
    let after: Option<u32> = cursor::open(&platform.app, &worker, "bulk.rows", query.cursor.as_deref())?;
    let outcome = query.outcome.as_deref().map(|word| {
        let words: Vec<&str> = RowOutcome::ALL.iter().map(|one| one.as_str()).collect();
        RowOutcome::find(word).ok_or_else(|| Problem::field("outcome", format!("choose one of {}", words.join(", "))))
    });
    let found = platform.app.bulk_rows(&worker, bulk_id, outcome.transpose()?, (after, limit)).await?;
    let last = found.last().filter(|_| found.len() == limit).map(|line| line.row.place);
    let next = cursor::seal(&platform.app, &worker, "bulk.rows", last.as_ref())?;
    Ok(Json(Page { items: found.into_iter().map(row).collect(), next }))
}

/// Undoes a bulk action as a whole. Cases on which somebody has worked since stay, and are listed as `kept`.
#[utoipa::path(
    post, path = "/api/v1/bulk-actions/{bulk_id}/undo", tag = "bulk", operation_id = "undo_bulk_action",
    params(("bulk_id" = uuid::Uuid, Path)),
    responses((status = 202, body = http::Bulk), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn undo_bulk(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(bulk_id): Id<BulkId>,
) -> Result<(StatusCode, Json<http::Bulk>), Problem> {
    let now = platform.app.undo_bulk(&worker, bulk_id).await?;
    platform.job_was_added().notify_one();
    Ok((StatusCode::ACCEPTED, Json(shape(now))))
}

/// Counts who would be invited by mail, and who not for which reason. Nobody is invited.
#[utoipa::path(
    post, path = "/api/v1/invitation-previews", tag = "bulk", operation_id = "preview_invitations",
    request_body = http::NewInvitationPreview,
    responses((status = 200, body = http::InvitationPreview), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn preview_invitations(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Body(body): Body<http::NewInvitationPreview>,
) -> Result<Json<http::InvitationPreview>, Problem> {
    let cases = chosen(body.cases, body.matching, &worker)?;
    let preview = platform.app.preview_invitations(&worker, again(body.again), cases).await?;
    let count = |why| preview.left_out.get(&why).copied().unwrap_or(0);
    Ok(Json(http::InvitationPreview {
        n_cases: preview.n_cases,
        n_with_email: preview.n_with_email,
        n_invited: preview.n_invited,
        left_out: http::LeftOut {
            over: count(NotInvited::Over),
            external: count(NotInvited::External),
            has_account: count(NotInvited::HasAccount),
            code_sent: count(NotInvited::CodeSent),
            code_under_way: count(NotInvited::CodeUnderWay),
            no_email: count(NotInvited::NoEmail),
        },
        hindrance: preview.hindrance,
    }))
}

fn again(again: bool) -> Again {
    if again { Again::Yes } else { Again::No }
}

fn chosen(
    cases: Option<Vec<uuid::Uuid>>,
    matching: Option<http::Matching>,
    worker: &Worker,
) -> Result<Chosen, Problem> {
    match (cases, matching) {
        (Some(cases), None) => Ok(Chosen::Cases(cases.into_iter().map(CaseId).collect())),
        (None, Some(matching)) => {
            Ok(Chosen::Matching(disease(matching.disease.as_deref())?, Box::new(conditions(&matching, worker)?)))
        }
        _ => Err(Problem::field("cases", "give either cases or matching")),
    }
}

fn conditions(asked: &http::Matching, worker: &Worker) -> Result<CaseConditions, Problem> {
    Ok(crate::cases::conditions!(asked, worker))
}

fn action(wanted: http::BulkAction) -> Result<BulkAction, Problem> {
    match wanted {
        http::BulkAction::Assign { account_id } => Ok(BulkAction::Assign { to: account_id.map(AccountId) }),
        http::BulkAction::Conclude { conclusion } => {
            let words: Vec<&str> = Conclusion::ALL.iter().map(|one| one.as_str()).collect();
            let unknown = || Problem::field("action", format!("choose one of {}", words.join(", ")));
            Ok(BulkAction::Conclude { conclusion: Conclusion::find(&conclusion).ok_or_else(unknown)? })
        }
        http::BulkAction::Invite { again: wanted } => Ok(BulkAction::Invite { again: again(wanted) }),
    }
}

fn shape(now: BulkNow) -> http::Bulk {
    let count = |outcome| now.counts.get(&outcome).copied().unwrap_or(0);
    http::Bulk {
        bulk_id: now.bulk.bulk_id.0,
        action: match now.bulk.action {
            BulkAction::Assign { to } => http::BulkAction::Assign { account_id: to.map(|account| account.0) },
            BulkAction::Conclude { conclusion } => {
                http::BulkAction::Conclude { conclusion: conclusion.as_str().to_owned() }
            }
            BulkAction::Invite { again } => http::BulkAction::Invite { again: again == Again::Yes },
        },
        counts: http::BulkCounts {
            waiting: count(RowOutcome::Waiting),
            done: count(RowOutcome::Done),
            unchanged: count(RowOutcome::Unchanged),
            refused: count(RowOutcome::Refused),
            undone: count(RowOutcome::Undone),
            kept: count(RowOutcome::Kept),
        },
        assignee: now.assignee,
        text: now.bulk.note.map(|note| note.expose().clone()),
        n_cases: now.bulk.n_rows,
        undoing: now.bulk.undo_job_id.is_some(),
        job: now.job.map(crate::jobs::shape),
        account: now.account,
        created_at: now.bulk.created_at.to_string(),
    }
}

fn row(line: BulkLine) -> http::BulkRow {
    http::BulkRow {
        place: line.row.place,
        case_id: line.row.case_id.0,
        reference: line.reference,
        name: line.name.map(|name| name.expose().clone()),
        outcome: line.row.outcome.as_str().to_owned(),
        reason: line.row.reason,
    }
}
