//! What nobody may look at for the time being.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use sqlx::AnyConnection;
use weir_policy::BusinessUnit;

use crate::audit::append;
use crate::audit::event::{AuditEvent, Fact, Lock, LockdownStep, LockedScope};
use crate::database::{Database, Write};
use crate::revisions::{json, read};
use crate::time::from_millis;
use crate::{AccessError, Actor, Durability, Label, RequestId, StoreError, access, expiring};

/// How long a lockdown that was lifted stays to be read. That it was is on record for good.
const REMEMBERED: TimeDelta = TimeDelta::days(30);

const IN_FORCE: &str = "
SELECT kind, value, actor, reason, at_ms
FROM lockdowns
WHERE lifted_at_ms IS NULL
ORDER BY id";

const ONE: &str = "
SELECT kind, value, actor, reason, at_ms
FROM lockdowns
WHERE lifted_at_ms IS NULL
AND kind = $1
AND value = $2";

const INSERT: &str = "
INSERT INTO lockdowns (id, kind, value, actor, reason, at_ms)
VALUES ($1, $2, $3, $4, $5, $6)";

const NEXT: &str = "
SELECT COALESCE(MAX(id), 0) + 1
FROM lockdowns";

const LIFT: &str = "
UPDATE lockdowns
SET lifted_by = $3, lifted_at_ms = $4
WHERE kind = $1
AND value = $2
AND lifted_at_ms IS NULL";

const PURGE: &str = "
DELETE FROM lockdowns
WHERE lifted_at_ms <= $1";

/// Where lockdowns are kept.
#[derive(Debug, Clone)]
pub struct Lockdowns {
    database: Database,
}

/// What is locked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LockdownScope {
    /// Every dashboard, for everybody.
    All,
    /// One dashboard.
    Dashboard(Label),
    /// Every dashboard, for whoever carries a unit, alone or among others.
    BusinessUnit(BusinessUnit),
}

/// Somebody who locks or unlocks.
#[derive(Debug, Clone)]
pub struct Locking {
    /// What.
    pub scope: LockdownScope,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// The id under which this appears in the audit.
    pub request: RequestId,
}

/// A lockdown in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lockdown {
    /// What is locked.
    pub scope: LockdownScope,
    /// By whom.
    pub by: Actor,
    /// Why, in a line.
    pub reason: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct Row {
    kind: String,
    value: String,
    actor: String,
    reason: String,
    at_ms: i64,
}

impl Lockdowns {
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Locks, together with the record of it. What is locked already stays as it is, and is
    /// answered.
    ///
    /// # Errors
    /// [`AccessError`]; nothing is locked then.
    pub async fn put(&self, wish: Locking, reason: &str) -> Result<Lockdown, AccessError> {
        let digest = access::reason(reason)?;
        let mut tx = self.begin().await?;
        if let Some(known) = one(&mut tx, &wish.scope).await? {
            return Ok(known);
        }
        let lockdown = Lockdown {
            scope: wish.scope,
            by: wish.by,
            reason: reason.to_owned(),
            at: wish.at.trunc_subsecs(3),
        };
        let (kind, value) = lockdown.scope.columns();
        let id: i64 = sqlx::query_scalar(NEXT).fetch_one(&mut *tx).await?;
        sqlx::query(INSERT)
            .bind(id)
            .bind(kind)
            .bind(value)
            .bind(json(&lockdown.by)?)
            .bind(reason)
            .bind(lockdown.at.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        let fact = Lock {
            by: lockdown.by.digest(),
            step: LockdownStep::Put,
            scope: lockdown.scope.recorded(),
            reason: digest,
        };
        let event = AuditEvent::new(wish.at, wish.request, Fact::Lock(fact));
        append::append(&mut tx, &[event]).await?;
        tx.commit().await?;
        Ok(lockdown)
    }

    /// Unlocks, together with the record of it; `None` where nothing was locked, and nothing is
    /// recorded then.
    ///
    /// # Errors
    /// [`AccessError`]; nothing is unlocked then.
    pub async fn lift(&self, wish: Locking) -> Result<Option<Lockdown>, AccessError> {
        let mut tx = self.begin().await?;
        let Some(known) = one(&mut tx, &wish.scope).await? else {
            return Ok(None);
        };
        let (kind, value) = wish.scope.columns();
        sqlx::query(LIFT)
            .bind(kind)
            .bind(value)
            .bind(json(&wish.by)?)
            .bind(wish.at.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        let fact = Lock {
            by: wish.by.digest(),
            step: LockdownStep::Lift,
            scope: wish.scope.recorded(),
            reason: access::reason(&known.reason)?,
        };
        let event = AuditEvent::new(wish.at, wish.request, Fact::Lock(fact));
        append::append(&mut tx, &[event]).await?;
        tx.commit().await?;
        Ok(Some(known))
    }

    /// Everything that is locked, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or a row is unreadable.
    pub async fn all(&self) -> Result<Vec<Lockdown>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(IN_FORCE)
            .fetch_all(self.database.readers())
            .await?;
        rows.into_iter().map(Lockdown::try_from).collect()
    }

    /// Removes what was lifted 30 days before `now`, and says how much.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        expiring::purge(&self.database, PURGE, now - REMEMBERED).await
    }

    /// Of two who lock at once, one comes second and sees what the first did.
    async fn begin(&self) -> Result<Write, AccessError> {
        let mut tx = self.database.write(Durability::Disk).await?;
        append::lock(&mut tx).await?;
        Ok(tx)
    }
}

async fn one(
    conn: &mut AnyConnection,
    scope: &LockdownScope,
) -> Result<Option<Lockdown>, StoreError> {
    let (kind, value) = scope.columns();
    let row: Option<Row> = sqlx::query_as(ONE)
        .bind(kind)
        .bind(value)
        .fetch_optional(conn)
        .await?;
    row.map(Lockdown::try_from).transpose()
}

impl LockdownScope {
    /// Kind and value.
    fn columns(&self) -> (&'static str, &str) {
        match self {
            Self::All => ("all", ""),
            Self::Dashboard(dashboard) => ("dashboard", dashboard.as_str()),
            Self::BusinessUnit(unit) => ("business_unit", unit.as_str()),
        }
    }

    fn recorded(&self) -> LockedScope {
        match self {
            Self::All => LockedScope::All,
            Self::Dashboard(dashboard) => LockedScope::Dashboard(dashboard.clone()),
            Self::BusinessUnit(unit) => LockedScope::BusinessUnit(unit.clone()),
        }
    }

    /// Reads what [`Self::columns`] wrote.
    fn read(kind: &str, value: String) -> Option<Self> {
        match kind {
            "all" => Some(Self::All),
            "dashboard" => Label::parse(value).ok().map(Self::Dashboard),
            "business_unit" => BusinessUnit::parse(value).ok().map(Self::BusinessUnit),
            _ => None,
        }
    }
}

impl TryFrom<Row> for Lockdown {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::Corrupt { column };
        Ok(Self {
            scope: LockdownScope::read(&row.kind, row.value)
                .ok_or_else(|| corrupt("lockdowns.value"))?,
            by: read(&row.actor).ok_or_else(|| corrupt("lockdowns.actor"))?,
            reason: row.reason,
            at: from_millis("lockdowns.at_ms", row.at_ms)?,
        })
    }
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[IN_FORCE, ONE, INSERT, NEXT, LIFT, PURGE];
