//! How fast pages are for those who look at them: what frames report, and what is promised.
//!
//! A report says numbers and nothing else. Whose page it was is in the token beside it: dashboard,
//! business unit and host; nothing of it is about a person. Reports are summed up here and written
//! into the registry every few seconds, so that no request waits for it; a killed process loses what
//! it heard in its last seconds.

mod answer;
mod heard;
mod limits;
mod reckon;
mod report;

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use tokio_util::sync::CancellationToken;
use weir_identity::EmbedClaims;
use weir_registry::{Label, Series, StoreError, Vitals};

pub use self::answer::{
    BurnAnswer, DashboardVitals, DayAnswer, HostVitals, LoadBucket, PageVitals, Quantiles,
    ReleaseVitals, SeriesVitals, UnitVitals, VitalsAnswer,
};
use self::heard::Heard;
pub use self::heard::{HeardPages, VitalsSnapshot};
use self::limits::Limits;
use self::reckon::{Paces, WINDOWS};
pub use self::report::Report;
use super::clients::Wait;
use crate::clock::Clock;
use crate::config::{ConfigError, Promise, RumConfig};
use crate::reader::{Reader, Viewer};

/// How often what was heard is written into the registry.
const WRITTEN_EVERY: Duration = Duration::from_secs(5);

/// What a release is called that is not this process's.
const OTHER: &str = "other";

/// What frames report. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RealUsers(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    registry: Vitals,
    clock: Clock,
    promise: Promise,
    drawn: u64,
    release: Label,
    other: Label,
    limits: Limits,
    heard: Heard,
    /// One writer at a time: who has flushed knows that all before is written.
    writing: tokio::sync::Mutex<()>,
}

impl RealUsers {
    /// Keeps what is heard in the registry.
    ///
    /// # Errors
    /// When the configuration has a release that is no name.
    pub fn new(registry: Vitals, clock: Clock, config: &RumConfig) -> Result<Self, ConfigError> {
        let other = Label::parse(OTHER).map_err(|_| ConfigError::Invalid {
            key: "rum.release",
            problem: "expected a name",
        })?;
        Ok(Self(Arc::new(Parts {
            registry,
            clock,
            promise: config.promise(),
            drawn: config.drawn(),
            release: config.release()?,
            other,
            limits: Limits::new(config),
            heard: Heard::new(config.max_series),
            writing: tokio::sync::Mutex::default(),
        })))
    }

    /// What is promised.
    #[must_use]
    pub fn promise(&self) -> Promise {
        self.0.promise
    }

    /// Whether any frame is asked to report.
    #[must_use]
    pub fn listens(&self) -> bool {
        self.0.drawn > 0
    }

    /// Whether this frame is one of those that report: then what its release is called.
    #[must_use]
    pub fn draw(&self) -> Option<String> {
        // Without randomness nobody is asked.
        let draw = OsRng.try_next_u32().ok()?;
        (u64::from(draw) < self.0.drawn).then(|| self.0.release.as_str().to_owned())
    }

    /// Counts a call of a frame, or says how long it has to wait for the next.
    ///
    /// # Errors
    /// [`Wait`]: it reported too often, or all frames together did.
    pub fn admit(&self, viewer: &Viewer) -> Result<(), Wait> {
        let admitted = self.0.limits.admit(viewer.claims.family.as_str());
        admitted.inspect_err(|_| self.0.heard.refuse())
    }

    /// Notes that something was no report.
    pub fn could_not_read(&self) {
        self.0.heard.could_not_read();
    }

    /// Takes a report of the page that `viewer` has before them.
    pub fn take(&self, viewer: Viewer, report: &Report) {
        let claims = Arc::clone(&viewer.claims);
        let reader = Reader::Viewer(viewer);
        let Some(series) = self.series(&reader, &claims, report.release()) else {
            self.0.heard.could_not_read();
            return;
        };
        let load = report.load(self.0.promise);
        self.0.heard.take(self.0.clock.now(), series, &load);
    }

    /// `None` where a name can't stand in the registry, which names in tokens can.
    fn series(&self, reader: &Reader, claims: &EmbedClaims, release: &str) -> Option<Series> {
        let own = &self.0.release;
        let release = if release == own.as_str() {
            own
        } else {
            &self.0.other
        };
        Some(Series {
            dashboard: Label::parse(claims.dashboard.as_str()).ok()?,
            business_unit: reader.business_unit().cloned(),
            host: Label::parse(claims.origin.as_str()).ok()?,
            release: release.clone(),
        })
    }

    /// What this process heard since it began, for whoever collects it.
    #[must_use]
    pub fn snapshot(&self) -> VitalsSnapshot {
        self.0.heard.snapshot(self.0.promise)
    }

    /// How pages were on the days (UTC) from that of `from` to that of `to`, and what the last hours
    /// and days did to the promise.
    ///
    /// # Errors
    /// [`StoreError`] when the registry does not answer.
    pub async fn report(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<VitalsAnswer, StoreError> {
        self.flush().await?;
        let registry = &self.0.registry;
        let report = registry.between(from, to).await?;
        let now = self.0.clock.now();
        let mut paces = Paces::default();
        for (place, hours) in paces.0.iter_mut().zip(WINDOWS) {
            *place = registry.pace(now - TimeDelta::hours(hours), now).await?;
        }
        let days = (from.date_naive(), to.date_naive());
        Ok(VitalsAnswer::of(&report, &paces, days, self.0.promise))
    }

    /// Writes everything that was heard up to now.
    ///
    /// # Errors
    /// [`StoreError`]; it is kept and tried again.
    pub async fn flush(&self) -> Result<(), StoreError> {
        let _alone = self.0.writing.lock().await;
        let waiting = self.0.heard.waiting();
        if waiting.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.0.registry.add(&waiting).await {
            self.0.heard.put_back(waiting);
            return Err(error);
        }
        Ok(())
    }

    /// Writes what is heard until `stop`, and then the last of it.
    pub async fn keep(&self, stop: CancellationToken) {
        let pause = || tokio::time::sleep(WRITTEN_EVERY);
        while stop.run_until_cancelled(pause()).await.is_some() {
            self.0.limits.forget();
            self.flush_or_say().await;
        }
        self.flush_or_say().await;
    }

    async fn flush_or_say(&self) {
        if let Err(error) = self.flush().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "what browsers measured was not written yet");
        }
    }
}
