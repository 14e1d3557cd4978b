//! What all operations share.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use datafusion::logical_expr::ScalarUDF;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::sync::Semaphore;
use weir_engine::LakeError;
use weir_engine::development::Workbench;

use crate::calls::Traffic;
use crate::config::{Latency, SimConfig};
use crate::execution::Execution;
use crate::faults::{Call, Effects, Planned};
use crate::functions;
use crate::glue::Tables;
use crate::meter::Meter;
use crate::store::Store;
use crate::sts::Principals;
use crate::workgroup::WorkGroups;

/// The simulated account.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) latency: Latency,
    pub(crate) active_queries: usize,
    /// How long a session of a role lives.
    pub(crate) session: Duration,
    pub(crate) workbench: Workbench,
    pub(crate) functions: Vec<Arc<ScalarUDF>>,
    /// How many queries are computed at once; the others only seem to be.
    pub(crate) cores: Semaphore,
    pub(crate) queries: Mutex<Queries>,
    pub(crate) workgroups: Mutex<WorkGroups>,
    pub(crate) traffic: Mutex<Traffic>,
    pub(crate) faults: Mutex<Planned>,
    pub(crate) tables: Mutex<Tables>,
    pub(crate) store: Mutex<Store>,
    pub(crate) principals: Mutex<Principals>,
    chance: Mutex<StdRng>,
    config: SimConfig,
}

/// All queries, and what is known through them.
#[derive(Debug, Default)]
pub(crate) struct Queries {
    pub(crate) by_id: HashMap<String, Execution>,
    /// Oldest first.
    pub(crate) order: Vec<String>,
    /// What was started under each idempotency token.
    pub(crate) tokens: HashMap<String, Started>,
    pub(crate) meter: Meter,
    /// The most that were active at once.
    pub(crate) peak_active: usize,
}

/// A query that was started, and what was asked word by word.
#[derive(Debug, Clone)]
pub(crate) struct Started {
    pub(crate) id: String,
    pub(crate) asked: String,
}

impl Queries {
    pub(crate) fn active(&self) -> usize {
        let running = self.by_id.values().filter(|query| !query.state.is_final());
        running.count()
    }
}

impl Account {
    pub(crate) async fn open(config: SimConfig) -> Result<Self, LakeError> {
        let workbench = Workbench::open(&config.lake).await?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            latency: config.latency,
            active_queries: config.limits.active_queries,
            session: config.session,
            workbench,
            functions: functions::all(),
            cores: Semaphore::new(cores),
            queries: Mutex::default(),
            workgroups: Mutex::new(groups(&config)),
            traffic: Mutex::new(Traffic::new(config.limits)),
            faults: Mutex::default(),
            tables: Mutex::default(),
            store: Mutex::default(),
            principals: Mutex::default(),
            chance: Mutex::new(StdRng::seed_from_u64(config.seed)),
            config,
        })
    }

    /// As it was at the start; queries that run are stopped.
    pub(crate) fn reset(&self) {
        let before = std::mem::take(&mut *lock(&self.queries));
        for query in before.by_id.values() {
            if let Some(driver) = &query.driver {
                driver.abort();
            }
        }
        *lock(&self.workgroups) = groups(&self.config);
        *lock(&self.traffic) = Traffic::new(self.config.limits);
        *lock(&self.faults) = Planned::default();
        *lock(&self.tables) = Tables::default();
        *lock(&self.store) = Store::default();
        *lock(&self.principals) = Principals::default();
    }

    /// Counts a call, and says whether the quota admits it.
    pub(crate) fn admit(&self, operation: &str) -> bool {
        lock(&self.traffic).admit(operation, Instant::now())
    }

    pub(crate) fn effects(&self, call: &Call<'_>) -> Effects {
        lock(&self.faults).take(call)
    }

    /// A number between 0 and 1.
    pub(crate) fn chance(&self) -> f64 {
        lock(&self.chance).random()
    }
}

fn groups(config: &SimConfig) -> BTreeMap<String, crate::WorkGroup> {
    let groups = config.workgroups.iter();
    groups
        .map(|group| (group.name.clone(), group.clone()))
        .collect()
}

/// What is behind `mutex`. Nothing that holds a lock here can be left half done.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
