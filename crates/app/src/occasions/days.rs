//! The end of days on which visitors were handed in: the key goes first, then the rows, then that is written down.

use crate::context::{App, Audited};
use crate::error::Result;
use domain::authorities::Role;
use domain::check_ins::VenueDay;
use domain::time::{local_day, plus_days};
use jiff::SignedDuration;
use jiff::civil::Date;
use std::collections::BTreeSet;
use storage::Freshness;
use storage::authorities::Authority;
use storage::sealing::DayKind;

/// Name of the lease of whoever ends the days.
const LEASE: &str = "occasions/days";
/// Whoever was stopped loses it after this long.
const LEASE_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// Days back that are looked at: whatever is older was ended when it was due, or is ended when a server starts again.
const LOOKED_AT: i32 = 400;

impl App {
    /// Ends the days whose visitors' time is over. Returns how many. Of several servers, one does it.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if keys or rows can't be written; the next turn goes on.
    pub async fn end_upload_days(&self) -> Result<usize> {
        let holder = domain::ids::mint(self.now(), self.random());
        if !self.take_lease(LEASE, holder, LEASE_LASTS).await? {
            return Ok(0);
        }
        let ended = self.end_due_uploads().await;
        let mut tx = self.jobs_store.installation().await?;
        storage::leases::give_back(&mut tx, LEASE, holder).await?;
        tx.commit().await?;
        ended
    }

    /// Lists the days of upload whose visitors nobody can read, because the keyring, which is here, lacks their keys. So it is
    /// after a restore with a keyring of before, or with an exported one: exports don't hold these keys.
    pub(crate) async fn lost_upload_days(&self, authority: &Authority) -> Result<Vec<Date>> {
        let Some(keys) = self.keys_if_any() else { return Ok(Vec::new()) };
        let kept: BTreeSet<VenueDay> = keys.days(DayKind::Uploads).await?.into_iter().map(|(of, _)| of).collect();
        let now = self.now();
        let from = plus_days(local_day(now, &authority.time_zone), -LOOKED_AT);
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        let days = storage::occasions::list_days(&mut tx, from).await?.into_iter();
        let kept_days = days.filter(|day| day.destroyed_at.is_none() && day.ends_at > now).map(|day| day.day);
        let of = |day: &Date| VenueDay { authority_id: authority.authority_id, day: *day };
        Ok(kept_days.filter(|day| !kept.contains(&of(day))).collect())
    }

    async fn end_due_uploads(&self) -> Result<usize> {
        let now = self.now();
        let authorities = self.authorities_at_work().await?;
        let mut due = Vec::new();
        for authority in &authorities {
            let from = plus_days(local_day(now, &authority.time_zone), -LOOKED_AT);
            let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
            let days = storage::occasions::list_days(&mut tx, from).await?;
            let over = days.into_iter().filter(|day| day.ends_at <= now && day.dropped_at.is_none());
            due.extend(over.map(|day| (authority, day.day)));
        }
        let of = |(authority, day): &(&Authority, _)| VenueDay { authority_id: authority.authority_id, day: *day };
        // Also keys of which the database knows nothing: it may be younger, or restored from before.
        let keys = self.keys_if_any();
        let kept = match &keys {
            Some(keys) => keys.days(DayKind::Uploads).await?,
            None => Vec::new(),
        };
        let over = kept.into_iter().filter(|(_, ends_at)| *ends_at <= now).map(|(of, _)| of);
        let doomed: Vec<VenueDay> = due.iter().map(of).chain(over).collect();
        if doomed.is_empty() {
            return Ok(0);
        }
        if let Some(keys) = keys {
            keys.destroy(DayKind::Uploads, &doomed).await?;
        }
        for (authority, day) in &due {
            let worker = self.own_worker((*authority).clone(), "system:retention", Role::Operator).await?;
            let mut tx = self.jobs_store.write(authority.authority_id).await?;
            storage::occasions::note_destroyed(&mut tx, *day, now).await?;
            let n_gone = storage::occasions::drop_day(&mut tx, *day).await?;
            storage::occasions::note_dropped(&mut tx, *day, now).await?;
            let n_subjects = usize::try_from(n_gone).unwrap_or(usize::MAX);
            let audited = Audited { operation: "occasions.end_day", subjects: day.to_string(), n_subjects };
            self.record(&mut tx, &worker, audited).await?;
            tx.commit().await?;
        }
        self.jobs_store.checkpoint().await?;
        Ok(due.len())
    }
}
