//! Before a run begins: whether every budget that applies still has room for what it may cost.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::AnyConnection;

use super::budget::{self, Budget};
use super::settle::{Alert, alert};
use super::{Asked, BudgetScope, CostError, Costs, Payer, Price, amount, count, day};
use crate::audit::append;
use crate::revisions::json;
use crate::{Durability, Label, RequestId, StoreError};

/// When a reservation is still not settled after this time, its process was killed.
pub(super) const HELD: TimeDelta = TimeDelta::minutes(15);

pub(super) const SPENT: &str = "
SELECT billed_bytes
FROM cost_days
WHERE day = $1
AND kind = $2
AND value = $3";

pub(super) const RESERVED: &str = "
SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT)
FROM cost_reservations
WHERE day = $1
AND ($2 = 'all'
    OR ($2 = 'business_unit' AND business_unit = $3)
    OR ($2 = 'dashboard' AND dashboard = $3)
    OR ($2 = 'prewarm' AND prewarm = 1))";

pub(super) const INSERT: &str = "
INSERT INTO cost_reservations (
    run, day, dashboard, business_unit, prewarm, bytes, expires_at_ms, asked
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

/// What somebody wants to run.
#[derive(Debug, Clone)]
pub struct Reserve {
    /// The run, by an id that no other has.
    pub run: Label,
    /// When it begins; the day it is booked on.
    pub at: DateTime<Utc>,
    /// What it is for, and with that who pays.
    pub asked: Asked,
    /// The most it should cost, in billed bytes.
    pub bytes: u64,
    /// What bytes cost.
    pub price: Price,
    /// The request that caused it.
    pub request: RequestId,
}

/// What was said to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserved {
    /// It may run; settle it afterwards.
    Admitted,
    /// It must not run. Nothing is reserved.
    Refused(OverBudget, Vec<Alert>),
}

/// A budget without room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverBudget {
    /// What the budget is for.
    pub scope: BudgetScope,
    /// Bytes that may be billed in a day.
    pub limit_bytes: u64,
    /// Bytes that were.
    pub spent_bytes: u64,
    /// Bytes that runs under way may cost.
    pub reserved_bytes: u64,
    /// Bytes that were asked for.
    pub asked_bytes: u64,
}

impl Costs {
    /// Reserves what a run may cost against every budget that applies, or none: of all who ask at
    /// once, together no more are admitted than fit. What exactly fills a budget fits.
    ///
    /// # Errors
    /// [`CostError`]; nothing is reserved then.
    pub async fn reserve(&self, wish: &Reserve) -> Result<Reserved, CostError> {
        let (mut tx, _first) = self.turn(Durability::Process).await?;
        let now = wish.at;
        for scope in wish.asked.payer().scopes() {
            let Some(budget) = budget::one(&mut tx, &scope).await? else {
                continue;
            };
            let Some(over) = over(&mut tx, wish, &budget).await? else {
                continue;
            };
            let raised = alert(
                &mut tx,
                now,
                &budget,
                (over.spent_bytes, over.limit_bytes),
                100,
            );
            let alerts: Vec<Alert> = raised.await?.into_iter().collect();
            let events: Vec<_> = alerts.iter().map(|one| one.event(&wish.request)).collect();
            if !events.is_empty() {
                append::append(&mut tx, &events).await?;
                tx.commit().await?;
            }
            return Ok(Reserved::Refused(over, alerts));
        }
        insert(&mut tx, wish).await?;
        tx.commit().await?;
        Ok(Reserved::Admitted)
    }
}

/// Why a budget has no room for a run; `None` when it has.
async fn over(
    conn: &mut AnyConnection,
    wish: &Reserve,
    budget: &Budget,
) -> Result<Option<OverBudget>, StoreError> {
    let limit_bytes = budget.limit.in_bytes(wish.price);
    let spent_bytes = spent(&mut *conn, wish.at, &budget.scope).await?;
    let reserved_bytes = reserved(conn, wish.at, &budget.scope).await?;
    let taken = spent_bytes.saturating_add(reserved_bytes);
    let fits = taken.saturating_add(wish.bytes) <= limit_bytes;
    Ok((!fits).then(|| OverBudget {
        scope: budget.scope.clone(),
        limit_bytes,
        spent_bytes,
        reserved_bytes,
        asked_bytes: wish.bytes,
    }))
}

/// What was billed on the day of `at`.
pub(super) async fn spent(
    conn: &mut AnyConnection,
    at: DateTime<Utc>,
    scope: &BudgetScope,
) -> Result<u64, StoreError> {
    let (kind, value) = scope.columns();
    let found: Option<i64> = sqlx::query_scalar(SPENT)
        .bind(day(at))
        .bind(kind)
        .bind(value)
        .fetch_optional(conn)
        .await?;
    count("cost_days.billed_bytes", found.unwrap_or(0))
}

/// What runs may cost that are under way on the day of `at`, or that nobody settled yet.
pub(super) async fn reserved(
    conn: &mut AnyConnection,
    at: DateTime<Utc>,
    scope: &BudgetScope,
) -> Result<u64, StoreError> {
    let (kind, value) = scope.columns();
    let found: i64 = sqlx::query_scalar(RESERVED)
        .bind(day(at))
        .bind(kind)
        .bind(value)
        .fetch_one(conn)
        .await?;
    count("cost_reservations.bytes", found)
}

async fn insert(conn: &mut AnyConnection, wish: &Reserve) -> Result<(), StoreError> {
    let Payer {
        unit,
        dashboard,
        prewarm,
    } = &wish.asked.payer();
    sqlx::query(INSERT)
        .bind(wish.run.as_str())
        .bind(day(wish.at))
        .bind(dashboard.as_ref().map_or("", Label::as_str))
        .bind(unit.as_ref().map_or("", AsRef::as_ref))
        .bind(i64::from(*prewarm))
        .bind(amount(wish.bytes))
        .bind((wish.at + HELD).timestamp_millis())
        .bind(json(&wish.asked)?)
        .execute(conn)
        .await?;
    Ok(())
}
