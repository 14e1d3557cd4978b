//! Whose money it is, and how much of it may be spent.

use weir_policy::BusinessUnit;

use crate::Label;
use crate::audit::event::BudgetedScope;

/// What a budget is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BudgetScope {
    /// Everything together.
    All,
    /// What people of one unit ask.
    BusinessUnit(BusinessUnit),
    /// What is asked for one dashboard.
    Dashboard(Label),
    /// What is computed before anybody asks.
    Prewarm,
}

/// Who pays for a run: the scopes whose budgets apply.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Payer {
    /// The one business unit of whoever asks.
    pub unit: Option<BusinessUnit>,
    /// The dashboard it is for.
    pub dashboard: Option<Label>,
    /// Whether nobody asks yet.
    pub prewarm: bool,
}

/// The most that may be billed in a day. Where both are given, the smaller counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    bytes: Option<u64>,
    micro_dollars: Option<u64>,
}

/// What a terabyte (10^12 bytes) costs, in millionths of a dollar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price(u64);

impl BudgetScope {
    /// Kind and value.
    pub(super) fn columns(&self) -> (&'static str, &str) {
        match self {
            Self::All => ("all", ""),
            Self::BusinessUnit(unit) => ("business_unit", unit.as_str()),
            Self::Dashboard(dashboard) => ("dashboard", dashboard.as_str()),
            Self::Prewarm => ("prewarm", ""),
        }
    }

    /// Reads what [`Self::columns`] wrote.
    pub(super) fn read(kind: &str, value: String) -> Option<Self> {
        match kind {
            "all" => Some(Self::All),
            "business_unit" => BusinessUnit::parse(value).ok().map(Self::BusinessUnit),
            "dashboard" => Label::parse(value).ok().map(Self::Dashboard),
            "prewarm" => Some(Self::Prewarm),
            _ => None,
        }
    }

    pub(super) fn recorded(&self) -> BudgetedScope {
        match self {
            Self::All => BudgetedScope::All,
            Self::BusinessUnit(unit) => BudgetedScope::BusinessUnit(unit.clone()),
            Self::Dashboard(dashboard) => BudgetedScope::Dashboard(dashboard.clone()),
            Self::Prewarm => BudgetedScope::Prewarm,
        }
    }
}

impl Payer {
    /// Everything whose budget a run of theirs is taken from.
    #[must_use]
    pub fn scopes(&self) -> Vec<BudgetScope> {
        let unit = self.unit.clone().map(BudgetScope::BusinessUnit);
        let dashboard = self.dashboard.clone().map(BudgetScope::Dashboard);
        let prewarm = self.prewarm.then_some(BudgetScope::Prewarm);
        let parts = [Some(BudgetScope::All), unit, dashboard, prewarm];
        parts.into_iter().flatten().collect()
    }
}

impl Limit {
    /// A limit in bytes, in millionths of a dollar, or both; `None` when it is neither.
    #[must_use]
    pub fn new(bytes: Option<u64>, micro_dollars: Option<u64>) -> Option<Self> {
        (bytes.is_some() || micro_dollars.is_some()).then_some(Self {
            bytes,
            micro_dollars,
        })
    }

    /// In bytes, as it was set.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        self.bytes
    }

    /// In millionths of a dollar, as it was set.
    #[must_use]
    pub fn micro_dollars(&self) -> Option<u64> {
        self.micro_dollars
    }

    /// The most bytes that may be billed at `price`.
    #[must_use]
    pub fn in_bytes(&self, price: Price) -> u64 {
        let dollars = self.micro_dollars.map(|most| price.bytes_for(most));
        let both = self.bytes.into_iter().chain(dollars);
        both.min().unwrap_or(u64::MAX)
    }
}

impl Price {
    /// A price for a terabyte in millionths of a dollar.
    #[must_use]
    pub fn per_terabyte(micro_dollars: u64) -> Self {
        Self(micro_dollars)
    }

    /// What `bytes` cost, in millionths of a dollar, rounded to the nearest.
    #[must_use]
    pub fn of(self, bytes: u64) -> u64 {
        const TERABYTE: u128 = 1_000_000_000_000;
        let cost = (u128::from(bytes) * u128::from(self.0) + TERABYTE / 2) / TERABYTE;
        u64::try_from(cost).unwrap_or(u64::MAX)
    }

    /// The most bytes that cost no more than `micro_dollars`.
    fn bytes_for(self, micro_dollars: u64) -> u64 {
        let money = u128::from(micro_dollars) * 1_000_000_000_000;
        let bytes = money.checked_div(u128::from(self.0));
        bytes.map_or(u64::MAX, |bytes| u64::try_from(bytes).unwrap_or(u64::MAX))
    }
}
