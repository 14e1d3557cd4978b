//! Which traces led to which: from a token to the page it opens, and from a page to the runs that
//! computed what it shows, on whatever request they ran.

use std::time::Duration;

use moka::future::Cache;
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use weir_query::Fingerprint;

/// How many of each kind are remembered.
const REMEMBERED: u64 = 10_000;

/// No launch token lives longer.
const LAUNCHES: Duration = Duration::from_mins(10);

/// For how long the run behind a cached answer is remembered.
const RUNS: Duration = Duration::from_hours(1);

/// What is remembered of recorded traces. Empty while no traces are exported.
#[derive(Debug)]
pub struct Links {
    traces: bool,
    launches: Cache<String, SpanContext>,
    runs: Cache<Fingerprint, SpanContext>,
}

impl Links {
    pub(super) fn new(traces: bool) -> Self {
        let launches = Cache::builder().max_capacity(REMEMBERED);
        let runs = Cache::builder().max_capacity(REMEMBERED);
        Self {
            traces,
            launches: launches.time_to_live(LAUNCHES).build(),
            runs: runs.time_to_live(RUNS).build(),
        }
    }

    /// Whether traces are exported at all.
    #[must_use]
    pub fn are_kept(&self) -> bool {
        self.traces
    }

    /// The token `jti` was made in the current span.
    pub async fn minted(&self, jti: &str) {
        if let Some(context) = self.recorded() {
            self.launches.insert(jti.to_owned(), context).await;
        }
    }

    /// The current span opens a page with the token `jti`.
    pub async fn opened(&self, jti: &str) {
        if self.traces
            && let Some(minted) = self.launches.get(jti).await
        {
            Span::current().add_link(minted);
        }
    }

    /// The current span computes the answer to `question`.
    pub async fn runs(&self, question: &Fingerprint) {
        if let Some(context) = self.recorded() {
            self.runs.insert(*question, context).await;
        }
    }

    /// The current span uses the answer to `question`.
    pub async fn uses(&self, question: &Fingerprint) {
        if self.traces
            && let Some(run) = self.runs.get(question).await
        {
            Span::current().add_link(run);
        }
    }

    /// The current span, if it is recorded.
    fn recorded(&self) -> Option<SpanContext> {
        if !self.traces {
            return None;
        }
        let context = Span::current().context();
        let known = context.span().span_context().clone();
        known.is_sampled().then_some(known)
    }
}
