//! What answers cost: budgets, reservations, the ledger, and sums of it.
//!
//! A budget is for a day (UTC) and a scope. Before a run that is billed begins, what it may cost is
//! reserved against every budget that applies; when it ended, what it did cost is booked in its
//! place. A run that nobody settles is booked with all that was reserved. Both take one row first, so they are decided one after the other, whichever process asks.

mod abandoned;
mod budget;
mod count;
mod ledger;
mod limit;
mod report;
mod reserve;
mod settle;
mod turn;

use chrono::{DateTime, TimeDelta, Utc};

pub use self::budget::{Budget, BudgetChange, BudgetError};
pub use self::count::ViewCount;
pub use self::ledger::{Asked, LedgerEntry, Purpose, RanOn, RunEnd, RunTimes};
pub use self::limit::{BudgetScope, Limit, Payer, Price};
pub use self::report::{BudgetStanding, CostDay, CostLine, CostReport, CostSums};
pub use self::reserve::{OverBudget, Reserve, Reserved};
pub use self::settle::{Alert, Settled, Settlement};
use self::turn::{Line, in_time};
use crate::database::Database;
use crate::{AuditError, Durability, StoreError};

/// How long rows of the ledger are kept.
const LEDGER_KEPT: TimeDelta = TimeDelta::days(100);

/// How long sums, spent days and alerts are kept: a year and its comparison.
const SUMS_KEPT: TimeDelta = TimeDelta::days(400);

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

const PURGE_LEDGER: &str = "
DELETE FROM executions
WHERE at_ms < $1";

const PURGE_HOURS: &str = "
DELETE FROM cost_hours
WHERE hour_ms < $1";

const PURGE_DAYS: &str = "
DELETE FROM cost_days
WHERE day < $1";

const PURGE_ALERTS: &str = "
DELETE FROM cost_alerts
WHERE day < $1";

/// Budgets, reservations and the ledger. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Costs {
    database: Database,
    line: Line,
}

/// Why nothing was reserved or booked.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// That a budget is used up could not be recorded.
    #[error("an alert could not be recorded, so nothing was booked")]
    Audit(#[from] AuditError),
    /// The database refused, or a row is unreadable.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for CostError {
    fn from(cause: sqlx::Error) -> Self {
        Self::Store(cause.into())
    }
}

impl Costs {
    pub(crate) fn new(database: Database) -> Self {
        let line = Line::new();
        Self { database, line }
    }

    /// Removes what is too old to be asked for, and says how many rows that took.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        in_time(self.remove_old(now)).await?
    }

    async fn remove_old(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        let (mut tx, _first) = self.turn(Durability::Process).await?;
        let mut removed = 0;
        for (sql, before) in [
            (PURGE_LEDGER, (now - LEDGER_KEPT).timestamp_millis()),
            (PURGE_HOURS, (now - SUMS_KEPT).timestamp_millis()),
            (PURGE_DAYS, day(now - SUMS_KEPT)),
            (PURGE_ALERTS, day(now - SUMS_KEPT)),
        ] {
            let done = sqlx::query(sql).bind(before).execute(&mut *tx).await?;
            removed += done.rows_affected();
        }
        tx.commit().await?;
        Ok(removed)
    }
}

/// The day that a moment lies in, counted from 1970-01-01 UTC.
fn day(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis().div_euclid(DAY_MS)
}

/// The hour that a moment lies in, by its first millisecond.
fn hour_ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis().div_euclid(HOUR_MS) * HOUR_MS
}

/// A count as both databases keep it. Nine million terabytes are as good as more.
fn amount(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A count that was kept.
fn count(column: &'static str, value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Corrupt { column })
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[
    turn::TURN,
    PURGE_LEDGER,
    PURGE_HOURS,
    PURGE_DAYS,
    PURGE_ALERTS,
];

#[cfg(test)]
pub(crate) use self::{reads::READ, writes::WRITE};

#[cfg(test)]
mod writes {
    use super::{budget, count, reserve, settle};

    /// What changes money.
    pub(crate) const WRITE: &[&str] = &[
        budget::ALL,
        budget::ONE,
        budget::COUNT_CHANGE,
        budget::CHANGES,
        budget::COUNT,
        budget::INSERT,
        budget::UPDATE,
        budget::DELETE,
        reserve::SPENT,
        reserve::RESERVED,
        reserve::INSERT,
        settle::RELEASE,
        settle::LEDGER,
        settle::SPEND,
        settle::ALERT,
        settle::RUNS,
        count::VIEWS,
    ];
}

#[cfg(test)]
mod reads {
    use super::{abandoned, ledger, report};

    /// What reads it.
    pub(crate) const READ: &[&str] = &[
        abandoned::ABANDONED,
        ledger::SELECT,
        report::LINES,
        report::DAYS,
        report::ALERTS,
    ];
}
