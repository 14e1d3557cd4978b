//! Looks at the tables in the background, never on a request's path: for newer snapshots, and for
//! columns that are no longer what their datasets declare.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use weir_engine::EngineError;
use weir_policy::DatasetName;
use weir_registry::AuditLog;

use super::current_engine::CurrentEngine;
use super::drift_log::DriftLog;
use super::snapshots::Snapshots;
use crate::clock::Clock;

/// The least time between two looks, however many snapshots turn out to be gone.
const BREATH: Duration = Duration::from_secs(1);

/// Who looks, and whom it tells.
#[derive(Debug, Clone)]
pub struct LakeWatch {
    /// What views are computed on.
    pub snapshots: Snapshots,
    /// Where tables are not what was declared.
    pub drift: DriftLog,
    /// Whom to ask.
    pub engine: Arc<CurrentEngine>,
    /// Where it is put on record.
    pub audit: AuditLog,
    /// The time.
    pub clock: Clock,
}

impl LakeWatch {
    /// Looks once.
    ///
    /// # Errors
    /// What the engine says; everything stays as it was known.
    pub async fn look(&self) -> Result<(), EngineError> {
        let found = self.snapshots.refresh(self.engine.as_ref(), &self.clock);
        let found = found.await?;
        let was_read = |dataset: &DatasetName| found.snapshots.get(dataset).is_some();
        self.drift.take(found.drift, was_read, self.clock.now());
        if let Err(error) = self.drift.put_on_record(&self.audit).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "a change of a table could not be recorded yet");
        }
        Ok(())
    }

    /// Looks every `interval` until `stop`, and sooner when a snapshot turned out to be gone.
    pub async fn follow(self, interval: Duration, stop: CancellationToken) {
        while stop
            .run_until_cancelled(self.pause(interval))
            .await
            .is_some()
        {
            if let Err(error) = self.look().await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "snapshots not refreshed");
            }
        }
    }

    async fn pause(&self, interval: Duration) {
        let breath = BREATH.min(interval);
        tokio::time::sleep(breath).await;
        tokio::select! {
            () = tokio::time::sleep(interval.saturating_sub(breath)) => {}
            () = self.engine.snapshot_gone() => {}
        }
    }
}
