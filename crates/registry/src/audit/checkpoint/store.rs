//! Checkpoints in the database.

use sqlx::{AnyConnection, FromRow};

use super::{Checkpoint, CheckpointSigner};
use crate::audit::{AuditError, read};
use crate::{Digest, time};

const INSERT: &str = "
INSERT INTO audit_checkpoints (seq, hash, at_ms, key_id, signature)
VALUES ($1, $2, $3, $4, $5)";

const SELECT_LAST: &str = "
SELECT seq
FROM audit_checkpoints
ORDER BY seq DESC
LIMIT 1";

const SELECT_AFTER: &str = "
SELECT seq, hash, at_ms, key_id, signature
FROM audit_checkpoints
WHERE seq > $1
ORDER BY seq";

#[derive(FromRow)]
struct Row {
    seq: i64,
    hash: Vec<u8>,
    at_ms: i64,
    key_id: String,
    signature: String,
}

/// Signs the end of the chain when `every` records were appended since the last checkpoint. The
/// transaction must hold the end of the chain.
pub(in crate::audit) async fn seal(
    tx: &mut AnyConnection,
    signer: &CheckpointSigner,
    every: u64,
) -> Result<bool, AuditError> {
    let Some(last) = read::last(&mut *tx).await? else {
        return Ok(false);
    };
    let sealed: Option<i64> = sqlx::query_scalar(SELECT_LAST)
        .fetch_optional(&mut *tx)
        .await?;
    let sealed = sealed.and_then(|seq| u64::try_from(seq).ok()).unwrap_or(0);
    if last.seq.saturating_sub(sealed) < every.max(1) {
        return Ok(false);
    }
    let at = time::from_millis("audit_records.at_ms", last.at_ms)
        .map_err(|_| AuditError::Unreadable { seq: last.seq })?;
    let checkpoint = signer.sign(&last.as_head(), at);
    sqlx::query(INSERT)
        .bind(last.seq.cast_signed())
        .bind(checkpoint.hash.as_slice())
        .bind(last.at_ms)
        .bind(checkpoint.key)
        .bind(checkpoint.signature)
        .execute(tx)
        .await?;
    Ok(true)
}

/// All checkpoints of records behind number `seq`, in order; with none, really all of them.
pub(in crate::audit) async fn after(
    conn: &mut AnyConnection,
    seq: Option<u64>,
) -> Result<Vec<Checkpoint>, AuditError> {
    let seq = seq.map_or(i64::MIN, |seq| i64::try_from(seq).unwrap_or(i64::MAX));
    let rows: Vec<Row> = sqlx::query_as(SELECT_AFTER)
        .bind(seq)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(Checkpoint::from).collect())
}

impl From<Row> for Checkpoint {
    /// What cannot be read cannot be what was signed; it becomes a checkpoint nobody signed.
    fn from(row: Row) -> Self {
        Self {
            seq: u64::try_from(row.seq).unwrap_or(0),
            hash: Digest::try_from(row.hash).unwrap_or(Digest::zero()),
            at: time::from_millis("audit_checkpoints.at_ms", row.at_ms).unwrap_or_default(),
            key: row.key_id,
            signature: row.signature,
        }
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[INSERT, SELECT_LAST, SELECT_AFTER];
