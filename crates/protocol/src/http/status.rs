//! How an installation stands, for who runs it: counts and times, names of hosts, nothing of a person.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How the installation stands.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// When it was looked.
    pub looked_at: String,
    /// What somebody should look at, the worst first; empty where all is well.
    pub signs: Vec<Sign>,
    /// The servers, by name.
    pub servers: Vec<Server>,
    /// The database.
    pub database: Database,
    /// The log in which reports of nodes wait.
    pub event_log: EventLog,
    /// Work that waits, of all authorities.
    pub work: Work,
    /// When a backup was last written; `null` if none is noted.
    pub backup_at: Option<String>,
    /// When what had reached the end of its period was last deleted; `null` if that isn't noted.
    pub retention_at: Option<String>,
}

/// Something that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sign {
    /// What it is a sign of.
    pub kind: SignKind,
    /// `warning`: it works, but somebody should look; `broken`: it doesn't work.
    pub verdict: String,
    /// The host that it is about; empty where it is about the whole.
    pub about: String,
    /// The number that belongs to it: seconds, days, bytes or things, as its kind says.
    pub n: Option<i64>,
}

/// What a sign is of. What stands behind says what its number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignKind {
    /// A server can't open names: its keyring is missing or locked.
    KeysLocked,
    /// A certificate has ended.
    CertificateEnded,
    /// A certificate ends within 30 days. Days.
    CertificateEnds,
    /// A clock is wrong: more than two seconds from the database's. Milliseconds; positive: it is ahead.
    ClockOff,
    /// Less than a gibibyte is free. Bytes.
    DiskLow,
    /// A process may have too few files open. Files.
    FilesLow,
    /// A server has said nothing for more than a minute. Seconds.
    ServerSilent,
    /// Servers run different versions.
    VersionsDiffer,
    /// Requests come with `x-forwarded-for`, and `behind_proxy` is false: if a proxy sends it, all callers seem to be one.
    ProxyUnexpected,
    /// Nobody said under which address people outside reach the installation.
    PublicUrlMissing,
    /// The schema of the database is newer than a server knows. Step of the schema.
    SchemaAhead,
    /// What should be the primary is a standby, and takes no writes.
    PrimaryIsStandby,
    /// Commits don't wait for the disk or for standbys: `synchronous_commit` says so.
    CommitsDontWait,
    /// There are standbys or several servers, and no commit waits for a standby: what was acknowledged could be lost.
    NoStandbyWaitedFor,
    /// Commits wait for a standby, and there is none: nothing can be stored.
    StandbyMissing,
    /// Only one standby has what is acknowledged: without it nothing can be stored.
    OneStandby,
    /// A standby doesn't stream.
    StandbyNotStreaming,
    /// A standby is more than 16 MiB or ten seconds behind. Milliseconds.
    StandbyBehind,
    /// The role for jobs may not see standbys.
    StandbysUnseen,
    /// The log of the database can't be archived.
    ArchiveFails,
    /// The log of the database was last archived longer ago than it should be. Seconds.
    ArchiveLate,
    /// The event log doesn't answer: nodes keep what they can't report.
    LogAway,
    /// More is stored than there is in the event log: it is another one, or lost its end.
    LogIsAnother,
    /// Many reports wait to be stored. Records.
    ReportsWait,
    /// Reports were deleted before they were stored. Records.
    ReportsLost,
    /// Reports couldn't be stored and were put aside. Reports.
    ReportsPutAside,
    /// A job waits for more than five minutes. Seconds.
    JobsWait,
    /// Jobs failed within a day. Jobs.
    JobsFailed,
    /// A mail waits for more than half an hour. Seconds.
    MailsWait,
    /// Mails couldn't be delivered. Mails.
    MailsFailed,
    /// Mails are kept back since a restore. Mails.
    MailsHeld,
    /// Nothing was deleted at its end for more than two days. Days; `null` if never.
    RetentionLate,
    /// No backup was written for more than a day. Days; `null` if never.
    BackupLate,
}

/// A server.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Server {
    /// Drawn when it started.
    pub server_id: Uuid,
    /// Name of its host.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// When it started.
    pub started_at: String,
    /// When it last said how it is.
    pub seen_at: String,
    /// `serving`, `draining` while it ends, `aside` while its clock is wrong and another serves, `silent` if it says nothing any more.
    pub state: String,
    /// Whether it is the one that answers.
    pub answers: bool,
    /// Until when its certificate holds; `null` where it has none.
    pub certificate_until: Option<String>,
    /// Milliseconds that its clock is before the database's; `null` on SQLite.
    pub clock_ahead_ms: Option<i64>,
    /// Bytes that are free on the disk of its data folder.
    pub disk_free_bytes: Option<i64>,
    /// Whether it can open names.
    pub has_keys: bool,
}

/// The database.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Database {
    /// `sqlite`, `postgresql`.
    pub kind: String,
    /// Its version; `null` on SQLite.
    pub version: Option<String>,
    /// Newest step of its schema.
    pub schema_version: i64,
    /// Its size; `null` on SQLite.
    pub n_bytes: Option<i64>,
    /// Whose copy a commit waits for, as `synchronous_standby_names` says; `null` on SQLite.
    pub waits_for: Option<String>,
    /// Its standbys; `null` on SQLite, and where they can't be seen.
    pub standbys: Option<Vec<Standby>>,
    /// When its log was last archived; `null` if it isn't.
    pub archived_at: Option<String>,
    /// Connections of the server that answers.
    pub pools: Vec<Pool>,
}

/// A standby.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Standby {
    /// As it calls itself.
    pub name: String,
    /// `streaming` where all is well.
    pub state: String,
    /// Whether a commit waits for it.
    pub is_waited_for: bool,
    /// Bytes that it is behind.
    pub lag_bytes: Option<i64>,
    /// Milliseconds that it is behind; `null` while nothing is written.
    pub lag_ms: Option<i64>,
}

/// Connections of a role.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Pool {
    /// Whose: `app`, `jobs`, `intake`, `other`; `writer`, `readers` on SQLite.
    pub name: String,
    /// In use.
    pub in_use: u32,
    /// Open and not in use.
    pub idle: u32,
    /// Most.
    pub most: u32,
}

/// The log in which reports of nodes wait.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EventLog {
    /// `none`, `folder`, `brokers`.
    pub kind: String,
    /// Whether it answers.
    pub answers: bool,
    /// Partitions; `null` while it doesn't answer.
    pub n_partitions: Option<u32>,
    /// Records that wait to be stored; `null` while nobody can say.
    pub n_waiting: Option<u64>,
    /// Records that were deleted before they were stored.
    pub n_lost: Option<u64>,
    /// Reports that couldn't be stored, of the last fourteen days.
    pub n_put_aside: Option<u64>,
}

/// Work that waits.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Work {
    /// Jobs that nobody has begun.
    pub n_jobs_waiting: i64,
    /// Jobs at which somebody is.
    pub n_jobs_running: i64,
    /// Jobs that failed within a day.
    pub n_jobs_failed: i64,
    /// Seconds that the oldest job waits.
    pub oldest_job_s: Option<i64>,
    /// Mails that wait or are under way.
    pub n_mails_waiting: i64,
    /// Mails that couldn't be delivered.
    pub n_mails_failed: i64,
    /// Mails that are kept back since a restore.
    pub n_mails_held: i64,
    /// Seconds that the oldest mail waits.
    pub oldest_mail_s: Option<i64>,
    /// Days of check-ins that aren't packed.
    pub n_days_open: i64,
}
