//! The trace of a caller (W3C Trace Context), for callers that proved to be services. What a browser
//! sends is never looked at: it could choose which of its requests are recorded, and under which id
//! (row O6).

use http::HeaderMap;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::request;

const TRACEPARENT: &str = "traceparent";

/// `traceparent` and nothing else: `tracestate` is the caller's own, of any length.
struct Parent<'a>(&'a str);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == TRACEPARENT).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT]
    }
}

/// Makes `span` go on with the trace that the service says in `headers`, and links it to the request
/// it is part of. Without one it stays what it is.
pub fn continues(span: &Span, headers: &HeaderMap) {
    let mut said = headers.get_all(TRACEPARENT).iter();
    let (Some(only), None) = (said.next(), said.next()) else {
        return;
    };
    let Ok(text) = only.to_str() else { return };
    let caller = TraceContextPropagator::new().extract(&Parent(text));
    if !caller.span().span_context().is_valid() {
        return;
    }
    let request = request::context_of(&Span::current());
    // Refused by a span that nobody records; then there is nothing to go on with.
    if span.set_parent(caller).is_ok()
        && let Some(request) = request
    {
        span.add_link(request);
    }
    request::identify(span);
}
