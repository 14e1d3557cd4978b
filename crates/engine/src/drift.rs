//! Where a table is not what its dataset declares.

use std::fmt;

use weir_policy::{ColumnName, DatasetName, ValueType};

/// A column that differs between a dataset and its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The dataset.
    pub dataset: DatasetName,
    /// The column's name, as the table or the dataset writes it.
    pub column: String,
    /// How it differs.
    pub kind: DriftKind,
}

/// How a column differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DriftKind {
    /// Declared, and not in the table: what needs it is withheld.
    Missing {
        /// "; did you mean `…`?", where the table has something close.
        nearest: String,
    },
    /// In the table with a type that can't be read as the declared one: what needs it is withheld.
    Retyped {
        /// The declared type.
        declared: ValueType,
        /// The table's own word for what it has.
        found: String,
    },
    /// In the table and not declared: worth a note, nobody sees it.
    Added,
}

impl Drift {
    /// The column as the dataset declares it, if questions that need it can't be answered.
    #[must_use]
    pub fn unreadable(&self) -> Option<ColumnName> {
        match self.kind {
            DriftKind::Missing { .. } | DriftKind::Retyped { .. } => {
                ColumnName::parse(&self.column).ok()
            }
            DriftKind::Added => None,
        }
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            dataset,
            column,
            kind,
        } = self;
        match kind {
            DriftKind::Missing { nearest } => {
                write!(
                    f,
                    "{dataset}: column `{column}` is not in the table{nearest}"
                )
            }
            DriftKind::Retyped { declared, found } => write!(
                f,
                "{dataset}: column `{column}` is declared {declared} and is {found} in the table"
            ),
            DriftKind::Added => {
                write!(
                    f,
                    "{dataset}: the table has a column `{column}` that is not declared"
                )
            }
        }
    }
}
