//! Whether the audit log is whole, and when that was last found out.
//!
//! Walking the log takes as long as the log is long. So it is walked beside the requests, one walk
//! at a time and at most once a minute, and whoever asks gets the last outcome with its time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use weir_registry::{AuditOrder, AuditQuery, AuditRecord, ChainStatus};

use super::{Governance, GovernanceError};

/// How old an outcome may be before the log is walked again.
const FRESH: TimeDelta = TimeDelta::minutes(1);

/// How long somebody waits for a walk: enough for the log of a small office.
const WAIT: Duration = Duration::from_millis(400);

/// What the last walk found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Walked {
    /// Whether the log is whole.
    pub status: ChainStatus,
    /// When the walk was over.
    pub at: DateTime<Utc>,
}

/// Remembers the last walk. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct ChainWatch {
    last: Arc<Mutex<Option<Walked>>>,
    walking: Arc<tokio::sync::Mutex<()>>,
}

impl ChainWatch {
    fn last(&self) -> Option<Walked> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, walked: Walked) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(walked);
    }
}

impl Governance {
    /// The outcome of the last walk along the audit log; `None` while the first one is under way.
    /// An outcome that is not fresh starts another walk.
    pub async fn chain(&self) -> Option<Walked> {
        let now = self.now();
        let last = self.chain.last();
        if last.is_some_and(|last| now - last.at < FRESH) {
            return last;
        }
        let this = self.clone();
        let walk = tokio::spawn(async move { this.walk().await });
        // A walk that takes longer goes on; its outcome is there next time.
        let _ = tokio::time::timeout(WAIT, walk).await;
        self.chain.last()
    }

    async fn walk(&self) {
        let Ok(_alone) = self.chain.walking.try_lock() else {
            return;
        };
        match self.registry().audit().verify().await {
            Ok(status) => self.chain.remember(Walked {
                status,
                at: self.now(),
            }),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the audit log could not be walked");
            }
        }
    }

    /// How many records the log has.
    ///
    /// # Errors
    /// [`GovernanceError::Audit`] when it can't be read.
    pub async fn log_length(&self) -> Result<u64, GovernanceError> {
        let query = AuditQuery {
            order: AuditOrder::NewestFirst,
            limit: 1,
            ..AuditQuery::default()
        };
        let page = self.records(query).await?;
        Ok(page.records.first().map_or(0, AuditRecord::seq))
    }
}
