//! What is counted is counted once here, and goes to Prometheus and to OTLP from here.
//!
//! Labels come out of closed sets: fixed words, and names of things that exist ([`Value`]). Nothing
//! that a request says becomes a label.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;
use opentelemetry::trace::TraceContextExt as _;
use prometheus_client::encoding::{EncodeLabelValue, EncodeMetric, LabelValueEncoder};
use prometheus_client::metrics::TypedMetric;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// The value of a label.
#[derive(Debug, Clone)]
pub enum Value {
    /// A word of the program.
    Fixed(&'static str),
    /// The name of something that exists.
    Known(Arc<str>),
}

/// One series of a metric.
type Series<const N: usize> = [(&'static str, Value); N];

/// The trace of one request that was observed.
type Exemplar = [(&'static str, String); 1];

/// Where metrics are made.
pub(super) struct Maker<'a> {
    pub(super) registry: &'a mut Registry,
    pub(super) meter: Option<&'a Meter>,
}

/// Something that is counted.
#[derive(Debug, Clone)]
pub struct Count<const N: usize> {
    labels: [&'static str; N],
    prometheus: Family<Series<N>, Counter>,
    otlp: Option<opentelemetry::metrics::Counter<u64>>,
}

/// How long something takes, in seconds.
#[derive(Debug, Clone)]
pub struct Times<const N: usize> {
    labels: [&'static str; N],
    prometheus: Family<Series<N>, HistogramWithExemplars<Exemplar>, Buckets>,
    otlp: Option<opentelemetry::metrics::Histogram<f64>>,
}

/// How much there is of something now.
#[derive(Debug, Clone)]
pub struct Level<const N: usize> {
    labels: [&'static str; N],
    prometheus: Family<Series<N>, Gauge<f64, AtomicU64>>,
    otlp: Option<opentelemetry::metrics::Gauge<f64>>,
}

/// The upper ends of a histogram's buckets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Buckets(pub(super) &'static [f64]);

impl MetricConstructor<HistogramWithExemplars<Exemplar>> for Buckets {
    fn new_metric(&self) -> HistogramWithExemplars<Exemplar> {
        HistogramWithExemplars::new(self.0.iter().copied())
    }
}

impl Value {
    /// Everything that has no series of its own.
    pub const OTHER: Self = Self::Fixed("other");

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Fixed(text) => text,
            Self::Known(text) => text,
        }
    }
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Fixed(text)
    }
}

impl From<Value> for opentelemetry::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Fixed(text) => Self::String(text.into()),
            Value::Known(text) => Self::String(text.into()),
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Value {}

impl Hash for Value {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl EncodeLabelValue for Value {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), fmt::Error> {
        EncodeLabelValue::encode(&self.as_str(), encoder)
    }
}

impl Maker<'_> {
    fn register<const N: usize, M, C>(
        &mut self,
        (name, help): (&'static str, &'static str),
        labels: [&'static str; N],
        family: &Family<Series<N>, M, C>,
    ) where
        M: EncodeMetric + TypedMetric + Clone + fmt::Debug + Send + Sync + 'static,
        C: MetricConstructor<M> + Clone + fmt::Debug + Send + Sync + 'static,
    {
        // Prometheus' text ends a help by itself.
        let help = help.trim_end_matches('.');
        match alone(labels) {
            // What has no labels is there from the start, and zero.
            Some(only) => {
                let metric = family.get_or_create_owned(&only);
                self.registry.register(name, help, metric);
            }
            None => self.registry.register(name, help, family.clone()),
        }
    }

    /// `name` is without `_total`, which Prometheus adds.
    pub(super) fn count<const N: usize>(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Count<N> {
        let prometheus = Family::<Series<N>, Counter>::default();
        self.register((name, help), labels, &prometheus);
        let meter = self.meter;
        Count {
            labels,
            prometheus,
            otlp: meter.map(|meter| meter.u64_counter(name).with_description(help).build()),
        }
    }

    pub(super) fn times<const N: usize>(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
        buckets: &'static [f64],
    ) -> Times<N> {
        let prometheus = Family::<Series<N>, _, _>::new_with_constructor(Buckets(buckets));
        self.register((name, help), labels, &prometheus);
        let otlp = self.meter.map(|meter| {
            let histogram = meter.f64_histogram(name).with_description(help);
            histogram
                .with_unit("s")
                .with_boundaries(buckets.to_vec())
                .build()
        });
        Times {
            labels,
            prometheus,
            otlp,
        }
    }

    pub(super) fn level<const N: usize>(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
    ) -> Level<N> {
        let prometheus = Family::<Series<N>, Gauge<f64, AtomicU64>>::default();
        self.register((name, help), labels, &prometheus);
        let meter = self.meter;
        Level {
            labels,
            prometheus,
            otlp: meter.map(|meter| meter.f64_gauge(name).with_description(help).build()),
        }
    }
}

impl<const N: usize> Count<N> {
    /// Counts `more`.
    pub fn add(&self, values: [Value; N], more: u64) {
        let series = series(self.labels, values);
        self.prometheus.get_or_create(&series).inc_by(more);
        if let Some(otlp) = &self.otlp {
            otlp.add(more, &attributes(series));
        }
    }

    /// Counts what is missing to `total`, which somebody else counted.
    pub fn catch_up(&self, values: [Value; N], total: u64) {
        let known = self
            .prometheus
            .get_or_create(&series(self.labels, values.clone()))
            .get();
        self.add(values, total.saturating_sub(known));
    }
}

impl<const N: usize> Times<N> {
    /// Observes one, of the request whose span this is called in.
    pub fn observe(&self, values: [Value; N], took: Duration) {
        let series = series(self.labels, values);
        let seconds = took.as_secs_f64();
        self.prometheus
            .get_or_create(&series)
            .observe(seconds, exemplar(), None);
        if let Some(otlp) = &self.otlp {
            otlp.record(seconds, &attributes(series));
        }
    }
}

impl<const N: usize> Level<N> {
    /// Says how much there is.
    pub fn set(&self, values: [Value; N], level: f64) {
        let series = series(self.labels, values);
        self.prometheus.get_or_create(&series).set(level);
        if let Some(otlp) = &self.otlp {
            otlp.record(level, &attributes(series));
        }
    }

    /// Forgets all series: what is gone has no level.
    pub fn clear(&self) {
        self.prometheus.clear();
    }
}

/// The one series of a metric without labels.
fn alone<const N: usize>(labels: [&'static str; N]) -> Option<Series<N>> {
    (N == 0).then(|| labels.map(|label| (label, Value::OTHER)))
}

fn series<const N: usize>(labels: [&'static str; N], values: [Value; N]) -> Series<N> {
    let mut values = values.into_iter();
    labels.map(|label| (label, values.next().unwrap_or(Value::OTHER)))
}

fn attributes<const N: usize>(series: Series<N>) -> [KeyValue; N] {
    series.map(|(label, value)| KeyValue::new(label, value))
}

/// The trace that is recorded now, if one is.
fn exemplar() -> Option<Exemplar> {
    let context = tracing::Span::current().context();
    let span = context.span();
    let known = span.span_context();
    known
        .is_sampled()
        .then(|| [("trace_id", known.trace_id().to_string())])
}
