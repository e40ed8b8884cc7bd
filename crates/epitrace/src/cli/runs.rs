//! What may be typed about runs of the proximity network.

use clap::{Args, ValueEnum};
use domain::runs::Movement;
use std::path::PathBuf;

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
