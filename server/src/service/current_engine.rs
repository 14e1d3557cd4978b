//! The engine behind everything. Datasets are content too: a revision that changes them brings an
//! engine of its own, and whoever holds this one asks the new one from then on.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use weir_engine::{Answer, EngineError, Estimate, Export, QueryContext, QueryEngine, Tables};
use weir_policy::BusinessUnit;
use weir_query::{Dialect, Principal, Statement};

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
        self.current().run(statement, context).await
    }

    async fn export(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Export, EngineError> {
        self.current().export(statement, context).await
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.current().health().await
    }

    fn throttled(&self) -> u64 {
        self.current().throttled()
    }
}
