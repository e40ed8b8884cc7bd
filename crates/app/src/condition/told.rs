//! Signs in English, for the command line: what was found, and what to do. The page says the same in its own words.

use protocol::http::status::{Sign, SignKind};

/// Says what was found.
#[must_use]
pub fn found(sign: &Sign) -> String {
    let n = sign.n.unwrap_or_default();
    let said = match sign.kind {
        SignKind::KeysLocked => "names can't be opened: the keyring is missing or locked".to_owned(),
        SignKind::CertificateEnded => "the certificate has ended".to_owned(),
        SignKind::CertificateEnds => format!("days until the certificate ends: {n}"),
        SignKind::ClockOff => format!("milliseconds that the clock is before the database's: {n}"),
        SignKind::DiskLow => format!("{:.2} GiB are free", n as f64 / f64::from(1 << 30)),
        SignKind::FilesLow => format!("a process may have {n} files open"),
        SignKind::ServerSilent => format!("the server has said nothing for {n} seconds"),
        SignKind::VersionsDiffer => "servers run different versions".to_owned(),
        SignKind::ProxyUnexpected => "requests come with x-forwarded-for, and behind_proxy is false".to_owned(),
        SignKind::PublicUrlMissing => "nobody said under which address people outside reach it".to_owned(),
        SignKind::SchemaAhead => format!("the schema of the database, {n}, is newer than this server knows"),
        SignKind::PrimaryIsStandby => "what should be the primary is a standby, and takes no writes".to_owned(),
        SignKind::CommitsDontWait => "synchronous_commit is off or local: commits don't wait".to_owned(),
        SignKind::NoStandbyWaitedFor => {
            "synchronous_standby_names is empty: what was acknowledged could be lost with the primary".to_owned()
        }
        SignKind::StandbyMissing => "commits wait for a standby, and there is none: nothing can be stored".to_owned(),
        SignKind::OneStandby => "one standby has what is acknowledged; without it nothing can be stored".to_owned(),
        SignKind::StandbyNotStreaming => "the standby doesn't stream".to_owned(),
        SignKind::StandbyBehind => format!("milliseconds that the standby is behind: {n}"),
        SignKind::StandbysUnseen => "standbys can't be seen".to_owned(),
        SignKind::ArchiveFails => "the log of the database can't be archived".to_owned(),
        SignKind::ArchiveLate => format!("the log of the database was last archived {n} seconds ago"),
        SignKind::LogAway => "the event log doesn't answer; nodes keep what they can't report".to_owned(),
        SignKind::LogIsAnother => "more is stored than there is in the event log".to_owned(),
        SignKind::ReportsWait => format!("records wait to be stored: {n}"),
        SignKind::ReportsLost => format!("records were deleted before they were stored: {n}"),
        SignKind::ReportsPutAside => format!("reports couldn't be stored: {n}"),
        SignKind::JobsWait => format!("a job waits for {n} seconds"),
        SignKind::JobsFailed => format!("jobs failed within a day: {n}"),
        SignKind::MailsWait => format!("a mail waits for {n} seconds"),
        SignKind::MailsFailed => format!("mails not delivered: {n}"),
        SignKind::MailsHeld => format!("mails kept back since a restore: {n}"),
        SignKind::RetentionLate => {
            ago(sign.n, "what is over was last deleted", "nobody noted that what is over was deleted")
        }
        SignKind::BackupLate => ago(sign.n, "a backup was last written", "no backup is noted"),
    };
    if sign.about.is_empty() { said } else { format!("{}: {said}", sign.about) }
}

fn ago(days: Option<i64>, last: &str, never: &str) -> String {
    days.map_or_else(|| never.to_owned(), |days| format!("{last} {days} days ago"))
}

/// Says what to do.
#[must_use]
pub fn advice(kind: SignKind) -> &'static str {
    match kind {
        SignKind::KeysLocked => {
            "bring the keyring to where [keyring] folder says, and unlock it; names stay locked until then"
        }
        SignKind::CertificateEnded | SignKind::CertificateEnds => {
            "have a new one signed, put it where [server] certificate says, and start the server again, one after the other"
        }
        SignKind::ClockOff => {
            "see that chrony or ntpd runs on every host; deadlines, sessions and days follow the clock"
        }
        SignKind::DiskLow => "make room, or move the data folder to a larger disk",
        SignKind::FilesLow => "set LimitNOFILE=65536 in its unit, and start it again",
        SignKind::ServerSilent => {
            "see whether its host runs and reaches the database; one that was taken away is forgotten after a day"
        }
        SignKind::VersionsDiffer => "finish the update: start the others anew with the same version",
        SignKind::ProxyUnexpected => {
            "where a proxy stands before it, set behind_proxy = true in [server]: else all callers share one limit; where none does, \
             somebody sends it by hand, and it is ignored"
        }
        SignKind::PublicUrlMissing => "set public_url in [server]: links in mails and letters begin with it",
        SignKind::SchemaAhead => "update this server too; until then it does what its version can",
        SignKind::PrimaryIsStandby => {
            "see which host Patroni calls primary, and that the balancers lead to it: patronictl list, haproxy's port 5432"
        }
        SignKind::CommitsDontWait => "set synchronous_commit = on with patronictl edit-config",
        SignKind::NoStandbyWaitedFor => {
            "set synchronous_mode and synchronous_mode_strict with patronictl edit-config; see that standbys run"
        }
        SignKind::StandbyMissing => "start the hosts of the standbys: patronictl list says which are away",
        SignKind::OneStandby => "bring the other standby back: patronictl list says which is away, its log says why",
        SignKind::StandbyNotStreaming => "look into its log; where it can't catch up, patronictl reinit copies it anew",
        SignKind::StandbyBehind => "see whether its disk or network is busy; nobody is sent to it while it is behind",
        SignKind::StandbysUnseen => "as a superuser: GRANT pg_monitor TO epitrace_jobs",
        SignKind::ArchiveFails => {
            "see archive_command in PostgreSQL's log; the log grows on the primary's disk until it works"
        }
        SignKind::ArchiveLate => {
            "see whether archive_command hangs, and whether the host of backups is full; the log grows on the primary's disk meanwhile"
        }
        SignKind::LogAway => "see that brokers run and can be reached, and [event_log]; nothing is lost meanwhile",
        SignKind::LogIsAnother => "set another name in [event_log] topic; what nodes report from then on is stored",
        SignKind::ReportsWait => {
            "see that a server with consume, or `epitrace consume`, runs and reaches the database; more members go faster"
        }
        SignKind::ReportsLost => {
            "consumers were away for longer than [event_log] kept_days; runs of that time miss these reports"
        }
        SignKind::ReportsPutAside => {
            "somebody sends what isn't a report, or reports of runs that were deleted; they are kept for 14 days"
        }
        SignKind::JobsWait => {
            "see that a server runs; a long import keeps others waiting, and a second server takes some"
        }
        SignKind::JobsFailed => "each says why on the page of imports and exports of its authority",
        SignKind::MailsWait => {
            "see that [mail] is set, and that the mail server takes mail; its log says why it doesn't"
        }
        SignKind::MailsFailed => "see why in the list of messages, correct the address, and have them tried again",
        SignKind::MailsHeld => "they may have gone before; let go of them with: epitrace messages release",
        SignKind::RetentionLate => "see that a server runs; without one have a timer run: epitrace retention run",
        SignKind::BackupLate => {
            "have a timer run epitrace backup each night, in a cell pgBackRest, and try a restore now and then"
        }
    }
}
