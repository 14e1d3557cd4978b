//! What all kinds of short-lived rows have in common: an end.

use chrono::{DateTime, Utc};

use crate::database::Database;
use crate::{Durability, StoreError};

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
