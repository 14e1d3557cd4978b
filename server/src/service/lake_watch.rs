//! Looks at the tables in the background, never on a request's path: for newer snapshots, and for
//! columns that are no longer what their datasets declare.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use weir_engine::EngineError;
use weir_policy::DatasetName;
use weir_registry::AuditLog;

use super::current_engine::CurrentEngine;
use super::drift_log::DriftLog;
use super::snapshots::Snapshots;
use crate::clock::Clock;

/// The least time between two looks.
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
        let mut pace = Pace::of(interval);
        let next = async |pace: &mut Pace| pace.next(self.engine.snapshot_gone()).await;
        while stop.run_until_cancelled(next(&mut pace)).await.is_some() {
            if let Err(error) = self.look().await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "snapshots not refreshed");
            }
        }
    }
}

/// How soon to look again.
#[derive(Debug)]
struct Pace {
    interval: Duration,
    shortest: Duration,
    /// What comes sooner still has to wait this long. It doubles while looking helps nobody.
    breath: Duration,
}

impl Pace {
    fn of(interval: Duration) -> Self {
        let shortest = BREATH.min(interval);
        Self {
            interval,
            shortest,
            breath: shortest,
        }
    }

    /// Waits until it is time to look: the interval, or a breath once a snapshot is `gone`.
    async fn next(&mut self, gone: impl Future<Output = ()>) {
        tokio::time::sleep(self.breath).await;
        let rest = self.interval.saturating_sub(self.breath);
        self.breath = match timeout(rest, gone).await {
            Ok(()) => self.interval.min(self.breath * 2),
            Err(_elapsed) => self.shortest,
        };
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    const MOMENT: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn a_snapshot_that_stays_gone_is_looked_for_less_and_less_often() {
        let mut pace = Pace {
            interval: 7 * MOMENT,
            shortest: MOMENT,
            breath: MOMENT,
        };
        let mut breaths = Vec::new();
        for _ in 0..4 {
            pace.next(ready(())).await;
            breaths.push(pace.breath.as_millis());
        }
        assert_eq!(breaths, [2, 4, 7, 7]);

        pace.next(pending()).await;

        assert_eq!(pace.breath, MOMENT, "the next one is looked for soon");
    }
}
