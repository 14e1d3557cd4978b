//! The processes that share one AWS account's quotas: each says in the registry that it lives, and
//! keeps to its part.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use weir_registry::{Fleet, ProcessId, StoreError};

use super::lake::Lake;
use crate::clock::Clock;

/// How often a process says that it lives; until then the others do not know that it does.
const BEAT: Duration = Duration::from_secs(3);

/// The part of the quotas that a newcomer takes: about what everybody leaves unused, until they have
/// heard of it and given up its share.
const NEWCOMER: u32 = 20;

/// This process among the others.
#[derive(Debug, Clone)]
pub struct Crew {
    fleet: Fleet,
    process: ProcessId,
    lake: Lake,
    clock: Clock,
    live: Arc<AtomicU32>,
    /// The others had the time of a beat to hear of this process.
    known: Arc<AtomicBool>,
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
            known: Arc::default(),
        }
    }

    /// How many processes there are, as far as this one knows.
    #[must_use]
    pub fn live(&self) -> u32 {
        self.live.load(Ordering::Relaxed)
    }

    /// Says that this process lives, and keeps to its part from then on. Who is new among others is
    /// content with little until the next beat.
    ///
    /// # Errors
    /// [`StoreError`]: the part stays as it was.
    pub async fn beat(&self) -> Result<(), StoreError> {
        let live = self.fleet.beat(self.process, self.clock.now()).await?;
        if self.live.swap(live, Ordering::Relaxed) != live {
            tracing::info!(processes = live, "processes share the quotas of Athena");
        }
        let known = self.known.swap(true, Ordering::Relaxed);
        let parts = if known || live == 1 {
            live
        } else {
            live.max(NEWCOMER)
        };
        self.lake.share(parts);
        Ok(())
    }

    /// Says so for the first time, before anything is asked. Without quotas there is nothing to share.
    pub async fn join(&self) {
        if self.lake.has_quotas() {
            self.be_heard().await;
        }
    }

    /// Says so again and again until `stop`, and then that it ends.
    pub async fn follow(&self, stop: CancellationToken) {
        if !self.lake.has_quotas() {
            return;
        }
        let pause = || stop.run_until_cancelled(tokio::time::sleep(BEAT));
        while pause().await.is_some() {
            self.be_heard().await;
        }
        if let Err(error) = self.fleet.leave(self.process).await {
            let error = &error as &dyn std::error::Error;
            tracing::debug!(error, "the others find out by themselves");
        }
    }

    async fn be_heard(&self) {
        if let Err(error) = self.beat().await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "other processes can't be counted");
        }
    }
}
