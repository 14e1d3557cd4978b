//! What answers cost, budgets, and what the cache saved.

use super::{AdminFrame, Choice, FieldError, When};
use serde::{Deserialize, Serialize};

/// `/admin/costs`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostsVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// The spans that can be looked at.
    pub spans: Vec<CostSpan>,
    /// "Dollars are an estimate at US$5.00 a terabyte."
    pub estimate: String,
    /// The figures of the span, the most asked for first.
    pub figures: Vec<CostFigure>,
    /// The days of the span, the first first.
    pub days: Vec<CostBar>,
    /// "21 Nov 2026: 1.25 GB at most", for those who can't see the bars.
    pub days_said: String,
    /// By dashboard, the dearest first.
    pub dashboards: Vec<CostLine>,
    /// By business unit, the dearest first.
    pub units: Vec<CostLine>,
    /// Budgets, and how far they are used today.
    pub budgets: Vec<BudgetLine>,
    /// Budgets that were used up to a part, the newest first.
    pub alerts: Vec<AlertLine>,
    /// Field `scope` of the form that sets a budget.
    pub scopes: Vec<Choice>,
    /// Its field `gigabytes`.
    pub gigabytes: String,
    /// Its field `dollars`.
    pub dollars: String,
    /// Its hidden field `versions`: which budgets were seen.
    pub versions: String,
    /// What was wrong with the form.
    pub errors: Vec<FieldError>,
}

/// A span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostSpan {
    /// "30 days".
    pub label: String,
    /// Where it is shown.
    pub href: String,
    /// Whether it is the one that is looked at.
    pub current: bool,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostFigure {
    /// "For a thousand views".
    pub label: String,
    /// "US$0.06".
    pub value: String,
    /// "12 kB a view". Empty for none.
    pub detail: String,
}

/// One day as a bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostBar {
    /// "21 Nov 2026".
    pub label: String,
    /// "1.25 GB · US$0.01 · 240 views".
    pub value: String,
    /// Its height as a part of the highest.
    pub share: f64,
}

/// One dashboard or unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CostLine {
    /// What it is called.
    pub name: String,
    /// How many views.
    pub views: String,
    /// What was billed.
    pub billed: String,
    /// What that costs.
    pub dollars: String,
    /// What a thousand views cost; "—" for none.
    pub per_1000: String,
    /// How much of what it showed was there already.
    pub hits: String,
    /// Its bill as a part of the largest.
    pub share: f64,
}

/// A budget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BudgetLine {
    /// "Everything", "Finance overview", "Auto".
    pub what: String,
    /// "5 GB a day", "US$2.50 a day (500 GB)".
    pub limit: String,
    /// "1.2 GB spent, 10 MB under way".
    pub spent: String,
    /// "24%".
    pub percent: String,
    /// The part that is used, at most one.
    pub share: f64,
    /// How worrying that is.
    pub standing: BudgetTone,
    /// The value of field `scope` of the form that removes it.
    pub scope: String,
    /// The version that was seen.
    pub version: String,
}

/// How worrying a budget is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BudgetTone {
    /// Less than 80 % is used.
    Calm,
    /// 80 % or more.
    Nearly,
    /// All of it.
    Spent,
}

/// A budget was used up to a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertLine {
    /// When.
    pub at: When,
    /// What the budget is for.
    pub what: String,
    /// "80%".
    pub percent: String,
    /// "4 GB of 5 GB".
    pub spent: String,
}
