//! The rules of an authority: who works here sees them, administrators make new versions.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Query, day, required_day};
use crate::sign_in::{RuleMaker, RuleReader};
use app::rule_sets::{Difference, EarlyEnd, NewVersion, Version, Versions};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::diseases::Disease;
use domain::rules::{CLOSE_CONTACT_PRESETS, Form, Past, Setting};
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::rule_sets::{
    CloseContactPreset, EndRuleSet, NewRuleSet, RuleDifference, RuleSetOnQuery, RuleSetPreview, RuleSetVersion,
    RuleSets, RuleSetsQuery, RuleSetting, RulesOfDay,
};

fn disease(word: &str) -> Result<Disease, Problem> {
    let known = || Disease::ALL.iter().map(|disease| disease.as_str()).collect::<Vec<_>>().join(", ");
    Disease::find(word).ok_or_else(|| Problem::field("disease", format!("choose one of {}", known())))
}

fn past(stays: bool) -> Past {
    if stays { Past::StaysExplained } else { Past::NotNamed }
}

fn differences(changes: &[Difference]) -> Vec<RuleDifference> {
    let shape = |change: &Difference| RuleDifference {
        key: change.setting.to_string(),
        before: change.before.clone(),
        after: change.after.clone(),
    };
    changes.iter().map(shape).collect()
}

fn version(version: &Version) -> RuleSetVersion {
    let rules = &version.rules;
    RuleSetVersion {
        version: rules.version,
        first: rules.first.map(|day| day.to_string()),
        last: rules.last.map(|day| day.to_string()),
        made_by: version.made_by.clone(),
        made_at: version.made_at.map(|at| at.to_string()),
        settings: Setting::ALL.iter().map(|setting| (setting.to_string(), setting.of(&rules.settings))).collect(),
        changes: differences(&version.changes),
    }
}

fn settings(disease: Disease) -> Vec<RuleSetting> {
    Setting::ALL.iter().map(|setting| shape_setting(*setting, disease)).collect()
}

fn shape_setting(setting: Setting, disease: Disease) -> RuleSetting {
    let default = setting.default_of(disease);
    let shaped = RuleSetting {
        key: setting.to_string(),
        kind: String::new(),
        unit: String::new(),
        least: None,
        most: None,
        decimals: None,
        choices: Vec::new(),
        why: setting.why().to_owned(),
        default: default.value,
        source: default.source.to_owned(),
        caution: default.caution.to_owned(),
    };
    match setting.form() {
        Form::Number { least, most, decimals, unit } => RuleSetting {
            kind: "number".to_owned(),
            unit: unit.to_owned(),
            least: Some(least),
            most: Some(most),
            decimals: u32::try_from(decimals).ok(),
            ..shaped
        },
        Form::YesNo => RuleSetting { kind: "yes_no".to_owned(), ..shaped },
        Form::Preset => {
            let choices = Form::presets().map(str::to_owned).collect();
            RuleSetting { kind: "preset".to_owned(), choices, ..shaped }
        }
    }
}

fn presets() -> Vec<CloseContactPreset> {
    let shape = |preset: &domain::rules::CloseContactRule| CloseContactPreset {
        id: preset.id.to_owned(),
        first: preset.first.map(|day| day.to_string()),
        last: preset.last.map(|day| day.to_string()),
        source: preset.source.to_owned(),
    };
    CLOSE_CONTACT_PRESETS.iter().map(shape).collect()
}

fn shape(all: &Versions) -> RuleSets {
    RuleSets {
        disease: all.disease.to_string(),
        name: all.disease.profile().name.to_owned(),
        diseases: Disease::ALL.iter().map(ToString::to_string).collect(),
        today: all.today.to_string(),
        holds_today: all.holds_today,
        newest: all.versions.first().map_or(0, |version| version.rules.version),
        settings: settings(all.disease),
        presets: presets(),
        versions: all.versions.iter().map(version).collect(),
    }
}

fn wanted(body: NewRuleSet) -> Result<NewVersion, Problem> {
    Ok(NewVersion {
        disease: disease(&body.disease)?,
        based_on: body.based_on,
        newest_seen: Some(body.newest_seen),
        first: day("first", body.first.as_deref())?,
        last: day("last", body.last.as_deref())?,
        settings: body.settings,
        past: past(body.past_decisions_stay),
    })
}

/// Lists the versions of the rules for a disease, with what each setting means and where its default comes from.
#[utoipa::path(get, path = "/api/v1/rule-sets", tag = "rule sets", extensions(("x-action" = json!("see_rules"))),
    params(RuleSetsQuery),
    responses((status = 200, body = RuleSets), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_rule_sets(
    State(platform): State<Platform>,
    worker: RuleReader,
    Query(query): Query<RuleSetsQuery>,
) -> Result<Json<RuleSets>, Problem> {
    let disease = query.disease.as_deref().map(disease).transpose()?;
    Ok(Json(shape(&platform.app.rule_sets(&worker, disease).await?)))
}

/// Shows the rules that hold on a day.
#[utoipa::path(get, path = "/api/v1/rule-sets/on", tag = "rule sets", extensions(("x-action" = json!("see_rules"))),
    params(RuleSetOnQuery),
    responses((status = 200, body = RulesOfDay), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn rule_set_on(
    State(platform): State<Platform>,
    worker: RuleReader,
    Query(query): Query<RuleSetOnQuery>,
) -> Result<Json<RulesOfDay>, Problem> {
    let disease = query.disease.as_deref().map(disease).transpose()?;
    let day = day("day", query.day.as_deref())?;
    let day = day.unwrap_or_else(|| domain::time::local_day(platform.app.now(), &worker.authority.time_zone));
    let found = platform.app.rule_set_on(&worker, disease, Some(day)).await?;
    let disease = found.rules.disease;
    Ok(Json(RulesOfDay {
        disease: disease.to_string(),
        day: day.to_string(),
        version: version(&found),
        settings: settings(disease),
    }))
}

/// Makes a new version of the rules. None is ever changed: the newest that holds on a day counts.
#[utoipa::path(post, path = "/api/v1/rule-sets", tag = "rule sets", extensions(("x-action" = json!("manage_rules"))),
    request_body = NewRuleSet,
    responses((status = 201, body = RuleSetVersion), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create_rule_set(
    State(platform): State<Platform>,
    worker: RuleMaker,
    Body(body): Body<NewRuleSet>,
) -> Result<(StatusCode, Json<RuleSetVersion>), Problem> {
    let made = platform.app.create_rule_set(&worker, &wanted(body)?).await?;
    Ok((StatusCode::CREATED, Json(version(&made))))
}

/// Says what a new version would change today, and stores nothing.
#[utoipa::path(post, path = "/api/v1/rule-sets/preview", tag = "rule sets",
    extensions(("x-action" = json!("manage_rules"))), request_body = NewRuleSet,
    responses((status = 200, body = RuleSetPreview), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn preview_rule_set(
    State(platform): State<Platform>,
    worker: RuleMaker,
    Body(body): Body<NewRuleSet>,
) -> Result<Json<RuleSetPreview>, Problem> {
    let preview = platform.app.preview_rule_set(&worker, &wanted(body)?).await?;
    Ok(Json(RuleSetPreview {
        version: preview.rules.version,
        changes: differences(&preview.changes),
        n_changed: preview.n_changed,
        n_at_work: preview.n_at_work,
        is_complete: preview.is_complete,
    }))
}

/// Ends a version early, by newer versions that hold instead: what would hold without it.
#[utoipa::path(post, path = "/api/v1/rule-sets/end", tag = "rule sets", extensions(("x-action" = json!("manage_rules"))),
    request_body = EndRuleSet,
    responses((status = 200, body = RuleSets), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn end_rule_set(
    State(platform): State<Platform>,
    worker: RuleMaker,
    Body(body): Body<EndRuleSet>,
) -> Result<Json<RuleSets>, Problem> {
    let end = EarlyEnd {
        disease: disease(&body.disease)?,
        version: body.version,
        newest_seen: Some(body.newest_seen),
        last: required_day("last", &body.last)?,
        past: past(body.past_decisions_stay),
    };
    platform.app.end_rule_set(&worker, &end).await?;
    Ok(Json(shape(&platform.app.rule_sets(&worker, Some(end.disease)).await?)))
}
