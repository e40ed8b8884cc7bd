//! The server of a run, asked over HTTP.

use crate::host::ReportFrame;
use crate::work::{Control, Reports, Unanswered};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::http::runs::{REPORTS, RunControl, RunNodes, TakeNodes};
use protocol::nodes::RunKey;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use std::time::Duration;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How long it may take to reach the server, and to be answered.
const TO_REACH: Duration = Duration::from_secs(3);
const TO_ANSWER: Duration = Duration::from_secs(10);

/// Why a server can't be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No address of a server.
    #[error("the address of a server begins with http:// or https://")]
    Address,
    /// No key of a run.
    #[error("the key of a run has 43 letters, digits, - and _")]
    Key,
    /// TLS can't be set up on this machine.
    #[error("requests to the server can't be made")]
    Client(#[source] reqwest::Error),
}

/// The key of a run: nodes bring it to the server, and make the MACs of their beacons with its 32 bytes. It is never printed.
#[derive(Clone)]
pub struct Key {
    text: Zeroizing<String>,
    bytes: RunKey,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// Reads a key as the server shows it; white space around it doesn't count.
    ///
    /// # Errors
    ///
    /// [`HttpError::Key`].
    pub fn read(text: &str) -> Result<Self, HttpError> {
        let text = text.trim();
        let bytes = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let bytes = RunKey(bytes.ok_or(HttpError::Key)?);
        Ok(Self { text: Zeroizing::new(text.to_owned()), bytes })
    }

    /// Returns what the MACs of beacons are made with.
    #[must_use]
    pub fn of_beacons(&self) -> RunKey {
        self.bytes.clone()
    }
}

/// A run on its server.
#[derive(Clone, Debug)]
pub struct Server {
    client: Client,
    control: Url,
    take: Url,
    reports: Url,
}

impl Server {
    /// Prepares to ask a server, such as `https://tracing.example.org`, about a run. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`HttpError`].
    pub fn new(server: &str, run: Uuid, key: &Key) -> Result<Self, HttpError> {
        let at = |path: &str| {
            let url = format!("{}/api/v1/runs/{run}/{path}", server.trim_end_matches('/'));
            Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https")).ok_or(HttpError::Address)
        };
        let (control, take, reports) = (at("control")?, at("control/take")?, at("reports")?);
        let bearer = Zeroizing::new(format!("Bearer {}", *key.text));
        let mut bearer = HeaderValue::from_str(&bearer).map_err(|_| HttpError::Key)?;
        bearer.set_sensitive(true);
        // Installing it twice is refused and changes nothing.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder()
            .default_headers(HeaderMap::from_iter([(AUTHORIZATION, bearer)]))
            .connect_timeout(TO_REACH)
            .timeout(TO_ANSWER)
            // The key is for this server only.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(HttpError::Client)?;
        Ok(Self { client, control, take, reports })
    }
}

/// Sends a request; tells answers that are of no use apart.
async fn ask(request: RequestBuilder) -> Result<Response, Unanswered> {
    let response = request.send().await.map_err(away)?;
    match response.status() {
        status if status.is_success() => Ok(response),
        StatusCode::UNAUTHORIZED => Err(Unanswered::WrongKey),
        StatusCode::NOT_FOUND => Err(Unanswered::NoRun),
        StatusCode::CONFLICT => Err(Unanswered::Over),
        status => Err(Unanswered::Away(format!("the server answered {status}").into())),
    }
}

fn away(error: reqwest::Error) -> Unanswered {
    Unanswered::Away(Box::new(error))
}

impl Control for Server {
    async fn read(&self) -> Result<RunControl, Unanswered> {
        ask(self.client.get(self.control.clone())).await?.json().await.map_err(away)
    }

    async fn take(&self, offer: TakeNodes) -> Result<RunNodes, Unanswered> {
        ask(self.client.post(self.take.clone()).json(&offer)).await?.json().await.map_err(away)
    }
}

impl Reports for Server {
    async fn send(&self, reports: &[ReportFrame]) -> Result<(), Unanswered> {
        let request = self.client.post(self.reports.clone()).header(CONTENT_TYPE, REPORTS).body(body(reports));
        ask(request).await.map(|_| ())
    }
}

/// Puts reports one after the other, each with its length before it.
fn body(reports: &[ReportFrame]) -> Vec<u8> {
    let n_bytes = reports.iter().map(|report| 4 + report.bytes.len()).sum();
    let mut body = Vec::with_capacity(n_bytes);
    for report in reports {
        // A frame is far shorter than 4 GiB.
        body.extend((report.bytes.len() as u32).to_le_bytes());
        body.extend_from_slice(&report.bytes);
    }
    body
}
