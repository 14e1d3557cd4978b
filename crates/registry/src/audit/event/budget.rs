//! Budgets that were set, and how far they were used up.

use serde::{Deserialize, Serialize};
use weir_policy::BusinessUnit;

use crate::{Digest, Label};

/// What a budget is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetedScope {
    /// Everything together.
    All,
    /// What people of a unit ask.
    BusinessUnit(BusinessUnit),
    /// What is asked for a dashboard.
    Dashboard(Label),
    /// What is computed before anybody asks.
    Prewarm,
}

/// What was done to a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetStepKind {
    /// It was set, or changed.
    Set,
    /// It was removed.
    Remove,
}

/// A step with a budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetStep {
    /// Who did it.
    pub by: Digest,
    /// Which of both.
    pub step: BudgetStepKind,
    /// What it is for.
    pub scope: BudgetedScope,
    /// Its version then.
    pub version: u64,
    /// How many bytes may be billed in a day.
    pub bytes: Option<u64>,
    /// How many millionths of a dollar may be spent in a day.
    pub micro_dollars: Option<u64>,
}

/// A budget was used up to a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetAlert {
    /// What it is for.
    pub scope: BudgetedScope,
    /// Up to which part, in percent: 50, 80, or 100 when something was refused or it is spent.
    pub percent: u64,
    /// Bytes billed that day.
    pub spent_bytes: u64,
    /// Bytes that may be.
    pub limit_bytes: u64,
}
