//! The keys that sign embed tokens, sealed by whoever brings them: this store opens none.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::append;
use crate::database::{Database, Write};
use crate::time::from_millis;
use crate::{
    AccessError, AuditEvent, Durability, Fact, KeyStep, KeyStepKind, Label, RequestId, StoreError,
    expiring,
};

const SELECT: &str = "
SELECT kid, algorithm, sealed, created_at_ms, signs_from_ms, signs_until_ms, retired_at_ms
FROM signing_keys
ORDER BY signs_from_ms, CASE WHEN newest = 1 THEN 1 ELSE 0 END, created_at_ms, kid";

// There is one newest key at most: the second of two who begin finds the first one's.
const BEGIN: &str = "
INSERT INTO signing_keys (kid, algorithm, sealed, created_at_ms, signs_from_ms, newest)
VALUES ($1, $2, $3, $4, $5, 1)
ON CONFLICT DO NOTHING";

const SUCCEED: &str = "
INSERT INTO signing_keys (kid, algorithm, sealed, created_at_ms, signs_from_ms, newest)
VALUES ($1, $2, $3, $4, $5, 1)";

// A key that has not begun to sign yet signs for no time at all.
const CLOSE: &str = "
UPDATE signing_keys
SET newest = NULL,
    signs_until_ms = CASE WHEN signs_from_ms > $1 THEN signs_from_ms ELSE $1 END
WHERE newest = 1
RETURNING signs_until_ms";

const RETIRE_NEWEST: &str = "
UPDATE signing_keys
SET newest = NULL, sealed = NULL, retired_at_ms = $2
WHERE kid = $1
AND newest = 1";

const RETIRE: &str = "
UPDATE signing_keys
SET sealed = NULL, retired_at_ms = $2
WHERE kid = $1
AND retired_at_ms IS NULL";

const HASTEN: &str = "
UPDATE signing_keys
SET signs_from_ms = $1
WHERE newest = 1
AND signs_from_ms > $1";

const PURGE: &str = "
DELETE FROM signing_keys
WHERE newest IS NULL
AND COALESCE(retired_at_ms, signs_until_ms) <= $1";

/// How long keys that are over stay listed.
const LISTED: TimeDelta = TimeDelta::days(30);

/// How often a rotation is tried again when another one was faster.
const TRIES: usize = 5;

/// Where the keys of embed tokens are kept.
#[derive(Debug, Clone)]
pub struct SigningKeys {
    database: Database,
}

/// A key about to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSigningKey {
    /// Its id.
    pub kid: String,
    /// `EdDSA` or `ES256`.
    pub algorithm: String,
    /// Its secret, sealed.
    pub sealed: Vec<u8>,
    /// The request that the record is about.
    pub request: RequestId,
}

/// A key as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Its id.
    pub kid: String,
    /// `EdDSA` or `ES256`.
    pub algorithm: String,
    /// Its secret, sealed; a retired key has none.
    pub sealed: Option<Vec<u8>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it begins to sign.
    pub signs_from: DateTime<Utc>,
    /// When its successor does; the newest has none.
    pub signs_until: Option<DateTime<Utc>>,
    /// When it was taken out.
    pub retired_at: Option<DateTime<Utc>>,
}

/// What came of taking a key out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retired {
    /// It is out, and another one was there.
    Key,
    /// It was the newest; the replacement signs from now on.
    Replaced,
    /// There is no such key, or it is out already.
    Unknown,
}

#[derive(sqlx::FromRow)]
struct Row {
    kid: String,
    algorithm: String,
    sealed: Option<Vec<u8>>,
    created_at_ms: i64,
    signs_from_ms: i64,
    signs_until_ms: Option<i64>,
    retired_at_ms: Option<i64>,
}

impl SigningKeys {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Every key, in the order in which they sign.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or a row is unreadable.
    pub async fn list(&self) -> Result<Vec<StoredKey>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(SELECT)
            .fetch_all(self.database.readers())
            .await?;
        rows.into_iter().map(StoredKey::try_from).collect()
    }

    /// Keeps a first key, which signs from `now` on; `false` when there is one already.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn begin(&self, key: &NewSigningKey, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.database.write(Durability::Disk).await?;
        let done = insert(&mut tx, BEGIN, key, now, now.timestamp_millis()).await?;
        tx.commit().await?;
        Ok(done == 1)
    }

    /// Puts `key` behind the newest one: it takes over at `from`, or when the newest would have begun
    /// if that is later. Says when.
    ///
    /// # Errors
    /// [`AccessError`] when it could not be recorded or the database refuses; then nothing has
    /// changed.
    pub async fn rotate(
        &self,
        key: &NewSigningKey,
        from: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<DateTime<Utc>, AccessError> {
        for _ in 0..TRIES {
            let mut tx = self.database.write(Durability::Disk).await?;
            let closed: Option<i64> = sqlx::query_scalar(CLOSE)
                .bind(from.timestamp_millis())
                .fetch_optional(&mut *tx)
                .await?;
            let begins = closed.unwrap_or(now.timestamp_millis());
            // Without one to close there was none, or another rotation is about to put its own.
            let statement = if closed.is_some() { SUCCEED } else { BEGIN };
            if insert(&mut tx, statement, key, now, begins).await? == 1 {
                record(&mut tx, (KeyStepKind::Rotate, &key.kid, None), key, now).await?;
                tx.commit().await?;
                return Ok(from_millis("signing_keys.signs_from_ms", begins)?);
            }
        }
        Err(AccessError::Database(sqlx::Error::RowNotFound))
    }

    /// Takes a key out: from now on it is worth nothing. If it is the newest, `replacement` takes
    /// its place at once.
    ///
    /// # Errors
    /// [`AccessError`] when it could not be recorded or the database refuses; then nothing has
    /// changed.
    pub async fn retire(
        &self,
        kid: &str,
        replacement: &NewSigningKey,
        now: DateTime<Utc>,
    ) -> Result<Retired, AccessError> {
        let at = now.timestamp_millis();
        let mut tx = self.database.write(Durability::Disk).await?;
        let retired = if retire(&mut tx, RETIRE_NEWEST, kid, at).await? {
            insert(&mut tx, SUCCEED, replacement, now, at).await?;
            Retired::Replaced
        } else if retire(&mut tx, RETIRE, kid, at).await? {
            sqlx::query(HASTEN).bind(at).execute(&mut *tx).await?;
            Retired::Key
        } else {
            return Ok(Retired::Unknown);
        };
        let replaced = (retired == Retired::Replaced).then_some(replacement.kid.as_str());
        let step = (KeyStepKind::Retire, kid, replaced);
        record(&mut tx, step, replacement, now).await?;
        tx.commit().await?;
        Ok(retired)
    }

    /// Removes keys that were over long before `now`, and says how many.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        expiring::purge(&self.database, PURGE, now - LISTED).await
    }
}

/// On record in the transaction that does it, last: whoever appends holds the end of the log.
async fn record(
    tx: &mut Write,
    (step, kid, replacement): (KeyStepKind, &str, Option<&str>),
    key: &NewSigningKey,
    now: DateTime<Utc>,
) -> Result<(), AccessError> {
    let label = |text: &str| {
        let column = "signing_keys.kid";
        Label::parse(text).map_err(|_| StoreError::Corrupt { column })
    };
    let fact = Fact::KeyStep(KeyStep {
        step,
        kid: label(kid)?,
        replacement: replacement.map(label).transpose()?,
    });
    append::append(tx, &[AuditEvent::new(now, key.request.clone(), fact)]).await?;
    Ok(())
}

async fn insert(
    tx: &mut Write,
    statement: &'static str,
    key: &NewSigningKey,
    now: DateTime<Utc>,
    from: i64,
) -> Result<u64, StoreError> {
    let done = sqlx::query(statement)
        .bind(&key.kid)
        .bind(&key.algorithm)
        .bind(key.sealed.as_slice())
        .bind(now.timestamp_millis())
        .bind(from)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

async fn retire(
    tx: &mut Write,
    statement: &'static str,
    kid: &str,
    at: i64,
) -> Result<bool, StoreError> {
    let done = sqlx::query(statement)
        .bind(kid)
        .bind(at)
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected() == 1)
}

impl TryFrom<Row> for StoredKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let optional = |column, millis: Option<i64>| {
            millis.map(|millis| from_millis(column, millis)).transpose()
        };
        Ok(Self {
            kid: row.kid,
            algorithm: row.algorithm,
            sealed: row.sealed,
            created_at: from_millis("signing_keys.created_at_ms", row.created_at_ms)?,
            signs_from: from_millis("signing_keys.signs_from_ms", row.signs_from_ms)?,
            signs_until: optional("signing_keys.signs_until_ms", row.signs_until_ms)?,
            retired_at: optional("signing_keys.retired_at_ms", row.retired_at_ms)?,
        })
    }
}

impl fmt::Debug for NewSigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSigningKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .field("signs_from", &self.signs_from)
            .field("signs_until", &self.signs_until)
            .field("retired_at", &self.retired_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    SELECT,
    BEGIN,
    SUCCEED,
    CLOSE,
    RETIRE_NEWEST,
    RETIRE,
    HASTEN,
    PURGE,
];
