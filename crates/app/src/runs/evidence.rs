//! Encounters of a rehearsal become evidence: its nodes stand for persons, whose references are the ids of the nodes.

use super::Viewer;
use super::reading::MOST_ENCOUNTERS;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::imports::{ImportOptions, ImportSummary, Kind};
use domain::ids::RunId;
use domain::runs::Run;
use jiff::Timestamp;
use protocol::nodes::Quarters;
use std::fmt::Write;
use std::io::Cursor;
use storage::runs::Encounter;

/// Which column is which, in the table that is brought in.
const COLUMNS: &str = "a=a,b=b,from=from,until=until,distance_m=distance_m";

impl App {
    /// Brings the encounters of a rehearsal in, as a file of sensors would be: they show up among exposures, with how long and how
    /// near. A step counts as a metre. Once more brings in what is new.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if they may not see it; [`AppError::Conflict`] if its nodes stand for nobody;
    /// [`AppError::NotAllowed`] if they may not bring facts in.
    pub async fn take_evidence_of_run(&self, worker: &Worker, run_id: RunId) -> Result<ImportSummary> {
        worker.require(domain::authorities::Action::ImportFacts)?;
        let run = self.run(Viewer::Staff(worker), run_id).await?;
        if !run.is_rehearsal {
            return Err(AppError::Conflict(
                "the nodes of this run stand for nobody; only a rehearsal is evidence".to_owned(),
            ));
        }
        let mut tx = self.run_store()?.read().await?;
        let names = super::reading::names(&mut tx, run_id).await?;
        let (mut table, mut after) = ("a,b,from,until,distance_m\n".to_owned(), None);
        loop {
            let met = storage::runs::encounters_of(&mut tx, run_id, after, MOST_ENCOUNTERS).await?;
            let Some(last) = met.last() else { break };
            after = Some((last.lower, last.higher, last.slot));
            for met in &met {
                // Somebody who never reported has no id yet: what they were heard by comes in when they have.
                let (Some(one), Some(other)) = (names.get(&met.lower), names.get(&met.higher)) else { continue };
                let (from, until) = when(&run, met);
                // Who says nothing of a distance leaves the cell empty.
                let metres =
                    met.nearest_quarters.map(|nearest| Quarters(nearest).steps().to_string()).unwrap_or_default();
                // Writing into a text never fails.
                let _ = writeln!(table, "{one},{other},{from},{until},{metres}");
            }
        }
        drop(tx);
        let options = ImportOptions::new(Kind::Encounters, COLUMNS);
        self.import(worker, Cursor::new(table.into_bytes()), &options, None, &mut |_| ()).await
    }
}

/// From the first second in which either heard the other, for as many as they did: both hear each other once a second, so that is
/// half of what was heard. A second of a run that stood still meanwhile is taken for earlier than it was.
fn when(run: &Run, met: &Encounter) -> (Timestamp, Timestamp) {
    let n_seconds = met.n_heard.div_ceil(2).clamp(1, met.last_second.saturating_sub(met.first_second) + 1);
    let at = |second: u32| {
        let passed = run.clock.second.saturating_mul(second);
        run.created_at.checked_add(passed).unwrap_or(Timestamp::MAX)
    };
    (at(met.first_second), at(met.first_second.saturating_add(n_seconds)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use domain::runs::{Hosting, Parameters, RunClock, Visibility};
    use std::time::Duration;
    use uuid::Uuid;

    #[test]
    fn two_who_heard_each_other_met_for_half_as_many_seconds_as_were_heard() {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let run = Run {
            run_id: RunId(Uuid::nil()),
            name: "Field".to_owned(),
            owner: None,
            visibility: Visibility::Staff,
            is_rehearsal: true,
            parameters: Parameters::default(),
            hosting: Hosting::Server,
            created_at: now,
            ended_at: None,
            clock: RunClock::start(Duration::from_millis(500), now),
            n_safe: 2,
            n_infected: 0,
        };
        let met = |first_second, last_second, n_heard| {
            let met = Encounter {
                lower: 0,
                higher: 1,
                slot: 0,
                first_second,
                last_second,
                n_heard,
                nearest_quarters: Some(4),
            };
            let (from, until) = when(&run, &met);
            (from.duration_since(now).as_millis(), until.duration_since(now).as_millis())
        };
        assert_eq!(met(10, 19, 20), (5_000, 10_000));
        assert_eq!(met(10, 99, 20), (5_000, 10_000), "they met twice, and ten seconds in all");
        assert_eq!(met(10, 10, 1), (5_000, 5_500), "one heard the other once");
        assert_eq!(met(10, 10, 9), (5_000, 5_500), "nobody is heard more than once a second");
    }
}
