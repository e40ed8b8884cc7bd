//! The picture as operators are shown it.

use super::watch::Picture;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use app::condition::{Condition, is_waited_for, signs, state_of};
use jiff::Timestamp;
use protocol::http::status::{Database, EventLog, Pool, Server, Standby, Status, Work};
use storage::condition::Replication;

/// Shapes the answer; without a database there is none.
pub(super) fn status(platform: &Platform, picture: &Picture) -> Result<Status, Problem> {
    let seen = &picture.seen;
    let away = || Problem::new(Kind::Unavailable).detail("the database is away or takes too long").retry_after(5);
    let condition = seen.condition.as_ref().ok_or_else(away)?;
    let log = &seen.event_log;
    Ok(Status {
        looked_at: condition.looked_at.to_string(),
        signs: signs(seen),
        servers: servers(platform, condition),
        database: database(platform, condition),
        event_log: EventLog {
            kind: log.kind.to_owned(),
            answers: log.answers,
            n_partitions: log.n_partitions,
            n_waiting: log.n_waiting,
            n_lost: log.n_lost,
            n_put_aside: condition.n_put_aside,
        },
        work: work(condition),
        backup_at: text(condition.backup_at),
        retention_at: text(condition.retention_at),
    })
}

fn text(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

fn servers(platform: &Platform, condition: &Condition) -> Vec<Server> {
    let shape = |server: &storage::condition::Beat| Server {
        server_id: server.server_id,
        name: server.name.clone(),
        version: server.version.clone(),
        started_at: server.started_at.to_string(),
        seen_at: server.seen_at.to_string(),
        state: state_of(server, condition.time_there()).to_owned(),
        answers: server.server_id == platform.keeper().server_id(),
        certificate_until: text(server.certificate_until),
        clock_ahead_ms: server.clock_ahead_ms,
        disk_free_bytes: server.disk_free_bytes,
        has_keys: server.has_keys,
    };
    condition.servers.iter().map(shape).collect()
}

fn database(platform: &Platform, condition: &Condition) -> Database {
    let seen = condition.replication.as_ref();
    let pool = |pool: storage::store::PoolState| Pool {
        name: pool.name.to_owned(),
        in_use: pool.in_use,
        idle: pool.idle,
        most: pool.most,
    };
    Database {
        kind: condition.kind.to_owned(),
        version: seen.map(|seen| seen.version.clone()),
        schema_version: condition.schema_version,
        n_bytes: seen.map(|seen| seen.n_bytes),
        waits_for: seen.map(|seen| seen.waits_for.clone()),
        standbys: seen.and_then(standbys),
        archived_at: seen.and_then(|seen| text(seen.archived_at)),
        pools: platform.app.pools().into_iter().map(pool).collect(),
    }
}

fn standbys(seen: &Replication) -> Option<Vec<Standby>> {
    let shape = |standby: &storage::condition::Standby| Standby {
        name: standby.name.clone(),
        state: standby.state.clone(),
        is_waited_for: is_waited_for(&standby.sync_state),
        lag_bytes: standby.lag_bytes,
        lag_ms: standby.lag_ms,
    };
    Some(seen.standbys.as_ref()?.iter().map(shape).collect())
}

fn work(condition: &Condition) -> Work {
    let (work, now) = (&condition.work, condition.looked_at);
    let waits_s = |since: Option<Timestamp>| since.map(|since| now.duration_since(since).as_secs().max(0));
    Work {
        n_jobs_waiting: work.n_jobs_waiting,
        n_jobs_running: work.n_jobs_running,
        n_jobs_failed: work.n_jobs_failed,
        oldest_job_s: waits_s(work.oldest_job_at),
        n_mails_waiting: work.n_mails_waiting,
        n_mails_failed: work.n_mails_failed,
        n_mails_held: work.n_mails_held,
        oldest_mail_s: waits_s(work.oldest_mail_at),
        n_days_open: work.n_days_open,
    }
}
