//! The authority in numbers, at a glance: what is at work, what waits, who must stay at home, what is new.

use crate::context::{App, Audited, Worker};
use crate::doctor::Finding;
use crate::error::Result;
use domain::authorities::Action;
use domain::ids::AuthorityId;
use domain::time::{DayRange, local_day, plus_days};
use jiff::civil::Date;
use storage::Freshness;
use storage::tallies::{Quarantined, Tally};

/// Days of the curve of new cases, today included: two weeks, so that a weekday stands beside the same weekday.
pub const NEW_DAYS: i32 = 14;

/// New cases of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewCases {
    /// Index cases.
    pub index: u64,
    /// Contacts.
    pub contacts: u64,
}

/// The numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// The day.
    pub today: Date,
    /// How many cases there are of each kind.
    pub tallies: Vec<Tally>,
    /// Quarantine and isolation today.
    pub quarantined: Quarantined,
    /// New cases by day of report, from the oldest to today.
    pub new: Vec<(Date, NewCases)>,
    /// How many cases wait for somebody.
    pub waiting: u64,
    /// How many mails wait, failed, or are held.
    pub mails: storage::messages::Counts,
}

/// Cases that wait are counted up to here.
pub const MOST_WAITING: u64 = 10_000;

impl App {
    /// Returns the numbers of an authority.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) if the role doesn't allow it.
    #[tracing::instrument(target = "epitrace::traces", name = "app::dashboard", skip_all)]
    pub async fn dashboard(&self, worker: &Worker) -> Result<Dashboard> {
        worker.require(Action::SeeOutbreak)?;
        let today = local_day(self.now(), &worker.authority.time_zone);
        let first = plus_days(today, 1 - NEW_DAYS);
        let mut tx = self.look_at_numbers(worker).await?;
        let tallies = storage::tallies::kept(&mut tx).await?;
        let quarantined = storage::tallies::quarantined(&mut tx, today).await?;
        let found = storage::tallies::new_by_day(&mut tx, DayRange { first, last: today }).await?;
        let everybody = storage::cases::WorkFilter { whose: storage::cases::Whose::Anybodys, kind: None };
        let waiting = storage::cases::count_waiting(&mut tx, &everybody, MOST_WAITING).await?;
        let mails = storage::messages::counts(&mut tx).await?;
        drop(tx);
        let of_day = |day: Date| {
            let mut new = NewCases::default();
            for (_, is_index, n) in found.iter().filter(|(found, _, _)| *found == day) {
                *(if *is_index { &mut new.index } else { &mut new.contacts }) += n;
            }
            (day, new)
        };
        let new = (0..NEW_DAYS).map(|n| of_day(plus_days(first, n))).collect();
        let n_cases: i64 = tallies.iter().map(|tally| tally.n).sum();
        let n_subjects = usize::try_from(n_cases).unwrap_or(0);
        let audited = Audited { operation: "reports.dashboard", subjects: String::new(), n_subjects };
        self.record_numbers(worker, audited).await?;
        Ok(Dashboard { today, tallies, quarantined, new, waiting, mails })
    }

    /// Folds what each change noted of the numbers of cases, so that reading them stays quick.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be written.
    pub async fn fold_tallies(&self, authority_id: AuthorityId) -> Result<()> {
        if self.store.kind() == "sqlite" {
            return Ok(());
        }
        let mut tx = self.store.write(authority_id).await?;
        storage::tallies::fold(&mut tx).await?;
        Ok(tx.commit().await?)
    }

    /// Compares the numbers that are kept with what is there.
    pub(crate) async fn check_tallies(&self, worker: &Worker) -> Result<Finding> {
        const CHECK: &str = "counters";
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let (kept, counted) = (storage::tallies::kept(&mut tx).await?, storage::tallies::counted(&mut tx).await?);
        let n: i64 = counted.iter().map(|tally| tally.n).sum();
        if kept == counted {
            return Ok(Finding::fine(CHECK, format!("the numbers of cases agree with the {n} that are there")));
        }
        let differ = kept.iter().filter(|tally| !counted.contains(tally)).count();
        let found = format!("numbers of cases that don't agree with what is there: {}", differ.max(1));
        Ok(Finding::warning(CHECK, found, "count them anew with: epitrace doctor --recount"))
    }

    /// Counts all cases anew, and keeps that.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) if the role doesn't allow it.
    pub async fn recount(&self, worker: &Worker) -> Result<()> {
        worker.require(Action::SeeDoctor)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        storage::tallies::recount(&mut tx).await?;
        self.record(&mut tx, worker, Audited { operation: "doctor.recount", ..Audited::default() }).await?;
        Ok(tx.commit().await?)
    }
}
