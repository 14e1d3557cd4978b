//! Answers by fingerprint: each computed once however many wait for it, weighed by its bytes, and
//! gone after a hard maximum age. The snapshot is part of the key, so an entry never goes stale; it
//! is only superseded.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::future::Cache;
use tokio::sync::Semaphore;
use weir_engine::{Booking, Deadline, EngineError, QueryContext, QueryEngine};
use weir_policy::BusinessUnit;
use weir_query::{Dialect, Fingerprint, Principal, ResultSet, Statement};

use super::account::Account;
use crate::clock::Clock;

/// Bytes of rows in a cache beside the one that readers share.
const BESIDE: u64 = 16 << 20;

/// An answer as it was computed. Nothing of the request that caused it is kept.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The rows.
    pub rows: ResultSet,
    /// Bytes read from storage to compute it.
    pub bytes_read: u64,
    /// When it was computed.
    pub computed_at: DateTime<Utc>,
}

/// An entry and how this request came by it.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The answer.
    pub entry: Arc<Entry>,
    /// Whether the engine ran for this very request.
    pub origin: Origin,
}

/// How a request came by an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was there.
    Cache,
    /// The engine computed it for this request.
    Engine,
    /// Another request was already waiting for it.
    Coalesced,
}

impl Origin {
    /// The word in JSON answers and audit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cache => "cache",
            Self::Engine => "engine",
            Self::Coalesced => "coalesced",
        }
    }
}

/// The cache and the one door to the engine (invariant 4).
#[derive(Debug, Clone)]
pub struct QueryCache {
    entries: Cache<Fingerprint, Arc<Entry>>,
    engine: Arc<dyn QueryEngine>,
    clock: Clock,
    max_age: Duration,
    deadline: Duration,
    /// How many statements run at the same time; the others wait their turn.
    turns: Arc<Semaphore>,
}

/// How much a cache holds, and how long.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of rows.
    pub max_bytes: u64,
    /// Hard maximum age.
    pub max_age: Duration,
    /// How long one statement may wait and run.
    pub deadline: Duration,
    /// How many statements run at the same time.
    pub at_once: usize,
}

impl QueryCache {
    /// An empty cache in front of `engine`.
    #[must_use]
    pub fn new(engine: Arc<dyn QueryEngine>, clock: Clock, limits: Limits) -> Self {
        let weigh = |_: &Fingerprint, entry: &Arc<Entry>| {
            u32::try_from(entry.rows.approximate_bytes()).unwrap_or(u32::MAX)
        };
        let entries = Cache::builder()
            .max_capacity(limits.max_bytes)
            .weigher(weigh)
            .time_to_live(limits.max_age)
            .build();
        Self {
            entries,
            engine,
            clock,
            max_age: limits.max_age,
            deadline: limits.deadline,
            turns: Arc::new(Semaphore::new(limits.at_once)),
        }
    }

    /// An empty cache with the same patience before another engine.
    #[must_use]
    pub fn before(&self, engine: Arc<dyn QueryEngine>) -> Self {
        let limits = Limits {
            max_bytes: BESIDE,
            max_age: self.max_age,
            deadline: self.deadline,
            at_once: 1,
        };
        Self {
            turns: Arc::clone(&self.turns),
            ..Self::new(engine, self.clock.clone(), limits)
        }
    }

    /// The SQL dialect of the engine behind.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.engine.dialect()
    }

    /// As whom the engine asks for people of `unit`.
    #[must_use]
    pub fn principal(&self, unit: Option<&BusinessUnit>) -> Option<Principal> {
        self.engine.principal(unit)
    }

    /// Whether the engine would answer now.
    pub async fn is_healthy(&self) -> bool {
        self.engine.health().await.is_ok()
    }

    /// Whether the answer is there.
    #[must_use]
    pub fn holds(&self, fingerprint: &Fingerprint) -> bool {
        self.entries.contains_key(fingerprint)
    }

    /// The answer to `statement`, computed once for all who ask at the same time, on the account of
    /// the first. An error is told to everyone who waited and kept for nobody.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn fetch(
        &self,
        statement: &Statement,
        account: &Account,
    ) -> Result<Fetched, Arc<EngineError>> {
        let key = statement.fingerprint();
        if let Some(entry) = self.entries.get(&key).await {
            return Ok(Fetched {
                entry,
                origin: Origin::Cache,
            });
        }
        let ran_here = AtomicBool::new(false);
        let compute = async {
            ran_here.store(true, Ordering::Relaxed);
            self.compute(statement, account).await
        };
        let entry = self.entries.try_get_with(key, compute).await?;
        let origin = if ran_here.load(Ordering::Relaxed) {
            Origin::Engine
        } else {
            Origin::Coalesced
        };
        Ok(Fetched { entry, origin })
    }

    async fn compute(
        &self,
        statement: &Statement,
        account: &Account,
    ) -> Result<Arc<Entry>, EngineError> {
        let deadline = Deadline::after(self.deadline);
        // A crowd of new questions waits here, and the machine stays answerable (D7).
        let turn = tokio::time::timeout(self.deadline, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| EngineError::Deadline)?;
        let context = QueryContext {
            unit: account.unit.clone(),
            lane: account.lane,
            deadline,
            booking: Booking::ignored(),
        };
        let answer = self.engine.run(statement, context).await?;
        Ok(Arc::new(Entry {
            rows: answer.rows,
            bytes_read: answer.execution.scanned_bytes,
            computed_at: self.clock.now(),
        }))
    }
}
