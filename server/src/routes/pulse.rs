//! `GET /embed/{slug}/pulse`: a frame asks whether it may go on showing what it shows.

use axum::extract::{Path, State};
use http::StatusCode;

use crate::problem::{Problem, Slug};
use crate::reader::{Reader, Viewer};
use crate::state::AppState;

/// Nothing, as long as all is well; nothing is put on record then, because nothing is read.
///
/// # Errors
/// The token is over or was revoked, the dashboard is locked, or nobody knows any more.
pub async fn pulse(
    State(state): State<AppState>,
    viewer: Viewer,
    Path(slug): Path<String>,
) -> Result<StatusCode, Problem> {
    let reader = Reader::Viewer(viewer);
    let content = state.dashboards.published.current();
    if content.dashboard(&slug).is_none() || !reader.reaches(&slug) {
        return Err(Problem::new(Slug::NotFound));
    }
    let now = state.clock.now();
    state.dashboards.gate.check(&reader, &slug, now)?;
    Ok(StatusCode::NO_CONTENT)
}
