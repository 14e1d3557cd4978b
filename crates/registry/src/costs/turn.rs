//! Whose turn it is to change money: one transaction's at a time, of all processes, and here only one
//! waits for that in the database. The others of this process wait before they take a connection:
//! there are few, and what is not about money needs them too.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqlx::AnyConnection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Costs;
use crate::Durability;
use crate::database::Write;

// Changes nothing, but whoever did it goes alone until the transaction ends.
pub(super) const TURN: &str = "
UPDATE cost_turn
SET changes = changes
WHERE id = 1";

/// Who could not begin after so long has waited for it in vain; before, it was something else.
const IN_VAIN: Duration = Duration::from_secs(1);

/// Those of this process who wait for their turn, first come first served.
#[derive(Debug, Clone)]
pub(super) struct Line {
    first: Arc<Semaphore>,
    /// How often whoever was first could not begin.
    failures: Arc<AtomicU64>,
}

/// Nobody stands first for longer: the database may be gone without a word, and the connection with it.
const FIRST: Duration = Duration::from_secs(30);

/// What `work` came to, if that is known in time; else whoever is next gets the turn.
pub(super) async fn in_time<T>(work: impl Future<Output = T>) -> Result<T, sqlx::Error> {
    within(FIRST, work).await
}

async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Result<T, sqlx::Error> {
    let ended = tokio::time::timeout(limit, work).await;
    ended.map_err(|_| sqlx::Error::PoolTimedOut)
}

/// The first place in the line, until it is dropped.
pub(super) type First = OwnedSemaphorePermit;

impl Line {
    pub(super) fn new() -> Self {
        Self {
            first: Arc::new(Semaphore::new(1)),
            failures: Arc::default(),
        }
    }
}

impl Costs {
    /// Begins a transaction that changes money, once no other does. What it reads is what the last one
    /// left, on both databases. Who appends to the audit as well does so afterwards.
    pub(super) async fn turn(&self, durability: Durability) -> Result<(Write, First), sqlx::Error> {
        let failures = || self.line.failures.load(Ordering::Relaxed);
        let before = failures();
        let first = Arc::clone(&self.line.first).acquire_owned().await;
        let first = first.map_err(|_| sqlx::Error::PoolClosed)?;
        // Who stood before waited in vain for as long as that is worth; so did this one.
        if failures() != before {
            return Err(sqlx::Error::PoolTimedOut);
        }
        let since = Instant::now();
        let begun = self.begin(durability).await;
        if begun.is_err() && since.elapsed() > IN_VAIN {
            self.line.failures.fetch_add(1, Ordering::Relaxed);
        }
        Ok((begun?, first))
    }

    async fn begin(&self, durability: Durability) -> Result<Write, sqlx::Error> {
        let mut tx = self.database.write(durability).await?;
        let conn: &mut AnyConnection = &mut tx;
        sqlx::query(TURN).execute(conn).await?;
        Ok(tx)
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test]
    async fn a_database_that_is_gone_without_a_word_keeps_nobody_else_from_their_turn() {
        let line = Line::new();
        let stuck = async {
            let _first = Arc::clone(&line.first).acquire_owned().await;
            within(Duration::from_millis(1), pending::<()>()).await
        };
        let next = Arc::clone(&line.first).acquire_owned();

        let (stuck, next) = tokio::join!(stuck, next);

        assert!(matches!(stuck, Err(sqlx::Error::PoolTimedOut)));
        assert!(next.is_ok());
    }
}
