//! Asking for a list, and taking that back.

use super::super::stays::{NamedVenue, named};
use super::super::taken::resolve_by_itself;
use super::{Rules, rules_of_case};
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::messages::{NewMessage, Recipient};
use domain::action_items::ItemKind;
use domain::authorities::Action;
use domain::ids::{CaseId, RequestId, StayId, VenueId};
use domain::list_requests::{LONGEST_ASKED, RequestState, asked_for};
use domain::messages::{MailAddress, MessageKind, Values, Variable};
use domain::rules::rule_set_on;
use domain::time::{Window, local_day};
use domain::venues::VenueRole;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use storage::list_requests::ListRequest;
use storage::sealing::Sealer;
use storage::{Freshness, Tx};

/// The page of a venue's staff on which requests are released.
const PAGE: &str = "venues";

/// A list that is to be asked for.
#[derive(Clone, Copy, Debug)]
pub struct AskedList {
    /// Id of the request, made by whoever asks: the same twice is one.
    pub request_id: RequestId,
    /// Because of which stay.
    pub stay_id: StayId,
    /// From when; `None` for the beginning of the stay.
    pub from: Option<Timestamp>,
    /// Until when, not included; `None` for its end and the time until the room is safe.
    pub until: Option<Timestamp>,
}

/// A request, with how many guests it brought.
#[derive(Clone, Debug)]
pub struct SeenRequest {
    /// The request; one whose days are gone is shown as expired.
    pub request: ListRequest,
    /// Guests that were released.
    pub n_guests: usize,
}

/// The requests of a case.
#[derive(Clone, Debug)]
pub struct SeenRequests {
    /// Newest first.
    pub requests: Vec<SeenRequest>,
    /// Their venues.
    pub venues: BTreeMap<VenueId, NamedVenue>,
}

impl App {
    /// Lists what was asked for because of a case.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn list_requests_of_case(&self, worker: &Worker, case_id: CaseId) -> Result<SeenRequests> {
        worker.require(Action::SeeCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let found = storage::list_requests::of_case(&mut tx, case_id).await?;
        let mut n_guests: HashMap<RequestId, usize> = HashMap::new();
        for visit in storage::list_requests::visits(&mut tx, None, case_id).await? {
            *n_guests.entry(visit.request_id).or_default() += 1;
        }
        let venues = named(&mut tx, found.iter().map(|request| request.venue_id)).await?;
        let mut requests = Vec::with_capacity(found.len());
        for mut request in found {
            self.show_expired(&mut tx, worker, &mut request).await?;
            requests.push(SeenRequest { n_guests: n_guests.get(&request.request_id).copied().unwrap_or(0), request });
        }
        drop(tx);
        self.record_alone(worker, shown("list_requests.list", [work.person_id])).await?;
        Ok(SeenRequests { requests, venues })
    }

    /// Shows a request that waits for days that are gone as what it is.
    pub(super) async fn show_expired(&self, tx: &mut Tx, worker: &Worker, request: &mut ListRequest) -> Result<()> {
        let waits = request.state == RequestState::Asked;
        if waits && self.are_gone(tx, &request.asked, &worker.authority.time_zone).await? {
            request.state = RequestState::Expired;
        }
        Ok(())
    }

    /// Asks a venue for its guest list because of a stay of a case. Where the rules say so it is here at once.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] for a time that has nothing to do with the stay, [`AppError::NotFound`] for an unknown
    /// stay; [`AppError::Conflict`] if the list was asked for already, or its days are deleted.
    pub async fn ask_list(&self, worker: &Worker, case_id: CaseId, asked: AskedList) -> Result<()> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let known = storage::list_requests::of_case(&mut tx, case_id).await?;
        if known.iter().any(|request| request.request_id == asked.request_id) {
            return Ok(());
        }
        if taken.work.status.is_ended() {
            return Err(AppError::Conflict("the case is over; open it again to ask for a list".to_owned()));
        }
        let stays = storage::stays::of_case(&mut tx, case_id).await?;
        let stay = stays.iter().find(|stay| stay.stay_id == asked.stay_id).ok_or(AppError::NotFound("stay"))?;
        if storage::venues::find(&mut tx, stay.venue_id).await?.is_none() {
            return Err(AppError::Conflict("this venue is asked through another authority".to_owned()));
        }
        let rules = rules_of_case(&mut tx, Some(&taken.sealer), case_id).await?;
        let usual = usual_window(&stay.place.stay, &rules);
        let window = window_of(&asked, &usual)?;
        let same = |request: &&ListRequest| {
            let open = matches!(request.state, RequestState::Asked | RequestState::Released);
            open && request.venue_id == stay.venue_id && covers(&request.asked, &window)
        };
        if known.iter().any(|request| same(&request)) {
            return Err(AppError::Conflict("this list was asked for already".to_owned()));
        }
        if self.are_gone(&mut tx, &window, &worker.authority.time_zone).await? {
            return Err(AppError::Conflict("the guest lists of these days are deleted".to_owned()));
        }
        let request = ListRequest {
            request_id: asked.request_id,
            case_id,
            person_id: taken.work.person_id,
            stay_id: stay.stay_id,
            venue_id: stay.venue_id,
            asked: window,
            state: RequestState::Asked,
            account_id: worker.account_id,
            asked_at: taken.now,
            ended_by: None,
            ended_at: None,
        };
        storage::list_requests::insert(&mut tx, &request).await?;
        let words = format!("{} {} – {}", request.venue_id, window.from(), window.until());
        self.note_change(worker, &mut taken, ("list_request", "by hand"), None, Some(words));
        // How things are done is for the rules of today, not of the day on which the case fell ill.
        let today = local_day(taken.now, &worker.authority.time_zone);
        if rule_set_on(&rules.own, rules.disease, today).settings.lists_at_once {
            self.release_within(&mut tx, worker, &mut taken, &request).await?;
        } else {
            self.tell_owners(&mut tx, worker, &taken.sealer, request.venue_id).await?;
        }
        self.settle(tx, worker, taken, "list_requests.ask").await?;
        Ok(())
    }

    /// Writes to the owners of a venue that its list is asked for. Nothing of it names anybody but them.
    pub(in crate::case_work) async fn tell_owners(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        sealer: &Sealer,
        venue_id: VenueId,
    ) -> Result<()> {
        let venue = storage::venues::find(tx, venue_id).await?.ok_or(AppError::NotFound("venue"))?;
        let head = storage::letters::letterhead(tx).await?.map(|(_, head)| head).unwrap_or_default();
        let link = self.page_of(&worker.authority, PAGE)?;
        let members = storage::venues::members(tx, sealer, venue_id).await?;
        for owner in members.into_iter().filter(|member| member.role == VenueRole::Owner) {
            let Ok(recipient) = MailAddress::new(owner.staff.email.expose()) else { continue };
            let message = NewMessage {
                kind: MessageKind::ListRequested,
                recipient: Recipient::Mail(recipient),
                case_id: None,
                person_id: None,
                language: Some(owner.staff.language),
                values: Values::default()
                    .text(Variable::Name, owner.staff.name.expose())
                    .text(Variable::Phone, &head.phone_index)
                    .text(Variable::Venue, &venue.details.name)
                    .text(Variable::Link, &link),
                reply_to: MailAddress::new(&head.email).ok(),
                by: Some(worker.account_id),
            };
            self.queue_message(tx, &worker.authority, &message).await?;
        }
        Ok(())
    }

    /// Takes a request back. What isn't released stays where it is; released guests are deleted unless a contact case rests
    /// on them.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such request.
    pub async fn withdraw_list(&self, worker: &Worker, case_id: CaseId, request_id: RequestId) -> Result<()> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let known = storage::list_requests::of_case(&mut tx, case_id).await?;
        let request = known.iter().find(|request| request.request_id == request_id);
        let request = request.ok_or(AppError::NotFound("request"))?;
        if matches!(request.state, RequestState::Withdrawn | RequestState::Expired) {
            return Ok(());
        }
        let by = (Some(worker.account_id), taken.now);
        if !storage::list_requests::end(&mut tx, request, RequestState::Withdrawn, by).await? {
            return Err(AppError::Conflict("the venue answered at this moment; look again".to_owned()));
        }
        storage::list_requests::delete_undecided(&mut tx, case_id, request_id).await?;
        let cause = request_id.to_string();
        let raised = taken
            .items
            .iter()
            .find(|item| item.kind == ItemKind::GuestListReleased && item.cause == cause && item.resolution.is_none());
        if let Some(item_id) = raised.map(|item| item.item_id) {
            resolve_by_itself(&mut tx, &mut taken, item_id).await?;
        }
        self.note_change(worker, &mut taken, ("list_request", "withdrawn"), Some(request.venue_id.to_string()), None);
        self.settle(tx, worker, taken, "list_requests.withdraw").await?;
        Ok(())
    }
}

/// Returns for which time is asked because of a stay, if nobody says otherwise.
pub(in crate::case_work) fn usual_window(stay: &Window, rules: &Rules) -> Window {
    asked_for(stay, rules.safe_after())
}

/// Returns for which time is asked: it holds some of the stay, and is no longer than a list may be.
fn window_of(asked: &AskedList, usual: &Window) -> Result<Window> {
    let wrong = |field, reason: String| AppError::InvalidFields(vec![(field, reason)]);
    let (from, until) = (asked.from.unwrap_or(usual.from()), asked.until.unwrap_or(usual.until()));
    let window = Window::new(from, until).map_err(|_| wrong("until", "it ends before it begins".to_owned()))?;
    if window.overlap(usual).is_none() {
        return Err(wrong("from", "ask for a time in which the case was there".to_owned()));
    }
    if until.duration_since(from) > LONGEST_ASKED {
        return Err(wrong("until", format!("{} hours at once at most", LONGEST_ASKED.as_hours())));
    }
    Ok(window)
}

fn covers(known: &Window, asked: &Window) -> bool {
    known.from() <= asked.from() && known.until() >= asked.until()
}
