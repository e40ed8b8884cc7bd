//! A run without server: it begins when its first node does, nobody pauses it, and nobody takes reports.

use super::{Control, Reports, Unanswered};
use crate::host::ReportFrame;
use domain::runs::{Parameters, RunState};
use protocol::http::runs::{RunControl, RunNodes, TakeNodes};
use std::time::Duration;
use tokio::time::Instant;
use uuid::Uuid;

/// A run without server.
#[derive(Clone, Copy, Debug)]
pub struct Alone {
    run_id: Uuid,
    parameters: Parameters,
    second: Duration,
    began: Instant,
}

impl Alone {
    /// Begins a run now, with seconds of this length. Nodes in other processes belong to it if they have its id; nothing but
    /// their own clocks holds their seconds together.
    #[must_use]
    pub fn begin(run_id: Uuid, parameters: Parameters, second: Duration) -> Self {
        Self { run_id, parameters, second, began: Instant::now() }
    }
}

impl Control for Alone {
    async fn read(&self) -> Result<RunControl, Unanswered> {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Ok(RunControl {
            run_id: self.run_id,
            state: RunState::Running.as_str().to_owned(),
            parameters: self.parameters,
            second_us: micros(self.second),
            seconds_before: 0,
            running_for_us: Some(micros(self.began.elapsed())),
            hosting: "processes".to_owned(),
            waiting: RunNodes::default(),
        })
    }

    async fn take(&self, _: TakeNodes) -> Result<RunNodes, Unanswered> {
        Ok(RunNodes::default())
    }
}

impl Reports for Alone {
    async fn send(&self, _: &[ReportFrame]) -> Result<(), Unanswered> {
        Ok(())
    }
}
