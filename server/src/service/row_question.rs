//! Why somebody sees one row, or does not: the rules are asked about the row as it is in the lake.
//!
//! That reads a row which nobody may have been granted. So it reads the columns alone that rules look
//! at, of the rows with that key alone; it is on record first; and what it found is told only as far
//! as whoever asks may see it themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use weir_policy::document::policy_from_yaml;
use weir_policy::{
    ColumnAccess, ColumnName, Denied, Grant, Policy, PolicySet, Predicate, Revision,
    RowExplanation, Subject, Value, explain_row, resolve,
};
use weir_query::{Cell, Dataset, SnapshotSet};

use super::costs::FetchError;
use super::governed_rows::{comparable, count, rows_by};
use super::query_cache::QueryCache;
use crate::content::Content;

/// A key is meant to name one row; more than a few were not meant.
const MOST: u32 = 10;

/// One row, and whom it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct RowQuestion<'a> {
    /// The rules.
    pub content: &'a Content,
    /// What decides what the asker may see.
    pub in_force: &'a Content,
    /// The tables.
    pub snapshots: &'a SnapshotSet,
    /// The one door to the engine.
    pub cache: &'a QueryCache,
    /// Where the row is.
    pub dataset: &'a Arc<Dataset>,
    /// Whom it is about.
    pub subject: &'a Subject,
    /// Whether that is a sample person, whom somebody approved. Claims that an asker chooses would
    /// find out any value by comparing it: they are asked about rows of the asker's own alone.
    pub is_sample: bool,
    /// Who asks.
    pub asker: &'a Subject,
    /// The values of the row's key.
    pub key: &'a BTreeMap<ColumnName, Value>,
}

/// What became of the row.
#[derive(Debug, Clone)]
pub struct ExplainedRow {
    /// How many rows this is true of; one, if the key names one.
    pub rows: u64,
    /// Which rule decided, by which comparisons.
    pub explanation: RowExplanation,
    /// The columns whose values whoever asks may see.
    pub open: BTreeSet<ColumnName>,
}

/// Why a row can't be explained.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// The whole dataset is closed to the subject; no row matters.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The row can't be read now.
    #[error("the row can't be read")]
    Engine(#[from] FetchError),
}

impl RowQuestion<'_> {
    /// The rows with this key, each with why it is seen or not. Empty if there are none.
    ///
    /// # Errors
    /// [`RowError`]
    pub async fn answer(&self) -> Result<Vec<ExplainedRow>, RowError> {
        let (policies, schema) = (self.content.policies(), self.dataset.schema());
        resolve(policies, self.subject, schema)?;
        let asker = resolve(self.in_force.policies(), self.asker, schema).ok();
        let columns = self.columns(asker.as_ref());
        let row = self.grant_of_the_row(&columns);
        let row = match (&asker, self.is_sample) {
            (_, true) => row,
            (Some(asker), false) => row.and_then(|row| row.narrowed(asker.rows().clone())),
            (None, false) => None,
        };
        let Some(row) = row else {
            return Ok(Vec::new());
        };
        let (cache, snapshots) = (self.cache, self.snapshots);
        let rows = rows_by(cache, snapshots, self.dataset, &row, &columns, MOST).await?;
        let mut found = Vec::new();
        for row in &rows {
            let by_name: BTreeMap<&ColumnName, &Cell> = columns.iter().zip(row).collect();
            let value = |column: &ColumnName| comparable(by_name.get(column)?);
            found.push(ExplainedRow {
                rows: count(row),
                explanation: explain_row(policies, self.subject, schema, &value)?,
                open: open(asker.as_ref(), &columns, &value),
            });
        }
        Ok(found)
    }

    /// What the rules look at, the key, and what decides whether the asker sees the row.
    fn columns(&self, asker: Option<&Grant>) -> Vec<ColumnName> {
        let policy = self.content.policies().policy(self.dataset.name());
        let rules = policy.into_iter().flat_map(Policy::rules);
        let by_rules = rules.flat_map(|rule| rule.columns().keys().cloned());
        let by_asker = asker.into_iter().flat_map(|grant| grant.rows().columns());
        let wanted: BTreeSet<ColumnName> = by_rules
            .chain(by_asker)
            .chain(self.key.keys().cloned())
            .collect();
        let known = |column: &ColumnName| self.dataset.column(column).is_some();
        wanted.into_iter().filter(known).collect()
    }

    /// A grant for the rows of this key and these columns, and for nothing else. It is made by
    /// rules, like every grant; nobody but this question ever has it.
    fn grant_of_the_row(&self, columns: &[ColumnName]) -> Option<Grant> {
        let schema = self.dataset.schema();
        let others = schema.columns().map(|(name, _)| name);
        let others: Vec<_> = others
            .filter(|name| !columns.contains(name))
            .map(ColumnName::as_str)
            .collect();
        let hidden = if others.is_empty() {
            String::new()
        } else {
            format!("  - {{ id: others, hide: [{}] }}\n", others.join(", "))
        };
        let name = schema.name();
        let rules = format!("dataset: {name}\nrules:\n  - {{ id: row, permit: all }}\n{hidden}");
        let policy = policy_from_yaml("a row's key", &rules, schema).ok()?;
        let set = PolicySet::build(Revision::new(0), vec![policy]).ok()?;
        let all = resolve(&set, &Subject::new("urn:weir:server", "explain"), schema).ok()?;
        let key = self.key.iter();
        all.narrowed(Predicate::all(
            key.map(|(column, value)| Predicate::eq(column.clone(), value.clone())),
        ))
    }
}

/// The columns that the asker sees as they are in this row; none if the row is not theirs to see.
fn open(
    asker: Option<&Grant>,
    columns: &[ColumnName],
    value: &dyn Fn(&ColumnName) -> Option<Value>,
) -> BTreeSet<ColumnName> {
    let Some(asker) = asker.filter(|asker| asker.rows().admits(value)) else {
        return BTreeSet::new();
    };
    let shown = |column: &&ColumnName| asker.access(column) == ColumnAccess::Visible;
    columns.iter().filter(shown).cloned().collect()
}
