//! Which processes share this registry, so that they can share what is limited for all of them.
//!
//! Every process says from time to time that it lives. Nothing is enforced here: who is counted too
//! often for a while uses too little, who is not yet counted makes the others use too much.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use crate::database::Database;
use crate::{Durability, StoreError};

const BEAT: &str = "
INSERT INTO fleet (process, beat_ms)
VALUES ($1, $2)
ON CONFLICT (process) DO UPDATE
SET beat_ms = excluded.beat_ms";

const FORGET: &str = "
DELETE FROM fleet
WHERE beat_ms <= $1";

const COUNT: &str = "
SELECT COUNT(*)
FROM fleet";

const LEAVE: &str = "
DELETE FROM fleet
WHERE process = $1";

/// Who was not heard of for so long is taken for gone. Several beats fit in.
const PRESUMED_GONE: TimeDelta = TimeDelta::seconds(40);

/// The processes of this registry.
#[derive(Debug, Clone)]
pub struct Fleet {
    database: Database,
}

/// A process, by a number that it drew at its start.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ProcessId([u8; 16]);

impl ProcessId {
    /// A process by what it drew.
    #[must_use]
    pub fn new(drawn: [u8; 16]) -> Self {
        Self(drawn)
    }
}

impl fmt::Debug for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Fleet {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Says that `process` lives, forgets who is gone, and says how many there are: one at least.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses.
    pub async fn beat(&self, process: ProcessId, now: DateTime<Utc>) -> Result<u32, StoreError> {
        // Nobody misses a beat that a power cut took away.
        let mut tx = self.database.write(Durability::Process).await?;
        sqlx::query(BEAT)
            .bind(process.0.as_slice())
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        sqlx::query(FORGET)
            .bind((now - PRESUMED_GONE).timestamp_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        // Counted afterwards: of those who beat at the same moment the last one sees all.
        let mut conn = self.database.reader().await?;
        let live: i64 = sqlx::query_scalar(COUNT).fetch_one(&mut *conn).await?;
        Ok(u32::try_from(live).unwrap_or(u32::MAX).max(1))
    }

    /// Says that `process` ends.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses; then the others find out by themselves.
    pub async fn leave(&self, process: ProcessId) -> Result<(), StoreError> {
        let mut tx = self.database.write(Durability::Process).await?;
        sqlx::query(LEAVE)
            .bind(process.0.as_slice())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[BEAT, FORGET, COUNT, LEAVE];
