//! The audit log.

use crate::cursor;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Query, day, limit};
use crate::sign_in::{AuditReader, AuditVerifier};
use app::audit::{AuditPage, N_SUBJECTS};
use axum::Json;
use axum::extract::State;
use domain::ids::{AccountId, PersonId};
use protocol::http::audit::{AuditEntry, AuditQuery, AuditSubject, Verification};
use protocol::http::page::Page;
use protocol::http::problem::Problem as ProblemBody;
use storage::audit::Numbered;
use uuid::Uuid;

/// Lists records, newest first. That somebody read them is recorded too.
#[utoipa::path(get, path = "/api/v1/audit", tag = "audit", extensions(("x-action" = json!("see_audit"))), params(AuditQuery),
    responses((status = 200, body = Page<AuditEntry>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_audit(
    State(platform): State<Platform>,
    worker: AuditReader,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Page<AuditEntry>>, Problem> {
    let asked = app::audit::AuditQuery {
        account_id: query.account_id.map(AccountId),
        operation: query.operation,
        first: day("first", query.first.as_deref())?,
        last: day("last", query.last.as_deref())?,
        before: cursor::open(&platform.app, &worker, "audit", query.cursor.as_deref())?,
        limit: limit(query.limit)?,
    };
    let page = platform.app.list_audit(&worker, &asked).await?;
    let next = cursor::seal(&platform.app, &worker, "audit", page.next.as_ref())?;
    Ok(Json(Page { items: page.records.iter().map(|record| shape(record, &page)).collect(), next }))
}

fn shape(numbered: &Numbered, page: &AuditPage) -> AuditEntry {
    let record = &numbered.record;
    let subject = |id: &str| {
        let person = Uuid::try_parse(id).ok().map(PersonId);
        let reference = person.and_then(|person| page.references.get(&person).cloned());
        let kind = if reference.is_some() { "person" } else { "other" };
        AuditSubject { id: id.to_owned(), reference, kind: kind.to_owned() }
    };
    AuditEntry {
        audit_id: record.audit_id.0,
        recorded_at: record.recorded_at.to_string(),
        account: page.accounts.get(&record.account_id).cloned().unwrap_or_default(),
        role: record.role.clone(),
        operation: record.operation.clone(),
        subjects: record.subjects.split(' ').filter(|id| !id.is_empty()).take(N_SUBJECTS).map(subject).collect(),
        n_subjects: record.n_subjects,
        reason: record.reason.clone(),
        source: record.source.clone(),
        seq: numbered.seq,
    }
}

/// Lists the operations that the log holds.
#[utoipa::path(get, path = "/api/v1/audit/operations", tag = "audit", extensions(("x-action" = json!("see_audit"))),
    responses((status = 200, body = Page<String>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_operations(
    State(platform): State<Platform>,
    worker: AuditReader,
) -> Result<Json<Page<String>>, Problem> {
    Ok(Json(Page::whole(platform.app.list_audited_operations(&worker).await?)))
}

/// Checks the chain of hashes from its anchor to its head.
#[utoipa::path(get, path = "/api/v1/audit/verification", tag = "audit", extensions(("x-action" = json!("verify_audit"))),
    responses((status = 200, body = Verification), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn verify_audit(
    State(platform): State<Platform>,
    worker: AuditVerifier,
) -> Result<Json<Verification>, Problem> {
    let found = platform.app.verify_audit(&worker).await?;
    Ok(Json(Verification {
        n_checked: found.n_checked,
        n_unchained: found.n_unchained,
        first_break: found.first_break.map(|at| at.to_string()),
    }))
}
