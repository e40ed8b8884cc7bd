//! The menu of a run, as the published system had it: parameters first, then nodes one by one or many at once.

use super::numbers;
use crate::screen;
use app::runs::{NewNodes, RunChange, Viewer};
use app::{App, AppError, Worker};
use domain::ids::RunId;
use domain::runs::{Parameters, RunState};
use std::io::Write;

/// Asks a question; `None` when nothing more is typed.
fn ask(question: &str) -> anyhow::Result<Option<String>> {
    let mut out = std::io::stdout();
    // Nobody may be reading; the answer counts all the same.
    let _ = write!(out, "{question} ").and_then(|()| out.flush());
    let mut line = String::new();
    let n = std::io::stdin().read_line(&mut line)?;
    Ok((n > 0).then(|| line.trim().to_owned()))
}

/// A parameter that is asked for: what it is called, how it stands, and what is made of an answer.
type Field = (&'static str, fn(&Parameters) -> String, fn(&mut Parameters, &str) -> Option<()>);

const FIELDS: [Field; 5] = [
    ("field_width", |p| p.width.to_string(), |p, text| text.parse().ok().map(|n| p.width = n)),
    ("field_height", |p| p.height.to_string(), |p, text| text.parse().ok().map(|n| p.height = n)),
    ("zombie_lifetime", |p| p.lifetime_s.to_string(), |p, text| text.parse().ok().map(|n| p.lifetime_s = n)),
    (
        "infection_radius",
        |p| p.infection_radius.to_string(),
        |p, text| text.parse().ok().map(|n| p.infection_radius = n),
    ),
    ("infection_cooldown", |p| p.cooldown_s.to_string(), |p, text| text.parse().ok().map(|n| p.cooldown_s = n)),
];

/// Lets the parameters be changed.
pub fn edit(parameters: &mut Parameters) -> anyhow::Result<()> {
    let answer = ask("Edit run parameters? [Y/n]")?;
    let wants = answer.is_some_and(|answer| !answer.eq_ignore_ascii_case("n") && !answer.eq_ignore_ascii_case("no"));
    if !wants {
        return Ok(());
    }
    for (name, read, write) in FIELDS {
        loop {
            let Some(answer) = ask(&format!("{name} [{}]:", read(parameters)))?.filter(|answer| !answer.is_empty())
            else {
                break;
            };
            let mut changed = *parameters;
            match write(&mut changed, &answer).ok_or_else(|| "write a number".to_owned()) {
                Ok(()) if changed.check().is_ok() => {
                    *parameters = changed;
                    break;
                }
                Ok(()) => {
                    let range = changed.check().err().map_or("", |wrong| wrong.range);
                    screen::say(format!("{name} is {range}"));
                }
                Err(what) => screen::say(what),
            }
        }
    }
    Ok(())
}

/// Shows the menu until the run is stopped, or nothing more is typed.
pub async fn show(app: &App, worker: &Worker, run_id: RunId) -> anyhow::Result<()> {
    screen::say("1  add a safe node\n2  add an infected node\n3  add X safe and Y infected nodes\n0  stop the run");
    loop {
        // Asked on a thread of its own: processes that belong to the run go on meanwhile.
        let Some(choice) = tokio::task::spawn_blocking(|| ask(">")).await?? else { return Ok(()) };
        let change = match choice.as_str() {
            "1" => RunChange::Nodes(NewNodes { safe: 1, infected: 0 }),
            "2" => RunChange::Nodes(NewNodes { safe: 0, infected: 1 }),
            "3" => {
                let Some(nodes) = tokio::task::spawn_blocking(how_many).await?? else { return Ok(()) };
                RunChange::Nodes(nodes)
            }
            "0" => RunChange::Stop,
            "" => {
                let (second, counted) = app.run_statistics(Viewer::Staff(worker), run_id, None).await?;
                screen::say(numbers(second, &counted));
                continue;
            }
            _ => {
                screen::say("type 1, 2, 3 or 0; Enter alone shows the numbers");
                continue;
            }
        };
        match app.change_run(worker, run_id, change).await {
            Ok(run) if run.clock.state == RunState::Stopped => {
                screen::say("stopped");
                return Ok(());
            }
            Ok(run) => screen::say(format!("{} safe and {} infected asked for", run.n_safe, run.n_infected)),
            Err(refused @ (AppError::Invalid { .. } | AppError::Conflict(_))) => screen::say(refused),
            Err(error) => return Err(error.into()),
        }
    }
}

fn how_many() -> anyhow::Result<Option<NewNodes>> {
    let mut numbers = [0; 2];
    for (number, question) in numbers.iter_mut().zip(["How many safe nodes?", "How many infected nodes?"]) {
        *number = loop {
            let Some(answer) = ask(question)? else { return Ok(None) };
            match answer.parse() {
                Ok(n) => break n,
                Err(_) => screen::say("write a whole number, 0 for none"),
            }
        };
    }
    let [safe, infected] = numbers;
    Ok(Some(NewNodes { safe, infected }))
}
