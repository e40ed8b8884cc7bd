//! Codes, sessions, passwords.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, required_day};
use crate::session::{read, short_code};
use crate::sign_in::{PatientCaller, clear_patient_cookie, set_patient_cookie, source};
use app::case_work::{NewAccount, Redemption};
use app::patients::{IDLE_MINUTES, Patient, PatientAttempt};
use app::sign_in::Secret;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use domain::activation::ActivationCode;
use domain::authorities::ShortCode;
use domain::languages::Language;
use domain::persons::Personal;
use domain::time::local_day;
use protocol::http::patient as http;
use protocol::http::problem::Problem as ProblemBody;
use zeroize::Zeroizing;

fn code(text: &str) -> Result<ActivationCode, Problem> {
    ActivationCode::read(text).map_err(|error| Problem::field("code", error.to_string()))
}

/// Attempts are counted by account also where there is none.
fn key(authority: &ShortCode, user_name: &str) -> String {
    format!("{authority}/{}", user_name.trim())
}

fn shaped(platform: &Platform, patient: &Patient) -> http::PatientSession {
    http::PatientSession {
        user_name: patient.user_name.expose().clone(),
        authority: patient.authority.short_code.to_string(),
        authority_name: patient.authority.name.clone(),
        language: patient.language.to_string(),
        csrf: patient.session.csrf_token.clone(),
        today: local_day(platform.app.now(), &patient.authority.time_zone).to_string(),
        idle_minutes: IDLE_MINUTES,
    }
}

fn signed_in(platform: &Platform, patient: &Patient) -> (HeaderMap, Json<http::PatientSession>) {
    let mut headers = HeaderMap::new();
    if let Some(secret) = &patient.new_secret {
        set_patient_cookie(&mut headers, &patient.authority.short_code, secret);
    }
    (headers, Json(shaped(platform, patient)))
}

/// Shows a code to who holds it. That redeems nothing.
#[utoipa::path(
    post, path = "/api/v1/activation/open", tag = "patients", operation_id = "open_code", security(()),
    request_body = http::HeldCode,
    responses((status = 200, body = http::OpenCode), (status = "4XX", body = ProblemBody)),
)]
pub async fn open_code(State(platform): State<Platform>, request: Request) -> Result<Json<http::OpenCode>, Problem> {
    let (_, body) = read::<http::HeldCode>(&platform, request).await?;
    let authority = short_code("authority", &body.authority)?;
    let open = platform.app.open_code(&authority, &code(&body.code)?).await?;
    Ok(Json(http::OpenCode {
        authority: open.authority.short_code.to_string(),
        authority_name: open.authority.name,
        phone: open.phone,
        channel: open.channel.to_string(),
        valid_until: open.valid_until.map(|at| at.to_string()),
        language: open.language.map(|language| language.to_string()),
        privacy: http::AcceptedText { language: open.privacy.0.to_string(), version: open.privacy.1 },
    }))
}

fn accepted(text: &http::AcceptedText) -> Result<(Language, i32), Problem> {
    let language = Language::find(&text.language).ok_or_else(|| Problem::field("accepts", "choose de, en or tr"))?;
    Ok((language, text.version))
}

/// Redeems a code: opens an account for its case, and signs in.
#[utoipa::path(
    post, path = "/api/v1/activation/redeem", tag = "patients", operation_id = "redeem_code", security(()),
    request_body = http::RedeemCode,
    responses((status = 200, body = http::PatientSession), (status = "4XX", body = ProblemBody)),
)]
pub async fn redeem_code(
    State(platform): State<Platform>,
    request: Request,
) -> Result<(HeaderMap, Json<http::PatientSession>), Problem> {
    let (parts, body) = read::<http::RedeemCode>(&platform, request).await?;
    let authority = short_code("authority", &body.authority)?;
    let language = Language::find(&body.language).ok_or_else(|| Problem::field("language", "choose de, en or tr"))?;
    let redemption = Redemption {
        code: code(&body.code)?,
        born: required_day("born", &body.born)?,
        accepts: accepted(&body.accepts)?,
    };
    let new = NewAccount {
        user_name: Personal::new(body.user_name),
        password: Zeroizing::new(body.password),
        language,
        source: source(&parts, &platform),
    };
    let patient = platform.app.redeem_code(&authority, &redemption, new).await?;
    Ok(signed_in(&platform, &patient))
}

/// Redeems another code while signed in: the account acts for that case too.
#[utoipa::path(
    post, path = "/api/v1/patient/cases", tag = "patients", operation_id = "redeem_another_code",
    security(("patient" = [])), request_body = http::RedeemAnother,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn redeem_another_code(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Body(body): Body<http::RedeemAnother>,
) -> Result<StatusCode, Problem> {
    platform.limits().attempt_on(&key(&patient.authority.short_code, patient.user_name.expose()))?;
    let redemption = Redemption {
        code: code(&body.code)?,
        born: required_day("born", &body.born)?,
        accepts: accepted(&body.accepts)?,
    };
    platform.app.redeem_another_code(&patient, &redemption).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs a patient in. Whatever is wrong, the answer is the same.
#[utoipa::path(
    post, path = "/api/v1/patient/session", tag = "patients", operation_id = "sign_patient_in", security(()),
    request_body = http::PatientSignIn,
    responses((status = 200, body = http::PatientSession), (status = "4XX", body = ProblemBody)),
)]
pub async fn sign_patient_in(
    State(platform): State<Platform>,
    request: Request,
) -> Result<(HeaderMap, Json<http::PatientSession>), Problem> {
    let (parts, body) = read::<http::PatientSignIn>(&platform, request).await?;
    let authority = short_code("authority", &body.authority)?;
    platform.limits().attempt_on(&key(&authority, &body.user_name))?;
    let attempt = PatientAttempt {
        authority,
        user_name: Personal::new(body.user_name),
        password: Zeroizing::new(body.password),
        source: source(&parts, &platform),
    };
    let patient = platform.app.sign_patient_in(&attempt).await?;
    Ok(signed_in(&platform, &patient))
}

/// Says which patient is signed in.
#[utoipa::path(
    get, path = "/api/v1/patient/session", tag = "patients", operation_id = "patient_session",
    security(("patient" = [])),
    responses((status = 200, body = http::PatientSession), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn patient_session(State(platform): State<Platform>, patient: PatientCaller) -> Json<http::PatientSession> {
    Json(shaped(&platform, &patient))
}

/// Signs a patient out.
#[utoipa::path(
    delete, path = "/api/v1/patient/session", tag = "patients", operation_id = "sign_patient_out",
    security(("patient" = [])),
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn sign_patient_out(
    State(platform): State<Platform>,
    patient: PatientCaller,
) -> Result<(StatusCode, HeaderMap), Problem> {
    platform.app.sign_patient_out(&patient).await?;
    let mut headers = HeaderMap::new();
    clear_patient_cookie(&mut headers);
    Ok((StatusCode::NO_CONTENT, headers))
}

/// Changes a patient's password. All their other sessions end.
#[utoipa::path(
    put, path = "/api/v1/patient/password", tag = "patients", operation_id = "change_patient_password",
    security(("patient" = [])), request_body = http::ChangePatientPassword,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn change_patient_password(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Body(body): Body<http::ChangePatientPassword>,
) -> Result<StatusCode, Problem> {
    platform.limits().attempt_on(&key(&patient.authority.short_code, patient.user_name.expose()))?;
    let (current, new) = (Zeroizing::new(body.current), Zeroizing::new(body.new));
    platform.app.change_patients_password(&patient, current, new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deletes a patient's own account. Their cases stay.
#[utoipa::path(
    post, path = "/api/v1/patient/account/deletion", tag = "patients", operation_id = "delete_patient_account",
    security(("patient" = [])), request_body = http::DeletePatientAccount,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn delete_patient_account(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Body(body): Body<http::DeletePatientAccount>,
) -> Result<(StatusCode, HeaderMap), Problem> {
    platform.limits().attempt_on(&key(&patient.authority.short_code, patient.user_name.expose()))?;
    platform.app.delete_patients_account(&patient, Zeroizing::new(body.password)).await?;
    let mut headers = HeaderMap::new();
    clear_patient_cookie(&mut headers);
    Ok((StatusCode::NO_CONTENT, headers))
}

/// Asks for a link that sets a new password. The answer is the same, and as fast, whether there is such an account or not.
#[utoipa::path(
    post, path = "/api/v1/patient/reset", tag = "patients", operation_id = "ask_reset", security(()),
    request_body = http::AskReset,
    responses((status = 202), (status = "4XX", body = ProblemBody)),
)]
pub async fn ask_reset(State(platform): State<Platform>, request: Request) -> Result<StatusCode, Problem> {
    let (_, body) = read::<http::AskReset>(&platform, request).await?;
    let authority = short_code("authority", &body.authority)?;
    platform.limits().attempt_on(&key(&authority, &body.user_name))?;
    let (app, user_name) = (platform.app.clone(), Personal::new(body.user_name));
    // Answered before it is looked for, so that nobody can tell by the time.
    tokio::spawn(async move {
        if let Err(error) = app.send_patients_reset(&authority, &user_name).await {
            tracing::warn!(%error, "a link for a new password was not sent");
        }
    });
    Ok(StatusCode::ACCEPTED)
}

/// Sets a new password by a link, together with the date of birth. The link works once; all sessions end.
#[utoipa::path(
    post, path = "/api/v1/patient/reset/redeem", tag = "patients", operation_id = "redeem_reset", security(()),
    request_body = http::RedeemReset,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
)]
pub async fn redeem_reset(State(platform): State<Platform>, request: Request) -> Result<StatusCode, Problem> {
    let (_, body) = read::<http::RedeemReset>(&platform, request).await?;
    let authority = short_code("authority", &body.authority)?;
    let born = required_day("born", &body.born)?;
    let secret = Secret::brought(&body.token);
    platform.app.redeem_patients_reset(&authority, &secret, born, Zeroizing::new(body.password)).await?;
    Ok(StatusCode::NO_CONTENT)
}
