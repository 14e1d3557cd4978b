//! Reading and writing revocations.

use chrono::{DateTime, Utc};
use sqlx::AnyConnection;
use weir_policy::BusinessUnit;

use super::{Revocation, Revoked, Since};
use crate::revisions::{json, read};
use crate::time::from_millis;
use crate::{Label, StoreError};

/// How many rows are read at once.
const ROWS: i64 = 1_000;

const NEXT: &str = "
UPDATE revocation_head
SET newest = newest + 1
WHERE id = 1";

const NEWEST: &str = "
SELECT newest
FROM revocation_head
WHERE id = 1";

const INSERT: &str = "
INSERT INTO revocations (id, kind, issuer, value, client, issued_up_to_ms, until_ms, actor, reason,
    at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const SPENT: &str = "
SELECT COUNT(*)
FROM revocations
WHERE kind = 'spent'
AND value = $1";

const SINCE: &str = "
SELECT id, kind, issuer, value, client, issued_up_to_ms, until_ms, actor, reason, at_ms
FROM revocations
WHERE id > $1
ORDER BY id
LIMIT $2";

const IN_FORCE: &str = "
SELECT id, kind, issuer, value, client, issued_up_to_ms, until_ms, actor, reason, at_ms
FROM revocations
WHERE kind <> 'spent'
AND until_ms > $1
ORDER BY id DESC
LIMIT $2";

pub(super) const PURGE: &str = "
DELETE FROM revocations
WHERE until_ms <= $1";

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    kind: String,
    issuer: Option<String>,
    value: Option<String>,
    client: Option<String>,
    issued_up_to_ms: i64,
    until_ms: i64,
    actor: Option<String>,
    reason: Option<String>,
    at_ms: i64,
}

/// The next number; nobody else gets one before the transaction ends.
pub(super) async fn next(conn: &mut AnyConnection) -> Result<u64, StoreError> {
    sqlx::query(NEXT).execute(&mut *conn).await?;
    newest(conn).await
}

async fn newest(conn: &mut AnyConnection) -> Result<u64, StoreError> {
    let newest: i64 = sqlx::query_scalar(NEWEST).fetch_one(conn).await?;
    Ok(newest.cast_unsigned())
}

pub(super) async fn is_spent(conn: &mut AnyConnection, jti: &Label) -> Result<bool, StoreError> {
    let rows: i64 = sqlx::query_scalar(SPENT)
        .bind(jti.as_str())
        .fetch_one(conn)
        .await?;
    Ok(rows > 0)
}

pub(super) async fn insert(conn: &mut AnyConnection, new: &Revocation) -> Result<(), StoreError> {
    let (kind, issuer, value) = columns(&new.target);
    let (actor, reason) = match &new.decided {
        Some((actor, reason)) => (Some(json(actor)?), Some(reason.as_str())),
        None => (None, None),
    };
    sqlx::query(INSERT)
        .bind(new.number.cast_signed())
        .bind(kind)
        .bind(issuer)
        .bind(value)
        .bind(new.client.as_ref().map(Label::as_str))
        .bind(new.issued_up_to.timestamp_millis())
        .bind(new.until.timestamp_millis())
        .bind(actor)
        .bind(reason)
        .bind(new.at.timestamp_millis())
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn since(conn: &mut AnyConnection, number: u64) -> Result<Since, StoreError> {
    let newest = newest(&mut *conn).await?;
    let rows: Vec<Row> = sqlx::query_as(SINCE)
        .bind(number.cast_signed())
        .bind(ROWS + 1)
        .fetch_all(conn)
        .await?;
    let mut revocations = rows
        .into_iter()
        .map(Revocation::try_from)
        .collect::<Result<Vec<_>, _>>()?;
    let limit = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let more = revocations.len() > limit;
    revocations.truncate(limit);
    Ok(Since {
        newest,
        revocations,
        more,
    })
}

pub(super) async fn in_force(
    conn: &mut AnyConnection,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Revocation>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(IN_FORCE)
        .bind(now.timestamp_millis())
        .bind(i64::from(limit))
        .fetch_all(conn)
        .await?;
    rows.into_iter().map(Revocation::try_from).collect()
}

/// Kind, issuer and value of a target.
fn columns(target: &Revoked) -> (&'static str, Option<&str>, Option<&str>) {
    match target {
        Revoked::Spent { jti } => ("spent", None, Some(jti.as_str())),
        Revoked::Jti { jti } => ("jti", None, Some(jti.as_str())),
        Revoked::Family { family } => ("family", None, Some(family.as_str())),
        Revoked::Subject { issuer, sub } => ("subject", Some(issuer), Some(sub)),
        Revoked::BusinessUnit { unit } => ("business_unit", None, Some(unit.as_str())),
        Revoked::Dashboard { dashboard } => ("dashboard", None, Some(dashboard.as_str())),
        Revoked::Client { client } => ("client", None, Some(client.as_str())),
        Revoked::All => ("all", None, None),
    }
}

/// Reads what [`columns`] wrote.
fn target(kind: &str, issuer: Option<String>, value: Option<String>) -> Option<Revoked> {
    let label = |value: String| Label::parse(value).ok();
    Some(match (kind, issuer, value) {
        ("spent", None, Some(value)) => Revoked::Spent { jti: label(value)? },
        ("jti", None, Some(value)) => Revoked::Jti { jti: label(value)? },
        ("family", None, Some(value)) => Revoked::Family {
            family: label(value)?,
        },
        ("subject", Some(issuer), Some(sub)) => Revoked::Subject { issuer, sub },
        ("business_unit", None, Some(value)) => Revoked::BusinessUnit {
            unit: BusinessUnit::parse(value).ok()?,
        },
        ("dashboard", None, Some(value)) => Revoked::Dashboard {
            dashboard: label(value)?,
        },
        ("client", None, Some(value)) => Revoked::Client {
            client: label(value)?,
        },
        ("all", None, None) => Revoked::All,
        _ => return None,
    })
}

impl TryFrom<Row> for Revocation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::Corrupt { column };
        let client = row.client.map(Label::parse).transpose();
        let decided = match (row.actor, row.reason) {
            (Some(actor), Some(reason)) => {
                let actor = read(&actor).ok_or_else(|| corrupt("revocations.actor"))?;
                Some((actor, reason))
            }
            _ => None,
        };
        Ok(Self {
            number: row.id.cast_unsigned(),
            target: target(&row.kind, row.issuer, row.value)
                .ok_or_else(|| corrupt("revocations.value"))?,
            client: client.map_err(|_| corrupt("revocations.client"))?,
            issued_up_to: from_millis("revocations.issued_up_to_ms", row.issued_up_to_ms)?,
            until: from_millis("revocations.until_ms", row.until_ms)?,
            decided,
            at: from_millis("revocations.at_ms", row.at_ms)?,
        })
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[NEXT, NEWEST, INSERT, SPENT, SINCE, IN_FORCE, PURGE];
