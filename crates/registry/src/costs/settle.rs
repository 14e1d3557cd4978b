//! After a run: its row in the ledger, its bill on every budget that applies, and a word to the admins
//! when a budget is half used, nearly, or quite.

use chrono::{DateTime, Utc};
use sqlx::AnyConnection;

use super::budget::{self, Budget};
use super::ledger::LedgerEntry;
use super::reserve::spent;
use super::turn::in_time;
use super::{BudgetScope, CostError, Costs, Payer, Price, ViewCount, amount, day, hour_ms};
use crate::audit::append;
use crate::audit::event::{AuditEvent, BudgetAlert, Fact};
use crate::database::Write;
use crate::{Durability, Label, RequestId, StoreError};

/// The parts of a budget that are worth a word, in percent.
const PARTS: [u64; 3] = [50, 80, 100];

pub(super) const RELEASE: &str = "
DELETE FROM cost_reservations
WHERE run = $1";

pub(super) const LEDGER: &str = "
INSERT INTO executions (
    run, at_ms, request, dashboard, tile, business_unit, purpose, policy_revision, dataset,
    snapshot, fingerprint, ran, outcome, execution, scanned_bytes, billed_bytes, queued_ms,
    planning_ms, running_ms, service_ms, total_ms, answer_rows, truncated
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
    $21, $22, $23)
ON CONFLICT (run) DO NOTHING";

pub(super) const SPEND: &str = "
INSERT INTO cost_days (day, kind, value, billed_bytes)
VALUES ($1, $2, $3, $4)
ON CONFLICT (day, kind, value) DO UPDATE
SET billed_bytes = cost_days.billed_bytes + excluded.billed_bytes";

pub(super) const ALERT: &str = "
INSERT INTO cost_alerts (day, kind, value, percent, at_ms, spent_bytes, limit_bytes)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (day, kind, value, percent) DO NOTHING";

pub(super) const RUNS: &str = "
INSERT INTO cost_hours (
    hour_ms, dashboard, business_unit, runs, reused, scanned_bytes, billed_bytes,
    views, views_without_engine, computed, cached, coalesced, stale, refused, failed,
    avoided_scanned, avoided_billed
)
VALUES ($1, $2, $3, 1, $4, $5, $6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
ON CONFLICT (hour_ms, dashboard, business_unit) DO UPDATE
SET runs = cost_hours.runs + 1,
    reused = cost_hours.reused + excluded.reused,
    scanned_bytes = cost_hours.scanned_bytes + excluded.scanned_bytes,
    billed_bytes = cost_hours.billed_bytes + excluded.billed_bytes";

/// What there is to book.
#[derive(Debug, Clone, Default)]
pub struct Settlement {
    /// Runs that ended.
    pub ended: Vec<LedgerEntry>,
    /// Runs that were reserved for and never began.
    pub released: Vec<Label>,
    /// How readers came by their answers.
    pub views: Vec<ViewCount>,
}

/// What booking came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settled {
    /// Budgets that were used up to a part by it, the first time that day.
    pub alerts: Vec<Alert>,
}

/// A budget was used up to a part, the first time that day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// What the budget is for.
    pub scope: BudgetScope,
    /// When.
    pub at: DateTime<Utc>,
    /// 50, 80 or 100; 100 also when something was refused for want of room.
    pub percent: u64,
    /// Bytes billed that day.
    pub spent_bytes: u64,
    /// Bytes that may be.
    pub limit_bytes: u64,
}

impl Costs {
    /// Books everything in `settlement`, or nothing. Each run is booked once, however often it is
    /// settled.
    ///
    /// # Errors
    /// [`CostError`]; nothing is booked then.
    pub async fn settle(
        &self,
        settlement: &Settlement,
        price: Price,
        request: &RequestId,
    ) -> Result<Settled, CostError> {
        in_time(self.book_all(settlement, price, request)).await?
    }

    async fn book_all(
        &self,
        settlement: &Settlement,
        price: Price,
        request: &RequestId,
    ) -> Result<Settled, CostError> {
        // What was paid for is not forgotten in a power cut; what was free may be.
        let bills = settlement.ended.iter().any(|entry| entry.billed_bytes > 0);
        let durability = if bills {
            Durability::Disk
        } else {
            Durability::Process
        };
        let (mut tx, _first) = self.turn(durability).await?;
        let (mut alerts, mut events) = (Vec::new(), Vec::new());
        for run in &settlement.released {
            release(&mut tx, run).await?;
        }
        for entry in &settlement.ended {
            let raised = book(&mut tx, entry, price).await?;
            let request = entry.asked.request.as_ref().unwrap_or(request);
            events.extend(raised.iter().map(|alert| alert.event(request)));
            alerts.extend(raised);
        }
        for view in &settlement.views {
            view.add(&mut tx).await?;
        }
        if !events.is_empty() {
            append::append(&mut tx, &events).await?;
        }
        tx.commit().await?;
        Ok(Settled { alerts })
    }
}

async fn release(conn: &mut AnyConnection, run: &Label) -> Result<(), sqlx::Error> {
    sqlx::query(RELEASE)
        .bind(run.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

async fn book(tx: &mut Write, entry: &LedgerEntry, price: Price) -> Result<Vec<Alert>, StoreError> {
    release(tx, &entry.run).await?;
    if !entry.insert(tx, LEDGER).await? {
        return Ok(Vec::new());
    }
    sum(tx, entry).await?;
    let mut alerts = Vec::new();
    if entry.billed_bytes == 0 {
        return Ok(alerts);
    }
    for scope in entry.payer().scopes() {
        spend(tx, entry, &scope).await?;
        let Some(budget) = budget::one(tx, &scope).await? else {
            continue;
        };
        let limit = budget.limit.in_bytes(price);
        let spent = spent(tx, entry.at, &scope).await?;
        let reached = |part: &u64| u128::from(spent) * 100 >= u128::from(limit) * u128::from(*part);
        for part in PARTS.into_iter().filter(reached) {
            alerts.extend(alert(tx, entry.at, &budget, (spent, limit), part).await?);
        }
    }
    Ok(alerts)
}

async fn sum(conn: &mut AnyConnection, entry: &LedgerEntry) -> Result<(), sqlx::Error> {
    let reused = entry.ran == super::RanOn::AthenaReuse;
    let Payer {
        unit, dashboard, ..
    } = entry.payer();
    sqlx::query(RUNS)
        .bind(hour_ms(entry.at))
        .bind(dashboard.map_or_else(String::new, String::from))
        .bind(unit.as_ref().map_or("", AsRef::as_ref))
        .bind(i64::from(reused))
        .bind(amount(entry.scanned_bytes))
        .bind(amount(entry.billed_bytes))
        .execute(conn)
        .await?;
    Ok(())
}

async fn spend(
    conn: &mut AnyConnection,
    entry: &LedgerEntry,
    scope: &BudgetScope,
) -> Result<(), sqlx::Error> {
    let (kind, value) = scope.columns();
    sqlx::query(SPEND)
        .bind(day(entry.at))
        .bind(kind)
        .bind(value)
        .bind(amount(entry.billed_bytes))
        .execute(conn)
        .await?;
    Ok(())
}

/// Raises an alert; `None` when it was raised that day.
pub(super) async fn alert(
    conn: &mut AnyConnection,
    at: DateTime<Utc>,
    budget: &Budget,
    (spent_bytes, limit_bytes): (u64, u64),
    percent: u64,
) -> Result<Option<Alert>, StoreError> {
    let (kind, value) = budget.scope.columns();
    let done = sqlx::query(ALERT)
        .bind(day(at))
        .bind(kind)
        .bind(value)
        .bind(amount(percent))
        .bind(at.timestamp_millis())
        .bind(amount(spent_bytes))
        .bind(amount(limit_bytes))
        .execute(conn)
        .await?;
    Ok((done.rows_affected() == 1).then(|| Alert {
        scope: budget.scope.clone(),
        at,
        percent,
        spent_bytes,
        limit_bytes,
    }))
}

impl Alert {
    pub(super) fn event(&self, request: &RequestId) -> AuditEvent {
        let fact = Fact::BudgetAlert(BudgetAlert {
            scope: self.scope.recorded(),
            percent: self.percent,
            spent_bytes: self.spent_bytes,
            limit_bytes: self.limit_bytes,
        });
        AuditEvent::new(self.at, request.clone(), fact)
    }
}
