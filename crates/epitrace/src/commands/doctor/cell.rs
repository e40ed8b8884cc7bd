//! What the doctor says of the parts of a cell: servers, standbys, clocks, certificate, and settings that don't fit together.
//! Signs are those of the page of operators; what other checks say already is left to them.

use crate::config::Config;
use crate::screen::counted;
use app::App;
use app::condition::{Condition, EventLogState, Seen, ThisProcess, advice, found, is_waited_for, signs, state_of};
use app::doctor::Finding;
use jiff::{SignedDuration, Timestamp};
use protocol::http::status::{Sign, SignKind};
use std::path::Path;

const SERVERS: &str = "servers";
const STANDBYS: &str = "standbys";
const CLOCKS: &str = "clocks";
const CERTIFICATE: &str = "certificate";
const SETTINGS: &str = "settings";
const BACKUP: &str = "backup";
const RETENTION: &str = "retention";
const JOBS: &str = "jobs";

/// Days before its end from which on a certificate is told of.
const CERTIFICATE_DAYS: i64 = 30;

/// Checks the parts of a cell.
///
/// # Errors
///
/// If the database can't be read.
pub async fn check(app: &App, config: &Config) -> anyhow::Result<Vec<Finding>> {
    let mut condition = app.condition().await?;
    // What isn't a server doesn't know it by itself.
    condition.has_public_url = config.server.public_url.is_some() || !config.server.behind_proxy;
    let now = condition.looked_at;
    let mut findings = of_condition(condition);
    findings.extend(config.server.certificate.as_deref().map(|file| of_certificate(file, now)));
    findings.extend(of_settings(config));
    Ok(findings)
}

/// By which check a sign is told; `None` if another check says it already.
fn check_of(kind: SignKind) -> Option<&'static str> {
    match kind {
        SignKind::ServerSilent
        | SignKind::VersionsDiffer
        | SignKind::SchemaAhead
        | SignKind::CertificateEnds
        | SignKind::CertificateEnded
        | SignKind::DiskLow
        | SignKind::FilesLow
        | SignKind::KeysLocked => Some(SERVERS),
        SignKind::ClockOff => Some(CLOCKS),
        SignKind::ProxyUnexpected | SignKind::PublicUrlMissing => Some(SETTINGS),
        SignKind::PrimaryIsStandby
        | SignKind::CommitsDontWait
        | SignKind::NoStandbyWaitedFor
        | SignKind::StandbyMissing
        | SignKind::OneStandby
        | SignKind::StandbyNotStreaming
        | SignKind::StandbyBehind
        | SignKind::StandbysUnseen
        | SignKind::ArchiveFails
        | SignKind::ArchiveLate => Some(STANDBYS),
        SignKind::JobsWait | SignKind::JobsFailed => Some(JOBS),
        SignKind::RetentionLate => Some(RETENTION),
        SignKind::BackupLate => Some(BACKUP),
        SignKind::LogAway
        | SignKind::LogIsAnother
        | SignKind::ReportsWait
        | SignKind::ReportsLost
        | SignKind::ReportsPutAside
        | SignKind::MailsWait
        | SignKind::MailsFailed
        | SignKind::MailsHeld => None,
    }
}

fn of_condition(condition: Condition) -> Vec<Finding> {
    let well = well(&condition);
    let event_log = EventLogState { kind: "none", ..EventLogState::default() };
    let seen = Seen { condition: Some(condition), event_log, process: ThisProcess::default() };
    // Whether names can be opened here says the check of keys; a server's own says this.
    let signs: Vec<Sign> =
        signs(&seen).into_iter().filter(|sign| !(sign.kind == SignKind::KeysLocked && sign.about.is_empty())).collect();
    let told = |sign: &Sign| {
        let check = check_of(sign.kind)?;
        let tell = if sign.verdict == "broken" { Finding::broken } else { Finding::warning };
        Some(tell(check, found(sign), advice(sign.kind)))
    };
    let findings: Vec<Finding> = signs.iter().filter_map(told).collect();
    let is_told = |check: &str| findings.iter().any(|finding| finding.check == check);
    let fine: Vec<Finding> = well
        .into_iter()
        .filter(|(check, _)| !is_told(check))
        .map(|(check, found)| Finding::fine(check, found))
        .collect();
    fine.into_iter().chain(findings).collect()
}

/// What is said of parts that show no sign.
fn well(condition: &Condition) -> Vec<(&'static str, String)> {
    let now = condition.time_there();
    let serving = condition.servers.iter().filter(|server| state_of(server, now) == "serving").count();
    let mut well = vec![
        (
            SERVERS,
            match serving {
                0 => "none serves just now".to_owned(),
                n => format!("{} as they should", counted(n as u64, "server serves", "servers serve")),
            },
        ),
        (
            JOBS,
            match condition.work.n_jobs_waiting {
                0 => "none waits".to_owned(),
                n => format!("{} not for long yet", counted(n.unsigned_abs(), "waits,", "wait,")),
            },
        ),
        (BACKUP, format!("last written {}", day(condition.backup_at))),
        (RETENTION, format!("what is over was last deleted {}", day(condition.retention_at))),
    ];
    if let Some(ahead_ms) = condition.clock_ahead_ms {
        well.push((CLOCKS, format!("this one and the database's are {} ms apart", ahead_ms.abs())));
    }
    if let Some(seen) = &condition.replication {
        let standbys = seen.standbys.as_deref().unwrap_or_default();
        let waited_for = standbys.iter().filter(|standby| is_waited_for(&standby.sync_state)).count();
        let found = match waited_for {
            0 => "a database of its own: what its disk loses is lost since the last backup".to_owned(),
            n => format!("what is acknowledged is also on {}", counted(n as u64, "standby", "standbys")),
        };
        well.push((STANDBYS, found));
    }
    well
}

fn day(at: Option<Timestamp>) -> String {
    at.map_or_else(|| "at no time that is noted".to_owned(), |at| format!("at {at:.0}"))
}

fn of_certificate(file: &Path, now: Timestamp) -> Finding {
    let advice = "have a new one signed, put it where [server] certificate says, and start the server again";
    let until = match server::ends_at(file) {
        Ok(until) => until,
        Err(error) => return Finding::broken(CERTIFICATE, format!("{}: {error}", file.display()), advice),
    };
    let left = until.duration_since(now);
    if left <= SignedDuration::ZERO {
        return Finding::broken(CERTIFICATE, format!("it ended at {until}"), advice);
    }
    match left.as_hours() / 24 {
        days if days < CERTIFICATE_DAYS => {
            let left = counted(days.unsigned_abs(), "day", "days");
            Finding::warning(CERTIFICATE, format!("it ends in {left}, at {until}"), advice)
        }
        _ => Finding::fine(CERTIFICATE, format!("it holds until {until}")),
    }
}

/// Settings that don't fit together.
fn of_settings(config: &Config) -> Vec<Finding> {
    let (server, storage) = (&config.server, &config.storage);
    let mut findings = Vec::new();
    if server.behind_proxy && server.drain.is_none() {
        let advice = "set drain = \"3s\" in [server], so that balancers see that a server ends before it does";
        findings.push(Finding::warning(SETTINGS, "behind_proxy without drain", advice));
    }
    if !server.behind_proxy && server.certificate.is_none() && server.listen.is_some_and(|at| !at.ip().is_loopback()) {
        let advice = "set certificate and private_key in [server], or behind_proxy = true where a proxy does TLS";
        findings.push(Finding::broken(SETTINGS, "it listens beyond this machine without TLS, and won't start", advice));
    }
    if storage.url.is_some() && storage.jobs_url.is_none() {
        let advice = "set jobs_url in [storage] to the role epitrace_jobs: only it may delete what is over";
        findings.push(Finding::warning(SETTINGS, "url without jobs_url", advice));
    }
    if findings.is_empty() {
        findings.push(Finding::fine(SETTINGS, "they fit together"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::doctor::Verdict;

    fn settings(text: &str) -> Vec<(Verdict, String)> {
        let config: Config = toml::from_str(text).unwrap();
        of_settings(&config).into_iter().map(|finding| (finding.verdict, finding.found)).collect()
    }

    #[test]
    fn settings_that_do_not_fit_together_are_told() {
        assert_eq!(settings(""), [(Verdict::Fine, "they fit together".to_owned())]);
        assert_eq!(settings("[server]\nbehind_proxy = true\ndrain = '3s'")[0].0, Verdict::Fine);
        assert_eq!(settings("[server]\nbehind_proxy = true")[0].0, Verdict::Warning);
        assert_eq!(settings("[server]\nlisten = '0.0.0.0:80'")[0].0, Verdict::Broken);
        assert_eq!(settings("[storage]\nurl = 'postgres://x'")[0].1, "url without jobs_url");
    }

    fn certificate(not_after: (i32, u8, u8)) -> tempfile::NamedTempFile {
        let mut params = rcgen::CertificateParams::new(vec!["app-1.example.org".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(not_after.0, not_after.1, not_after.2);
        let key = rcgen::KeyPair::generate().unwrap();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), params.self_signed(&key).unwrap().pem()).unwrap();
        file
    }

    #[test]
    fn a_certificate_is_told_of_thirty_days_before_it_ends() {
        let now: Timestamp = "2026-12-04T12:00:00Z".parse().unwrap();
        let check = |not_after: (i32, u8, u8), verdict: Verdict| {
            let file = certificate(not_after);
            assert_eq!(of_certificate(file.path(), now).verdict, verdict, "{not_after:?}");
        };
        check((2027, 1, 4), Verdict::Fine);
        check((2027, 1, 3), Verdict::Warning);
        check((2026, 12, 5), Verdict::Warning);
        check((2026, 12, 4), Verdict::Broken);
        assert_eq!(of_certificate(Path::new("/nowhere"), now).verdict, Verdict::Broken);
    }
}
