//! The guests that were released because of a case, each with what they had to do with it, the most exposed first.

use super::super::stays::{NamedVenue, named};
use super::{Rules, rules_of_case};
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::days::infectious_days;
use crate::duplicates::{Duplicate, PersonDraft};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::cases::day_zero;
use domain::check_ins::Guest;
use domain::exposures::{InfectiousDays, score};
use domain::ids::{CaseId, FacilityId, PersonId, VenueId, VisitId};
use domain::list_requests::{GuestExposure, PlaceStay, exposure_of, names_of};
use domain::persons::Personal;
use domain::time::{DayRange, Window, local_day};
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashSet};
use storage::list_requests::ReleasedVisit;
use storage::stays::CaseStay;
use storage::{Freshness, Tx};
use uuid::Uuid;

/// A guest, with what they had to do with the case.
#[derive(Clone, Debug)]
pub struct SeenGuest {
    /// What was released.
    pub visit: ReleasedVisit,
    /// Together, after it, elsewhere.
    pub exposure: GuestExposure,
    /// The score, as exposures have it.
    pub score: f64,
    /// Whether they are at risk by the rule of close contacts.
    pub at_risk: bool,
    /// Who they may be, of those who are known; empty where personal fields are locked.
    pub may_be: Vec<Duplicate>,
    /// Whether it may be the case themselves.
    pub may_be_case: bool,
}

/// The guests that were released because of a case.
#[derive(Clone, Debug)]
pub struct GuestsOfCase {
    /// At risk first, then by score; whoever stands on two lists once.
    pub guests: Vec<SeenGuest>,
    /// Their venues.
    pub venues: BTreeMap<VenueId, NamedVenue>,
    /// Version of the rules; 0 is the built-in one.
    pub rule_version: i32,
    /// Name of the rule of close contacts.
    pub close_contact_rule: &'static str,
    /// Minutes after which a room is safe again.
    pub room_safe_after_min: u16,
    /// The days on which the case infects others; `None` where nobody knows them, and then all counts.
    pub infectious: Option<DayRange>,
}

/// What guests are measured against.
pub(super) struct Measure {
    pub(super) person_id: PersonId,
    pub(super) stays: Vec<CaseStay>,
    pub(super) rules: Rules,
    pub(super) infectious: Option<DayRange>,
    pub(super) zone: TimeZone,
}

impl Measure {
    pub(super) async fn of_case(
        tx: &mut Tx,
        (case_id, person_id): (CaseId, PersonId),
        zone: &TimeZone,
    ) -> Result<Self> {
        let rules = rules_of_case(tx, None, case_id).await?;
        let infectious = infectious_days(&rules.own, rules.disease, &rules.dates);
        let stays = storage::stays::of_case(tx, case_id).await?;
        Ok(Self { person_id, stays, rules, infectious, zone: zone.clone() })
    }

    pub(super) fn measured(&self, visit: &ReleasedVisit) -> GuestExposure {
        let own: Vec<PlaceStay> =
            self.stays.iter().filter(|stay| stay.venue_id == visit.venue_id).map(|stay| stay.place).collect();
        let infectious: Vec<Window> = self.infectious.iter().map(|days| Window::of_days(*days, &self.zone)).collect();
        exposure_of(&own, &visit.place, &infectious, self.rules.safe_after())
    }

    fn score(&self, exposure: &GuestExposure) -> f64 {
        let rules = &self.rules.rules;
        let days_zero = day_zero(&self.rules.dates).ok().into_iter().collect();
        let infectious = InfectiousDays { curve: rules.infectiousness(), days_zero };
        let evidence = exposure.evidence(self.person_id, FacilityId(Uuid::nil()), "");
        score(&evidence, &rules.settings.closeness, &self.zone, |_, day| infectious.on(day)).total
    }

    fn is_at_risk(&self, visit: &ReleasedVisit, exposure: &GuestExposure) -> bool {
        let day = local_day(visit.place.stay.from(), &self.zone);
        exposure.is_at_risk(self.rules.rules.close_contact_on(day))
    }

    /// Says whether a visit is the case's own, because they showed it.
    fn is_own(&self, visit_id: VisitId) -> bool {
        self.stays.iter().any(|stay| stay.visit_id == Some(visit_id))
    }
}

impl App {
    /// Lists the guests that were released because of a case.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn guests_of_case(&self, worker: &Worker, case_id: CaseId) -> Result<GuestsOfCase> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let measure = Measure::of_case(&mut tx, (case_id, work.person_id), &worker.authority.time_zone).await?;
        let visits = storage::list_requests::visits(&mut tx, sealer.as_ref(), case_id).await?;
        let venues = named(&mut tx, visits.iter().map(|visit| visit.venue_id)).await?;
        drop(tx);
        let mut known = HashSet::new();
        let mut guests: Vec<SeenGuest> = visits
            .into_iter()
            .filter(|visit| known.insert(visit.visit_id) && !measure.is_own(visit.visit_id))
            .map(|visit| {
                let exposure = measure.measured(&visit);
                let (score, at_risk) = (measure.score(&exposure), measure.is_at_risk(&visit, &exposure));
                SeenGuest { visit, exposure, score, at_risk, may_be: Vec::new(), may_be_case: false }
            })
            .collect();
        if sealer.is_some() {
            self.propose_persons(worker, measure.person_id, &mut guests).await?;
        }
        guests.sort_by(|a, b| {
            let order = (b.at_risk && !b.may_be_case).cmp(&(a.at_risk && !a.may_be_case));
            order.then(b.score.total_cmp(&a.score)).then(a.visit.visit_id.cmp(&b.visit.visit_id))
        });
        let decided = guests.iter().filter_map(|guest| guest.visit.decision).map(|decision| decision.person_id);
        self.record_alone(worker, shown("list_requests.guests", decided.chain([work.person_id]))).await?;
        let today = local_day(self.now(), &worker.authority.time_zone);
        let rules = &measure.rules.rules;
        Ok(GuestsOfCase {
            guests,
            venues,
            rule_version: rules.version,
            close_contact_rule: rules.close_contact_on(today).id,
            room_safe_after_min: rules.settings.room_safe_after_min,
            infectious: measure.infectious,
        })
    }

    /// Proposes who guests may be: nobody is taken for anybody by itself.
    async fn propose_persons(&self, worker: &Worker, case: PersonId, guests: &mut [SeenGuest]) -> Result<()> {
        let drafts: Vec<PersonDraft> =
            guests.iter().map(|guest| guest.visit.guest.as_ref().map(draft_of).unwrap_or_default()).collect();
        for (guest, found) in guests.iter_mut().zip(self.duplicates_of_many(worker, &drafts).await?) {
            guest.may_be_case = found.found.iter().any(|one| one.person.person_id == case);
            guest.may_be = found.found.into_iter().filter(|one| one.person.person_id != case).collect();
        }
        Ok(())
    }
}

fn draft_of(guest: &Guest) -> PersonDraft {
    let (first, last) = names_of(guest.name.expose());
    PersonDraft {
        first_name: first.map(Personal::new),
        last_name: last.map(Personal::new),
        phones: guest.phone.iter().cloned().collect(),
        emails: guest.email.iter().cloned().collect(),
        ..PersonDraft::default()
    }
}
