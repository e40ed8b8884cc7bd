//! Contacts that cases declare.

use crate::cases::range;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Ids, required_day, typed};
use crate::sign_in::{CaseReader, CaseWorker};
use app::case_work::{NewContact, SeenContact, SeenContacts, WhosePerson};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::contacts::{ContactKind, Said};
use domain::ids::{CaseId, ContactId, PersonId};
use domain::time::DayRange;
use protocol::http::contacts as http;
use protocol::http::problem::Problem as ProblemBody;

pub(crate) fn said(body: http::Said) -> Said {
    Said {
        first_name: typed(body.first_name),
        last_name: typed(body.last_name),
        phone: typed(body.phone),
        mobile: typed(body.mobile),
        email: typed(body.email),
        address: typed(body.address),
        hint: typed(body.hint),
        remark: typed(body.remark),
        is_health_staff: body.is_health_staff,
        is_senior: body.is_senior,
        has_condition: body.has_condition,
    }
}

/// Shapes what was said of a contact.
pub(crate) fn shaped_said(said: &Said) -> http::Said {
    http::Said {
        first_name: said.first_name.clone(),
        last_name: said.last_name.clone(),
        phone: said.phone.clone(),
        mobile: said.mobile.clone(),
        email: said.email.clone(),
        address: said.address.clone(),
        hint: said.hint.clone(),
        remark: said.remark.clone(),
        is_health_staff: said.is_health_staff,
        is_senior: said.is_senior,
        has_condition: said.has_condition,
    }
}

fn shaped(seen: &SeenContact) -> http::DeclaredContact {
    let contact = &seen.contact;
    let (first_name, last_name) = seen.declared_by.as_ref().map(|names| names.expose().clone()).unwrap_or_default();
    http::DeclaredContact {
        contact_id: contact.contact_id.0,
        case_id: contact.case_id.0,
        declared_by: contact.person_id.0,
        declared_by_first_name: first_name,
        declared_by_last_name: last_name,
        person_id: contact.met.0,
        contact_case_id: contact.contact_case.map(|case| case.0),
        contact_status: seen.status.map(|status| status.to_string()),
        elsewhere: seen.elsewhere.clone(),
        kind: contact.kind.to_string(),
        days: range(contact.days),
        inside: contact.inside,
        said: contact.said.as_ref().map(|one| shaped_said(one.expose())),
        declared_at: contact.declared_at.to_string(),
    }
}

fn list(found: &SeenContacts, names_locked: bool) -> http::DeclaredContacts {
    let items = found.contacts.iter().map(shaped).collect();
    http::DeclaredContacts { items, says_no_contacts: found.says_no_contacts, names_locked }
}

/// Reads how somebody met somebody.
pub(crate) fn kind(word: &str) -> Result<ContactKind, Problem> {
    let kinds: Vec<&str> = ContactKind::ALL.iter().map(|kind| kind.as_str()).collect();
    ContactKind::find(word).ok_or_else(|| Problem::field("kind", format!("choose one of {}", kinds.join(", "))))
}

/// Reads on which days.
pub(crate) fn met_on(first: &str, last: &str) -> Result<DayRange, Problem> {
    let (first, last) = (required_day("first_day", first)?, required_day("last_day", last)?);
    DayRange::new(first, last).map_err(|_| Problem::field("last_day", "the last day lies before the first"))
}

/// Takes a contact down.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/contacts", tag = "contacts", operation_id = "declare_contact",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::NewContact,
    responses((status = 201, body = http::DeclaredContact), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn declare_contact(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NewContact>,
) -> Result<(StatusCode, Json<http::DeclaredContact>), Problem> {
    let person_id = PersonId(body.person_id);
    let new = NewContact {
        contact_id: ContactId(body.contact_id),
        met: if body.person_is_known { WhosePerson::Known(person_id) } else { WhosePerson::New(person_id) },
        case_id: CaseId(body.case_id),
        // In the order of the form.
        days: met_on(&body.first_day, &body.last_day)?,
        kind: kind(&body.kind)?,
        said: said(body.said),
    };
    let declared = platform.app.declare_contact(&worker, case_id, new).await?;
    Ok((StatusCode::CREATED, Json(shaped(&declared))))
}

/// Lists what a case declared.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/contacts", tag = "contacts", operation_id = "declared_contacts",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::DeclaredContacts), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn declared_contacts(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::DeclaredContacts>, Problem> {
    let found = platform.app.declared_contacts(&worker, case_id).await?;
    let names_locked = platform.app.sealer(&worker).is_err();
    Ok(Json(list(&found, names_locked)))
}

/// Lists the declarations from which a contact's case comes.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/origins", tag = "contacts", operation_id = "origins_of_case",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::DeclaredContacts), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn origins_of_case(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::DeclaredContacts>, Problem> {
    let found = platform.app.origins_of_case(&worker, case_id).await?;
    let names_locked = platform.app.sealer(&worker).is_err();
    Ok(Json(list(&found, names_locked)))
}

/// Deletes a meeting that was declared by mistake. A case that was opened of it stays.
#[utoipa::path(
    delete, path = "/api/v1/cases/{case_id}/contacts/{contact_id}", tag = "contacts", operation_id = "delete_contact",
    params(("case_id" = String, Path, format = Uuid), ("contact_id" = String, Path, format = Uuid)),
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn delete_contact(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(case_id, contact_id): Ids<CaseId, ContactId>,
) -> Result<StatusCode, Problem> {
    platform.app.delete_contact(&worker, case_id, contact_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
