//! Mails and letters: seen, with their log; taken back; tried again.

use crate::cursor;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Id, Query, limit};
use crate::sign_in::{MessageManager, MessageReader};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{CaseId, MessageId};
use domain::messages::{MessageKind, MessageStatus};
use protocol::http::messages::{Message, MessageContent, MessageCounts, MessageInFull, MessageLogEntry, MessageQuery};
use protocol::http::page::Page;
use protocol::http::problem::Problem as ProblemBody;
use storage::messages::MessageFilter;

fn shape(message: storage::messages::Message) -> Message {
    Message {
        message_id: message.message_id.0,
        case_id: message.case_id.map(|id| id.0),
        person_id: message.person_id.map(|id| id.0),
        kind: message.kind.to_string(),
        channel: message.channel.to_string(),
        status: message.status.to_string(),
        language: message.language.to_string(),
        n_tries: message.n_tries,
        failure: message.failure,
        created_at: message.created_at.to_string(),
        due_at: message.due_at.map(|at| at.to_string()),
        sent_at: message.sent_at.map(|at| at.to_string()),
        may_be_cancelled: message.status.may_be_cancelled(),
        may_be_retried: message.status.may_be_retried() && message.channel == domain::messages::Channel::Mail,
    }
}

/// Lists mails and letters without what they say, newest first.
#[utoipa::path(get, path = "/api/v1/messages", tag = "messages", extensions(("x-action" = json!("see_messages"))), params(MessageQuery),
    responses((status = 200, body = Page<Message>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_messages(
    State(platform): State<Platform>,
    worker: MessageReader,
    Query(query): Query<MessageQuery>,
) -> Result<Json<Page<Message>>, Problem> {
    let limit = limit(query.limit)?;
    let unknown = || {
        let words: Vec<&str> = MessageStatus::ALL.iter().map(|status| status.as_str()).collect();
        Problem::field("status", format!("choose one of {}", words.join(", ")))
    };
    let status = query.status.as_deref().map(|word| MessageStatus::find(word).ok_or_else(unknown)).transpose()?;
    let no_kind = || Problem::field("kind", "this is no kind of message");
    let kind = query.kind.as_deref().map(|word| MessageKind::find(word).ok_or_else(no_kind)).transpose()?;
    let filter = MessageFilter { status, kind, case_id: query.case_id.map(CaseId) };
    let before = cursor::open(&platform.app, &worker, "messages", query.cursor.as_deref())?;
    let query = app::messages::MessageQuery { filter, before, limit };
    let messages = platform.app.list_messages(&worker, &query).await?;
    let last = messages.last().filter(|_| messages.len() == limit).map(|message| message.message_id);
    let next = cursor::seal(&platform.app, &worker, "messages", last.as_ref())?;
    Ok(Json(Page { items: messages.into_iter().map(shape).collect(), next }))
}

/// Counts the mails that have not gone.
#[utoipa::path(get, path = "/api/v1/messages/counts", tag = "messages", operation_id = "count_messages",
    extensions(("x-action" = json!("see_messages"))),
    responses((status = 200, body = MessageCounts), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn count_messages(
    State(platform): State<Platform>,
    worker: MessageReader,
) -> Result<Json<MessageCounts>, Problem> {
    let counts = platform.app.count_messages(&worker).await?;
    Ok(Json(MessageCounts { waiting: counts.waiting, held: counts.held, failed: counts.failed }))
}

/// Shows a mail or letter with what it says, and its log.
#[utoipa::path(get, path = "/api/v1/messages/{message_id}", tag = "messages", extensions(("x-action" = json!("see_messages"))),
    params(("message_id" = uuid::Uuid, Path)),
    responses((status = 200, body = MessageInFull), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn show_message(
    State(platform): State<Platform>,
    worker: MessageReader,
    Id(message_id): Id<MessageId>,
) -> Result<Json<MessageInFull>, Problem> {
    let found = platform.app.message(&worker, message_id).await?;
    let content = found.content.map(|content| MessageContent {
        recipient: content.recipient.expose().clone(),
        subject: content.subject.expose().clone(),
        text: content.text.expose().clone(),
        html: content.html.expose().clone(),
    });
    let log = found.log.into_iter().map(|entry| MessageLogEntry {
        step: entry.step.to_string(),
        failure: entry.failure,
        account: entry.account,
        happened_at: entry.happened_at.to_string(),
    });
    Ok(Json(MessageInFull { message: shape(found.message), content, log: log.collect() }))
}

/// Takes a mail or letter back that nobody can have read. What it says is erased at once.
#[utoipa::path(post, path = "/api/v1/messages/{message_id}/cancel", tag = "messages",
    extensions(("x-action" = json!("manage_messages"))), params(("message_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn cancel_message(
    State(platform): State<Platform>,
    worker: MessageManager,
    Id(message_id): Id<MessageId>,
) -> Result<StatusCode, Problem> {
    platform.app.cancel_message(&worker, message_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Has a mail tried again now that failed, or that waits for its next try.
#[utoipa::path(post, path = "/api/v1/messages/{message_id}/retry", tag = "messages",
    extensions(("x-action" = json!("manage_messages"))), params(("message_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn retry_message(
    State(platform): State<Platform>,
    worker: MessageManager,
    Id(message_id): Id<MessageId>,
) -> Result<StatusCode, Problem> {
    platform.app.retry_message(&worker, message_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
