//! Reading the log: the walk along it, its tail, pages of it.

use futures::StreamExt;
use serde::de::IgnoredAny;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use super::chain::{ChainStatus, Fault, GENESIS, Head, Link, Walk};
use super::checkpoint::store;
use super::seals::{Seals, Verification, Witness};
use super::{AuditError, AuditRecord};
use crate::Digest;
use crate::database::Database;

/// Every column of a record, in the order of [`Row`].
pub(super) const COLUMNS: &str = "seq, at_ms, kind, subject, dashboard, revision, entry, hash";

const SELECT_AFTER: &str = "
SELECT seq, at_ms, kind, subject, dashboard, revision, entry, hash
FROM audit_records
WHERE seq > $1
ORDER BY seq
LIMIT $2";

const SELECT_LAST: &str = "
SELECT seq, at_ms, kind, subject, dashboard, revision, entry, hash
FROM audit_records
ORDER BY seq DESC
LIMIT 1";

const SELECT_HEAD: &str = "
SELECT records, hash
FROM audit_head
WHERE id = 1";

const SELECT_HASH: &str = "
SELECT hash
FROM audit_records
WHERE seq = $1";

/// A record as the database gives it.
#[derive(FromRow)]
pub(super) struct Row {
    seq: i64,
    at_ms: i64,
    kind: String,
    subject: Option<String>,
    dashboard: Option<String>,
    revision: Option<i64>,
    entry: String,
    hash: Vec<u8>,
}

#[derive(FromRow)]
struct HeadRow {
    records: i64,
    hash: Vec<u8>,
}

/// Walks the log as it was at one moment: appends go on meanwhile and are not seen.
pub(super) async fn verify(
    database: &Database,
    witness: &Witness,
) -> Result<Verification, AuditError> {
    let mut tx = database.snapshot().await?;
    let head = head(&mut tx).await?;
    let stored = store::after(&mut tx, None).await?;
    let mut seals = Seals::new(stored, witness);
    let mut walk = Walk::new();
    let mut rows = sqlx::query(SELECT_AFTER)
        .bind(i64::MIN)
        .bind(i64::MAX)
        .fetch(&mut *tx);
    while let Some(row) = rows.next().await {
        // A value that cannot even be decoded is a fault of the record, not of the database.
        let link = match row.and_then(|row| Row::from_row(&row)) {
            Ok(row) => Link::try_from(row).map_err(|_| walk.unreadable()),
            Err(sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. }) => {
                Err(walk.unreadable())
            }
            Err(refused) => return Err(refused.into()),
        };
        let step = link.and_then(|link| walk.step(&link));
        if let Err(fault) = step.and_then(|()| seals.pass(&walk.head())) {
            return Ok(seals.broken(fault));
        }
    }
    drop(rows);
    if let ChainStatus::Broken(fault) = walk.finish(head) {
        return Ok(seals.broken(fault));
    }
    if !database.indexes_hold(&mut tx, "audit_records").await? {
        return Ok(seals.broken(Fault::Index));
    }
    Ok(seals.finish(&walk.head()))
}

/// The end of the log, if its last record and its head row agree on it.
pub(super) async fn tail(conn: &mut AnyConnection) -> Result<Head, AuditError> {
    let head = head(conn)
        .await?
        .ok_or(AuditError::Damaged(Fault::HeadChanged))?;
    let last = last(conn).await?;
    let last = last.map_or(Head::EMPTY, |link| link.as_head());
    if last == head {
        return Ok(head);
    }
    Err(AuditError::Damaged(
        match head.records.checked_sub(last.records) {
            Some(0) => Fault::HeadChanged,
            Some(_) => Fault::Truncated {
                seq: last.records + 1,
                records: head.records,
            },
            None => Fault::Added {
                seq: head.records + 1,
            },
        },
    ))
}

/// The last record.
pub(super) async fn last(conn: &mut AnyConnection) -> Result<Option<Link>, AuditError> {
    sqlx::query_as::<_, Row>(SELECT_LAST)
        .fetch_optional(conn)
        .await?
        .map(Link::try_from)
        .transpose()
}

/// Whether the record that was the last at some time is still there, as it was.
pub(super) async fn still_holds(conn: &mut AnyConnection, known: &Head) -> Result<(), AuditError> {
    if known.records == 0 {
        return Ok(());
    }
    let seq = known.records;
    let hash: Option<Vec<u8>> = sqlx::query_scalar(SELECT_HASH)
        .bind(seq.cast_signed())
        .fetch_optional(conn)
        .await?;
    match hash {
        Some(hash) if hash == known.hash.as_slice() => Ok(()),
        Some(_) => Err(AuditError::Damaged(Fault::Edited { seq })),
        None => Err(AuditError::Damaged(Fault::Truncated { seq, records: seq })),
    }
}

pub(super) async fn check_tail(database: &Database) -> Result<(), AuditError> {
    let mut tx = database.snapshot().await?;
    tail(&mut tx).await?;
    Ok(tx.rollback().await?)
}

pub(super) async fn list(
    database: &Database,
    from: u64,
    limit: u32,
) -> Result<Vec<AuditRecord>, AuditError> {
    links(database, from, limit)
        .await?
        .into_iter()
        .map(AuditRecord::try_from)
        .collect()
}

pub(super) async fn export(
    database: &Database,
    from: u64,
    limit: u32,
) -> Result<Vec<String>, AuditError> {
    let links = links(database, from, limit).await?;
    links.iter().map(json_line).collect()
}

/// The hash that the record `seq` was chained to; zeros before the first. `None` if the record
/// before is gone.
pub(super) async fn previous_of(
    conn: &mut AnyConnection,
    seq: u64,
) -> Result<Option<Digest>, AuditError> {
    let Some(before) = seq.checked_sub(1).filter(|before| *before > 0) else {
        return Ok(Some(GENESIS));
    };
    let before = i64::try_from(before).unwrap_or(i64::MAX);
    let found: Option<Vec<u8>> = sqlx::query_scalar(SELECT_HASH)
        .bind(before)
        .fetch_optional(conn)
        .await?;
    // A hash that is none is a broken chain, which the walk along it tells; here it is not known.
    Ok(found.and_then(|hash| Digest::try_from(hash).ok()))
}

/// The stored entry, byte for byte, with its hash.
pub(super) fn json_line(link: &Link) -> Result<String, AuditError> {
    let Link {
        seq, entry, hash, ..
    } = link;
    // The entry is copied, never written again: its bytes are what was hashed.
    serde_json::from_str::<IgnoredAny>(entry).map_err(|_| AuditError::Unreadable { seq: *seq })?;
    Ok(format!(r#"{{"hash":"{hash}","entry":{entry}}}"#))
}

async fn links(database: &Database, from: u64, limit: u32) -> Result<Vec<Link>, AuditError> {
    let after = i64::try_from(from.saturating_sub(1)).unwrap_or(i64::MAX);
    let mut conn = database.reader().await?;
    let rows = page(&mut conn, after, i64::from(limit)).await?;
    rows.iter()
        .map(|row| Link::try_from(Row::from_row(row)?))
        .collect()
}

async fn page(
    conn: &mut AnyConnection,
    after: i64,
    limit: i64,
) -> Result<Vec<AnyRow>, sqlx::Error> {
    sqlx::query(SELECT_AFTER)
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await
}

async fn head(conn: &mut AnyConnection) -> Result<Option<Head>, AuditError> {
    let row: Option<HeadRow> = sqlx::query_as(SELECT_HEAD).fetch_optional(conn).await?;
    // An unreadable head is as good as none: the walk reports it as changed.
    Ok(row.and_then(|row| {
        let records = u64::try_from(row.records).ok()?;
        let hash = Digest::try_from(row.hash).ok()?;
        Some(Head { records, hash })
    }))
}

impl TryFrom<Row> for Link {
    type Error = AuditError;

    fn try_from(row: Row) -> Result<Self, AuditError> {
        // A number below 1 is no record's place; 0 lets the walk say whose record it is.
        let seq = u64::try_from(row.seq).unwrap_or(0);
        let hash = Digest::try_from(row.hash).map_err(|_| AuditError::Unreadable { seq })?;
        Ok(Self {
            seq,
            at_ms: row.at_ms,
            kind: row.kind,
            subject: row.subject,
            dashboard: row.dashboard,
            revision: row.revision,
            entry: row.entry,
            hash,
        })
    }
}

impl TryFrom<Link> for AuditRecord {
    type Error = AuditError;

    fn try_from(link: Link) -> Result<Self, AuditError> {
        let event = serde_json::from_str(&link.entry)
            .map_err(|_| AuditError::Unreadable { seq: link.seq })?;
        Ok(Self {
            seq: link.seq,
            event,
            hash: link.hash,
        })
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[SELECT_AFTER, SELECT_LAST, SELECT_HEAD, SELECT_HASH];
