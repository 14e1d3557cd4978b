//! What Weir tells of itself: logs with request ids, metrics, traces.
//!
//! Every fact is recorded once, in [`Metrics`]; from there it goes to Prometheus' listener and, where
//! a collector is configured, to OTLP. Nothing here can hold up or fail a request: recording is
//! counting in memory, and what is exported waits in bounded queues that drop what does not fit.
//!
//! No token, secret, person, parameter or value of a row is in any of it (rows E9, O4, O5 of the
//! design): labels come from closed sets, spans carry names and ids, and what an error says is
//! cleaned before it is logged.

mod client;
mod known;
pub mod links;
pub mod listener;
pub mod log;
mod metric;
mod metrics;
pub mod otlp;
mod parts;
pub mod phases;
mod process;
pub mod remote;
pub mod request;
mod route;
mod scrub;
mod standing;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use opentelemetry::metrics::MeterProvider as _;
use prometheus_client::collector::Collector;
use prometheus_client::registry::Registry;
use tokio::time::Instant;

pub use self::known::Known;
use self::links::Links;
use self::metric::Maker;
pub use self::metric::{Count, Level, Times, Value};
pub use self::metrics::Metrics;
use self::otlp::{MetricExport, TelemetryError};
use self::route::RouteIndex;
pub(crate) use self::standing::{keep, learn};
use crate::config::TelemetryConfig;
use crate::router::Route;

/// What Weir counts and where it tells it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Telemetry(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    metrics: Metrics,
    registry: Mutex<Registry>,
    export: Option<MetricExport>,
    routes: OnceLock<RouteIndex>,
    links: Links,
    began: Instant,
    /// The revision that was seen in force last, and since when.
    revision: Mutex<Option<(u64, Instant)>>,
}

impl Telemetry {
    /// Makes all metrics, and begins to export them where that is configured.
    ///
    /// # Errors
    /// [`TelemetryError`]: the collector's settings can't be used.
    pub fn new(config: &TelemetryConfig) -> Result<Self, TelemetryError> {
        let otlp = config.otlp.as_ref();
        let export = otlp.filter(|otlp| otlp.metrics);
        let export = export.map(MetricExport::open).transpose()?;
        let meter = export
            .as_ref()
            .map(|export| export.provider().meter("weir"));
        let mut registry = Registry::default();
        let metrics = Metrics::new(&mut Maker {
            registry: &mut registry,
            meter: meter.as_ref(),
        });
        let traces = otlp.is_some_and(|otlp| otlp.traces);
        Ok(Self(Arc::new(Parts {
            metrics,
            registry: Mutex::new(registry),
            export,
            routes: OnceLock::new(),
            links: Links::new(traces),
            began: Instant::now(),
            revision: Mutex::default(),
        })))
    }

    /// What is counted.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// Which traces led to which.
    #[must_use]
    pub fn links(&self) -> &Links {
        &self.0.links
    }

    /// Tells Prometheus what another part counts by itself, too.
    pub fn also(&self, collector: Box<dyn Collector>) {
        let mut registry = self
            .0
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        registry.register_collector(collector);
    }

    /// The routes there are: their templates become labels.
    pub(crate) fn know_routes(&self, routes: &[Route]) {
        self.0.routes.get_or_init(|| RouteIndex::of(routes));
    }

    /// Sends what was counted, and nothing after that.
    pub async fn close(&self) {
        if let Some(export) = &self.0.export {
            export.close().await;
        }
    }
}
