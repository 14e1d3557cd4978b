//! Several Weirs in one process, on one `PostgreSQL` and one Redis, with engines that count.

use std::sync::Arc;

use tempfile::TempDir;
use weir_registry::testing::PostgresDatabase;
use weir_server::service::shared_cache::Counts;

use super::redis::Redis;
use super::starts::Starts;
use super::world::{Plan, World};

/// Calls to the shared cache may take long here: the machine is busy with tests.
const PATIENT: &str = "timeout_ms = 5000\n";

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
            starts: Arc::new(Starts::new()),
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
        self.starts.count(&world).await;
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
