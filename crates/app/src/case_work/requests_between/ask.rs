//! Asking through another authority, and taking that back.

use super::super::list_requests::{rules_of_case, usual_window};
use super::super::stays::checked_window;
use super::super::taken::resolve_by_itself;
use super::body;
use super::post::at_this_moment;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::action_items::ItemKind;
use domain::authorities::{Action, ShortCode};
use domain::check_ins::{RETENTION_DAYS, day_of, gone_on};
use domain::ids::{CaseId, RequestId, StayId};
use domain::persons::Personal;
use domain::requests_between::{
    BetweenState, LONGEST_PLACE, MOST_OPEN, MessageKind, Poster, Side, Step, may_be_asked, poster_in,
};
use domain::time::{Window, local_day};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use storage::authorities::Authority;
use storage::requests_between::RequestElsewhere;

/// A list that is to be asked for through another authority.
#[derive(Clone, Debug)]
pub struct AskedElsewhere {
    /// Its id, made by whoever asks: asked again, it is the same.
    pub request_id: RequestId,
    /// Id of the stay that it is about.
    pub stay_id: StayId,
    /// Through whom; `None` where a poster's address says it.
    pub to: Option<ShortCode>,
    /// What is known of the venue: the address on its poster, or name and address.
    pub place: Personal<String>,
    /// From when the case was there.
    pub from: Timestamp,
    /// Until when, not included.
    pub until: Timestamp,
}

impl App {
    /// Asks for the list of a venue in another authority's area, through that authority.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] for what must change; [`AppError::NotFound`] for an unknown case; [`AppError::Conflict`] if
    /// the case is over, the same was asked already, or the days are deleted everywhere.
    pub async fn ask_elsewhere(&self, worker: &Worker, case_id: CaseId, asked: AskedElsewhere) -> Result<()> {
        worker.require(Action::WorkOnCases)?;
        let place = checked_place(&asked.place)?;
        let (other, poster) = self.asked_authority(worker, asked.to.as_ref(), place.expose()).await?;
        self.make_halves_known(&[worker.authority.authority_id, other.authority_id]).await?;
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        if let Some(known) = storage::requests_between::find_elsewhere(&mut tx, None, asked.request_id).await? {
            let is_same = known.case_id == case_id && known.other == other.authority_id;
            let taken = || AppError::Conflict("another request has this id".to_owned());
            return if is_same { Ok(()) } else { Err(taken()) };
        }
        if taken.work.status.is_ended() {
            return Err(AppError::Conflict("the case is over; open it again to ask for a list".to_owned()));
        }
        let stay = checked_window((asked.from, asked.until), taken.now)?;
        let rules = rules_of_case(&mut tx, Some(&taken.sealer), case_id).await?;
        let window = usual_window(&stay, &rules);
        if !may_be_asked(&window) || are_gone_everywhere(&window, taken.now, &worker.authority.time_zone) {
            return Err(AppError::Conflict("the guest lists of these days are deleted".to_owned()));
        }
        let request = RequestElsewhere {
            request_id: asked.request_id,
            case_id,
            person_id: taken.work.person_id,
            stay_id: asked.stay_id,
            other: other.authority_id,
            place: Some(place.clone()),
            venue_id: poster.as_ref().map(|poster| poster.venue_id),
            area_id: poster.and_then(|poster| poster.area_id),
            stay,
            asked: window,
            state: BetweenState::Asked,
            because: None,
            note: None,
            account_id: worker.account_id,
            asked_at: taken.now,
            ended_at: None,
        };
        let known = storage::requests_between::of_case(&mut tx, Some(&taken.sealer), case_id).await?;
        refuse_twice(&known, &request)?;
        storage::requests_between::insert_elsewhere(&mut tx, &taken.sealer, &request).await?;
        let told = body::Asked {
            request_id: request.request_id,
            disease: rules.disease.as_str().to_owned(),
            from: window.from(),
            until: window.until(),
            place: place.expose().clone(),
            venue_id: request.venue_id,
        };
        let to = (other.authority_id, MessageKind::Asked, request.request_id);
        self.send(&mut tx, &taken.sealer, to, &told).await?;
        let words = format!("{} {} – {}", other.short_code, window.from(), window.until());
        self.note_change(worker, &mut taken, ("list_request", "by hand"), None, Some(words));
        self.settle(tx, worker, taken, "requests_between.ask").await?;
        Ok(())
    }

    /// Says which authority is asked: the one that is named, else the one whose poster was given.
    async fn asked_authority(
        &self,
        worker: &Worker,
        to: Option<&ShortCode>,
        place: &str,
    ) -> Result<(Authority, Option<Poster>)> {
        let wrong = |reason: &str| AppError::InvalidFields(vec![("to", reason.to_owned())]);
        let poster = poster_in(place);
        let code = to.or(poster.as_ref().map(|poster| &poster.authority));
        let code = code.ok_or_else(|| wrong("say in whose area the venue is, or give the address on its poster"))?;
        let own = worker.authority.authority_id;
        let other = self.authorities().await?.into_iter().find(|one| one.short_code == *code);
        let other = other.filter(|one| one.authority_id != own);
        let other = other.ok_or_else(|| wrong("there is no other authority with this short code here"))?;
        let poster = poster.filter(|poster| poster.authority == other.short_code);
        Ok((other, poster))
    }

    /// Takes a request back, and tells the other authority. Released guests are deleted unless a contact case rests on them;
    /// what comes afterwards isn't taken in.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such request of the case.
    pub async fn withdraw_elsewhere(&self, worker: &Worker, case_id: CaseId, request_id: RequestId) -> Result<()> {
        worker.require(Action::WorkOnCases)?;
        self.make_halves_known(&[worker.authority.authority_id]).await?;
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let found = storage::requests_between::find_elsewhere(&mut tx, Some(&taken.sealer), request_id).await?;
        let request = found.filter(|request| request.case_id == case_id).ok_or(AppError::NotFound("request"))?;
        let Some(state) = request.state.after(Side::From, Step::Withdraw) else { return Ok(()) };
        let now = RequestElsewhere { state, ended_at: Some(taken.now), ..request.clone() };
        if !storage::requests_between::move_elsewhere(&mut tx, &taken.sealer, request.state, &now).await? {
            return Err(at_this_moment());
        }
        storage::list_requests::delete_undecided(&mut tx, case_id, request_id).await?;
        // If it hasn't left yet it needn't.
        storage::authority_messages::delete_of_request(&mut tx, request_id).await?;
        let to = (request.other, MessageKind::Withdrawn, request_id);
        self.send(&mut tx, &taken.sealer, to, &body::Withdrawn { request_id }).await?;
        let cause = request_id.to_string();
        let raised = taken
            .items
            .iter()
            .find(|item| item.kind == ItemKind::GuestListReleased && item.cause == cause && item.resolution.is_none());
        if let Some(item_id) = raised.map(|item| item.item_id) {
            resolve_by_itself(&mut tx, &mut taken, item_id).await?;
        }
        self.note_change(worker, &mut taken, ("list_request", "withdrawn"), Some(request_id.to_string()), None);
        self.settle(tx, worker, taken, "requests_between.withdraw").await?;
        Ok(())
    }
}

fn checked_place(place: &Personal<String>) -> Result<Personal<String>> {
    let text = place.expose().trim();
    let wrong = |reason: String| Err(AppError::InvalidFields(vec![("place", reason)]));
    if text.is_empty() {
        return wrong("say which venue: the address on its poster, or its name and address".to_owned());
    }
    if text.chars().count() > LONGEST_PLACE {
        return wrong(format!("{LONGEST_PLACE} characters at most"));
    }
    Ok(Personal::new(text.to_owned()))
}

/// Refuses what is asked already, and one too many.
fn refuse_twice(known: &[RequestElsewhere], new: &RequestElsewhere) -> Result<()> {
    let is_open = |one: &&RequestElsewhere| matches!(one.state, BetweenState::Asked | BetweenState::Released);
    let is_same = |one: &RequestElsewhere| {
        let same_venue = match (one.venue_id, new.venue_id) {
            (Some(one), Some(new)) => one == new,
            _ => one.place == new.place,
        };
        one.other == new.other
            && same_venue
            && one.asked.from() <= new.asked.from()
            && one.asked.until() >= new.asked.until()
    };
    if known.iter().filter(is_open).any(is_same) {
        return Err(AppError::Conflict("this list was asked for already".to_owned()));
    }
    if known.iter().filter(is_open).count() >= MOST_OPEN {
        return Err(AppError::Conflict(format!("a case has {MOST_OPEN} such requests at most")));
    }
    Ok(())
}

/// Says whether every authority has deleted the lists of a time: none keeps them for longer. Days are those of this authority,
/// as nobody here knows the clock of the other.
pub(super) fn are_gone_everywhere(window: &Window, now: Timestamp, zone: &TimeZone) -> bool {
    gone_on(day_of(window.until(), zone), RETENTION_DAYS) <= local_day(now, zone)
}
