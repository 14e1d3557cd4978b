//! What a change of the policies does to people, counted on the gold data at one set of snapshots:
//! per person, dataset and business unit the rows before and after, gained and lost, the columns
//! that open or close, a few of the rows, and the tiles touched.
//!
//! Every count is a governed query under a grant of the person it is about; both grants together
//! are one of them, narrowed. So nothing here can read what neither revision opens.

mod count;
mod examples;
mod tiles;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Serialize;
use weir_engine::MaskKey;
use weir_policy::{ColumnAccess, ColumnName, DatasetName, Grant, Subject, resolve};
use weir_query::{Dataset, SnapshotSet};

pub use self::examples::{Change as ExampleChange, Example};
pub use self::tiles::TileImpact;
use super::costs::FetchError;
use super::query_cache::QueryCache;
use crate::content::Content;

/// A sample person whom a change is counted for.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their name among the sample people.
    pub name: String,
    /// Their claims.
    pub subject: Subject,
}

/// What is compared, for whom, and how it is counted.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a> {
    /// What is in force.
    pub before: &'a Content,
    /// What would be.
    pub after: &'a Content,
    /// The tables as they are now.
    pub snapshots: &'a Arc<SnapshotSet>,
    /// The one door to the engine.
    pub cache: &'a QueryCache,
    /// Who asks: keys of rows they may not see themselves are masked.
    pub asker: &'a Subject,
    /// The mask.
    pub mask: &'a MaskKey,
    /// The day that pages are planned for.
    pub today: NaiveDate,
}

/// What a change does to one person in one dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Impact {
    /// Whom it is about.
    pub person: String,
    /// Where.
    pub dataset: DatasetName,
    /// By business unit; one entry without a name where the dataset has none.
    pub units: Vec<UnitImpact>,
    /// Columns that are shown otherwise than before.
    pub columns: Vec<ColumnImpact>,
    /// Some of the rows gained and lost.
    pub examples: Vec<Example>,
    /// The tiles that would be another or none.
    pub tiles: Vec<TileImpact>,
}

/// Rows of one business unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitImpact {
    /// The unit as the rows have it.
    pub unit: Option<String>,
    /// Rows seen today.
    pub before: u64,
    /// Rows seen after the change.
    pub after: u64,
    /// Rows seen after, not before.
    pub gained: u64,
    /// Rows seen before, not after.
    pub lost: u64,
}

/// How one column is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnImpact {
    /// Which.
    pub column: ColumnName,
    /// How it is shown today.
    pub before: Shown,
    /// How it would be.
    pub after: Shown,
}

/// How a column is shown to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// As it is.
    Visible,
    /// Through a mask.
    Masked(String),
    /// Not at all, or the dataset is closed.
    Hidden,
}

impl Comparison<'_> {
    /// The impact on everybody in `people`; who is not touched in a dataset has no entry for it.
    ///
    /// # Errors
    /// When a count can't be computed: half an answer would read as "no impact".
    pub async fn impact(&self, people: &[Person]) -> Result<Vec<Impact>, FetchError> {
        let mut found = Vec::new();
        for person in people {
            for dataset in self.datasets().values() {
                found.extend(self.on(person, dataset).await?);
            }
        }
        Ok(found)
    }

    /// Every dataset of either side, as the newer side declares it.
    fn datasets(&self) -> BTreeMap<&DatasetName, &Arc<Dataset>> {
        let both = [self.before, self.after];
        let datasets = both.iter().flat_map(|content| content.catalog().datasets());
        datasets.map(|dataset| (dataset.name(), dataset)).collect()
    }

    async fn on(
        &self,
        person: &Person,
        dataset: &Arc<Dataset>,
    ) -> Result<Option<Impact>, FetchError> {
        let grant = |content: &Content| {
            let schema = content.catalog().dataset(dataset.name())?.schema();
            resolve(content.policies(), &person.subject, schema).ok()
        };
        let (before, after) = (grant(self.before), grant(self.after));
        let columns = columns(before.as_ref(), after.as_ref());
        let rows = |grant: &Option<Grant>| grant.as_ref().map(|grant| grant.rows().clone());
        let same_rows = rows(&before) == rows(&after);
        if same_rows && columns.is_empty() {
            return Ok(None);
        }
        let units = if same_rows {
            Vec::new()
        } else {
            self.units(dataset, before.as_ref(), after.as_ref()).await?
        };
        let examples = self
            .examples(dataset, before.as_ref(), after.as_ref(), &units)
            .await?;
        Ok(Some(Impact {
            person: person.name.clone(),
            dataset: dataset.name().clone(),
            units,
            columns,
            examples,
            tiles: self.tiles(&person.subject, dataset.name()),
        }))
    }
}

/// The columns that are shown otherwise. A closed dataset hides them all.
fn columns(before: Option<&Grant>, after: Option<&Grant>) -> Vec<ColumnImpact> {
    let names = [before, after]
        .into_iter()
        .flatten()
        .flat_map(|grant| grant.schema().columns())
        .map(|(name, _)| name.clone());
    let names: std::collections::BTreeSet<_> = names.collect();
    names
        .into_iter()
        .map(|column| ColumnImpact {
            before: shown(before, &column),
            after: shown(after, &column),
            column,
        })
        .filter(|column| column.before != column.after)
        .collect()
}

fn shown(grant: Option<&Grant>, column: &ColumnName) -> Shown {
    match grant.map(|grant| grant.access(column)) {
        Some(ColumnAccess::Visible) => Shown::Visible,
        Some(ColumnAccess::Masked(mask)) => Shown::Masked(mask.to_string()),
        Some(ColumnAccess::Hidden) | None => Shown::Hidden,
    }
}
