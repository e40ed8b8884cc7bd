//! Answering another authority: the venue is found and asked, or there is no list.

use super::body;
use super::post::at_this_moment;
use crate::case_work::status::check_text;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::{RequestId, VenueId};
use domain::persons::Personal;
use domain::requests_between::{BetweenState, DeclinedBecause, MessageKind, Side, Step};
use domain::rules::rule_set_on;
use domain::time::local_day;
use storage::Tx;
use storage::requests_between::RequestFromOther;
use storage::sealing::Sealer;

/// Why there is no list.
#[derive(Clone, Debug)]
pub struct Decline {
    /// In a word.
    pub because: DeclinedBecause,
    /// And in a text, which the authority that asks reads.
    pub text: Option<Personal<String>>,
}

impl App {
    /// Says which venue another authority means, and asks it, as for a case of this one. Where the rules of this authority say
    /// so, the list goes at once. Twice is once.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if nobody asks such a thing; [`AppError::InvalidFields`] for a venue that isn't here;
    /// [`AppError::Conflict`] if it was answered or withdrawn, or the days are deleted.
    pub async fn pass_on_request(&self, worker: &Worker, request_id: RequestId, venue_id: VenueId) -> Result<()> {
        worker.require(Action::WorkOnCases)?;
        self.make_halves_known(&[worker.authority.authority_id]).await?;
        let (mut tx, sealer, request) = self.asked_by_other(worker, request_id).await?;
        let is_passed = matches!(request.state, BetweenState::Passed | BetweenState::Released);
        if is_passed && request.venue_id == Some(venue_id) {
            return Ok(());
        }
        let state = request.state.after(Side::To, Step::PassOn).ok_or_else(|| over(request.state))?;
        if storage::venues::find(&mut tx, venue_id).await?.is_none() {
            return Err(AppError::InvalidFields(vec![("venue_id", "there is no such venue here".to_owned())]));
        }
        if self.are_gone(&mut tx, &request.asked, &worker.authority.time_zone).await? {
            return Err(AppError::Conflict("the guest lists of these days are deleted".to_owned()));
        }
        let passed = Some((worker.account_id, self.now()));
        let asked = RequestFromOther { state, venue_id: Some(venue_id), passed, ..request.clone() };
        if !storage::requests_between::move_from_other(&mut tx, &sealer, request.state, &asked).await? {
            return Err(at_this_moment());
        }
        self.note_between(&mut tx, worker, "requests_between.pass_on", request_id).await?;
        let own = storage::rule_sets::list(&mut tx, request.disease).await?;
        let today = local_day(self.now(), &worker.authority.time_zone);
        if rule_set_on(&own, request.disease, today).settings.lists_at_once {
            self.release_to_other(&mut tx, worker, &sealer, &asked).await?;
        } else {
            self.tell_owners(&mut tx, worker, &sealer, venue_id).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Says that there is no list. The authority that asked reads why. Twice is once.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if nobody asks such a thing; [`AppError::Invalid`] if another reason is given without a text;
    /// [`AppError::Conflict`] if it was answered otherwise, or withdrawn.
    pub async fn decline_request(&self, worker: &Worker, request_id: RequestId, decline: Decline) -> Result<()> {
        worker.require(Action::WorkOnCases)?;
        let text = decline.text.as_ref().map_or("", |text| text.expose().trim());
        check_text("text", text)?;
        if decline.because == DeclinedBecause::Other && text.is_empty() {
            return Err(AppError::Invalid { field: "text", reason: "say why, in a few words".to_owned() });
        }
        let note = (!text.is_empty()).then(|| Personal::new(text.to_owned()));
        self.make_halves_known(&[worker.authority.authority_id]).await?;
        let (mut tx, sealer, request) = self.asked_by_other(worker, request_id).await?;
        if request.state == BetweenState::Declined {
            return Ok(());
        }
        self.decline_within(&mut tx, worker, &sealer, (&request, Some(worker.account_id)), (decline.because, note))
            .await?;
        Ok(tx.commit().await?)
    }

    /// The same within a transaction; `by` is nobody where the days were deleted meanwhile.
    pub(super) async fn decline_within(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        sealer: &Sealer,
        (request, by): (&RequestFromOther, Option<domain::ids::AccountId>),
        (because, note): (DeclinedBecause, Option<Personal<String>>),
    ) -> Result<()> {
        let state = request.state.after(Side::To, Step::Decline).ok_or_else(|| over(request.state))?;
        let told = body::Declined {
            request_id: request.request_id,
            because: because.as_str().to_owned(),
            text: note.as_ref().map(|note| note.expose().clone()),
        };
        let declined = RequestFromOther {
            state,
            because: Some(because),
            note,
            ended_by: by,
            ended_at: Some(self.now()),
            ..request.clone()
        };
        if !storage::requests_between::move_from_other(tx, sealer, request.state, &declined).await? {
            return Err(at_this_moment());
        }
        self.send(tx, sealer, (request.other, MessageKind::Declined, request.request_id), &told).await?;
        self.note_between(tx, worker, "requests_between.decline", request.request_id).await
    }

    async fn asked_by_other(&self, worker: &Worker, id: RequestId) -> Result<(Tx, Sealer, RequestFromOther)> {
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let found = storage::requests_between::find_from_other(&mut tx, Some(&sealer), id).await?;
        Ok((tx, sealer, found.ok_or(AppError::NotFound("request"))?))
    }
}

/// Why a request can't be answered as somebody wants to.
pub(super) fn over(state: BetweenState) -> AppError {
    AppError::Conflict(match state {
        BetweenState::Withdrawn => "the other authority has taken it back".to_owned(),
        _ => "it was answered already".to_owned(),
    })
}
