//! Work that goes on after the answer. A job belongs to an authority and is done in the name of who asked, with the rights
//! that they have when it is done. Of several servers one holds it; if that one dies, another goes on.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::{AuthorityId, JobId};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use storage::Freshness;
use storage::jobs::Job;
use uuid::Uuid;

/// Minutes for which a server of several holds a job without a sign of life.
const HELD_MINUTES: i64 = 2;

/// How far the jobs are that this server works on, and which of them somebody cancelled.
#[derive(Clone, Debug, Default)]
pub struct JobsAtWork(Arc<Mutex<HashMap<JobId, AtWork>>>);

#[derive(Clone, Copy, Debug, Default)]
struct AtWork {
    done: u64,
    cancelled: bool,
}

impl JobsAtWork {
    fn with<T>(&self, work: impl FnOnce(&mut HashMap<JobId, AtWork>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn advance(&self, job: JobId, done: u64) -> ControlFlow<()> {
        self.with(|all| {
            let at_work = all.entry(job).or_default();
            at_work.done = done;
            if at_work.cancelled { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }

    fn cancel(&self, job: JobId) {
        self.with(|all| {
            if let Some(at_work) = all.get_mut(&job) {
                at_work.cancelled = true;
            }
        });
    }

    fn done(&self, job: JobId) -> Option<u64> {
        self.with(|all| all.get(&job).map(|at_work| at_work.done))
    }
}

impl App {
    /// Finds a job of the worker's authority.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn job(&self, worker: &Worker, job_id: JobId) -> Result<Job> {
        worker.require(Action::ImportFacts)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::jobs::find(&mut tx, job_id).await?;
        found.map(|job| self.as_of_now(job)).ok_or(AppError::NotFound("job"))
    }

    /// Lists jobs, newest first, older than `before`.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn list_jobs(&self, worker: &Worker, before: Option<JobId>, limit: usize) -> Result<Vec<Job>> {
        worker.require(Action::ImportFacts)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let jobs = storage::jobs::list(&mut tx, before, i64::try_from(limit).unwrap_or(i64::MAX)).await?;
        Ok(jobs.into_iter().map(|job| self.as_of_now(job)).collect())
    }

    /// What this server works on is known better in memory than in the database.
    pub(crate) fn as_of_now(&self, job: Job) -> Job {
        match self.jobs_at_work.done(job.job_id) {
            Some(done) if job.finished_at.is_none() => Job { done: i64::try_from(done).unwrap_or(i64::MAX), ..job },
            _ => job,
        }
    }

    /// Cancels a job. What it stored stays.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if it has ended.
    pub async fn cancel_job(&self, worker: &Worker, job_id: JobId) -> Result<()> {
        let job = self.job(worker, job_id).await?;
        self.jobs_at_work.cancel(job_id);
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        if !storage::jobs::finish(&mut tx, job_id, "cancelled", None, job.done, self.now()).await? {
            return Err(AppError::Conflict("this job has ended".to_owned()));
        }
        release_file(&mut tx, &job).await?;
        self.record(&mut tx, worker, Audited { operation: "jobs.cancel", subjects: job_id.to_string(), n_subjects: 1 })
            .await?;
        Ok(tx.commit().await?)
    }

    /// Works on the oldest job of an authority that nobody works on; says whether there was one. `holder` names this server.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database is away: the job stays, and is taken up again.
    #[tracing::instrument(target = "epitrace::traces", name = "app::work_on_next_job", skip_all)]
    pub async fn work_on_next_job(&self, authority_id: AuthorityId, holder: Uuid) -> Result<bool> {
        let mut tx = self.store.read(authority_id, Freshness::Fresh).await?;
        let Some(job) = storage::jobs::next(&mut tx, holder, self.now()).await? else { return Ok(false) };
        drop(tx);
        // Known here before it is taken, so that a cancel in between is heard.
        let _ = self.jobs_at_work.advance(job.job_id, 0);
        let mut tx = self.store.write(authority_id).await?;
        let is_ours = storage::jobs::take(&mut tx, job.job_id, holder, self.now(), self.hold_until()).await?;
        tx.commit().await?;
        if !is_ours {
            self.jobs_at_work.with(|all| all.remove(&job.job_id));
            return Ok(true);
        }
        let done = self.work_on(authority_id, holder, &job).await;
        let so_far = self.jobs_at_work.done(job.job_id).unwrap_or(0);
        self.jobs_at_work.with(|all| all.remove(&job.job_id));
        let (state, problem, n_done) = match &done {
            Ok(rows) => ("done", None, *rows),
            Err(AppError::Storage(error)) if error.may_pass() => return done.map(|_| true),
            Err(AppError::Cancelled) => ("cancelled", None, so_far),
            Err(error) => ("failed", Some(error.to_string()), so_far),
        };
        let mut tx = self.store.write(authority_id).await?;
        let n_done = i64::try_from(n_done).unwrap_or(i64::MAX);
        storage::jobs::finish(&mut tx, job.job_id, state, problem.as_deref(), n_done, self.now()).await?;
        if state != "done" {
            release_file(&mut tx, &job).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Ends the job that this server held when it panicked, as failed.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn give_up_held_job(&self, authority_id: AuthorityId, holder: Uuid) -> Result<()> {
        let mut tx = self.store.write(authority_id).await?;
        if let Some(job) = storage::jobs::held_by(&mut tx, holder).await? {
            self.jobs_at_work.with(|all| all.remove(&job.job_id));
            let problem = "something went wrong here; the file may be one that this program can't read";
            storage::jobs::finish(&mut tx, job.job_id, "failed", Some(problem), job.done, self.now()).await?;
            release_file(&mut tx, &job).await?;
        }
        Ok(tx.commit().await?)
    }

    fn hold_until(&self) -> Timestamp {
        // On SQLite nobody else can take it over, and an import may hold the only pen for longer.
        let held = match self.store.kind() {
            "sqlite" => SignedDuration::from_hours(24),
            _ => SignedDuration::from_mins(HELD_MINUTES),
        };
        self.now().checked_add(held).unwrap_or(Timestamp::MAX)
    }

    async fn work_on(&self, authority_id: AuthorityId, holder: Uuid, job: &Job) -> Result<u64> {
        let operator = job.role == domain::authorities::Role::Operator;
        let place = self.place_of(job.account_id, operator, authority_id).await?;
        let (authority, role) = place.ok_or(AppError::NotAMember)?;
        if !self.may_sign_in(job.account_id).await? {
            return Err(AppError::NotAMember);
        }
        let worker = Worker::new(job.account_id, false, authority, role, "job");
        let mut progress = |rows| self.jobs_at_work.advance(job.job_id, rows);
        let alive = self.show_signs_of_life(authority_id, holder, job.job_id);
        tokio::select! {
            done = self.work_by_kind(&worker, job, &mut progress) => done,
            never = alive => never,
        }
    }

    async fn work_by_kind(
        &self,
        worker: &Worker,
        job: &Job,
        progress: &mut (dyn FnMut(u64) -> ControlFlow<()> + Send),
    ) -> Result<u64> {
        match job.kind.split_once('.') {
            Some(("bulk", _)) => self.work_on_bulk(worker, job, progress).await,
            Some(("occasions", _)) => self.work_on_contacts_of_occasion(worker, job, progress).await,
            Some(("export", _)) => self.work_on_export(worker, job, progress).await,
            _ => self.work_on_import(worker, job, progress).await,
        }
    }

    /// Rows that a job of this server has done so far; `None` if this server doesn't work on it.
    pub(crate) fn rows_done(&self, job_id: JobId) -> Option<u64> {
        self.jobs_at_work.done(job_id)
    }

    /// Has a job of this server stop at its next step.
    pub(crate) fn stop_job(&self, job_id: JobId) {
        self.jobs_at_work.cancel(job_id);
    }

    /// Holds a job while it is worked on. On SQLite there is one server, and the import holds the only pen.
    async fn show_signs_of_life(&self, authority_id: AuthorityId, holder: Uuid, job_id: JobId) -> Result<u64> {
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(15)).await;
            if self.store.kind() == "sqlite" {
                continue;
            }
            let done = i64::try_from(self.jobs_at_work.done(job_id).unwrap_or(0)).unwrap_or(i64::MAX);
            let mut tx = self.store.write(authority_id).await?;
            if !storage::jobs::advance(&mut tx, job_id, holder, done, self.hold_until()).await? {
                self.jobs_at_work.cancel(job_id);
            }
            tx.commit().await?;
        }
    }

    /// Lets go of the jobs that a server before this one held on the same data folder: it is gone.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written.
    pub async fn take_jobs_over(&self, authority_id: AuthorityId) -> Result<()> {
        if self.store.kind() != "sqlite" {
            return Ok(());
        }
        let mut tx = self.store.write(authority_id).await?;
        storage::jobs::release(&mut tx).await?;
        Ok(tx.commit().await?)
    }
}

/// Lets a file be asked for again, after its job ended without a result.
async fn release_file(tx: &mut storage::Tx, job: &Job) -> Result<()> {
    let import_id = domain::ids::ImportId(job.subject_id);
    Ok(storage::import_files::release(tx, import_id, job.job_id).await?)
}
