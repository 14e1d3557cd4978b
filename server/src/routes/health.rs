//! For probes and for whoever verifies embed tokens.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};

use crate::state::AppState;

/// `GET /healthz`: the process answers.
pub async fn live() -> Json<Value> {
    Json(json!({ "status": "live" }))
}

/// `GET /readyz`: `ready`; `degraded` when only cached answers can be given; `unavailable` when
/// nothing may be shown because nothing can be recorded.
pub async fn ready(State(state): State<AppState>) -> Response {
    let engine = state.dashboards.cache.is_healthy().await;
    let published = !state.dashboards.published.is_closed();
    let registry = published && state.registry.health().await.is_ok();
    let (status, word) = match (registry, engine) {
        (true, true) => (StatusCode::OK, "ready"),
        (true, false) => (StatusCode::OK, "degraded"),
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    (
        status,
        Json(json!({ "status": word, "engine": engine, "registry": registry })),
    )
        .into_response()
}

/// `GET /.well-known/jwks.json`: the public keys of embed tokens.
pub async fn jwks(State(state): State<AppState>) -> Json<Value> {
    Json(state.keys.jwks())
}
