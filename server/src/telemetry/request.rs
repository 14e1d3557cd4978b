//! One request, watched from outside: its span, its count, its time.

use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::CONTENT_TYPE;
use http::{HeaderName, HeaderValue, StatusCode};
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use weir_registry::RequestId;

use super::phases::{self, Phases};
use super::route::Labels;
use crate::state::AppState;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Watches a request, whose id is known, up to the head of its answer.
pub async fn watched(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let labels = labels(&state, &request);
    let span = span(&request, &labels);
    if state.telemetry.links().are_kept() {
        identify(&span);
    }
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = began.elapsed();
    span.in_scope(|| count(&state, labels, &response, took));
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    time_page(&mut response, took);
    response
}

fn labels(state: &AppState, request: &Request) -> Labels {
    let routes = state.telemetry.0.routes.get();
    let matched = request.extensions().get::<MatchedPath>();
    let unknown = || Labels {
        method: "other",
        route: "unmatched".into(),
        kind: "other",
    };
    routes.map_or_else(unknown, |routes| {
        routes.labels(matched, request.uri().path(), request.method())
    })
}

/// The span of a request. What it says is Weir's own: no address, no query, no header.
fn span(request: &Request, labels: &Labels) -> Span {
    let id = request.extensions().get::<RequestId>();
    info_span!(
        "request",
        otel.kind = "server",
        otel.name = labels.route.as_str(),
        otel.status_code = Empty,
        http.request.method = labels.method,
        http.route = labels.route.as_str(),
        http.response.status_code = Empty,
        request_id = id.map_or("", RequestId::as_str),
        trace_id = Empty,
    )
}

/// Tells the log which trace a span is in, if it is recorded.
pub(super) fn identify(span: &Span) {
    if let Some(context) = context_of(span) {
        span.record("trace_id", tracing::field::display(context.trace_id()));
    }
}

/// Where `span` stands in its trace, if it is recorded.
pub(super) fn context_of(span: &Span) -> Option<SpanContext> {
    let context = span.context();
    let known = context.span().span_context().clone();
    known.is_sampled().then_some(known)
}

fn count(state: &AppState, labels: Labels, response: &Response, took: Duration) {
    let metrics = state.telemetry.metrics();
    let status = class(response.status());
    metrics
        .requests
        .add([labels.method.into(), labels.route, status.into()], 1);
    metrics.request_time.observe([labels.kind.into()], took);
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

/// Says on every page where its time went. A browser shows it to the page's own origin alone, since
/// nothing says `Timing-Allow-Origin`.
fn time_page(response: &mut Response, took: Duration) {
    let kind = response.headers().get(CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        return;
    }
    let phases = response.extensions().get::<Phases>();
    let value = phases.map_or_else(|| phases::total(took), |phases| phases.header(took));
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(SERVER_TIMING, value);
    }
}
