//! The engine behind everything. Datasets are content too: a revision that changes them brings an
//! engine of its own, and whoever holds this one asks the new one from then on.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use tokio::sync::Notify;
use weir_engine::{Answer, EngineError, Estimate, Export, QueryContext, QueryEngine, Tables};
use weir_policy::BusinessUnit;
use weir_query::{Dialect, Principal, Statement};

/// An engine that can be replaced while it is asked. A statement that runs ends where it began.
#[derive(Debug)]
pub struct CurrentEngine {
    engine: RwLock<Arc<dyn QueryEngine>>,
    /// A snapshot turned out to be gone.
    gone: Notify,
}

impl CurrentEngine {
    /// Starts with `engine`.
    #[must_use]
    pub fn new(engine: Arc<dyn QueryEngine>) -> Self {
        Self {
            engine: RwLock::new(engine),
            gone: Notify::new(),
        }
    }

    /// Puts `engine` in the place of the one before.
    pub fn replace(&self, engine: Arc<dyn QueryEngine>) {
        *self.engine.write().unwrap_or_else(PoisonError::into_inner) = engine;
    }

    /// Waits until a statement finds that its snapshot is gone: what is current has to be looked up.
    pub async fn snapshot_gone(&self) {
        self.gone.notified().await;
    }

    fn heed<T>(&self, answer: Result<T, EngineError>) -> Result<T, EngineError> {
        if matches!(answer, Err(EngineError::SnapshotGone)) {
            self.gone.notify_one();
        }
        answer
    }

    fn current(&self) -> Arc<dyn QueryEngine> {
        Arc::clone(&self.engine.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl QueryEngine for CurrentEngine {
    fn dialect(&self) -> Dialect {
        self.current().dialect()
    }

    fn principal(&self, unit: Option<&BusinessUnit>) -> Option<Principal> {
        self.current().principal(unit)
    }

    async fn tables(&self) -> Result<Tables, EngineError> {
        self.current().tables().await
    }

    async fn estimate(&self, statement: &Statement) -> Result<Option<Estimate>, EngineError> {
        self.current().estimate(statement).await
    }

    async fn run(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Answer, EngineError> {
        self.heed(self.current().run(statement, context).await)
    }

    async fn export(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Export, EngineError> {
        self.heed(self.current().export(statement, context).await)
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.current().health().await
    }

    fn throttled(&self) -> u64 {
        self.current().throttled()
    }
}
