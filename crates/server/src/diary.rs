//! Diaries of cases, kept by staff on the telephone, and the symptoms that they ask for.

use crate::cases::written;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::request::{Body, Id, Ids, Query, day, instant, limit, required_day};
use crate::sign_in::{CaseReader, CaseWorker};
use app::case_work::{ChangedEntry, DiarySlot, NewEntry, Told};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use domain::diary::{DayPart, Slot};
use domain::diseases::Disease;
use domain::ids::{AccountId, CaseId, ContactId, EntryId};
use domain::languages::Language;
use domain::persons::Personal;
use domain::symptoms::{ListedSymptom, SOURCE};
use protocol::http::diary as http;
use protocol::http::problem::Problem as ProblemBody;
use std::collections::HashMap;
use storage::diary::DiaryEntry;

type Names = HashMap<AccountId, String>;

/// Who has no user name among the staff is the patient, or who acts for them.
fn name(names: &Names, account: AccountId) -> String {
    names.get(&account).cloned().unwrap_or_default()
}

fn shaped(entry: &DiaryEntry, names: &Names) -> http::DiaryEntry {
    http::DiaryEntry {
        entry_id: entry.entry_id.0,
        day: entry.slot.day.to_string(),
        part: entry.slot.part.to_string(),
        temperature_c: entry.temperature.map(|temperature| temperature.celsius()),
        symptoms: entry.symptoms.iter().map(ToString::to_string).collect(),
        contacts: entry.contacts.iter().map(|contact| contact.0).collect(),
        note: entry.note.as_ref().map(|note| note.expose().clone()),
        said_by: entry.said_by.to_string(),
        account: name(names, entry.account_id),
        created_at: entry.created_at.to_string(),
        changed_by: entry.changed.map(|(who, _)| name(names, who)),
        changed_at: entry.changed.map(|(_, at)| at.to_string()),
        rule_version: entry.rule_version,
    }
}

fn shaped_slot(slot: &DiarySlot, names: &Names) -> http::DiarySlot {
    http::DiarySlot {
        day: slot.slot.day.to_string(),
        part: slot.slot.part.to_string(),
        state: slot.state.to_string(),
        entry: slot.entry.as_ref().map(|entry| shaped(entry, names)),
        is_increased: slot.is_increased,
    }
}

pub(crate) fn slot(day: &str, part: &str) -> Result<Slot, Problem> {
    let day = required_day("day", day)?;
    let part = DayPart::find(part).ok_or_else(|| Problem::field("part", "choose morning or evening"))?;
    Ok(Slot { day, part })
}

/// Shows days of a diary, the newest first.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/diary", tag = "diary", operation_id = "diary_of_case",
    params(("case_id" = String, Path, format = Uuid), http::DiaryQuery),
    responses((status = 200, body = http::DiaryPage), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn diary_of_case(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
    Query(asked): Query<http::DiaryQuery>,
) -> Result<Json<http::DiaryPage>, Problem> {
    let before = day("before", asked.before.as_deref())?;
    let page = platform.app.diary(&worker, case_id, before, limit(asked.limit)?).await?;
    Ok(Json(http::DiaryPage {
        disease: page.disease.to_string(),
        items: page.slots.iter().map(|slot| shaped_slot(slot, &page.accounts)).collect(),
        begun_on: page.days.begun_on.to_string(),
        expected_last: written(page.days.expected_last),
        next: written(page.next),
        names_locked: platform.app.sealer(&worker).is_err(),
    }))
}

/// Writes an entry that was told on the telephone.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/diary", tag = "diary", operation_id = "write_diary",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::NewDiaryEntry,
    responses((status = 201, body = http::DiaryEntry), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn write_diary(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NewDiaryEntry>,
) -> Result<(StatusCode, Json<http::DiaryEntry>), Problem> {
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
    let entry = platform.app.write_diary(&worker, case_id, new).await?;
    let names = platform.app.names_of_accounts(&worker, &[entry.account_id]).await?;
    Ok((StatusCode::CREATED, Json(shaped(&entry, &names))))
}

/// Changes what an entry says.
#[utoipa::path(
    put, path = "/api/v1/cases/{case_id}/diary/{entry_id}", tag = "diary", operation_id = "change_diary",
    params(("case_id" = String, Path, format = Uuid), ("entry_id" = String, Path, format = Uuid)),
    request_body = http::ChangeDiaryEntry,
    responses((status = 200, body = http::DiaryEntry), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn change_diary(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(case_id, entry_id): Ids<CaseId, EntryId>,
    Body(body): Body<http::ChangeDiaryEntry>,
) -> Result<Json<http::DiaryEntry>, Problem> {
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
    let entry = platform.app.change_diary(&worker, case_id, wanted).await?;
    let who: Vec<AccountId> = std::iter::once(entry.account_id).chain(entry.changed.map(|(who, _)| who)).collect();
    let names = platform.app.names_of_accounts(&worker, &who).await?;
    Ok(Json(shaped(&entry, &names)))
}

fn shaped_symptom(listed: &ListedSymptom) -> http::ListedSymptom {
    let names = Language::ALL.iter().map(|one| (one.to_string(), listed.symptom.name(*one).to_owned()));
    http::ListedSymptom {
        symptom: listed.symptom.to_string(),
        names: names.collect(),
        characteristic: listed.characteristic,
        suspicious_for_index: listed.suspicious_for_index,
        suspicious_for_contacts: listed.suspicious_for_contacts,
    }
}

/// Lists the symptoms that the diary of a disease asks for.
#[utoipa::path(
    get, path = "/api/v1/diseases/{disease}/symptoms", tag = "diary", operation_id = "symptoms_of_disease",
    params(("disease" = String, Path)),
    responses((status = 200, body = http::SymptomCatalogue), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn symptoms_of_disease(
    _reader: CaseReader,
    Path(disease): Path<String>,
) -> Result<Json<http::SymptomCatalogue>, Problem> {
    let disease = Disease::find(&disease).ok_or_else(|| Problem::new(Kind::NotFound))?;
    let profile = disease.profile();
    Ok(Json(http::SymptomCatalogue {
        disease: disease.to_string(),
        name: profile.name.to_owned(),
        items: profile.symptoms.value.iter().map(shaped_symptom).collect(),
        terms_source: SOURCE.to_owned(),
        source: profile.symptoms.source.to_owned(),
        caution: profile.symptoms.caution.to_owned(),
    }))
}
