//! `epitrace rules`: which hold, which held, and making new ones.

use crate::cli::{Common, Rules, RulesOf};
use crate::screen;
use crate::session::Session;
use app::AppError;
use app::rule_sets::{Difference, EarlyEnd, NewVersion, Preview, Version};
use domain::diseases::Disease;
use domain::rules::{Form, Past, Setting};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::process::ExitCode;

pub async fn run(common: &Common, rules: Rules) -> anyhow::Result<ExitCode> {
    let session = Session::open(common).await?;
    match rules {
        Rules::List(of) => list(common, &session, of.disease).await?,
        Rules::Show { of, version, on, against } => {
            show(common, &session, &of, version, on.as_deref(), against).await?
        }
        Rules::Set { of, from, until, set, past_decisions_stay, preview } => {
            let disease = of.disease.unwrap_or(session.worker.authority.default_disease);
            let first = first_day(&session, &from)?;
            // What holds on its first day is taken over; what holds since ever begins with the built-in rules.
            let based_on = match first {
                Some(day) => session.app.rule_set_on(&session.worker, Some(disease), Some(day)).await?.rules.version,
                None => 0,
            };
            let last = until.as_deref().map(|text| day("--until", text)).transpose()?;
            let past = past(past_decisions_stay);
            let new = NewVersion { disease, based_on, newest_seen: None, first, last, settings: typed(&set)?, past };
            if preview {
                let preview = session.app.preview_rule_set(&session.worker, &new).await.map_err(as_typed)?;
                say_preview(common, &preview)?;
            } else {
                let made = session.app.create_rule_set(&session.worker, &new).await.map_err(as_typed)?;
                say_version(common, &made, false)?;
            }
        }
        Rules::End { of, version, last, past_decisions_stay } => {
            let disease = of.disease.unwrap_or(session.worker.authority.default_disease);
            let last = day("--last", &last)?;
            let end = EarlyEnd { disease, version, newest_seen: None, last, past: past(past_decisions_stay) };
            let made = session.app.end_rule_set(&session.worker, &end).await.map_err(as_typed)?;
            if common.json {
                screen::say_json(&serde_json::json!({ "ended": version, "last": last.to_string(), "made": made }))?;
            } else {
                let made: Vec<String> = made.iter().map(ToString::to_string).collect();
                screen::say(format!("version {version} ends on {last}; then version {} holds", made.join(", ")));
            }
        }
    }
    session.close().await?;
    Ok(ExitCode::SUCCESS)
}

fn past(stays: bool) -> Past {
    if stays { Past::StaysExplained } else { Past::NotNamed }
}

fn day(field: &'static str, text: &str) -> Result<Date, AppError> {
    let wrong = |_| AppError::Invalid { field, reason: "write a day as 2026-05-31".to_owned() };
    text.parse().map_err(wrong)
}

/// A day, `today`, or `always` for since ever.
fn first_day(session: &Session, text: &str) -> Result<Option<Date>, AppError> {
    match text {
        "always" => Ok(None),
        "today" => Ok(Some(domain::time::local_day(session.app.now(), &session.worker.authority.time_zone))),
        text => text.parse().map(Some).map_err(|_| AppError::Invalid {
            field: "--from",
            reason: "write a day as 2026-05-31, or today, or always".to_owned(),
        }),
    }
}

/// Takes `key=value` apart.
fn typed(set: &[String]) -> Result<BTreeMap<String, String>, AppError> {
    let mut typed = BTreeMap::new();
    for pair in set {
        let (key, value) = pair.split_once('=').ok_or_else(|| AppError::Invalid {
            field: "--set",
            reason: "write a setting as key=value, such as days_before_onset=3".to_owned(),
        })?;
        if typed.insert(key.trim().to_owned(), value.trim().to_owned()).is_some() {
            return Err(AppError::Invalid { field: "--set", reason: "a setting is named twice".to_owned() });
        }
    }
    Ok(typed)
}

/// Says which options are meant, and where the word for the past is typed.
fn as_typed(error: AppError) -> AppError {
    let option = |field: &'static str| match field {
        "first" => "--from",
        "last" => "--until",
        "settings" => "--set",
        other => other,
    };
    let hint = |field: &str, reason: String| {
        if field == "--from" && reason.contains("past") {
            reason + " (--past-decisions-stay, or --from today)"
        } else {
            reason
        }
    };
    match error {
        AppError::InvalidFields(fields) => AppError::InvalidFields(
            fields.into_iter().map(|(field, reason)| (option(field), hint(option(field), reason))).collect(),
        ),
        AppError::Invalid { field: "last", reason } => {
            AppError::Invalid { field: "--last", reason: hint("--from", reason).replace(", or --from today", "") }
        }
        other => other,
    }
}

async fn list(common: &Common, session: &Session, disease: Option<Disease>) -> anyhow::Result<()> {
    let all = session.app.rule_sets(&session.worker, disease).await?;
    if common.json {
        let versions: Vec<_> = all.versions.iter().map(as_json).collect();
        screen::say_json(&serde_json::json!({
            "disease": all.disease.as_str(), "holds_today": all.holds_today, "versions": versions,
        }))?;
        return Ok(());
    }
    let row = |version: &Version| {
        let number = version.rules.version;
        let today = if number == all.holds_today { "yes" } else { "" };
        let by = version.made_by.clone().unwrap_or_else(|| "built in".to_owned());
        [number.to_string(), days(version), today.to_owned(), by, in_brief(&version.changes)]
    };
    let rows = all.versions.iter().map(row).collect();
    screen::say(format!("rules for {}", all.disease.profile().name));
    screen::say(screen::table(["version", "holds", "today", "made by", "changes"], &[0], rows));
    Ok(())
}

async fn show(
    common: &Common,
    session: &Session,
    of: &RulesOf,
    number: Option<i32>,
    on: Option<&str>,
    against: Option<i32>,
) -> anyhow::Result<()> {
    let on = on.map(|text| day("--on", text)).transpose()?;
    let found = match number {
        None => session.app.rule_set_on(&session.worker, of.disease, on).await?,
        Some(number) => {
            let all = session.app.rule_sets(&session.worker, of.disease).await?.versions;
            let found = all.into_iter().find(|version| version.rules.version == number);
            found.ok_or(AppError::NotFound("version"))?
        }
    };
    let Some(against) = against else { return say_version(common, &found, true) };
    let shown = found.rules.version;
    let changes = session.app.compare_rule_sets(&session.worker, of.disease, against, shown).await?;
    say_changes(common, &changes, &format!("version {against}"), &format!("version {shown}"))
}

fn days(version: &Version) -> String {
    match (version.rules.first, version.rules.last) {
        (None, None) => "always".to_owned(),
        (Some(first), None) => format!("from {first}"),
        (None, Some(last)) => format!("to {last}"),
        (Some(first), Some(last)) => format!("{first} to {last}"),
    }
}

fn in_brief(changes: &[Difference]) -> String {
    let words: Vec<String> =
        changes.iter().map(|change| format!("{} {} → {}", change.setting, change.before, change.after)).collect();
    words.join("; ")
}

fn say_version(common: &Common, version: &Version, in_full: bool) -> anyhow::Result<()> {
    if common.json {
        return screen::say_json(&as_json(version));
    }
    let rules = &version.rules;
    screen::say(format!("version {} for {}, {}", rules.version, rules.disease.profile().name, days(version)));
    if !in_full {
        return Ok(());
    }
    let row = |setting: &Setting| {
        let (value, default) = (setting.of(&rules.settings), setting.default_of(rules.disease));
        let unit = match setting.form() {
            Form::Number { unit, .. } => unit,
            Form::YesNo | Form::Preset => "",
        };
        let source = if value == default.value { default.source } else { "this authority" };
        [setting.to_string(), format!("{value} {unit}").trim_end().to_owned(), default.value, source.to_owned()]
    };
    let rows = Setting::ALL.iter().map(row).collect();
    screen::say(screen::table(["setting", "value", "default", "source"], &[], rows));
    Ok(())
}

fn say_changes(common: &Common, changes: &[Difference], before: &str, after: &str) -> anyhow::Result<()> {
    if common.json {
        return screen::say_json(&changes.iter().map(change_as_json).collect::<Vec<_>>());
    }
    let row = |change: &Difference| [change.setting.to_string(), change.before.clone(), change.after.clone()];
    screen::say(screen::table(["setting", before, after], &[], changes.iter().map(row).collect()));
    Ok(())
}

fn say_preview(common: &Common, preview: &Preview) -> anyhow::Result<()> {
    if common.json {
        return screen::say_json(&serde_json::json!({
            "version": preview.rules.version,
            "changes": preview.changes.iter().map(change_as_json).collect::<Vec<_>>(),
            "cases_changed": preview.n_changed,
            "cases_at_work": preview.n_at_work,
            "complete": preview.is_complete,
        }));
    }
    let least = if preview.is_complete { "" } else { "at least " };
    screen::say(format!(
        "version {} would change the infectious days of {least}{}, of {least}{} in its days; nothing is stored",
        preview.rules.version,
        screen::counted(preview.n_changed, "case", "cases"),
        screen::counted(preview.n_at_work, "case at work", "cases at work"),
    ));
    say_changes(common, &preview.changes, "before", "after")
}

fn change_as_json(change: &Difference) -> serde_json::Value {
    serde_json::json!({ "setting": change.setting.as_str(), "before": change.before, "after": change.after })
}

fn as_json(version: &Version) -> serde_json::Value {
    let rules = &version.rules;
    let setting = |setting: &Setting| {
        let default = setting.default_of(rules.disease);
        serde_json::json!({
            "setting": setting.as_str(), "value": setting.of(&rules.settings), "default": default.value,
            "source": default.source, "caution": default.caution,
        })
    };
    serde_json::json!({
        "version": rules.version,
        "disease": rules.disease.as_str(),
        "first": rules.first.map(|day| day.to_string()),
        "last": rules.last.map(|day| day.to_string()),
        "made_by": version.made_by,
        "made_at": version.made_at.map(|at| at.to_string()),
        "settings": Setting::ALL.iter().map(setting).collect::<Vec<_>>(),
        "changes": version.changes.iter().map(change_as_json).collect::<Vec<_>>(),
    })
}
