//! What two kinds of short-lived rows have in common: a secret's digest, a text, an end.

use chrono::{DateTime, Utc};

use crate::database::Database;
use crate::{Digest, Durability, StoreError};

/// Keeps `text` behind `key` until `expires_at`, by an INSERT of the three in this order.
pub(crate) async fn put(
    database: &Database,
    insert: &'static str,
    key: &Digest,
    text: &str,
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    // Lost in a power cut, it costs another attempt; that is no reason to wait for the disk.
    let mut tx = database.write(Durability::Process).await?;
    sqlx::query(insert)
        .bind(key.as_slice())
        .bind(text)
        .bind(expires_at.timestamp_millis())
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// Removes what expired by `now` and says how much it was.
pub(crate) async fn purge(
    database: &Database,
    delete: &'static str,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let mut tx = database.write(Durability::Process).await?;
    let done = sqlx::query(delete)
        .bind(now.timestamp_millis())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(done.rows_affected())
}
