//! Sums of the ledger, reckoned into what people ask: what a view costs, for whom, how often the
//! answer was there already, and what that saved. Dollars are an estimate by the list price; what
//! the provider charges is on the provider's bill.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use weir_registry::{Alert, BudgetScope, BudgetStanding, CostDay, CostReport, CostSums, Price};

/// What answers cost in a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CostAnswer {
    /// From when on; the whole hour counts.
    pub from: DateTime<Utc>,
    /// Up to when.
    pub to: DateTime<Utc>,
    /// Dollars for a terabyte (10^12 bytes): dollars are estimated by it.
    pub price_per_tb: String,
    /// Everything together.
    pub total: Figures,
    /// By dashboard.
    pub dashboards: Vec<DashboardCosts>,
    /// By business unit.
    pub business_units: Vec<UnitCosts>,
    /// By day (UTC); days without any are left out.
    pub days: Vec<DayCosts>,
    /// Budgets that were used up to a part, the newest first.
    pub alerts: Vec<AlertAnswer>,
    /// How far budgets are used today.
    pub budgets: Vec<BudgetAnswer>,
}

/// What one dashboard cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DashboardCosts {
    /// Its name; none for what Weir asked itself.
    pub dashboard: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What the people of one business unit cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitCosts {
    /// The unit; none for people of several or none, and for Weir itself.
    pub business_unit: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub figures: Figures,
}

/// What one day cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayCosts {
    /// The day.
    pub day: NaiveDate,
    /// Pages opened.
    pub views: u64,
    /// Bytes billed.
    pub billed_bytes: u64,
    /// What they cost.
    pub dollars: Money,
    /// Bytes that were not billed again, because the answer was there.
    pub avoided_bytes: u64,
}

/// A budget was used up to a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlertAnswer {
    /// `all`, `prewarm`, `dashboard:…` or `business_unit:…`.
    pub scope: String,
    /// When.
    pub at: DateTime<Utc>,
    /// 50, 80 or 100; 100 also when something was refused for want of room.
    pub percent: u64,
    /// Bytes billed that day.
    pub spent_bytes: u64,
    /// Bytes that may be.
    pub limit_bytes: u64,
}

/// A budget, and how far it is used today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BudgetAnswer {
    /// `all`, `prewarm`, `dashboard:…` or `business_unit:…`.
    pub scope: String,
    /// Bytes a day, as it was set.
    pub bytes_per_day: Option<u64>,
    /// Dollars a day, as it was set.
    pub dollars_per_day: Option<Money>,
    /// The bytes that follow from both.
    pub limit_bytes: u64,
    /// Bytes billed today.
    pub spent_bytes: u64,
    /// Bytes that runs under way may cost.
    pub reserved_bytes: u64,
    /// Who set it.
    pub changed_by: String,
    /// When.
    pub changed_at: DateTime<Utc>,
    /// For `If-Match`.
    pub version: u64,
}

/// Dollars with six decimals, as a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Money(String);

/// The figures of one scope. Rates are parts of one, and none where there is nothing to divide by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Figures {
    /// Pages opened.
    pub views: u64,
    /// Runs of statements.
    pub runs: u64,
    /// Those of them for which the engine took an earlier result.
    pub reused: u64,
    /// Bytes read.
    pub scanned_bytes: u64,
    /// Bytes billed.
    pub billed_bytes: u64,
    /// What they cost.
    pub dollars: Money,
    /// Bytes billed for a view.
    pub bytes_per_view: Option<u64>,
    /// Dollars for a view.
    pub dollars_per_view: Option<Money>,
    /// Dollars for a thousand views.
    pub dollars_per_1000_views: Option<Money>,
    /// Answers that were computed for whoever asked.
    pub computed: u64,
    /// Answers from the cache.
    pub cached: u64,
    /// Answers from the cache for superseded data.
    pub stale: u64,
    /// Answers that somebody else was waiting for already: neither hit nor miss.
    pub coalesced: u64,
    /// Answers that a budget refused.
    pub refused: u64,
    /// Answers that failed.
    pub failed: u64,
    /// Which part of the answers was there.
    pub tile_hit_rate: Option<String>,
    /// Which part of the views needed no engine at all.
    pub view_hit_rate: Option<String>,
    /// Which part of the bytes that answers are made of was not read again.
    pub byte_hit_rate: Option<String>,
    /// Which part of the answers somebody else was waiting for already.
    pub coalesced_rate: Option<String>,
    /// Bytes that were not billed again, because the answer was there.
    pub avoided_bytes: u64,
    /// What they would have cost.
    pub avoided_dollars: Money,
}

impl CostAnswer {
    /// Reckons a report.
    #[must_use]
    pub fn of(
        report: &CostReport,
        standings: &[BudgetStanding],
        (from, to): (DateTime<Utc>, DateTime<Utc>),
        price: Price,
    ) -> Self {
        let mut total = CostSums::default();
        let mut dashboards: BTreeMap<Option<String>, CostSums> = BTreeMap::new();
        let mut units: BTreeMap<Option<String>, CostSums> = BTreeMap::new();
        for line in &report.lines {
            total += line.sums;
            let dashboard = line.dashboard.as_ref().map(ToString::to_string);
            *dashboards.entry(dashboard).or_default() += line.sums;
            let unit = line.unit.as_ref().map(|unit| unit.as_str().to_owned());
            *units.entry(unit).or_default() += line.sums;
        }
        let dashboards = dashboards.into_iter();
        let units = units.into_iter();
        Self {
            from,
            to,
            price_per_tb: Money::of(price.of(1_000_000_000_000)).0,
            total: Figures::of(&total, price),
            dashboards: dashboards
                .map(|(dashboard, sums)| DashboardCosts {
                    dashboard,
                    figures: Figures::of(&sums, price),
                })
                .collect(),
            business_units: units
                .map(|(business_unit, sums)| UnitCosts {
                    business_unit,
                    figures: Figures::of(&sums, price),
                })
                .collect(),
            days: report
                .days
                .iter()
                .map(|day| DayCosts::of(day, price))
                .collect(),
            alerts: report.alerts.iter().map(AlertAnswer::of).collect(),
            budgets: standings.iter().map(BudgetAnswer::of).collect(),
        }
    }
}

impl Figures {
    fn of(sums: &CostSums, price: Price) -> Self {
        let micros = price.of(sums.billed_bytes);
        let there = sums.cached + sums.stale;
        let answers = there + sums.computed + sums.coalesced;
        let without = sums.scanned_bytes + sums.avoided_scanned;
        Self {
            views: sums.views,
            runs: sums.runs,
            reused: sums.reused,
            scanned_bytes: sums.scanned_bytes,
            billed_bytes: sums.billed_bytes,
            dollars: Money::of(micros),
            bytes_per_view: sums.billed_bytes.checked_div(sums.views),
            dollars_per_view: Money::each(micros, sums.views),
            dollars_per_1000_views: Money::each(micros.saturating_mul(1000), sums.views),
            computed: sums.computed,
            cached: sums.cached,
            stale: sums.stale,
            coalesced: sums.coalesced,
            refused: sums.refused,
            failed: sums.failed,
            tile_hit_rate: rate(there, answers),
            view_hit_rate: rate(sums.views_without_engine, sums.views),
            byte_hit_rate: rate(sums.avoided_scanned, without),
            coalesced_rate: rate(sums.coalesced, answers),
            avoided_bytes: sums.avoided_billed,
            avoided_dollars: Money::of(price.of(sums.avoided_billed)),
        }
    }
}

impl DayCosts {
    fn of(day: &CostDay, price: Price) -> Self {
        Self {
            day: day.day.date_naive(),
            views: day.views,
            billed_bytes: day.billed_bytes,
            dollars: Money::of(price.of(day.billed_bytes)),
            avoided_bytes: day.avoided_billed,
        }
    }
}

impl AlertAnswer {
    fn of(alert: &Alert) -> Self {
        Self {
            scope: spelled(&alert.scope),
            at: alert.at,
            percent: alert.percent,
            spent_bytes: alert.spent_bytes,
            limit_bytes: alert.limit_bytes,
        }
    }
}

impl BudgetAnswer {
    /// A budget and how far it is used.
    #[must_use]
    pub fn of(standing: &BudgetStanding) -> Self {
        let budget = &standing.budget;
        Self {
            scope: spelled(&budget.scope),
            bytes_per_day: budget.limit.bytes(),
            dollars_per_day: budget.limit.micro_dollars().map(Money::of),
            limit_bytes: standing.limit_bytes,
            spent_bytes: standing.spent_bytes,
            reserved_bytes: standing.reserved_bytes,
            changed_by: budget.changed.by.name.clone(),
            changed_at: budget.changed.at,
            version: budget.version,
        }
    }
}

impl Money {
    /// From millionths of a dollar.
    #[must_use]
    pub fn of(micro_dollars: u64) -> Self {
        let mut dollars = Decimal::from(micro_dollars) / Decimal::from(1_000_000);
        dollars.rescale(6);
        Self(dollars.to_string())
    }

    fn each(micro_dollars: u64, many: u64) -> Option<Self> {
        micro_dollars.checked_div(many).map(Self::of)
    }

    /// As a text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A part of one with four decimals.
fn rate(part: u64, whole: u64) -> Option<String> {
    let rate = Decimal::from(part).checked_div(Decimal::from(whole))?;
    let mut rate = rate.round_dp(4);
    rate.rescale(4);
    Some(rate.to_string())
}

/// A scope as it is spelled in addresses and commands.
#[must_use]
pub fn spelled(scope: &BudgetScope) -> String {
    match scope {
        BudgetScope::All => "all".to_owned(),
        BudgetScope::Prewarm => "prewarm".to_owned(),
        BudgetScope::Dashboard(slug) => format!("dashboard:{slug}"),
        BudgetScope::BusinessUnit(unit) => format!("business_unit:{}", unit.as_str()),
    }
}

#[cfg(test)]
mod tests;
