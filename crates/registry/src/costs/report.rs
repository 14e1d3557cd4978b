//! The sums of a span of time, and how far budgets are used now.

use chrono::{DateTime, Utc};
use weir_policy::BusinessUnit;

use super::budget::{self, Budget};
use super::ledger::{read_unless_empty, unit};
use super::reserve::{reserved, spent};
use super::settle::Alert;
use super::{BudgetScope, Costs, DAY_MS, Price, count, hour_ms};
use crate::time::from_millis;
use crate::{Label, StoreError};

pub(super) const LINES: &str = "
SELECT dashboard, business_unit,
    CAST(SUM(runs) AS BIGINT) AS runs,
    CAST(SUM(reused) AS BIGINT) AS reused,
    CAST(SUM(scanned_bytes) AS BIGINT) AS scanned_bytes,
    CAST(SUM(billed_bytes) AS BIGINT) AS billed_bytes,
    CAST(SUM(views) AS BIGINT) AS views,
    CAST(SUM(views_without_engine) AS BIGINT) AS views_without_engine,
    CAST(SUM(computed) AS BIGINT) AS computed,
    CAST(SUM(cached) AS BIGINT) AS cached,
    CAST(SUM(coalesced) AS BIGINT) AS coalesced,
    CAST(SUM(stale) AS BIGINT) AS stale,
    CAST(SUM(refused) AS BIGINT) AS refused,
    CAST(SUM(failed) AS BIGINT) AS failed,
    CAST(SUM(avoided_scanned) AS BIGINT) AS avoided_scanned,
    CAST(SUM(avoided_billed) AS BIGINT) AS avoided_billed
FROM cost_hours
WHERE hour_ms >= $1
AND hour_ms < $2
GROUP BY dashboard, business_unit
ORDER BY dashboard, business_unit";

pub(super) const DAYS: &str = "
SELECT hour_ms / 86400000 AS day,
    CAST(SUM(billed_bytes) AS BIGINT) AS billed_bytes,
    CAST(SUM(avoided_billed) AS BIGINT) AS avoided_billed,
    CAST(SUM(views) AS BIGINT) AS views
FROM cost_hours
WHERE hour_ms >= $1
AND hour_ms < $2
GROUP BY hour_ms / 86400000
ORDER BY day";

pub(super) const ALERTS: &str = "
SELECT kind, value, percent, at_ms, spent_bytes, limit_bytes
FROM cost_alerts
WHERE at_ms >= $1
AND at_ms < $2
ORDER BY at_ms DESC, kind, value, percent DESC
LIMIT 1000";

/// What answers cost in a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CostReport {
    /// By dashboard and business unit, in this order.
    pub lines: Vec<CostLine>,
    /// By day, the first first; days without any are left out.
    pub days: Vec<CostDay>,
    /// Budgets that were used up to a part, the newest first.
    pub alerts: Vec<Alert>,
}

/// Sums of one dashboard for one business unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostLine {
    /// The dashboard; `None` for what Weir asked itself.
    pub dashboard: Option<Label>,
    /// The readers' one business unit; `None` for those with none or several.
    pub unit: Option<BusinessUnit>,
    /// The sums.
    pub sums: CostSums,
}

/// Sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct CostSums {
    /// Runs of statements.
    #[sqlx(try_from = "i64")]
    pub runs: u64,
    /// Those of them that took an earlier result of the engine.
    #[sqlx(try_from = "i64")]
    pub reused: u64,
    /// Bytes read.
    #[sqlx(try_from = "i64")]
    pub scanned_bytes: u64,
    /// Bytes paid for.
    #[sqlx(try_from = "i64")]
    pub billed_bytes: u64,
    /// Pages opened.
    #[sqlx(try_from = "i64")]
    pub views: u64,
    /// Those of them for which no engine ran.
    #[sqlx(try_from = "i64")]
    pub views_without_engine: u64,
    /// Answers computed for whoever asked.
    #[sqlx(try_from = "i64")]
    pub computed: u64,
    /// Answers from the cache.
    #[sqlx(try_from = "i64")]
    pub cached: u64,
    /// Answers that somebody else was waiting for already.
    #[sqlx(try_from = "i64")]
    pub coalesced: u64,
    /// Answers from the cache for superseded data.
    #[sqlx(try_from = "i64")]
    pub stale: u64,
    /// Answers that a budget refused.
    #[sqlx(try_from = "i64")]
    pub refused: u64,
    /// Answers that failed.
    #[sqlx(try_from = "i64")]
    pub failed: u64,
    /// Bytes that answers from the cache would have read again.
    #[sqlx(try_from = "i64")]
    pub avoided_scanned: u64,
    /// Bytes that they would have cost again.
    #[sqlx(try_from = "i64")]
    pub avoided_billed: u64,
}

/// Sums of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostDay {
    /// Its first moment.
    pub day: DateTime<Utc>,
    /// Bytes paid for.
    pub billed_bytes: u64,
    /// Bytes that were not, because the answer was there.
    pub avoided_billed: u64,
    /// Pages opened.
    pub views: u64,
}

/// How far a budget is used today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetStanding {
    /// The budget.
    pub budget: Budget,
    /// Bytes that may be billed.
    pub limit_bytes: u64,
    /// Bytes that were.
    pub spent_bytes: u64,
    /// Bytes that runs under way may cost.
    pub reserved_bytes: u64,
}

#[derive(sqlx::FromRow)]
struct LineRow {
    dashboard: String,
    business_unit: String,
    #[sqlx(flatten)]
    sums: CostSums,
}

#[derive(sqlx::FromRow)]
struct DayRow {
    day: i64,
    billed_bytes: i64,
    avoided_billed: i64,
    views: i64,
}

#[derive(sqlx::FromRow)]
struct AlertRow {
    kind: String,
    value: String,
    percent: i64,
    at_ms: i64,
    spent_bytes: i64,
    limit_bytes: i64,
}

impl Costs {
    /// What answers cost from `from` on and before `to`, in whole hours.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or a row is unreadable.
    pub async fn between(
        &self,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<CostReport, StoreError> {
        let mut moment = self.database.snapshot().await?;
        let (from, to) = (hour_ms(from), to.timestamp_millis());
        let lines: Vec<LineRow> = span(LINES, from, to).fetch_all(&mut *moment).await?;
        let days: Vec<DayRow> = span(DAYS, from, to).fetch_all(&mut *moment).await?;
        let alerts: Vec<AlertRow> = span(ALERTS, from, to).fetch_all(&mut *moment).await?;
        moment.rollback().await?;
        let lines = lines.into_iter().map(CostLine::try_from);
        let days = days.into_iter().map(CostDay::try_from);
        let alerts = alerts.into_iter().map(Alert::try_from);
        Ok(CostReport {
            lines: lines.collect::<Result<_, _>>()?,
            days: days.collect::<Result<_, _>>()?,
            alerts: alerts.collect::<Result<_, _>>()?,
        })
    }

    /// How far each budget is used on the day of `now`.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses or a row is unreadable.
    pub async fn standings(
        &self,
        now: DateTime<Utc>,
        price: Price,
    ) -> Result<Vec<BudgetStanding>, StoreError> {
        let mut moment = self.database.snapshot().await?;
        let mut standings = Vec::new();
        for budget in budget::all(&mut moment).await? {
            standings.push(BudgetStanding {
                limit_bytes: budget.limit.in_bytes(price),
                spent_bytes: spent(&mut moment, now, &budget.scope).await?,
                reserved_bytes: reserved(&mut moment, now, &budget.scope).await?,
                budget,
            });
        }
        moment.rollback().await?;
        Ok(standings)
    }
}

type Query<'q, T> = sqlx::query::QueryAs<'q, sqlx::Any, T, sqlx::any::AnyArguments<'q>>;

fn span<T>(sql: &'static str, from: i64, to: i64) -> Query<'static, T>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::any::AnyRow>,
{
    sqlx::query_as(sql).bind(from).bind(to)
}

impl std::ops::AddAssign for CostSums {
    fn add_assign(&mut self, other: Self) {
        self.runs += other.runs;
        self.reused += other.reused;
        self.scanned_bytes += other.scanned_bytes;
        self.billed_bytes += other.billed_bytes;
        self.views += other.views;
        self.views_without_engine += other.views_without_engine;
        self.computed += other.computed;
        self.cached += other.cached;
        self.coalesced += other.coalesced;
        self.stale += other.stale;
        self.refused += other.refused;
        self.failed += other.failed;
        self.avoided_scanned += other.avoided_scanned;
        self.avoided_billed += other.avoided_billed;
    }
}

impl TryFrom<LineRow> for CostLine {
    type Error = StoreError;

    fn try_from(row: LineRow) -> Result<Self, StoreError> {
        Ok(Self {
            dashboard: read_unless_empty("cost_hours.dashboard", row.dashboard, Label::parse)?,
            unit: unit("cost_hours.business_unit", row.business_unit)?,
            sums: row.sums,
        })
    }
}

impl TryFrom<DayRow> for CostDay {
    type Error = StoreError;

    fn try_from(row: DayRow) -> Result<Self, StoreError> {
        let number = |value: i64| count("cost_hours", value);
        Ok(Self {
            day: from_millis("cost_hours.hour_ms", row.day.saturating_mul(DAY_MS))?,
            billed_bytes: number(row.billed_bytes)?,
            avoided_billed: number(row.avoided_billed)?,
            views: number(row.views)?,
        })
    }
}

impl TryFrom<AlertRow> for Alert {
    type Error = StoreError;

    fn try_from(row: AlertRow) -> Result<Self, StoreError> {
        let number = |value: i64| count("cost_alerts", value);
        let scope = BudgetScope::read(&row.kind, row.value);
        Ok(Self {
            scope: scope.ok_or(StoreError::Corrupt {
                column: "cost_alerts.value",
            })?,
            at: from_millis("cost_alerts.at_ms", row.at_ms)?,
            percent: number(row.percent)?,
            spent_bytes: number(row.spent_bytes)?,
            limit_bytes: number(row.limit_bytes)?,
        })
    }
}
