//! Sign-ins under way: what must be remembered between the redirect to the identity provider and
//! the callback, found by the SHA-256 of the `state` parameter.

use chrono::{DateTime, Utc};

use crate::database::Database;
use crate::{Digest, Durability, StoreError, expiring};

const INSERT: &str = "
INSERT INTO pending_logins (state_hash, payload, expires_at_ms)
VALUES ($1, $2, $3)";

const TAKE: &str = "
DELETE FROM pending_logins
WHERE state_hash = $1
RETURNING payload, expires_at_ms";

const PURGE: &str = "
DELETE FROM pending_logins
WHERE expires_at_ms <= $1";

/// Where sign-ins under way are kept.
#[derive(Debug, Clone)]
pub struct PendingLogins {
    database: Database,
}

#[derive(sqlx::FromRow)]
struct Row {
    payload: String,
    expires_at_ms: i64,
}

impl PendingLogins {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Remembers a sign-in until `expires_at`.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the state exists already or the database refuses.
    pub async fn put(
        &self,
        state: &Digest,
        payload: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        expiring::put(&self.database, INSERT, state, payload, expires_at).await
    }

    /// Hands out what was remembered, once: of several callers with the same state one gets it.
    /// `None` for an unknown, taken or expired state.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn take(
        &self,
        state: &Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<String>, StoreError> {
        // On the disk before it is handed out, or a power cut would make it usable again.
        let mut tx = self.database.write(Durability::Disk).await?;
        let row: Option<Row> = sqlx::query_as(TAKE)
            .bind(state.as_slice())
            .fetch_optional(&mut *tx)
            .await?;
        tx.commit().await?;
        let living = row.filter(|row| row.expires_at_ms > now.timestamp_millis());
        Ok(living.map(|row| row.payload))
    }

    /// Removes sign-ins that expired by `now` and says how many.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        expiring::purge(&self.database, PURGE, now).await
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[INSERT, TAKE, PURGE];
