//! The SDK and the icon under their stable names; everything else is served by hash below `/assets`.

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, IF_MODIFIED_SINCE, LAST_MODIFIED,
    VARY,
};
use http::{HeaderName, HeaderValue};
use serde::Serialize;
use tower::ServiceExt as _;
use tower_http::services::ServeFile;

use crate::problem::{Problem, Slug};
use crate::state::AppState;

/// For files whose name changes with their content.
pub const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// For files that are sent packed to whoever takes that.
pub const BY_ENCODING: HeaderValue = HeaderValue::from_static("accept-encoding");

/// For names that stay while their content changes.
const SHORT: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// What a host that pins the SDK writes into its page.
#[derive(Debug, Serialize)]
struct SdkVersion {
    version: &'static str,
    /// The path of this version; it never changes its content.
    url: String,
    /// The value of the `integrity` attribute.
    integrity: String,
}

/// `GET /sdk/weir.js`: host pages on other origins load it as a module, which needs CORS. Packed by
/// brotli for whoever takes that.
pub async fn sdk(State(state): State<AppState>, mut request: Request) -> Response {
    // The name stays while the content changes, and a file's time says nothing about that.
    request.headers_mut().remove(IF_MODIFIED_SINCE);
    let file = ServeFile::new(state.assets.sdk()).precompressed_br();
    // A file that can't be read is an answer too.
    let Ok(mut answer) = file.oneshot(request).await;
    answer.headers_mut().remove(LAST_MODIFIED);
    if answer.status().is_success() {
        answer.headers_mut().insert(CACHE_CONTROL, SHORT);
    }
    for_any_page(([(VARY, BY_ENCODING)], answer))
}

/// `GET /sdk/{file}`: the same under the name that changes with it, for pages that pin it.
///
/// # Errors
/// Not found, for every name but the current one.
pub async fn pinned_sdk(
    state: State<AppState>,
    Path(file): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    if file != state.assets.sdk_name() {
        return Err(Problem::new(Slug::NotFound));
    }
    let mut response = sdk(state, request).await;
    if response.status().is_success() {
        response.headers_mut().insert(CACHE_CONTROL, IMMUTABLE);
    }
    Ok(response)
}

/// `GET /sdk/version.json`: which SDK this is, and its hash.
pub async fn sdk_version(State(state): State<AppState>) -> Response {
    let version = SdkVersion {
        version: env!("CARGO_PKG_VERSION"),
        url: format!("/sdk/{}", state.assets.sdk_name()),
        integrity: state.assets.sdk_integrity().to_owned(),
    };
    for_any_page(([(CACHE_CONTROL, SHORT)], Json(version)))
}

/// Whoever asks may read it, from any origin: it holds nothing of anybody.
fn for_any_page(answer: impl IntoResponse) -> Response {
    let open = [
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    (open, answer).into_response()
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
