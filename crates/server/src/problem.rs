//! The one place where errors become answers: RFC 9457.
//!
//! 401 who are you, 403 not you, 404 also for what you may not know of, 409 state, 422 a field with its reason, 429 and
//! 503 with `Retry-After`, 500 a defect of ours. Nothing of a request's values is repeated where it may be personal.

use app::AppError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::activation::CodeOver;
use domain::enrolment::NothingToDo;
use protocol::http::problem::{FieldError, Problem as Body};
use storage::StorageError;

/// An answer that says why not.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: Option<String>,
    hint: Option<&'static str>,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
}

/// The kinds of problem there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nobody is signed in.
    NotSignedIn,
    /// None of a patient's cases is at work any more.
    CaseOver,
    /// Another authority is responsible for a patient.
    CaseElsewhere,
    /// A patient has another account that acts for them.
    AccountSuperseded,
    /// The account came from another authority, and its code here was not redeemed yet.
    CaseNotYet,
    /// The time of a code is over.
    CodeExpired,
    /// A code was redeemed.
    CodeUsed,
    /// A code was taken back, or there is a newer one.
    CodeCancelled,
    /// A code is locked.
    CodeLocked,
    /// Name, password or code is wrong.
    WrongCredentials,
    /// The role may not.
    NotAllowed,
    /// The request doesn't come from our page.
    Forged,
    /// It isn't here, or isn't theirs.
    NotFound,
    /// No such method on this path.
    MethodNotAllowed,
    /// It can't be done as things stand.
    Conflict,
    /// The body is too large.
    TooLarge,
    /// The body isn't what is expected.
    UnsupportedMedia,
    /// What is asked for was deleted at the end of its period.
    DayGone,
    /// The body can't be read.
    Malformed,
    /// Values break rules.
    Invalid,
    /// Too often.
    TooManyAttempts,
    /// Not now.
    Unavailable,
    /// A defect of ours.
    Internal,
}

impl Kind {
    fn parts(self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::NotSignedIn => ("not-signed-in", StatusCode::UNAUTHORIZED, "Nobody is signed in"),
            Self::WrongCredentials => {
                ("wrong-credentials", StatusCode::UNAUTHORIZED, "Name, password or code is wrong")
            }
            Self::CaseOver => ("case-over", StatusCode::FORBIDDEN, "The case is closed"),
            Self::CaseElsewhere => ("case-elsewhere", StatusCode::FORBIDDEN, "Another authority is responsible"),
            Self::AccountSuperseded => ("account-superseded", StatusCode::FORBIDDEN, "Another account is used now"),
            Self::CaseNotYet => ("case-not-yet", StatusCode::FORBIDDEN, "The link was not opened yet"),
            Self::CodeExpired => ("code-expired", StatusCode::GONE, "The code has run out"),
            Self::CodeUsed => ("code-used", StatusCode::GONE, "The code was used"),
            Self::CodeCancelled => ("code-cancelled", StatusCode::GONE, "The code was taken back"),
            Self::CodeLocked => ("code-locked", StatusCode::GONE, "The code is locked"),
            Self::DayGone => ("day-gone", StatusCode::GONE, "It is deleted for good"),
            Self::NotAllowed => ("not-allowed", StatusCode::FORBIDDEN, "Your role may not do this"),
            Self::Forged => ("forged", StatusCode::FORBIDDEN, "This request doesn't come from the page"),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "It is not here"),
            Self::MethodNotAllowed => ("method-not-allowed", StatusCode::METHOD_NOT_ALLOWED, "Not with this method"),
            Self::Conflict => ("conflict", StatusCode::CONFLICT, "It can't be done as things stand"),
            Self::TooLarge => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "This is too large"),
            Self::UnsupportedMedia => {
                ("unsupported-media", StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body has another type")
            }
            Self::Malformed => ("malformed", StatusCode::BAD_REQUEST, "The request can't be read"),
            Self::Invalid => ("invalid", StatusCode::UNPROCESSABLE_ENTITY, "Some values must change"),
            Self::TooManyAttempts => ("too-many-attempts", StatusCode::TOO_MANY_REQUESTS, "Too many attempts"),
            Self::Unavailable => ("unavailable", StatusCode::SERVICE_UNAVAILABLE, "Not possible right now"),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong here"),
        }
    }
}

/// Seconds after which the same may go through, where nothing better is known.
const RETRY_AFTER_S: u64 = 5;

impl Problem {
    /// A problem of a kind.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let retry_after_s = (kind == Kind::Unavailable).then_some(RETRY_AFTER_S);
        Self { kind, detail: None, hint: None, errors: Vec::new(), retry_after_s }
    }

    /// Says whether it is of a kind.
    #[must_use]
    pub fn is(&self, kind: Kind) -> bool {
        self.kind == kind
    }

    /// With what happened.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// With what to do.
    #[must_use]
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }

    /// With when to come again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds.max(1));
        self
    }

    /// A field that must change.
    #[must_use]
    pub fn field(field: impl Into<String>, reason: impl Into<String>) -> Self {
        let mut problem = Self::new(Kind::Invalid);
        problem.errors.push(FieldError { field: field.into(), reason: reason.into() });
        problem
    }

    /// Fields that must change.
    #[must_use]
    pub fn fields(errors: Vec<FieldError>) -> Self {
        Self { errors, ..Self::new(Kind::Invalid) }
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn not_signed_in() -> Self {
        Self::new(Kind::NotSignedIn).hint("sign in, then do the same again")
    }

    /// Whether all that is wrong is that nobody is signed in.
    #[must_use]
    pub fn is_not_signed_in(&self) -> bool {
        self.kind == Kind::NotSignedIn
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind.parts().1
    }

    /// Returns the body, with the number of the request.
    fn body(&self, request_id: &str) -> Body {
        let (word, status, title) = self.kind.parts();
        Body {
            kind: format!("/problems/{word}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: self.detail.clone(),
            hint: self.hint.map(str::to_owned),
            request_id: request_id.to_owned(),
            errors: self.errors.clone(),
        }
    }

    /// Returns the whole answer.
    pub(crate) fn answer(&self, request_id: &str) -> Response {
        let body = serde_json::to_vec(&self.body(request_id)).unwrap_or_default();
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The guard writes the answer, because it knows the number of the request; until then the problem travels along.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotAllowed { .. } => Self::new(Kind::NotAllowed)
                .detail(error.to_string())
                .hint("ask an administrator of your authority for another role"),
            AppError::NotAllowedInVenue { .. } => {
                Self::new(Kind::NotAllowed).detail(error.to_string()).hint("ask an owner of the venue")
            }
            AppError::WrongCredentials => {
                Self::new(Kind::WrongCredentials).hint("check the name, the password and the code")
            }
            AppError::CodeOver(why) => Self::new(match why {
                CodeOver::Expired => Kind::CodeExpired,
                CodeOver::Used => Kind::CodeUsed,
                CodeOver::Cancelled => Kind::CodeCancelled,
                CodeOver::Locked => Kind::CodeLocked,
            })
            .detail(why.to_string())
            .hint("call your health authority for a new one"),
            AppError::NothingToDo(why) => Self::new(match why {
                NothingToDo::Over => Kind::CaseOver,
                NothingToDo::Elsewhere => Kind::CaseElsewhere,
                NothingToDo::OtherAccount => Kind::AccountSuperseded,
                NothingToDo::NotYet => Kind::CaseNotYet,
            })
            .detail(why.to_string()),
            AppError::DayGone(_) => Self::new(Kind::DayGone).detail(error.to_string()),
            AppError::NotAMember => Self::new(Kind::NotFound).detail(error.to_string()),
            AppError::NotFound(_) | AppError::NoAuthority(_) | AppError::NoPerson(_) => {
                Self::new(Kind::NotFound).detail(error.to_string())
            }
            AppError::WhichAuthority(_) => Self::field("authority", "say for which authority, by its short code"),
            AppError::Conflict(reason) => Self::new(Kind::Conflict).detail(reason),
            AppError::Taken(_) => Self::new(Kind::Conflict).detail(error.to_string()),
            AppError::InvalidFields(fields) => {
                let of = |(field, reason): (&'static str, String)| FieldError { field: field.to_owned(), reason };
                Self { errors: fields.into_iter().map(of).collect(), ..Self::new(Kind::Invalid) }
            }
            AppError::Invalid { field, reason } => Self::field(field.trim_start_matches("--"), reason),
            AppError::NotAReference => Self::field("person", error.to_string()),
            AppError::Mapping(_) | AppError::Column(_) => Self::field("columns", error.to_string()),
            AppError::Table(_) | AppError::List(_) => Self::field("file", error.to_string()),
            AppError::NoAuthorityYet | AppError::ClockOff { .. } => {
                Self::new(Kind::Unavailable).detail(error.to_string())
            }
            AppError::Storage(storage) => storage.into(),
            other => internal(&other),
        }
    }
}

impl From<crate::network::Unkept> for Problem {
    fn from(error: crate::network::Unkept) -> Self {
        match error {
            crate::network::Unkept::Log(event_log::EventLogError::TooLarge { .. }) => Self::new(Kind::TooLarge),
            _ => Self::new(Kind::Unavailable).detail("reports can't be kept just now").hint("send the same again"),
        }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        match &error {
            StorageError::Sealing(storage::sealing::SealingError::NoKey | storage::sealing::SealingError::Locked) => {
                tracing::error!("the keyring is missing or locked");
                Self::new(Kind::Unavailable)
                    .detail("names are locked: the keyring is not there")
                    .hint("an operator must bring the keyring back")
            }
            StorageError::Sealing(error @ storage::sealing::SealingError::Away(_)) => {
                tracing::warn!(%error, "the keyring isn't reached");
                Self::new(Kind::Unavailable)
                    .detail("the keyring is away; nothing was half-written")
                    .hint("try the same again in a moment")
            }
            StorageError::Unsure => {
                tracing::warn!(error = %error, "a commit isn't sure");
                Self::new(Kind::Unavailable)
                    .detail("whether this was kept isn't known")
                    .hint("try the same again in a moment: it is done once")
            }
            passing if passing.may_pass() => {
                tracing::warn!(error = %passing, "the database is away or busy");
                Self::new(Kind::Unavailable)
                    .detail("the database is away or busy; nothing was half-written")
                    .hint("try the same again in a moment")
            }
            other => internal(other),
        }
    }
}

/// A defect: the log says more than the answer.
fn internal(error: &dyn std::error::Error) -> Problem {
    let mut causes = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        causes.push_str(": ");
        causes.push_str(&cause.to_string());
        source = cause.source();
    }
    tracing::error!(error = causes, "a request failed");
    Problem::new(Kind::Internal).hint("try again; if it stays, give an operator the number of this request")
}
