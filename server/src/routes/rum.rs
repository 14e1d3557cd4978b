//! `POST /rum`: a frame tells, once, how fast its page was for the person before it.

use axum::body::Bytes;
use axum::extract::State;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::problem::{Problem, Slug};
use crate::reader::Viewer;
use crate::service::vitals::Report;
use crate::state::AppState;

/// A report is a handful of numbers.
pub const MAX_BODY: usize = 1 << 10;

/// Counts a report. Nothing is read, so nothing is put on record. The page goes on whatever the
/// answer is.
///
/// # Errors
/// No report, too many of them, a dashboard that is gone, or nobody listens.
pub async fn rum(
    State(state): State<AppState>,
    viewer: Viewer,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let real_users = &state.real_users;
    let content = state.dashboards.published.current();
    let exists = content.dashboard(viewer.claims.dashboard.as_str());
    if exists.is_none() || !real_users.listens() {
        return Err(Problem::new(Slug::NotFound));
    }
    real_users.admit(&viewer).map_err(|wait| {
        let wait = json!({ "retry_after": wait.seconds() });
        Problem::new(Slug::TooManyRequests).with(wait)
    })?;
    let json = headers.get(CONTENT_TYPE);
    if json.is_none_or(|kind| kind != "application/json") {
        return Err(Problem::new(Slug::UnsupportedMediaType));
    }
    let report = Report::read(&body).map_err(|error| {
        real_users.could_not_read();
        Problem::new(Slug::InvalidRequest).caused_by(error)
    })?;
    real_users.take(viewer, &report);
    Ok(StatusCode::NO_CONTENT)
}
