//! Is everything in order here, and what to do where it isn't.

mod keyring;

use crate::context::{App, Worker};
use crate::error::Result;
use domain::time::local_day;
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::path::Path;
use storage::folder::DataFolder;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// In order.
    Fine,
    /// Works, but somebody should look.
    Warning,
    /// Doesn't work.
    Broken,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was checked.
    pub check: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do; `null` where nothing.
    pub advice: Option<String>,
}

impl Finding {
    /// All is well.
    #[must_use]
    pub fn fine(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Fine, found: found.into(), advice: None }
    }

    /// It works, but here is what to do.
    #[must_use]
    pub fn warning(check: &'static str, found: impl Into<String>, advice: &str) -> Self {
        Self { check, verdict: Verdict::Warning, found: found.into(), advice: Some(advice.to_owned()) }
    }

    /// It doesn't work, and here is what to do.
    #[must_use]
    pub fn broken(check: &'static str, found: impl Into<String>, advice: &str) -> Self {
        Self { check, verdict: Verdict::Broken, found: found.into(), advice: Some(advice.to_owned()) }
    }
}

/// What a check needs to know of the place where the program runs.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'s> {
    /// The data folder.
    pub folder: &'s DataFolder,
    /// Where the keyring is.
    pub keyring: &'s Path,
    /// Where mails go.
    pub mail: MailSetting,
    /// Whether it is set up to take guests' check-ins.
    pub takes_check_ins: bool,
}

/// Where mails go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSetting {
    /// Nowhere: no mail server is set.
    Missing,
    /// To whom they are written to.
    ToRecipients,
    /// All to one address, in a test installation.
    AllToOne,
}

/// A clock before this day is wrong: this program is younger.
const EARLIEST_CLOCK: jiff::civil::Date = date(2026, 11, 1);

impl App {
    /// Checks clock, disk, database, keys, duplicates, counters, territory, mail, public texts, guest lists, visitors of
    /// occasions and audit chain.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be read at all.
    pub async fn doctor(&self, worker: &Worker, around: Surroundings<'_>) -> Result<Vec<Finding>> {
        let Surroundings { folder, keyring, mail, takes_check_ins } = around;
        let mut findings = vec![self.check_clock(), check_disk(folder)?, self.check_keys(worker)];
        findings.extend(self.check_sides(folder.path(), keyring).await);
        findings.push(Finding::fine(
            "database",
            format!("{}, schema {}", self.store.kind(), storage::Store::newest_schema()),
        ));
        findings.push(match self.n_without_tokens(worker).await? {
            0 => Finding::fine("duplicates", "everybody can be found who is stored twice"),
            n_waiting => Finding::warning(
                "duplicates",
                format!("at most {n_waiting} persons can't be found yet if they are stored twice"),
                "a running server prepares them, a million in some minutes; run this again",
            ),
        });
        findings.push(self.check_tallies(worker).await?);
        findings.push(self.check_territory(worker).await?);
        findings.push(self.check_mail(worker, mail).await?);
        findings.push(self.check_texts(worker).await?);
        findings.push(self.check_guest_lists(worker, takes_check_ins).await?);
        findings.push(self.check_visitors(worker).await?);
        let chain = self.verify_audit(worker).await?;
        findings.push(match &chain.first_break {
            None if chain.n_unchained == 0 => Finding::fine("audit chain", format!("{} records hold", chain.n_checked)),
            None => Finding::warning(
                "audit chain",
                format!("{} records hold; not chained yet: {}", chain.n_checked, chain.n_unchained),
                "any command chains them when it ends; run this again",
            ),
            Some(at) => Finding::broken(
                "audit chain",
                at.to_string(),
                "somebody changed the audit log; compare it with a backup before anything else",
            ),
        });
        Ok(findings)
    }

    fn check_clock(&self) -> Finding {
        let today = local_day(self.now(), &TimeZone::UTC);
        if today < EARLIEST_CLOCK {
            let advice = "set the clock; deadlines and deletions follow it";
            return Finding::broken("clock", format!("it says {today}, before this program was written"), advice);
        }
        Finding::fine("clock", format!("{:.0}", self.now()))
    }

    /// Without a list no postcode is checked; with one, an authority that isn't in it can't tell its own postcodes.
    async fn check_territory(&self, worker: &Worker) -> Result<Finding> {
        const CHECK: &str = "territory";
        let mut tx = self.store.read_installation().await?;
        let here = storage::territory::whereabouts(&mut tx, worker.authority.authority_id).await?;
        let Some(version) = storage::territory::in_force(&mut tx, &here.country).await? else {
            let found = format!("there is no list of {}; no postcode is checked", here.country);
            return Ok(Finding::warning(CHECK, found, "import one: epitrace territory import FILE"));
        };
        let found = format!("list {version} of {}", here.country);
        let Some(code) = here.territory_code else {
            let advice = "say which office of the list it is: epitrace admin set-territory CODE";
            return Ok(Finding::warning(CHECK, format!("{found}; the authority isn't in it yet"), advice));
        };
        match storage::territory::office(&mut tx, &here.country, version, &code).await? {
            Some(office) => Ok(Finding::fine(CHECK, format!("{found}; the authority is {code}, {}", office.name))),
            None => {
                let advice = "the list has changed; say which office it is now: epitrace admin set-territory CODE";
                Ok(Finding::warning(CHECK, format!("{found} has no office {code}"), advice))
            }
        }
    }

    /// Whoever is invited reads these first.
    async fn check_texts(&self, worker: &Worker) -> Result<Finding> {
        const CHECK: &str = "texts";
        let mut tx = self.store.read(worker.authority.authority_id, storage::Freshness::Fresh).await?;
        let missing = self.missing_public_texts(&mut tx, &worker.authority).await?;
        if missing.is_empty() {
            return Ok(Finding::fine(CHECK, "what everybody may read is there"));
        }
        let names: Vec<String> = missing.iter().map(|kind| kind.as_str().replace('_', " ")).collect();
        let advice = "an administrator writes them in the settings, under texts; nobody can be invited before";
        Ok(Finding::warning(CHECK, format!("missing: {}", names.join(", ")), advice))
    }

    /// Mails that don't go are told, the most urgent first.
    async fn check_mail(&self, worker: &Worker, setting: MailSetting) -> Result<Finding> {
        const CHECK: &str = "mail";
        let counts = self.count_unsent(worker.authority.authority_id).await?;
        if counts.held > 0 {
            let found = format!("kept back since a restore: {}", mails(counts.held));
            let advice = "they may have gone before; let go of them with: epitrace messages release";
            return Ok(Finding::warning(CHECK, found, advice));
        }
        if setting == MailSetting::Missing {
            let advice = "name a mail server in [mail] of the configuration";
            let found = format!("no mail server is set; waiting: {}", mails(counts.waiting));
            return Ok(match counts.waiting {
                0 => Finding::fine(CHECK, "no mail server is set; none is needed yet"),
                _ => Finding::warning(CHECK, found, advice),
            });
        }
        if counts.failed > 0 {
            let found = format!("not delivered: {}", mails(counts.failed));
            let advice = "see why in the list of messages, correct the address, and have them tried again";
            return Ok(Finding::warning(CHECK, found, advice));
        }
        if setting == MailSetting::AllToOne {
            let advice = "take all_to out of [mail] before people are to get mail from here";
            return Ok(Finding::warning(CHECK, "all of it goes to one address, as a test installation's", advice));
        }
        Ok(Finding::fine(CHECK, format!("waiting: {}", mails(counts.waiting))))
    }

    /// Says whether guests can check in, and whether lists can be read.
    async fn check_guest_lists(&self, worker: &Worker, takes_check_ins: bool) -> Result<Finding> {
        const CHECK: &str = "guest lists";
        if !takes_check_ins {
            let found = "guests can't check in: [storage] intake_url is missing";
            return Ok(Finding::warning(CHECK, found, "set it to the role epitrace_intake, or do without guest lists"));
        }
        let n_lost = self.lost_days(&worker.authority).await?.len();
        if n_lost > 0 {
            let found = format!("of {n_lost} days the keys are missing; what guests left on them can't be read");
            let advice = "put the keyring back that was there, with day-keys.json; without it a server takes check-ins of \
                the open days under new keys, and the lists of the others are lost";
            return Ok(Finding::broken(CHECK, found, advice));
        }
        Ok(Finding::fine(CHECK, "guests can check in, and the keys of all their days are there"))
    }

    /// Says whether the visitors of occasions can be read.
    async fn check_visitors(&self, worker: &Worker) -> Result<Finding> {
        const CHECK: &str = "visitors";
        let lost = self.lost_upload_days(&worker.authority).await?;
        let Some(first) = lost.first() else {
            return Ok(Finding::fine(CHECK, "the keys of all days on which visitors were handed in are there"));
        };
        let found = format!(
            "of {} the keys are missing, the first {first}; visitors of occasions that were handed in then can't be read",
            if lost.len() == 1 { "1 day".to_owned() } else { format!("{} days", lost.len()) },
        );
        let advice = "put the keyring back that was there, with upload-keys.json; an exported one doesn't hold it. Without \
            it, have them handed in again";
        Ok(Finding::broken(CHECK, found, advice))
    }

    fn check_keys(&self, worker: &Worker) -> Finding {
        match self.sealer(worker) {
            Ok(_) => Finding::fine("keys", "the authority's key is there"),
            Err(error) => Finding::broken(
                "keys",
                error.to_string(),
                "bring the keyring back from `keys export` and name it with --keyring; names stay locked until then",
            ),
        }
    }
}

fn mails(n: i64) -> String {
    if n == 1 { "1 mail".to_owned() } else { format!("{n} mails") }
}

/// A disk with less than this may be full before somebody looks again: one gibibyte.
const LEAST_FREE_BYTES: u64 = 1 << 30;

fn check_disk(folder: &DataFolder) -> Result<Finding> {
    let free = folder.free_bytes()?;
    let found = format!("{:.1} GiB are free", free as f64 / f64::from(1 << 30));
    if free < LEAST_FREE_BYTES {
        return Ok(Finding::warning("disk", found, "make room, or move the data folder to a larger disk"));
    }
    Ok(Finding::fine("disk", found))
}
