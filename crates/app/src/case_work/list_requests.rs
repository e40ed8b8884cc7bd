//! Guest lists on request: asked because of a stay, released by the venue, taken back by the authority.
//!
//! What is released is opened venue by venue and day by day, each opening in the log of the keyring, and sealed anew at once;
//! it belongs to the case from then on.

mod ask;
mod contact_cases;
mod guests;
mod release;

pub(super) use ask::usual_window;
pub use ask::{AskedList, SeenRequest, SeenRequests};
pub(super) use contact_cases::person_from;
pub use contact_cases::{ChosenGuest, MOST_CHOSEN};
pub use guests::{GuestsOfCase, SeenGuest};
pub use release::RequestToVenue;
pub(super) use release::gone;

use crate::context::App;
use crate::days::rules_of;
use crate::error::{AppError, Result};
use domain::check_ins::{RETENTION_DAYS, day_of, gone_on};
use domain::diseases::Disease;
use domain::ids::CaseId;
use domain::rules::{RuleSet, rule_set_on};
use domain::time::{Window, local_day, plus_days};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use storage::sealing::Sealer;
use storage::{Tx, check_ins::days};

/// Returns the rules that hold for a case, and how long a room stays infectious by them.
pub(super) async fn rules_of_case(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Rules> {
    let case = storage::cases::by_id(tx, sealer, case_id).await?.ok_or(AppError::NotFound("case"))?;
    let own = storage::rule_sets::list(tx, case.disease).await?;
    let rules = rules_of(&own, case.disease, &case.dates);
    let rules = rules.unwrap_or_else(|| rule_set_on(&own, case.disease, Date::MAX));
    Ok(Rules { own, rules, disease: case.disease, dates: case.dates })
}

pub(super) struct Rules {
    own: Vec<RuleSet>,
    rules: RuleSet,
    pub(super) disease: Disease,
    dates: domain::cases::CaseDates,
}

impl Rules {
    fn safe_after(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.rules.settings.room_safe_after_min))
    }
}

/// Lists the days on which somebody can have arrived who was there in a window: a stay lasts a day at most.
fn days_of(window: &Window, zone: &TimeZone) -> Vec<Date> {
    let (first, last) = (plus_days(day_of(window.from(), zone), -1), day_of(window.until(), zone));
    let mut days = vec![first];
    while let Some(day) = days.last().map(|day| plus_days(*day, 1)).filter(|day| *day <= last) {
        days.push(day);
    }
    days
}

impl App {
    /// Says of a day whether its guests can't be read any more.
    async fn is_gone(&self, tx: &mut Tx, day: Date, zone: &TimeZone) -> Result<bool> {
        let now = self.now();
        Ok(match days::find(tx, day).await? {
            Some(found) => found.destroyed_at.is_some() || found.ends_at <= now,
            // Nobody came, or so long ago that nothing is left to say so.
            None => gone_on(day, RETENTION_DAYS) <= local_day(now, zone),
        })
    }

    /// Says whether all days of a window are gone.
    pub(super) async fn are_gone(&self, tx: &mut Tx, window: &Window, zone: &TimeZone) -> Result<bool> {
        for day in days_of(window, zone).into_iter().skip(1) {
            if !self.is_gone(tx, day, zone).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
