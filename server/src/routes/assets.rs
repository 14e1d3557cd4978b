//! The SDK under its stable name; everything else is served by hash below `/assets`.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};

use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// For files whose name changes with their content.
pub const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// `GET /sdk/weir.js`: host pages on other origins load it as a module, which needs CORS.
///
/// # Errors
/// When the file is gone.
pub async fn sdk(State(state): State<AppState>) -> Result<Response, Problem> {
    let script = tokio::fs::read(state.assets.sdk()).await;
    let script = script.map_err(|error| Problem::new(Slug::Internal).caused_by(error))?;
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/javascript; charset=utf-8"),
        ),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=300"),
        ),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    Ok((headers, script).into_response())
}
