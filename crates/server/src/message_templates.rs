//! The texts of mails and letters: seen, previewed, changed.

use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::request::Body;
use crate::sign_in::TextManager;
use app::messages::Template;
use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use domain::languages::Language;
use domain::messages::MessageKind;
use protocol::http::messages::{MessagePreview, MessageTemplate, MessageTemplateChange, MessageTexts};
use protocol::http::page::Page;
use protocol::http::problem::Problem as ProblemBody;
use storage::message_templates::Texts;

fn shape(template: Template) -> MessageTemplate {
    let Texts { subject, text, html } = template.texts;
    let (changed_at, changed_by) = template.changed.map(|(at, by)| (at.to_string(), by)).unzip();
    MessageTemplate {
        kind: template.kind.to_string(),
        language: template.language.to_string(),
        version: template.version,
        is_own: template.is_own,
        texts: MessageTexts { subject, text, html },
        variables: template.kind.variables().iter().map(ToString::to_string).collect(),
        is_printed: template.kind.is_printed(),
        changed_at,
        changed_by,
    }
}

fn texts(body: MessageTexts) -> Texts {
    Texts { subject: body.subject, text: body.text, html: body.html }
}

/// A kind and a language in a path; what is none of ours isn't found.
fn named(path: Result<Path<(String, String)>, PathRejection>) -> Result<(MessageKind, Language), Problem> {
    let unknown = || Problem::new(Kind::NotFound);
    let Path((kind, language)) = path.map_err(|_| unknown())?;
    Ok((MessageKind::find(&kind).ok_or_else(unknown)?, Language::find(&language).ok_or_else(unknown)?))
}

/// Lists the texts of all kinds of message in all languages.
#[utoipa::path(get, path = "/api/v1/message-templates", tag = "messages", extensions(("x-action" = json!("manage_texts"))),
    responses((status = 200, body = Page<MessageTemplate>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_templates(
    State(platform): State<Platform>,
    worker: TextManager,
) -> Result<Json<Page<MessageTemplate>>, Problem> {
    let all = platform.app.message_templates(&worker).await?;
    Ok(Json(Page::whole(all.into_iter().map(shape).collect())))
}

/// Puts texts in force. What is queued already keeps its own.
#[utoipa::path(put, path = "/api/v1/message-templates/{kind}/{language}", tag = "messages",
    extensions(("x-action" = json!("manage_texts"))), params(("kind" = String, Path), ("language" = String, Path)),
    request_body = MessageTemplateChange,
    responses((status = 200, body = MessageTemplate), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn change_template(
    State(platform): State<Platform>,
    worker: TextManager,
    path: Result<Path<(String, String)>, PathRejection>,
    Body(body): Body<MessageTemplateChange>,
) -> Result<Json<MessageTemplate>, Problem> {
    let (kind, language) = named(path)?;
    let changed = platform.app.change_message_template(&worker, kind, language, body.version, body.texts.map(texts));
    Ok(Json(shape(changed.await?)))
}

/// Shows what texts would look like, and checks them. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/message-templates/{kind}/{language}/preview", tag = "messages",
    extensions(("x-action" = json!("manage_texts"))), params(("kind" = String, Path), ("language" = String, Path)),
    request_body = MessageTexts,
    responses((status = 200, body = MessagePreview), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn preview_template(
    State(platform): State<Platform>,
    worker: TextManager,
    path: Result<Path<(String, String)>, PathRejection>,
    Body(body): Body<MessageTexts>,
) -> Result<Json<MessagePreview>, Problem> {
    let (kind, language) = named(path)?;
    let preview = platform.app.preview_message(&worker, kind, language, &texts(body))?;
    let subject = preview.subject.expose().to_owned();
    Ok(Json(MessagePreview { subject, text: preview.text, html: preview.html }))
}
