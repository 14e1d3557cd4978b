//! What became of the tables behind datasets.

use serde::{Deserialize, Serialize};

use crate::Label;

/// Whether it begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftStepKind {
    /// The table has the column no more as it is declared: what needs it is withheld.
    Begin,
    /// It has it again, or nobody declares it any more.
    End,
}

/// A column of a table stopped being what its dataset declares, or is again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftStep {
    /// Which of both.
    pub step: DriftStepKind,
    /// The dataset.
    pub dataset: Label,
    /// The column, as the dataset declares it.
    pub column: Label,
}
