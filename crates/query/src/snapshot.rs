//! Which state of a table an answer was computed on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use weir_policy::{ColumnName, DatasetName};

use crate::sql::GovernedScan;

/// The id of one immutable state of a table: an Iceberg snapshot id in decimal, or the hash of a
/// Parquet folder's listing in hex. Always `[0-9a-f]+`, so that it is safe inside a table name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct SnapshotId(String);

impl SnapshotId {
    /// Accepts 1 to 64 characters of `[0-9a-f]`.
    #[must_use]
    pub fn parse(raw: impl Into<String>) -> Option<Self> {
        let raw = raw.into();
        let plain = raw
            .chars()
            .all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c));
        (plain && (1..=64).contains(&raw.len())).then_some(Self(raw))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One state of a table and the moment it was committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Snapshot {
    /// Which state.
    pub id: SnapshotId,
    /// When its writer committed it: the data time a reader sees.
    pub committed_at: DateTime<Utc>,
    /// Columns of the dataset that the table does not have as they are declared: what needs one
    /// can't be answered.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unreadable: BTreeSet<ColumnName>,
}

impl Snapshot {
    /// Whether the table has every column that `scan` reads, as it is declared.
    #[must_use]
    pub fn can_answer(&self, scan: &GovernedScan) -> bool {
        self.unreadable.is_disjoint(scan.columns())
    }
}

/// One snapshot per dataset. A page view takes one set and computes every tile on it (invariant 13).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct SnapshotSet(BTreeMap<DatasetName, Snapshot>);

impl SnapshotSet {
    /// The snapshot that `dataset` is read at, if its table has any.
    #[must_use]
    pub fn get(&self, dataset: &DatasetName) -> Option<&Snapshot> {
        self.0.get(dataset)
    }

    /// This set, with the datasets that only `older` knows at the snapshots it knows them at.
    #[must_use]
    pub fn completed_from(mut self, older: &Self) -> Self {
        for (dataset, snapshot) in &older.0 {
            self.0
                .entry(dataset.clone())
                .or_insert_with(|| snapshot.clone());
        }
        self
    }

    /// All of them, by dataset.
    pub fn iter(&self) -> impl Iterator<Item = (&DatasetName, &Snapshot)> {
        self.0.iter()
    }
}

impl FromIterator<(DatasetName, Snapshot)> for SnapshotSet {
    fn from_iter<I: IntoIterator<Item = (DatasetName, Snapshot)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}
