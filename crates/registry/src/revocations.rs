//! Which embed tokens are worth nothing any more, in the order in which that was decided.
//!
//! Every process reads what was added since it last looked, so a number must never appear after a
//! greater one: whoever adds holds the counter until the end of the transaction.

mod rows;

use chrono::{DateTime, SubsecRound, Utc};
use sqlx::AnyConnection;
use weir_policy::{BusinessUnit, Subject};

use crate::audit::append;
use crate::audit::event::{AuditEvent, Fact, Revoke, RevokedTarget};
use crate::database::Database;
use crate::{
    AccessError, Actor, Digest, Durability, Label, RequestId, StoreError, access, expiring,
    sessions,
};

/// How long a row stays that no token can be meant by any more: clocks disagree.
const SLACK: chrono::TimeDelta = chrono::TimeDelta::minutes(5);

/// Where revocations are kept.
#[derive(Debug, Clone)]
pub struct Revocations {
    database: Database,
}

/// Which tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revoked {
    /// One token, used up by the frame it was for. Nobody took it back.
    Spent {
        /// Its id.
        jti: Label,
    },
    /// One token.
    Jti {
        /// Its id.
        jti: Label,
    },
    /// A token and all that were got by it.
    Family {
        /// The family's id.
        family: Label,
    },
    /// All tokens about somebody.
    Subject {
        /// Who vouches for them.
        issuer: String,
        /// Who they are there.
        sub: String,
    },
    /// All tokens that carry a business unit, alone or among others.
    BusinessUnit {
        /// The unit.
        unit: BusinessUnit,
    },
    /// All tokens for a dashboard.
    Dashboard {
        /// Its slug.
        dashboard: Label,
    },
    /// All tokens a client asked for.
    Client {
        /// The client.
        client: Label,
    },
    /// Every token.
    All,
}

/// A revocation about to be in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRevocation {
    /// Which tokens.
    pub target: Revoked,
    /// Only those of this client; of every client where `None`.
    pub client: Option<Label>,
    /// Only those issued up to this moment; one token and one family are meant whole.
    pub issued_up_to: DateTime<Utc>,
    /// From when on no living token can be meant.
    pub until: DateTime<Utc>,
    /// Who revokes.
    pub by: Actor,
    /// Why, in a line.
    pub reason: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The id under which this appears in the audit.
    pub request: RequestId,
}

/// A revocation in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Its number; greater ones came later.
    pub number: u64,
    /// Which tokens.
    pub target: Revoked,
    /// Only those of this client; of every client where `None`.
    pub client: Option<Label>,
    /// Only those issued up to this moment.
    pub issued_up_to: DateTime<Utc>,
    /// From when on no living token can be meant.
    pub until: DateTime<Utc>,
    /// Who revoked, and why; nobody where a token was spent.
    pub decided: Option<(Actor, String)>,
    /// When.
    pub at: DateTime<Utc>,
}

/// What was added after a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The newest number given. Smaller than one that was read before: the database was restored,
    /// and everything has to be read again.
    pub newest: u64,
    /// The revocations, oldest first.
    pub revocations: Vec<Revocation>,
    /// Whether there are more.
    pub more: bool,
}

impl Revocations {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Puts a revocation in force, together with its record. The sessions of a revoked subject end
    /// in the same transaction.
    ///
    /// # Errors
    /// [`AccessError`]; nothing is revoked then.
    pub async fn add(&self, new: NewRevocation) -> Result<Revocation, AccessError> {
        let mut tx = self.database.write(Durability::Disk).await?;
        let sessions = match subject(&new) {
            Some(subject) => sessions::end_all(&mut tx, &subject).await?,
            None => 0,
        };
        let (revocation, event) = put(&mut tx, new, sessions).await?;
        append::append(&mut tx, &[event]).await?;
        tx.commit().await?;
        Ok(revocation)
    }

    /// Uses up a token: `false` when it was used up before, whoever asks on whatever process.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn spend(
        &self,
        jti: &Label,
        until: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.database.write(Durability::Process).await?;
        let first = spend(&mut tx, jti, until, at).await?;
        tx.commit().await?;
        Ok(first)
    }

    /// Up to 1,000 revocations with a number greater than `number`, those that are over included
    /// until they are purged.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or a row is unreadable.
    pub async fn since(&self, number: u64) -> Result<Since, StoreError> {
        let mut conn = self.database.snapshot().await?;
        rows::since(&mut conn, number).await
    }

    /// Up to `limit` revocations that still mean something at `now`, newest first. Spent tokens are
    /// none.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or a row is unreadable.
    pub async fn in_force(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Revocation>, StoreError> {
        rows::in_force(&mut *self.database.reader().await?, now, limit).await
    }

    /// Removes what no token can be meant by since five minutes before `now`, and says how much.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        expiring::purge(&self.database, rows::PURGE, now - SLACK).await
    }
}

/// Revokes within somebody's transaction, who ended so many sessions with it, and who puts the event
/// that comes back on record last.
///
/// # Errors
/// [`AccessError`]; the transaction must not be committed then.
pub(crate) async fn put(
    conn: &mut AnyConnection,
    new: NewRevocation,
    sessions: u64,
) -> Result<(Revocation, AuditEvent), AccessError> {
    let reason = access::reason(&new.reason)?;
    let number = rows::next(&mut *conn).await?;
    let revocation = Revocation {
        number,
        target: new.target,
        client: new.client,
        issued_up_to: new.issued_up_to.trunc_subsecs(3),
        until: new.until.trunc_subsecs(3),
        decided: Some((new.by.clone(), new.reason)),
        at: new.at.trunc_subsecs(3),
    };
    rows::insert(conn, &revocation).await?;
    let fact = Revoke {
        by: new.by.digest(),
        number,
        target: target(&revocation.target),
        client: revocation.client.clone(),
        reason,
        sessions,
    };
    let event = AuditEvent::new(new.at, new.request, Fact::Revoke(fact));
    Ok((revocation, event))
}

/// Uses up a token within somebody's transaction: `false` when it was used up before. Until the
/// transaction ends, nobody else spends or revokes.
///
/// # Errors
/// [`StoreError::Database`] when the database refuses.
pub(crate) async fn spend(
    conn: &mut AnyConnection,
    jti: &Label,
    until: DateTime<Utc>,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    // The number first: who comes second waits here, and then sees the row of who came first.
    let number = rows::next(&mut *conn).await?;
    if rows::is_spent(&mut *conn, jti).await? {
        return Ok(false);
    }
    let spent = Revocation {
        number,
        target: Revoked::Spent { jti: jti.clone() },
        client: None,
        issued_up_to: at,
        until,
        decided: None,
        at,
    };
    rows::insert(conn, &spent).await?;
    Ok(true)
}

/// Whose sessions end. A client's own word about one of its viewers ends nobody's session.
fn subject(new: &NewRevocation) -> Option<Digest> {
    match (&new.target, &new.client) {
        (Revoked::Subject { issuer, sub }, None) => Some(digest(issuer, sub)),
        _ => None,
    }
}

fn digest(issuer: &str, sub: &str) -> Digest {
    Digest::from(Subject::new(issuer, sub).identity_digest())
}

fn target(target: &Revoked) -> RevokedTarget {
    match target {
        Revoked::Spent { jti } | Revoked::Jti { jti } => RevokedTarget::Jti(jti.clone()),
        Revoked::Family { family } => RevokedTarget::Family(family.clone()),
        Revoked::Subject { issuer, sub } => RevokedTarget::Subject(digest(issuer, sub)),
        Revoked::BusinessUnit { unit } => RevokedTarget::BusinessUnit(unit.clone()),
        Revoked::Dashboard { dashboard } => RevokedTarget::Dashboard(dashboard.clone()),
        Revoked::Client { client } => RevokedTarget::Client(client.clone()),
        Revoked::All => RevokedTarget::All,
    }
}

#[cfg(test)]
pub(crate) use self::rows::STATEMENTS;
