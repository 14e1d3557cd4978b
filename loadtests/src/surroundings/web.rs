//! Calls that are not timed: is it ready, what did it count.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_mins(1);

/// A client that follows no redirect and tries nothing twice.
#[derive(Debug, Clone)]
pub struct Web(Client<HttpConnector, Full<Bytes>>);

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Web {
    /// A client with connections of its own.
    #[must_use]
    pub fn new() -> Self {
        let mut builder = Client::builder(TokioExecutor::new());
        Self(builder.retry_canceled_requests(false).build_http())
    }

    /// Sends a request, and reads the answer to its end.
    ///
    /// # Errors
    /// Nobody answers, or not within a minute.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        let whole = async {
            let answer = self.0.request(request).await?;
            let (parts, body) = answer.into_parts();
            anyhow::Ok(Answer {
                status: parts.status,
                headers: parts.headers,
                body: body.collect().await?.to_bytes(),
            })
        };
        timeout(PATIENCE, whole).await.context("no answer")?
    }

    /// Sends a request that must succeed.
    ///
    /// # Errors
    /// As [`Web::send`], and where the answer says that it did not.
    pub async fn succeed(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        let path = request.uri().path().to_owned();
        let answer = self.send(request).await?;
        let said = String::from_utf8_lossy(&answer.body);
        ensure!(
            answer.status.is_success(),
            "{path}: {} {said}",
            answer.status
        );
        Ok(answer)
    }

    /// A plain `GET`.
    ///
    /// # Errors
    /// As [`Web::send`].
    pub async fn get(&self, url: &str) -> anyhow::Result<Answer> {
        self.send(Request::get(url).body(Full::default())?).await
    }

    /// A `POST` of a JSON document.
    ///
    /// # Errors
    /// As [`Web::send`].
    pub async fn post_json(&self, url: &str, document: &Value) -> anyhow::Result<Answer> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(url)
            .header("content-type", "application/json")
            .body(Full::from(document.to_string()))?;
        self.send(request).await
    }
}

impl Default for Web {
    fn default() -> Self {
        Self::new()
    }
}
