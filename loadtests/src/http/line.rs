//! The line to Weir: connections that are kept, nothing tried twice, every answer read to its end.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::RETRY_AFTER;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use tokio::time::timeout;

use super::action::Ask;

/// Whoever waits for so long has gone.
const PATIENCE: Duration = Duration::from_secs(15);
/// Whoever opens what nobody opened before waits until Weir gives up.
const FIRST_PATIENCE: Duration = Duration::from_secs(45);
/// Connections that nobody uses are closed before the server does it.
const IDLE: Duration = Duration::from_secs(20);

/// A client of one Weir.
#[derive(Debug, Clone)]
pub struct Line {
    client: Client<HttpConnector, Full<Bytes>>,
    patience: Duration,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) retry_after: bool,
    pub(super) body: Bytes,
}

/// Why an action did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// Weir said that it has too much to do, and when to come again.
    Shed,
    /// Another status than 200.
    Status(StatusCode),
    /// 200, but not what was asked for.
    Wrong,
    /// The connection was refused, or broke.
    Broken,
    /// No answer in time.
    Late,
    /// Too many others were under way: it was not sent.
    NotSent,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shed => f.write_str("shed (there was no room)"),
            Self::Status(status) => write!(f, "status {}", status.as_u16()),
            Self::Wrong => f.write_str("200 with the wrong content"),
            Self::Broken => f.write_str("broken connection"),
            Self::Late => f.write_str("no answer in time"),
            Self::NotSent => f.write_str("not sent: too many under way"),
        }
    }
}

impl Line {
    /// A client without connections yet.
    #[must_use]
    pub fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new())
            .retry_canceled_requests(false)
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(connector);
        Self {
            client,
            patience: PATIENCE,
        }
    }

    /// The same, for the first time that something is asked: an engine may have a bad moment.
    pub(super) fn for_the_first_time(&self) -> Self {
        Self {
            patience: FIRST_PATIENCE,
            ..self.clone()
        }
    }

    /// Sends, and reads the answer to its end.
    pub(super) async fn send(&self, ask: Ask) -> Result<Reply, Failure> {
        let whole = async {
            let answer = self
                .client
                .request(ask)
                .await
                .map_err(|_| Failure::Broken)?;
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.map_err(|_| Failure::Broken)?;
            Ok(Reply {
                status: parts.status,
                retry_after: parts.headers.contains_key(RETRY_AFTER),
                body: body.to_bytes(),
            })
        };
        let answer = timeout(self.patience, whole).await;
        answer.unwrap_or(Err(Failure::Late))
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl Reply {
    /// Whether the text is in the body.
    pub(super) fn has(&self, text: &str) -> bool {
        let (body, text) = (self.body.as_ref(), text.as_bytes());
        body.windows(text.len()).any(|window| window == text)
    }

    /// The body as JSON, or `null`.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A text member of the body.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.json().get(name)?.as_str().map(str::to_owned)
    }
}
