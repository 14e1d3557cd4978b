//! The engine behind everything. Datasets are content too: a revision that changes them brings an
//! engine of its own, and whoever holds this one asks the new one from then on.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use weir_engine::{Answer, Deadline, EngineError, QueryEngine};
use weir_query::{Dialect, SnapshotSet, Statement};

/// An engine that can be replaced while it is asked. A statement that runs ends where it began.
#[derive(Debug)]
pub struct CurrentEngine(RwLock<Arc<dyn QueryEngine>>);

impl CurrentEngine {
    /// Starts with `engine`.
    #[must_use]
    pub fn new(engine: Arc<dyn QueryEngine>) -> Self {
        Self(RwLock::new(engine))
    }

    /// Puts `engine` in the place of the one before.
    pub fn replace(&self, engine: Arc<dyn QueryEngine>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = engine;
    }

    fn current(&self) -> Arc<dyn QueryEngine> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl QueryEngine for CurrentEngine {
    fn dialect(&self) -> Dialect {
        self.current().dialect()
    }

    async fn snapshots(&self) -> Result<SnapshotSet, EngineError> {
        self.current().snapshots().await
    }

    async fn run(&self, statement: &Statement, deadline: Deadline) -> Result<Answer, EngineError> {
        self.current().run(statement, deadline).await
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.current().health().await
    }
}
