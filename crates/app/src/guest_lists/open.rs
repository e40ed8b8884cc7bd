//! Opening a list, and reading it again for an hour.

use crate::check_ins::DoorState;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::check_ins::{ListOfDay, RETENTION_DAYS, Stay, VenueDay, gone_on};
use domain::guest_lists::{
    LONGEST_NOTE, MOST_A_DAY, OpenedBy, Opens, READ_FOR, Reason, days_of, doubles, may_have_left_from, window,
};
use domain::ids::{AreaId, OpeningId, VenueId};
use domain::persons::Personal;
use domain::time::{DayRange, Window, local_day, plus_days};
use domain::venues::{VenueAction, VenueDetails};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::Arc;
use storage::check_ins::days;
use storage::check_ins::shelf::{OpenedVisit, SealedList};
use storage::guest_lists::ListOpening;
use storage::sealing::{DayKind, Opening, SealingError};
use storage::{Freshness, StorageError, Tx};

/// A list that somebody asks for.
#[derive(Clone, Debug)]
pub struct WantedList {
    /// Beginning of the window.
    pub from: Timestamp,
    /// End of it, not included.
    pub until: Timestamp,
    /// One area; `None`: the whole venue.
    pub area_id: Option<AreaId>,
    /// Why.
    pub reason: Reason,
    /// What else is to be said; a reason of another kind needs it.
    pub note: String,
}

/// A guest on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// The visit.
    pub visit: OpenedVisit,
    /// Where in the venue.
    pub area: Option<String>,
    /// From when they may have left without checking out.
    pub may_have_left_from: Option<Timestamp>,
    /// Which of the entries may be one person: those with the same number.
    pub double: Option<u32>,
}

/// A list that was opened.
#[derive(Clone, Debug)]
pub struct GuestList {
    /// The opening.
    pub opening: ListOpening,
    /// The venue.
    pub venue: VenueDetails,
    /// The area, where only one was asked for.
    pub area: Option<String>,
    /// Until when it can be read again.
    pub readable_until: Timestamp,
    /// Days of arrival of which nothing can be read any more.
    pub gone: Vec<Date>,
    /// Visits that nobody can read, because the keys of their days were lost.
    pub n_lost: usize,
    /// Who was there, in order of arrival.
    pub entries: Vec<ListEntry>,
}

/// What must be known of a venue to make a list of it.
struct Place {
    venue: VenueDetails,
    areas: HashMap<AreaId, String>,
}

/// The days of a list: what still lies there, and what is gone.
struct Shelved {
    sealed: Vec<SealedList>,
    gone: Vec<Date>,
}

impl App {
    /// Opens the list of a window. What is written down of it is on the disk before anybody is named.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] for what must change; [`AppError::Conflict`] if only the authority opens lists, or if there
    /// were five today; [`AppError::DayGone`] if its day is deleted; [`AppError::NotFound`], [`AppError::NotAllowedInVenue`]
    /// for who may not.
    #[tracing::instrument(target = "epitrace::traces", name = "app::open_guest_list", skip_all)]
    pub async fn open_guest_list(&self, worker: &Worker, venue_id: VenueId, wanted: &WantedList) -> Result<GuestList> {
        let (now, zone) = (self.now(), &worker.authority.time_zone);
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        self.require_list_maker(&mut tx, worker, venue_id).await?;
        let place = place(&mut tx, venue_id).await?;
        let (window, note) = checked(wanted, &place, now)?;
        let (door, days) = (self.door_for_lists()?, days_of(&window, zone));
        let shelved = self.shelved(&mut tx, &door, (worker, venue_id), days).await?;
        drop(tx);
        let asked = window.days(zone);
        if shelved.gone.contains(&asked.last) {
            return Err(AppError::DayGone(asked.last));
        }
        let mut opening = ListOpening {
            opening_id: OpeningId::mint(now, self.random()),
            venue_id,
            account_id: worker.account_id,
            opened_by: OpenedBy::Venue,
            opened_at: now,
            opened_on: local_day(now, zone),
            number: None,
            window,
            area_id: wanted.area_id,
            reason: wanted.reason,
            note,
            n_visits: shelved.count(&|stay| is_wanted(stay, &window, wanted.area_id))?,
        };
        self.write_down(worker, &mut opening).await?;
        self.reveal(opening, place, shelved).await
    }

    /// Reads a list again that the same account opened within the last hour. `operation` says for what in the audit log.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] for a list that somebody else opened, [`AppError::Conflict`] after the hour.
    pub async fn guest_list_again(
        &self,
        worker: &Worker,
        (venue_id, opening_id): (VenueId, OpeningId),
        operation: &'static str,
    ) -> Result<GuestList> {
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        self.require_list_maker(&mut tx, worker, venue_id).await?;
        let found = storage::guest_lists::find(&mut tx, &sealer, opening_id).await?;
        let own = found.filter(|one| one.venue_id == venue_id && one.account_id == worker.account_id);
        let opening = own.ok_or(AppError::NotFound("guest list"))?;
        if readable_until(&opening) <= self.now() {
            let reason = "a list can be read for an hour; open it anew if you still need it";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        let place = place(&mut tx, venue_id).await?;
        let (door, days) = (self.door_for_lists()?, days_of(&opening.window, &worker.authority.time_zone));
        let shelved = self.shelved(&mut tx, &door, (worker, venue_id), days).await?;
        drop(tx);
        self.record_alone(worker, audited(operation, &opening)).await?;
        self.reveal(opening, place, shelved).await
    }

    /// Checks that somebody may open lists of a venue: by what they are there, with a second factor, and as the authority
    /// wants it.
    async fn require_list_maker(&self, tx: &mut Tx, worker: &Worker, venue_id: VenueId) -> Result<()> {
        self.require_in_venue(tx, worker, venue_id, VenueAction::OpenLists).await?;
        let sealer = self.installation_sealer()?;
        let credential = storage::credentials::find(tx, &sealer, worker.account_id).await?;
        // A program's key has no second factor either.
        if worker.scopes.is_some() || credential.is_none_or(|credential| credential.totp.is_none()) {
            let reason = "guest lists are opened by people who sign in with a second factor";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        match storage::guest_lists::setting(tx).await?.1.opens {
            Opens::Venues => Ok(()),
            Opens::Authority => {
                let reason = "only the health authority opens guest lists here; call it, it asks for the list it needs";
                Err(AppError::Conflict(reason.to_owned()))
            }
        }
    }

    fn door_for_lists(&self) -> Result<Arc<DoorState>> {
        self.door().ok_or_else(|| AppError::Conflict("this server takes no check-ins".to_owned()))
    }

    async fn shelved(
        &self,
        tx: &mut Tx,
        door: &DoorState,
        (worker, venue_id): (&Worker, VenueId),
        days: DayRange,
    ) -> Result<Shelved> {
        let (authority_id, now) = (worker.authority.authority_id, self.now());
        // Everybody who was told that they are checked in must be on it.
        let freshness = self.all_until_now().await?;
        let today = local_day(now, &worker.authority.time_zone);
        let (mut sealed, mut gone, mut day) = (Vec::new(), Vec::new(), days.first);
        while day <= days.last {
            let is_gone = match days::find(tx, day).await? {
                Some(known) => known.destroyed_at.is_some() || known.ends_at <= now,
                None => gone_on(day, RETENTION_DAYS) <= today,
            };
            if is_gone {
                gone.push(day);
            } else {
                let list = ListOfDay { of: VenueDay { authority_id, day }, venue_id };
                sealed.push(door.shelf().read(list, freshness).await?);
            }
            day = plus_days(day, 1);
        }
        // Whoever can't be shown the list spends no opening on it.
        let keys = self.keys()?.days(DayKind::Arrivals).await?;
        let has_key = |list: &SealedList| keys.iter().any(|(of, _)| *of == list.list().of);
        for list in &sealed {
            if !list.keys()?.is_empty() && !has_key(list) {
                return Err(SealingError::NoKey.into());
            }
        }
        Ok(Shelved { sealed, gone })
    }

    /// Writes the opening into the database and its audit log. Two at once don't both become the fifth.
    async fn write_down(&self, worker: &Worker, opening: &mut ListOpening) -> Result<()> {
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        self.require_list_maker(&mut tx, worker, opening.venue_id).await?;
        let so_far = storage::guest_lists::n_on(&mut tx, opening.venue_id, opening.opened_on).await?;
        if so_far >= MOST_A_DAY {
            let reason =
                "five guest lists of this venue were opened today; open another tomorrow, or ask the health authority";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        opening.number = Some(so_far + 1);
        if !storage::guest_lists::insert(&mut tx, &sealer, opening).await? {
            let reason = "somebody opened another list of this venue in the same moment; do the same again";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        self.record(&mut tx, worker, audited("guest_lists.open", opening)).await?;
        Ok(tx.commit().await?)
    }

    /// Opens what is sealed. Only called once the opening is written down.
    async fn reveal(&self, opening: ListOpening, place: Place, shelved: Shelved) -> Result<GuestList> {
        let (at, why) = (self.now(), opening.reason.as_str());
        let (mut visits, mut n_lost) = (Vec::new(), 0);
        for sealed in &shelved.sealed {
            let keys = sealed.keys()?;
            if keys.is_empty() {
                continue;
            }
            let request = Opening { list: sealed.list(), account_id: opening.account_id, why, at };
            let keys = self.keys()?.open(&request, &keys).await?;
            let opened = sealed.open(&keys, |stay| is_wanted(stay, &opening.window, opening.area_id))?;
            visits.extend(opened.visits);
            n_lost += opened.n_lost;
        }
        let numbers = doubles(&visits.iter().map(|visit| &visit.guest).collect::<Vec<_>>());
        let usual = place.venue.usual_stay_min;
        let seen_until = at.min(opening.window.until());
        let entry = |(visit, double): (OpenedVisit, Option<u32>)| ListEntry {
            area: visit.stay.area_id.and_then(|area| place.areas.get(&area).cloned()),
            may_have_left_from: may_have_left_from(&visit.stay, usual, seen_until),
            visit,
            double,
        };
        let entries = visits.into_iter().zip(numbers).map(entry).collect();
        Ok(GuestList {
            readable_until: readable_until(&opening),
            area: opening.area_id.and_then(|area| place.areas.get(&area).cloned()),
            opening,
            venue: place.venue,
            gone: shelved.gone,
            n_lost,
            entries,
        })
    }
}

impl Shelved {
    fn count(&self, wanted: &impl Fn(&Stay) -> bool) -> Result<usize, StorageError> {
        let counts = self.sealed.iter().map(|list| Ok(list.stays()?.iter().filter(|(stay, _)| wanted(stay)).count()));
        counts.sum()
    }
}

fn is_wanted(stay: &Stay, window: &Window, area_id: Option<AreaId>) -> bool {
    stay.overlaps(window) && (area_id.is_none() || stay.area_id == area_id)
}

pub(super) fn readable_until(opening: &ListOpening) -> Timestamp {
    opening.opened_at.saturating_add(READ_FOR).unwrap_or(opening.opened_at)
}

fn audited(operation: &'static str, opening: &ListOpening) -> Audited {
    let subjects = format!("{} {}", opening.venue_id, opening.opening_id);
    Audited { operation, subjects, n_subjects: opening.n_visits }
}

async fn place(tx: &mut Tx, venue_id: VenueId) -> Result<Place> {
    let venue = storage::venues::find(tx, venue_id).await?.ok_or(AppError::NotFound("venue"))?;
    let areas = storage::venues::every_area(tx, venue_id).await?;
    let areas = areas.into_iter().map(|area| (area.area_id, area.name)).collect();
    Ok(Place { venue: venue.details, areas })
}

fn checked(wanted: &WantedList, place: &Place, now: Timestamp) -> Result<(Window, Option<Personal<String>>)> {
    let mut wrong = Vec::new();
    let found = window(wanted.from, wanted.until, now);
    if let Err(why) = found {
        wrong.push(("until", why.to_string()));
    }
    if wanted.area_id.is_some_and(|area| !place.areas.contains_key(&area)) {
        wrong.push(("area_id", "this area is not here".to_owned()));
    }
    let note = wanted.note.trim();
    if note.chars().count() > LONGEST_NOTE {
        wrong.push(("note", format!("{LONGEST_NOTE} characters at most")));
    } else if note.is_empty() && wanted.reason == Reason::Other {
        wrong.push(("note", "say why, in a few words".to_owned()));
    }
    match found {
        Ok(window) if wrong.is_empty() => Ok((window, (!note.is_empty()).then(|| Personal::new(note.to_owned())))),
        _ => Err(AppError::InvalidFields(wrong)),
    }
}
