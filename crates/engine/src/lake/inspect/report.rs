//! What was found, for people (`Display`) and for programs (`Serialize`).

use std::fmt;
use std::path::PathBuf;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use weir_policy::ValueType;

/// Everything found at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LakeReport {
    /// Where.
    pub path: PathBuf,
    /// The tables.
    pub tables: Vec<TableReport>,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableReport {
    /// Its name in the catalog, or one made from its folder.
    pub name: String,
    /// What the `source` of a dataset over it would say.
    pub source: String,
    /// Its metadata file, or its folder.
    pub location: String,
    /// `iceberg v2`, `parquet`, …
    pub format: String,
    /// Its columns, in order.
    pub columns: Vec<ColumnReport>,
    /// Its partition fields, such as `month(statement_date)`.
    pub partitioning: Vec<String>,
    /// Its snapshots, oldest first.
    pub snapshots: Vec<SnapshotReport>,
    /// Why Weir would not read it.
    pub refusal: Option<String>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// Its type, as the table spells it.
    pub stored: String,
    /// The dataset type it is read as, if there is one.
    #[serde(rename = "type")]
    pub kind: Option<ValueType>,
    /// Whether it may hold NULL.
    pub nullable: bool,
}

/// One snapshot. Counts are what its writer noted, where it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnapshotReport {
    /// Its id.
    pub id: String,
    /// When it was committed.
    pub committed_at: DateTime<Utc>,
    /// `append`, `overwrite`, …
    pub operation: String,
    /// Rows it added.
    pub added_rows: Option<u64>,
    /// Rows there were after it.
    pub total_rows: Option<u64>,
    /// Data files it added.
    pub added_files: Option<u64>,
    /// Data files there were after it.
    pub total_files: Option<u64>,
    /// Whether it is the one that is read now.
    pub current: bool,
}

impl fmt::Display for LakeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        self.tables
            .iter()
            .try_for_each(|table| write!(f, "\n\n{table}"))
    }
}

impl fmt::Display for TableReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}  ({})", self.name, self.format)?;
        writeln!(f, "  at {}", self.location)?;
        if !self.partitioning.is_empty() {
            writeln!(f, "  partitioned by {}", self.partitioning.join(", "))?;
        }
        if let Some(refusal) = &self.refusal {
            writeln!(f, "  NOT READABLE: {refusal}")?;
        }
        let width = self
            .columns
            .iter()
            .map(|column| column.name.len())
            .max()
            .unwrap_or(0);
        write!(f, "  columns")?;
        for column in &self.columns {
            let kind = column
                .kind
                .map_or("(no dataset type)".to_owned(), |kind| kind.to_string());
            let null = if column.nullable { "" } else { ", never null" };
            write!(f, "\n    {:width$}  {kind}{null}", column.name)?;
        }
        write!(f, "\n  snapshots")?;
        self.snapshots
            .iter()
            .try_for_each(|snapshot| write!(f, "\n    {snapshot}"))
    }
}

impl fmt::Display for SnapshotReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.current { "*" } else { " " };
        let at = self.committed_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        // A listing's id is a hash; its beginning tells it apart.
        let id: String = self.id.chars().take(20).collect();
        write!(f, "{mark} {id:20}  {at}  {:9}", self.operation)?;
        let rows = self.total_rows.map(|rows| format!("{rows} rows"));
        let added = self.added_rows.map(|rows| format!("(+{rows})"));
        let files = self.total_files.map(|files| format!("in {files} files"));
        [rows, added, files]
            .into_iter()
            .flatten()
            .try_for_each(|part| write!(f, " {part}"))
    }
}
