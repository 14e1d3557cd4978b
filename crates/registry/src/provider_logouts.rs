//! Sessions that the identity provider ends (OIDC Back-Channel Logout 1.0 §2.7).
//!
//! Everything that comes of a logout token happens in one transaction: the token is used up, the
//! sessions are gone on every process, embed tokens about the person are revoked, and it is on record.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AnyConnection;

use crate::audit::append;
use crate::audit::event::{AuditEvent, Fact, SignOut, SignOutCause};
use crate::database::Database;
use crate::{
    AccessError, Actor, Digest, Durability, NewRevocation, RequestId, Revoked, StoreError,
    expiring, revocations,
};

const REMEMBER: &str = "
INSERT INTO provider_sessions (session_hash, issuer, sub, expires_at_ms)
VALUES ($1, $2, $3, $4)
ON CONFLICT (session_hash) DO UPDATE
SET expires_at_ms = excluded.expires_at_ms";

const WHOSE: &str = "
SELECT issuer, sub
FROM provider_sessions
WHERE session_hash = $1";

const USE: &str = "
INSERT INTO logout_tokens (token_hash, expires_at_ms)
VALUES ($1, $2)
ON CONFLICT (token_hash) DO NOTHING";

const END_ONE: &str = "
DELETE FROM sessions
WHERE provider_session = $1
AND subject = $2";

const END_ALL: &str = "
DELETE FROM sessions
WHERE subject = $1";

const PURGE_SESSIONS: &str = "
DELETE FROM provider_sessions
WHERE expires_at_ms <= $1";

const PURGE_TOKENS: &str = "
DELETE FROM logout_tokens
WHERE expires_at_ms <= $1";

/// Where logouts by the identity provider are carried out.
#[derive(Debug, Clone)]
pub struct ProviderLogouts {
    database: Database,
}

/// A session at the identity provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSession {
    /// SHA-256 of issuer and `sid`.
    pub key: Digest,
    /// The provider.
    pub issuer: String,
    /// Whose session.
    pub sub: String,
    /// Until when the provider may still speak of it.
    pub until: DateTime<Utc>,
}

/// What a logout token says, once it is known to be the provider's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderLogout {
    /// SHA-256 of issuer and `jti`.
    pub token: Digest,
    /// When the token is over.
    pub token_until: DateTime<Utc>,
    /// The provider.
    pub issuer: String,
    /// Whose sessions; with a session, whose that one must be.
    pub sub: Option<String>,
    /// SHA-256 of issuer and `sid`, if it is about one session.
    pub session: Option<Digest>,
    /// When.
    pub at: DateTime<Utc>,
    /// For how long something that the provider said before could be brought: so long it is revoked.
    pub remembered: TimeDelta,
    /// The id under which this appears in the audit.
    pub request: RequestId,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoggedOut {
    /// So many sessions ended; none, where they were over already.
    Ended(u64),
    /// The token was used before. Nothing happened.
    Replayed,
    /// Nobody signed in here by that session, or somebody else did. Nothing happened.
    UnknownSession,
}

impl ProviderLogouts {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Ends what a logout token is about, on every process, with its record.
    ///
    /// # Errors
    /// [`AccessError`]; nothing happened then, and the token may be sent again.
    pub async fn end(&self, logout: ProviderLogout) -> Result<LoggedOut, AccessError> {
        let mut tx = self.database.write(Durability::Disk).await?;
        let first = sqlx::query(USE)
            .bind(logout.token.as_slice())
            .bind(logout.token_until.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        if first.rows_affected() == 0 {
            return Ok(LoggedOut::Replayed);
        }
        let Some(person) = whose(&mut tx, &logout).await? else {
            return Ok(LoggedOut::UnknownSession);
        };
        let sessions = end_sessions(&mut tx, &logout, &person.digest()).await?;
        let events = on_record(&mut tx, logout, person, sessions).await?;
        append::append(&mut tx, &events).await?;
        tx.commit().await?;
        Ok(LoggedOut::Ended(sessions))
    }

    /// Forgets what no logout token can be about, or repeat, by `now`, and says how much.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let sessions = expiring::purge(&self.database, PURGE_SESSIONS, now).await?;
        let tokens = expiring::purge(&self.database, PURGE_TOKENS, now).await?;
        Ok(sessions + tokens)
    }
}

/// Keeps whose session at the provider a new session here belongs to.
pub(crate) async fn remember(
    conn: &mut AnyConnection,
    session: &ProviderSession,
) -> Result<(), sqlx::Error> {
    sqlx::query(REMEMBER)
        .bind(session.key.as_slice())
        .bind(&session.issuer)
        .bind(&session.sub)
        .bind(session.until.timestamp_millis())
        .execute(conn)
        .await?;
    Ok(())
}

/// The person that a logout is about; nobody, where token and session disagree.
async fn whose(
    conn: &mut AnyConnection,
    logout: &ProviderLogout,
) -> Result<Option<Actor>, sqlx::Error> {
    let actor = |sub: String| Actor {
        issuer: logout.issuer.clone(),
        name: sub.clone(),
        sub,
    };
    let Some(session) = &logout.session else {
        return Ok(logout.sub.clone().map(actor));
    };
    let row: Option<(String, String)> = sqlx::query_as(WHOSE)
        .bind(session.as_slice())
        .fetch_optional(conn)
        .await?;
    let agrees = |(issuer, sub): &(String, String)| {
        *issuer == logout.issuer && logout.sub.as_ref().is_none_or(|named| named == sub)
    };
    Ok(row.filter(agrees).map(|(_, sub)| actor(sub)))
}

async fn end_sessions(
    conn: &mut AnyConnection,
    logout: &ProviderLogout,
    subject: &Digest,
) -> Result<u64, sqlx::Error> {
    let query = match &logout.session {
        Some(session) => sqlx::query(END_ONE).bind(session.as_slice()),
        None => sqlx::query(END_ALL),
    };
    let done = query.bind(subject.as_slice()).execute(conn).await?;
    Ok(done.rows_affected())
}

/// Revokes the embed tokens about the person, and says what is to be put on record.
async fn on_record(
    conn: &mut AnyConnection,
    logout: ProviderLogout,
    person: Actor,
    sessions: u64,
) -> Result<Vec<AuditEvent>, AccessError> {
    let ended = (sessions > 0).then(|| {
        Fact::SignOut(SignOut {
            subject: person.digest(),
            cause: SignOutCause::IdentityProvider,
            sessions,
        })
    });
    let request = logout.request.clone();
    let ended = ended.map(|fact| AuditEvent::new(logout.at, request, fact));
    let revocation = NewRevocation {
        target: Revoked::Subject {
            issuer: person.issuer.clone(),
            sub: person.sub.clone(),
        },
        client: None,
        issued_up_to: logout.at,
        until: logout.at + logout.remembered,
        by: person,
        reason: "signed out at the identity provider".to_owned(),
        at: logout.at,
        request: logout.request,
    };
    let (_, revoked) = revocations::put(conn, revocation, 0).await?;
    Ok(ended.into_iter().chain([revoked]).collect())
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    REMEMBER,
    WHOSE,
    USE,
    END_ONE,
    END_ALL,
    PURGE_SESSIONS,
    PURGE_TOKENS,
];
