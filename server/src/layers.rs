//! The middleware stack on one page, outermost first, one reason per layer.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;
use weir_registry::RequestId;

use crate::front::{Refused, shape};
use crate::problem::render::problems;
use crate::problem::{Problem, Slug};
use crate::state::AppState;
use crate::telemetry;

/// The largest request body in bytes.
const MAX_BODY: usize = 64 << 10;

/// How long a request's body may pause while it is sent.
const BODY: Duration = Duration::from_secs(10);

/// Wraps `router` in everything that holds for every route.
pub fn apply(router: Router<AppState>, state: &AppState) -> Router {
    router
        // A panic is one request's 500, never the process's end.
        .layer(CatchPanicLayer::custom(|_| {
            Problem::new(Slug::Internal).into_response()
        }))
        // A body that trickles in holds a task; nobody's form takes this long.
        .layer(RequestBodyTimeoutLayer::new(BODY))
        // Nobody sends more than a form.
        .layer(DefaultBodyLimit::max(MAX_BODY))
        // What no request may be, whoever sends it.
        .layer(from_fn(strict))
        // Problems become documents, in one place.
        .layer(from_fn_with_state(state.clone(), problems))
        // What no handler said about framing, caching and sniffing is said strictly.
        .layer(from_fn_with_state(state.clone(), strict_headers))
        // Counted, timed and traced as its caller sees it.
        .layer(from_fn_with_state(
            state.clone(),
            telemetry::request::watched,
        ))
        // Everything above and below can be told apart by request.
        .layer(from_fn(request_id))
        .with_state(state.clone())
}

async fn request_id(mut request: Request, next: Next) -> Response {
    // Always our own: a client's id would let it choose what the audit is keyed by.
    let fresh = uuid::Uuid::now_v7().simple().to_string();
    let Ok(id) = RequestId::parse(fresh.as_str()) else {
        return next.run(request).await;
    };
    request.extensions_mut().insert(id);
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&fresh) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

async fn strict(request: Request, next: Next) -> Response {
    let refused = request.extensions().get::<Refused>();
    let flaw = refused.map(|refused| refused.0);
    match flaw.or_else(|| shape::flaw(&request)) {
        Some(slug) => Problem::new(slug).into_response(),
        None => next.run(request).await,
    }
}

async fn strict_headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let embed = request.uri().path().starts_with("/embed/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    default(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(headers, REFERRER_POLICY, "no-referrer");
    default(headers, CACHE_CONTROL, "no-store, private");
    default(
        headers,
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    default(
        headers,
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    );
    default(
        headers,
        HeaderName::from_static("permissions-policy"),
        PERMISSIONS,
    );
    if embed {
        // An old header that knows no exact origin; `frame-ancestors` does its work here.
        headers.remove(X_FRAME_OPTIONS);
    } else {
        default(headers, X_FRAME_OPTIONS, "DENY");
        default(
            headers,
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        );
    }
    if state.is_https() {
        default(
            headers,
            STRICT_TRANSPORT_SECURITY,
            "max-age=31536000; includeSubDomains",
        );
    }
    response
}

const PERMISSIONS: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), \
                           clipboard-read=(), fullscreen=(self)";

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}
