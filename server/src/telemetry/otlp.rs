//! Traces and metrics by OTLP over HTTP, protobuf in its bodies.
//!
//! Both exporters work on threads of their own with bounded queues. A collector that hangs costs
//! spans, never a request.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{
    ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::{PeriodicReader, SdkMeterProvider};
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider,
};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

use super::client::Carrier;
use crate::config::OtlpConfig;
use crate::config::secret_file::SecretFileError;

/// How many spans wait at most.
const QUEUE: usize = 4_096;

/// How many go together.
const TOGETHER: usize = 512;

/// How long they wait for others.
const WAIT: Duration = Duration::from_secs(2);

/// How long a process that ends waits for the collector.
const LAST: Duration = Duration::from_secs(5);

/// Why nothing can be exported.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The file with the collector's `Authorization`.
    #[error("`telemetry.otlp.authorization_file`")]
    Secret(#[source] SecretFileError),
    /// It is no value of a header.
    #[error("`telemetry.otlp.authorization` is not a line of text")]
    Authorization,
    /// There is no HTTP client.
    #[error("no HTTP client can be made for `telemetry.otlp`")]
    Client(#[source] reqwest::Error),
    /// Not called from the server's runtime.
    #[error("telemetry begins in the server's runtime")]
    Runtime,
    /// The exporter does not take its settings.
    #[error("`telemetry.otlp` can't be used")]
    Exporter(#[from] ExporterBuildError),
}

/// Traces on their way to a collector.
#[derive(Debug, Clone)]
pub struct Traces(SdkTracerProvider);

/// Metrics on their way to a collector.
#[derive(Debug)]
pub(super) struct MetricExport(SdkMeterProvider);

impl Traces {
    /// Begins to export.
    ///
    /// # Errors
    /// [`TelemetryError`]: the collector's settings can't be used.
    pub fn open(config: &OtlpConfig) -> Result<Self, TelemetryError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Carrier::new(config)?)
            .with_endpoint(address(config, "v1/traces"))
            .build()?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(QUEUE)
            .with_max_export_batch_size(TOGETHER)
            .with_scheduled_delay(WAIT)
            .build();
        let processor = BatchSpanProcessor::builder(exporter)
            .with_batch_config(batches)
            .build();
        let ratio = Sampler::TraceIdRatioBased(config.trace_ratio);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            // A caller's decision holds; `remote` says whose.
            .with_sampler(Sampler::ParentBased(Box::new(ratio)))
            .with_resource(resource())
            .build();
        Ok(Self(provider))
    }

    /// Turns Weir's spans into traces. Events stay in the log: what an error says is for there.
    #[must_use]
    pub fn layer<S>(&self) -> Box<dyn Layer<S> + Send + Sync>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync + 'static,
    {
        let own = |metadata: &tracing::Metadata<'_>| {
            metadata.is_span() && metadata.target().starts_with("weir")
        };
        OpenTelemetryLayer::new(self.0.tracer("weir"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(filter_fn(own))
            .boxed()
    }

    /// Sends what is recorded.
    pub async fn flush(&self) {
        let provider = self.0.clone();
        // The exporter needs this thread to go on.
        let sent = tokio::task::spawn_blocking(move || provider.force_flush().is_ok());
        warn(sent.await.unwrap_or(false));
    }

    /// Sends what is recorded, and nothing after that.
    pub async fn close(self) {
        let sent = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST).is_ok());
        warn(sent.await.unwrap_or(false));
    }
}

impl MetricExport {
    pub(super) fn open(config: &OtlpConfig) -> Result<Self, TelemetryError> {
        let exporter = MetricExporter::builder()
            .with_http()
            .with_http_client(Carrier::new(config)?)
            .with_endpoint(address(config, "v1/metrics"))
            .build()?;
        let reader = PeriodicReader::builder(exporter)
            .with_interval(Duration::from_secs(config.metrics_every_s))
            .build();
        let provider = SdkMeterProvider::builder()
            .with_reader(reader)
            .with_resource(resource())
            .build();
        Ok(Self(provider))
    }

    pub(super) fn provider(&self) -> &SdkMeterProvider {
        &self.0
    }

    pub(super) async fn close(&self) {
        let provider = self.0.clone();
        let sent = tokio::task::spawn_blocking(move || provider.shutdown().is_ok());
        warn(matches!(
            tokio::time::timeout(LAST, sent).await,
            Ok(Ok(true))
        ));
    }
}

fn warn(is_sent: bool) {
    if !is_sent {
        tracing::warn!("the last traces or metrics were not taken by the collector");
    }
}

fn address(config: &OtlpConfig, signal: &str) -> String {
    let base = config.endpoint.as_str().trim_end_matches('/');
    format!("{base}/{signal}")
}

/// Who tells it. `OTEL_RESOURCE_ATTRIBUTES` may add more.
fn resource() -> Resource {
    let instance = uuid::Uuid::now_v7().to_string();
    Resource::builder()
        .with_service_name("weir")
        .with_attributes([
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", instance),
        ])
        .build()
}
