//! Reading the log: the walk along it, its tail, pages of it.

use futures::StreamExt;
use serde::de::IgnoredAny;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, FromRow};

use super::chain::{ChainStatus, Fault, Head, Link, Walk};
use super::{AuditError, AuditRecord};
use crate::Digest;
use crate::database::Database;

const SELECT_AFTER: &str = "
SELECT seq, at_ms, kind, entry, hash
FROM audit_records
WHERE seq > $1
ORDER BY seq
LIMIT $2";

const SELECT_LAST: &str = "
SELECT seq, at_ms, kind, entry, hash
FROM audit_records
ORDER BY seq DESC
LIMIT 1";

const SELECT_HEAD: &str = "
SELECT records, hash
FROM audit_head
WHERE id = 1";

#[derive(FromRow)]
struct Row {
    seq: i64,
    at_ms: i64,
    kind: String,
    entry: String,
    hash: Vec<u8>,
}

#[derive(FromRow)]
struct HeadRow {
    records: i64,
    hash: Vec<u8>,
}

/// Walks the log as it was at one moment: appends go on meanwhile and are not seen.
pub(super) async fn verify(database: &Database) -> Result<ChainStatus, AuditError> {
    let mut tx = database.snapshot().await?;
    let head = head(&mut tx).await?;
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
        if let Err(fault) = link.and_then(|link| walk.step(&link)) {
            return Ok(ChainStatus::Broken(fault));
        }
    }
    Ok(walk.finish(head))
}

/// The end of the log, if its last record and its head row agree on it.
pub(super) async fn tail(conn: &mut AnyConnection) -> Result<Head, AuditError> {
    let head = head(conn)
        .await?
        .ok_or(AuditError::Damaged(Fault::HeadChanged))?;
    let last = match sqlx::query_as::<_, Row>(SELECT_LAST)
        .fetch_optional(conn)
        .await?
    {
        Some(row) => Link::try_from(row)?.as_head(),
        None => Head::EMPTY,
    };
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

pub(super) async fn check_tail(database: &Database) -> Result<(), AuditError> {
    let mut tx = database.snapshot().await?;
    tail(&mut tx).await.map(drop)
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
    links
        .into_iter()
        .map(
            |Link {
                 seq, entry, hash, ..
             }| {
                // The entry is copied, never written again: its bytes are what was hashed.
                serde_json::from_str::<IgnoredAny>(&entry)
                    .map_err(|_| AuditError::Unreadable { seq })?;
                Ok(format!(r#"{{"hash":"{hash}","entry":{entry}}}"#))
            },
        )
        .collect()
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
pub(crate) const STATEMENTS: &[&str] = &[SELECT_AFTER, SELECT_LAST, SELECT_HEAD];
