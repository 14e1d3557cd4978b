//! Counting rows under a grant, by business unit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use weir_policy::{ColumnName, Grant};
use weir_query::{Cell, Dataset};

use super::{Comparison, UnitImpact};
use crate::content::UNIT_COLUMN;
use crate::service::costs::FetchError;
use crate::service::governed_rows;

/// More business units than any organisation has.
const UNITS: u32 = 5_000;

/// Rows by business unit.
type Counts = BTreeMap<Option<String>, u64>;

impl Comparison<'_> {
    /// Rows before and after, and how many of them are the same ones.
    pub(super) async fn units(
        &self,
        dataset: &Arc<Dataset>,
        before: Option<&Grant>,
        after: Option<&Grant>,
    ) -> Result<Vec<UnitImpact>, FetchError> {
        let both = before
            .zip(after)
            .and_then(|(before, after)| after.narrowed(before.rows().clone()));
        let by = unit_column(dataset, [before, after]);
        let before = self.count(dataset, before, &by).await?;
        let after = self.count(dataset, after, &by).await?;
        let both = self.count(dataset, both.as_ref(), &by).await?;
        let units: BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
        let of =
            |counts: &Counts, unit: &Option<String>| counts.get(unit).copied().unwrap_or_default();
        Ok(units
            .into_iter()
            .map(|unit| UnitImpact {
                before: of(&before, &unit),
                after: of(&after, &unit),
                gained: of(&after, &unit).saturating_sub(of(&both, &unit)),
                lost: of(&before, &unit).saturating_sub(of(&both, &unit)),
                unit,
            })
            .collect())
    }

    async fn count(
        &self,
        dataset: &Arc<Dataset>,
        grant: Option<&Grant>,
        by: &[ColumnName],
    ) -> Result<Counts, FetchError> {
        let Some(grant) = grant else {
            return Ok(Counts::new());
        };
        let rows = self.rows_by(dataset, grant, by, UNITS).await?;
        let unit = |row: &[Cell]| match row {
            [Cell::Text(unit), _] => Some(unit.clone()),
            _ => None,
        };
        Ok(rows
            .iter()
            .map(|row| (unit(row), governed_rows::count(row)))
            .collect())
    }

    /// Combinations of values under a grant, each with its number of rows last.
    pub(super) async fn rows_by(
        &self,
        dataset: &Arc<Dataset>,
        grant: &Grant,
        by: &[ColumnName],
        limit: u32,
    ) -> Result<Vec<Vec<Cell>>, FetchError> {
        governed_rows::rows_by(self.cache, self.snapshots, dataset, grant, by, limit).await
    }
}

/// The column of the business unit, where the dataset has one and both grants show it.
fn unit_column(dataset: &Dataset, grants: [Option<&Grant>; 2]) -> Vec<ColumnName> {
    let column = ColumnName::parse(UNIT_COLUMN).ok();
    let column = column.filter(|name| dataset.column(name).is_some());
    let is_open = |name: &ColumnName| {
        let mut grants = grants.iter().flatten();
        grants.all(|grant| grant.access(name) == weir_policy::ColumnAccess::Visible)
    };
    column.filter(is_open).into_iter().collect()
}
