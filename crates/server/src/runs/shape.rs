//! Runs as the API shows them.

use app::runs::{Control, CurvePoint, NewNodes, NodeHistory, NodeSecond, may_change};
use app::{App, Worker};
use domain::runs::{Run, Statistics};
use protocol::http::runs as http;
use protocol::nodes::Quarters;
use storage::runs::Encounter;

/// Whole milliseconds, rounded down.
fn millis(second: std::time::Duration) -> u32 {
    u32::try_from(second.as_millis()).unwrap_or(u32::MAX)
}

pub fn run(app: &App, viewer: Option<&Worker>, run: Run, newest_second: Option<u32>) -> http::Run {
    http::Run {
        may_change: viewer.is_some_and(|worker| may_change(worker, &run)),
        run_id: run.run_id.0,
        name: run.name,
        visibility: run.visibility.to_string(),
        is_rehearsal: run.is_rehearsal,
        is_automatic: run.owner.is_none(),
        parameters: run.parameters,
        second_ms: millis(run.clock.second),
        hosting: run.hosting.to_string(),
        nodes: http::RunNodes { safe: run.n_safe, infected: run.n_infected },
        state: run.clock.state.to_string(),
        second: run.clock.second_at(app.now()),
        newest_second,
        created_at: run.created_at.to_string(),
        ended_at: run.ended_at.map(|at| at.to_string()),
    }
}

pub fn nodes(nodes: http::RunNodes) -> NewNodes {
    NewNodes { safe: nodes.safe, infected: nodes.infected }
}

pub fn control(control: Control) -> http::RunControl {
    let Control { run, running_for, waiting } = control;
    http::RunControl {
        run_id: run.run_id.0,
        state: run.clock.state.to_string(),
        parameters: run.parameters,
        second_us: u64::try_from(run.clock.second.as_micros()).unwrap_or(u64::MAX),
        seconds_before: run.clock.seconds_before,
        running_for_us: running_for.map(|running| u64::try_from(running.as_micros()).unwrap_or(u64::MAX)),
        hosting: run.hosting.to_string(),
        waiting: http::RunNodes { safe: waiting.safe, infected: waiting.infected },
    }
}

pub fn statistics(second: u32, counted: Statistics) -> http::RunStatistics {
    let Statistics { total, zombies, deaths, dead_zombies, immune, silent } = counted;
    http::RunStatistics { second, total, zombies, deaths, dead_zombies, immune, silent }
}

pub fn point(point: &CurvePoint) -> http::RunStatistics {
    statistics(point.second, point.statistics)
}

pub fn node_second(lived: NodeSecond) -> http::NodeSecond {
    let NodeSecond { second, no, node_id, state } = lived;
    http::NodeSecond {
        second,
        no,
        node_id: node_id.map(|id| id.0),
        x: state.position.x,
        y: state.position.y,
        health: state.health,
        alive: state.alive,
    }
}

/// Why there is no distance between two nodes that met.
const NOT_SAID: &str = "published nodes don't say how near they were";

pub fn encounter(met: &Encounter) -> http::RunEncounter {
    http::RunEncounter {
        lower: met.lower,
        higher: met.higher,
        slot: met.slot,
        first: met.first_second,
        last: met.last_second,
        count: met.n_heard,
        distance: met.nearest_quarters.map(|nearest| Quarters(nearest).steps()),
        distance_reason: met.nearest_quarters.is_none().then(|| NOT_SAID.to_owned()),
    }
}

pub fn history(no: u32, history: NodeHistory) -> http::NodeHistory {
    let span = |span: app::runs::NodeSpan| http::NodeSpan {
        from: span.from,
        to: span.to,
        health: span.health,
        alive: span.alive,
    };
    http::NodeHistory {
        no,
        node_id: history.node_id.map(|id| id.0),
        spans: history.spans.into_iter().map(span).collect(),
        encounters: history.encounters.iter().map(encounter).collect(),
    }
}
