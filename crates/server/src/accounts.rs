//! Accounts of an authority.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id};
use crate::sign_in::AccountManager;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::authorities::Role;
use domain::ids::AccountId;
use domain::time::local_day;
use jiff::tz::TimeZone;
use protocol::http::accounts::{Account, AccountChange, Link, MadeAccount, NewAccount};
use protocol::http::page::Page;
use protocol::http::problem::Problem as ProblemBody;
use storage::accounts::Member;

fn shape(member: &Member, zone: &TimeZone) -> Account {
    let state = match member {
        Member { account, .. } if account.name.starts_with("cli:") => "command_line",
        Member { disabled: true, .. } => "disabled",
        Member { has_password: true, .. } => "active",
        Member { .. } => "invited",
    };
    Account {
        account_id: member.account.account_id.0,
        user_name: member.account.name.clone(),
        role: member.role.to_string(),
        operator: member.account.operator,
        state: state.to_owned(),
        has_totp: member.has_totp,
        created_at: member.created_at.to_string(),
        last_seen_on: member.seen_at.map(|at| local_day(at, zone).to_string()),
    }
}

fn role(word: &str) -> Result<Role, Problem> {
    let staff = Role::find(word).filter(|role| role.is_of_staff());
    staff.ok_or_else(|| Problem::field("role", "choose administrator, case_worker or analyst"))
}

/// Lists the members of the authority, by name.
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", extensions(("x-action" = json!("manage_accounts"))),
    responses((status = 200, body = Page<Account>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_accounts(
    State(platform): State<Platform>,
    worker: AccountManager,
) -> Result<Json<Page<Account>>, Problem> {
    let members = platform.app.list_accounts(&worker).await?;
    Ok(Json(Page::whole(members.iter().map(|member| shape(member, &worker.authority.time_zone)).collect())))
}

/// Makes an account, with a link by which its owner sets password and second factor.
#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", extensions(("x-action" = json!("manage_accounts"))),
    request_body = NewAccount,
    responses((status = 201, body = MadeAccount), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn create_account(
    State(platform): State<Platform>,
    worker: AccountManager,
    Body(body): Body<NewAccount>,
) -> Result<(StatusCode, Json<MadeAccount>), Problem> {
    let role = role(&body.role)?;
    if role == Role::Operator {
        return Err(Problem::field("role", "operators are made by `epitrace admin create-account`"));
    }
    let (account_id, link) = platform.app.create_invited_account(&worker, &body.user_name, role).await?;
    let member = platform.app.account(&worker, account_id).await?;
    let made = MadeAccount {
        account: shape(&member, &worker.authority.time_zone),
        link_expires_at: link.as_ref().map(|link| link.expires_at.to_string()),
        link: link.map(|link| link.path()),
    };
    Ok((StatusCode::CREATED, Json(made)))
}

/// Changes the role of a member, or keeps them from signing in. They are signed out.
#[utoipa::path(patch, path = "/api/v1/accounts/{account_id}", tag = "accounts",
    extensions(("x-action" = json!("manage_accounts"))), params(("account_id" = uuid::Uuid, Path)), request_body = AccountChange,
    responses((status = 200, body = Account), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn change_account(
    State(platform): State<Platform>,
    worker: AccountManager,
    Id(account_id): Id<AccountId>,
    Body(body): Body<AccountChange>,
) -> Result<Json<Account>, Problem> {
    let role = body.role.as_deref().map(role).transpose()?;
    let change = app::accounts::AccountChange { role, disabled: body.disabled };
    let member = platform.app.change_account(&worker, account_id, change).await?;
    Ok(Json(shape(&member, &worker.authority.time_zone)))
}

/// Makes a link by which a member sets a new password and second factor.
#[utoipa::path(post, path = "/api/v1/accounts/{account_id}/invitation", tag = "accounts",
    extensions(("x-action" = json!("manage_accounts"))), params(("account_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Link), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn invite_account(
    State(platform): State<Platform>,
    worker: AccountManager,
    Id(account_id): Id<AccountId>,
) -> Result<Json<Link>, Problem> {
    let link = platform.app.invite_account(&worker, account_id).await?;
    Ok(Json(Link { link: link.path(), link_expires_at: link.expires_at.to_string() }))
}
