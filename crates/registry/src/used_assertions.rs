//! Assertions that clients proved themselves with, and sign-ins that people finished: each opens the
//! door once, on whatever process. They are found by digests of different texts.

use chrono::{DateTime, Utc};

use crate::database::Database;
use crate::{Digest, Durability, StoreError, expiring};

// One statement decides who was first, whatever the database's isolation.
const INSERT: &str = "
INSERT INTO used_assertions (id_hash, expires_at_ms)
VALUES ($1, $2)
ON CONFLICT (id_hash) DO NOTHING";

const PURGE: &str = "
DELETE FROM used_assertions
WHERE expires_at_ms <= $1";

/// Where what was used is remembered, by a digest, until it is worth nothing anyway.
#[derive(Debug, Clone)]
pub struct UsedAssertions {
    database: Database,
}

impl UsedAssertions {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Uses an assertion or a sign-in up; `false` when somebody did before.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses; then nobody may rely on it.
    pub async fn use_up(&self, id: &Digest, until: DateTime<Utc>) -> Result<bool, StoreError> {
        // Lost in a power cut, an assertion of the last minutes would open the door twice: that is
        // less than what its owner can do anyway, and no reason to wait for the disk. The code of a
        // sign-in works once at its provider too.
        let mut tx = self.database.write(Durability::Process).await?;
        let done = sqlx::query(INSERT)
            .bind(id.as_slice())
            .bind(until.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets what expired by `now` and says how many.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        expiring::purge(&self.database, PURGE, now).await
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[INSERT, PURGE];
