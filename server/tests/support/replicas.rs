//! Several Weirs in one process, on one `PostgreSQL` and one Redis, with engines that count.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::sync::Semaphore;
use weir_engine::{
    Answer as EngineAnswer, EngineError, Estimate, Export, QueryContext, QueryEngine, Tables,
};
use weir_policy::BusinessUnit;
use weir_query::{Dialect, Principal, Statement};
use weir_registry::testing::PostgresDatabase;
use weir_server::service::shared_cache::Counts;

use super::redis::Redis;
use super::world::{Plan, World};

/// Calls to the shared cache may take long here: the machine is busy with tests.
const PATIENT: &str = "timeout_ms = 5000\n";

/// What all engines together were asked, and whether they may answer.
#[derive(Debug)]
pub(crate) struct Starts {
    by_fingerprint: Mutex<BTreeMap<String, usize>>,
    turns: Semaphore,
    held: AtomicBool,
    fails: AtomicBool,
}

impl Starts {
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

/// Several Weirs behind no balancer: a test says whom it asks.
pub(crate) struct Replicas {
    pub(crate) worlds: Vec<World>,
    pub(crate) redis: Redis,
    pub(crate) starts: Arc<Starts>,
    plan: Plan,
    shared: String,
    home: TempDir,
    _database: PostgresDatabase,
}

impl Replicas {
    /// As many as `many`, of what `plan` says.
    pub(crate) async fn of(plan: Plan, many: usize) -> Self {
        Self::with(plan, many, PATIENT).await
    }

    /// The same, with a table of one's own for the shared cache.
    pub(crate) async fn with(plan: Plan, many: usize, shared: &str) -> Self {
        let database = PostgresDatabase::create().unwrap_or_else(|why| panic!("{why}"));
        let home = TempDir::new().unwrap();
        let redis = Redis::start();
        let mut replicas = Self {
            worlds: Vec::new(),
            shared: format!("[shared_cache]\nurl = \"{}\"\n{shared}", redis.url()),
            redis,
            starts: Arc::new(Starts {
                by_fingerprint: Mutex::default(),
                turns: Semaphore::new(0),
                held: AtomicBool::new(false),
                fails: AtomicBool::new(false),
            }),
            plan: Plan {
                registry: Some((database.url(), home.path().to_owned())),
                ..plan
            },
            home,
            _database: database,
        };
        for _ in 0..many {
            let world = replicas.another().await;
            replicas.worlds.push(world);
        }
        replicas
    }

    /// One more, with nothing in its own memory.
    pub(crate) async fn another(&self) -> World {
        self.another_changed(|_| ()).await
    }

    /// One more, with a change of its configuration.
    pub(crate) async fn another_changed(&self, change: impl FnOnce(&mut String)) -> World {
        let mut plan = self.plan.clone();
        let segments = TempDir::with_prefix_in("audit-", self.home.path()).unwrap();
        plan.registry = plan.registry.map(|(url, _)| (url, segments.keep()));
        let world = World::build_changed(&plan, |text, _| {
            let timing = "snapshot_refresh_ms = 1\nabandon_after_ms = 0";
            *text = text.replace("snapshot_refresh_ms = 1", timing);
            text.push_str(&self.shared);
            change(text);
        });
        let world = world.await.unwrap();
        let publisher = &world.app.state().governance.publisher;
        let content = publisher.published.current();
        let engine = publisher.lake.engine(content.catalog()).await.unwrap();
        publisher.engine.replace(Arc::new(Counting {
            engine,
            starts: Arc::clone(&self.starts),
        }));
        world
    }
}

/// What the second level of a world was good for.
pub(crate) fn counts(world: &World) -> Counts {
    world
        .app
        .state()
        .dashboards
        .cache
        .shared()
        .unwrap()
        .counts()
}

/// Waits for something that will be so.
pub(crate) async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::task::yield_now().await;
    }
}
