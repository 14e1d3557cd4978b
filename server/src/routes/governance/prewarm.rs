//! `GET /api/v1/prewarm`: how much of what people will ask is computed already.

use axum::Json;
use axum::extract::State;

use crate::guard::Admin;
use crate::service::prewarm::Coverage;
use crate::state::AppState;

/// Of the process that answers: each warms its own memory.
#[utoipa::path(
    get, path = "/api/v1/prewarm", tag = "usage",
    summary = "How much of what people will ask is computed already",
    responses((status = 200, body = Coverage)),
)]
pub(super) async fn prewarm(State(state): State<AppState>, _: Admin) -> Json<Coverage> {
    Json(state.prewarm.coverage())
}
