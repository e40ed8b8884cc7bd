//! What an authority tells everybody: read without signing in, written by administrators.

use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::request::{Body, Query};
use crate::sign_in::{TextManager, address};
use app::public_texts::{OwnText, TextQuery};
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use domain::authorities::ShortCode;
use domain::languages::Language;
use domain::public_texts::PublicTextKind;
use protocol::http::page::Page;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::public_texts as http;

/// Somebody who reads without having signed in, and hasn't read too often of late.
pub struct Anybody;

impl FromRequestParts<Platform> for Anybody {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        platform.limits().reading_from(address(parts, platform))?;
        Ok(Self)
    }
}

fn shape(text: OwnText) -> http::OwnPublicText {
    let (changed_at, changed_by) = text.changed.map(|(at, by)| (at.to_string(), by)).unzip();
    http::OwnPublicText {
        kind: text.kind.to_string(),
        language: text.language.to_string(),
        version: text.version,
        markup: text.markup,
        changed_at,
        changed_by,
        is_required: text.is_required,
    }
}

/// A text and a language in a path; what is none of ours isn't found.
fn named(path: Result<Path<(String, String)>, PathRejection>) -> Result<(PublicTextKind, Language), Problem> {
    let unknown = || Problem::new(Kind::NotFound);
    let Path((kind, language)) = path.map_err(|_| unknown())?;
    Ok((PublicTextKind::find(&kind).ok_or_else(unknown)?, Language::find(&language).ok_or_else(unknown)?))
}

/// Lists which texts of an authority everybody can read.
#[utoipa::path(
    get, path = "/api/v1/authorities/{short_code}/texts", tag = "texts", operation_id = "read_public_texts",
    security(()), params(("short_code" = String, Path)),
    responses((status = 200, body = http::PublicTexts), (status = "4XX", body = ProblemBody)),
)]
pub async fn read_public_texts(
    _: Anybody,
    State(platform): State<Platform>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<http::PublicTexts>, Problem> {
    let unknown = || Problem::new(Kind::NotFound);
    let Path(code) = path.map_err(|_| unknown())?;
    let shown = platform.app.shown_texts(&ShortCode::new(&code).map_err(|_| unknown())?).await?;
    let kinds = shown.kinds.iter().map(ToString::to_string).collect();
    Ok(Json(http::PublicTexts { authority: shown.authority, kinds }))
}

/// Shows what an authority tells everybody: in the language that is wanted, then, below a line, in the authority's own.
#[utoipa::path(
    get, path = "/api/v1/authorities/{short_code}/texts/{text_kind}", tag = "texts", operation_id = "read_public_text",
    security(()), params(("short_code" = String, Path), ("text_kind" = String, Path), http::PublicTextQuery),
    responses((status = 200, body = http::PublicText), (status = "4XX", body = ProblemBody)),
)]
pub async fn read_public_text(
    _: Anybody,
    State(platform): State<Platform>,
    path: Result<Path<(String, String)>, PathRejection>,
    Query(query): Query<http::PublicTextQuery>,
) -> Result<Json<http::PublicText>, Problem> {
    let unknown = || Problem::new(Kind::NotFound);
    let Path((code, kind)) = path.map_err(|_| unknown())?;
    let code = ShortCode::new(&code).map_err(|_| unknown())?;
    let kind = PublicTextKind::find(&kind).ok_or_else(unknown)?;
    let none = || Problem::field("language", "choose de, en or tr");
    let language = query.language.as_deref().map(|tag| Language::find(tag).ok_or_else(none)).transpose()?;
    let text = platform.app.public_text(&code, TextQuery { kind, language, version: query.version }).await?;
    let html = text.html();
    let part = |part: app::public_texts::ShownPart| http::PublicTextPart {
        language: part.language.to_string(),
        version: part.version,
        since: part.since.to_string(),
        html: part.html,
    };
    let parts = text.parts.into_iter().map(part).collect();
    Ok(Json(http::PublicText { kind: kind.to_string(), authority: text.authority, html, parts }))
}

/// Lists what the authority tells everybody, in all languages.
#[utoipa::path(
    get, path = "/api/v1/public-texts", tag = "texts", operation_id = "list_public_texts",
    responses((status = 200, body = Page<http::OwnPublicText>), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("manage_texts"))),
)]
pub async fn list_public_texts(
    State(platform): State<Platform>,
    worker: TextManager,
) -> Result<Json<Page<http::OwnPublicText>>, Problem> {
    let all = platform.app.public_texts(&worker).await?;
    Ok(Json(Page::whole(all.into_iter().map(shape).collect())))
}

/// Puts a text in force. What somebody agreed to before is kept.
#[utoipa::path(
    put, path = "/api/v1/public-texts/{text_kind}/{language}", tag = "texts", operation_id = "change_public_text",
    params(("text_kind" = String, Path), ("language" = String, Path)), request_body = http::PublicTextChange,
    responses((status = 200, body = http::OwnPublicText), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("manage_texts"))),
)]
pub async fn change_public_text(
    State(platform): State<Platform>,
    worker: TextManager,
    path: Result<Path<(String, String)>, PathRejection>,
    Body(body): Body<http::PublicTextChange>,
) -> Result<Json<http::OwnPublicText>, Problem> {
    let which = named(path)?;
    Ok(Json(shape(platform.app.change_public_text(&worker, which, body.version, body.markup).await?)))
}

/// Lists all versions of a text, newest first.
#[utoipa::path(
    get, path = "/api/v1/public-texts/{text_kind}/{language}/versions", tag = "texts",
    operation_id = "public_text_versions", params(("text_kind" = String, Path), ("language" = String, Path)),
    responses((status = 200, body = Page<http::OwnPublicText>), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("manage_texts"))),
)]
pub async fn public_text_versions(
    State(platform): State<Platform>,
    worker: TextManager,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Page<http::OwnPublicText>>, Problem> {
    let (kind, language) = named(path)?;
    let versions = platform.app.public_text_versions(&worker, kind, language).await?;
    Ok(Json(Page::whole(versions.into_iter().map(shape).collect())))
}

/// Shows what a text looks like, and checks it. Nothing is stored.
#[utoipa::path(
    post, path = "/api/v1/public-texts/{text_kind}/{language}/preview", tag = "texts",
    operation_id = "preview_public_text", params(("text_kind" = String, Path), ("language" = String, Path)),
    request_body = http::PublicTextDraft,
    responses((status = 200, body = http::PublicTextPreview), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("manage_texts"))),
)]
pub async fn preview_public_text(
    State(platform): State<Platform>,
    worker: TextManager,
    path: Result<Path<(String, String)>, PathRejection>,
    Body(body): Body<http::PublicTextDraft>,
) -> Result<Json<http::PublicTextPreview>, Problem> {
    named(path)?;
    Ok(Json(http::PublicTextPreview { html: platform.app.preview_public_text(&worker, &body.markup)? }))
}
