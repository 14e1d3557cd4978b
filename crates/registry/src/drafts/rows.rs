//! Drafts as rows.

mod write;

use chrono::{DateTime, Utc};
use sqlx::{AnyConnection, FromRow};

pub(in crate::drafts) use self::write::{
    drop_approvals, insert, insert_approval, insert_version, update,
};
use super::{Approval, Draft, DraftError, DraftId, DraftState, Verdict};
use crate::revisions::{origin, read};
use crate::{Actor, Digest};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "
SELECT id, version, state, title, base, origin, rollback_of, content, author, widening,
    approvals_needed, findings, effective_from_ms, reason, created_at_ms, updated_at_ms
FROM drafts",
            $rest
        )
    };
}

const GET: &str = select!(
    "
WHERE id = $1"
);

const LIST: &str = select!(
    "
WHERE state IN ($1, $2, $3, $4, $5)
ORDER BY updated_at_ms DESC, id DESC
LIMIT $6"
);

const DUE: &str = select!(
    "
WHERE state = 'scheduled'
AND effective_from_ms <= $1
ORDER BY effective_from_ms, id"
);

const NEXT_ID: &str = "
SELECT COALESCE(MAX(id), 0) + 1
FROM drafts";

const EDITORS: &str = "
SELECT editor AS person, at_ms
FROM draft_versions
WHERE draft = $1
ORDER BY version";

const APPROVALS: &str = "
SELECT approver AS person, at_ms
FROM draft_approvals
WHERE draft = $1
AND version = $2
ORDER BY at_ms, person";

const CONTENT: &str = "
SELECT v.content
FROM draft_versions v
JOIN drafts d ON d.id = v.draft
WHERE v.draft = $1
AND v.version = COALESCE($2, d.version)";

#[derive(FromRow)]
struct Row {
    id: i64,
    version: i64,
    state: String,
    title: String,
    base: i64,
    origin: String,
    rollback_of: Option<i64>,
    content: Vec<u8>,
    author: String,
    widening: Option<i64>,
    approvals_needed: Option<i64>,
    findings: Option<String>,
    effective_from_ms: Option<i64>,
    reason: Option<String>,
    created_at_ms: i64,
    updated_at_ms: i64,
}

#[derive(FromRow)]
struct PersonRow {
    person: String,
    at_ms: i64,
}

pub(super) async fn get(
    conn: &mut AnyConnection,
    id: DraftId,
) -> Result<Option<Draft>, DraftError> {
    let row: Option<Row> = sqlx::query_as(GET)
        .bind(id.column())
        .fetch_optional(&mut *conn)
        .await?;
    match row {
        Some(row) => complete(conn, row).await.map(Some),
        None => Ok(None),
    }
}

pub(super) async fn list(
    conn: &mut AnyConnection,
    states: &[DraftState],
    limit: u32,
) -> Result<Vec<Draft>, DraftError> {
    let mut query = sqlx::query_as(LIST);
    for state in DraftState::ALL {
        let wanted = states.contains(&state);
        // No draft is in the state of no name.
        query = query.bind(if wanted { state.as_str() } else { "" });
    }
    let rows = query.bind(i64::from(limit)).fetch_all(&mut *conn).await?;
    complete_all(conn, rows).await
}

pub(super) async fn due(
    conn: &mut AnyConnection,
    now: DateTime<Utc>,
) -> Result<Vec<Draft>, DraftError> {
    let rows = sqlx::query_as(DUE)
        .bind(now.timestamp_millis())
        .fetch_all(&mut *conn)
        .await?;
    complete_all(conn, rows).await
}

/// The content of a version, or of the current one.
pub(super) async fn content(
    conn: &mut AnyConnection,
    id: DraftId,
    version: Option<u64>,
) -> Result<Option<Digest>, DraftError> {
    let found: Option<Vec<u8>> = sqlx::query_scalar(CONTENT)
        .bind(id.column())
        .bind(version.map(u64::cast_signed))
        .fetch_optional(conn)
        .await?;
    let digest = found.map(Digest::try_from).transpose();
    digest.map_err(|_| DraftError::Corrupt {
        draft: id,
        what: "content hash",
    })
}

pub(super) async fn next_id(conn: &mut AnyConnection) -> Result<DraftId, sqlx::Error> {
    let next: i64 = sqlx::query_scalar(NEXT_ID).fetch_one(conn).await?;
    Ok(DraftId::from_column(next))
}

async fn complete_all(conn: &mut AnyConnection, rows: Vec<Row>) -> Result<Vec<Draft>, DraftError> {
    let mut drafts = Vec::with_capacity(rows.len());
    for row in rows {
        drafts.push(complete(conn, row).await?);
    }
    Ok(drafts)
}

/// Adds the people to a row.
async fn complete(conn: &mut AnyConnection, row: Row) -> Result<Draft, DraftError> {
    let versions: Vec<PersonRow> = sqlx::query_as(EDITORS)
        .bind(row.id)
        .fetch_all(&mut *conn)
        .await?;
    let approvals: Vec<PersonRow> = sqlx::query_as(APPROVALS)
        .bind(row.id)
        .bind(row.version)
        .fetch_all(conn)
        .await?;
    let draft = DraftId::from_column(row.id);
    read_draft(row, versions, approvals).map_err(|what| DraftError::Corrupt { draft, what })
}

/// The draft of these rows, or what about them is not as it was written.
fn read_draft(
    row: Row,
    versions: Vec<PersonRow>,
    approvals: Vec<PersonRow>,
) -> Result<Draft, &'static str> {
    let mut editors: Vec<Actor> = Vec::new();
    for version in versions {
        let editor: Actor = read(&version.person).ok_or("list of editors")?;
        if !editors.iter().any(|known| known.is(&editor)) {
            editors.push(editor);
        }
    }
    let approvals: Result<Vec<_>, _> = approvals.into_iter().map(Approval::try_from).collect();
    let time = |ms| DateTime::from_timestamp_millis(ms).ok_or("time");
    let state = DraftState::ALL
        .into_iter()
        .find(|state| state.as_str() == row.state);
    Ok(Draft {
        id: DraftId::from_column(row.id),
        version: row.version.cast_unsigned(),
        state: state.ok_or("state")?,
        base: row.base.cast_unsigned(),
        origin: origin(&row.origin, row.rollback_of).ok_or("origin")?,
        content: Digest::try_from(row.content).map_err(|_| "content hash")?,
        author: read(&row.author).ok_or("author")?,
        editors,
        approvals: approvals?,
        verdict: verdict(row.widening, row.approvals_needed, row.findings)?,
        effective_from: row.effective_from_ms.map(time).transpose()?,
        created_at: time(row.created_at_ms)?,
        updated_at: time(row.updated_at_ms)?,
        title: row.title,
        reason: row.reason,
    })
}

fn verdict(
    widening: Option<i64>,
    approvals_needed: Option<i64>,
    findings: Option<String>,
) -> Result<Option<Verdict>, &'static str> {
    match (widening, approvals_needed, findings) {
        (None, None, None) => Ok(None),
        (Some(widening), Some(needed), Some(findings)) => Ok(Some(Verdict {
            widening: widening != 0,
            approvals_needed: u8::try_from(needed).map_err(|_| "verdict")?,
            findings,
        })),
        _ => Err("verdict"),
    }
}

impl TryFrom<PersonRow> for Approval {
    type Error = &'static str;

    fn try_from(row: PersonRow) -> Result<Self, &'static str> {
        Ok(Self {
            by: read(&row.person).ok_or("list of approvals")?,
            at: DateTime::from_timestamp_millis(row.at_ms).ok_or("list of approvals")?,
        })
    }
}

#[cfg(test)]
pub(crate) use self::write::STATEMENTS as WRITE;

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[GET, LIST, DUE, NEXT_ID, EDITORS, APPROVALS, CONTENT];
