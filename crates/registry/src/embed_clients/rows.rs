//! Clients and secrets as rows.

use sqlx::AnyConnection;

use super::{StoredClient, StoredSecret, Touch};
use crate::time::from_millis;
use crate::{Actor, Label, StoreError};

const SELECT: &str = "
SELECT id, version, document, created_by, created_at_ms, changed_by, changed_at_ms
FROM embed_clients
WHERE id = $1";

const SELECT_ALL: &str = "
SELECT id, version, document, created_by, created_at_ms, changed_by, changed_at_ms
FROM embed_clients
ORDER BY id";

const SELECT_SECRETS: &str = "
SELECT client, id, hash, created_by, created_at_ms
FROM embed_client_secrets
WHERE client = $1
ORDER BY version";

const SELECT_ALL_SECRETS: &str = "
SELECT client, id, hash, created_by, created_at_ms
FROM embed_client_secrets
ORDER BY version";

const COUNT: &str = "
SELECT COUNT(*)
FROM embed_clients";

const CHANGES: &str = "
SELECT changes
FROM embed_client_changes
WHERE id = 1";

const COUNT_CHANGE: &str = "
UPDATE embed_client_changes
SET changes = changes + 1
WHERE id = 1";

const INSERT: &str = "
INSERT INTO embed_clients
    (id, version, document, created_by, created_at_ms, changed_by, changed_at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

const UPDATE: &str = "
UPDATE embed_clients
SET version = $2, document = $3, changed_by = $4, changed_at_ms = $5
WHERE id = $1";

const DELETE: &str = "
DELETE FROM embed_clients
WHERE id = $1";

const INSERT_SECRET: &str = "
INSERT INTO embed_client_secrets (client, id, hash, version, created_by, created_at_ms)
VALUES ($1, $2, $3, $4, $5, $6)";

const DELETE_SECRET: &str = "
DELETE FROM embed_client_secrets
WHERE client = $1
AND id = $2";

const DELETE_SECRETS: &str = "
DELETE FROM embed_client_secrets
WHERE client = $1";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    version: i64,
    document: String,
    created_by: String,
    created_at_ms: i64,
    changed_by: String,
    changed_at_ms: i64,
}

#[derive(sqlx::FromRow)]
struct SecretRow {
    client: String,
    id: String,
    hash: String,
    created_by: String,
    created_at_ms: i64,
}

pub(super) async fn changes(conn: &mut AnyConnection) -> Result<u64, StoreError> {
    let changes: i64 = sqlx::query_scalar(CHANGES).fetch_one(conn).await?;
    u64::try_from(changes).map_err(|_| StoreError::Corrupt {
        column: "embed_client_changes.changes",
    })
}

/// One more change; the answer is how many there were then.
pub(super) async fn count_change(conn: &mut AnyConnection) -> Result<u64, StoreError> {
    sqlx::query(COUNT_CHANGE).execute(&mut *conn).await?;
    changes(conn).await
}

pub(super) async fn count(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(COUNT).fetch_one(conn).await?)
}

pub(super) async fn get(
    conn: &mut AnyConnection,
    id: &Label,
) -> Result<Option<StoredClient>, StoreError> {
    let row: Option<Row> = sqlx::query_as(SELECT)
        .bind(id.as_str())
        .fetch_optional(&mut *conn)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let secrets: Vec<SecretRow> = sqlx::query_as(SELECT_SECRETS)
        .bind(id.as_str())
        .fetch_all(conn)
        .await?;
    let mut client = StoredClient::try_from(row)?;
    for secret in secrets {
        client.secrets.push(secret.try_into()?);
    }
    Ok(Some(client))
}

pub(super) async fn all(conn: &mut AnyConnection) -> Result<Vec<StoredClient>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(SELECT_ALL).fetch_all(&mut *conn).await?;
    let secrets: Vec<SecretRow> = sqlx::query_as(SELECT_ALL_SECRETS).fetch_all(conn).await?;
    let clients = rows.into_iter().map(StoredClient::try_from);
    let mut clients = clients.collect::<Result<Vec<_>, _>>()?;
    for secret in secrets {
        let owner = clients.iter_mut().find(|c| c.id.as_str() == secret.client);
        if let Some(client) = owner {
            client.secrets.push(secret.try_into()?);
        }
    }
    Ok(clients)
}

pub(super) async fn insert(
    conn: &mut AnyConnection,
    client: &StoredClient,
) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(client.id.as_str())
        .bind(client.version.cast_signed())
        .bind(&client.document)
        .bind(json(&client.created.by)?)
        .bind(client.created.at.timestamp_millis())
        .bind(json(&client.changed.by)?)
        .bind(client.changed.at.timestamp_millis())
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn update(
    conn: &mut AnyConnection,
    client: &StoredClient,
) -> Result<(), StoreError> {
    sqlx::query(UPDATE)
        .bind(client.id.as_str())
        .bind(client.version.cast_signed())
        .bind(&client.document)
        .bind(json(&client.changed.by)?)
        .bind(client.changed.at.timestamp_millis())
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn delete(conn: &mut AnyConnection, id: &Label) -> Result<(), StoreError> {
    for sql in [DELETE_SECRETS, DELETE] {
        sqlx::query(sql)
            .bind(id.as_str())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

pub(super) async fn insert_secret(
    conn: &mut AnyConnection,
    client: &StoredClient,
    secret: &StoredSecret,
) -> Result<(), StoreError> {
    sqlx::query(INSERT_SECRET)
        .bind(client.id.as_str())
        .bind(secret.id.as_str())
        .bind(&secret.hash)
        .bind(client.version.cast_signed())
        .bind(json(&secret.created.by)?)
        .bind(secret.created.at.timestamp_millis())
        .execute(conn)
        .await?;
    Ok(())
}

pub(super) async fn delete_secret(
    conn: &mut AnyConnection,
    client: &Label,
    id: &Label,
) -> Result<(), StoreError> {
    sqlx::query(DELETE_SECRET)
        .bind(client.as_str())
        .bind(id.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

impl TryFrom<Row> for StoredClient {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: label("embed_clients.id", row.id)?,
            version: u64::try_from(row.version).map_err(|_| StoreError::Corrupt {
                column: "embed_clients.version",
            })?,
            document: row.document,
            secrets: Vec::new(),
            created: Touch {
                by: actor("embed_clients.created_by", &row.created_by)?,
                at: from_millis("embed_clients.created_at_ms", row.created_at_ms)?,
            },
            changed: Touch {
                by: actor("embed_clients.changed_by", &row.changed_by)?,
                at: from_millis("embed_clients.changed_at_ms", row.changed_at_ms)?,
            },
        })
    }
}

impl TryFrom<SecretRow> for StoredSecret {
    type Error = StoreError;

    fn try_from(row: SecretRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: label("embed_client_secrets.id", row.id)?,
            hash: row.hash,
            created: Touch {
                by: actor("embed_client_secrets.created_by", &row.created_by)?,
                at: from_millis("embed_client_secrets.created_at_ms", row.created_at_ms)?,
            },
        })
    }
}

fn label(column: &'static str, text: String) -> Result<Label, StoreError> {
    Label::parse(text).map_err(|_| StoreError::Corrupt { column })
}

fn actor(column: &'static str, json: &str) -> Result<Actor, StoreError> {
    serde_json::from_str(json).map_err(|_| StoreError::Corrupt { column })
}

fn json(actor: &Actor) -> Result<String, StoreError> {
    Ok(crate::revisions::json(actor)?)
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    SELECT,
    SELECT_ALL,
    SELECT_SECRETS,
    SELECT_ALL_SECRETS,
    COUNT,
    CHANGES,
    COUNT_CHANGE,
    INSERT,
    UPDATE,
    DELETE,
    INSERT_SECRET,
    DELETE_SECRET,
    DELETE_SECRETS,
];
