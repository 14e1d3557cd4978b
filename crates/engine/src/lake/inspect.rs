//! What is in a lake that somebody else wrote: tables, schemas, snapshots, and a dataset
//! declaration to start from.

mod report;
mod yaml;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use iceberg::TableIdent;
use iceberg::io::FileIO;
use iceberg::table::{StaticTable, Table};
use weir_policy::DatasetName;

use super::catalog_db::Catalogs;
use super::parquet_folder::Listing;
use super::version::deletion_vectors;
use super::{LakeError, types};
pub use report::{ColumnReport, LakeReport, SnapshotReport, TableReport};
pub use yaml::to_dataset_yaml;

/// Looks at a lake folder, a `metadata.json`, a Parquet file or a folder of Parquet files.
///
/// # Errors
/// [`LakeError`] when there is nothing to look at, or it cannot be read.
pub async fn inspect(path: &Path) -> Result<LakeReport, LakeError> {
    let path = fs::canonicalize(path).map_err(|source| LakeError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let tables = if path.is_dir() {
        folder(&path).await?
    } else {
        file(&path).await?
    };
    if tables.is_empty() {
        return Err(LakeError::NoTables { path });
    }
    Ok(LakeReport { path, tables })
}

async fn file(path: &Path) -> Result<Vec<TableReport>, LakeError> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if name.ends_with(".metadata.json") || name == "metadata.json" {
        return Ok(vec![iceberg_file(path).await?]);
    }
    if name.ends_with(".parquet") {
        return Ok(vec![parquet(path)?]);
    }
    Err(LakeError::NoTables {
        path: path.to_owned(),
    })
}

async fn folder(dir: &Path) -> Result<Vec<TableReport>, LakeError> {
    let mut tables = Vec::new();
    for (name, location) in Catalogs::find(dir).await?.tables().await? {
        let table = load(&location, &name).await?;
        tables.push(iceberg(&table, &name, "catalog".to_owned(), location).await?);
    }
    if !tables.is_empty() {
        return Ok(tables);
    }
    let mut found = Found::default();
    walk(dir, &mut found)?;
    for path in found.newest_metadata() {
        tables.push(iceberg_file(&path).await?);
    }
    if !tables.is_empty() {
        return Ok(tables);
    }
    found
        .parquet_tables(dir)
        .iter()
        .map(|path| parquet(path))
        .collect()
}

async fn iceberg_file(path: &Path) -> Result<TableReport, LakeError> {
    let location = path.to_string_lossy().into_owned();
    // …/statements/metadata/00003-….metadata.json is table `statements`.
    let folder = path
        .parent()
        .and_then(Path::parent)
        .and_then(Path::file_name);
    let name = suggested_name(&folder.unwrap_or_default().to_string_lossy());
    let table = load(&location, &name).await?;
    iceberg(
        &table,
        &name,
        format!("{{ iceberg: {} }}", yaml::quoted(&location)),
        location,
    )
    .await
}

async fn load(location: &str, name: &str) -> Result<Table, LakeError> {
    let failed = |source| LakeError::Metadata {
        dataset: name.to_owned(),
        location: location.to_owned(),
        source: Box::new(source),
    };
    let ident = TableIdent::from_strs(name.split('.')).map_err(failed)?;
    let files = FileIO::new_with_fs();
    let table = StaticTable::from_metadata_file(location, ident, files)
        .await
        .map_err(failed)?;
    Ok(table.into_table())
}

async fn iceberg(
    table: &Table,
    name: &str,
    source: String,
    location: String,
) -> Result<TableReport, LakeError> {
    let metadata = table.metadata();
    let schema = metadata.current_schema();
    let columns = schema
        .as_struct()
        .fields()
        .iter()
        .map(|field| ColumnReport {
            name: field.name.clone(),
            stored: field.field_type.to_string(),
            kind: types::of_iceberg(&field.field_type),
            nullable: !field.required,
        });
    let partitioning = metadata
        .default_partition_spec()
        .fields()
        .iter()
        .map(|field| {
            let column = schema.name_by_field_id(field.source_id).unwrap_or("?");
            format!("{}({column})", field.transform)
        });
    let current = metadata.current_snapshot_id();
    let mut snapshots: Vec<_> = metadata.snapshots().collect();
    snapshots.sort_by_key(|snapshot| snapshot.sequence_number());
    let refusal = deletion_vectors(table).await?.then(|| {
        "format v3 with deletion vectors: Weir refuses this table; rewrite it without them".into()
    });
    Ok(TableReport {
        name: name.to_owned(),
        source,
        location,
        format: format!("iceberg v{}", metadata.format_version() as u8),
        columns: columns.collect(),
        partitioning: partitioning.collect(),
        snapshots: snapshots
            .iter()
            .map(|snapshot| snapshot_report(snapshot, current))
            .collect(),
        refusal,
    })
}

fn snapshot_report(snapshot: &iceberg::spec::SnapshotRef, current: Option<i64>) -> SnapshotReport {
    let summary = &snapshot.summary().additional_properties;
    let number = |key: &str| summary.get(key).and_then(|value| value.parse().ok());
    SnapshotReport {
        id: snapshot.snapshot_id().to_string(),
        committed_at: snapshot.timestamp().unwrap_or_default(),
        operation: snapshot.summary().operation.as_str().to_owned(),
        added_rows: number("added-records"),
        total_rows: number("total-records"),
        added_files: number("added-data-files"),
        total_files: number("total-data-files"),
        current: current == Some(snapshot.snapshot_id()),
    }
}

fn parquet(path: &Path) -> Result<TableReport, LakeError> {
    let listing = Listing::of(path)?;
    let schema = listing.schema()?;
    let columns = schema.fields().iter().map(|field| ColumnReport {
        name: field.name().clone(),
        stored: field.data_type().to_string(),
        kind: types::of_arrow(field.data_type()),
        nullable: field.is_nullable(),
    });
    let location = path.to_string_lossy().into_owned();
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(TableReport {
        name: suggested_name(&stem),
        source: format!("{{ parquet: {} }}", yaml::quoted(&location)),
        format: "parquet".to_owned(),
        columns: columns.collect(),
        partitioning: Vec::new(),
        snapshots: vec![SnapshotReport {
            id: listing.snapshot.id.to_string(),
            committed_at: listing.snapshot.committed_at,
            operation: "listing".to_owned(),
            added_rows: None,
            total_rows: Some(listing.rows()?),
            added_files: None,
            total_files: u64::try_from(listing.files.len()).ok(),
            current: true,
        }],
        location,
        refusal: None,
    })
}

/// `gold.` and the name in the letters that dataset names are made of.
fn suggested_name(raw: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let words: String = raw.chars().map(plain).collect();
    let words: Vec<_> = words.split('_').filter(|word| !word.is_empty()).collect();
    let name = format!("gold.{}", words.join("_"));
    DatasetName::parse(name).map_or_else(|_| "gold.table".to_owned(), |name| name.to_string())
}

#[derive(Debug, Default)]
struct Found {
    metadata: Vec<PathBuf>,
    parquet: Vec<PathBuf>,
}

impl Found {
    /// The newest metadata file of each table.
    fn newest_metadata(&self) -> Vec<PathBuf> {
        let mut newest: BTreeMap<&Path, (u64, &PathBuf)> = BTreeMap::new();
        for path in &self.metadata {
            let Some(folder) = path.parent() else {
                continue;
            };
            let candidate = (metadata_version(path), path);
            let best = newest.entry(folder).or_insert(candidate);
            *best = (*best).max(candidate);
        }
        newest.into_values().map(|(_, path)| path.clone()).collect()
    }

    /// The folder itself when it holds files or partition folders, otherwise one table for each
    /// folder in it that holds any.
    fn parquet_tables(&self, dir: &Path) -> Vec<PathBuf> {
        let mut tables: Vec<PathBuf> = Vec::new();
        for path in &self.parquet {
            let below = path.strip_prefix(dir).unwrap_or(path);
            let first = below
                .components()
                .next()
                .map(|part| part.as_os_str().to_string_lossy());
            let of_the_folder = below.components().count() == 1
                || first.as_ref().is_some_and(|first| first.contains('='));
            if of_the_folder {
                return vec![dir.to_owned()];
            }
            let table = dir.join(first.unwrap_or_default().as_ref());
            if !tables.contains(&table) {
                tables.push(table);
            }
        }
        tables
    }
}

/// `00003-….metadata.json` and `v3.metadata.json` are both version 3.
fn metadata_version(path: &Path) -> u64 {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.strip_prefix('v').unwrap_or(&name);
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

fn walk(dir: &Path, found: &mut Found) -> Result<(), LakeError> {
    let unreadable = |source| LakeError::Unreadable {
        path: dir.to_owned(),
        source,
    };
    let mut entries = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        entries.push(entry.map_err(unreadable)?.path());
    }
    entries.sort();
    for path in entries {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with(['.', '_']) {
            continue;
        }
        if path.is_dir() {
            walk(&path, found)?;
        } else if name.ends_with(".metadata.json") {
            found.metadata.push(path);
        } else if name.ends_with(".parquet") {
            found.parquet.push(path);
        }
    }
    Ok(())
}
