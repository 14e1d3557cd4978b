//! `POST /weir-token`: the CRM's back end asks Weir for an embed token.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use reqwest::redirect;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Crm;
use super::view;
use crate::demo::DemoError;
use crate::demo::html::Language;
use crate::demo::local::LocalUrl;
use crate::demo::persona::Persona;

const PATIENCE: Duration = Duration::from_secs(5);

/// The CRM as an embed client of Weir.
pub(super) struct Mint {
    http: reqwest::Client,
    endpoint: String,
    origin: String,
    client_id: String,
    secret: SecretString,
}

/// What the page asks for. A product with accounts would take the person from its own session.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    dashboard: String,
    persona: String,
    locale: Option<String>,
}

/// What Weir is asked, `POST /api/v1/embed-tokens`.
#[derive(Debug, Serialize)]
struct MintRequest<'a> {
    dashboard: &'static str,
    subject: SubjectName,
    business_units: &'static [&'static str],
    locale: &'static str,
    origin: &'a str,
    rights: &'static [&'static str],
}

#[derive(Debug, Serialize)]
struct SubjectName {
    sub: &'static str,
    name: &'static str,
}

/// What Weir answers; the launch address is for hosts that can only set a URL.
#[derive(Debug, Deserialize, Serialize)]
struct Minted {
    token: String,
    expires_in: u64,
}

/// Why there is no token for the page.
#[derive(Debug, thiserror::Error)]
enum NoToken {
    #[error("the request did not come from the CRM's own page")]
    ForeignPage,
    #[error("the request is not what the page sends")]
    Malformed,
    #[error("nobody of that name is signed in, or the dashboard is not offered")]
    Unknown,
    #[error("weir could not be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("weir refused with status {0}")]
    Refused(StatusCode),
    #[error("weir's answer could not be read")]
    Unreadable(#[source] reqwest::Error),
}

impl Mint {
    pub(super) fn new(
        weir: &LocalUrl,
        own: &LocalUrl,
        client_id: String,
        secret: SecretString,
    ) -> Result<Self, DemoError> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(DemoError::Client)?;
        let endpoint = weir.join("/api/v1/embed-tokens");
        Ok(Self {
            http,
            endpoint,
            origin: own.origin(),
            client_id,
            secret,
        })
    }

    async fn token(
        &self,
        persona: &'static Persona,
        dashboard: &'static str,
        language: Language,
    ) -> Result<Minted, NoToken> {
        let request = MintRequest {
            dashboard,
            subject: SubjectName {
                sub: persona.sub,
                name: persona.name,
            },
            business_units: persona.business_units,
            locale: language.locale(),
            origin: &self.origin,
            rights: &["export_csv"],
        };
        let answer = self
            .http
            .post(&self.endpoint)
            .basic_auth(&self.client_id, Some(self.secret.expose_secret()))
            .json(&request)
            .send()
            .await
            .map_err(NoToken::Unreachable)?;
        if !answer.status().is_success() {
            return Err(NoToken::Refused(answer.status()));
        }
        answer.json().await.map_err(NoToken::Unreadable)
    }
}

pub(super) async fn token(
    State(crm): State<Arc<Crm>>,
    headers: HeaderMap,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Response {
    match answer(&crm, &headers, wanted).await {
        Ok(minted) => Json(minted).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn answer(
    crm: &Crm,
    headers: &HeaderMap,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<Minted, NoToken> {
    if headers
        .get(header::ORIGIN)
        .is_none_or(|origin| origin != crm.own.as_str())
    {
        return Err(NoToken::ForeignPage);
    }
    let Json(wanted) = wanted.map_err(|_| NoToken::Malformed)?;
    let persona = view::signed_in(&wanted.persona).ok_or(NoToken::Unknown)?;
    let dashboard = view::offers(&wanted.dashboard).ok_or(NoToken::Unknown)?;
    let language = Language::choose(wanted.locale.as_deref(), headers);
    crm.mint.token(persona, dashboard, language).await
}

impl IntoResponse for NoToken {
    fn into_response(self) -> Response {
        let (status, code) = match &self {
            Self::ForeignPage => (StatusCode::FORBIDDEN, "foreign-page"),
            Self::Malformed => (StatusCode::BAD_REQUEST, "malformed"),
            Self::Unknown => (StatusCode::NOT_FOUND, "unknown"),
            Self::Unreachable(_) => (StatusCode::BAD_GATEWAY, "weir-unreachable"),
            Self::Refused(_) => (StatusCode::BAD_GATEWAY, "weir-refused"),
            Self::Unreadable(_) => (StatusCode::BAD_GATEWAY, "weir-unreadable"),
        };
        if status.is_server_error() {
            let error: &dyn std::error::Error = &self;
            tracing::warn!(error, "the demo CRM has no token for its page");
        }
        (status, Json(json!({ "code": code }))).into_response()
    }
}
