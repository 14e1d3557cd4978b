//! Answers by fingerprint: each computed once however many wait for it, weighed by its bytes, and
//! gone after a hard maximum age. The snapshot is part of the key, so an entry never goes stale; it
//! is only superseded.
//!
//! Behind the answers of this process there may be a second level that all processes share. What is
//! not here is looked for there, and computed by one process while the others wait.

mod age;
mod compute;
mod export;
mod flights;
mod trouble;
mod waiting;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use moka::future::Cache;
use tokio::sync::Semaphore;
use weir_engine::QueryEngine;
use weir_policy::BusinessUnit;
use weir_query::{Dialect, Fingerprint, Principal, ResultSet, Statement};

use self::age::HardAge;
use self::flights::Flights;
use self::trouble::Trouble;
use self::waiting::Role;
pub use self::waiting::Waiting;
use super::account::Account;
use super::costs::{FetchError, Ledger};
use super::shared_cache::SharedCache;
use crate::clock::Clock;

/// Bytes of rows in a cache beside the one that readers share.
const BESIDE: u64 = 16 << 20;

/// An export may weigh 256 MiB, so there is one at a time.
const EXPORTS: usize = 1;

/// An answer that does not come for this part of its deadline is trouble.
const SLOW: u32 = 4;

/// An answer as it was computed. Nothing of the request that caused it is kept.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The rows.
    pub rows: ResultSet,
    /// Bytes read from storage to compute it.
    pub bytes_read: u64,
    /// Bytes that were paid for to compute it.
    pub billed_bytes: u64,
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
    /// It was there, in this process or in the shared cache.
    Cache,
    /// The engine computed it for this request.
    Engine,
    /// Another request was already waiting for it, here or in another process.
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

/// An answer that is there, or will be.
#[derive(Debug)]
pub enum Started {
    /// It was there.
    Done(Fetched),
    /// It is computed.
    Running(Waiting),
}

/// The cache and the one door to the engine (invariant 4).
#[derive(Debug, Clone)]
pub struct QueryCache {
    entries: Cache<Fingerprint, Arc<Entry>>,
    flights: Flights<Fingerprint>,
    trouble: Trouble,
    engine: Arc<dyn QueryEngine>,
    ledger: Ledger,
    clock: Clock,
    limits: Limits,
    /// How many statements run at the same time; the others wait their turn.
    turns: Arc<Semaphore>,
    /// How many exports are computed and held at the same time.
    exports: Arc<Semaphore>,
    /// What all processes share, if they share anything.
    shared: Option<SharedCache>,
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
    /// How long a statement runs on that nobody waits for.
    pub abandon_after: Duration,
}

impl QueryCache {
    /// An empty cache in front of `engine`, whose runs are booked in `ledger`.
    #[must_use]
    pub fn new(engine: Arc<dyn QueryEngine>, ledger: Ledger, clock: Clock, limits: Limits) -> Self {
        let weigh = |_: &Fingerprint, entry: &Arc<Entry>| {
            u32::try_from(entry.rows.approximate_bytes()).unwrap_or(u32::MAX)
        };
        let entries = Cache::builder()
            .max_capacity(limits.max_bytes)
            .weigher(weigh)
            .expire_after(HardAge::new(limits.max_age, clock.clone()))
            .build();
        Self {
            entries,
            flights: Flights::new(limits.abandon_after),
            trouble: Trouble::new(limits.deadline / SLOW),
            engine,
            ledger,
            clock,
            turns: Arc::new(Semaphore::new(limits.at_once)),
            exports: Arc::new(Semaphore::new(EXPORTS)),
            shared: None,
            limits,
        }
    }

    /// The same, in front of what all processes share.
    #[must_use]
    pub fn sharing(self, shared: Option<SharedCache>) -> Self {
        Self { shared, ..self }
    }

    /// What all processes share, if they share anything.
    #[must_use]
    pub fn shared(&self) -> Option<&SharedCache> {
        self.shared.as_ref()
    }

    /// An empty cache with the same patience before another engine. It shares nothing: what it
    /// answers nobody may have approved yet.
    #[must_use]
    pub fn before(&self, engine: Arc<dyn QueryEngine>) -> Self {
        let limits = Limits {
            max_bytes: BESIDE,
            at_once: 1,
            ..self.limits
        };
        Self {
            turns: Arc::clone(&self.turns),
            exports: Arc::clone(&self.exports),
            ..Self::new(engine, self.ledger.clone(), self.clock.clone(), limits)
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

    /// How many answers there are, and how many bytes they weigh.
    #[must_use]
    pub fn size(&self) -> (u64, u64) {
        (self.entries.entry_count(), self.entries.weighted_size())
    }

    /// How many times the engine was told that calls come too fast.
    #[must_use]
    pub fn throttled(&self) -> u64 {
        self.engine.throttled()
    }

    /// The answer, if it is there.
    pub async fn held(&self, fingerprint: &Fingerprint) -> Option<Fetched> {
        let entry = self.entries.get(fingerprint).await?;
        Some(Fetched {
            entry,
            origin: Origin::Cache,
        })
    }

    /// Whether the answer is there.
    #[must_use]
    pub fn holds(&self, fingerprint: &Fingerprint) -> bool {
        self.entries.contains_key(fingerprint)
    }

    /// Takes over those of the answers that other processes have and this one does not.
    pub async fn recall(&self, wanted: impl Iterator<Item = Fingerprint>) {
        let Some(shared) = &self.shared else {
            return;
        };
        // Tiles may ask the same.
        let missing: BTreeSet<_> = wanted.filter(|key| !self.holds(key)).collect();
        if missing.is_empty() {
            return;
        }
        let missing: Vec<_> = missing.into_iter().collect();
        for (key, entry) in shared.recall(&missing).await {
            self.entries.insert(key, Arc::new(entry)).await;
        }
    }

    /// Whether a new answer on this account can hardly be expected: the engine fails or hangs, or a
    /// budget was spent a moment ago.
    #[must_use]
    pub fn is_in_trouble(&self, account: &Account) -> bool {
        self.trouble.is_there_for(account)
    }

    /// Whether an engine in trouble may be tried again behind a page.
    #[must_use]
    pub fn may_try(&self) -> bool {
        self.trouble.may_try()
    }

    /// Where runs are booked.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The answer to `statement`, computed once for all who ask at the same time, on the account of
    /// the first. An error is told to everyone who waited and kept for nobody.
    ///
    /// # Errors
    /// What the engine says, or that a budget has no room.
    pub async fn fetch(
        &self,
        statement: &Statement,
        account: &Account,
    ) -> Result<Fetched, FetchError> {
        match self.start(statement, account).await {
            Started::Done(fetched) => Ok(fetched),
            Started::Running(waiting) => waiting.fetched().await,
        }
    }

    /// Begins to compute the answer to `statement`, unless it is there or under way.
    pub async fn start(&self, statement: &Statement, account: &Account) -> Started {
        let key = statement.fingerprint();
        if let Some(entry) = self.entries.get(&key).await {
            return Started::Done(Fetched {
                entry,
                origin: Origin::Cache,
            });
        }
        if let Some(waiter) = self.flights.join(&key) {
            return Started::Running(self.waiting(waiter, Role::Joined, statement, account));
        }
        // It may have landed in between.
        if let Some(entry) = self.entries.get(&key).await {
            return Started::Done(Fetched {
                entry,
                origin: Origin::Coalesced,
            });
        }
        let (cache, asked, payer) = (self.clone(), statement.clone(), account.clone());
        let work = || async move { cache.compute(&asked, &payer).await };
        let (waiter, began) = self.flights.begin(key, work);
        let role = if began { Role::Began } else { Role::Joined };
        Started::Running(self.waiting(waiter, role, statement, account))
    }
}
