//! Appending inside somebody's transaction: what the writer task does for a queue of submissions,
//! and what a step that must not happen without its record does in its own transaction.

use sqlx::AnyConnection;

use super::chain::{Fault, Head, Link};
use super::event::AuditEvent;
use super::{AuditError, AuditReceipt, read};

/// Rows of one INSERT. A dashboard of ten tiles is one statement.
const ROWS: usize = 16;

const INSERT: &str = "
INSERT INTO audit_records (seq, at_ms, kind, entry, hash)
VALUES ";

// Changes nothing, but whoever did it holds the end of the chain until the transaction ends.
const LOCK: &str = "
UPDATE audit_head
SET synced = synced
WHERE id = 1";

// The head moves only from where this transaction thinks it is, so that two processes on one
// database cannot write two records with one number.
const ADVANCE: &str = "
UPDATE audit_head
SET records = $1, hash = $2
WHERE id = 1
AND records = $3
AND hash = $4";

/// Appends `events` in order to the end of the chain, whoever moved it last. They are recorded
/// when, and only when, the transaction commits.
pub(crate) async fn append(
    conn: &mut AnyConnection,
    events: &[AuditEvent],
) -> Result<AuditReceipt, AuditError> {
    let start = end_of_chain(conn).await?;
    receipt(append_after(conn, &start, events).await?.iter())
}

/// Takes the end of the chain for this transaction: nobody else appends before it ends.
pub(super) async fn end_of_chain(conn: &mut AnyConnection) -> Result<Head, AuditError> {
    lock(conn).await?;
    read::tail(conn).await
}

/// Waits until no other transaction is about to append. What is read afterwards is what the last
/// one left, on both databases.
pub(crate) async fn lock(conn: &mut AnyConnection) -> Result<(), AuditError> {
    sqlx::query(LOCK).execute(conn).await?;
    Ok(())
}

/// Appends behind `start`, or says that the chain does not end there any more.
pub(super) async fn append_after(
    conn: &mut AnyConnection,
    start: &Head,
    events: &[AuditEvent],
) -> Result<Vec<Link>, AuditError> {
    let links = link(*start, events)?;
    advance(conn, start, &links).await?;
    insert(conn, &links).await?;
    Ok(links)
}

pub(super) fn receipt<'a>(
    mut links: impl Iterator<Item = &'a Link>,
) -> Result<AuditReceipt, AuditError> {
    let first = links.next().ok_or(AuditError::NothingToRecord)?;
    let last = links.last().unwrap_or(first);
    Ok(AuditReceipt {
        first: first.seq,
        last: last.seq,
        head: last.hash,
    })
}

fn link(start: Head, events: &[AuditEvent]) -> Result<Vec<Link>, AuditError> {
    let mut head = start;
    events
        .iter()
        .map(|event| {
            let link = Link::after(&head, event)?;
            head = link.as_head();
            Ok(link)
        })
        .collect()
}

async fn insert(conn: &mut AnyConnection, links: &[Link]) -> Result<(), AuditError> {
    for rows in links.chunks(ROWS) {
        let sql = insert_sql(rows.len());
        let mut query = sqlx::query(&sql);
        for row in rows {
            query = query
                .bind(row.seq.cast_signed())
                .bind(row.at_ms)
                .bind(&row.kind)
                .bind(&row.entry)
                .bind(row.hash.as_slice());
        }
        query.execute(&mut *conn).await?;
    }
    Ok(())
}

/// At most [`ROWS`] different texts, so each is prepared once per connection.
fn insert_sql(rows: usize) -> String {
    let values: Vec<String> = (0..rows)
        .map(|row| {
            let at = row * 5;
            format!(
                "(${}, ${}, ${}, ${}, ${})",
                at + 1,
                at + 2,
                at + 3,
                at + 4,
                at + 5
            )
        })
        .collect();
    format!("{INSERT}{}", values.join(", "))
}

async fn advance(conn: &mut AnyConnection, start: &Head, links: &[Link]) -> Result<(), AuditError> {
    let Some(end) = links.last().map(Link::as_head) else {
        return Ok(());
    };
    let moved = sqlx::query(ADVANCE)
        .bind(end.records.cast_signed())
        .bind(end.hash.as_slice())
        .bind(start.records.cast_signed())
        .bind(start.hash.as_slice())
        .execute(conn)
        .await?;
    match moved.rows_affected() {
        1 => Ok(()),
        _ => Err(AuditError::Damaged(Fault::HeadChanged)),
    }
}

#[cfg(test)]
pub(crate) fn statements() -> Vec<String> {
    let inserts = (1..=ROWS).map(insert_sql);
    inserts
        .chain([LOCK, ADVANCE].map(ToOwned::to_owned))
        .collect()
}
