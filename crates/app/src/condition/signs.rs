//! What of a condition is a sign that somebody should look. Pure: the same looks give the same signs.
//!
//! The same signs stand on the page of operators and in `epitrace doctor`; alerts of Prometheus have the same limits.

use super::Condition;
use crate::clock::WRONG_MS;
use jiff::{SignedDuration, Timestamp};
use protocol::http::status::{Sign, SignKind};
use storage::condition::{Beat, Replication};

/// A server that says nothing for longer is silent, in seconds. It speaks every fifteen.
pub(crate) const SILENT_AFTER_S: i64 = 60;
/// Clocks further from the database's than this are off, in milliseconds: deadlines, sessions and days follow them.
const CLOCK_OFF_MS: i64 = 2_000;
/// Days before its end from which on a certificate is told of.
const CERTIFICATE_DAYS: i64 = 30;
/// A disk with less than this may be full before somebody looks again: one gibibyte.
pub(crate) const LEAST_FREE_BYTES: i64 = 1 << 30;
/// Files that a server of a cell may have open at least: a caller is one, a connection, a partition, a day.
const LEAST_FILES: u64 = 4_096;
/// How far behind a standby may be. HAProxy sends nobody to one that is further behind, and Patroni doesn't make it primary.
const STANDBY_BEHIND: (i64, i64) = (16 << 20, 10_000);
/// Records that wait in all partitions, above which somebody should look: more than a minute of a large run.
pub(crate) const MANY_RECORDS: u64 = 100_000;
/// How long a job may wait, in seconds.
const JOB_WAITS_S: i64 = 300;
/// How long a mail may wait, in seconds.
const MAIL_WAITS_S: i64 = 1_800;
/// How long after its time a segment of the log may come to the archive, in seconds: one that is tried again takes a while.
const ARCHIVE_LATE_S: i64 = 300;
/// Hours in which a server should have deleted what is over, and somebody should have written a backup.
const RETENTION_HOURS: i64 = 48;
const BACKUP_HOURS: i64 = 26;

/// All that was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// What the database knows; `None` while it is away.
    pub condition: Option<Condition>,
    /// The log in which reports of nodes wait.
    pub event_log: EventLogState,
    /// The process that looks.
    pub process: ThisProcess,
}

/// How the event log stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventLogState {
    /// `none`, `folder`, `brokers`.
    pub kind: &'static str,
    /// Whether it answers.
    pub answers: bool,
    /// Partitions.
    pub n_partitions: Option<u32>,
    /// Records that wait to be stored.
    pub n_waiting: Option<u64>,
    /// Records that were deleted before they were stored.
    pub n_lost: Option<u64>,
    /// Whether more is stored than there is.
    pub is_another: bool,
}

/// What a process knows of itself and its host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThisProcess {
    /// Name of the host.
    pub name: String,
    /// Files that it may have open.
    pub most_files: Option<u64>,
    /// Whether callers come through a proxy that nobody told it of.
    pub has_unexpected_proxy: bool,
}

/// Lists what somebody should look at, the worst first.
#[must_use]
pub fn signs(seen: &Seen) -> Vec<Sign> {
    let mut signs = of_process(&seen.process);
    signs.extend(of_event_log(&seen.event_log));
    if let Some(condition) = &seen.condition {
        signs.extend(of_servers(condition));
        signs.extend(of_database(condition));
        signs.extend(of_work(condition));
    }
    signs.sort_by_key(|sign| sign.verdict != BROKEN);
    signs
}

pub(super) const BROKEN: &str = "broken";
const WARNING: &str = "warning";

fn broken(kind: SignKind, about: &str, n: Option<i64>) -> Sign {
    Sign { kind, verdict: BROKEN.to_owned(), about: about.to_owned(), n }
}

fn warning(kind: SignKind, about: &str, n: Option<i64>) -> Sign {
    Sign { kind, verdict: WARNING.to_owned(), about: about.to_owned(), n }
}

fn of_process(process: &ThisProcess) -> Vec<Sign> {
    let mut signs = Vec::new();
    if let Some(most) = process.most_files.filter(|most| *most < LEAST_FILES) {
        signs.push(warning(SignKind::FilesLow, &process.name, i64::try_from(most).ok()));
    }
    if process.has_unexpected_proxy {
        signs.push(warning(SignKind::ProxyUnexpected, &process.name, None));
    }
    signs
}

fn of_event_log(log: &EventLogState) -> Vec<Sign> {
    let mut signs = Vec::new();
    let count = |n: u64| i64::try_from(n).ok();
    if log.kind != "none" && !log.answers {
        signs.push(broken(SignKind::LogAway, "", None));
    }
    if log.is_another {
        signs.push(broken(SignKind::LogIsAnother, "", None));
    }
    if let Some(n) = log.n_waiting.filter(|n| *n >= MANY_RECORDS) {
        signs.push(warning(SignKind::ReportsWait, "", count(n)));
    }
    if let Some(n) = log.n_lost.filter(|n| *n > 0) {
        signs.push(warning(SignKind::ReportsLost, "", count(n)));
    }
    signs
}

fn of_servers(condition: &Condition) -> Vec<Sign> {
    let now = condition.time_there();
    let mut signs = Vec::new();
    if !condition.has_keys {
        signs.push(broken(SignKind::KeysLocked, "", None));
    }
    if !condition.has_public_url {
        signs.push(warning(SignKind::PublicUrlMissing, "", None));
    }
    let mut versions: Vec<&str> = Vec::new();
    for server in &condition.servers {
        if let Some(silent_s) = silent_s(server, now) {
            signs.push(warning(SignKind::ServerSilent, &server.name, Some(silent_s)));
            continue;
        }
        signs.extend(of_server(server, now));
        if !versions.contains(&server.version.as_str()) {
            versions.push(&server.version);
        }
        if server.schema_version < condition.schema_version {
            signs.push(warning(SignKind::SchemaAhead, &server.name, Some(condition.schema_version)));
        }
    }
    if versions.len() > 1 {
        signs.push(warning(SignKind::VersionsDiffer, "", None));
    }
    signs
}

/// Says what a server is doing at a time of the database: `serving`, `draining`, `aside`, or `silent` if it says nothing any more.
#[must_use]
pub fn state_of(server: &Beat, now: Timestamp) -> &'static str {
    if silent_s(server, now).is_some() { "silent" } else { server.state.as_str() }
}

/// Seconds since a server last said something, if it should have said more.
pub(super) fn silent_s(server: &Beat, now: Timestamp) -> Option<i64> {
    let silent_s = now.duration_since(server.seen_at).as_secs();
    (silent_s > SILENT_AFTER_S).then_some(silent_s)
}

fn of_server(server: &Beat, now: Timestamp) -> Vec<Sign> {
    let (mut signs, name) = (Vec::new(), server.name.as_str());
    if !server.has_keys {
        signs.push(broken(SignKind::KeysLocked, name, None));
    }
    signs.extend(server.certificate_until.and_then(|until| of_certificate(name, until, now)));
    if let Some(ahead) = server.clock_ahead_ms {
        if ahead.abs() > WRONG_MS {
            signs.push(broken(SignKind::ClockOff, name, Some(ahead)));
        } else if ahead.abs() > CLOCK_OFF_MS {
            signs.push(warning(SignKind::ClockOff, name, Some(ahead)));
        }
    }
    if let Some(free) = server.disk_free_bytes.filter(|free| *free < LEAST_FREE_BYTES) {
        signs.push(warning(SignKind::DiskLow, name, Some(free)));
    }
    signs
}

/// Says whether a certificate ends soon.
pub(super) fn of_certificate(about: &str, until: Timestamp, now: Timestamp) -> Option<Sign> {
    let left = until.duration_since(now);
    if left <= SignedDuration::ZERO {
        return Some(broken(SignKind::CertificateEnded, about, None));
    }
    let days = left.as_hours() / 24;
    (days < CERTIFICATE_DAYS).then(|| warning(SignKind::CertificateEnds, about, Some(days)))
}

fn of_database(condition: &Condition) -> Vec<Sign> {
    let Some(seen) = &condition.replication else { return Vec::new() };
    let mut signs = Vec::new();
    if seen.is_standby {
        return vec![broken(SignKind::PrimaryIsStandby, "", None)];
    }
    if matches!(seen.synchronous_commit.as_str(), "off" | "local") {
        signs.push(broken(SignKind::CommitsDontWait, "", None));
    }
    if seen.archive_failed_at.is_some_and(|failed| seen.archived_at.is_none_or(|archived| failed > archived)) {
        signs.push(broken(SignKind::ArchiveFails, "", None));
    } else if let Some(late_s) = archive_late_s(seen) {
        signs.push(warning(SignKind::ArchiveLate, "", Some(late_s)));
    }
    signs.extend(of_standbys(seen, condition.servers.len() > 1));
    signs
}

/// Seconds since the log was last archived, if it should have been since then.
fn archive_late_s(seen: &Replication) -> Option<i64> {
    let most_s = seen.archives_every_s?.saturating_add(ARCHIVE_LATE_S);
    let ago_s = seen.clock.duration_since(seen.archived_at?).as_secs();
    (ago_s > most_s).then_some(ago_s)
}

fn of_standbys(seen: &Replication, is_cell: bool) -> Vec<Sign> {
    let waits = !seen.waits_for.trim().is_empty();
    let Some(standbys) = &seen.standbys else {
        // A database of its own has none to see.
        let needs_them = waits || is_cell;
        return needs_them.then(|| warning(SignKind::StandbysUnseen, "", None)).into_iter().collect();
    };
    let mut signs = Vec::new();
    let n_synchronous = standbys.iter().filter(|standby| is_waited_for(&standby.sync_state)).count();
    match (waits, n_synchronous) {
        (false, _) if is_cell || !standbys.is_empty() => signs.push(broken(SignKind::NoStandbyWaitedFor, "", None)),
        (true, 0) => signs.push(broken(SignKind::StandbyMissing, "", None)),
        (true, 1) => signs.push(warning(SignKind::OneStandby, "", None)),
        _ => {}
    }
    for standby in standbys {
        let (lag_bytes, lag_ms) = (standby.lag_bytes.unwrap_or(0), standby.lag_ms.unwrap_or(0));
        if standby.state != "streaming" {
            signs.push(warning(SignKind::StandbyNotStreaming, &standby.name, None));
        } else if lag_bytes > STANDBY_BEHIND.0 || lag_ms > STANDBY_BEHIND.1 {
            signs.push(warning(SignKind::StandbyBehind, &standby.name, Some(lag_ms)));
        }
    }
    signs
}

/// Whether a commit waits for a standby in this state.
#[must_use]
pub fn is_waited_for(sync_state: &str) -> bool {
    matches!(sync_state, "sync" | "quorum")
}

fn of_work(condition: &Condition) -> Vec<Sign> {
    let (work, now) = (&condition.work, condition.looked_at);
    let waits_s = |since: Option<Timestamp>| since.map(|since| now.duration_since(since).as_secs());
    let mut signs = Vec::new();
    if let Some(seconds) = waits_s(work.oldest_job_at).filter(|seconds| *seconds > JOB_WAITS_S) {
        signs.push(warning(SignKind::JobsWait, "", Some(seconds)));
    }
    if let Some(seconds) = waits_s(work.oldest_mail_at).filter(|seconds| *seconds > MAIL_WAITS_S) {
        signs.push(warning(SignKind::MailsWait, "", Some(seconds)));
    }
    let counts = [
        (SignKind::JobsFailed, work.n_jobs_failed),
        (SignKind::MailsFailed, work.n_mails_failed),
        (SignKind::MailsHeld, work.n_mails_held),
        (SignKind::ReportsPutAside, condition.n_put_aside.and_then(|n| i64::try_from(n).ok()).unwrap_or(0)),
    ];
    signs.extend(counts.into_iter().filter(|(_, n)| *n > 0).map(|(kind, n)| warning(kind, "", Some(n))));
    let done = [
        (SignKind::RetentionLate, condition.retention_at, RETENTION_HOURS),
        (SignKind::BackupLate, condition.backup_at, BACKUP_HOURS),
    ];
    for (kind, at, hours) in done {
        let ago = at.map(|at| now.duration_since(at).as_hours());
        if ago.is_none_or(|ago| ago > hours) {
            signs.push(warning(kind, "", ago.map(|ago| ago / 24)));
        }
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::*;
    use storage::condition::ServerState;
    use storage::condition::{Standby, Work};
    use uuid::Uuid;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn now() -> Timestamp {
        at("2026-12-04T12:00:00Z")
    }

    fn server(name: &str) -> Beat {
        Beat {
            server_id: Uuid::nil(),
            name: name.to_owned(),
            version: "0.1.0".to_owned(),
            schema_version: 40,
            started_at: at("2026-12-01T00:00:00Z"),
            seen_at: now(),
            state: ServerState::Serving,
            certificate_until: Some(at("2027-06-01T00:00:00Z")),
            clock_ahead_ms: Some(3),
            disk_free_bytes: Some(10 << 30),
            has_keys: true,
        }
    }

    fn standby(name: &str, sync_state: &str) -> Standby {
        let [name, state, sync_state] = [name, "streaming", sync_state].map(str::to_owned);
        Standby { name, state, sync_state, lag_bytes: Some(0), lag_ms: None }
    }

    /// A cell in which all is well.
    fn well() -> Seen {
        let replication = Replication {
            version: "15.18".to_owned(),
            is_standby: false,
            clock: now(),
            waits_for: "2 (db-2,db-3)".to_owned(),
            synchronous_commit: "on".to_owned(),
            standbys: Some(vec![standby("db-2", "sync"), standby("db-3", "sync")]),
            archived_at: None,
            archive_failed_at: None,
            archives_every_s: None,
            n_bytes: 1 << 30,
        };
        let condition = Condition {
            looked_at: now(),
            kind: "postgresql",
            schema_version: 40,
            replication: Some(replication),
            clock_ahead_ms: Some(3),
            work: Work::default(),
            servers: vec![server("app-1"), server("app-2")],
            backup_at: Some(at("2026-12-04T01:00:00Z")),
            retention_at: Some(at("2026-12-03T01:00:00Z")),
            n_put_aside: Some(0),
            has_keys: true,
            has_public_url: true,
        };
        let event_log = EventLogState {
            kind: "brokers",
            answers: true,
            n_partitions: Some(12),
            n_waiting: Some(10),
            n_lost: Some(0),
            is_another: false,
        };
        let process = ThisProcess { name: "app-1".to_owned(), most_files: Some(65_536), has_unexpected_proxy: false };
        Seen { condition: Some(condition), event_log, process }
    }

    /// Changes what is seen, and compares the signs with those expected: kind, verdict, about, number.
    fn check(change: impl FnOnce(&mut Condition), expected: &[(SignKind, &str, &str, Option<i64>)]) {
        let mut seen = well();
        change(seen.condition.as_mut().unwrap());
        let found = signs(&seen);
        let found: Vec<_> =
            found.iter().map(|sign| (sign.kind, sign.verdict.as_str(), sign.about.as_str(), sign.n)).collect();
        assert_eq!(found, expected);
    }

    fn replication(condition: &mut Condition) -> &mut Replication {
        condition.replication.as_mut().unwrap()
    }

    #[test]
    fn a_cell_in_which_all_is_well_shows_no_sign() {
        check(|_| {}, &[]);
    }

    #[test]
    fn who_says_nothing_is_silent_and_nothing_else_is_said_of_it() {
        let silent = |condition: &mut Condition| {
            condition.servers[1].seen_at = at("2026-12-04T11:58:59Z");
            condition.servers[1].has_keys = false;
            condition.servers[1].version = "0.0.9".to_owned();
        };
        check(silent, &[(SignKind::ServerSilent, "warning", "app-2", Some(61))]);
        check(|condition| condition.servers[1].seen_at = at("2026-12-04T11:59:00Z"), &[]);
    }

    #[test]
    fn a_certificate_is_told_of_before_it_ends_and_a_clock_when_it_is_off() {
        let until = |until: &str| {
            let until = at(until);
            move |condition: &mut Condition| condition.servers[0].certificate_until = Some(until)
        };
        check(until("2027-01-03T12:00:00Z"), &[]);
        check(until("2027-01-03T11:59:59Z"), &[(SignKind::CertificateEnds, "warning", "app-1", Some(29))]);
        check(until("2026-12-04T12:00:00Z"), &[(SignKind::CertificateEnded, "broken", "app-1", None)]);
        let clock = |ms: i64| move |condition: &mut Condition| condition.servers[0].clock_ahead_ms = Some(ms);
        check(clock(-2_000), &[]);
        check(clock(-2_001), &[(SignKind::ClockOff, "warning", "app-1", Some(-2_001))]);
        check(clock(60_001), &[(SignKind::ClockOff, "broken", "app-1", Some(60_001))]);
    }

    #[test]
    fn standbys_are_judged_by_what_the_loss_of_one_more_would_mean() {
        let left = |n: usize| move |condition: &mut Condition| replication(condition).standbys = well_standbys(n);
        check(left(1), &[(SignKind::OneStandby, "warning", "", None)]);
        check(left(0), &[(SignKind::StandbyMissing, "broken", "", None)]);
        let nobody = |condition: &mut Condition| replication(condition).waits_for.clear();
        check(nobody, &[(SignKind::NoStandbyWaitedFor, "broken", "", None)]);
        let alone = |condition: &mut Condition| {
            nobody(condition);
            replication(condition).standbys = Some(Vec::new());
            condition.servers.pop();
        };
        check(alone, &[]);
        let unseen = |condition: &mut Condition| replication(condition).standbys = None;
        check(unseen, &[(SignKind::StandbysUnseen, "warning", "", None)]);
        let behind = |condition: &mut Condition| {
            let standbys = replication(condition).standbys.as_mut().unwrap();
            standbys[0].lag_ms = Some(10_001);
            standbys[1].state = "catchup".to_owned();
        };
        let expected = [
            (SignKind::StandbyBehind, "warning", "db-2", Some(10_001)),
            (SignKind::StandbyNotStreaming, "warning", "db-3", None),
        ];
        check(behind, &expected);
        let off = |condition: &mut Condition| replication(condition).synchronous_commit = "local".to_owned();
        check(off, &[(SignKind::CommitsDontWait, "broken", "", None)]);
        let wrong = |condition: &mut Condition| replication(condition).is_standby = true;
        check(wrong, &[(SignKind::PrimaryIsStandby, "broken", "", None)]);
    }

    fn well_standbys(n: usize) -> Option<Vec<Standby>> {
        Some([standby("db-2", "sync"), standby("db-3", "sync")].into_iter().take(n).collect())
    }

    #[test]
    fn an_archive_that_failed_last_is_broken_and_one_that_went_on_is_not() {
        let archive = |archived: Option<&str>| {
            let archived = archived.map(at);
            move |condition: &mut Condition| {
                replication(condition).archived_at = archived;
                replication(condition).archive_failed_at = Some(at("2026-12-04T11:00:00Z"));
            }
        };
        check(archive(None), &[(SignKind::ArchiveFails, "broken", "", None)]);
        check(archive(Some("2026-12-04T10:59:00Z")), &[(SignKind::ArchiveFails, "broken", "", None)]);
        check(archive(Some("2026-12-04T11:01:00Z")), &[]);
    }

    #[test]
    fn an_archive_to_which_nothing_comes_is_told_of() {
        let archive = |archived: Option<&str>, every_s: Option<i64>| {
            let archived = archived.map(at);
            move |condition: &mut Condition| {
                replication(condition).archived_at = archived;
                replication(condition).archives_every_s = every_s;
            }
        };
        check(archive(Some("2026-12-04T11:53:59Z"), Some(60)), &[(SignKind::ArchiveLate, "warning", "", Some(361))]);
        check(archive(Some("2026-12-04T11:54:00Z"), Some(60)), &[]);
        check(archive(Some("2026-12-01T00:00:00Z"), None), &[]);
        check(archive(None, Some(60)), &[]);
    }

    #[test]
    fn the_worst_comes_first() {
        let both = |condition: &mut Condition| {
            condition.work.n_mails_failed = 2;
            condition.servers[1].has_keys = false;
            condition.backup_at = None;
        };
        let expected = [
            (SignKind::KeysLocked, "broken", "app-2", None),
            (SignKind::MailsFailed, "warning", "", Some(2)),
            (SignKind::BackupLate, "warning", "", None),
        ];
        check(both, &expected);
    }

    #[test]
    fn without_a_database_the_rest_is_still_judged() {
        let mut seen = well();
        seen.condition = None;
        seen.event_log.answers = false;
        seen.process.has_unexpected_proxy = true;
        let kinds: Vec<SignKind> = signs(&seen).iter().map(|sign| sign.kind).collect();
        assert_eq!(kinds, [SignKind::LogAway, SignKind::ProxyUnexpected]);
    }
}
