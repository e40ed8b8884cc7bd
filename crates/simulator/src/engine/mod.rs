//! A million agents in one process, by the rules of a node.
//!
//! Agents are columns of numbers, in the order of the cells of a grid. A second is a walk over the columns, in which
//! everybody takes a step, and a second one, in which everybody looks at those near enough to be met. Each agent's
//! random numbers come from its number and the second, pairs are put in order when they have been found, and of several
//! infectors the rules choose: so what comes out is the same on any number of threads, by construction.

mod advance;
mod columns;
mod grid;
mod look;
mod search;
mod threads;

use self::columns::{CAUGHT, Columns, GONE, NOBODY};
use self::grid::{Grid, SECONDS_IN_ORDER};
use self::search::{Exposure, Part};
use self::threads::{CHUNK, Threads};
use crate::course::Course;
use crate::rules::Rules;
use crate::snapshot::{Seen, Snapshot};
use domain::runs::{Health, Parameters, Position, Statistics, WrongParameter};

/// Agents of one run, and how far it has come.
#[derive(Debug)]
pub struct Engine {
    rules: Rules,
    threads: Threads,
    columns: Columns,
    grid: Grid,
    /// For how many agents the grid was made.
    grid_is_for: usize,
    parts: Vec<Part>,
    /// Seconds since the agents were put in order; `None` if some came or went since.
    moved: Option<u32>,
    /// Who was born together: their first number, and when. Numbers go on to those of the next cohort.
    cohorts: Vec<Cohort>,
    next_second: u32,
    counted: Statistics,
    contacts: Vec<Contact>,
    exposures: Vec<Exposure>,
    infections: Vec<Infection>,
    died: Vec<LastMessage>,
}

#[derive(Clone, Copy, Debug)]
struct Cohort {
    first: u32,
    born: u32,
}

/// Two agents within the radius of each other: each hears the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// The lower number.
    pub lower: u32,
    /// The higher number.
    pub higher: u32,
    /// How far apart they are, in steps².
    pub distance_squared: u32,
}

/// An agent that becomes infected at the end of a second: it is ill from the next on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Infection {
    /// Who becomes infected.
    pub infected: u32,
    /// How far away the infector is, in steps².
    pub distance_squared: u32,
    /// The infector: the nearest, then the one with the smallest number.
    pub infector: u32,
}

/// What an agent says last, in the second after those of its life. Nobody hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LastMessage {
    /// Whose.
    pub number: u32,
    /// Where it was.
    pub position: Position,
    /// What the infection had made of it.
    pub health: Health,
}

/// What happened in a second.
#[derive(Clone, Copy, Debug)]
pub struct Second<'e> {
    /// Which: the first is 0.
    pub second: u32,
    /// Who met whom, by the lower number, then the higher.
    pub contacts: &'e [Contact],
    /// Who became infected, by number.
    pub infections: &'e [Infection],
    /// Whose life had ended, by number.
    pub died: &'e [LastMessage],
    /// The numbers of the second; nobody is silent.
    pub statistics: Statistics,
    engine: &'e Engine,
}

impl Second<'_> {
    /// Takes down who is where and what.
    pub fn snapshot(&self, snapshot: &mut Snapshot) {
        snapshot.begin(self.statistics.total as usize);
        let columns = &self.engine.columns;
        for ((number, place), course) in columns.numbers.iter().zip(&columns.places).zip(&columns.courses) {
            snapshot.put(*number, columns::unpack(*place), Seen::Alive(columns::health(*course)));
        }
        for message in self.died {
            snapshot.put(message.number, message.position, Seen::Last(message.health));
        }
    }
}

/// Says why an engine can't be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// A parameter is out of its range.
    #[error(transparent)]
    Parameter(#[from] WrongParameter),
    /// There can't be so many threads.
    #[error("cannot start {n_threads} threads")]
    Threads {
        /// How many were asked for.
        n_threads: usize,
        /// Why.
        #[source]
        source: rayon::ThreadPoolBuildError,
    },
}

/// More agents than can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an engine holds at most {} agents", Engine::MOST_AGENTS)]
pub struct TooManyAgents;

impl Engine {
    /// The most agents of a run.
    pub const MOST_AGENTS: u32 = 1 << 31;

    /// Makes an engine without agents. With one thread all is done by the thread that asks.
    ///
    /// # Errors
    ///
    /// [`EngineError`] if a parameter is out of its range, or there can't be so many threads.
    pub fn new(parameters: &Parameters, n_threads: usize) -> Result<Self, EngineError> {
        let rules = Rules::new(parameters)?;
        let threads = Threads::start(n_threads).map_err(|source| EngineError::Threads { n_threads, source })?;
        Ok(Self {
            rules,
            threads,
            columns: Columns::default(),
            grid: Grid::new(rules.width, rules.height, 0),
            grid_is_for: 0,
            parts: Vec::new(),
            moved: None,
            cohorts: Vec::new(),
            next_second: 0,
            counted: Statistics::default(),
            contacts: Vec::new(),
            exposures: Vec::new(),
            infections: Vec::new(),
            died: Vec::new(),
        })
    }

    /// Adds agents, each at a place drawn at random; their first second is the next one. They get the next numbers.
    ///
    /// # Errors
    ///
    /// [`TooManyAgents`] if that would be more than [`Engine::MOST_AGENTS`]; then none is added.
    pub fn add(&mut self, n_agents: u32, health: Health) -> Result<(), TooManyAgents> {
        let total = u32::try_from(self.counted.total).map_err(|_| TooManyAgents)?;
        let end = total.checked_add(n_agents).filter(|end| *end <= Self::MOST_AGENTS).ok_or(TooManyAgents)?;
        let (rules, born) = (&self.rules, self.next_second);
        let course = match health {
            Health::Infected => Course::ill_from(born, rules),
            Health::Susceptible | Health::Immune => Course::SUSCEPTIBLE,
        };
        self.columns.reserve(n_agents as usize, rules.looks());
        for number in total..end {
            let place = columns::pack(rules.place(u64::from(number), born));
            self.columns.push(number, place, columns::pack_course(course), rules.looks());
        }
        self.cohorts.push(Cohort { first: total, born });
        self.counted.total += u64::from(n_agents);
        self.counted.zombies += if course.health == Health::Infected { u64::from(n_agents) } else { 0 };
        self.moved = None;
        Ok(())
    }

    /// Lives through the next second.
    pub fn step(&mut self) -> Second<'_> {
        let second = self.next_second;
        self.next_second += 1;
        self.bury(second);
        self.put_in_order();
        self.advance(second);
        self.meet();
        if self.rules.looks() {
            let moved = self.moved.unwrap_or_default();
            look::look(&self.rules, &self.grid, &mut self.columns, moved, second, &self.threads);
        }
        Second {
            second,
            contacts: &self.contacts,
            infections: &self.infections,
            died: &self.died,
            statistics: self.counted,
            engine: self,
        }
    }

    /// Takes those out whose life has ended.
    fn bury(&mut self, second: u32) {
        self.died.clear();
        for (at, cohort) in self.cohorts.iter().enumerate() {
            if second.checked_sub(cohort.born) != Some(self.rules.lifetime_s) {
                continue;
            }
            let end = self.cohorts.get(at + 1).map_or(u32::MAX, |next| next.first);
            for i in 0..self.columns.len() {
                let number = self.columns.numbers[i];
                if (cohort.first..end).contains(&number) {
                    let course = std::mem::replace(&mut self.columns.courses[i], GONE);
                    let position = columns::unpack(self.columns.places[i]);
                    self.died.push(count_dead(&mut self.counted, number, position, course));
                }
            }
        }
        if !self.died.is_empty() {
            self.died.sort_unstable_by_key(|message| message.number);
            self.moved = None;
        }
    }

    fn put_in_order(&mut self) {
        if self.moved.is_some_and(|moved| moved < SECONDS_IN_ORDER) {
            return;
        }
        let n_agents = self.columns.len();
        if n_agents > self.grid_is_for {
            self.grid = Grid::new(self.rules.width, self.rules.height, n_agents);
            self.grid_is_for = n_agents;
            self.parts = search::parts(&self.grid, n_agents.div_ceil(CHUNK));
        }
        self.grid.put_in_order(&mut self.columns, &self.threads);
        self.moved = Some(0);
    }

    fn advance(&mut self, second: u32) {
        let rules = &self.rules;
        let mut chunks = advance::chunks(&mut self.columns);
        self.threads.each(&mut chunks, |_, chunk| chunk.advance(rules, second));
        for chunk in &chunks {
            self.counted.zombies = self.counted.zombies.saturating_add_signed(chunk.changes.infected);
            self.counted.immune = self.counted.immune.saturating_add_signed(chunk.changes.immune);
        }
        self.moved = self.moved.map(|moved| moved + 1);
    }

    /// Finds contacts and infections.
    fn meet(&mut self) {
        let (rules, grid, columns) = (&self.rules, &self.grid, &self.columns);
        let moved = self.moved.unwrap_or_default();
        self.threads.each(&mut self.parts, |_, part| search::search(rules, grid, columns, moved, part));
        self.contacts.clear();
        self.exposures.clear();
        for part in &self.parts {
            self.contacts.extend_from_slice(&part.contacts);
            self.exposures.extend_from_slice(&part.exposures);
        }
        self.contacts.sort_unstable();
        self.exposures.sort_unstable();
        self.exposures.dedup_by_key(|exposure| exposure.infection.infected);
        self.infections.clear();
        for exposure in &self.exposures {
            self.infections.push(exposure.infection);
            self.columns.courses[exposure.at] = CAUGHT;
        }
    }

    /// Returns how many bytes the agents take, beside contacts.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        self.columns.n_bytes() + self.grid.n_bytes()
    }
}

/// Counts a death, and returns the last message.
fn count_dead(counted: &mut Statistics, number: u32, position: Position, course: u32) -> LastMessage {
    counted.deaths += 1;
    // Who was infected in the last second died infected, but was never counted among the living infected.
    let health = if course == CAUGHT { Health::Infected } else { columns::health(course) };
    counted.dead_zombies += u64::from(health == Health::Infected);
    match health {
        Health::Infected if course != CAUGHT => counted.zombies -= 1,
        Health::Immune => counted.immune -= 1,
        _ => {}
    }
    LastMessage { number, position, health }
}

impl Columns {
    fn reserve(&mut self, n_agents: usize, looks: bool) {
        let known = looks.then_some(&mut self.known);
        let columns = [&mut self.places, &mut self.goals, &mut self.numbers, &mut self.courses];
        columns.into_iter().chain(known).for_each(|column| column.reserve_exact(n_agents));
    }

    fn push(&mut self, number: u32, place: u32, course: u32, looks: bool) {
        self.numbers.push(number);
        self.places.push(place);
        self.goals.push(place);
        self.courses.push(course);
        if looks {
            self.known.push(NOBODY);
        }
    }
}

#[cfg(test)]
mod tests;
