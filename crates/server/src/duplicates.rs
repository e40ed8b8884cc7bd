//! Who may be stored twice: proposed while somebody types, and for a person who is stored.

use crate::cases::open;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id};
use crate::sign_in::CaseReader;
use axum::Json;
use axum::extract::State;
use domain::ids::PersonId;
use domain::persons::{Personal, PersonalField};
use protocol::http::duplicates::{Duplicate, Duplicates, PersonDraft};
use protocol::http::problem::Problem as ProblemBody;

fn draft(asked: PersonDraft) -> Result<app::duplicates::PersonDraft, Problem> {
    let born = asked.born.filter(|text| !text.trim().is_empty());
    let born = born.map(|text| text.trim().parse().map(Personal::new)).transpose();
    Ok(app::duplicates::PersonDraft {
        first_name: asked.first_name.map(Personal::new),
        last_name: asked.last_name.map(Personal::new),
        born: born.map_err(|_| Problem::field("born", "write it as 1985-03-12"))?,
        phones: asked.phones.into_iter().map(Personal::new).collect(),
        emails: asked.emails.into_iter().map(Personal::new).collect(),
        postcode: asked.postcode,
    })
}

pub(crate) fn duplicate(one: &app::duplicates::Duplicate) -> Duplicate {
    let field = |field| open(one.person.personal.get(&field));
    Duplicate {
        person_id: one.person.person_id.0,
        reference: one.reference.clone(),
        first_name: field(PersonalField::FirstName),
        last_name: field(PersonalField::LastName),
        born: field(PersonalField::Born),
        postcode: one.person.postcode.clone(),
        case_id: one.case.as_ref().map(|case| case.case_id.0),
        disease: one.case.as_ref().map(|case| case.disease.to_string()),
        score: one.score,
        reasons: one.reasons.iter().map(ToString::to_string).collect(),
    }
}

fn duplicates(found: &app::duplicates::Duplicates) -> Duplicates {
    Duplicates { items: found.found.iter().map(duplicate).collect(), capped: found.is_capped }
}

/// Proposes who may be the person that is being typed, the most alike first.
#[utoipa::path(post, path = "/api/v1/persons/duplicates", tag = "persons", extensions(("x-action" = json!("see_cases"))), request_body = PersonDraft,
    responses((status = 200, body = Duplicates), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn duplicates_of_draft(
    State(platform): State<Platform>,
    worker: CaseReader,
    Body(asked): Body<PersonDraft>,
) -> Result<Json<Duplicates>, Problem> {
    let found = platform.app.duplicates_of(&worker, &draft(asked)?).await?;
    Ok(Json(duplicates(&found)))
}

/// Proposes who may be the same as a person who is stored, the most alike first.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/duplicates", tag = "persons", extensions(("x-action" = json!("see_cases"))),
    params(("person_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Duplicates), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn duplicates_of_person(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(person_id): Id<PersonId>,
) -> Result<Json<Duplicates>, Problem> {
    Ok(Json(duplicates(&platform.app.duplicates_of_person(&worker, person_id).await?)))
}
