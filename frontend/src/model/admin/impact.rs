//! Who gains and who loses by a change.

use crate::model::LinkVm;
use serde::{Deserialize, Serialize};

/// Whether the impact is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum ImpactState {
    /// Nothing asked for it yet: it is counted by "Check".
    NotCounted,
    /// Being counted.
    Counting,
    /// It could not be counted: a sentence with the next step.
    Failed(String),
    /// Counted.
    Counted(ImpactVm),
}

/// What a change does, counted on the data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImpactVm {
    /// "Counted on the data of 21 Nov 2026, 14:05."
    pub counted_on: String,
    /// Who is touched. Whoever is not touched is not listed.
    pub rows: Vec<ImpactRow>,
    /// "5 other combinations of business unit, persona and dataset see what they saw." May be empty.
    pub untouched: String,
    /// Dashboards and tiles touched: "Finance overview: Top customers".
    pub tiles: Vec<LinkVm>,
    /// For how many business units access widens: stands in the publish button.
    pub units_widened: u32,
}

/// One business unit, persona and dataset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImpactRow {
    /// The business unit's label.
    pub business_unit: String,
    /// The persona's label.
    pub persona: String,
    /// The dataset's label.
    pub dataset: String,
    /// Rows seen before: "37,118".
    pub before: String,
    /// Rows seen after.
    pub after: String,
    /// Rows gained; empty for none.
    pub gained: String,
    /// Rows lost; empty for none.
    pub lost: String,
    /// Rows gained as a share of the largest gain or loss of the table, 0 to 1.
    pub gained_share: f64,
    /// The same for the loss.
    pub lost_share: f64,
    /// What happens to columns.
    pub columns: Vec<ColumnEffect>,
    /// Up to twenty keys of rows gained or lost, masked for whoever may not see them.
    pub examples: Vec<ExampleKey>,
}

/// What happens to a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnEffect {
    /// The column's label.
    pub column: String,
    /// What happens.
    pub change: ColumnChange,
}

/// What may happen to a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnChange {
    /// Was hidden, is shown.
    Shown,
    /// Was masked, is shown, or is masked less.
    Unmasked,
    /// Was shown, is masked, or is masked more.
    Masked,
    /// Was shown or masked, is hidden.
    Hidden,
}

impl ColumnChange {
    /// Whether somebody sees more by it.
    #[must_use]
    pub const fn opens(self) -> bool {
        matches!(self, Self::Shown | Self::Unmasked)
    }
}

/// A row gained or lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExampleKey {
    /// Its key, masked where need be.
    pub key: String,
    /// Gained, or else lost.
    pub gained: bool,
}

/// That somebody would see more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WideningVm {
    /// "An analyst of Auto in Québec would newly see rows whose legal hold is unknown."
    pub witness: String,
    /// Further witnesses.
    pub more: Vec<String>,
    /// Approvals it takes because of that.
    pub approvals: u32,
}
