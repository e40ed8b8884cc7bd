//! Nodes that live in this server: one host for each run that wants them here.

use super::{Network, Reported};
use crate::Platform;
use crate::runs::shape::control;
use app::AppError;
use app::runs::MOST_HOSTED;
use domain::ids::{RunId, mint};
use domain::runs::Hosting;
use jiff::tz::TimeZone;
use nodes::host::ReportFrame;
use nodes::work::{Control, Reports, Setting, Unanswered, work as live};
use protocol::http::runs::{RunControl, RunNodes, TakeNodes};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

/// How often it is seen whether there is a run that nobody here keeps.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What the nodes of a run go by, asked in the same process.
struct Here {
    platform: Platform,
    network: Arc<Network>,
    run_id: RunId,
}

pub(super) async fn work(platform: Platform, network: Arc<Network>, mut ending: watch::Receiver<bool>) {
    let host_id = mint(platform.app.now(), platform.app.random());
    let mut hosts: JoinSet<RunId> = JoinSet::new();
    let mut hosted: HashMap<RunId, tokio::task::AbortHandle> = HashMap::new();
    let mut next = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            _ = next.tick() => {}
            () = network.run_was_made.notified() => {}
            Some(ended) = hosts.join_next() => {
                if let Ok(run_id) = ended {
                    hosted.remove(&run_id);
                } else {
                    hosted.retain(|_, host| !host.is_finished());
                }
                continue;
            }
            _ = ending.wait_for(|ends| *ends) => break,
        }
        // By a wrong clock other hosts seem to be gone.
        if platform.is_aside() {
            continue;
        }
        // If the database is away, those who live go on, and nobody is added.
        for run_id in platform.app.hosted_runs().await.unwrap_or_default() {
            hosted.entry(run_id).or_insert_with(|| {
                let here = Here { platform: platform.clone(), network: Arc::clone(&network), run_id };
                hosts.spawn(keep(here, host_id, ending.clone()))
            });
        }
    }
    // Each tells its last seconds first.
    while hosts.join_next().await.is_some() {}
}

/// Keeps the nodes of a run until it is over.
async fn keep(here: Here, host_id: Uuid, mut ending: watch::Receiver<bool>) -> RunId {
    let (drawing, looking) = (here.platform.app.clone(), here.platform.app.clone());
    let setting = Setting {
        host_id,
        own: Vec::new(),
        room: MOST_HOSTED,
        key: None,
        draw: Box::new(move || {
            let [.., a, b, c, d] = drawing.random();
            (mint(drawing.now(), drawing.random()), u32::from_le_bytes([a, b, c, d]))
        }),
        wall: Box::new(move || TimeZone::UTC.to_datetime(looking.now())),
    };
    let (status, _) = watch::channel(nodes::work::Status::default());
    let stop = async move {
        let _ = ending.wait_for(|ends| *ends).await;
    };
    if let Err(error) = live(setting, &here, &here, None, &status, stop).await {
        tracing::warn!(%error, run.id = %here.run_id, "the nodes of a run can't begin yet");
    }
    here.run_id
}

fn unanswered(error: AppError) -> Unanswered {
    match error {
        AppError::NotFound(_) => Unanswered::NoRun,
        AppError::Conflict(_) => Unanswered::Over,
        other => Unanswered::Away(Box::new(other)),
    }
}

impl Control for Here {
    async fn read(&self) -> Result<RunControl, Unanswered> {
        self.platform.app.run_control(self.run_id, Hosting::Server).await.map(control).map_err(unanswered)
    }

    async fn take(&self, take: TakeNodes) -> Result<RunNodes, Unanswered> {
        let by = (Hosting::Server, take.host_id);
        let taken = self.platform.app.take_nodes(self.run_id, by, take.at_most).await.map_err(unanswered)?;
        Ok(RunNodes { safe: taken.safe, infected: taken.infected })
    }
}

impl Reports for Here {
    async fn send(&self, frames: &[ReportFrame]) -> Result<(), Unanswered> {
        let reports = frames
            .iter()
            .map(|frame| Reported {
                key: bytes::Bytes::copy_from_slice(frame.node.as_bytes()),
                bytes: frame.bytes.clone(),
            })
            .collect();
        let published = self.network.publish(self.run_id, reports, self.platform.app.now()).await;
        published.map_err(|error| Unanswered::Away(Box::new(error)))
    }
}
