//! Which snapshot of each table is current, and which ones it replaced.
//!
//! [`LakeWatch`](super::lake_watch::LakeWatch) looks for newer ones in the background. A page view
//! takes one set and computes every tile on it (invariant 13).

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use weir_engine::{EngineError, QueryEngine, Tables};
use weir_query::SnapshotSet;

use crate::clock::Clock;

/// How many sets are remembered: more than change within the age that any answer reaches.
const REMEMBERED: usize = 16;

/// The current snapshot set and its predecessors. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Snapshots(Arc<RwLock<Known>>);

#[derive(Debug, Clone)]
struct Known {
    current: Arc<SnapshotSet>,
    /// The newest first.
    replaced: VecDeque<Replaced>,
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
            replaced: VecDeque::new(),
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

    /// The sets before for which a newer one was found less than `patience` ago, the newest first.
    #[must_use]
    pub fn replaced_within(&self, patience: Duration, now: DateTime<Utc>) -> Vec<Replaced> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let is_young = |replaced: &&Replaced| {
            let age = (now - replaced.at).to_std();
            age.is_ok_and(|age| age <= patience)
        };
        known
            .replaced
            .iter()
            .take_while(is_young)
            .cloned()
            .collect()
    }

    fn accept(&self, found: SnapshotSet, now: DateTime<Utc>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // A table that can't be read just now keeps its last snapshot: its cached answers are as
        // good as before, and what must be read fails as an error, not as a refusal.
        let found = found.completed_from(&known.current);
        if *known.current != found {
            let before = std::mem::replace(&mut known.current, Arc::new(found));
            known.replaced.push_front(Replaced {
                set: before,
                at: now,
            });
            known.replaced.truncate(REMEMBERED);
        }
    }

    /// Looks for newer snapshots once, and says what was found.
    ///
    /// # Errors
    /// What the engine says; the known set stays.
    pub async fn refresh(
        &self,
        engine: &dyn QueryEngine,
        clock: &Clock,
    ) -> Result<Tables, EngineError> {
        let found = engine.tables().await?;
        self.accept(found.snapshots.clone(), clock.now());
        Ok(found)
    }
}
