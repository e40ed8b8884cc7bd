//! Files of visits: who was where, from when until when.

use super::{Fate, Importer, Setting, column, persons};
use crate::error::Result;
use documents::cell::{Cell, Row};
use documents::columns::Columns;
use documents::values::{self, DateOrder, Moment};
use domain::ids::{FacilityId, PersonId, VisitId};
use domain::references::Reference;
use domain::time::{DayRange, Window, days_between, local_day};
use domain::visits::{LONGEST_VISIT_DAYS, Visit};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeSet, HashMap};
use storage::{Tx, facilities, visits};

pub(crate) const FIELDS: &[&str] = &["person", "venue", "area", "from", "until"];

/// The longest name of a facility or area, in characters.
const LONGEST_NAME: usize = 200;

struct Stay {
    person: Reference,
    venue: String,
    area: String,
    window: Window,
}

pub(crate) struct Visits {
    person: Option<usize>,
    venue: Option<usize>,
    area: Option<usize>,
    from: Option<usize>,
    until: Option<usize>,
    order: DateOrder,
    zone: TimeZone,
    parsed: Vec<Stay>,
}

impl Visits {
    pub(crate) fn new(setting: &Setting<'_>, columns: &Columns) -> Self {
        Self {
            person: column(columns, "person"),
            venue: column(columns, "venue"),
            area: column(columns, "area"),
            from: column(columns, "from"),
            until: column(columns, "until"),
            order: setting.options.date_order,
            zone: setting.worker.authority.time_zone.clone(),
            parsed: Vec::new(),
        }
    }
}

/// Reads `from` and `until`: instants, or days, which count whole.
pub(crate) fn window(from: Cell<'_>, until: Cell<'_>, zone: &TimeZone, order: DateOrder) -> Result<Window, String> {
    let read = |cell, field: &str| {
        let moment = values::instant(cell, zone, order).map_err(|error| format!("{field}: {error}"))?;
        moment.ok_or_else(|| format!("{field} is missing"))
    };
    let whole_day = |day| Window::of_days(DayRange { first: day, last: day }, zone);
    let from: Timestamp = match read(from, "from")? {
        Moment::Instant(at) => at,
        Moment::Day(day) => whole_day(day).from(),
    };
    let until: Timestamp = match read(until, "until")? {
        Moment::Instant(at) => at,
        Moment::Day(day) => whole_day(day).until(),
    };
    Window::new(from, until).map_err(|_| "until is not after from".to_owned())
}

/// Reads a name of a place: in clear, so not too long, and no line breaks.
pub(crate) fn place_name(cell: Cell<'_>, field: &str) -> Result<Option<String>, String> {
    let Some(name) = values::text(cell) else { return Ok(None) };
    if name.chars().count() > LONGEST_NAME {
        return Err(format!("{field} is longer than {LONGEST_NAME} characters"));
    }
    Ok(Some(name.split_whitespace().collect::<Vec<_>>().join(" ")))
}

impl Importer for Visits {
    fn parse(&mut self, row: &Row<'_>) -> Result<(), String> {
        let person = persons::reference(row.get(self.person), "person")?;
        let venue = place_name(row.get(self.venue), "venue")?.ok_or("venue is missing")?;
        let area = place_name(row.get(self.area), "area")?.unwrap_or_default();
        let window = window(row.get(self.from), row.get(self.until), &self.zone, self.order)?;
        let days = window.days(&TimeZone::UTC);
        if i64::from(days_between(days.first, days.last)) > LONGEST_VISIT_DAYS {
            return Err(format!("a stay of more than {LONGEST_VISIT_DAYS} days is a slip; check from and until"));
        }
        self.parsed.push(Stay { person, venue, area, window });
        Ok(())
    }

    async fn store(&mut self, tx: &mut Tx, setting: &Setting<'_>) -> Result<Vec<Fate>> {
        let stays = std::mem::take(&mut self.parsed);
        let references: BTreeSet<Reference> = stays.iter().map(|stay| stay.person.clone()).collect();
        let persons = persons::find_or_make(tx, setting, &references).await?;
        let names: BTreeSet<&str> = stays.iter().map(|stay| stay.venue.as_str()).collect();
        let facilities = find_or_make_facilities(tx, setting, &names).await?;
        let ids: BTreeSet<PersonId> = persons.values().copied().collect();
        let stored = visits::of_persons(tx, &ids.into_iter().collect::<Vec<_>>()).await?;
        let key = |visit: &Visit| (visit.person, visit.facility, visit.area.clone(), visit.stay.from());
        let mut there: HashMap<_, Visit> = stored.into_iter().map(|visit| (key(&visit), visit)).collect();

        let mut fates = Vec::with_capacity(stays.len());
        let mut new = Vec::new();
        for stay in stays {
            let (Some(&person), Some(&facility)) =
                (persons.get(stay.person.as_str()), facilities.get(stay.venue.as_str()))
            else {
                fates.push(Fate::Refused("person or venue could not be stored".to_owned()));
                continue;
            };
            let visit = Visit {
                visit_id: VisitId::mint(setting.app.now(), setting.app.random()),
                person,
                facility,
                area: stay.area,
                stay: stay.window,
            };
            fates.push(match there.get(&key(&visit)) {
                None => {
                    there.insert(key(&visit), visit.clone());
                    new.push(visit);
                    Fate::Stored
                }
                Some(old) if old.stay == visit.stay => Fate::AlreadyThere,
                Some(old) if setting.options.update && !new.iter().any(|v: &Visit| v.visit_id == old.visit_id) => {
                    visits::move_end(tx, old, visit.stay.until()).await?;
                    Fate::Updated
                }
                Some(_) => Fate::Refused(format!("{} has this visit with another until", stay.person)),
            });
        }
        visits::insert(tx, &new, local_day(setting.now, &TimeZone::UTC)).await?;
        Ok(fates)
    }
}

/// Returns the facilities of these names; makes those that aren't there.
pub(crate) async fn find_or_make_facilities(
    tx: &mut Tx,
    setting: &Setting<'_>,
    names: &BTreeSet<&str>,
) -> Result<HashMap<String, FacilityId>> {
    let names: Vec<&str> = names.iter().copied().collect();
    let mut known = facilities::by_name(tx, &names).await?;
    let unknown = names.iter().filter(|name| !known.contains_key(**name));
    let made: Vec<(FacilityId, String)> =
        unknown.map(|name| (FacilityId::mint(setting.app.now(), setting.app.random()), (*name).to_owned())).collect();
    if !made.is_empty() {
        facilities::insert(tx, &made, setting.now).await?;
        let texts: Vec<&str> = made.iter().map(|(_, name)| name.as_str()).collect();
        known.extend(facilities::by_name(tx, &texts).await?);
    }
    Ok(known)
}
