//! For probes and for whoever verifies embed tokens.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};
use weir_registry::Health;

use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// `GET /healthz`: the process answers.
#[utoipa::path(get, path = "/healthz", tag = "health", summary = "Live", responses((status = 200, body = Value)))]
pub async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

/// `GET /readyz`: `leaving` once the process was told to end; `ready`; `degraded` when only cached answers can be given, or records wait for a
/// database that does not answer; `unavailable` when nothing may be shown because nothing can be
/// recorded, or because the newest revision can't be put in force.
#[utoipa::path(
    get, path = "/readyz", tag = "health", summary = "Ready, degraded, unavailable or leaving",
    responses((status = 200, body = Value), (status = 503, body = Value)),
)]
pub async fn ready(State(state): State<AppState>) -> Response {
    if state.leaving.is_cancelled() {
        let leaving = Json(json!({ "status": "leaving" }));
        return (StatusCode::SERVICE_UNAVAILABLE, leaving).into_response();
    }
    let Report {
        readiness,
        engine,
        registry,
    } = report(&state).await;
    let status = match readiness {
        Readiness::Ready | Readiness::Degraded => StatusCode::OK,
        Readiness::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    let word = readiness.word();
    (
        status,
        Json(json!({ "status": word, "engine": engine, "registry": registry })),
    )
        .into_response()
}

/// How much of Weir can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Everything.
    Ready,
    /// Cached answers, or records wait for a database that does not answer.
    Degraded,
    /// Nothing.
    Unavailable,
}

impl Readiness {
    /// Every one there is.
    pub const ALL: &'static [Self] = &[Self::Ready, Self::Degraded, Self::Unavailable];

    /// How it is now.
    pub async fn of(state: &AppState) -> Self {
        report(state).await.readiness
    }

    /// The word in `/readyz` and metrics.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Degraded => "degraded",
            Self::Unavailable => "unavailable",
        }
    }
}

struct Report {
    readiness: Readiness,
    engine: bool,
    registry: bool,
}

async fn report(state: &AppState) -> Report {
    let engine = state.dashboards.cache.is_healthy().await;
    let published = !state.dashboards.published.is_closed();
    let health = state.registry.health().await;
    let registry = published && matches!(health, Ok(Health::Well));
    let readiness = match (health, engine) {
        (Ok(_), _) if !published => Readiness::Unavailable,
        (Ok(Health::Well), true) => Readiness::Ready,
        (Ok(_), _) => Readiness::Degraded,
        (Err(_), _) => Readiness::Unavailable,
    };
    Report {
        readiness,
        engine,
        registry,
    }
}

/// `GET /.well-known/oauth-protected-resource`: where a program gets an access token for the
/// governance API (RFC 9728). What begins with `weir_` is for the `weir` commands.
///
/// # Errors
/// When the governance API takes no access tokens.
#[utoipa::path(
    get, path = "/.well-known/oauth-protected-resource", tag = "policies",
    summary = "Where to get an access token (RFC 9728)",
    responses((status = 200, body = Value)),
)]
pub async fn protected_resource(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let api = state.api.as_ref();
    let api = api.ok_or_else(|| Problem::new(Slug::NotFound))?;
    let issuers = state.sign_in.providers.iter();
    let issuers: Vec<_> = issuers.map(|named| named.provider.issuer()).collect();
    Ok(Json(json!({
        "resource": state.own_origin(),
        "authorization_servers": issuers,
        "bearer_methods_supported": ["header"],
        "scopes_supported": api.scopes,
        "weir_audience": api.audience,
        "weir_device_client_id": api.device_client_id,
    })))
}

/// `GET /.well-known/jwks.json`: the public keys of embed tokens.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "embed", summary = "The public keys of embed tokens (RFC 7517)",
    responses((status = 200, body = Value)),
)]
pub async fn jwks(State(state): State<AppState>) -> Json<Value> {
    Json(state.keys.jwks(state.clock.now()))
}
