//! Persons, with or without a case.

use crate::cases::{in_brief, matched, open};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id};
use crate::sign_in::CaseReader;
use app::persons::PersonSheet;
use axum::Json;
use axum::extract::State;
use domain::ids::PersonId;
use domain::persons::PersonalField;
use protocol::http::page::Page;
use protocol::http::persons::{FoundPerson, Person, PersonSearch};
use protocol::http::problem::Problem as ProblemBody;

fn sheet(sheet: PersonSheet) -> Person {
    let field = |field| sheet.person.as_ref().and_then(|person| open(person.personal.get(&field)));
    Person {
        person_id: sheet.person_id.0,
        reference: sheet.references.first().cloned(),
        first_name: field(PersonalField::FirstName),
        last_name: field(PersonalField::LastName),
        born: field(PersonalField::Born),
        sex: sheet.person.as_ref().and_then(|person| person.sex.clone()),
        phone: field(PersonalField::Phone),
        mobile: field(PersonalField::Mobile),
        language: sheet.person.as_ref().and_then(|person| person.language.clone()),
        email: field(PersonalField::Email),
        street: field(PersonalField::Street),
        house_number: field(PersonalField::HouseNumber),
        postcode: sheet.person.as_ref().and_then(|person| person.postcode.clone()),
        city: field(PersonalField::City),
        cases: sheet.cases.iter().map(in_brief).collect(),
        names_locked: sheet.person.is_none(),
        references: sheet.references,
    }
}

fn found(found: &app::persons::FoundPerson) -> FoundPerson {
    FoundPerson {
        person_id: found.name.person_id.0,
        reference: found.reference.clone(),
        first_name: open(found.name.first_name.as_ref()),
        last_name: open(found.name.last_name.as_ref()),
        born: open(found.name.born.as_ref()),
        case_id: found.case.as_ref().map(|case| case.case_id.0),
        disease: found.case.as_ref().map(|case| case.disease.to_string()),
        matched: matched(found.matched),
    }
}

/// Finds persons by name or reference, the best twenty, also those without a case.
#[utoipa::path(post, path = "/api/v1/persons/search", tag = "persons", extensions(("x-action" = json!("see_cases"))), request_body = PersonSearch,
    responses((status = 200, body = Page<FoundPerson>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn search_persons(
    State(platform): State<Platform>,
    worker: CaseReader,
    Body(asked): Body<PersonSearch>,
) -> Result<Json<Page<FoundPerson>>, Problem> {
    let persons = platform.app.search_persons(&worker, &asked.text).await?;
    Ok(Json(Page::whole(persons.iter().map(found).collect())))
}

/// Shows a person with all that is known of them.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}", tag = "persons", extensions(("x-action" = json!("see_cases"))),
    params(("person_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Person), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn show_person(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(person_id): Id<PersonId>,
) -> Result<Json<Person>, Problem> {
    Ok(Json(sheet(platform.app.person(&worker, person_id).await?)))
}
