//! Sessions of members. The cookie holds an opaque id; this store knows only its SHA-256.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::database::Database;
use crate::provider_logouts::{self, ProviderSession};
use crate::time::from_millis;
use crate::{Digest, Durability, StoreError, expiring};

const INSERT: &str = "
INSERT INTO sessions (key_hash, subject, payload, created_at_ms, expires_at_ms, provider_session,
    provider_tokens, refresh_at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const SELECT: &str = "
SELECT subject, payload, created_at_ms, expires_at_ms, provider_tokens, refresh_at_ms
FROM sessions
WHERE key_hash = $1
AND expires_at_ms > $2";

const TOUCH: &str = "
UPDATE sessions
SET expires_at_ms = $3
WHERE key_hash = $1
AND expires_at_ms > $2";

// Of several callers at the same time one changes the row.
const CLAIM_REFRESH: &str = "
UPDATE sessions
SET refresh_at_ms = $3
WHERE key_hash = $1
AND refresh_at_ms = $2";

const RENEW: &str = "
UPDATE sessions
SET payload = $2, provider_tokens = $3, refresh_at_ms = $4
WHERE key_hash = $1";

const DELETE: &str = "
DELETE FROM sessions
WHERE key_hash = $1";

const DELETE_BY_SUBJECT: &str = "
DELETE FROM sessions
WHERE subject = $1";

const PURGE: &str = "
DELETE FROM sessions
WHERE expires_at_ms <= $1";

/// Where members' sessions are kept.
#[derive(Debug, Clone)]
pub struct Sessions {
    database: Database,
}

/// A session about to begin.
#[derive(Clone, PartialEq, Eq)]
pub struct NewSession {
    /// SHA-256 of the opaque id in the cookie.
    pub key: Digest,
    /// Digest of `(issuer, sub)`: what a logout by the identity provider names.
    pub subject: Digest,
    /// The session as the identity crate writes it. Not read here.
    pub payload: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends unless touched.
    pub expires_at: DateTime<Utc>,
    /// What ties it to the identity provider.
    pub provider: ProviderSide,
}

/// What ties a session to the identity provider.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProviderSide {
    /// The provider's own session, if it names one.
    pub session: Option<ProviderSession>,
    /// The provider's tokens, sealed. Not read here.
    pub tokens: Option<Vec<u8>>,
    /// When the provider is to be asked again who the member is, if it can be.
    pub refresh_at: Option<DateTime<Utc>>,
}

/// A session that has not expired.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// Digest of `(issuer, sub)`.
    pub subject: Digest,
    /// What [`NewSession::payload`] was.
    pub payload: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it ends unless touched.
    pub expires_at: DateTime<Utc>,
    /// What [`ProviderSide::tokens`] was.
    pub tokens: Option<Vec<u8>>,
    /// When the provider is to be asked again.
    pub refresh_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct Row {
    subject: Vec<u8>,
    payload: String,
    created_at_ms: i64,
    expires_at_ms: i64,
    provider_tokens: Option<Vec<u8>>,
    refresh_at_ms: Option<i64>,
}

impl Sessions {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Keeps a new session. A key that exists already is an error: ids are never reused, so that
    /// nobody can be handed a session prepared by somebody else.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the key exists or the database refuses.
    pub async fn create(&self, session: &NewSession) -> Result<(), StoreError> {
        // Lost in a power cut, it costs a sign-in; that is no reason to wait for the disk.
        let mut tx = self.database.write(Durability::Process).await?;
        let ProviderSide {
            session: at_provider,
            tokens,
            refresh_at,
        } = &session.provider;
        if let Some(at_provider) = at_provider {
            provider_logouts::remember(&mut tx, at_provider).await?;
        }
        sqlx::query(INSERT)
            .bind(session.key.as_slice())
            .bind(session.subject.as_slice())
            .bind(&session.payload)
            .bind(session.created_at.timestamp_millis())
            .bind(session.expires_at.timestamp_millis())
            .bind(at_provider.as_ref().map(|it| it.key.as_slice()))
            .bind(tokens.as_deref())
            .bind(refresh_at.map(|at| at.timestamp_millis()))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The session with this key, unless it expired by `now`.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or the row is unreadable.
    pub async fn find(
        &self,
        key: &Digest,
        now: DateTime<Utc>,
    ) -> Result<Option<StoredSession>, StoreError> {
        let row: Option<Row> = sqlx::query_as(SELECT)
            .bind(key.as_slice())
            .bind(now.timestamp_millis())
            .fetch_optional(self.database.readers())
            .await?;
        row.map(StoredSession::try_from).transpose()
    }

    /// Moves the end of a living session; `false` when there is none. An expired session is not
    /// revived. This is a write: call it when the end moves by a minute, not on every request.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn touch(
        &self,
        key: &Digest,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.database.write(Durability::Process).await?;
        let done = sqlx::query(TOUCH)
            .bind(key.as_slice())
            .bind(now.timestamp_millis())
            .bind(expires_at.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes it on to ask the provider again who the member is, which was due at `due`: of several
    /// callers one may. Until `until` nobody else does.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn claim_refresh(
        &self,
        key: &Digest,
        due: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.database.write(Durability::Process).await?;
        let done = sqlx::query(CLAIM_REFRESH)
            .bind(key.as_slice())
            .bind(due.timestamp_millis())
            .bind(until.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Keeps what the provider says of the member now; `false` when the session ended meanwhile.
    /// On the disk: a refresh token that was rotated works once.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn renew(
        &self,
        key: &Digest,
        payload: &str,
        tokens: &[u8],
        refresh_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.database.write(Durability::Disk).await?;
        let done = sqlx::query(RENEW)
            .bind(key.as_slice())
            .bind(payload)
            .bind(tokens)
            .bind(refresh_at.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends one session; `false` when there was none.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn delete(&self, key: &Digest) -> Result<bool, StoreError> {
        Ok(self.remove(DELETE, key).await? == 1)
    }

    /// Ends every session of a subject and says how many there were.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn delete_by_subject(&self, subject: &Digest) -> Result<u64, StoreError> {
        self.remove(DELETE_BY_SUBJECT, subject).await
    }

    /// Removes sessions that expired by `now` and says how many.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        expiring::purge(&self.database, PURGE, now).await
    }

    /// A logout that was acknowledged must not be undone by a power cut.
    async fn remove(&self, sql: &'static str, digest: &Digest) -> Result<u64, StoreError> {
        let mut tx = self.database.write(Durability::Disk).await?;
        let done = sqlx::query(sql)
            .bind(digest.as_slice())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}

/// Ends every session of a subject within somebody's transaction and says how many there were.
pub(crate) async fn end_all(
    conn: &mut sqlx::AnyConnection,
    subject: &Digest,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(DELETE_BY_SUBJECT)
        .bind(subject.as_slice())
        .execute(conn)
        .await?;
    Ok(done.rows_affected())
}

impl TryFrom<Row> for StoredSession {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            subject: Digest::try_from(row.subject).map_err(|_| StoreError::Corrupt {
                column: "sessions.subject",
            })?,
            payload: row.payload,
            created_at: from_millis("sessions.created_at_ms", row.created_at_ms)?,
            expires_at: from_millis("sessions.expires_at_ms", row.expires_at_ms)?,
            tokens: row.provider_tokens,
            refresh_at: row
                .refresh_at_ms
                .map(|at| from_millis("sessions.refresh_at_ms", at))
                .transpose()?,
        })
    }
}

impl fmt::Debug for ProviderSide {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProviderSide")
            .field("refresh_at", &self.refresh_at)
            .finish_non_exhaustive()
    }
}

// A payload may hold what the identity provider said about a person: it stays out of logs.
impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession")
            .field("subject", &self.subject)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for StoredSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredSession")
            .field("subject", &self.subject)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    SELECT,
    TOUCH,
    CLAIM_REFRESH,
    RENEW,
    DELETE,
    DELETE_BY_SUBJECT,
    PURGE,
];
