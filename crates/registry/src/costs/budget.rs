//! How much may be spent in a day, by whom. Each step with a budget is one transaction with its
//! audit record, and nobody overwrites unseen.

use chrono::{DateTime, SubsecRound as _, Utc};
use sqlx::AnyConnection;

use super::{BudgetScope, Costs, Limit, amount, count};
use crate::audit::append;
use crate::audit::event::{AuditEvent, BudgetStep, BudgetStepKind, Fact};
use crate::database::Write;
use crate::revisions::{json, read};
use crate::time::from_millis;
use crate::{Actor, AuditError, Durability, RequestId, StoreError, Touch};

/// How many budgets there may be: each page view is checked against those that apply.
const MOST_BUDGETS: i64 = 1000;

pub(super) const ALL: &str = "
SELECT kind, value, version, bytes, micro_dollars, changed_by, changed_at_ms
FROM budgets
ORDER BY kind, value";

pub(super) const ONE: &str = "
SELECT kind, value, version, bytes, micro_dollars, changed_by, changed_at_ms
FROM budgets
WHERE kind = $1
AND value = $2";

pub(super) const COUNT_CHANGE: &str = "
UPDATE cost_turn
SET changes = changes + 1
WHERE id = 1";

pub(super) const CHANGES: &str = "
SELECT changes
FROM cost_turn
WHERE id = 1";

pub(super) const COUNT: &str = "
SELECT COUNT(*)
FROM budgets";

pub(super) const INSERT: &str = "
INSERT INTO budgets (kind, value, version, bytes, micro_dollars, changed_by, changed_at_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7)";

pub(super) const UPDATE: &str = "
UPDATE budgets
SET version = $3, bytes = $4, micro_dollars = $5, changed_by = $6, changed_at_ms = $7
WHERE kind = $1
AND value = $2";

pub(super) const DELETE: &str = "
DELETE FROM budgets
WHERE kind = $1
AND value = $2";

/// A budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// What it is for.
    pub scope: BudgetScope,
    /// Another one after every change, and never the same again.
    pub version: u64,
    /// How much.
    pub limit: Limit,
    /// Who set it, and when.
    pub changed: Touch,
}

/// Something somebody does to a budget.
#[derive(Debug, Clone)]
pub struct BudgetChange {
    /// Which.
    pub scope: BudgetScope,
    /// The version they saw; `None` when there must be none.
    pub seen: Option<u64>,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: DateTime<Utc>,
    /// The request that asked for it.
    pub request: RequestId,
}

/// Why nothing was done to a budget. Whatever it says, nothing of the step happened.
#[derive(Debug, thiserror::Error)]
pub enum BudgetError {
    /// There is no such budget.
    #[error("there is no such budget")]
    Unknown,
    /// Somebody was faster, or it exists already. This is what they made of it.
    #[error("the budget was changed meanwhile, it is at version {} now", .0.version)]
    Conflict(Box<Budget>),
    /// More budgets than can be checked before each run.
    #[error("there are as many budgets as there may be")]
    TooMany,
    /// The step could not be recorded, so it was not done.
    #[error("the step could not be recorded, so it was not done")]
    Audit(#[from] AuditError),
    /// The database refused, or a row is unreadable.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(sqlx::FromRow)]
struct Row {
    kind: String,
    value: String,
    version: i64,
    bytes: Option<i64>,
    micro_dollars: Option<i64>,
    changed_by: String,
    changed_at_ms: i64,
}

impl From<sqlx::Error> for BudgetError {
    fn from(cause: sqlx::Error) -> Self {
        Self::Store(cause.into())
    }
}

impl Costs {
    /// Every budget, by scope.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or a row is unreadable.
    pub async fn budgets(&self) -> Result<Vec<Budget>, StoreError> {
        all(&mut *self.database.reader().await?).await
    }

    /// One budget.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or the row is unreadable.
    pub async fn budget(&self, scope: &BudgetScope) -> Result<Option<Budget>, StoreError> {
        one(&mut *self.database.reader().await?, scope).await
    }

    /// Sets a budget, or replaces it.
    ///
    /// # Errors
    /// [`BudgetError::Conflict`] when it is not as it was seen.
    pub async fn put(&self, change: &BudgetChange, limit: Limit) -> Result<Budget, BudgetError> {
        let (mut tx, found) = self.take(change).await?;
        if found.is_none() && many(&mut tx).await? >= MOST_BUDGETS {
            return Err(BudgetError::TooMany);
        }
        let budget = Budget {
            scope: change.scope.clone(),
            version: next_version(&mut tx).await?,
            limit,
            changed: Touch {
                by: change.by.clone(),
                at: change.at.trunc_subsecs(3),
            },
        };
        let sql = if found.is_some() { UPDATE } else { INSERT };
        write(&mut tx, sql, &budget).await?;
        finish(tx, BudgetStepKind::Set, change, &budget).await?;
        Ok(budget)
    }

    /// Removes a budget: nothing bounds its scope any more.
    ///
    /// # Errors
    /// [`BudgetError::Conflict`] when it is not as it was seen, or not there.
    pub async fn remove(&self, change: &BudgetChange) -> Result<(), BudgetError> {
        let (mut tx, found) = self.take(change).await?;
        let mut budget = found.ok_or(BudgetError::Unknown)?;
        budget.version = next_version(&mut tx).await?;
        let (kind, value) = change.scope.columns();
        sqlx::query(DELETE)
            .bind(kind)
            .bind(value)
            .execute(&mut *tx)
            .await?;
        finish(tx, BudgetStepKind::Remove, change, &budget).await
    }

    /// The budget a change is about, if it is still what the change says it saw.
    async fn take(&self, change: &BudgetChange) -> Result<(Write, Option<Budget>), BudgetError> {
        let (mut tx, _first) = self.turn(Durability::Disk).await?;
        let found = one(&mut tx, &change.scope).await?;
        if found.as_ref().map(|budget| budget.version) == change.seen {
            return Ok((tx, found));
        }
        match found {
            Some(budget) => Err(BudgetError::Conflict(Box::new(budget))),
            None => Err(BudgetError::Unknown),
        }
    }
}

/// The step's record, in the step's own transaction: no audit, no step.
async fn finish(
    mut tx: Write,
    step: BudgetStepKind,
    change: &BudgetChange,
    budget: &Budget,
) -> Result<(), BudgetError> {
    let fact = Fact::BudgetStep(BudgetStep {
        by: change.by.digest(),
        step,
        scope: change.scope.recorded(),
        version: budget.version,
        bytes: budget.limit.bytes(),
        micro_dollars: budget.limit.micro_dollars(),
    });
    let event = AuditEvent::new(change.at, change.request.clone(), fact);
    append::append(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) async fn all(conn: &mut AnyConnection) -> Result<Vec<Budget>, StoreError> {
    let rows: Vec<Row> = sqlx::query_as(ALL).fetch_all(conn).await?;
    rows.into_iter().map(Budget::try_from).collect()
}

pub(super) async fn one(
    conn: &mut AnyConnection,
    scope: &BudgetScope,
) -> Result<Option<Budget>, StoreError> {
    let (kind, value) = scope.columns();
    let row: Option<Row> = sqlx::query_as(ONE)
        .bind(kind)
        .bind(value)
        .fetch_optional(conn)
        .await?;
    row.map(Budget::try_from).transpose()
}

async fn many(conn: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(COUNT).fetch_one(conn).await?)
}

/// One more change; the answer is how many there were then.
async fn next_version(conn: &mut AnyConnection) -> Result<u64, StoreError> {
    sqlx::query(COUNT_CHANGE).execute(&mut *conn).await?;
    let changes = sqlx::query_scalar(CHANGES).fetch_one(conn).await?;
    count("cost_turn.changes", changes)
}

async fn write(
    conn: &mut AnyConnection,
    sql: &'static str,
    budget: &Budget,
) -> Result<(), StoreError> {
    let (kind, value) = budget.scope.columns();
    sqlx::query(sql)
        .bind(kind)
        .bind(value)
        .bind(amount(budget.version))
        .bind(budget.limit.bytes().map(amount))
        .bind(budget.limit.micro_dollars().map(amount))
        .bind(json(&budget.changed.by)?)
        .bind(budget.changed.at.timestamp_millis())
        .execute(conn)
        .await?;
    Ok(())
}

impl TryFrom<Row> for Budget {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::Corrupt { column };
        let bytes = row.bytes.map(|value| count("budgets.bytes", value));
        let dollars = row.micro_dollars;
        let dollars = dollars.map(|value| count("budgets.micro_dollars", value));
        let limit = Limit::new(bytes.transpose()?, dollars.transpose()?);
        Ok(Self {
            scope: BudgetScope::read(&row.kind, row.value)
                .ok_or_else(|| corrupt("budgets.value"))?,
            version: count("budgets.version", row.version)?,
            limit: limit.ok_or_else(|| corrupt("budgets.bytes"))?,
            changed: Touch {
                by: read(&row.changed_by).ok_or_else(|| corrupt("budgets.changed_by"))?,
                at: from_millis("budgets.changed_at_ms", row.changed_at_ms)?,
            },
        })
    }
}
