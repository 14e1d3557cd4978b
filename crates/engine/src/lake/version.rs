//! One state of a table's metadata, checked against its dataset and kept while views use it.

use std::collections::BTreeSet;

use iceberg::TableIdent;
use iceberg::io::FileIO;
use iceberg::spec::{DataFileFormat, FormatVersion, ManifestContentType};
use iceberg::table::{StaticTable, Table};
use weir_policy::{DatasetSchema, ValueType};
use weir_query::{Snapshot, SnapshotId};

use super::parquet_folder::Listing;
use super::{LakeError, types};

/// What a dataset is read from.
#[derive(Debug)]
pub(crate) enum TableVersion {
    /// An Iceberg table as one metadata file describes it; it knows all its snapshots.
    Iceberg(Box<Table>),
    /// A listing of Parquet files.
    Parquet(Listing),
}

impl TableVersion {
    /// Reads the metadata at `location` and checks it.
    pub(crate) async fn iceberg(
        schema: &DatasetSchema,
        location: &str,
        files: &FileIO,
    ) -> Result<Self, LakeError> {
        let dataset = schema.name();
        let failed = |source| LakeError::Metadata {
            dataset: dataset.to_string(),
            location: location.to_owned(),
            source: Box::new(source),
        };
        let ident =
            TableIdent::from_strs([dataset.namespace(), dataset.table()]).map_err(failed)?;
        let table = StaticTable::from_metadata_file(location, ident, files.clone())
            .await
            .map_err(failed)?
            .into_table();
        let fields = table.metadata().current_schema().as_struct().fields();
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        check_columns(schema, &names, |column| {
            let field = fields.iter().find(|field| field.name == column);
            field.map(|field| {
                (
                    types::of_iceberg(&field.field_type),
                    field.field_type.to_string(),
                )
            })
        })?;
        refuse_deletion_vectors(&table).await?;
        Ok(Self::Iceberg(Box::new(table)))
    }

    /// Takes a listing whose first file fits the dataset.
    pub(crate) fn parquet(schema: &DatasetSchema, listing: Listing) -> Result<Self, LakeError> {
        let stored = listing.schema()?;
        let names: Vec<&str> = stored
            .fields()
            .iter()
            .map(|field| field.name().as_str())
            .collect();
        check_columns(schema, &names, |column| {
            let field = stored.field_with_name(column).ok()?;
            Some((
                types::of_arrow(field.data_type()),
                field.data_type().to_string(),
            ))
        })?;
        Ok(Self::Parquet(listing))
    }

    /// The snapshot new views read, if the table has any rows to speak of.
    pub(crate) fn current(&self) -> Option<Snapshot> {
        match self {
            Self::Parquet(listing) => Some(listing.snapshot.clone()),
            Self::Iceberg(table) => {
                let snapshot = table.metadata().current_snapshot()?;
                let id = SnapshotId::parse(snapshot.snapshot_id().to_string())?;
                Some(Snapshot {
                    id,
                    committed_at: snapshot.timestamp().ok()?,
                    unreadable: BTreeSet::new(),
                })
            }
        }
    }

    /// Whether this state can be read at snapshot `id`.
    pub(crate) fn knows(&self, id: &SnapshotId) -> bool {
        match self {
            Self::Parquet(listing) => listing.snapshot.id == *id,
            Self::Iceberg(table) => {
                snapshot_number(id).is_some_and(|id| table.metadata().snapshot_by_id(id).is_some())
            }
        }
    }

    /// Whether `other` describes the same state, so that reading it again gains nothing.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Iceberg(a), Self::Iceberg(b)) => a.metadata_location() == b.metadata_location(),
            (Self::Parquet(a), Self::Parquet(b)) => a.snapshot == b.snapshot,
            _ => false,
        }
    }
}

/// An Iceberg snapshot id as the number it is.
pub(crate) fn snapshot_number(id: &SnapshotId) -> Option<i64> {
    id.as_str().parse().ok()
}

/// Holds a table to the columns its dataset declares. `stored` gives the type of a stored column,
/// as a dataset type where there is one, and in the table's own spelling.
fn check_columns(
    schema: &DatasetSchema,
    names: &[&str],
    stored: impl Fn(&str) -> Option<(Option<ValueType>, String)>,
) -> Result<(), LakeError> {
    let dataset = || schema.name().clone();
    for (column, declared) in schema.columns() {
        let (kind, spelled) = stored(column.as_str()).ok_or_else(|| {
            let nearest = super::nearest(column.as_str(), names.iter().copied());
            LakeError::NoColumn {
                dataset: dataset(),
                column: column.clone(),
                nearest,
            }
        })?;
        if !kind.is_some_and(|kind| types::readable(declared, kind)) {
            return Err(LakeError::ColumnType {
                dataset: dataset(),
                column: column.clone(),
                expected: declared,
                found: kind.map_or(spelled, |kind| kind.to_string()),
            });
        }
    }
    Ok(())
}

/// Format v3 replaces position delete files by deletion vectors, which the reader does not apply.
/// Rows that were deleted would come back: such a table is refused as a whole.
async fn refuse_deletion_vectors(table: &Table) -> Result<(), LakeError> {
    if !deletion_vectors(table).await? {
        return Ok(());
    }
    Err(LakeError::Unsupported {
        table: table.identifier().to_string(),
        feature: "it is a format v3 table with deletion vectors; rewrite it without them \
                  (compaction), or keep it at format v2"
            .to_owned(),
    })
}

/// Whether the current snapshot has deletion vectors that are in force.
pub(super) async fn deletion_vectors(table: &Table) -> Result<bool, LakeError> {
    let metadata = table.metadata();
    let Some(snapshot) = metadata.current_snapshot() else {
        return Ok(false);
    };
    if metadata.format_version() < FormatVersion::V3 {
        return Ok(false);
    }
    let plan = |source| LakeError::Plan {
        table: table.identifier().to_string(),
        source: Box::new(source),
    };
    let manifests = table
        .manifest_list_reader(snapshot)
        .load()
        .await
        .map_err(plan)?;
    let deletes = manifests.entries().iter();
    for manifest in deletes.filter(|manifest| manifest.content == ManifestContentType::Deletes) {
        let entries = manifest
            .load_manifest(table.file_io())
            .await
            .map_err(plan)?;
        let mut alive = entries.entries().iter().filter(|entry| entry.is_alive());
        if alive.any(|entry| entry.data_file().file_format() == DataFileFormat::Puffin) {
            return Ok(true);
        }
    }
    Ok(false)
}
