//! A few of the rows that somebody gains or loses, named by the dataset's key.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use weir_policy::{ColumnAccess, ColumnName, Grant, Predicate, Value, resolve};
use weir_query::{Cell, Dataset};

use super::{Comparison, UnitImpact};
use crate::service::costs::FetchError;
use crate::service::governed_rows::comparable;

/// How many rows are shown.
const EXAMPLES: usize = 20;

/// How many candidates are looked at for them.
const CANDIDATES: u32 = 500;

/// One row that comes or goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// Whether the person gains or loses it.
    pub change: Change,
    /// Its key. Values are masked for whoever may not see them themselves.
    pub key: BTreeMap<ColumnName, String>,
    /// Whether they are.
    pub masked: bool,
}

/// Which way a row goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Seen after, not before.
    Gained,
    /// Seen before, not after.
    Lost,
}

impl Comparison<'_> {
    pub(super) async fn examples(
        &self,
        dataset: &Arc<Dataset>,
        before: Option<&Grant>,
        after: Option<&Grant>,
        units: &[UnitImpact],
    ) -> Result<Vec<Example>, FetchError> {
        let mut found = Vec::new();
        if units.iter().any(|unit| unit.gained > 0) {
            found.extend(self.only_in(dataset, after, before, Change::Gained).await?);
        }
        if units.iter().any(|unit| unit.lost > 0) {
            found.extend(self.only_in(dataset, before, after, Change::Lost).await?);
        }
        Ok(found)
    }

    /// Rows that `seen` admits and `other` does not.
    async fn only_in(
        &self,
        dataset: &Arc<Dataset>,
        seen: Option<&Grant>,
        other: Option<&Grant>,
        change: Change,
    ) -> Result<Vec<Example>, FetchError> {
        let Some(seen) = seen else {
            return Ok(Vec::new());
        };
        let other = other.map_or(Predicate::Never, |grant| grant.rows().clone());
        let mut columns = dataset.key().to_vec();
        let asker = self.asker_rows(dataset);
        let decisive = other.columns().into_iter().chain(asker.columns());
        for column in decisive {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        let is_open = |column: &ColumnName| {
            dataset.column(column).is_some() && seen.access(column) == ColumnAccess::Visible
        };
        // Whether the other side sees a row can only be told from columns that this side shows.
        if !other.columns().iter().all(is_open) {
            return Ok(Vec::new());
        }
        columns.retain(is_open);
        let Some(candidates) = seen.narrowed(not_true(&other)) else {
            return Ok(Vec::new());
        };
        let rows = self
            .rows_by(dataset, &candidates, &columns, CANDIDATES)
            .await?;
        let rows = rows.iter().map(|row| by_name(&columns, row));
        let rows = rows.filter(|row| !other.admits(&|column| value(row, column)));
        let example = |row: BTreeMap<&ColumnName, &Cell>| {
            self.example(dataset, change, &row, asker.admits(&|c| value(&row, c)))
        };
        Ok(rows.take(EXAMPLES).map(example).collect())
    }

    /// The rows the asker may see themselves under what is in force.
    fn asker_rows(&self, dataset: &Dataset) -> Predicate {
        let grant = resolve(self.before.policies(), self.asker, dataset.schema());
        match grant {
            Ok(grant)
                if dataset
                    .key()
                    .iter()
                    .all(|key| grant.access(key) == ColumnAccess::Visible) =>
            {
                grant.rows().clone()
            }
            _ => Predicate::Never,
        }
    }

    fn example(
        &self,
        dataset: &Dataset,
        change: Change,
        row: &BTreeMap<&ColumnName, &Cell>,
        open: bool,
    ) -> Example {
        let text = |name: &ColumnName| {
            let plain = value(row, name)?.to_string();
            Some(if open { plain } else { self.mask.mask(&plain) })
        };
        let key = dataset.key().iter();
        let key = key.filter_map(|name| Some((name.clone(), text(name)?)));
        Example {
            change,
            key: key.collect(),
            masked: !open,
        }
    }
}

/// Holds wherever `predicate` is false, and wherever it may be unknown: a little more than needed,
/// which the interpreter sorts out.
fn not_true(predicate: &Predicate) -> Predicate {
    let nulls = predicate.columns().into_iter().map(Predicate::is_null);
    Predicate::any(std::iter::once(Predicate::not(predicate.clone())).chain(nulls))
}

fn by_name<'a>(columns: &'a [ColumnName], row: &'a [Cell]) -> BTreeMap<&'a ColumnName, &'a Cell> {
    columns.iter().zip(row).collect()
}

/// A cell as policies compare it; `None` for NULL and for what they can't compare.
fn value(row: &BTreeMap<&ColumnName, &Cell>, column: &ColumnName) -> Option<Value> {
    comparable(row.get(column)?)
}
