//! Sharing: a case worker reads a code out, and the guest's telephone shows its visits with it.
//!
//! The code names the case, the secret of each receipt proves the visit. No list is opened for it: stays and receipts lie in
//! clear beside the sealed guests.

use super::stays::check_new;
use crate::check_ins::{Turned, VisitProof};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::action_items::{ItemKind, Need};
use domain::authorities::{Action, Role, ShortCode};
use domain::cases::CaseStatus;
use domain::check_ins::{ListOfDay, MOST_AT_ONCE, Stay, VenueDay, day_of};
use domain::ids::{CaseId, ShareId, StayId, VenueId, VisitId};
use domain::list_requests::{PlaceStay, SHARE_CODE_LASTS, ShareCode, StaySource};
use domain::time::Window;
use jiff::Timestamp;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use storage::Freshness;
use storage::check_ins::{Receipt, receipt_of};
use storage::sealing::fingerprint;
use storage::stays::{CaseStay, Share};

/// Visits that a guest shows.
#[derive(Debug)]
pub struct SharedVisits {
    /// Short code of the authority.
    pub authority: ShortCode,
    /// The code, as it was typed.
    pub code: String,
    /// Which, where, and what proves them.
    pub visits: Vec<(VenueId, VisitProof)>,
}

impl App {
    /// Makes a code by which the guest whose case it is shows their stays. An earlier one works no more.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case; [`AppError::Conflict`] if it is over.
    pub async fn make_share_code(&self, worker: &Worker, case_id: CaseId) -> Result<(ShareCode, Timestamp)> {
        worker.require(Action::WorkOnCases)?;
        let (mut tx, taken) = self.take_case(worker, case_id).await?;
        if taken.work.status.is_ended() {
            return Err(AppError::Conflict("the case is over; open it again to ask for stays".to_owned()));
        }
        let now = taken.now;
        let code = ShareCode::draw(self.random());
        let share = Share {
            share_id: ShareId::mint(now, self.random()),
            case_id,
            person_id: taken.work.person_id,
            account_id: worker.account_id,
            created_at: now,
            expires_at: now.checked_add(SHARE_CODE_LASTS).unwrap_or(Timestamp::MAX),
        };
        storage::stays::put_code(&mut tx, &share, &fingerprint(code.expose())).await?;
        self.settle(tx, worker, taken, "stays.make_code").await?;
        Ok((code, share.expires_at))
    }

    /// Takes visits that a guest shows as stays of the case that the code names. Says of each whether it was proven.
    ///
    /// # Errors
    ///
    /// [`Turned::Unknown`] if the code is wrong or old: which of the two isn't said.
    #[tracing::instrument(target = "epitrace::traces", name = "app::share_visits", skip_all)]
    pub async fn share_visits(&self, shared: &SharedVisits) -> std::result::Result<Vec<(VisitId, bool)>, Turned> {
        let unknown = || Turned::Unknown("code");
        if !(1..=MOST_AT_ONCE).contains(&shared.visits.len()) {
            return Err(Turned::Invalid { at: None, field: "visits", reason: format!("1 to {MOST_AT_ONCE} at once") });
        }
        let code = ShareCode::read(&shared.code).map_err(|_| unknown())?;
        let code_hash = fingerprint(code.expose());
        let all = self.authorities().await?;
        let authority = all.into_iter().find(|one| one.short_code == shared.authority).ok_or_else(unknown)?;
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        storage::stays::case_of_code(&mut tx, &code_hash, self.now()).await?.ok_or_else(unknown)?;
        drop(tx);
        let proven = self.prove(&authority, &shared.visits).await?;

        let sealer = self.sealer_of(authority.authority_id)?;
        let worker = self.own_worker(authority, "system:guests", Role::Operator).await?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        // Another code may have taken its place in between.
        let case_id = storage::stays::case_of_code(&mut tx, &code_hash, self.now()).await?.ok_or_else(unknown)?;
        let mut taken = self.take(&mut tx, sealer, case_id).await?;
        if matches!(taken.work.status, CaseStatus::Anonymised | CaseStatus::HandedOver) {
            return Err(unknown());
        }
        let mut n_new = 0;
        for (venue_id, stay) in proven.iter().flatten() {
            let known = storage::stays::of_case(&mut tx, case_id).await?;
            let window = Window::new(stay.arrived_at, stay.leaves_at);
            let Ok(window) = window else { continue };
            let place = PlaceStay { area: stay.area_id, stay: window };
            let is_known = known.iter().any(|one| one.visit_id == Some(stay.visit_id));
            // The same stay by hand counts as shown, and stays as it is.
            if is_known || check_new(&place, *venue_id, &known).is_err() {
                continue;
            }
            let stay = CaseStay {
                stay_id: StayId::mint(taken.now, self.random()),
                case_id,
                person_id: taken.work.person_id,
                venue_id: *venue_id,
                place,
                source: StaySource::Shared,
                visit_id: Some(stay.visit_id),
                origin_case: None,
                account_id: None,
                noted_at: taken.now,
            };
            self.add_stay(&mut tx, &worker, &mut taken, &stay).await?;
            n_new += 1;
        }
        if n_new > 0 {
            let need = Need { kind: ItemKind::StaysShared, cause: format!("{n_new} {}", taken.now) };
            self.raise(&mut tx, &mut taken, need, None).await?;
        }
        self.settle(tx, &worker, taken, "stays.share").await?;
        let outcome = |((_, proof), found): (&(VenueId, VisitProof), &Option<_>)| (proof.visit_id, found.is_some());
        Ok(shared.visits.iter().zip(&proven).map(outcome).collect())
    }

    /// Finds the visits whose secret is the guest's; `None` for each that isn't there, or isn't theirs.
    async fn prove(
        &self,
        authority: &storage::authorities::Authority,
        visits: &[(VenueId, VisitProof)],
    ) -> std::result::Result<Vec<Option<(VenueId, Stay)>>, Turned> {
        let door = self.door().ok_or(Turned::NoDoor)?;
        let mut lists: HashMap<ListOfDay, Vec<(Stay, Receipt)>> = HashMap::new();
        let mut proven = Vec::with_capacity(visits.len());
        for (venue_id, proof) in visits {
            let day = day_of(proof.arrived_at, &authority.time_zone);
            let list = ListOfDay { of: VenueDay { authority_id: authority.authority_id, day }, venue_id: *venue_id };
            let stays = match lists.entry(list) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(door.shelf().read(list, Freshness::Fresh).await?.stays()?),
            };
            let receipt = receipt_of(&proof.secret);
            let is_theirs = |(stay, kept): &&(Stay, Receipt)| stay.visit_id == proof.visit_id && *kept == receipt;
            proven.push(stays.iter().find(is_theirs).map(|(stay, _)| (*venue_id, *stay)));
        }
        Ok(proven)
    }
}
