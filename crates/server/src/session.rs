//! Signing in and out, invitations, one's own account.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::Body;
use crate::sign_in::{Person, address, clear_cookie, set_cookie, source};
use app::sign_in::Secret;
use app::sign_in::sessions::{Attempt, IDLE_MINUTES, Signed};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use domain::authorities::{Action, ShortCode};
use domain::diseases::Disease;
use domain::time::local_day;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::session::{
    AcceptInvitation, Accepted, ActIn, Authority, AuthorityName, ChangePassword, Invitation, InvitationToken,
    RecoveryCodes, RenewRecoveryCodes, SecondFactor, Session, SignIn, SignInPage,
};
use zeroize::Zeroizing;

/// Says what the sign-in page must ask for.
#[utoipa::path(get, path = "/api/v1/sign-in", tag = "session", security(()),
    responses((status = 200, body = SignInPage), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn sign_in_page(State(platform): State<Platform>) -> Result<Json<SignInPage>, Problem> {
    let all = platform.app.authorities().await?;
    let only = if all.len() == 1 { all } else { Vec::new() };
    let authorities = only.into_iter().map(|authority| name(&authority)).collect();
    Ok(Json(SignInPage { authorities, demo: platform.demo() }))
}

fn name(authority: &storage::authorities::Authority) -> AuthorityName {
    AuthorityName { short_code: authority.short_code.to_string(), name: authority.name.clone() }
}

pub(crate) fn short_code(field: &str, text: &str) -> Result<ShortCode, Problem> {
    ShortCode::new(text.trim()).map_err(|error| Problem::field(field, error.to_string()))
}

/// Signs somebody in and gives them a cookie. Whatever is wrong, the answer is the same.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", security(()), request_body = SignIn,
    responses((status = 200, body = Session), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn sign_in(
    State(platform): State<Platform>,
    request: Request,
) -> Result<(HeaderMap, Json<Session>), Problem> {
    let (parts, body) = read::<SignIn>(&platform, request).await?;
    platform.limits().attempt_on(&body.user_name)?;
    let authority = match body.authority.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
        Some(code) => Some(short_code("authority", code)?),
        None => None,
    };
    let attempt = Attempt {
        authority,
        user_name: body.user_name,
        password: Zeroizing::new(body.password),
        code: body.code.filter(|code| !code.trim().is_empty()).map(Zeroizing::new),
        source: source(&parts, &platform),
    };
    let signed = platform.app.sign_in(&attempt).await?;
    prepare_names(&platform, &signed);
    Ok((cookie_of(&signed), Json(shape(&platform, &signed))))
}

/// Whoever signs in will search for somebody soon: the index of names is built meanwhile.
fn prepare_names(platform: &Platform, signed: &Signed) {
    let (app, worker) = (platform.app.clone(), signed.worker.clone());
    if worker.may(Action::SeeCases) {
        tokio::spawn(async move {
            if let Err(error) = app.prepare_names(&worker).await {
                tracing::warn!(%error, "names can't be searched yet");
            }
        });
    }
}

/// Counts the attempt by address before anything of it is read.
pub(crate) async fn read<T: serde::de::DeserializeOwned>(
    platform: &Platform,
    request: Request,
) -> Result<(Parts, T), Problem> {
    use axum::extract::FromRequest;
    let (parts, body) = request.into_parts();
    platform.limits().attempt_from(address(&parts, platform))?;
    let kept = parts.clone();
    let Body(body) = Body::<T>::from_request(Request::from_parts(parts, body), platform).await?;
    Ok((kept, body))
}

fn cookie_of(signed: &Signed) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(secret) = &signed.new_secret {
        set_cookie(&mut headers, secret);
    }
    headers
}

fn shape(platform: &Platform, signed: &Signed) -> Session {
    let worker = &signed.worker;
    let authority = &worker.authority;
    let may: Vec<String> =
        Action::ALL.iter().filter(|action| worker.may(**action)).map(|action| action.to_string()).collect();
    Session {
        account_id: worker.account_id.0,
        user_name: signed.account.clone(),
        role: worker.role.to_string(),
        operator: worker.operator,
        authority: Authority {
            short_code: authority.short_code.to_string(),
            name: authority.name.clone(),
            time_zone: authority.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            languages: authority.languages.split(',').map(|tag| tag.trim().to_owned()).collect(),
            default_disease: authority.default_disease.to_string(),
        },
        scopes: may.clone(),
        may,
        csrf: signed.session.csrf_token.clone(),
        today: local_day(platform.app.now(), &authority.time_zone).to_string(),
        idle_minutes: IDLE_MINUTES,
        expires_at: signed.expires_at().to_string(),
        demo: platform.options().demo.is_some(),
        diseases: Disease::ALL.iter().map(ToString::to_string).collect(),
    }
}

/// Says who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session",
    responses((status = 200, body = Session), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn who_am_i(State(platform): State<Platform>, person: Person) -> Json<Session> {
    Json(shape(&platform, &person.signed))
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session",
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn sign_out(State(platform): State<Platform>, person: Person) -> Result<(StatusCode, HeaderMap), Problem> {
    platform.app.sign_out(&person.signed).await?;
    let mut headers = HeaderMap::new();
    clear_cookie(&mut headers);
    Ok((StatusCode::NO_CONTENT, headers))
}

/// Lets somebody act in another authority that they are a member of.
#[utoipa::path(put, path = "/api/v1/session/authority", tag = "session", request_body = ActIn,
    responses((status = 200, body = Session), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn act_in(
    State(platform): State<Platform>,
    person: Person,
    Body(body): Body<ActIn>,
) -> Result<(HeaderMap, Json<Session>), Problem> {
    let code = short_code("short_code", &body.short_code)?;
    let signed = platform.app.act_in(&person.signed, &person.secret, &code).await?;
    Ok((cookie_of(&signed), Json(shape(&platform, &signed))))
}

/// Shows an invitation to who holds its link.
#[utoipa::path(post, path = "/api/v1/invitations/open", tag = "session", security(()), request_body = InvitationToken,
    responses((status = 200, body = Invitation), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn open_invitation(State(platform): State<Platform>, request: Request) -> Result<Json<Invitation>, Problem> {
    let (_, body) = read::<InvitationToken>(&platform, request).await?;
    let open = platform.app.open_invitation(&Secret::brought(&body.token)).await?;
    Ok(Json(Invitation {
        user_name: open.account,
        authority: name(&open.authority),
        totp: SecondFactor {
            secret: open.totp.expose().clone(),
            uri: open.uri.expose().clone(),
            qr_svg: open.picture.expose().clone(),
        },
        expires_at: open.expires_at.to_string(),
        code_required: true,
    }))
}

/// Takes an invitation up: sets password and second factor, and signs in.
#[utoipa::path(post, path = "/api/v1/invitations/accept", tag = "session", security(()), request_body = AcceptInvitation,
    responses((status = 200, body = Accepted), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn accept_invitation(
    State(platform): State<Platform>,
    request: Request,
) -> Result<(HeaderMap, Json<Accepted>), Problem> {
    let (parts, body) = read::<AcceptInvitation>(&platform, request).await?;
    let secret = Secret::brought(&body.token);
    let code = body.code.unwrap_or_default();
    let from = source(&parts, &platform);
    let (signed, recovery_codes) =
        platform.app.accept_invitation(&secret, Zeroizing::new(body.password), &code, from).await?;
    let session = shape(&platform, &signed);
    Ok((cookie_of(&signed), Json(Accepted { session, recovery_codes })))
}

/// Changes one's own password. All other sessions and all keys of the account end.
#[utoipa::path(put, path = "/api/v1/account/password", tag = "session", request_body = ChangePassword,
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn change_password(
    State(platform): State<Platform>,
    person: Person,
    Body(body): Body<ChangePassword>,
) -> Result<StatusCode, Problem> {
    platform.limits().attempt_on(&person.signed.account)?;
    let (current, new) = (Zeroizing::new(body.current), Zeroizing::new(body.new));
    platform.app.change_password(&person.signed, current, body.code.as_deref(), new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes new recovery codes; those before no longer work.
#[utoipa::path(post, path = "/api/v1/account/recovery-codes", tag = "session", request_body = RenewRecoveryCodes,
    responses((status = 200, body = RecoveryCodes), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn renew_recovery_codes(
    State(platform): State<Platform>,
    person: Person,
    Body(body): Body<RenewRecoveryCodes>,
) -> Result<Json<RecoveryCodes>, Problem> {
    platform.limits().attempt_on(&person.signed.account)?;
    let password = Zeroizing::new(body.password);
    let recovery_codes = platform.app.renew_recovery_codes(&person.signed, password, body.code.as_deref()).await?;
    Ok(Json(RecoveryCodes { recovery_codes }))
}
