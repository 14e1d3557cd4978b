//! What a policy is checked against: the columns of one dataset and their types.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::name::{ColumnName, DatasetName};
use crate::value::ValueType;

/// The columns of one dataset. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetSchema(Arc<Shape>);

#[derive(Debug, PartialEq, Eq)]
struct Shape {
    name: DatasetName,
    columns: BTreeMap<ColumnName, ValueType>,
}

impl DatasetSchema {
    /// A dataset with these columns. Of a column that is named twice the last type counts.
    pub fn new(
        name: DatasetName,
        columns: impl IntoIterator<Item = (ColumnName, ValueType)>,
    ) -> Self {
        Self(Arc::new(Shape {
            name,
            columns: columns.into_iter().collect(),
        }))
    }

    /// The dataset.
    #[must_use]
    pub fn name(&self) -> &DatasetName {
        &self.0.name
    }

    /// The type of a column, if the dataset has it.
    #[must_use]
    pub fn column(&self, name: &ColumnName) -> Option<ValueType> {
        self.0.columns.get(name).copied()
    }

    /// All columns in the order of their names.
    #[must_use]
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&ColumnName, ValueType)> {
        self.0.columns.iter().map(|(name, kind)| (name, *kind))
    }
}
