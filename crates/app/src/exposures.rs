//! Who was exposed to a person, and who may have infected them.
//!
//! The windows are the infectious days of the person's cases by the rule of their day, or what was asked
//! for. Storage brings the evidence generation by generation, [`contact_graph::search`] decides who was
//! reached, [`domain::exposures`] scores. Nothing of it is stored; that it was shown is audited.

mod evidence;
mod full;

use crate::context::{App, Audited, Worker, disease_meant};
use crate::days::{incubation_days, infectious_days, rules_of};
use crate::error::{AppError, Result};
use contact_graph::search::{Direction, Reached, Search, Seeker};
use domain::authorities::Action;
use domain::cases::{CaseOfPerson, day_zero};
use domain::diseases::Disease;
use domain::exposures::{EvidenceKind, InfectiousDays, Score, When, is_close_contact, score};
use domain::ids::{FacilityId, PersonId};
use domain::references::Reference;
use domain::rules::{RuleSet, rule_set_on};
use domain::time::{DayRange, Window, minutes_together, unite};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeSet, HashMap};
use storage::{Freshness, Tx};
use uuid::Uuid;

pub use contact_graph::search::Direction as SearchDirection;
pub use full::{Around, FullExposures, FullQuery};

/// What is asked.
#[derive(Clone, Debug)]
pub struct ExposureQuery {
    /// Reference or UUID of the person.
    pub person: String,
    /// Forward: whom they exposed. Backward: who exposed them.
    pub direction: Direction,
    /// Only evidence in this window, instead of the infectious days.
    pub window: Option<Window>,
    /// How many generations.
    pub generations: u32,
    /// By which disease's rules; else the authority's, or the only one that the person has.
    pub disease: Option<Disease>,
}

/// One person who was exposed, or may have infected.
#[derive(Clone, Debug)]
pub struct ExposedPerson {
    /// Who.
    pub person: PersonId,
    /// What imported files call them; the UUID where they have no name there.
    pub id: String,
    /// Generations from the person asked for.
    pub generation: u32,
    /// Minutes together, each counted once; `None` where nothing measured them.
    pub minutes: Option<f64>,
    /// The score with its parts.
    pub score: Score,
    /// First instant of the evidence; `None` where nobody noted a time.
    pub first: Option<Timestamp>,
    /// First instant after the evidence.
    pub last: Option<Timestamp>,
    /// Whether it makes a close contact by the rule; `None` where the evidence doesn't say.
    pub close_contact: Option<bool>,
    /// Name of that rule.
    pub close_contact_rule: &'static str,
    /// From whom, in the generation before: their references.
    pub via: Vec<String>,
    /// Whether some of the evidence lies on days on which who may have infected wasn't infectious, by the rule.
    pub outside: bool,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Exposures {
    /// Around whom was searched.
    pub root: PersonId,
    /// By which disease's rules.
    pub disease: Disease,
    /// Those who were reached: nearest generation first, then the highest score.
    pub persons: Vec<ExposedPerson>,
    /// The windows that were searched around the person asked for.
    pub windows: Vec<Window>,
    /// Why these windows.
    pub windows_because: String,
    /// Version of the rule set.
    pub rule_version: i32,
    /// Names of the places that evidence mentions.
    pub places: HashMap<FacilityId, String>,
    /// References of those whom evidence names.
    pub names: HashMap<PersonId, String>,
}

impl App {
    /// Finds who was exposed to a person, or who may have infected them.
    ///
    /// # Errors
    ///
    /// [`AppError::NoPerson`] if nobody is known by that reference or id, [`AppError::NotAReference`] if it
    /// can't be one.
    pub async fn exposures(&self, worker: &Worker, query: &ExposureQuery) -> Result<Exposures> {
        worker.require(Action::SeeExposures)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let root = find_person(&mut tx, &query.person).await?;
        let exposures = derive(&mut tx, worker, root, query).await?;
        drop(tx);
        self.record_alone(worker, audited(query.direction, &exposures)).await?;
        Ok(exposures)
    }
}

/// Searches around a person.
async fn derive(tx: &mut Tx, worker: &Worker, root: PersonId, query: &ExposureQuery) -> Result<Exposures> {
    let disease = disease_meant(tx, worker, query.disease, Some(root)).await?;
    let own_rules = storage::rule_sets::list(tx, disease).await?;
    let trace = Trace { disease, own_rules, zone: worker.authority.time_zone.clone(), direction: query.direction };
    trace.run(tx, root, query).await
}

/// Says whom an answer shows.
fn audited(direction: Direction, exposures: &Exposures) -> Audited {
    let shown = std::iter::once(exposures.root).chain(exposures.persons.iter().map(|exposed| exposed.person));
    let subjects: Vec<String> = shown.map(|id| id.0.simple().to_string()).collect();
    Audited {
        operation: match direction {
            Direction::Forward => "exposures.list",
            Direction::Backward => "sources.list",
        },
        n_subjects: subjects.len(),
        subjects: subjects.join(" "),
    }
}

async fn find_person(tx: &mut Tx, wanted: &str) -> Result<PersonId> {
    if Reference::new(wanted).is_ok() {
        let found = storage::persons::by_reference(tx, &[wanted]).await?;
        if let Some(person) = found.get(wanted) {
            return Ok(*person);
        }
        if let Ok(id) = Uuid::try_parse(wanted) {
            let person = storage::merges::person_now(tx, PersonId(id)).await?;
            if storage::persons::exists(tx, person).await? {
                return Ok(person);
            }
        }
        return Err(AppError::NoPerson(wanted.to_owned()));
    }
    Err(AppError::NotAReference)
}

/// One search, with the rules that hold for it.
struct Trace {
    disease: Disease,
    own_rules: Vec<RuleSet>,
    zone: TimeZone,
    direction: Direction,
}

impl Trace {
    /// The days on which a person could infect others, from their cases; empty where none is known.
    fn infectious_days(&self, cases: &[CaseOfPerson]) -> Vec<DayRange> {
        cases.iter().filter_map(|case| infectious_days(&self.own_rules, self.disease, &case.dates)).collect()
    }

    fn infectious_windows(&self, cases: &[CaseOfPerson]) -> Vec<Window> {
        unite(self.infectious_days(cases).into_iter().map(|days| Window::of_days(days, &self.zone)).collect())
    }

    /// The days on which a person can have been infected: the longest incubation before onset.
    fn incubation_windows(&self, cases: &[CaseOfPerson]) -> Vec<Window> {
        let days = cases.iter().filter_map(|case| incubation_days(&self.own_rules, self.disease, &case.dates));
        unite(days.map(|days| Window::of_days(days, &self.zone)).collect())
    }

    /// Says whether a piece lies on days on which whoever it comes from wasn't infectious. Where nobody noted the day, or
    /// no case is known, nothing speaks against it.
    fn is_outside(&self, piece: &domain::exposures::Evidence, cases: &HashMap<PersonId, Vec<CaseOfPerson>>) -> bool {
        let days = match piece.when {
            When::During(window) => window.days(&self.zone),
            When::OnDays(days) => days,
            When::Unknown => return false,
        };
        let infectious = self.infectious_days(cases.get(&piece.from).map_or(&[], Vec::as_slice));
        let within = |known: &DayRange| known.contains(days.first) && known.contains(days.last);
        !infectious.is_empty() && !infectious.iter().any(within)
    }

    fn own_windows(&self, cases: &[CaseOfPerson]) -> Vec<Window> {
        match self.direction {
            Direction::Forward => self.infectious_windows(cases),
            Direction::Backward => self.incubation_windows(cases),
        }
    }

    /// The rules of a search: those of the person's case, or, where none has a day zero, those that hold until further
    /// notice.
    fn rules_of_root(&self, cases: &[CaseOfPerson]) -> RuleSet {
        let own = cases.iter().find_map(|case| rules_of(&self.own_rules, self.disease, &case.dates));
        own.unwrap_or_else(|| rule_set_on(&self.own_rules, self.disease, jiff::civil::Date::MAX))
    }

    fn root_windows(&self, cases: &[CaseOfPerson], asked: Option<Window>) -> (Vec<Window>, String) {
        if let Some(window) = asked {
            return (vec![window], "as asked".to_owned());
        }
        let own = self.own_windows(cases);
        if own.is_empty() {
            return (vec![Window::ALWAYS], "all evidence: no case with onset or test is known".to_owned());
        }
        let version = self.rules_of_root(cases).version;
        let rule = if version == 0 { "built-in rules".to_owned() } else { format!("rule set {version}") };
        let because = match self.direction {
            Direction::Forward => format!("infectious days, {} ({rule})", self.disease),
            Direction::Backward => format!("longest incubation before onset, {} ({rule})", self.disease),
        };
        (own, because)
    }

    async fn run(&self, tx: &mut Tx, root: PersonId, query: &ExposureQuery) -> Result<Exposures> {
        let mut cases = self.cases_of(tx, &[root]).await?;
        let of_root = cases.get(&root).map_or(&[][..], Vec::as_slice);
        let (windows, windows_because) = self.root_windows(of_root, query.window);
        let rules = self.rules_of_root(of_root);
        let airing = jiff::SignedDuration::from_mins(i64::from(rules.settings.room_safe_after_min));
        let limits = query.window.unwrap_or(Window::ALWAYS);
        let start = Seeker { person: root, windows: windows.clone() };
        let mut search = Search::begin(self.direction, start, limits, query.generations, self.zone.clone());
        while !search.seekers().is_empty() {
            let meetings = evidence::meetings(tx, search.seekers(), &airing, self.direction).await?;
            let others: BTreeSet<PersonId> = meetings.iter().map(|meeting| meeting.other).collect();
            cases.extend(self.cases_of(tx, &others.into_iter().collect::<Vec<_>>()).await?);
            let meetings = self.only_possible(meetings, &cases);
            search.advance(meetings, |person| {
                let windows = self.own_windows(cases.get(&person)?);
                (!windows.is_empty()).then_some(windows)
            });
        }
        let reached = search.finish();
        self.describe(tx, (root, reached), &cases, windows, windows_because).await
    }

    async fn cases_of(&self, tx: &mut Tx, persons: &[PersonId]) -> Result<HashMap<PersonId, Vec<CaseOfPerson>>> {
        let mut found: HashMap<PersonId, Vec<CaseOfPerson>> = HashMap::new();
        for case in storage::cases::dates_of_persons(tx, self.disease, persons).await? {
            found.entry(case.person).or_default().push(case);
        }
        Ok(found)
    }

    /// Backward, somebody whose infectious days are known can only have infected in them.
    fn only_possible(
        &self,
        meetings: Vec<contact_graph::search::Meeting>,
        cases: &HashMap<PersonId, Vec<CaseOfPerson>>,
    ) -> Vec<contact_graph::search::Meeting> {
        if self.direction == Direction::Forward {
            return meetings;
        }
        let clip = |meeting: contact_graph::search::Meeting| {
            let windows = cases.get(&meeting.other).map(|own| self.infectious_windows(own)).unwrap_or_default();
            if windows.is_empty() {
                return vec![meeting];
            }
            let parts = windows.iter().filter_map(|window| meeting.when.within(window, &self.zone));
            let mut parts: Vec<_> = parts.collect();
            parts.dedup();
            parts
                .into_iter()
                .map(|when| contact_graph::search::Meeting { when, kind: meeting.kind.clone(), ..meeting })
                .collect()
        };
        meetings.into_iter().flat_map(clip).collect()
    }

    async fn describe(
        &self,
        tx: &mut Tx,
        (root, reached): (PersonId, Vec<Reached>),
        cases: &HashMap<PersonId, Vec<CaseOfPerson>>,
        windows: Vec<Window>,
        windows_because: String,
    ) -> Result<Exposures> {
        let named: BTreeSet<PersonId> = reached
            .iter()
            .flat_map(|one| std::iter::once(one.person).chain(one.evidence.iter().map(|piece| piece.from)))
            .collect();
        let names = storage::persons::references_of(tx, &named.into_iter().collect::<Vec<_>>()).await?;
        let mentions_places = reached
            .iter()
            .flat_map(|one| &one.evidence)
            .any(|piece| matches!(piece.kind, EvidenceKind::Visit { .. } | EvidenceKind::Airing { .. }));
        let places = if mentions_places { storage::facilities::names(tx).await? } else { HashMap::new() };
        let mut persons: Vec<ExposedPerson> = reached.iter().map(|one| self.exposed(one, cases, &names)).collect();
        persons.sort_by(|a, b| {
            a.generation.cmp(&b.generation).then(b.score.total.total_cmp(&a.score.total)).then(a.id.cmp(&b.id))
        });
        let rule_version = self.rules_of_root(cases.get(&root).map_or(&[], Vec::as_slice)).version;
        let disease = self.disease;
        Ok(Exposures { root, disease, persons, windows, windows_because, rule_version, places, names })
    }

    fn exposed(
        &self,
        reached: &Reached,
        cases: &HashMap<PersonId, Vec<CaseOfPerson>>,
        names: &HashMap<PersonId, String>,
    ) -> ExposedPerson {
        let evidence = &reached.evidence;
        let times: Vec<Window> = evidence.iter().filter_map(|piece| piece.when.window(&self.zone)).collect();
        let measured: Vec<Window> = evidence
            .iter()
            .filter_map(|piece| match piece.when {
                When::During(window) => Some(window),
                _ => None,
            })
            .collect();
        let first = times.iter().map(Window::from).min();
        let rules = first.map_or_else(
            || RuleSet::built_in(self.disease),
            |at| rule_set_on(&self.own_rules, self.disease, domain::time::local_day(at, &self.zone)),
        );
        let day = first.map_or(jiff::civil::Date::MAX, |at| domain::time::local_day(at, &self.zone));
        let close = rules.close_contact_on(day);
        let infectious: HashMap<PersonId, InfectiousDays> = evidence
            .iter()
            .map(|piece| {
                let own = cases.get(&piece.from).map_or(&[][..], Vec::as_slice);
                let days_zero = own.iter().filter_map(|case| day_zero(&case.dates).ok()).collect();
                (piece.from, InfectiousDays { curve: rules.infectiousness(), days_zero })
            })
            .collect();
        let score = score(evidence, &rules.settings.closeness, &self.zone, |person, day| {
            infectious.get(&person).map_or(1.0, |days| days.on(day))
        });
        let name = |person: &PersonId| names.get(person).cloned().unwrap_or_else(|| person.to_string());
        let via: BTreeSet<String> = evidence.iter().map(|piece| name(&piece.from)).collect();
        ExposedPerson {
            person: reached.person,
            id: name(&reached.person),
            generation: reached.generation,
            minutes: (!measured.is_empty()).then(|| minutes_together(&measured)),
            score,
            first,
            last: times.iter().map(Window::until).max(),
            close_contact: is_close_contact(evidence, close),
            close_contact_rule: close.id,
            via: via.into_iter().collect(),
            outside: evidence.iter().any(|piece| self.is_outside(piece, cases)),
        }
    }
}
