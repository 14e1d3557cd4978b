//! The processes that share one AWS account's quotas: each says in the registry that it lives, and
//! keeps to its part.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use weir_registry::{Fleet, ProcessId, StoreError};

use super::lake::Lake;
use crate::clock::Clock;

/// How often a process says that it lives.
const BEAT: Duration = Duration::from_secs(10);

/// This process among the others.
#[derive(Debug, Clone)]
pub struct Crew {
    fleet: Fleet,
    process: ProcessId,
    lake: Lake,
    clock: Clock,
    live: Arc<AtomicU32>,
}

impl Crew {
    /// This process, by a number that nobody else draws.
    #[must_use]
    pub fn new(fleet: Fleet, lake: Lake, clock: Clock) -> Self {
        let process = ProcessId::new(uuid::Uuid::now_v7().into_bytes());
        Self {
            fleet,
            process,
            lake,
            clock,
            live: Arc::new(AtomicU32::new(1)),
        }
    }

    /// How many processes there are, as far as this one knows.
    #[must_use]
    pub fn live(&self) -> u32 {
        self.live.load(Ordering::Relaxed)
    }

    /// Says that this process lives, and keeps to its part from then on.
    ///
    /// # Errors
    /// [`StoreError`]: the part stays as it was.
    pub async fn beat(&self) -> Result<(), StoreError> {
        let live = self.fleet.beat(self.process, self.clock.now()).await?;
        if self.live.swap(live, Ordering::Relaxed) != live {
            tracing::info!(processes = live, "processes share the quotas of Athena");
        }
        self.lake.share(live);
        Ok(())
    }

    /// Says so until `stop`, and then that it ends. Without quotas there is nothing to share.
    pub async fn follow(&self, stop: CancellationToken) {
        if !self.lake.has_quotas() {
            return;
        }
        loop {
            if let Err(error) = self.beat().await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "other processes can't be counted");
            }
            let pause = stop.run_until_cancelled(tokio::time::sleep(BEAT));
            if pause.await.is_none() {
                break;
            }
        }
        if let Err(error) = self.fleet.leave(self.process).await {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "the others find out by themselves");
        }
    }
}
