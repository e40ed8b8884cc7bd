//! Sends traces to the collector. The library does so on a thread of its own, without a runtime: so each is handed to ours.

use bytes::Bytes;
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;
use tokio::runtime::Handle;

/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The way to the collector.
#[derive(Debug)]
pub(super) struct Sender {
    client: reqwest::Client,
    runtime: Handle,
}

impl Sender {
    /// Within a runtime.
    pub(super) fn new() -> Result<Self, reqwest::Error> {
        // Installing it twice is refused and changes nothing.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client =
            reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { client, runtime: Handle::current() })
    }
}

/// An answer that is still to come.
type Coming<'f> = Pin<Box<dyn Future<Output = Result<Response<Bytes>, HttpError>> + Send + 'f>>;

impl HttpClient for Sender {
    fn send_bytes<'s, 'f>(&'s self, request: Request<Bytes>) -> Coming<'f>
    where
        's: 'f,
        Self: 'f,
    {
        let sending = self.runtime.spawn(send(self.client.clone(), request));
        Box::pin(async move {
            let sent = sending.await.map_err(HttpError::from).and_then(|sent| sent);
            let end = if sent.as_ref().is_ok_and(|answer| answer.status().is_success()) { "sent" } else { "failed" };
            metrics::counter!("epitrace_trace_batches_total", "end" => end).increment(1);
            sent
        })
    }
}

async fn send(client: reqwest::Client, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let answer = client.execute(request.try_into()?).await?;
    let (status, body) = (answer.status(), answer.bytes().await?);
    Ok(Response::builder().status(status).body(body)?)
}
