//! A collector of OTLP on loopback, which keeps what it is sent; and paper for logs.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use prost::Message as _;
use tokio::net::TcpListener;
use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing_subscriber::layer::SubscriberExt as _;
use weir_server::config::OtlpConfig;
use weir_server::telemetry::log::Lines;
use weir_server::telemetry::otlp::Traces;

/// What arrived.
#[derive(Debug, Default)]
struct Arrived {
    spans: Vec<Span>,
    metrics: BTreeMap<String, Vec<BTreeMap<String, String>>>,
    bytes: Vec<u8>,
}

/// A span, read back.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) name: String,
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    pub(crate) is_error: bool,
    pub(crate) says: BTreeMap<String, String>,
    /// Trace and span of each link.
    pub(crate) links: Vec<(String, String)>,
    pub(crate) events: usize,
}

/// The collector, and the log of whoever is told to it.
#[derive(Debug)]
pub(crate) struct Collector {
    pub(crate) url: String,
    arrived: Arc<Mutex<Arrived>>,
    traces: Traces,
    paper: Paper,
}

/// Where a log is written to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// How many spans are called so.
pub(crate) fn count(spans: &[Span], name: &str) -> u64 {
    spans.iter().filter(|span| span.name == name).count() as u64
}

/// The settings of a collector at `url`, with every request traced.
pub(crate) fn settings(url: &str) -> OtlpConfig {
    OtlpConfig {
        endpoint: url.parse().unwrap(),
        authorization: None,
        authorization_file: None,
        traces: true,
        trace_ratio: 1.0,
        metrics: true,
        metrics_every_s: 3_600,
    }
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let arrived = Arc::<Mutex<Arrived>>::default();
        let router = Router::new()
            .route("/v1/traces", post(traces))
            .route("/v1/metrics", post(metrics))
            .with_state(Arc::clone(&arrived));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let traces = Traces::open(&settings(&url)).unwrap();
        Self {
            url,
            arrived,
            traces,
            paper: Paper::default(),
        }
    }

    /// The lines of `weir.toml` that name it.
    pub(crate) fn toml(&self) -> String {
        format!(
            "\n[telemetry.otlp]\nendpoint = \"{}\"\ntrace_ratio = 1.0\nmetrics_every_s = 3600\n",
            self.url
        )
    }

    /// From now on the process tells it everything, at every level. Where another test of the process
    /// was first, only this thread does: then a span that a database's thread entered may never end,
    /// because that thread knows no subscriber to tell.
    pub(crate) fn listen(&self) -> Option<DefaultGuard> {
        let paper = self.paper.clone();
        let subscriber = tracing_subscriber::registry()
            .with(Lines::json(move || paper.clone()))
            .with(self.traces.layer());
        let dispatch = Dispatch::new(subscriber);
        match dispatcher::set_global_default(dispatch.clone()) {
            Ok(()) => None,
            Err(_) => Some(dispatcher::set_default(&dispatch)),
        }
    }

    /// The spans, once `enough` of them have ended: a database's thread may hold one a moment longer
    /// than its request took.
    pub(crate) async fn spans(&self, enough: impl Fn(&[Span]) -> bool) -> Vec<Span> {
        for _ in 0..2_000 {
            self.traces.flush().await;
            let spans = self.arrived.lock().unwrap().spans.clone();
            if enough(&spans) {
                return spans;
            }
            tokio::task::yield_now().await;
        }
        panic!("not enough: {:#?}", self.arrived.lock().unwrap().spans);
    }

    /// The labels of each series of a metric.
    pub(crate) fn series(&self, metric: &str) -> Vec<BTreeMap<String, String>> {
        let arrived = self.arrived.lock().unwrap();
        arrived.metrics.get(metric).cloned().unwrap_or_default()
    }

    /// All bytes that it was sent.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.arrived.lock().unwrap().bytes.clone()
    }

    pub(crate) fn log(&self) -> String {
        String::from_utf8(self.paper.0.lock().unwrap().clone()).unwrap()
    }
}

async fn traces(State(arrived): State<Arc<Mutex<Arrived>>>, body: Bytes) {
    let request = ExportTraceServiceRequest::decode(body.clone()).unwrap();
    let mut arrived = arrived.lock().unwrap();
    arrived.bytes.extend_from_slice(&body);
    let scopes = request
        .resource_spans
        .into_iter()
        .flat_map(|of| of.scope_spans);
    for span in scopes.flat_map(|scope| scope.spans) {
        arrived.spans.push(Span {
            name: span.name,
            trace: hex(&span.trace_id),
            id: hex(&span.span_id),
            parent: hex(&span.parent_span_id),
            is_error: span.status.is_some_and(|status| status.code == 2),
            says: pairs(&span.attributes),
            links: span
                .links
                .iter()
                .map(|link| (hex(&link.trace_id), hex(&link.span_id)))
                .collect(),
            events: span.events.len(),
        });
    }
}

async fn metrics(State(arrived): State<Arc<Mutex<Arrived>>>, body: Bytes) {
    let request = ExportMetricsServiceRequest::decode(body.clone()).unwrap();
    let mut arrived = arrived.lock().unwrap();
    arrived.bytes.extend_from_slice(&body);
    let scopes = request
        .resource_metrics
        .into_iter()
        .flat_map(|of| of.scope_metrics);
    for metric in scopes.flat_map(|scope| scope.metrics) {
        let series = match metric.data {
            Some(Data::Sum(sum)) => sum
                .data_points
                .iter()
                .map(|p| pairs(&p.attributes))
                .collect(),
            Some(Data::Gauge(gauge)) => gauge
                .data_points
                .iter()
                .map(|p| pairs(&p.attributes))
                .collect(),
            Some(Data::Histogram(all)) => all
                .data_points
                .iter()
                .map(|p| pairs(&p.attributes))
                .collect(),
            other => panic!("{}: {other:?}", metric.name),
        };
        arrived.metrics.insert(metric.name, series);
    }
}

fn pairs(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Option<AnyValue>| match value.as_ref().and_then(|any| any.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(truth)) => truth.to_string(),
        other => format!("{other:?}"),
    };
    let pair = |pair: &KeyValue| (pair.key.clone(), text(&pair.value));
    attributes.iter().map(pair).collect()
}

/// Bytes as people read them.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}
