//! Previews: dashboards that admins look at through somebody else's eyes, for a few minutes.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use crate::database::Database;
use crate::{Digest, Durability, StoreError, expiring};

const INSERT: &str = "
INSERT INTO previews (id_hash, session_hash, payload, expires_at_ms)
VALUES ($1, $2, $3, $4)";

const SELECT: &str = "
SELECT payload, expires_at_ms
FROM previews
WHERE id_hash = $1
AND session_hash = $2";

const END: &str = "
UPDATE previews
SET expires_at_ms = $3
WHERE id_hash = $1
AND session_hash = $2
AND expires_at_ms > $3";

const PURGE: &str = "
DELETE FROM previews
WHERE expires_at_ms <= $1";

/// How long a preview that is over can be told from one that never was.
const REMEMBERED: TimeDelta = TimeDelta::hours(12);

/// Where previews are kept, by the SHA-256 of their id.
#[derive(Debug, Clone)]
pub struct Previews {
    database: Database,
}

/// What is known of a preview. To another session than the one that opened it, it is unknown.
#[derive(Clone, PartialEq, Eq)]
pub enum FoundPreview {
    /// It may be looked at.
    Open {
        /// What was kept.
        payload: String,
        /// When it ends.
        until: DateTime<Utc>,
    },
    /// Its time is over, or somebody ended it.
    Over {
        /// What was kept, to begin again with.
        payload: String,
    },
    /// No such preview, or somebody else's, or one that ended long ago.
    Unknown,
}

#[derive(sqlx::FromRow)]
struct Row {
    payload: String,
    expires_at_ms: i64,
}

impl Previews {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Keeps a preview of `session` until `until`. What `payload` says is not read here.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the id exists already or the database refuses.
    pub async fn put(
        &self,
        id: &Digest,
        session: &Digest,
        payload: &str,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        // Lost in a power cut, it costs another form; that is no reason to wait for the disk.
        let mut tx = self.database.write(Durability::Process).await?;
        sqlx::query(INSERT)
            .bind(id.as_slice())
            .bind(session.as_slice())
            .bind(payload)
            .bind(until.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The preview with this id, if `session` opened it.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or the row is unreadable.
    pub async fn find(
        &self,
        id: &Digest,
        session: &Digest,
        now: DateTime<Utc>,
    ) -> Result<FoundPreview, StoreError> {
        let row: Option<Row> = sqlx::query_as(SELECT)
            .bind(id.as_slice())
            .bind(session.as_slice())
            .fetch_optional(self.database.readers())
            .await?;
        let Some(Row {
            payload,
            expires_at_ms,
        }) = row
        else {
            return Ok(FoundPreview::Unknown);
        };
        if expires_at_ms <= now.timestamp_millis() {
            return Ok(FoundPreview::Over { payload });
        }
        let until = crate::time::from_millis("previews.expires_at_ms", expires_at_ms)?;
        Ok(FoundPreview::Open { payload, until })
    }

    /// Ends a preview of `session` now; `false` when there is none that could be ended.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn end(
        &self,
        id: &Digest,
        session: &Digest,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        // An end that was acknowledged must not be undone by a power cut.
        let mut tx = self.database.write(Durability::Disk).await?;
        let done = sqlx::query(END)
            .bind(id.as_slice())
            .bind(session.as_slice())
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes previews that ended long before `now` and says how many. Until then whoever comes
    /// back to one is told that it is over.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        expiring::purge(&self.database, PURGE, now - REMEMBERED).await
    }
}

// A payload holds somebody's claims: it stays out of logs.
impl fmt::Debug for FoundPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open { until, .. } => f
                .debug_struct("Open")
                .field("until", until)
                .finish_non_exhaustive(),
            Self::Over { .. } => f.write_str("Over"),
            Self::Unknown => f.write_str("Unknown"),
        }
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[INSERT, SELECT, END, PURGE];
