//! What may be asked: datasets with their columns, dimensions and measures.

mod document;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use weir_policy::{ColumnName, DatasetName, DatasetSchema, Predicate, Value, ValueType};

use crate::document::{DocumentError, first};
use crate::locale::Localized;
use crate::name::{DimensionName, MeasureName};

/// Every dataset that dashboards and policies may name.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    datasets: BTreeMap<DatasetName, Arc<Dataset>>,
}

impl Catalog {
    /// Gathers datasets read by [`Dataset::from_yaml`].
    ///
    /// # Errors
    /// The name of a dataset that is declared twice.
    pub fn build(datasets: impl IntoIterator<Item = Dataset>) -> Result<Self, DatasetName> {
        let mut gathered = BTreeMap::new();
        for dataset in datasets {
            let name = dataset.name.clone();
            if gathered.insert(name.clone(), Arc::new(dataset)).is_some() {
                return Err(name);
            }
        }
        Ok(Self { datasets: gathered })
    }

    /// The dataset called `name`.
    #[must_use]
    pub fn dataset(&self, name: &DatasetName) -> Option<&Arc<Dataset>> {
        self.datasets.get(name)
    }

    /// All datasets, by name.
    pub fn datasets(&self) -> impl Iterator<Item = &Arc<Dataset>> {
        self.datasets.values()
    }
}

/// Where a dataset's rows are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Source {
    /// A table of the lake's own Iceberg catalog, under the dataset's name.
    #[default]
    Catalog,
    /// An Iceberg `metadata.json` in the lake's folder.
    IcebergMetadata(String),
    /// A folder of Parquet files of one schema, in the lake's folder.
    Parquet(String),
}

/// One gold table as people may ask about it.
#[derive(Debug, Clone)]
pub struct Dataset {
    name: DatasetName,
    label: Localized,
    source: Source,
    time: Option<ColumnName>,
    only: Predicate,
    key: Vec<ColumnName>,
    columns: BTreeMap<ColumnName, Column>,
    dimensions: BTreeMap<DimensionName, Dimension>,
    measures: BTreeMap<MeasureName, Measure>,
    schema: DatasetSchema,
    version: String,
}

impl Dataset {
    /// Reads and checks a `*.dataset.yaml`.
    ///
    /// # Errors
    /// [`DocumentError`] names file, path and the nearest valid name.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, DocumentError> {
        Self::check(file, text).map_err(|all| first(file, all))
    }

    /// Reads a `*.dataset.yaml` as [`Dataset::from_yaml`] does, and goes on behind a mistake.
    ///
    /// # Errors
    /// The first mistake of each dimension, measure and other part. Of a file that has not the
    /// shape of a dataset, the first.
    pub fn check(file: &str, text: &str) -> Result<Self, Vec<DocumentError>> {
        document::read(file, text)
    }

    /// Its name, which policies and tiles refer to.
    #[must_use]
    pub fn name(&self) -> &DatasetName {
        &self.name
    }

    /// Its name for people.
    #[must_use]
    pub fn label(&self) -> &Localized {
        &self.label
    }

    /// Where its rows are.
    #[must_use]
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The date column that a dashboard's period narrows.
    #[must_use]
    pub fn time(&self) -> Option<&ColumnName> {
        self.time.as_ref()
    }

    /// Which of the table's rows the dataset is about; all of them, usually. Entity-attribute tables
    /// count everything once per attribute, and a question means one of them.
    #[must_use]
    pub fn only(&self) -> &Predicate {
        &self.only
    }

    /// The columns by which people tell one row from another: examples of rows are named by them.
    /// Nobody demands that they are unique.
    #[must_use]
    pub fn key(&self) -> &[ColumnName] {
        &self.key
    }

    /// Column names and types, as policies are checked against.
    #[must_use]
    pub fn schema(&self) -> &DatasetSchema {
        &self.schema
    }

    /// Hash of the declaration; part of every fingerprint.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The column called `name`.
    #[must_use]
    pub fn column(&self, name: &ColumnName) -> Option<&Column> {
        self.columns.get(name)
    }

    /// All columns, by name.
    pub fn columns(&self) -> impl Iterator<Item = (&ColumnName, &Column)> {
        self.columns.iter()
    }

    /// The dimension called `name`.
    #[must_use]
    pub fn dimension(&self, name: &DimensionName) -> Option<&Dimension> {
        self.dimensions.get(name)
    }

    /// The measure called `name`.
    #[must_use]
    pub fn measure(&self, name: &MeasureName) -> Option<&Measure> {
        self.measures.get(name)
    }

    /// Names of all dimensions.
    pub fn dimension_names(&self) -> impl Iterator<Item = &DimensionName> {
        self.dimensions.keys()
    }

    /// Names of all measures.
    pub fn measure_names(&self) -> impl Iterator<Item = &MeasureName> {
        self.measures.keys()
    }
}

/// A physical column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its type, as the table must have it.
    pub value_type: ValueType,
    /// Its name for people.
    pub label: Localized,
    /// What its codes mean: `auto` is "Auto insurance". Codes without an entry are shown as they are.
    pub values: BTreeMap<String, Localized>,
}

/// Something to group by: a column, or a date column cut to a grain.
#[derive(Debug, Clone)]
pub struct Dimension {
    /// Its name.
    pub name: DimensionName,
    /// Its name for people.
    pub label: Localized,
    /// The column it reads.
    pub column: ColumnName,
    /// How a date is cut; `None` takes the column as it is.
    pub grain: Option<Grain>,
}

/// The unit a date is cut to. Weeks start on Monday (ISO 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    /// The day itself.
    Day,
    /// Its Monday.
    Week,
    /// The first of its month.
    Month,
    /// The first of its quarter.
    Quarter,
    /// The first of January.
    Year,
}

/// A number computed over rows.
#[derive(Debug, Clone)]
pub struct Measure {
    /// Its name.
    pub name: MeasureName,
    /// Its name for people.
    pub label: Localized,
    /// How it is computed.
    pub formula: Formula,
    /// How it is written.
    pub format: NumberFormat,
    /// What a single one is called, where the format does not say it ("days").
    pub unit: Option<Localized>,
    /// Which direction is good news, where one is.
    pub better: Option<Better>,
}

/// How a measure is computed.
#[derive(Debug, Clone)]
pub enum Formula {
    /// One aggregate.
    Aggregate(Aggregate),
    /// One aggregate over another, in floating point; NULL where the divisor is zero.
    Ratio {
        /// The dividend.
        of: Aggregate,
        /// The divisor.
        to: Aggregate,
    },
}

impl Formula {
    /// The one or two aggregates it is made of.
    pub fn aggregates(&self) -> impl Iterator<Item = &Aggregate> {
        let (first, second) = match self {
            Self::Aggregate(aggregate) => (aggregate, None),
            Self::Ratio { of, to } => (of, Some(to)),
        };
        std::iter::once(first).chain(second)
    }
}

/// An aggregate function over one column, over the rows that meet `only`.
#[derive(Debug, Clone)]
pub struct Aggregate {
    /// The function.
    pub function: Function,
    /// Column values a row must have to count; all of them.
    pub only: Vec<(ColumnName, Value)>,
}

/// The aggregate functions of the common SQL subset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Function {
    /// Exact sum of an integer, decimal or double column.
    Sum(ColumnName, ValueType),
    /// Smallest value.
    Min(ColumnName, ValueType),
    /// Largest value.
    Max(ColumnName, ValueType),
    /// Number of distinct values.
    CountDistinct(ColumnName),
    /// Number of rows.
    Count,
}

impl Function {
    /// The column it reads; `Count` reads none.
    #[must_use]
    pub fn column(&self) -> Option<&ColumnName> {
        match self {
            Self::Sum(column, _)
            | Self::Min(column, _)
            | Self::Max(column, _)
            | Self::CountDistinct(column) => Some(column),
            Self::Count => None,
        }
    }
}

impl Aggregate {
    /// Every column it reads.
    pub fn columns(&self) -> impl Iterator<Item = &ColumnName> {
        self.function
            .column()
            .into_iter()
            .chain(self.only.iter().map(|(column, _)| column))
    }
}

/// How a measure's numbers are written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum NumberFormat {
    /// Whole numbers.
    Integer,
    /// A share, times one hundred, with one digit.
    Percent,
    /// Money in the currency with this ISO 4217 code.
    Currency(String),
    /// A number with this many digits after the point.
    Decimals(u8),
}

/// Which direction of a change is good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

#[cfg(test)]
mod tests;
