//! Runs of the proximity network: made, changed, looked at; and what their nodes ask and tell.

use domain::runs::Parameters;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What a run is started with; what is left out is as in the published system. Its names are understood too.
#[derive(Clone, Copy, Debug, ToSchema)]
pub struct RunParameters {
    /// The field reaches from 0 to this, in steps: 1 to 65,535. 100.
    pub width: u16,
    /// The field reaches from 0 to this, in steps: 1 to 65,535. 100.
    pub height: u16,
    /// Pixels of a step where a picture is drawn as the published page drew it: 1 to 100. 5.
    pub scale_factor: u16,
    /// Seconds that a node lives: 1 to 1,000,000. 120.
    pub lifetime_s: u32,
    /// Steps within which a beacon is heard, Euclidean, this distance included: more than 0, at most 63.75. 2.
    pub infection_radius: f64,
    /// Seconds that an infection lasts, and then as many of immunity: 1 to 100,000. 15.
    pub cooldown_s: u32,
    /// `waypoint`, `random_walk`, `levy_flight`, `careful` or `fleeing_chasing`.
    #[schema(value_type = String)]
    pub movement: domain::runs::Movement,
    /// Whether the infected are zombies, who walk on instead of standing.
    pub humans_and_zombies: bool,
    /// `compact` or `json`.
    #[schema(value_type = String)]
    pub wire: domain::runs::Wire,
    /// Draws places and ways: the same number gives the same run.
    pub seed: u64,
}

/// Numbers of nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunNodes {
    /// Susceptible ones.
    pub safe: u32,
    /// Infected ones.
    pub infected: u32,
}

/// A run to be made. It begins at once.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    /// Chosen by whoever asks: the same again is the same run.
    pub run_id: Uuid,
    /// What it is called: 1 to 80 characters.
    pub name: String,
    /// Who sees it: `owner`, `staff` or `anybody`.
    pub visibility: String,
    /// Whether its nodes stand for persons, so that what they heard shows up among exposures.
    #[serde(default)]
    pub is_rehearsal: bool,
    /// What holds for all nodes.
    #[serde(default)]
    #[schema(value_type = RunParameters)]
    pub parameters: Parameters,
    /// Milliseconds of a second of the run: 10 to 60,000.
    #[serde(default = "whole_second")]
    pub second_ms: u32,
    /// The first nodes.
    #[serde(default)]
    pub nodes: RunNodes,
    /// Where its nodes live: in the `server`, or in `processes` that bring the run's key.
    #[serde(default = "in_server")]
    pub hosting: String,
}

fn whole_second() -> u32 {
    1_000
}

fn in_server() -> String {
    "server".to_owned()
}

/// What is changed of a run.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunChange {
    /// Its name.
    pub name: Option<String>,
    /// Who sees it: `owner`, `staff` or `anybody`.
    pub visibility: Option<String>,
}

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Run {
    /// Its id.
    pub run_id: Uuid,
    /// What it is called.
    pub name: String,
    /// Who sees it: `owner`, `staff` or `anybody`.
    pub visibility: String,
    /// Whether its nodes stand for persons.
    pub is_rehearsal: bool,
    /// Whether nobody made it: nodes of the published system reported, and no run was there for them.
    pub is_automatic: bool,
    /// What holds for all nodes.
    #[schema(value_type = RunParameters)]
    pub parameters: Parameters,
    /// Milliseconds of a second of the run.
    pub second_ms: u32,
    /// Where its nodes live: `server` or `processes`.
    pub hosting: String,
    /// Nodes that were asked for, all in all.
    pub nodes: RunNodes,
    /// `running`, `paused` or `stopped`.
    pub state: String,
    /// Which second it is.
    pub second: u32,
    /// The newest second that is stored; `null` before the first. Told of one run, not in lists.
    pub newest_second: Option<u32>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was stopped.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
    /// Whether whoever asks may change it.
    pub may_change: bool,
}

/// A second of a run.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct AtSecond {
    /// Which second; the newest that is stored, if left out.
    pub at: Option<u32>,
}

/// Seconds of a run.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SecondsFromTo {
    /// The first.
    pub from: u32,
    /// The last.
    pub to: u32,
}

/// Numbers of a second. A node that is silent counts by what it said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunStatistics {
    /// Which second.
    pub second: u32,
    /// All nodes that were ever seen.
    pub total: u64,
    /// Alive and infected.
    pub zombies: u64,
    /// Not alive.
    pub deaths: u64,
    /// Not alive, and infected when they died.
    pub dead_zombies: u64,
    /// Alive and immune.
    pub immune: u64,
    /// Alive, without a report in the last five seconds.
    pub silent: u64,
}

/// How the numbers went.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunCurve {
    /// At most 1,000 points, evenly apart.
    pub points: Vec<RunStatistics>,
    /// How many others each node infected, on average, of those that were infected and are well again; `null` with a reason.
    pub reproduction: Option<f64>,
    /// Why there is no such number.
    pub reproduction_reason: Option<String>,
}

/// Nodes by second.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NodeSeconds {
    /// By second, then by number.
    pub node_seconds: Vec<NodeSecond>,
}

/// A node in a second in which it was heard.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct NodeSecond {
    /// Which second.
    pub second: u32,
    /// Number of the node in the run.
    pub no: u32,
    /// Its id; `null` while only others heard it.
    pub node_id: Option<Uuid>,
    /// Steps from the left.
    pub x: u16,
    /// Steps from below.
    pub y: u16,
    /// `susceptible`, `infected` or `immune`.
    #[schema(value_type = String)]
    pub health: domain::runs::Health,
    /// Whether it lives.
    pub alive: bool,
}

/// What became of a node.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NodeHistory {
    /// Number of the node in the run.
    pub no: u32,
    /// Its id; `null` while only others heard it.
    pub node_id: Option<Uuid>,
    /// How it was, the earliest first.
    pub spans: Vec<NodeSpan>,
    /// Whom it met, the earliest first; at most 1,000.
    pub encounters: Vec<RunEncounter>,
}

/// Seconds in which a node was the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NodeSpan {
    /// The first second.
    pub from: u32,
    /// The last second in which it was heard so.
    pub to: u32,
    /// `susceptible`, `infected` or `immune`.
    #[schema(value_type = String)]
    pub health: domain::runs::Health,
    /// Whether it lived.
    pub alive: bool,
}

/// What two nodes had to do with each other within five minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunEncounter {
    /// The one with the lower number.
    pub lower: u32,
    /// The one with the higher number.
    pub higher: u32,
    /// Which five minutes of the run, from 0.
    pub slot: u32,
    /// The first second in which they met.
    pub first: u32,
    /// The last one.
    pub last: u32,
    /// How often either heard the other: once a second each.
    pub count: u32,
    /// The smallest distance, in steps; `null` with a reason where nobody said it.
    pub distance: Option<f64>,
    /// Why there is no distance; `null` if there is one.
    pub distance_reason: Option<String>,
}

/// After which encounter a page begins.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct EncountersQuery {
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A new key for the nodes of a run. It is shown once, and the one before ends.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunKey {
    /// 43 characters: nodes bring it as `Authorization: Bearer …`.
    pub key: String,
}

/// What nodes go by. They ask each second; when nobody answers, they go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RunControl {
    /// Which run.
    pub run_id: Uuid,
    /// `running`, `paused` or `stopped`.
    pub state: String,
    /// What holds for all nodes.
    #[schema(value_type = RunParameters)]
    pub parameters: Parameters,
    /// Microseconds of a second of the run.
    pub second_us: u64,
    /// Seconds that were over when it last began to run.
    pub seconds_before: u32,
    /// Microseconds for which it has run since then; `null` while it doesn't.
    pub running_for_us: Option<u64>,
    /// Where its nodes live: `server` or `processes`.
    pub hosting: String,
    /// Nodes that were asked for and that no host has taken yet.
    pub waiting: RunNodes,
}

/// A host offers to bring nodes into being that were asked for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeNodes {
    /// Drawn by the host when it starts. Another one takes over when this one hasn't asked for fifteen seconds.
    pub host_id: Uuid,
    /// How many it takes at most.
    pub at_most: u32,
}

/// The first byte of a message of the live stream, and what follows; numbers are little-endian.
pub mod live {
    /// How things stand, each second: second by the clock u32, microseconds of a second u32, newest second that is stored u32
    /// (all ones: none), state u8 (0 running, 1 paused, 2 stopped), 1 if reports are stored late, else 0.
    pub const NOW: u8 = 1;
    /// A frame of the run's one live chain, as in `protocol::frames`: the first is a key frame.
    pub const FRAME: u8 = 2;
}

/// Media type of frames as they are stored: for each, second u32, kind u8, chain u16, part u32, length u32, and so many bytes
/// packed by zstd; numbers are little-endian.
pub const FRAMES: &str = "application/vnd.epitrace.frames";

/// Media type of reports of nodes, one after the other: length u32, little-endian, and so many bytes of a report.
pub const REPORTS: &str = "application/vnd.epitrace.reports";

/// The most bytes of reports in one request.
pub const MOST_REPORT_BYTES: usize = 1 << 20;

/// Which run `/data` is about.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct DataQuery {
    /// The run; the newest that the caller sees, if left out.
    pub run: Option<Uuid>,
}

/// A run in the form of the published system.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublishedData {
    /// For each second `_id`, and by the id of each node that was heard: position, timestamp, infected, alive.
    #[schema(value_type = Vec<Object>)]
    pub result: Vec<serde_json::Map<String, serde_json::Value>>,
}

/// What somebody chose for their next visit.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct RunChoices {
    /// How they look at the map; `null` if they never said.
    #[schema(value_type = Option<Object>)]
    pub map: Option<serde_json::Map<String, serde_json::Value>>,
    /// Parameters with which they start runs; `null` if they never said.
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<serde_json::Map<String, serde_json::Value>>,
}

/// What somebody chose.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunChoice {
    /// Any object of at most 4,096 bytes.
    #[schema(value_type = Object)]
    pub chosen: serde_json::Map<String, serde_json::Value>,
}
