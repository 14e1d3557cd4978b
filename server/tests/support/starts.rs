//! The engines of some worlds: what they are asked is counted, and answered when a test lets them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;
use weir_engine::{
    Answer as EngineAnswer, EngineError, Estimate, Export, QueryContext, QueryEngine, Tables,
};
use weir_policy::BusinessUnit;
use weir_query::{Dialect, Principal, Statement};

use super::world::World;

/// What all engines together were asked, and whether they may answer.
#[derive(Debug)]
pub(crate) struct Starts {
    by_fingerprint: Mutex<BTreeMap<String, usize>>,
    turns: Semaphore,
    held: AtomicBool,
    fails: AtomicBool,
}

impl Starts {
    pub(crate) fn new() -> Self {
        Self {
            by_fingerprint: Mutex::default(),
            turns: Semaphore::new(0),
            held: AtomicBool::new(false),
            fails: AtomicBool::new(false),
        }
    }

    /// Counts what the engine of `world` is asked from now on.
    pub(crate) async fn count(self: &Arc<Self>, world: &World) {
        let publisher = &world.app.state().governance.publisher;
        let content = publisher.published.current();
        let engine = publisher.lake.engine(content.catalog()).await.unwrap();
        publisher.engine.replace(Arc::new(Counting {
            engine,
            starts: Arc::clone(self),
        }));
    }

    /// How often each fingerprint was computed.
    pub(crate) fn by_fingerprint(&self) -> BTreeMap<String, usize> {
        self.by_fingerprint.lock().unwrap().clone()
    }

    pub(crate) fn total(&self) -> usize {
        self.by_fingerprint().values().sum()
    }

    /// Nothing is answered from now on.
    pub(crate) fn hold(&self) {
        self.held.store(true, Ordering::SeqCst);
    }

    /// Everything is answered, what began meanwhile too.
    pub(crate) fn go_on(&self) {
        self.held.store(false, Ordering::SeqCst);
        self.turns.add_permits(100_000);
    }

    /// The engines fail from now on, or do not.
    pub(crate) fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }
}

/// The embedded engine, counted and held.
#[derive(Debug)]
struct Counting {
    engine: Arc<dyn QueryEngine>,
    starts: Arc<Starts>,
}

#[async_trait::async_trait]
impl QueryEngine for Counting {
    fn dialect(&self) -> Dialect {
        self.engine.dialect()
    }

    fn principal(&self, unit: Option<&BusinessUnit>) -> Option<Principal> {
        self.engine.principal(unit)
    }

    async fn tables(&self) -> Result<Tables, EngineError> {
        self.engine.tables().await
    }

    async fn estimate(&self, statement: &Statement) -> Result<Option<Estimate>, EngineError> {
        self.engine.estimate(statement).await
    }

    async fn run(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<EngineAnswer, EngineError> {
        let key = statement.fingerprint().to_string();
        *self
            .starts
            .by_fingerprint
            .lock()
            .unwrap()
            .entry(key)
            .or_default() += 1;
        if self.starts.held.load(Ordering::SeqCst) {
            self.starts.turns.acquire().await.unwrap().forget();
        }
        if self.starts.fails.load(Ordering::SeqCst) {
            return Err(EngineError::Deadline);
        }
        self.engine.run(statement, context).await
    }

    async fn export(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Export, EngineError> {
        self.engine.export(statement, context).await
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.engine.health().await
    }
}
