//! At the door: somebody comes, leaves, changes their mind. Nobody signs in; what is theirs they prove by a secret.

use super::{AtDoor, DoorState, Inside, KNOWN_FOR, OpenDay};
use crate::context::App;
use crate::error::AppError;
use domain::authorities::ShortCode;
use domain::check_ins::{
    Guest, LONGEST_STAY, LONGEST_TEXT, ListOfDay, MOST_AT_ONCE, MOST_HOUSEHOLD, Marks, Stay, VenueDay, admit, day_of,
    end_of_stay,
};
use domain::ids::{AreaId, AuthorityId, VenueId, VisitId};
use domain::persons::Personal;
use domain::venues::{AsksAddress, Confirms, Door};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, PoisonError};
use storage::Freshness;
use storage::check_ins::intake::{Arrival, Change, Happened, NewVisit, NotTaken};
use storage::check_ins::{Secret, plain, print_of, receipt_of};

/// One guest, as sent.
#[derive(Debug)]
pub struct GuestSent {
    /// Made by the telephone.
    pub visit_id: VisitId,
    /// Made by the telephone.
    pub secret: Secret,
    /// When they came.
    pub arrived_at: Timestamp,
    /// When they will leave, if they said so.
    pub leaves_at: Option<Timestamp>,
    /// More of their household.
    pub household: u8,
    /// What is asked.
    pub guest: Guest,
}

/// Those who come together.
#[derive(Debug)]
pub struct CheckInBody {
    /// Short code of the authority.
    pub authority: ShortCode,
    /// Where.
    pub venue_id: VenueId,
    /// Where in it.
    pub area_id: Option<AreaId>,
    /// Who.
    pub visits: Vec<GuestSent>,
}

/// A visit, and what proves that it is one's own.
#[derive(Clone, Copy, Debug)]
pub struct VisitProof {
    /// Which.
    pub visit_id: VisitId,
    /// When it began.
    pub arrived_at: Timestamp,
    /// What proves it.
    pub secret: Secret,
}

/// Ends of stays.
#[derive(Debug)]
pub struct CheckOutBody {
    /// Short code of the authority.
    pub authority: ShortCode,
    /// Where.
    pub venue_id: VenueId,
    /// Which, and when they end.
    pub visits: Vec<(VisitProof, Timestamp)>,
}

/// A visit that is on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Which.
    pub visit_id: VisitId,
    /// From when.
    pub arrived_at: Timestamp,
    /// Until when, as things stand.
    pub leaves_at: Timestamp,
    /// The day from which nobody can read it any more.
    pub gone_on: Date,
    /// What stands out.
    pub marks: Marks,
}

/// What a guest sees of a venue.
#[derive(Clone, Debug)]
pub struct GuestsView {
    /// Whose list it is.
    pub authority: storage::authorities::Authority,
    /// The venue.
    pub door: Arc<Door>,
    /// When it closes for who comes now.
    pub closes_at: Option<Timestamp>,
}

/// Why something isn't taken at the door.
#[derive(Debug, thiserror::Error)]
pub enum Turned {
    /// This server has no door.
    #[error("this server takes no check-ins")]
    NoDoor,
    /// There is no such venue or area, or it takes nobody any more.
    #[error("there is no such {0} here")]
    Unknown(&'static str),
    /// A value must change.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which guest of the body; `None` where it is the body itself.
        at: Option<usize>,
        /// Which value.
        field: &'static str,
        /// Why.
        reason: String,
    },
    /// The store did not take it.
    #[error(transparent)]
    NotTaken(#[from] NotTaken),
    /// Something else.
    #[error(transparent)]
    Failed(#[from] AppError),
}

impl From<storage::StorageError> for Turned {
    fn from(error: storage::StorageError) -> Self {
        Self::Failed(error.into())
    }
}

type Result<T> = std::result::Result<T, Turned>;

fn invalid(at: usize, field: &'static str, reason: impl Into<String>) -> Turned {
    Turned::Invalid { at: Some(at), field, reason: reason.into() }
}

impl App {
    fn the_door(&self) -> Result<Arc<DoorState>> {
        self.door().ok_or(Turned::NoDoor)
    }

    /// Shows a guest what venue they stand at.
    ///
    /// # Errors
    ///
    /// [`Turned::Unknown`] if there is none.
    pub async fn guest_view(&self, authority: &ShortCode, venue_id: VenueId) -> Result<GuestsView> {
        let state = self.the_door()?;
        let at = self.authority_at_door(&state, authority).await?;
        let door = self.venue_at_door(&state, &at, venue_id).await?;
        let now = self.now();
        let closes_at = door.hours.closes_after(now, &at.zone);
        Ok(GuestsView { authority: at.authority.clone(), door, closes_at })
    }

    /// Checks guests in. When this returns they are on the disk; a retry gets the first answer. Also gives the name of the
    /// venue, and of the area.
    ///
    /// # Errors
    ///
    /// [`Turned`] says why nobody of the body is taken.
    #[tracing::instrument(target = "epitrace::traces", name = "app::check_in", skip_all)]
    pub async fn check_in(&self, body: CheckInBody) -> Result<(Vec<Taken>, Arc<Door>)> {
        let state = self.the_door()?;
        let at = self.authority_at_door(&state, &body.authority).await?;
        let door = self.venue_at_door(&state, &at, body.venue_id).await?;
        if body.area_id.is_some_and(|area| door.areas.iter().all(|(known, _)| *known != area)) {
            return Err(Turned::Unknown("area"));
        }
        if !door.open {
            return Err(Turned::Unknown("venue"));
        }
        require_some(body.visits.len())?;
        let (authority_id, now) = (at.authority.authority_id, self.now());
        let (mut visits, mut taken) = (Vec::with_capacity(body.visits.len()), Vec::with_capacity(body.visits.len()));
        for (n, sent) in body.visits.into_iter().enumerate() {
            check_guest(n, &sent, &door)?;
            let closes_at = door.hours.closes_after(sent.arrived_at, &at.zone);
            let late = admit(sent.arrived_at, now).map_err(|why| invalid(n, "arrived_at", why.to_string()))?;
            let leaves_at = end_of_stay(sent.arrived_at, sent.leaves_at, closes_at);
            let leaves_at = leaves_at.map_err(|why| invalid(n, "leaves_at", why.to_string()))?;
            let mut marks = late;
            if door.hours.are_known() && closes_at.is_none() {
                marks = marks.and(Marks::OUTSIDE_HOURS);
            }
            if door.confirms == Confirms::Staff {
                marks = marks.and(Marks::UNCONFIRMED);
            }
            let day = day_of(sent.arrived_at, &at.zone);
            let open_day = self.day_at_door(&state, &at, day, n).await?;
            let day_key = open_day.public_key;
            let stay = Stay {
                visit_id: sent.visit_id,
                arrived_at: sent.arrived_at,
                leaves_at,
                area_id: body.area_id,
                household: sent.household,
                marks,
            };
            let guest = plain(&sent.guest);
            let print = print_of(&sent.secret, &stay, sent.leaves_at, &guest);
            visits.push(NewVisit { day, day_key, stay, receipt: receipt_of(&sent.secret), print, guest });
            let gone_on = domain::time::local_day(open_day.ends_at, &at.zone);
            taken.push(Taken { visit_id: stay.visit_id, arrived_at: stay.arrived_at, leaves_at, gone_on, marks });
        }
        self.count_inside(&state, authority_id, &door, &mut visits).await?;
        let arrival = Arrival { authority_id, venue_id: body.venue_id, visits };
        let marks = state.intake().arrive(arrival).await?;
        for (taken, marks) in taken.iter_mut().zip(marks) {
            taken.marks = marks;
        }
        Ok((taken, door))
    }

    /// Notes when guests left, or mean to leave.
    ///
    /// # Errors
    ///
    /// [`Turned::Unknown`] if one isn't there, or isn't theirs: which of the two isn't said.
    #[tracing::instrument(target = "epitrace::traces", name = "app::check_out", skip_all)]
    pub async fn check_out(&self, body: CheckOutBody) -> Result<Vec<(VisitId, Timestamp)>> {
        let state = self.the_door()?;
        let at = self.authority_at_door(&state, &body.authority).await?;
        require_some(body.visits.len())?;
        for (n, (proof, left_at)) in body.visits.iter().enumerate() {
            let stayed = left_at.duration_since(proof.arrived_at);
            if stayed <= SignedDuration::ZERO || stayed > LONGEST_STAY {
                return Err(invalid(n, "left_at", "a stay ends after it began, and within 24 hours"));
            }
        }
        let mut left = Vec::with_capacity(body.visits.len());
        for (n, (proof, left_at)) in body.visits.into_iter().enumerate() {
            self.change_visit(&state, &at, (body.venue_id, n), proof, Happened::Left(left_at)).await?;
            self.note_left(&state, at.authority.authority_id, body.venue_id, (proof.visit_id, Some(left_at)));
            left.push((proof.visit_id, left_at));
        }
        Ok(left)
    }

    /// Deletes visits because their guests want it. What is gone already stays gone.
    ///
    /// # Errors
    ///
    /// [`Turned::Unknown`] as above.
    pub async fn delete_visits(&self, authority: &ShortCode, venue_id: VenueId, visits: &[VisitProof]) -> Result<()> {
        let state = self.the_door()?;
        let at = self.authority_at_door(&state, authority).await?;
        require_some(visits.len())?;
        for (n, proof) in visits.iter().enumerate() {
            self.change_visit(&state, &at, (venue_id, n), *proof, Happened::Deleted).await?;
            self.note_left(&state, at.authority.authority_id, venue_id, (proof.visit_id, None));
        }
        Ok(())
    }

    async fn change_visit(
        &self,
        state: &DoorState,
        at: &AtDoor,
        (venue_id, n): (VenueId, usize),
        proof: VisitProof,
        happened: Happened,
    ) -> Result<()> {
        let day = day_of(proof.arrived_at, &at.zone);
        let of = VenueDay { authority_id: at.authority.authority_id, day };
        let list = ListOfDay { of, venue_id };
        let is_closed = domain::check_ins::closes_at(day, &at.zone) <= self.now();
        let receipt = receipt_of(&proof.secret);
        if !is_closed {
            let day_key = self.day_at_door(state, at, day, n).await?.public_key;
            let change = Change { list, day_key, visit_id: proof.visit_id, receipt: Some(receipt), happened };
            match state.intake().change(change).await {
                Err(NotTaken::Unknown) => {}
                done => return Ok(done?),
            }
        }
        // Another server took it, or its day is packed.
        let stays = state.shelf().read(list, Freshness::Fresh).await?.stays()?;
        let is_theirs = |(stay, kept): &(Stay, _)| stay.visit_id == proof.visit_id && *kept == receipt;
        if !stays.iter().any(is_theirs) {
            return Err(Turned::Unknown("visit"));
        }
        match happened {
            Happened::Deleted if is_closed => _ = state.shelf().blot_out(list, proof.visit_id).await?,
            _ if is_closed => return Err(invalid(n, "left_at", "this stay is over for good; its day is closed")),
            _ => {
                let day_key = self.day_at_door(state, at, day, n).await?.public_key;
                let change = Change { list, day_key, visit_id: proof.visit_id, receipt: None, happened };
                state.intake().change(change).await?;
            }
        }
        Ok(())
    }

    async fn authority_at_door(&self, state: &DoorState, code: &ShortCode) -> Result<Arc<AtDoor>> {
        let (key, now) = (code.as_str().to_lowercase(), self.now());
        let known = state.authorities.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if let Some((_, at)) = known.filter(|(since, _)| now.duration_since(*since) < KNOWN_FOR) {
            return Ok(at);
        }
        // What is rarely done is kept in a box, so that what is done for each guest stays small.
        let all = Box::pin(self.authorities()).await?;
        let found = all.into_iter().find(|authority| authority.short_code == *code);
        let authority = found.ok_or(Turned::Unknown("authority"))?;
        let at = Arc::new(AtDoor { zone: authority.time_zone.clone(), authority });
        let mut known = state.authorities.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(key, (now, Arc::clone(&at)));
        Ok(at)
    }

    async fn venue_at_door(&self, state: &DoorState, at: &AtDoor, venue_id: VenueId) -> Result<Arc<Door>> {
        let key = (at.authority.authority_id, venue_id);
        if let Some(door) = state.venue(key, self.now()) {
            return Ok(door);
        }
        if !state.knew_venue(key) {
            return Box::pin(self.read_venues(state, key.0, &[venue_id])).await;
        }
        let _turn = state.reading.lock().await;
        // Whoever had the turn before may have read it along with theirs.
        match state.venue(key, self.now()) {
            Some(door) => Ok(door),
            None => Box::pin(self.read_venues(state, key.0, &state.venues_to_read(key, self.now()))).await,
        }
    }

    /// Reads venues anew, and returns the first of them.
    async fn read_venues(&self, state: &DoorState, authority_id: AuthorityId, venues: &[VenueId]) -> Result<Arc<Door>> {
        let now = self.now();
        let mut tx = self.store.read(authority_id, Freshness::Fresh).await?;
        let found = storage::venues::doors(&mut tx, venues).await?;
        let mut known = state.venues.write().unwrap_or_else(PoisonError::into_inner);
        venues.iter().for_each(|venue_id| _ = known.remove(&(authority_id, *venue_id)));
        known.extend(found.into_iter().map(|door| ((authority_id, door.venue_id), (now, Arc::new(door)))));
        let wanted = venues.first().and_then(|venue_id| known.get(&(authority_id, *venue_id)));
        wanted.map(|(_, door)| Arc::clone(door)).ok_or(Turned::Unknown("venue"))
    }

    async fn day_at_door(&self, state: &DoorState, at: &AtDoor, day: Date, n: usize) -> Result<OpenDay> {
        let of = VenueDay { authority_id: at.authority.authority_id, day };
        let now = self.now();
        let known = state.days.read().unwrap_or_else(PoisonError::into_inner).get(&of).copied();
        // Another server may have let it end earlier, or given it another key.
        if let Some((_, open)) = known.filter(|(since, _)| now.duration_since(*since) < KNOWN_FOR) {
            return Ok(open);
        }
        let open = Box::pin(self.open_day(state, &at.authority, day)).await?;
        let open = open.ok_or_else(|| invalid(n, "arrived_at", "this day is over; it can't be entered any more"))?;
        state.days.write().unwrap_or_else(PoisonError::into_inner).insert(of, (now, open));
        Ok(open)
    }

    /// Marks guests beyond the capacity of a venue. Who came by other servers is counted from when this one first looked.
    async fn count_inside(
        &self,
        state: &DoorState,
        authority_id: AuthorityId,
        door: &Door,
        visits: &mut [NewVisit],
    ) -> Result<()> {
        let Some(capacity) = door.capacity else { return Ok(()) };
        let (key, now) = ((authority_id, door.venue_id), self.now());
        let is_known = state.inside.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&key);
        let read = if is_known { Inside::new() } else { Box::pin(self.read_inside(state, authority_id, door)).await? };
        let mut all = state.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let inside = all.entry(key).or_insert(read);
        if inside.len() + visits.len() > capacity as usize {
            inside.retain(|_, until| *until > now);
        }
        for visit in visits {
            let is_new = inside.insert(visit.stay.visit_id, expected_until(&visit.stay, door)).is_none();
            if is_new && inside.len() > capacity as usize {
                visit.stay.marks = visit.stay.marks.and(Marks::OVER_CAPACITY);
            }
        }
        Ok(())
    }

    pub(crate) async fn read_inside(
        &self,
        state: &DoorState,
        authority_id: AuthorityId,
        door: &Door,
    ) -> Result<Inside> {
        let now = self.now();
        let mut inside = Inside::new();
        let today = day_of(now, &jiff::tz::TimeZone::UTC);
        for day in [-1, 0, 1].map(|n| domain::time::plus_days(today, n)) {
            let list = ListOfDay { of: VenueDay { authority_id, day }, venue_id: door.venue_id };
            let stays = state.shelf().read(list, Freshness::Fresh).await?.stays()?;
            let here = stays.iter().filter(|(stay, _)| expected_until(stay, door) > now && stay.arrived_at <= now);
            inside.extend(here.map(|(stay, _)| (stay.visit_id, expected_until(stay, door))));
        }
        Ok(inside)
    }

    fn note_left(
        &self,
        state: &DoorState,
        authority_id: AuthorityId,
        venue_id: VenueId,
        (visit_id, until): (VisitId, Option<Timestamp>),
    ) {
        let mut all = state.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(inside) = all.get_mut(&(authority_id, venue_id)) else { return };
        match until {
            Some(until) => _ = inside.insert(visit_id, until),
            None => _ = inside.remove(&visit_id),
        }
    }
}

/// Until when somebody is thought to be inside: the usual stay ends nothing, but counts here.
pub(crate) fn expected_until(stay: &Stay, door: &Door) -> Timestamp {
    let usual = SignedDuration::from_mins(i64::from(door.usual_stay_min));
    stay.arrived_at.checked_add(usual).map_or(stay.leaves_at, |usual| usual.min(stay.leaves_at))
}

fn require_some(n: usize) -> Result<()> {
    if (1..=MOST_AT_ONCE).contains(&n) {
        return Ok(());
    }
    Err(Turned::Invalid { at: None, field: "visits", reason: format!("1 to {MOST_AT_ONCE} at once") })
}

fn check_guest(n: usize, sent: &GuestSent, door: &Door) -> Result<()> {
    let guest = &sent.guest;
    let text = |field: &'static str, text: &Personal<String>| match text.expose().trim() {
        "" => Err(invalid(n, field, "write something here")),
        some if some.len() > LONGEST_TEXT => Err(invalid(n, field, format!("{LONGEST_TEXT} characters at most"))),
        _ => Ok(()),
    };
    text("name", &guest.name)?;
    if guest.phone.is_none() && guest.email.is_none() {
        return Err(invalid(n, "phone", "a telephone number or an e-mail address is needed"));
    }
    if let Some(phone) = &guest.phone {
        text("phone", phone)?;
        if !is_phone(phone.expose()) {
            return Err(invalid(n, "phone", "a telephone number has digits, and + / - ( ) . between them"));
        }
    }
    if let Some(email) = &guest.email {
        text("email", email)?;
        let parts = email.expose().split_once('@');
        if !parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains([' ', '@'])) {
            return Err(invalid(n, "email", "an e-mail address looks like name@example.org"));
        }
    }
    match (&guest.address, door.asks_address) {
        (None, AsksAddress::Yes) => return Err(invalid(n, "address", "this venue asks where you live")),
        (Some(address), _) => {
            text("address.street", &address.street)?;
            text("address.house_number", &address.house_number)?;
            text("address.postcode", &address.postcode)?;
            text("address.city", &address.city)?;
        }
        _ => {}
    }
    if sent.household > MOST_HOUSEHOLD {
        return Err(invalid(n, "household", format!("{MOST_HOUSEHOLD} at most")));
    }
    Ok(())
}

/// Whether something can be a telephone number. Who is at its other end is found out when somebody dials.
fn is_phone(text: &str) -> bool {
    let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
    let others = text.bytes().all(|byte| byte.is_ascii_digit() || b"+/-(). ".contains(&byte));
    others && (5..=20).contains(&n_digits)
}
