//! How exports travel: by the server's own HTTP client, on the server's own runtime, whatever thread
//! the exporter works on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use opentelemetry_http::{HttpClient, HttpError, Request, Response};
use secrecy::ExposeSecret as _;
use tokio::runtime::Handle;

use super::otlp::TelemetryError;
use crate::config::OtlpConfig;

/// How long one export may take.
const TIME: Duration = Duration::from_secs(10);

/// How much of an answer is read: collectors say next to nothing.
const ANSWER: usize = 64 << 10;

/// Carries exports to the collector.
#[derive(Debug, Clone)]
pub(super) struct Carrier {
    http: reqwest::Client,
    runtime: Handle,
    said: std::sync::Arc<AtomicBool>,
}

impl Carrier {
    pub(super) fn new(config: &OtlpConfig) -> Result<Self, TelemetryError> {
        let mut headers = HeaderMap::new();
        let secret = config.authorization().map_err(TelemetryError::Secret)?;
        if let Some(secret) = secret {
            let value = HeaderValue::from_str(secret.expose_secret());
            let mut value = value.map_err(|_| TelemetryError::Authorization)?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let builder = reqwest::Client::builder()
            .default_headers(headers)
            .timeout(TIME)
            .connect_timeout(TIME)
            // A collector has one address; an export must not follow where somebody sends it.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        Ok(Self {
            http: builder.build().map_err(TelemetryError::Client)?,
            runtime: Handle::try_current().map_err(|_| TelemetryError::Runtime)?,
            said: std::sync::Arc::default(),
        })
    }

    /// Says once that nothing arrives, and once that something does again.
    fn report(&self, is_fine: bool) {
        let was_broken = self.said.swap(!is_fine, Ordering::Relaxed);
        match (was_broken, is_fine) {
            (false, false) => {
                tracing::warn!("the collector does not take what is exported; it is dropped");
            }
            (true, true) => tracing::info!("the collector takes exports again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Carrier {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let http = self.http.clone();
        let sent = self.runtime.spawn(async move { send(http, request).await });
        let outcome = match sent.await {
            Ok(outcome) => outcome,
            Err(ended) => Err(HttpError::from(ended)),
        };
        let taken = outcome.as_ref();
        self.report(taken.is_ok_and(|answer| answer.status().is_success()));
        outcome
    }
}

async fn send(
    http: reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, HttpError> {
    let request = reqwest::Request::try_from(request)?;
    let mut answer = http.execute(request).await?;
    let mut body = BytesMut::new();
    while body.len() < ANSWER
        && let Some(chunk) = answer.chunk().await?
    {
        body.extend_from_slice(&chunk);
    }
    let mut response = Response::builder().status(answer.status());
    if let Some(headers) = response.headers_mut() {
        headers.extend(answer.headers().clone());
    }
    Ok(response.body(body.freeze())?)
}
