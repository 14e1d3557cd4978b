//! The one place that talks HTTP to identity providers.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use openidconnect::http::{Response, StatusCode};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;
use url::Url;

use super::config::Issuer;

/// A provider that takes longer is down.
const TIMEOUT: Duration = Duration::from_secs(5);

/// No honest metadata, key set or token answer is longer.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Why a request to a provider failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    #[error("request to the provider failed")]
    Request(#[from] reqwest::Error),
    #[error("the provider's answer is longer than {MAX_BODY_BYTES} bytes")]
    TooLong,
    #[error("the provider redirects where it should answer")]
    Redirect,
    #[error("the provider names an address it may not name")]
    Address,
    #[error("the provider's answer is no HTTP")]
    Malformed(#[from] openidconnect::http::Error),
}

/// An HTTP client for one provider: it follows no redirect, waits five seconds, reads one mebibyte,
/// and goes only where the provider may send it.
#[derive(Debug, Clone)]
pub(super) struct HttpClient {
    issuer: Issuer,
    client: reqwest::Client,
}

impl HttpClient {
    /// For a provider on this machine plain HTTP is allowed and no proxy is asked.
    pub(super) fn new(issuer: Issuer) -> Result<Self, reqwest::Error> {
        let loopback = issuer.is_loopback();
        // A redirected token request would carry the code and the client's secret elsewhere.
        let builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .connect_timeout(TIMEOUT)
            .user_agent("weir")
            .https_only(!loopback);
        let builder = if loopback {
            builder.no_proxy()
        } else {
            builder
        };
        Ok(Self {
            issuer,
            client: builder.build()?,
        })
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let target = Url::parse(&request.uri().to_string()).map_err(|_| HttpError::Address)?;
        if !self.issuer.may_use(&target) {
            return Err(HttpError::Address);
        }
        let mut answer = self.client.execute(request.try_into()?).await?;
        if answer.status().is_redirection() {
            return Err(HttpError::Redirect);
        }
        let mut response = Response::builder().status(status(&answer)?);
        for (name, value) in answer.headers() {
            response = response.header(name, value);
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(response.body(body)?)
    }
}

fn status(answer: &reqwest::Response) -> Result<StatusCode, HttpError> {
    StatusCode::from_u16(answer.status().as_u16())
        .map_err(|error| HttpError::Malformed(error.into()))
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
