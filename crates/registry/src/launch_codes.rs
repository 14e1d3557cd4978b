//! Launch codes: the address `GET /embed/{slug}?code=…` works once, for a minute.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::database::Database;
use crate::{Digest, Durability, StoreError, expiring};

const INSERT: &str = "
INSERT INTO launch_codes (code_hash, token, expires_at_ms)
VALUES ($1, $2, $3)";

const SELECT: &str = "
SELECT token, expires_at_ms
FROM launch_codes
WHERE code_hash = $1";

// The token goes in the same statement that marks the code as used.
const USE: &str = "
UPDATE launch_codes
SET used_at_ms = $2, token = NULL
WHERE code_hash = $1
AND used_at_ms IS NULL";

const PURGE: &str = "
DELETE FROM launch_codes
WHERE expires_at_ms <= $1";

/// Where launch codes are kept, by the SHA-256 of the code.
#[derive(Debug, Clone)]
pub struct LaunchCodes {
    database: Database,
}

/// What came of redeeming a code. Outside, all but the first look the same.
#[derive(Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// The embed token the code stood for. Nobody else gets it.
    Token(String),
    /// Somebody redeemed it before: a reload, or a stolen address. Worth a denial in the audit.
    Used,
    /// It was never redeemed in time.
    Expired,
    /// No such code, or one that expired long ago.
    Unknown,
}

#[derive(sqlx::FromRow)]
struct Row {
    token: Option<String>,
    expires_at_ms: i64,
}

impl LaunchCodes {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Keeps `token` behind a code until `expires_at`.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the code exists already or the database refuses.
    pub async fn put(
        &self,
        code: &Digest,
        token: &str,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        // Lost in a power cut, it costs another attempt; that is no reason to wait for the disk.
        let mut tx = self.database.write(Durability::Process).await?;
        sqlx::query(INSERT)
            .bind(code.as_slice())
            .bind(token)
            .bind(expires_at.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Gives the token to exactly one caller and forgets it. A used code is remembered until it
    /// is purged, so that "used" and "unknown" can be told apart in the audit.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses; the code is then not used up.
    pub async fn redeem(&self, code: &Digest, now: DateTime<Utc>) -> Result<Redeemed, StoreError> {
        // On the disk before the token leaves, or a power cut would make the code usable again.
        let mut tx = self.database.write(Durability::Disk).await?;
        let row: Option<Row> = sqlx::query_as(SELECT)
            .bind(code.as_slice())
            .fetch_optional(&mut *tx)
            .await?;
        let token = match row {
            None => return Ok(Redeemed::Unknown),
            Some(Row { token: None, .. }) => return Ok(Redeemed::Used),
            Some(row) if row.expires_at_ms <= now.timestamp_millis() => {
                return Ok(Redeemed::Expired);
            }
            Some(Row {
                token: Some(token), ..
            }) => token,
        };
        let used = sqlx::query(USE)
            .bind(code.as_slice())
            .bind(now.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        // The update decides who was first, whatever the database's isolation.
        Ok(if used.rows_affected() == 1 {
            Redeemed::Token(token)
        } else {
            Redeemed::Used
        })
    }

    /// Removes codes that expired by `now`, used or not, and says how many.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        expiring::purge(&self.database, PURGE, now).await
    }
}

impl fmt::Debug for Redeemed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token([redacted])",
            Self::Used => "Used",
            Self::Expired => "Expired",
            Self::Unknown => "Unknown",
        })
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[INSERT, SELECT, USE, PURGE];
