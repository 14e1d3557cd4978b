//! `GET /api/v1/drift`: where tables are not what their datasets declare.

use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use weir_engine::DriftKind;

use crate::guard::Admin;
use crate::service::drift_log::Drifted;
use crate::state::AppState;

/// Where tables are not what their datasets declare; what withholds something first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DriftAnswer {
    drift: Vec<DriftLine>,
}

/// A column that differs.
#[derive(Debug, Serialize, ToSchema)]
struct DriftLine {
    dataset: String,
    column: String,
    /// `missing` and `retyped` withhold whatever needs the column; `added` is a note.
    kind: &'static str,
    /// Whether tiles are withheld because of it.
    withholds: bool,
    /// Since when it is known to the process that answers.
    since: DateTime<Utc>,
    /// The whole in a sentence.
    says: String,
}

/// Looked up in the background; nothing is asked of the lake for this answer.
#[utoipa::path(
    get, path = "/api/v1/drift", tag = "usage",
    summary = "Where tables are not what their datasets declare",
    responses((status = 200, body = DriftAnswer)),
)]
pub(super) async fn drift(State(state): State<AppState>, _: Admin) -> Json<DriftAnswer> {
    let known = state.lake.drift.known();
    Json(DriftAnswer {
        drift: known.iter().map(line).collect(),
    })
}

fn line(one: &Drifted) -> DriftLine {
    DriftLine {
        dataset: one.drift.dataset.to_string(),
        column: one.drift.column.clone(),
        kind: match one.drift.kind {
            DriftKind::Missing { .. } => "missing",
            DriftKind::Retyped { .. } => "retyped",
            DriftKind::Added => "added",
        },
        withholds: one.withholds(),
        since: one.since,
        says: one.drift.to_string(),
    }
}
