//! A patient's own diary, and what they want of the authority.

use crate::cases::written;
use crate::diary::slot;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Ids, Query, day, instant, limit};
use crate::sign_in::PatientCaller;
use app::case_work::{ChangedEntry, NewEntry, NewWords, OwnDiarySlot, Told, Wish};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{CaseId, CommentId, ContactId, EntryId};
use domain::persons::Personal;
use protocol::http::diary::{ChangeDiaryEntry, DiaryQuery, NewDiaryEntry};
use protocol::http::patient as http;
use protocol::http::problem::Problem as ProblemBody;
use storage::diary::DiaryEntry;

fn entry(entry: &DiaryEntry) -> http::OwnDiaryEntry {
    http::OwnDiaryEntry {
        entry_id: entry.entry_id.0,
        temperature_c: entry.temperature.map(|temperature| temperature.celsius()),
        symptoms: entry.symptoms.iter().map(ToString::to_string).collect(),
        contacts: entry.contacts.iter().map(|contact| contact.0).collect(),
        note: entry.note.as_ref().map(|note| note.expose().clone()),
        said_by: entry.said_by.to_string(),
        created_at: entry.created_at.to_string(),
        changed_at: entry.changed.map(|(_, at)| at.to_string()),
    }
}

fn shaped(one: &OwnDiarySlot) -> http::OwnDiarySlot {
    http::OwnDiarySlot {
        day: one.own.slot.day.to_string(),
        part: one.own.slot.part.to_string(),
        state: one.own.state.to_string(),
        may_write: one.own.may_write,
        due_at: one.own.due_at.to_string(),
        until: one.own.until.to_string(),
        entry: one.entry.as_ref().map(entry),
    }
}

/// Shows a patient their own diary, the newest day first.
#[utoipa::path(
    get, path = "/api/v1/patient/cases/{case_id}/diary", tag = "patients", operation_id = "own_diary",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid), DiaryQuery),
    responses((status = 200, body = http::OwnDiary), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn own_diary(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
    Query(asked): Query<DiaryQuery>,
) -> Result<Json<http::OwnDiary>, Problem> {
    let before = day("before", asked.before.as_deref())?;
    let diary = platform.app.own_diary(&patient, case_id, before, limit(asked.limit)?).await?;
    Ok(Json(http::OwnDiary {
        today: diary.current.day.to_string(),
        part: diary.current.part.to_string(),
        time_zone: patient.authority.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        items: diary.slots.iter().map(shaped).collect(),
        last_day: written(diary.last),
        next: written(diary.next),
    }))
}

/// Writes an entry into a patient's own diary.
#[utoipa::path(
    post, path = "/api/v1/patient/cases/{case_id}/diary", tag = "patients", operation_id = "write_own_diary",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)), request_body = NewDiaryEntry,
    responses((status = 201, body = http::OwnDiarySlot), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn write_own_diary(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
    Body(body): Body<NewDiaryEntry>,
) -> Result<(StatusCode, Json<http::OwnDiarySlot>), Problem> {
    let new = NewEntry {
        entry_id: EntryId(body.entry_id),
        slot: slot(&body.day, &body.part)?,
        told: Told {
            temperature_c: body.temperature_c,
            temperature_confirmed: body.temperature_confirmed,
            symptoms: body.symptoms,
            contacts: body.contacts.into_iter().map(ContactId).collect(),
            note: body.note.map(Personal::new),
        },
    };
    let written = platform.app.write_own_diary(&patient, case_id, new).await?;
    Ok((StatusCode::CREATED, Json(shaped(&written))))
}

/// Changes an entry of a patient's own diary.
#[utoipa::path(
    put, path = "/api/v1/patient/cases/{case_id}/diary/{entry_id}", tag = "patients",
    operation_id = "change_own_diary", security(("patient" = [])),
    params(("case_id" = String, Path, format = Uuid), ("entry_id" = String, Path, format = Uuid)),
    request_body = ChangeDiaryEntry,
    responses((status = 200, body = http::OwnDiarySlot), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn change_own_diary(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Ids(case_id, entry_id): Ids<CaseId, EntryId>,
    Body(body): Body<ChangeDiaryEntry>,
) -> Result<Json<http::OwnDiarySlot>, Problem> {
    let wanted = ChangedEntry {
        entry_id,
        seen: instant("seen", body.seen.as_deref())?,
        told: Told {
            temperature_c: body.temperature_c,
            temperature_confirmed: body.temperature_confirmed,
            symptoms: body.symptoms,
            contacts: body.contacts.into_iter().map(ContactId).collect(),
            note: body.note.map(Personal::new),
        },
    };
    Ok(Json(shaped(&platform.app.change_own_diary(&patient, case_id, wanted).await?)))
}

/// Asks the authority to call back, or to read what is written.
#[utoipa::path(
    post, path = "/api/v1/patient/cases/{case_id}/messages", tag = "patients", operation_id = "write_to_authority",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)),
    request_body = http::WriteToAuthority,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn write_to_authority(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::WriteToAuthority>,
) -> Result<StatusCode, Problem> {
    let wish = match body.wish.as_str() {
        "call_back" => Wish::CallBack,
        "be_read" => Wish::BeRead,
        _ => return Err(Problem::field("wish", "choose call_back or be_read")),
    };
    platform.limits().message_of(patient.patient_id)?;
    let new = NewWords { message_id: CommentId(body.message_id), wish, text: body.text.map(Personal::new) };
    platform.app.write_to_authority(&patient, case_id, new).await?;
    Ok(StatusCode::NO_CONTENT)
}
