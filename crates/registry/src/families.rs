//! Families of embed tokens: those that follow each other in one frame. A launch token is spent on
//! a frame's own token here, in the transaction that finds the family.

use chrono::{DateTime, TimeDelta, Utc};

use crate::database::{Database, Write};
use crate::time::from_millis;
use crate::{Digest, Durability, Label, StoreError, expiring, revocations};

const BY_ID: &str = "
SELECT id, holder, begun_at_ms, ends_at_ms
FROM embed_families
WHERE id = $1";

const BY_KEY: &str = "
SELECT id, holder, begun_at_ms, ends_at_ms
FROM embed_families
WHERE key = $1
AND holder = $2
ORDER BY begun_at_ms DESC, id DESC
LIMIT 1";

const BEGIN: &str = "
INSERT INTO embed_families (id, holder, key, begun_at_ms, ends_at_ms)
VALUES ($1, $2, $3, $4, $5)";

const TAKE_KEY: &str = "
UPDATE embed_families
SET key = $2
WHERE id = $1";

const PURGE: &str = "
DELETE FROM embed_families
WHERE ends_at_ms <= $1";

/// How long a family that is over can be told from one that never was: a frame that sleeps over a
/// weekend is told that its session has ended.
const REMEMBERED: TimeDelta = TimeDelta::days(7);

/// Where families are kept.
#[derive(Debug, Clone)]
pub struct Families {
    database: Database,
}

/// A launch token and the frame that wants to exchange it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// The launch token's id.
    pub token: Label,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// The family it names.
    pub family: String,
    /// The thumbprint of the frame's key.
    pub key: Digest,
    /// A digest of client, viewer, dashboard and origin: all tokens of a family share it.
    pub holder: Digest,
    /// For how long a family that begins now goes on.
    pub lifetime: TimeDelta,
}

/// Tokens that follow each other in one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// Its id.
    pub id: String,
    /// When it began.
    pub begun_at: DateTime<Utc>,
    /// When it ends, whatever happens.
    pub ends_at: DateTime<Utc>,
}

/// What came of a binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// The token is spent now, and this is its family.
    Family(Family),
    /// Somebody was first. Nothing was changed.
    Spent,
    /// The family is over. Nothing was changed.
    Over(Family),
    /// The family is somebody else's. Nothing was changed.
    Foreign,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    holder: Vec<u8>,
    begun_at_ms: i64,
    ends_at_ms: i64,
}

impl Families {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Spends a launch token and finds the family it comes into, in one transaction: the one it
    /// names, if that exists; else the one of the same holder with the same key; else a new one.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses; the token is then not spent.
    pub async fn bind(&self, binding: &Binding, now: DateTime<Utc>) -> Result<Bound, StoreError> {
        // On the disk before the frame token leaves, or a power cut would make the other one usable.
        let mut tx = self.database.write(Durability::Disk).await?;
        if !revocations::spend(&mut tx, &binding.token, binding.expires_at, now).await? {
            return Ok(Bound::Spent);
        }
        let bound = join_or_begin(&mut tx, binding, now).await?;
        if matches!(bound, Bound::Family(_)) {
            tx.commit().await?;
        }
        Ok(bound)
    }

    /// Removes families that were over long before `now`, and says how many.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        expiring::purge(&self.database, PURGE, now - REMEMBERED).await
    }
}

async fn join_or_begin(
    tx: &mut Write,
    binding: &Binding,
    now: DateTime<Utc>,
) -> Result<Bound, StoreError> {
    let named: Option<Row> = sqlx::query_as(BY_ID)
        .bind(&binding.family)
        .fetch_optional(&mut **tx)
        .await?;
    if let Some(row) = named {
        if row.holder != binding.holder.as_slice() {
            return Ok(Bound::Foreign);
        }
        sqlx::query(TAKE_KEY)
            .bind(&binding.family)
            .bind(binding.key.as_slice())
            .execute(&mut **tx)
            .await?;
        return Family::try_from(row).map(|family| family.unless_over(now));
    }
    let of_the_key: Option<Row> = sqlx::query_as(BY_KEY)
        .bind(binding.key.as_slice())
        .bind(binding.holder.as_slice())
        .fetch_optional(&mut **tx)
        .await?;
    match of_the_key {
        Some(row) => Family::try_from(row).map(|family| family.unless_over(now)),
        None => begin(tx, binding, now).await.map(Bound::Family),
    }
}

async fn begin(
    tx: &mut Write,
    binding: &Binding,
    now: DateTime<Utc>,
) -> Result<Family, StoreError> {
    let family = Family {
        id: binding.family.clone(),
        begun_at: now,
        ends_at: now + binding.lifetime,
    };
    sqlx::query(BEGIN)
        .bind(&family.id)
        .bind(binding.holder.as_slice())
        .bind(binding.key.as_slice())
        .bind(family.begun_at.timestamp_millis())
        .bind(family.ends_at.timestamp_millis())
        .execute(&mut **tx)
        .await?;
    Ok(family)
}

impl Family {
    fn unless_over(self, now: DateTime<Utc>) -> Bound {
        if now < self.ends_at {
            Bound::Family(self)
        } else {
            Bound::Over(self)
        }
    }
}

impl TryFrom<Row> for Family {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            begun_at: from_millis("embed_families.begun_at_ms", row.begun_at_ms)?,
            ends_at: from_millis("embed_families.ends_at_ms", row.ends_at_ms)?,
        })
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[BY_ID, BY_KEY, BEGIN, TAKE_KEY, PURGE];
