//! Figures that are looked at, not counted: set from the last look, and from the system when somebody asks.

use super::process;
use crate::platform::Platform;
use crate::status::Picture;
use jiff::Timestamp;
use metrics::{counter, gauge};
use storage::condition::{Beat, Replication, Standby};

/// Sets what is known of the last look, and what the system says now.
pub(crate) fn sample(platform: &Platform, picture: &Picture) {
    of_process(platform);
    of_pools(platform);
    of_event_log(picture);
    gauge!("epitrace_database_up").set(f64::from(u8::from(picture.seen.condition.is_some())));
    let Some(condition) = &picture.seen.condition else { return };
    if let Some(replication) = &condition.replication {
        of_replication(replication);
    }
    if let Some(ahead_ms) = condition.clock_ahead_ms {
        gauge!("epitrace_clock_offset_seconds").set(ahead_ms as f64 / 1000.0);
    }
    let (work, now) = (&condition.work, condition.looked_at);
    let jobs = [("waiting", work.n_jobs_waiting), ("running", work.n_jobs_running), ("failed", work.n_jobs_failed)];
    for (state, n) in jobs {
        gauge!("epitrace_jobs", "state" => state).set(n as f64);
    }
    let mails = [("waiting", work.n_mails_waiting), ("failed", work.n_mails_failed), ("held", work.n_mails_held)];
    for (state, n) in mails {
        gauge!("epitrace_mails", "state" => state).set(n as f64);
    }
    gauge!("epitrace_job_oldest_waiting_seconds").set(waits_s(work.oldest_job_at, now));
    gauge!("epitrace_mail_oldest_waiting_seconds").set(waits_s(work.oldest_mail_at, now));
    gauge!("epitrace_check_in_days_open").set(work.n_days_open as f64);
    gauge!("epitrace_keyring_up").set(f64::from(u8::from(condition.has_keys)));
    if let Some(n) = condition.n_put_aside {
        gauge!("epitrace_dead_letters").set(n as f64);
    }
    if let Some(at) = condition.retention_at {
        gauge!("epitrace_retention_last_success_timestamp_seconds").set(at.as_second() as f64);
    }
    if let Some(at) = condition.backup_at {
        gauge!("epitrace_backup_last_success_timestamp_seconds").set(at.as_second() as f64);
    }
    of_servers(&condition.servers, condition.time_there());
}

fn waits_s(since: Option<Timestamp>, now: Timestamp) -> f64 {
    // What is due later doesn't wait yet.
    since.map_or(0.0, |since| now.duration_since(since).as_secs_f64().max(0.0))
}

fn of_process(platform: &Platform) {
    let schema = storage::Store::newest_schema().to_string();
    gauge!("epitrace_build_info", "version" => env!("CARGO_PKG_VERSION"), "schema" => schema).set(1.0);
    gauge!("epitrace_draining").set(f64::from(u8::from(platform.is_draining())));
    if let Some(until) = platform.certificate_until() {
        gauge!("epitrace_certificate_expiry_timestamp_seconds").set(until.as_second() as f64);
    }
    if let Ok(free) = platform.options().folder.free_bytes() {
        gauge!("epitrace_disk_free_bytes").set(free as f64);
    }
    if let Some(used) = process::used() {
        gauge!("process_resident_memory_bytes").set(used.memory_bytes);
        counter!("process_cpu_seconds_total").absolute(used.cpu_s as u64);
        gauge!("process_start_time_seconds").set(used.started_s);
    }
    if let Some(n) = process::open_files() {
        gauge!("process_open_fds").set(n as f64);
    }
    if let Some(n) = process::most_files() {
        gauge!("process_max_fds").set(n as f64);
    }
    if let Some(n) = platform.app.waiting_at_door() {
        gauge!("epitrace_check_ins_waiting").set(n as f64);
    }
}

fn of_pools(platform: &Platform) {
    for pool in platform.app.pools() {
        gauge!("epitrace_database_connections", "pool" => pool.name, "state" => "in_use").set(pool.in_use);
        gauge!("epitrace_database_connections", "pool" => pool.name, "state" => "idle").set(pool.idle);
        gauge!("epitrace_database_connections_max", "pool" => pool.name).set(pool.most);
    }
}

fn of_event_log(picture: &Picture) {
    let log = &picture.seen.event_log;
    if log.kind == "none" {
        return;
    }
    gauge!("epitrace_event_log_up").set(f64::from(u8::from(log.answers)));
    if let Some(n) = log.n_waiting {
        gauge!("epitrace_event_log_waiting_records").set(n as f64);
    }
    if let Some(n) = log.n_lost {
        gauge!("epitrace_event_log_lost_records").set(n as f64);
    }
}

fn of_replication(replication: &Replication) {
    gauge!("epitrace_database_size_bytes").set(replication.n_bytes as f64);
    if let Some(at) = replication.archived_at {
        gauge!("epitrace_archive_last_success_timestamp_seconds").set(at.as_second() as f64);
    }
    let Some(standbys) = &replication.standbys else { return };
    let is_waited_for = |standby: &&Standby| app::condition::is_waited_for(&standby.sync_state);
    let n_waited_for = standbys.iter().filter(is_waited_for).count();
    gauge!("epitrace_standbys", "state" => "waited_for").set(n_waited_for as f64);
    gauge!("epitrace_standbys", "state" => "other").set((standbys.len() - n_waited_for) as f64);
    let most = |lag: fn(&Standby) -> Option<i64>| standbys.iter().filter_map(lag).max().unwrap_or(0) as f64;
    gauge!("epitrace_standby_lag_bytes").set(most(|standby| standby.lag_bytes));
    gauge!("epitrace_standby_lag_seconds").set(most(|standby| standby.lag_ms) / 1000.0);
}

fn of_servers(servers: &[Beat], now: Timestamp) {
    for state in ["serving", "draining", "aside", "silent"] {
        let n = servers.iter().filter(|server| app::condition::state_of(server, now) == state).count();
        gauge!("epitrace_servers", "state" => state).set(n as f64);
    }
}
