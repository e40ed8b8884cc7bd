//! `epitrace runs`: runs are started, watched in numbers, changed and ended. A server on the same data does the rest.

mod menu;
mod processes;

use crate::cli::{Common, NewRun, Runs};
use crate::commands::simulate::parameters;
use crate::failure::Hinted;
use crate::screen;
use crate::session::{Places, Session};
use app::runs::{NewNodes, NewRun as Asked, RunChange, Viewer};
use app::{App, Worker};
use domain::ids::{RunId, mint};
use domain::runs::{Hosting, Run, Statistics};
use serde_json::json;
use std::io::IsTerminal;
use std::process::ExitCode;
use storage::folder::{DataFolder, Use};
use uuid::Uuid;

pub async fn run(common: &Common, asked: Runs) -> anyhow::Result<ExitCode> {
    let places = Places::of(common)?;
    let folder = DataFolder::take(&places.data, Use::Shared)?;
    let session = Session::open_in(common, &places, folder, crate::session::DatabaseRole::App).await?;
    let runs = places.run_store(&session.folder, &session.app.store).await?;
    let (app, worker) = (session.app.clone().with_runs(runs), session.worker.clone());
    let done = act(common, &app, &worker, asked).await;
    session.close().await?;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(common: &Common, app: &App, worker: &Worker, asked: Runs) -> anyhow::Result<()> {
    match asked {
        Runs::New(new) => start(common, app, worker, *new).await,
        Runs::List => list(common, app, worker).await,
        Runs::Show { run, at } => {
            let run_id = the_run(app, worker, run).await?;
            show(common, app, worker, run_id, at).await
        }
        Runs::Add { run, safe, infected } => {
            change(common, app, worker, run, RunChange::Nodes(NewNodes { safe, infected })).await
        }
        Runs::Pause { run } => change(common, app, worker, run, RunChange::Pause).await,
        Runs::Resume { run } => change(common, app, worker, run, RunChange::Resume).await,
        Runs::Stop { run } => change(common, app, worker, run, RunChange::Stop).await,
        Runs::Delete { run } => {
            app.delete_run(worker, RunId(run)).await?;
            if !common.json && !common.quiet {
                screen::say("deleted, with all that there was of it");
            }
            Ok(())
        }
        Runs::Menu { run } => {
            let run_id = the_run(app, worker, run).await?;
            menu::show(app, worker, run_id).await
        }
        Runs::Evidence { run } => {
            let run_id = the_run(app, worker, run).await?;
            let brought = app.take_evidence_of_run(worker, run_id).await?;
            if common.json {
                return screen::say_json(&json!({
                    "run_id": run_id, "stored": brought.stored, "already_there": brought.already_there,
                }));
            }
            let encounters = screen::counted(brought.stored, "encounter", "encounters");
            screen::say(format!("{encounters} brought in, {} were there already", brought.already_there));
            Ok(())
        }
        Runs::Key { run } => {
            let run_id = the_run(app, worker, run).await?;
            let key = app.make_run_key(worker, run_id).await?;
            if common.json {
                screen::say_json(&json!({ "run_id": run_id, "key": key.expose() }))
            } else {
                screen::say(key.expose());
                Ok(())
            }
        }
    }
}

/// Returns the run that is meant: the one that is named, else the newest.
async fn the_run(app: &App, worker: &Worker, named: Option<Uuid>) -> anyhow::Result<RunId> {
    if let Some(run) = named {
        return Ok(RunId(run));
    }
    let newest = app.runs(Viewer::Staff(worker)).await?.first().map(|run| run.run_id);
    newest.ok_or_else(|| {
        let sentence = "there is no run yet".to_owned();
        Hinted { sentence, hint: "start one with `epitrace runs new`" }.into()
    })
}

async fn start(common: &Common, app: &App, worker: &Worker, asked: NewRun) -> anyhow::Result<()> {
    let has_menu = asked.menu || (std::io::stdin().is_terminal() && !common.json && !common.quiet);
    let mut parameters = parameters::read(&asked.parameters)?;
    if has_menu {
        menu::edit(&mut parameters)?;
    }
    let new = Asked {
        run_id: RunId(mint(app.now(), app.random())),
        name: asked.name,
        visibility: asked.visibility.into(),
        is_rehearsal: asked.rehearsal,
        parameters,
        second: asked.second,
        nodes: NewNodes { safe: asked.safe, infected: asked.infected },
        hosting: if asked.processes { Hosting::Processes } else { Hosting::Server },
    };
    let run = app.make_run(worker, new).await?;
    say(common, app, &run)?;
    let children = if asked.processes {
        let key = app.make_run_key(worker, run.run_id).await?;
        Some(processes::Parent { run_id: run.run_id, server: asked.server, port: asked.port, key }.start(app.clone()))
    } else {
        None
    };
    if has_menu {
        menu::show(app, worker, run.run_id).await?;
    }
    match children {
        Some(children) => children.wait().await,
        None => Ok(()),
    }
}

async fn change(
    common: &Common,
    app: &App,
    worker: &Worker,
    run: Option<Uuid>,
    change: RunChange,
) -> anyhow::Result<()> {
    let run_id = the_run(app, worker, run).await?;
    let run = app.change_run(worker, run_id, change).await?;
    say(common, app, &run)
}

fn say(common: &Common, app: &App, run: &Run) -> anyhow::Result<()> {
    let Run { run_id, name, clock, .. } = run;
    let second = clock.second_at(app.now());
    if common.json {
        let nodes = json!({ "safe": run.n_safe, "infected": run.n_infected });
        return screen::say_json(&json!({
            "run_id": run_id, "name": name, "state": clock.state.as_str(), "second": second, "nodes": nodes,
        }));
    }
    let n_nodes = screen::counted(run.n_safe.saturating_add(run.n_infected), "node", "nodes");
    let infected = screen::counted(run.n_infected, "of them infected", "of them infected");
    screen::say(format!("{run_id}  {name}: {}, second {second}; {n_nodes} asked for, {infected}", clock.state));
    if !common.quiet {
        screen::say(format!("on the page of the server: /runs/{run_id}"));
    }
    Ok(())
}

async fn list(common: &Common, app: &App, worker: &Worker) -> anyhow::Result<()> {
    let runs = app.runs(Viewer::Staff(worker)).await?;
    if common.json {
        let rows = runs.iter().map(|run| {
            json!({ "run_id": run.run_id, "name": run.name, "state": run.clock.state.as_str(),
                    "second": run.clock.second_at(app.now()), "created_at": run.created_at.to_string() })
        });
        return screen::say_json(&rows.collect::<Vec<_>>());
    }
    if runs.is_empty() {
        screen::say("no run yet; start one with `epitrace runs new`");
        return Ok(());
    }
    let rows = runs.iter().map(|run| {
        let nodes = run.n_safe.saturating_add(run.n_infected).to_string();
        let second = run.clock.second_at(app.now()).to_string();
        [run.run_id.to_string(), run.name.clone(), run.clock.state.to_string(), second, nodes]
    });
    screen::say(screen::table(["run", "name", "", "second", "nodes"], &[3, 4], rows.collect()));
    Ok(())
}

async fn show(common: &Common, app: &App, worker: &Worker, run_id: RunId, at: Option<u32>) -> anyhow::Result<()> {
    let viewer = Viewer::Staff(worker);
    let run = app.run(viewer, run_id).await?;
    let (second, counted) = app.run_statistics(viewer, run_id, at).await?;
    if common.json {
        return screen::say_json(&json!({
            "run_id": run_id, "state": run.clock.state.as_str(), "second": second, "statistics": counted,
        }));
    }
    say(common, app, &run)?;
    screen::say(numbers(second, &counted));
    Ok(())
}

fn numbers(second: u32, counted: &Statistics) -> String {
    let Statistics { total, zombies, deaths, dead_zombies, immune, silent } = counted;
    let seen = screen::counted(*total, "node", "nodes");
    format!(
        "second {second}: {seen} seen, {zombies} infected, {immune} immune, {silent} silent, {deaths} dead, of these \
         {dead_zombies} infected"
    )
}
