//! Keys of programs.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id};
use crate::sign_in::Person;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::authorities::Action;
use domain::ids::TokenId;
use protocol::http::page::Page;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::tokens::{MadeToken, NewToken, Token};
use storage::api_tokens::ApiToken;

fn shape(token: &ApiToken) -> Token {
    Token {
        token_id: token.token_id.0,
        name: token.name.clone(),
        scopes: token.scopes.split(' ').map(str::to_owned).collect(),
        created_at: token.created_at.to_string(),
        expires_at: token.expires_at.to_string(),
        last_used_on: token.last_used_on.map(|day| day.to_string()),
    }
}

/// Lists the keys that one has made in this authority.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens",
    responses((status = 200, body = Page<Token>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_tokens(State(platform): State<Platform>, person: Person) -> Result<Json<Page<Token>>, Problem> {
    let tokens = platform.app.list_tokens(&person.signed).await?;
    Ok(Json(Page::whole(tokens.iter().map(shape).collect())))
}

/// Makes a key.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = NewToken,
    responses((status = 201, body = MadeToken), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn make_token(
    State(platform): State<Platform>,
    person: Person,
    Body(body): Body<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), Problem> {
    let known = |scope: &String| {
        Action::find(scope).ok_or_else(|| Problem::field("scopes", "a scope is unknown; the session lists them"))
    };
    let scopes = body.scopes.iter().map(known).collect::<Result<Vec<_>, _>>()?;
    let (token, secret) = platform.app.make_token(&person.signed, &body.name, &scopes, body.days).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { made: shape(&token), token: secret.expose().to_owned() })))
}

/// Deletes a key.
#[utoipa::path(delete, path = "/api/v1/tokens/{token_id}", tag = "tokens", params(("token_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn delete_token(
    State(platform): State<Platform>,
    person: Person,
    Id(token): Id<TokenId>,
) -> Result<StatusCode, Problem> {
    platform.app.delete_token(&person.signed, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
