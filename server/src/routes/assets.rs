//! The SDK and the icon under their stable names; everything else is served by hash below `/assets`.

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

/// `GET /favicon.ico`: browsers ask for it beside every page; the word mark's drawing.
pub async fn icon() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("image/svg+xml")),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=86400"),
        ),
    ];
    (headers, ICON).into_response()
}

const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#3f78e0" stroke-width="2.4" stroke-linecap="round"><path d="M2 8c3-3 5-3 7 0s4 3 6 0 4-3 7 0M2 13h20M5 13v7M12 13v7M19 13v7"/></svg>"##;
