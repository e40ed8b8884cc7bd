//! Views of the list of cases that staff keep under a name: listed, saved, deleted.

use crate::cases::{conditions, disease, order, sort};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id};
use crate::sign_in::CaseReader;
use app::context::Worker;
use app::saved_views::NewView;
use axum::Json;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use domain::ids::ViewId;
use domain::persons::Personal;
use protocol::http::cases::CaseListQuery;
use protocol::http::page::Page;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::saved_views as http;
use storage::saved_views::SavedView;

fn shape(worker: &Worker, view: SavedView) -> http::SavedView {
    http::SavedView {
        view_id: view.view_id.0,
        name: crate::cases::open(view.name.as_ref()),
        query: view.query,
        is_shared: view.is_shared,
        is_own: view.account_id == worker.account_id,
        account: view.account,
        created_at: view.created_at.to_string(),
    }
}

/// Checks that a query holds filters and an order of the list that it takes, and nothing else.
fn check(query: &str, worker: &Worker) -> Result<(), Problem> {
    let unknown = || Problem::field("query", "write filters and the order of the list of cases, as in its address");
    let uri: Uri = format!("/?{query}").parse().map_err(|_| unknown())?;
    // A `#` would end the query, and what is behind it would be stored unread.
    if uri.query() != Some(query) || query.contains("%00") {
        return Err(unknown());
    }
    let Query(asked) = Query::<CaseListQuery>::try_from_uri(&uri).map_err(|_| unknown())?;
    if asked.limit.is_some() || asked.cursor.is_some() || asked.position.is_some() {
        return Err(unknown());
    }
    let read = || -> Result<_, Problem> {
        disease(asked.disease.as_deref())?;
        sort(asked.sort.as_deref())?;
        order(asked.order.as_deref())?;
        Ok(conditions!(asked, worker))
    };
    read().map(|_| ()).map_err(|_| unknown())
}

/// Lists one's own views and those that everybody of the authority sees, oldest first.
#[utoipa::path(
    get, path = "/api/v1/saved-views", tag = "cases", operation_id = "list_saved_views",
    responses((status = 200, body = Page<http::SavedView>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn list_saved_views(
    State(platform): State<Platform>,
    worker: CaseReader,
) -> Result<Json<Page<http::SavedView>>, Problem> {
    let views = platform.app.saved_views(&worker).await?;
    Ok(Json(Page::whole(views.into_iter().map(|view| shape(&worker, view)).collect())))
}

/// Saves a view.
#[utoipa::path(
    post, path = "/api/v1/saved-views", tag = "cases", operation_id = "save_view", request_body = http::NewSavedView,
    responses((status = 201, body = http::SavedView), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn save_view(
    State(platform): State<Platform>,
    worker: CaseReader,
    Body(body): Body<http::NewSavedView>,
) -> Result<(StatusCode, Json<http::SavedView>), Problem> {
    check(&body.query, &worker)?;
    let new = NewView {
        view_id: ViewId(body.view_id),
        name: Personal::new(body.name),
        query: body.query,
        is_shared: body.is_shared,
    };
    let saved = platform.app.save_view(&worker, new).await?;
    Ok((StatusCode::CREATED, Json(shape(&worker, saved))))
}

/// Deletes a view: one's own; administrators also those that are shared.
#[utoipa::path(
    delete, path = "/api/v1/saved-views/{view_id}", tag = "cases", operation_id = "delete_view",
    params(("view_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn delete_view(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(view_id): Id<ViewId>,
) -> Result<StatusCode, Problem> {
    platform.app.delete_view(&worker, view_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
