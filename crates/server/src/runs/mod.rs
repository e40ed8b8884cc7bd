//! Runs of the proximity network: made, changed, looked at. What is public needs no signing in.

mod change;
mod live;
mod nodes;
mod published;
mod read;
pub(crate) mod shape;

use crate::platform::Platform;
use crate::problem::Problem;
use crate::sign_in::{Caller, address, bearer, signs_in};
use app::Worker;
use app::runs::Viewer;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes, with their description.
pub fn routes() -> OpenApiRouter<Platform> {
    OpenApiRouter::new()
        .routes(routes!(read::list_runs, change::make_run))
        .routes(routes!(read::show_run, change::change_run, change::delete_run))
        .routes(routes!(change::add_nodes))
        .routes(routes!(change::pause_run))
        .routes(routes!(change::resume_run))
        .routes(routes!(change::stop_run))
        .routes(routes!(change::make_run_key))
        .routes(routes!(change::run_choices))
        .routes(routes!(change::choose_map))
        .routes(routes!(change::choose_parameters))
        .routes(routes!(read::run_statistics))
        .routes(routes!(read::run_curve))
        .routes(routes!(read::run_frames))
        .routes(routes!(read::run_encounters))
        .routes(routes!(read::run_node))
        .routes(routes!(live::watch_run))
        .routes(routes!(nodes::run_control))
        .routes(routes!(nodes::take_nodes))
        .routes(routes!(nodes::report))
        .routes(routes!(published::data))
}

/// Whoever looks: somebody of the staff if they signed in, else anybody.
pub struct Looker(Option<Worker>);

impl Looker {
    fn viewer(&self) -> Viewer<'_> {
        self.0.as_ref().map_or(Viewer::Anybody, Viewer::Staff)
    }

    fn worker(&self) -> Option<&Worker> {
        self.0.as_ref()
    }
}

impl FromRequestParts<Platform> for Looker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        if signs_in(&parts.headers) {
            match Caller::from_request_parts(parts, platform).await {
                Ok(Caller(worker)) => return Ok(Self(Some(worker))),
                // A session that is over still sees what anybody sees.
                Err(refused) if refused.is_not_signed_in() && bearer(&parts.headers).is_none() => {}
                Err(refused) => return Err(refused),
            }
        }
        platform.limits().reading_from(address(parts, platform))?;
        Ok(Self(None))
    }
}

/// A run and one of its nodes, in a path.
pub struct NodeOfRun(domain::ids::RunId, u32);

impl<S: Send + Sync> FromRequestParts<S> for NodeOfRun {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<(uuid::Uuid, u32)>::from_request_parts(parts, state).await;
        let Path((run, no)) = path.map_err(|_| Problem::new(crate::problem::Kind::NotFound))?;
        Ok(Self(domain::ids::RunId(run), no))
    }
}
