//! Processes that are nodes of a run, and their parent: it starts one for each node that is asked for, and ends when the run does.

use crate::failure::Hinted;
use crate::screen;
use app::sign_in::Secret;
use app::{App, AppError};
use domain::ids::{RunId, mint};
use domain::runs::Hosting;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use uuid::Uuid;

/// How often it is seen whether nodes were added.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Processes that it starts at most. Each hears each other one, so their cost grows with the square.
const MOST_PROCESSES: u32 = 200;
/// The variable in which a node finds the run's key: arguments are seen by everybody on the machine.
const KEY_VARIABLE: &str = "EPITRACE_RUN_KEY";

/// What the processes are told.
pub struct Parent {
    /// Their run.
    pub run_id: RunId,
    /// Where they report.
    pub server: String,
    /// Their UDP port.
    pub port: u16,
    /// The key of the run.
    pub key: Secret,
}

/// The parent at work.
pub struct Children(JoinHandle<anyhow::Result<()>>);

impl Children {
    /// Waits until the run is over and all of them have ended.
    pub async fn wait(self) -> anyhow::Result<()> {
        self.0.await?
    }
}

impl Parent {
    /// Starts those that wait, and goes on until the run is over.
    pub fn start(self, app: App) -> Children {
        Children(tokio::spawn(self.keep(app)))
    }

    async fn keep(self, app: App) -> anyhow::Result<()> {
        let host_id = mint(app.now(), app.random());
        let mut next = tokio::time::interval(LOOK_EVERY);
        let mut children: Vec<Child> = Vec::new();
        let mut stop = std::pin::pin!(crate::commands::serve::told_to_stop()?);
        let mut is_over = false;
        while !is_over {
            tokio::select! {
                _ = next.tick() => {}
                () = &mut stop => break,
            }
            let failed = reap(&mut children)?;
            if failed > 0 {
                let sentence = format!("{} could not take part", screen::counted(failed, "process", "processes"));
                let hint = "is the server running at --server, on the same data? what a process says stands above";
                return Err(Hinted { sentence, hint }.into());
            }
            let room = MOST_PROCESSES.saturating_sub(u32::try_from(children.len()).unwrap_or(MOST_PROCESSES));
            match app.take_nodes(self.run_id, (Hosting::Processes, host_id), room).await {
                Ok(taken) => {
                    for infected in std::iter::repeat_n(true, taken.infected as usize)
                        .chain(std::iter::repeat_n(false, taken.safe as usize))
                    {
                        children.push(self.spawn(infected)?);
                    }
                }
                // Nodes go on when the database is away; those that were asked for come later.
                Err(AppError::Storage(error)) if error.may_pass() => {}
                Err(AppError::Conflict(_) | AppError::NotFound(_)) => is_over = true,
                Err(error) => return Err(error.into()),
            }
        }
        // They end by themselves: with the run, or because whoever typed Ctrl+C told all of them.
        for mut child in children {
            child.wait().await?;
        }
        Ok(())
    }

    fn spawn(&self, infected: bool) -> anyhow::Result<Child> {
        let mut node = Command::new(std::env::current_exe()?);
        node.args(["node", "--quiet", "--run", &self.run_id.to_string(), "--server", &self.server]);
        node.args(["--port", &self.port.to_string(), "--uuid", &Uuid::new_v4().to_string()]);
        if infected {
            node.arg("--infected");
        }
        node.env(KEY_VARIABLE, self.key.expose()).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        Ok(node.spawn()?)
    }
}

/// Lets go of processes that have ended; counts those that failed.
fn reap(children: &mut Vec<Child>) -> anyhow::Result<u32> {
    let mut failed = 0;
    let mut left = Vec::with_capacity(children.len());
    for mut child in children.drain(..) {
        match child.try_wait()? {
            None => left.push(child),
            Some(status) if status.success() => {}
            // Somebody killed it on purpose: it turns silent, which is what they want to see.
            Some(status) if status.code().is_none() => {}
            Some(_) => failed += 1,
        }
    }
    *children = left;
    Ok(failed)
}
