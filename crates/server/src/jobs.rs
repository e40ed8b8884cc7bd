//! Jobs: seen, watched, cancelled; and the runner that works on them.

use crate::cursor;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Id, Query, limit};
use crate::sign_in::Importer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::ids::{AuthorityId, JobId};
use futures_util::Stream;
use protocol::http::jobs::{Job, JobProblem};
use protocol::http::page::{Page, PageQuery};
use protocol::http::problem::Problem as ProblemBody;
use std::convert::Infallible;
use std::time::Duration;
use uuid::Uuid;

/// Milliseconds between two looks at a job that somebody watches.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Seconds between two looks for jobs that other servers left behind.
const SEEK_EVERY: Duration = Duration::from_secs(5);

/// Shapes a job.
pub fn shape(job: storage::jobs::Job) -> Job {
    Job {
        job_id: job.job_id.0,
        kind: job.kind,
        subject_id: job.subject_id,
        state: job.state,
        done: job.done,
        total: job.total,
        created_at: job.created_at.to_string(),
        finished_at: job.finished_at.map(|at| at.to_string()),
        account: job.account,
        problem: job.problem.map(|detail| JobProblem { title: "The job failed".to_owned(), detail }),
    }
}

/// Lists jobs, newest first.
#[utoipa::path(get, path = "/api/v1/jobs", tag = "jobs", extensions(("x-action" = json!("import_facts"))), params(PageQuery),
    responses((status = 200, body = Page<Job>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_jobs(
    State(platform): State<Platform>,
    worker: Importer,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Job>>, Problem> {
    let limit = limit(query.limit)?;
    let before = cursor::open(&platform.app, &worker, "jobs", query.cursor.as_deref())?;
    let jobs = platform.app.list_jobs(&worker, before, limit).await?;
    let last = jobs.last().filter(|_| jobs.len() == limit).map(|job| job.job_id);
    let next = cursor::seal(&platform.app, &worker, "jobs", last.as_ref())?;
    Ok(Json(Page { items: jobs.into_iter().map(shape).collect(), next }))
}

/// Shows a job.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}", tag = "jobs", extensions(("x-action" = json!("import_facts"))),
    params(("job_id" = Uuid, Path)),
    responses((status = 200, body = Job), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn show_job(
    State(platform): State<Platform>,
    worker: Importer,
    Id(job_id): Id<JobId>,
) -> Result<Json<Job>, Problem> {
    Ok(Json(shape(platform.app.job(&worker, job_id).await?)))
}

/// Cancels a job. What it stored stays.
#[utoipa::path(delete, path = "/api/v1/jobs/{job_id}", tag = "jobs", extensions(("x-action" = json!("import_facts"))),
    params(("job_id" = Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn cancel_job(
    State(platform): State<Platform>,
    worker: Importer,
    Id(job_id): Id<JobId>,
) -> Result<StatusCode, Problem> {
    platform.app.cancel_job(&worker, job_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Follows a job: an event `job` whenever it gets further, until it has ended.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/events", tag = "jobs", extensions(("x-action" = json!("import_facts"))),
    params(("job_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn watch_job(
    State(platform): State<Platform>,
    worker: Importer,
    Id(job_id): Id<JobId>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let first = shape(platform.app.job(&worker, job_id).await?);
    let state = Watch { platform, worker, job_id, next: Some(first.clone()), last: first };
    let events = futures_util::stream::unfold(state, |mut watch| async move {
        let job = watch.next().await?;
        let event = Event::default().event("job").json_data(&job).unwrap_or_default();
        Some((Ok(event), watch))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// Somebody who follows a job.
struct Watch {
    platform: Platform,
    worker: Importer,
    job_id: JobId,
    next: Option<Job>,
    last: Job,
}

impl Watch {
    /// Waits until the job got further; `None` after it has ended, or if it can't be seen any more.
    async fn next(&mut self) -> Option<Job> {
        if let Some(first) = self.next.take() {
            return Some(first);
        }
        while self.last.finished_at.is_none() {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = shape(self.platform.app.job(&self.worker, self.job_id).await.ok()?);
            if now != self.last {
                self.last = now.clone();
                return Some(now);
            }
        }
        None
    }
}

/// Works on jobs until the server ends: two at a time, so that a long import keeps nobody waiting who does something to
/// many cases. A job that was interrupted is taken up again.
pub async fn work(platform: Platform) {
    tokio::join!(work_on_one_at_a_time(platform.clone()), work_on_one_at_a_time(platform));
}

async fn work_on_one_at_a_time(platform: Platform) {
    let holder = domain::ids::mint(platform.app.now(), platform.app.random());
    loop {
        match platform.app.authorities_at_work().await {
            Ok(_) if platform.is_aside() => {}
            Ok(all) => {
                for authority in all {
                    work_on_all(&platform, authority.authority_id, holder).await;
                }
            }
            Err(error) => tracing::warn!(%error, "jobs wait: the database is away or busy"),
        }
        let _ = tokio::time::timeout(SEEK_EVERY, platform.job_was_added().notified()).await;
    }
}

/// Works on the jobs of an authority. A job that panics is a defect and ends as failed; the others go on.
async fn work_on_all(platform: &Platform, authority_id: AuthorityId, holder: Uuid) {
    loop {
        let app = platform.app.clone();
        match tokio::spawn(async move { app.work_on_next_job(authority_id, holder).await }).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => return,
            Ok(Err(error)) => {
                tracing::warn!(%error, "a job waits: the database is away or busy");
                return;
            }
            Err(_) => {
                tracing::error!("a job panicked");
                if let Err(error) = platform.app.give_up_held_job(authority_id, holder).await {
                    tracing::warn!(%error, "a job that panicked is not ended yet");
                    return;
                }
            }
        }
    }
}
