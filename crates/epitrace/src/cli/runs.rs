//! What may be typed about runs of the proximity network.

use super::node::second;
use clap::{Args, Subcommand, ValueEnum};
use domain::runs::{Movement, Visibility};
use std::path::PathBuf;
use std::time::Duration;
use uuid::Uuid;

/// A run in one process.
#[derive(Debug, Args)]
pub struct Simulate {
    /// Nodes that aren't infected at first
    #[arg(long, value_name = "N", default_value_t = 19, value_parser = nodes())]
    pub safe: u32,
    /// Nodes that are born infected
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = nodes())]
    pub infected: u32,
    /// How many seconds of the run [default: the lifetime, and the one of the last messages]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_001))]
    pub seconds: Option<u32>,
    /// On how many threads [default: one for each processor]; the result is the same
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1_024))]
    pub threads: Option<u16>,
    /// Write positions.csv, contacts.csv, infections.csv and run.json into this folder, which has none of them yet
    #[arg(long, value_name = "DIR")]
    pub csv: Option<PathBuf>,
    /// What holds for all nodes.
    #[command(flatten)]
    pub parameters: RunParameters,
}

/// What is done with runs. Where no run is named, the newest is meant.
#[derive(Debug, Subcommand)]
pub enum Runs {
    /// Start a run; on a terminal, ask for its parameters first and show a menu then
    #[command(
        after_help = "A server must be running on the same data: it stores what nodes report, and keeps the nodes unless they \
        are processes.\n\nExample:\n  epitrace runs new --safe 18 --infected 2 --second 500ms"
    )]
    New(Box<NewRun>),
    /// List runs, the newest first
    List,
    /// Show how a run stands
    Show {
        /// Its id
        run: Option<Uuid>,
        /// As it was at this second [default: the newest]
        #[arg(long, value_name = "SECOND")]
        at: Option<u32>,
    },
    /// Add nodes to a run
    Add {
        /// Its id
        run: Option<Uuid>,
        /// Nodes that aren't infected
        #[arg(long, value_name = "N", default_value_t = 0, value_parser = hosted())]
        safe: u32,
        /// Nodes that are born infected
        #[arg(long, value_name = "N", default_value_t = 0, value_parser = hosted())]
        infected: u32,
    },
    /// Let a run stand still
    Pause {
        /// Its id
        run: Option<Uuid>,
    },
    /// Let a run go on
    Resume {
        /// Its id
        run: Option<Uuid>,
    },
    /// End a run
    Stop {
        /// Its id
        run: Option<Uuid>,
    },
    /// Delete a run that is over, with all that there is of it
    Delete {
        /// Its id
        run: Uuid,
    },
    /// Add nodes to a run, and stop it, by a menu
    Menu {
        /// Its id
        run: Option<Uuid>,
    },
    /// Bring the encounters of a rehearsal in: they show up in `epitrace exposed`, under the ids of its nodes
    Evidence {
        /// Its id
        run: Option<Uuid>,
    },
    /// Make a key by which `epitrace node --server` takes part in a run; the one before ends
    Key {
        /// Its id
        run: Option<Uuid>,
    },
}

/// A run to be started.
#[derive(Debug, Args)]
pub struct NewRun {
    /// What it is called
    #[arg(long, default_value = "Field")]
    pub name: String,
    /// Nodes that aren't infected at first
    #[arg(long, value_name = "N", default_value_t = 18, value_parser = hosted())]
    pub safe: u32,
    /// Nodes that are born infected
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = hosted())]
    pub infected: u32,
    /// How long a second of the run is, such as 50ms or 2s
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = second)]
    pub second: Duration,
    /// Who sees it
    #[arg(long, value_enum, default_value_t = SeenBy::Staff)]
    pub visibility: SeenBy,
    /// Its nodes stand for persons: what they hear shows up among exposures
    #[arg(long)]
    pub rehearsal: bool,
    /// Start a process for each node, and stay until the run is over
    #[arg(long)]
    pub processes: bool,
    /// Where those processes report
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7373", requires = "processes")]
    pub server: String,
    /// UDP port of those processes
    #[arg(long, value_name = "PORT", default_value_t = nodes::air::DEFAULT_PORT, requires = "processes")]
    pub port: u16,
    /// Ask for the parameters first, and show a menu then, also where nobody sits before a terminal
    #[arg(long)]
    pub menu: bool,
    /// What holds for all nodes.
    #[command(flatten)]
    pub parameters: RunParameters,
}

/// Who sees a run.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SeenBy {
    /// You, and operators
    Owner,
    /// Whoever has signed in
    Staff,
    /// Anybody, without signing in
    Anybody,
}

impl From<SeenBy> for Visibility {
    fn from(word: SeenBy) -> Self {
        match word {
            SeenBy::Owner => Self::Owner,
            SeenBy::Staff => Self::Staff,
            SeenBy::Anybody => Self::Anybody,
        }
    }
}

fn hosted() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(0..=10_000)
}

/// What holds for all nodes of a run. What is typed counts more than what stands in the file.
#[derive(Debug, Args)]
#[command(next_help_heading = "Parameters of the run")]
pub struct RunParameters {
    /// Parameters as a JSON file, under the names here or those of the published system
    #[arg(long, value_name = "FILE")]
    pub parameters: Option<PathBuf>,
    /// The field reaches from 0 to this [default: 100]
    #[arg(long, visible_alias = "field-width", alias = "field_width", value_name = "STEPS", value_parser = edge())]
    pub width: Option<u16>,
    /// The field reaches from 0 to this [default: 100]
    #[arg(long, visible_alias = "field-height", alias = "field_height", value_name = "STEPS", value_parser = edge())]
    pub height: Option<u16>,
    /// Pixels of a step in pictures [default: 5]
    #[arg(long, alias = "scale_factor", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub scale_factor: Option<u16>,
    /// How long a node lives [default: 120]
    #[arg(
        long, visible_alias = "zombie-lifetime", alias = "zombie_lifetime", value_name = "SECONDS",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    pub lifetime: Option<u32>,
    /// How far apart a contact can be [default: 2]
    #[arg(
        long, visible_alias = "infection-radius", alias = "infection_radius", value_name = "STEPS", value_parser = radius
    )]
    pub radius: Option<f64>,
    /// How long an infection lasts, and then immunity [default: 15]
    #[arg(
        long, visible_alias = "infection-cooldown", alias = "infection_cooldown", value_name = "SECONDS",
        value_parser = clap::value_parser!(u32).range(1..=100_000)
    )]
    pub cooldown: Option<u32>,
    /// How nodes move [default: waypoint]
    #[arg(long, value_enum)]
    pub movement: Option<MovementWord>,
    /// The infected are zombies, who walk on instead of standing
    #[arg(long, visible_alias = "move-when-infected", alias = "move_when_infected")]
    pub humans_and_zombies: bool,
    /// Draws places and ways: the same number gives the same run [default: 0]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// A way to move, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum MovementWord {
    /// Toward points drawn at random, one after the other
    Waypoint,
    /// In a direction drawn anew each second
    RandomWalk,
    /// Straight flights of lengths with a heavy tail
    LevyFlight,
    /// Like waypoint, but away from the infected in sight
    Careful,
    /// The susceptible flee, the infected chase
    FleeingChasing,
}

impl From<MovementWord> for Movement {
    fn from(word: MovementWord) -> Self {
        match word {
            MovementWord::Waypoint => Self::Waypoint,
            MovementWord::RandomWalk => Self::RandomWalk,
            MovementWord::LevyFlight => Self::LevyFlight,
            MovementWord::Careful => Self::Careful,
            MovementWord::FleeingChasing => Self::FleeingChasing,
        }
    }
}

fn nodes() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(0..=100_000_000)
}

fn edge() -> clap::builder::RangedI64ValueParser<u16> {
    clap::value_parser!(u16).range(1..)
}

fn radius(text: &str) -> Result<f64, String> {
    let steps = text.parse::<f64>().ok().filter(|steps| *steps > 0.0 && *steps <= 63.75);
    steps.ok_or_else(|| "write steps, more than 0 and at most 63.75".to_owned())
}
