//! Two persons who are one: compared, merged, parted again; and who is known not to be the same.

use crate::cases::range;
use crate::duplicates::duplicate;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Ids, Query, instant};
use crate::sign_in::{CaseReader, CaseWorker};
use app::case_work::{MergeWish, Seen, undo_until};
use app::duplicates::Distinct;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{CaseId, HistoryId, MergeId, PatientId, PersonId};
use domain::merges::Takes;
use domain::persons::{Personal, PersonalField};
use protocol::http::cases::DayRange;
use protocol::http::merges as http;
use protocol::http::problem::Problem as ProblemBody;
use serde::Deserialize;
use std::collections::BTreeMap;
use storage::merges::Merge;

fn text(value: Option<&Personal<String>>) -> Option<String> {
    value.map(|value| value.expose().clone())
}

fn comparison(field: &app::case_work::FieldComparison) -> http::FieldComparison {
    http::FieldComparison {
        field: field.field.clone(),
        kept: text(field.kept.as_ref()),
        other: text(field.other.as_ref()),
        takes: field.takes.to_string(),
    }
}

fn cases(case: &app::case_work::CaseComparison) -> http::CaseComparison {
    http::CaseComparison {
        disease: case.disease.to_string(),
        kept_case_id: case.kept.0,
        kept_of: case.kept_of.0,
        folded_case_id: case.folded.0,
        fields: case.fields.iter().map(comparison).collect(),
        case_type: case.case_type.to_string(),
        classification: case.classification.to_string(),
        status: case.status.to_string(),
        quarantine: case.quarantine.map(range),
        proposed_quarantine: case.proposed_quarantine.map(range),
    }
}

fn account(account: &app::case_work::ActingAccount) -> http::ActingAccount {
    http::ActingAccount {
        patient_id: account.patient_id.0,
        user_name: account.user_name.expose().clone(),
        created_at: account.created_at.to_string(),
        acts_for_kept: account.acts_for_kept,
        acts_for_other: account.acts_for_other,
        acts_for_others: account.acts_for_others,
    }
}

fn merge(merge: &Merge, account: String, until: Option<jiff::Timestamp>) -> http::Merge {
    let proposed = |(case, first, last): &(uuid::Uuid, String, String)| http::ProposedQuarantine {
        case_id: *case,
        days: DayRange { first: first.clone(), last: last.clone() },
    };
    let folded =
        |fold: &storage::merges::Fold| http::FoldedCase { kept_case_id: fold.kept.0, folded_case_id: fold.folded.0 };
    http::Merge {
        merge_id: merge.merge_id.0,
        person_id: merge.person_id.0,
        gone_id: merge.gone_id.0,
        account,
        merged_at: merge.merged_at.to_string(),
        undone_at: merge.undone_at.map(|at| at.to_string()),
        undo_until: until.map(|at| at.to_string()),
        moved: merge.told.moved.clone(),
        cases: merge.told.folds.iter().map(folded).collect(),
        n_between: merge.told.n_between,
        proposed_quarantines: merge.told.proposed.iter().map(proposed).collect(),
    }
}

fn choices(values: BTreeMap<String, String>) -> Result<BTreeMap<String, Takes>, Problem> {
    let read = |(field, word): (String, String)| {
        let takes = Takes::find(&word).ok_or_else(|| Problem::field("values", "choose kept or other"))?;
        Ok((field, takes))
    };
    values.into_iter().map(read).collect()
}

/// Shows what a merge would do: what differs, what moves, which cases become one.
#[utoipa::path(post, path = "/api/v1/persons/{person_id}/merge/preview", tag = "persons", operation_id = "preview_merge",
    extensions(("x-action" = json!("work_on_cases"))), params(("person_id" = uuid::Uuid, Path)), request_body = http::MergeWith,
    responses((status = 200, body = http::MergePreview), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn preview_merge(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(person_id): Id<PersonId>,
    Body(body): Body<http::MergeWith>,
) -> Result<Json<http::MergePreview>, Problem> {
    let preview = platform.app.preview_merge(&worker, person_id, PersonId(body.other_id)).await?;
    Ok(Json(http::MergePreview {
        person_id: preview.person_id.0,
        other_id: preview.other_id.0,
        fields: preview.fields.iter().map(comparison).collect(),
        cases: preview.cases.iter().map(cases).collect(),
        accounts: preview.accounts.iter().map(account).collect(),
        moves: preview.moves,
        n_between: preview.n_between,
        seen: http::SeenOfBoth { kept: preview.seen.kept.map(|id| id.0), other: preview.seen.other.map(|id| id.0) },
    }))
}

/// Merges a person into the one of the path. It can be undone for thirty days.
#[utoipa::path(post, path = "/api/v1/persons/{person_id}/merge", tag = "persons", operation_id = "merge_persons",
    extensions(("x-action" = json!("work_on_cases"))), params(("person_id" = uuid::Uuid, Path)), request_body = http::NewMerge,
    responses((status = 201, body = http::Merge), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn merge_persons(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(person_id): Id<PersonId>,
    Body(body): Body<http::NewMerge>,
) -> Result<(StatusCode, Json<http::Merge>), Problem> {
    let mut cases = BTreeMap::new();
    for case in body.cases {
        cases.insert(CaseId(case.folded_case_id), choices(case.values)?);
    }
    let wish = MergeWish {
        merge_id: MergeId(body.merge_id),
        other: PersonId(body.other_id),
        values: choices(body.values)?,
        cases,
        account: body.account.map(PatientId),
        seen: Seen { kept: body.seen.kept.map(HistoryId), other: body.seen.other.map(HistoryId) },
    };
    let done = platform.app.merge_persons(&worker, person_id, &wish).await?;
    let lines = platform.app.merges_of_person(&worker, done.person_id).await?;
    let account = lines.into_iter().find(|line| line.merge.merge_id == done.merge_id).map(|line| line.account);
    Ok((StatusCode::CREATED, Json(merge(&done, account.unwrap_or_default(), Some(undo_until(&done))))))
}

/// Lists the merges into a person of the last thirty days, the newest first.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/merges", tag = "persons", operation_id = "merges_of_person",
    extensions(("x-action" = json!("see_cases"))), params(("person_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::Merges), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn merges_of_person(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(person_id): Id<PersonId>,
) -> Result<Json<http::Merges>, Problem> {
    let lines = platform.app.merges_of_person(&worker, person_id).await?;
    let items = lines.into_iter().map(|line| merge(&line.merge, line.account, line.undo_until)).collect();
    Ok(Json(http::Merges { items }))
}

/// Undoes a merge. What was added since stays with the person who stayed, and is listed.
#[utoipa::path(post, path = "/api/v1/merges/{merge_id}/undo", tag = "persons", operation_id = "undo_merge",
    extensions(("x-action" = json!("work_on_cases"))), params(("merge_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::UndoneMerge), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn undo_merge(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(merge_id): Id<MergeId>,
) -> Result<Json<http::UndoneMerge>, Problem> {
    let done = platform.app.undo_merge(&worker, merge_id).await?;
    let changed = done.undone.changed_since.iter().map(|(table, column)| format!("{table}.{column}"));
    Ok(Json(http::UndoneMerge {
        merge_id: done.merge.merge_id.0,
        person_id: done.merge.person_id.0,
        gone_id: done.merge.gone_id.0,
        changed_since: changed.collect(),
        stays: done.undone.stays,
    }))
}

/// Remembers that two persons are not the same, so that they aren't proposed again.
#[utoipa::path(put, path = "/api/v1/persons/{person_id}/distinct/{other_id}", tag = "persons", operation_id = "mark_distinct",
    extensions(("x-action" = json!("work_on_cases"))),
    params(("person_id" = uuid::Uuid, Path), ("other_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn mark_distinct(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(person_id, other_id): Ids<PersonId, PersonId>,
) -> Result<StatusCode, Problem> {
    platform.app.set_distinct(&worker, (person_id, other_id), Distinct::Yes).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets that two persons are not the same.
#[utoipa::path(delete, path = "/api/v1/persons/{person_id}/distinct/{other_id}", tag = "persons", operation_id = "unmark_distinct",
    extensions(("x-action" = json!("work_on_cases"))),
    params(("person_id" = uuid::Uuid, Path), ("other_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn unmark_distinct(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(person_id, other_id): Ids<PersonId, PersonId>,
) -> Result<StatusCode, Problem> {
    platform.app.set_distinct(&worker, (person_id, other_id), Distinct::Unknown).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// When newcomers came.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct NewcomerQuery {
    /// Stored from this instant.
    #[param(format = DateTime)]
    from: String,
    /// Until this one.
    #[param(format = DateTime)]
    until: String,
    /// After this person: `next` of the page before.
    after: Option<uuid::Uuid>,
}

/// Lists who was stored in a time and looks like somebody who was there before.
#[utoipa::path(get, path = "/api/v1/possible-duplicates", tag = "persons", operation_id = "possible_duplicates",
    extensions(("x-action" = json!("see_cases"))), params(NewcomerQuery),
    responses((status = 200, body = http::Newcomers), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn possible_duplicates(
    State(platform): State<Platform>,
    worker: CaseReader,
    Query(query): Query<NewcomerQuery>,
) -> Result<Json<http::Newcomers>, Problem> {
    let at = |field, text: &str| instant(field, Some(text))?.ok_or_else(|| Problem::field(field, "say when"));
    let window = (at("from", &query.from)?, at("until", &query.until)?);
    let found = platform.app.possible_duplicates(&worker, window, query.after.map(PersonId)).await?;
    let newcomer = |one: &app::duplicates::Newcomer| {
        let field = |field| text(one.person.personal.get(&field));
        http::Newcomer {
            person_id: one.person.person_id.0,
            reference: one.reference.clone(),
            first_name: field(PersonalField::FirstName),
            last_name: field(PersonalField::LastName),
            born: field(PersonalField::Born),
            duplicates: one.duplicates.iter().map(duplicate).collect(),
        }
    };
    Ok(Json(http::Newcomers {
        items: found.items.iter().map(newcomer).collect(),
        n_compared: found.n_compared,
        next: found.next.map(|id| id.0),
    }))
}
