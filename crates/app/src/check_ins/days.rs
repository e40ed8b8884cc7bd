//! Days: their keys are made ahead, closed days are packed, and when a period is over the key goes first.
//!
//! The order is the promise: the key is destroyed, then the rows are dropped, then that is written down. Whoever is stopped in
//! between leaves rows that nobody can read, and the next turn goes on where this one was.

use super::{DoorState, OpenDay};
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::{AuthorityState, Role};
use domain::check_ins::{OPEN_AFTER_END, VenueDay, closes_at, ends_at};
use domain::ids::AuthorityId;
use domain::time::{local_day, plus_days};
use jiff::SignedDuration;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use storage::authorities::Authority;
use storage::check_ins::days::{self, CheckInDay};
use storage::check_ins::shelf::Shelf;
use storage::sealing::{DayKind, SealingError};
use storage::{Freshness, Tx};

/// Days ahead for which keys and partitions are made.
const MADE_AHEAD: i32 = 3;
/// Name of the lease of whoever keeps the days.
const LEASE: &str = "check-ins/days";
/// Whoever was stopped loses it after this long.
const LEASE_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// Days back that are looked at: whatever is older was ended when it was due, or is ended when a server starts again.
const LOOKED_AT: i32 = 400;

impl App {
    /// Keeps the days in order: makes what is coming, packs what is closed, ends what is over. Returns how many days ended.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if keys or rows can't be written; the next turn goes on.
    #[tracing::instrument(target = "epitrace::traces", name = "app::keep_days", skip_all)]
    pub async fn keep_days(&self) -> Result<usize> {
        match self.door() {
            Some(door) => self.keep_days_of(door.shelf()).await,
            None => Ok(0),
        }
    }

    /// The same for what check-ins lie on; of several servers, one does it.
    pub(super) async fn keep_days_of(&self, shelf: &Shelf) -> Result<usize> {
        let holder = domain::ids::mint(self.now(), self.random());
        if !self.take_lease(LEASE, holder, LEASE_LASTS).await? {
            return Ok(0);
        }
        let kept = self.keep_all_days(shelf).await;
        let mut tx = self.jobs_store.installation().await?;
        storage::leases::give_back(&mut tx, LEASE, holder).await?;
        tx.commit().await?;
        kept
    }

    async fn keep_all_days(&self, shelf: &Shelf) -> Result<usize> {
        let authorities = self.authorities().await?;
        // First what must be gone: whatever else fails, that doesn't wait for it.
        let ended = match self.end_days(shelf, &authorities).await {
            Err(error) if error.is_keyring_away() => Err(error),
            ended => Ok(ended?),
        };
        self.make_days(shelf, &authorities).await?;
        self.renew_lost_days(&authorities).await?;
        self.pack_days(shelf, &authorities).await?;
        ended
    }

    /// Lists the days that still take check-ins or changes in some authority.
    pub(super) async fn open_days(&self, authorities: &[Authority]) -> Result<Vec<Date>> {
        let now = self.now();
        let mut open = BTreeSet::new();
        for authority in authorities {
            let today = local_day(now, &authority.time_zone);
            let since = local_day(now.checked_sub(OPEN_AFTER_END).unwrap_or(now), &authority.time_zone);
            let mut day = plus_days(since, -1);
            while day <= plus_days(today, 1) {
                open.insert(day);
                day = plus_days(day, 1);
            }
        }
        Ok(open.into_iter().collect())
    }

    async fn days_of(&self, authority: &Authority) -> Result<Vec<CheckInDay>> {
        let from = plus_days(local_day(self.now(), &authority.time_zone), -LOOKED_AT);
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        Ok(days::list(&mut tx, from).await?)
    }

    /// Lists the days of which nobody can read a list, because the keyring, which is here, lacks their keys. So it is after a
    /// restore with a keyring of before.
    pub(crate) async fn lost_days(&self, authority: &Authority) -> Result<Vec<CheckInDay>> {
        let Some(keys) = self.keys_if_any() else { return Ok(Vec::new()) };
        let kept: BTreeSet<VenueDay> = keys.days(DayKind::Arrivals).await?.into_iter().map(|(of, _)| of).collect();
        let now = self.now();
        let mut days = self.days_of(authority).await?;
        days.retain(|day| day.destroyed_at.is_none() && day.ends_at > now && !kept.contains(&day.of));
        Ok(days)
    }

    /// Gives the days that still take check-ins other keys where the keyring has none of theirs.
    async fn renew_lost_days(&self, authorities: &[Authority]) -> Result<()> {
        for authority in at_work(authorities) {
            let is_open = |day: &CheckInDay| closes_at(day.of.day, &authority.time_zone) > self.now();
            let mut lost = match self.lost_days(authority).await {
                // Nobody knows just now whether any is.
                Err(error) if error.is_keyring_away() => return Ok(()),
                lost => lost?,
            };
            lost.retain(is_open);
            // Where it has some, somebody else may have the others: another server with a keyring of its own.
            let n_open = self.days_of(authority).await?.iter().filter(|day| is_open(day)).count();
            if lost.is_empty() || lost.len() < n_open {
                continue;
            }
            let wanted: Vec<_> = lost.iter().map(|day| (day.of, day.ends_at)).collect();
            let public = self.keys()?.make(DayKind::Arrivals, &wanted).await?;
            let mut tx = self.jobs_store.write(authority.authority_id).await?;
            for (day, public) in lost.iter().zip(&public) {
                days::renew(&mut tx, day.of.day, public).await?;
            }
            tx.commit().await?;
            if let Some(door) = self.door() {
                door.forget_authority(authority.authority_id);
            }
        }
        Ok(())
    }

    async fn make_days(&self, shelf: &Shelf, authorities: &[Authority]) -> Result<()> {
        let mut coming = Vec::new();
        for authority in at_work(authorities) {
            let today = local_day(self.now(), &authority.time_zone);
            let known: BTreeSet<Date> = self.days_of(authority).await?.iter().map(|day| day.of.day).collect();
            let days = (-1..=MADE_AHEAD).map(|n| plus_days(today, n)).filter(|day| !known.contains(day));
            coming.extend(days.map(|day| (authority, day)));
        }
        match self.make_keys(shelf, &coming).await {
            // Locked for now: keys of days that were made before go on taking check-ins.
            Err(AppError::Storage(storage::StorageError::Sealing(SealingError::NoKey | SealingError::Away(_)))) => {
                Ok(())
            }
            made => made.map(|_| ()),
        }
    }

    /// Lets the days of an authority that are there end earlier, where it now keeps guests' data for fewer days.
    pub(crate) async fn shorten_days(&self, tx: &mut Tx, worker: &Worker, kept_days: u8) -> Result<()> {
        let zone = &worker.authority.time_zone;
        let from = plus_days(local_day(self.now(), zone), -LOOKED_AT);
        for day in days::list(tx, from).await?.iter().filter(|day| day.destroyed_at.is_none()) {
            days::shorten(tx, day.of.day, ends_at(day.of.day, kept_days, zone)).await?;
        }
        Ok(())
    }

    async fn kept_days(&self, authority_id: AuthorityId) -> Result<u8> {
        let mut tx = self.store.read(authority_id, Freshness::Fresh).await?;
        Ok(storage::guest_lists::setting(&mut tx).await?.1.kept_days)
    }

    /// Makes keys for days of authorities, all in one writing, and what they lie on. Days that have one keep it.
    async fn make_keys(&self, shelf: &Shelf, days: &[(&Authority, Date)]) -> Result<Vec<OpenDay>> {
        if days.is_empty() {
            return Ok(Vec::new());
        }
        let mut wanted = Vec::with_capacity(days.len());
        for (authority, day) in days {
            let of = VenueDay { authority_id: authority.authority_id, day: *day };
            let kept_days = self.kept_days(of.authority_id).await?;
            wanted.push((of, ends_at(*day, kept_days, &authority.time_zone)));
        }
        let public = self.keys()?.make(DayKind::Arrivals, &wanted).await?;
        for day in days.iter().map(|(_, day)| *day).collect::<BTreeSet<_>>() {
            shelf.make_day(day).await?;
        }
        let mut of_authority: BTreeMap<AuthorityId, Vec<_>> = BTreeMap::new();
        for ((of, ends_at), public) in wanted.iter().zip(&public) {
            of_authority.entry(of.authority_id).or_default().push((of.day, ends_at, public));
        }
        for (authority_id, days) in of_authority {
            let mut tx = self.jobs_store.write(authority_id).await?;
            for (day, ends_at, public) in days {
                days::insert(&mut tx, day, public, *ends_at).await?;
            }
            tx.commit().await?;
        }
        let made = wanted.iter().zip(public);
        Ok(made.map(|((_, ends_at), public_key)| OpenDay { public_key, ends_at: *ends_at }).collect())
    }

    /// Returns what guests of a day are sealed to; makes it where there is none. `None` for a day that is over.
    pub(super) async fn open_day(&self, door: &DoorState, authority: &Authority, day: Date) -> Result<Option<OpenDay>> {
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        if let Some(found) = days::find(&mut tx, day).await? {
            let is_over = found.destroyed_at.is_some() || found.ends_at <= self.now();
            let CheckInDay { public_key, ends_at, .. } = found;
            return Ok((!is_over).then_some(OpenDay { public_key, ends_at }));
        }
        drop(tx);
        Ok(self.make_keys(door.shelf(), &[(authority, day)]).await?.first().copied())
    }

    async fn pack_days(&self, shelf: &Shelf, authorities: &[Authority]) -> Result<()> {
        let now = self.now();
        let mut by_day: BTreeMap<Date, (Vec<&Authority>, bool)> = BTreeMap::new();
        for authority in authorities {
            for day in self.days_of(authority).await? {
                let entry = by_day.entry(day.of.day).or_insert((Vec::new(), true));
                // A day is packed whole, so also one that can't be written now keeps it open.
                entry.1 &= closes_at(day.of.day, &authority.time_zone) <= now;
                entry.1 &= authority.state != AuthorityState::Frozen;
                if day.packed_at.is_none() && day.dropped_at.is_none() {
                    entry.0.push(authority);
                }
            }
        }
        for (day, (unpacked, is_closed)) in by_day {
            if !is_closed || unpacked.is_empty() {
                continue;
            }
            let ids: Vec<AuthorityId> = unpacked.iter().map(|authority| authority.authority_id).collect();
            shelf.pack(day, &ids).await?;
            for authority_id in ids {
                let mut tx = self.jobs_store.write(authority_id).await?;
                days::note_packed(&mut tx, day, now).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    async fn end_days(&self, shelf: &Shelf, authorities: &[Authority]) -> Result<usize> {
        let now = self.now();
        let mut due = Vec::new();
        for authority in at_work(authorities) {
            let over = |day: &CheckInDay| day.ends_at <= now && day.dropped_at.is_none();
            due.extend(self.days_of(authority).await?.into_iter().filter(over).map(|day| day.of));
        }
        // Also keys of which the database knows nothing: it may be younger, or restored from before.
        let keys = self.keys_if_any();
        let kept = match &keys {
            Some(keys) => keys.days(DayKind::Arrivals).await?,
            None => Vec::new(),
        };
        let over: Vec<VenueDay> = kept.iter().filter(|(_, ends_at)| *ends_at <= now).map(|(of, _)| *of).collect();
        let doomed: Vec<VenueDay> = due.iter().chain(&over).copied().collect();
        if doomed.is_empty() {
            return Ok(0);
        }
        if let Some(keys) = keys {
            keys.destroy(DayKind::Arrivals, &doomed).await?;
        }
        if let Some(door) = self.door() {
            door.forget_days(&doomed);
        }
        for of in &due {
            let mut tx = self.jobs_store.write(of.authority_id).await?;
            days::note_destroyed(&mut tx, of.day, now).await?;
            tx.commit().await?;
        }
        let whole = self.drop_whole_days(shelf, authorities, &due).await?;
        for of in &due {
            if !whole.contains(&of.day) {
                shelf.drop_rows(*of).await?;
            }
            self.note_end(authorities, *of).await?;
        }
        self.jobs_store.checkpoint().await?;
        Ok(due.len())
    }

    /// Writes down that key and rows of a day are gone.
    async fn note_end(&self, authorities: &[Authority], of: VenueDay) -> Result<()> {
        let now = self.now();
        let Some(authority) = authorities.iter().find(|authority| authority.authority_id == of.authority_id) else {
            return Ok(());
        };
        let worker = self.own_worker(authority.clone(), "system:retention", Role::Operator).await?;
        let mut tx = self.jobs_store.write(of.authority_id).await?;
        days::note_dropped(&mut tx, of.day, now).await?;
        let audited = Audited { operation: "check_ins.end_day", subjects: of.day.to_string(), n_subjects: 1 };
        self.record(&mut tx, &worker, audited).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes days away that no authority needs any more, and returns which.
    async fn drop_whole_days(
        &self,
        shelf: &Shelf,
        authorities: &[Authority],
        ended: &[VenueDay],
    ) -> Result<BTreeSet<Date>> {
        let mut whole: BTreeSet<Date> = ended.iter().map(|of| of.day).collect();
        for authority in authorities {
            let days = self.days_of(authority).await?.into_iter();
            for needed in days.filter(|day| day.dropped_at.is_none() && !ended.contains(&day.of)) {
                whole.remove(&needed.of.day);
            }
        }
        for day in &whole {
            shelf.drop_day(*day).await?;
        }
        Ok(whole)
    }
}

/// Those that may be written: the days of others wait, but for their keys, which end when they are due.
fn at_work(authorities: &[Authority]) -> impl Iterator<Item = &Authority> {
    authorities.iter().filter(|authority| authority.state == AuthorityState::Active)
}
