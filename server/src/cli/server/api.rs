//! Requests to the governance API. Every command that speaks to a server does it here.

use std::time::Duration;

use anyhow::Context as _;
use reqwest::header::{ETAG, IF_MATCH};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;
use weir_identity::is_loopback;

use super::refusal::{ApiError, Refusal};

/// A server that does not even accept the connection in this time is down.
const CONNECT: Duration = Duration::from_secs(10);

/// Counting an impact may take a while; an export is read as it comes.
const PAUSE: Duration = Duration::from_mins(5);

/// The governance API of one server, with a token.
#[derive(Debug)]
pub(in crate::cli) struct Api {
    origin: String,
    http: reqwest::Client,
    token: SecretString,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(in crate::cli) struct Reply {
    /// Its status, a good one.
    pub(in crate::cli) status: StatusCode,
    /// The tag that a change of the same thing must name.
    pub(in crate::cli) tag: Option<String>,
    /// Its document.
    pub(in crate::cli) body: Value,
    origin: String,
}

impl Reply {
    /// The document as what the caller expects it to be.
    pub(in crate::cli) fn read<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        let read = serde_json::from_value(self.body.clone());
        read.map_err(|_| ApiError::Foreign(self.origin.clone()))
    }
}

impl Api {
    pub(super) fn new(origin: &str, token: SecretString) -> anyhow::Result<Self> {
        Ok(Self {
            origin: origin.to_owned(),
            http: http(origin)?,
            token,
        })
    }

    /// `GET path`, such as `/api/v1/policies/revisions`.
    ///
    /// # Errors
    /// [`ApiError`] says why there is no answer.
    pub(in crate::cli) async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Reply, ApiError> {
        self.reply(self.request(Method::GET, path).query(query))
            .await
    }

    /// `POST path` with a document; `seen` is the tag of what is changed.
    ///
    /// # Errors
    /// [`ApiError`] says why nothing was done.
    pub(in crate::cli) async fn post(
        &self,
        path: &str,
        document: &Value,
        seen: Option<&str>,
    ) -> Result<Reply, ApiError> {
        let request = self.request(Method::POST, path).json(document);
        self.reply(naming(request, seen)).await
    }

    /// `PUT path` with a document; `seen` is the tag of what is replaced.
    ///
    /// # Errors
    /// [`ApiError`] says why nothing was done.
    pub(in crate::cli) async fn put(
        &self,
        path: &str,
        document: &Value,
        seen: Option<&str>,
    ) -> Result<Reply, ApiError> {
        let request = self.request(Method::PUT, path).json(document);
        self.reply(naming(request, seen)).await
    }

    /// `DELETE path` of what `seen` is the tag of.
    ///
    /// # Errors
    /// [`ApiError`] says why nothing was done.
    pub(in crate::cli) async fn delete(
        &self,
        path: &str,
        seen: Option<&str>,
    ) -> Result<(), ApiError> {
        let request = naming(self.request(Method::DELETE, path), seen);
        self.send(request).await.map(drop)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.origin))
            .bearer_auth(self.token.expose_secret())
            .header("accept-language", "en-CA")
    }

    async fn reply(&self, request: RequestBuilder) -> Result<Reply, ApiError> {
        let answer = self.send(request).await?;
        let status = answer.status();
        let tag = answer.headers().get(ETAG);
        let tag = tag.and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        Ok(Reply {
            status,
            tag,
            body: answer.json().await.map_err(|_| self.foreign())?,
            origin: self.origin.clone(),
        })
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ApiError> {
        let silent = |error| ApiError::Silent(self.origin.clone(), error);
        let answer = request.send().await.map_err(silent)?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        let refusal: Refusal = answer.json().await.map_err(|_| self.foreign())?;
        Err(Box::new(refusal).into())
    }

    fn foreign(&self) -> ApiError {
        ApiError::Foreign(self.origin.clone())
    }
}

/// The request, about what was seen.
fn naming(request: RequestBuilder, seen: Option<&str>) -> RequestBuilder {
    match seen {
        Some(tag) => request.header(IF_MATCH, tag),
        None => request,
    }
}

/// A client that follows no redirect: a token is for one server.
pub(super) fn http(origin: &str) -> anyhow::Result<reqwest::Client> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .read_timeout(PAUSE)
        .user_agent("weir");
    // What is on this machine is not reached through a proxy.
    let here = Url::parse(origin).is_ok_and(|url| is_loopback(&url));
    let builder = if here { builder.no_proxy() } else { builder };
    builder.build().context("the HTTP client can't be set up")
}
