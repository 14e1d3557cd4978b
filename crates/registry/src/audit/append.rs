//! Appending to the chain, in somebody's transaction: the mover's, or that of a change which must
//! not happen without its record.

use sqlx::AnyConnection;

use super::chain::{Fault, Head, Link};
use super::event::AuditEvent;
use super::{AuditError, read};

/// Rows of one INSERT: of a batch where there is much, and of what is left. Each statement is a walk
/// to the database and back, so the fewer there are, the sooner a crowd's records are moved.
const MANY_ROWS: usize = 128;
const ROWS: usize = 16;

// Changes nothing, but whoever did it holds the end of the chain until the transaction ends.
const LOCK: &str = "
UPDATE audit_head
SET records = records
WHERE id = 1";

const INSERT: &str = "
INSERT INTO audit_records (seq, at_ms, kind, subject, dashboard, revision, entry, hash)
VALUES ";

const COLUMNS: usize = 8;

// The head moves only from where this transaction thinks it is, so that two processes on one
// database cannot write two records with one number.
const ADVANCE: &str = "
UPDATE audit_head
SET records = $1, hash = $2
WHERE id = 1
AND records = $3
AND hash = $4";

/// Appends `events` in order to the end of the chain, whoever moved it last, and returns where it
/// ends then. They are recorded when, and only when, the transaction commits; until then nobody
/// else appends, so do it last.
///
/// # Errors
/// [`AuditError::Damaged`] when the end of the log is not what it was, else what the database said.
/// The transaction must not be committed then.
pub(crate) async fn append(
    conn: &mut AnyConnection,
    events: &[AuditEvent],
) -> Result<Head, AuditError> {
    let start = end_of_chain(&mut *conn).await?;
    let links = link(start, events)?;
    let end = links.last().map(Link::as_head);
    let end = end.ok_or(AuditError::NothingToRecord)?;
    let many = links.chunks_exact(MANY_ROWS);
    let rest = many.remainder().chunks(ROWS);
    for rows in many.chain(rest) {
        insert(&mut *conn, rows).await?;
    }
    advance(conn, &start, &end).await?;
    Ok(end)
}

/// Takes the end of the chain for this transaction: nobody else appends before it ends.
pub(super) async fn end_of_chain(conn: &mut AnyConnection) -> Result<Head, AuditError> {
    lock(&mut *conn).await?;
    read::tail(conn).await
}

/// Waits until no other transaction is about to append. What is read afterwards is what the last
/// one left, on both databases.
pub(crate) async fn lock(conn: &mut AnyConnection) -> Result<(), AuditError> {
    sqlx::query(LOCK).execute(conn).await?;
    Ok(())
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

async fn insert(conn: &mut AnyConnection, rows: &[Link]) -> Result<(), AuditError> {
    let sql = insert_sql(rows.len(), Places::of(conn));
    let mut query = sqlx::query(&sql);
    for row in rows {
        query = query
            .bind(row.seq.cast_signed())
            .bind(row.at_ms)
            .bind(&row.kind)
            .bind(row.subject.as_deref())
            .bind(row.dashboard.as_deref())
            .bind(row.revision)
            .bind(&row.entry)
            .bind(row.hash.as_slice());
    }
    query.execute(conn).await?;
    Ok(())
}

/// How a statement names its values.
#[derive(Debug, Clone, Copy)]
enum Places {
    /// `$1`, `$2`: what `PostgreSQL` knows.
    Numbered,
    /// `?`: `SQLite` looks every other name up in a list of all, so a thousand of them take a million
    /// looks.
    Plain,
}

impl Places {
    fn of(conn: &AnyConnection) -> Self {
        match conn.backend_name() {
            "SQLite" => Self::Plain,
            _ => Self::Numbered,
        }
    }

    fn place(self, number: usize) -> String {
        match self {
            Self::Numbered => format!("${number}"),
            Self::Plain => "?".to_owned(),
        }
    }
}

fn insert_sql(rows: usize, places: Places) -> String {
    let values: Vec<String> = (0..rows)
        .map(|row| {
            let places: Vec<String> = (1..=COLUMNS)
                .map(|column| places.place(row * COLUMNS + column))
                .collect();
            format!("({})", places.join(", "))
        })
        .collect();
    format!("{INSERT}{}", values.join(", "))
}

async fn advance(conn: &mut AnyConnection, start: &Head, end: &Head) -> Result<(), AuditError> {
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
pub(crate) fn statements(conn: &AnyConnection) -> Vec<String> {
    let places = Places::of(conn);
    let sizes = (1..=ROWS).chain([MANY_ROWS]);
    let inserts = sizes.map(|rows| insert_sql(rows, places));
    inserts
        .chain([LOCK, ADVANCE].map(ToOwned::to_owned))
        .collect()
}
