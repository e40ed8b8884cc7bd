//! All figures, with what they mean. The book's table is printed from here.

use std::fmt::Write;

/// How a figure behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows, and begins at zero when the process starts.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How often what lasted how long: `_bucket`, `_sum`, `_count`.
    Histogram,
}

/// A figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    /// Its name, with its unit.
    pub name: &'static str,
    /// How it behaves.
    pub kind: Kind,
    /// Its labels, and their values.
    pub labels: &'static str,
    /// What it says.
    pub what: &'static str,
}

const fn counter(name: &'static str, labels: &'static str, what: &'static str) -> Figure {
    Figure { name, kind: Kind::Counter, labels, what }
}

const fn gauge(name: &'static str, labels: &'static str, what: &'static str) -> Figure {
    Figure { name, kind: Kind::Gauge, labels, what }
}

const fn histogram(name: &'static str, labels: &'static str, what: &'static str) -> Figure {
    Figure { name, kind: Kind::Histogram, labels, what }
}

const POOL: &str = "`pool`: app, jobs, intake, other; writer, readers on SQLite";

/// All figures, by what they are about.
pub const FIGURES: &[Figure] = &[
    counter(
        "epitrace_http_requests_total",
        "`method`, `route`: its pattern, `status`",
        "Requests that were answered, but for those at the door",
    ),
    histogram("epitrace_http_request_duration_seconds", "`route`", "How long they took"),
    gauge("epitrace_http_requests_in_flight", "", "Requests that are being answered"),
    counter("epitrace_door_requests_total", "`answer`: given, refused", "Requests of guests at the door"),
    histogram("epitrace_door_request_duration_seconds", "", "How long they took"),
    counter("epitrace_sign_in_refused_total", "", "Attempts to sign in that came too often"),
    gauge("epitrace_draining", "", "1 while the server ends and takes no new callers, else 0"),
    counter("epitrace_unexpected_proxy_total", "", "Requests with `x-forwarded-for` though `behind_proxy` is false"),
    gauge("epitrace_database_up", "", "1 if the database answered at the last look, else 0"),
    gauge(
        "epitrace_database_connections",
        "`pool`, `state`: in_use, idle",
        "Connections of this server to the database",
    ),
    gauge("epitrace_database_connections_max", "`pool`", "Most connections that it may have"),
    histogram("epitrace_database_wait_seconds", POOL, "How long somebody waited for a connection, or for SQLite's pen"),
    counter("epitrace_database_refused_total", "`pool`", "Waits that ended without a connection"),
    counter(
        "epitrace_database_failures_total",
        "`why`: away, conflict",
        "Statements that failed because of the database, not because of what they say",
    ),
    counter(
        "epitrace_commits_total",
        "`pool`, `end`: done, unsure, conflict, failed",
        "Transactions that were to be kept, by what became of them",
    ),
    histogram(
        "epitrace_commit_duration_seconds",
        "`pool`",
        "How long the commit took: in a cell until a standby has it too",
    ),
    gauge("epitrace_database_size_bytes", "", "Size of the database, on PostgreSQL"),
    gauge(
        "epitrace_standbys",
        "`state`: waited_for, other",
        "Standbys of the primary, by whether commits wait for them",
    ),
    gauge("epitrace_standby_lag_bytes", "", "What the standby that is furthest behind lacks"),
    gauge("epitrace_standby_lag_seconds", "", "How far it is behind"),
    gauge("epitrace_clock_offset_seconds", "", "How far the server's clock is before the database's"),
    counter("epitrace_check_ins_total", "", "Visits of guests that were stored"),
    counter("epitrace_check_in_blocks_total", "", "Blocks in which they were stored, one a commit and authority"),
    counter("epitrace_check_in_retries_total", "", "Blocks that were sent to the database a second time"),
    counter(
        "epitrace_check_ins_turned_away_total",
        "",
        "Bodies that were told to come again, because too many came at once",
    ),
    gauge("epitrace_check_ins_waiting", "", "Bodies that wait for a commit"),
    gauge("epitrace_check_in_days_open", "", "Days of check-ins that aren't packed yet, of all authorities"),
    gauge("epitrace_event_log_up", "", "1 if the log of reports answered at the last look, else 0"),
    gauge("epitrace_event_log_waiting_records", "", "Records that wait to be stored, of all partitions"),
    gauge("epitrace_event_log_lost_records", "", "Records that were deleted before they were stored"),
    counter("epitrace_reports_published_total", "`kept`: yes, no", "Reports of nodes that this server was to keep"),
    counter(
        "epitrace_reports_stored_total",
        "`what`: stored, again, put_aside",
        "Records that this server's consumer brought into the database",
    ),
    gauge("epitrace_dead_letters", "", "Reports that couldn't be stored, of the last fourteen days"),
    gauge("epitrace_jobs", "`state`: waiting, running, failed", "Jobs of all authorities; failed within a day"),
    gauge("epitrace_job_oldest_waiting_seconds", "", "How long the oldest job waits, 0 if none does"),
    counter("epitrace_mails_total", "`end`: sent, put_off, failed", "Mails that this server tried to send"),
    gauge("epitrace_mails", "`state`: waiting, failed, held", "Mails of all authorities that haven't gone"),
    gauge("epitrace_mail_oldest_waiting_seconds", "", "How long the oldest mail waits, 0 if none does"),
    gauge("epitrace_keyring_up", "", "1 if names can be opened, else 0"),
    gauge(
        "epitrace_retention_last_success_timestamp_seconds",
        "",
        "When what is over was last deleted; missing if that isn't noted",
    ),
    gauge(
        "epitrace_backup_last_success_timestamp_seconds",
        "",
        "When a backup was last written, by `epitrace backup` or as a base backup of PostgreSQL; missing if none is noted",
    ),
    gauge(
        "epitrace_archive_last_success_timestamp_seconds",
        "",
        "When a segment of PostgreSQL's log was last archived; missing without an archive",
    ),
    gauge(
        "epitrace_certificate_expiry_timestamp_seconds",
        "",
        "Until when the server's certificate holds; missing without one",
    ),
    gauge("epitrace_disk_free_bytes", "", "What is free on the disk of the data folder"),
    gauge(
        "epitrace_servers",
        "`state`: serving, draining, aside, silent",
        "Servers of the cell, as the database knows them",
    ),
    counter("epitrace_trace_batches_total", "`end`: sent, failed", "Batches of traces for the collector"),
    gauge(
        "epitrace_build_info",
        "`version`, `schema`",
        "Always 1: which version this is, and the newest step of the schema that it knows",
    ),
    gauge("process_resident_memory_bytes", "", "Memory of the process"),
    counter("process_cpu_seconds_total", "", "Time of processors that it has used"),
    gauge("process_open_fds", "", "Files that it has open"),
    gauge("process_max_fds", "", "Most files that it may have open"),
    gauge("process_start_time_seconds", "", "When it started"),
];

/// Returns the figures as the table of the book.
#[must_use]
pub fn as_table() -> String {
    let mut table = String::from("| figure | | labels | what |\n| --- | --- | --- | --- |\n");
    for figure in FIGURES {
        let kind = match figure.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        // A String never fails to be written to.
        let _ = writeln!(table, "| `{}` | {kind} | {} | {} |", figure.name, figure.labels, figure.what);
    }
    table
}
