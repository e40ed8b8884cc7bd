//! Who calls: by the cookie of a session, or by the key of a program. Whoever isn't signed in gets 401 before anything
//! else of the request is read; whose role may not, 403.

mod seen;

pub use seen::keep_seen;

use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use app::Worker;
use app::patients::Patient;
use app::sign_in::Secret;
use app::sign_in::sessions::{MOST_HOURS, Signed};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use domain::authorities::{Action, ShortCode};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// Name of the cookie.
const COOKIE: &str = "epitrace_session";
/// Name of the cookie of patients. It holds the authority too, because nothing is looked up across authorities.
const PATIENT_COOKIE: &str = "epitrace_patient";
/// Header in which requests that change something repeat the session's token.
const CSRF_HEADER: &str = "x-epitrace-csrf";

/// Somebody who signed in on the page. Their own account is changed only so, not by a key.
pub struct Person {
    /// The session.
    pub signed: Signed,
    /// What the cookie holds.
    pub secret: Secret,
}

impl FromRequestParts<Platform> for Person {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        Self::of(parts, platform, Looks::AtAll).await
    }
}

/// At what somebody looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    /// At anything.
    AtAll,
    /// At numbers of no person, which stay while the database has no primary.
    AtNumbers,
}

impl Person {
    async fn of(parts: &mut Parts, platform: &Platform, looks: Looks) -> Result<Self, Problem> {
        let secret = cookie(&parts.headers).ok_or_else(Problem::not_signed_in)?;
        let source = source(parts, platform);
        let found = match looks {
            Looks::AtAll => platform.app.session(&secret, source).await?,
            Looks::AtNumbers => platform.app.session_for_numbers(&secret, source).await?,
        };
        let mut signed = found.ok_or_else(Problem::not_signed_in)?;
        // First the new secret, then the refusal: else a refused request would lose it, and its owner the session.
        if let Some(new) = &signed.new_secret {
            hand_over(parts, new);
        }
        require_own_page(parts, &signed)?;
        seen::begin(parts, platform, &mut signed.worker);
        let secret = signed.new_secret.clone().unwrap_or(secret);
        Ok(Self { signed, secret })
    }
}

/// Somebody, or a program, that is signed in.
pub struct Caller(pub Worker);

impl FromRequestParts<Platform> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        Self::of(parts, platform, Looks::AtAll).await
    }
}

impl Caller {
    async fn of(parts: &mut Parts, platform: &Platform, looks: Looks) -> Result<Self, Problem> {
        if let Some(secret) = bearer(&parts.headers) {
            let source = source(parts, platform);
            let worker = platform.app.worker_of_token(&secret, source).await?;
            return worker.map(Self).ok_or_else(Problem::not_signed_in);
        }
        let person = Person::of(parts, platform, looks).await?;
        Ok(Self(person.signed.worker))
    }
}

/// A patient who is signed in. Staff are never one, also when their authority may do everything else.
pub struct PatientCaller(pub Patient);

impl FromRequestParts<Platform> for PatientCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        if let Some(patient) = patient_of(parts, platform).await? {
            patient.worker().require(Action::ActForOneself)?;
            require_token(parts, &patient.session.csrf_token)?;
            return Ok(Self(patient));
        }
        let Caller(worker) = Caller::from_request_parts(parts, platform).await?;
        worker.require(Action::ActForOneself)?;
        Err(Problem::not_signed_in())
    }
}

impl Deref for PatientCaller {
    type Target = Patient;
    fn deref(&self) -> &Patient {
        &self.0
    }
}

/// Finds the patient who holds the cookie of a request.
async fn patient_of(parts: &Parts, platform: &Platform) -> Result<Option<Patient>, Problem> {
    let Some(held) = named_cookie(&parts.headers, PATIENT_COOKIE) else { return Ok(None) };
    let Some((code, secret)) = held.split_once('.') else { return Ok(None) };
    let Ok(code) = ShortCode::new(code) else { return Ok(None) };
    let from = source(parts, platform);
    Ok(platform.app.patient_of(&code, &Secret::brought(secret), from).await?)
}

/// Says to a patient who asks for what is the staff's that it isn't theirs; to a stranger what they would hear anyway.
async fn not_of_staff(parts: &Parts, platform: &Platform, action: Action, refused: Problem) -> Problem {
    match patient_of(parts, platform).await {
        Ok(Some(patient)) => patient.worker().require(action).map_or_else(Problem::from, |()| refused),
        _ => refused,
    }
}

/// Makes an extractor for each action: the handler's signature says what the caller must be allowed.
macro_rules! allowed {
    ($($(#[$doc:meta])* $name:ident: $action:ident $looks:ident),* $(,)?) => {$(
        $(#[$doc])*
        pub struct $name(pub Worker);

        impl FromRequestParts<Platform> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
                let caller = Caller::of(parts, platform, Looks::$looks).await;
                let Caller(worker) = match caller {
                    Ok(caller) => caller,
                    Err(refused) => return Err(not_of_staff(parts, platform, Action::$action, refused).await),
                };
                worker.require(Action::$action)?;
                Ok(Self(worker))
            }
        }

        impl Deref for $name {
            type Target = Worker;
            fn deref(&self) -> &Worker {
                &self.0
            }
        }
    )*};
}

allowed! {
    /// May bring files in.
    Importer: ImportFacts AtAll,
    /// May see cases and persons.
    CaseReader: SeeCases AtAll,
    /// May work on cases.
    CaseWorker: WorkOnCases AtAll,
    /// May see exposures.
    Tracer: SeeExposures AtAll,
    /// May have everything about a person as a file.
    FileReader: SeePersonFiles AtAll,
    /// May erase persons.
    Eraser: ErasePersons AtAll,
    /// May see the outbreak.
    OutbreakReader: SeeOutbreak AtNumbers,
    /// May manage accounts.
    AccountManager: ManageAccounts AtAll,
    /// May see the rules.
    RuleReader: SeeRules AtAll,
    /// May change the rules.
    RuleMaker: ManageRules AtAll,
    /// May read the audit log.
    AuditReader: SeeAudit AtAll,
    /// May check the audit chain.
    AuditVerifier: VerifyAudit AtAll,
    /// May see mails and letters.
    MessageReader: SeeMessages AtAll,
    /// May take mails back, and have them tried again.
    MessageManager: ManageMessages AtAll,
    /// May change the texts of mails and letters.
    TextManager: ManageTexts AtAll,
    /// May have cases with their persons as a file.
    CaseExporter: ExportCases AtAll,
    /// May have cases without names as a file.
    LineListReader: ExportLineList AtAll,
    /// May read the cases of those who keep a diary.
    EnrolledReader: ReadEnrolledCases AtAll,
    /// May see whether everything is in order.
    Doctor: SeeDoctor AtAll,
    /// May see the venues of the authority.
    VenueReader: SeeVenues AtAll,
    /// May hand in visitors of occasions.
    VisitorBringer: HandInVisitors AtAll,
    /// Works in venues.
    VenueStaffer: ActForVenue AtAll,
    /// May make runs of the proximity network.
    RunMaker: MakeRuns AtAll,
}

/// Whether a request says who sends it.
pub fn signs_in(headers: &HeaderMap) -> bool {
    cookie(headers).is_some() || bearer(headers).is_some()
}

fn cookie(headers: &HeaderMap) -> Option<Secret> {
    named_cookie(headers, COOKIE).map(Secret::brought)
}

fn named_cookie<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split("; ")).filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == wanted).map(|(_, value)| value)
}

/// Returns the key that a program brings.
pub fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(|token| Secret::brought(token.trim()))
}

/// A request that changes something repeats what only our own page can read.
fn require_own_page(parts: &Parts, signed: &Signed) -> Result<(), Problem> {
    require_token(parts, &signed.session.csrf_token)
}

fn require_token(parts: &Parts, csrf_token: &str) -> Result<(), Problem> {
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return Ok(());
    }
    let sent = parts.headers.get(CSRF_HEADER).map_or(&b""[..], HeaderValue::as_bytes);
    if constant_time_equal(sent, csrf_token.as_bytes()) {
        return Ok(());
    }
    Err(Problem::new(Kind::Forged).hint("send the session's csrf value in the header x-epitrace-csrf"))
}

fn constant_time_equal(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// Returns the address that called; behind a proxy, the last one that it names.
pub fn address(parts: &Parts, platform: &Platform) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    let forwarded = || {
        let named = parts.headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
        named.rsplit(',').next()?.trim().parse().ok()
    };
    let named = if platform.options().behind_proxy { forwarded() } else { None };
    named.or(peer).unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
}

/// Returns the class of the address that called, for the audit log.
pub fn source(parts: &Parts, platform: &Platform) -> &'static str {
    if address(parts, platform).is_loopback() { "loopback" } else { "network" }
}

/// The place where a new secret of the cookie waits for the answer.
#[derive(Clone, Default)]
pub struct NewCookie(Arc<Mutex<Option<Secret>>>);

fn hand_over(parts: &mut Parts, secret: &Secret) {
    if let Some(place) = parts.extensions.get::<NewCookie>() {
        *place.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(secret.clone());
    }
}

/// Sets the cookie on an answer when the session got a new secret on the way.
pub async fn renew_cookie(
    mut request: axum::extract::Request,
    next: axum::middleware::Next,
) -> axum::response::Response {
    let place = NewCookie::default();
    request.extensions_mut().insert(place.clone());
    let mut response = next.run(request).await;
    let secret = place.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    if let Some(secret) = secret
        && !response.headers().contains_key(header::SET_COOKIE)
    {
        set_cookie(response.headers_mut(), &secret);
    }
    response
}

/// Gives the browser its cookie.
pub fn set_cookie(headers: &mut HeaderMap, secret: &Secret) {
    let seconds = MOST_HOURS * 3600;
    let value = format!("{COOKIE}={}; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age={seconds}", secret.expose());
    if let Ok(mut value) = HeaderValue::from_str(&value) {
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }
}

/// Gives a patient's browser its cookie. It ends with the browser: many share a computer.
pub fn set_patient_cookie(headers: &mut HeaderMap, authority: &ShortCode, secret: &Secret) {
    let value = format!("{PATIENT_COOKIE}={authority}.{}; Path=/; HttpOnly; Secure; SameSite=Strict", secret.expose());
    if let Ok(mut value) = HeaderValue::from_str(&value) {
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }
}

/// Takes a patient's cookie away.
pub fn clear_patient_cookie(headers: &mut HeaderMap) {
    let value = "epitrace_patient=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0";
    headers.append(header::SET_COOKIE, HeaderValue::from_static(value));
}

/// Takes the browser's cookie away.
pub fn clear_cookie(headers: &mut HeaderMap) {
    let value = "epitrace_session=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0";
    headers.append(header::SET_COOKIE, HeaderValue::from_static(value));
}
