//! Which snapshot of each table is current, and which one it replaced.
//!
//! [`LakeWatch`](super::lake_watch::LakeWatch) looks for newer ones in the background. A page view
//! takes one set and computes every tile on it (invariant 13).

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use weir_engine::{Drift, EngineError, QueryEngine};
use weir_query::SnapshotSet;

use crate::clock::Clock;

/// The current snapshot set and its predecessor. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snapshots(Arc<RwLock<Known>>);

#[derive(Debug, Clone)]
struct Known {
    current: Arc<SnapshotSet>,
    replaced: Option<Replaced>,
}

/// A set that was current until a newer one was found.
#[derive(Debug, Clone)]
pub struct Replaced {
    /// The set.
    pub set: Arc<SnapshotSet>,
    /// When the newer one was found.
    pub at: DateTime<Utc>,
}

impl Snapshots {
    /// Reads the current set once.
    ///
    /// # Errors
    /// What the engine says when it can't read the tables' metadata.
    pub async fn read(engine: &dyn QueryEngine) -> Result<Self, EngineError> {
        let current = Arc::new(engine.tables().await?.snapshots);
        Ok(Self(Arc::new(RwLock::new(Known {
            current,
            replaced: None,
        }))))
    }

    /// The current set.
    #[must_use]
    pub fn current(&self) -> Arc<SnapshotSet> {
        Arc::clone(
            &self
                .0
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .current,
        )
    }

    /// The set before, if a newer one was found less than `patience` ago.
    #[must_use]
    pub fn replaced_within(&self, patience: Duration, now: DateTime<Utc>) -> Option<Replaced> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let replaced = known.replaced.as_ref()?;
        let age = (now - replaced.at).to_std().ok()?;
        (age <= patience).then(|| replaced.clone())
    }

    fn accept(&self, found: SnapshotSet, now: DateTime<Utc>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // A table that can't be read just now keeps its last snapshot: its cached answers are as
        // good as before, and what must be read fails as an error, not as a refusal.
        let found = found.completed_from(&known.current);
        if *known.current != found {
            let before = std::mem::replace(&mut known.current, Arc::new(found));
            known.replaced = Some(Replaced {
                set: before,
                at: now,
            });
        }
    }

    /// Looks for newer snapshots once, and says where tables are not what was declared.
    ///
    /// # Errors
    /// What the engine says; the known set stays.
    pub async fn refresh(
        &self,
        engine: &dyn QueryEngine,
        clock: &Clock,
    ) -> Result<Vec<Drift>, EngineError> {
        let found = engine.tables().await?;
        self.accept(found.snapshots, clock.now());
        Ok(found.drift)
    }
}
