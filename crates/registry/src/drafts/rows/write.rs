//! Writing drafts.

use sqlx::AnyConnection;

use crate::Actor;
use crate::drafts::{Approval, Draft, DraftId};
use crate::revisions::{json, origin_columns};

const INSERT: &str = "
INSERT INTO drafts (id, version, state, title, base, origin, rollback_of, content, author,
    created_at_ms, updated_at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

const UPDATE: &str = "
UPDATE drafts
SET version = $2, state = $3, title = $4, base = $5, origin = $6, rollback_of = $7, content = $8,
    widening = $9, approvals_needed = $10, findings = $11, effective_from_ms = $12, reason = $13,
    updated_at_ms = $14
WHERE id = $1";

const INSERT_VERSION: &str = "
INSERT INTO draft_versions (draft, version, base, title, content, person, editor, at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const INSERT_APPROVAL: &str = "
INSERT INTO draft_approvals (draft, version, person, approver, at_ms)
VALUES ($1, $2, $3, $4, $5)";

const DROP_APPROVALS: &str = "
DELETE FROM draft_approvals
WHERE draft = $1";

/// A new draft and its first version.
pub(in crate::drafts) async fn insert(
    conn: &mut AnyConnection,
    draft: &Draft,
) -> Result<(), sqlx::Error> {
    let (origin, rollback_of) = origin_columns(draft.origin);
    sqlx::query(INSERT)
        .bind(draft.id.column())
        .bind(draft.version.cast_signed())
        .bind(draft.state.as_str())
        .bind(&draft.title)
        .bind(draft.base.cast_signed())
        .bind(origin)
        .bind(rollback_of)
        .bind(draft.content.as_slice())
        .bind(json(&draft.author)?)
        .bind(draft.created_at.timestamp_millis())
        .bind(draft.updated_at.timestamp_millis())
        .execute(&mut *conn)
        .await?;
    insert_version(conn, draft, &draft.author).await
}

pub(in crate::drafts) async fn update(
    conn: &mut AnyConnection,
    draft: &Draft,
) -> Result<(), sqlx::Error> {
    let (origin, rollback_of) = origin_columns(draft.origin);
    let verdict = draft.verdict.as_ref();
    sqlx::query(UPDATE)
        .bind(draft.id.column())
        .bind(draft.version.cast_signed())
        .bind(draft.state.as_str())
        .bind(&draft.title)
        .bind(draft.base.cast_signed())
        .bind(origin)
        .bind(rollback_of)
        .bind(draft.content.as_slice())
        .bind(verdict.map(|verdict| i64::from(verdict.widening)))
        .bind(verdict.map(|verdict| i64::from(verdict.approvals_needed)))
        .bind(verdict.map(|verdict| verdict.findings.clone()))
        .bind(draft.effective_from.map(|at| at.timestamp_millis()))
        .bind(draft.reason.clone())
        .bind(draft.updated_at.timestamp_millis())
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::drafts) async fn insert_version(
    conn: &mut AnyConnection,
    draft: &Draft,
    editor: &Actor,
) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT_VERSION)
        .bind(draft.id.column())
        .bind(draft.version.cast_signed())
        .bind(draft.base.cast_signed())
        .bind(&draft.title)
        .bind(draft.content.as_slice())
        .bind(editor.digest().as_slice())
        .bind(json(editor)?)
        .bind(draft.updated_at.timestamp_millis())
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::drafts) async fn insert_approval(
    conn: &mut AnyConnection,
    draft: &Draft,
    approval: &Approval,
) -> Result<(), sqlx::Error> {
    sqlx::query(INSERT_APPROVAL)
        .bind(draft.id.column())
        .bind(draft.version.cast_signed())
        .bind(approval.by.digest().as_slice())
        .bind(json(&approval.by)?)
        .bind(approval.at.timestamp_millis())
        .execute(conn)
        .await?;
    Ok(())
}

pub(in crate::drafts) async fn drop_approvals(
    conn: &mut AnyConnection,
    id: DraftId,
) -> Result<(), sqlx::Error> {
    sqlx::query(DROP_APPROVALS)
        .bind(id.column())
        .execute(conn)
        .await?;
    Ok(())
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    UPDATE,
    INSERT_VERSION,
    INSERT_APPROVAL,
    DROP_APPROVALS,
];
