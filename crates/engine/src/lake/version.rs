//! One state of a table's metadata, compared with its dataset and kept while views use it.

use std::collections::BTreeSet;

use iceberg::TableIdent;
use iceberg::io::FileIO;
use iceberg::spec::{DataFileFormat, FormatVersion, ManifestContentType, Schema, TableMetadata};
use iceberg::table::{StaticTable, Table};
use weir_policy::{ColumnName, DatasetSchema};
use weir_query::{Snapshot, SnapshotId};

use super::parquet_folder::Listing;
use super::{LakeError, types};
use crate::drift::{self, Drift, StoredColumn};

/// One state of a table, and where it is not what its dataset declares.
#[derive(Debug)]
pub(crate) struct TableVersion {
    stored: Stored,
    drift: Vec<Drift>,
}

/// What a dataset is read from.
#[derive(Debug)]
pub(crate) enum Stored {
    /// An Iceberg table as one metadata file describes it; it knows all its snapshots.
    Iceberg(Box<Table>),
    /// A listing of Parquet files.
    Parquet(Listing),
}

impl TableVersion {
    /// Reads the metadata at `location` and compares it with the declaration.
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
        refuse_deletion_vectors(&table).await?;
        Ok(Self {
            drift: of_metadata(schema, table.metadata()),
            stored: Stored::Iceberg(Box::new(table)),
        })
    }

    /// Takes a listing, and its first file for all of them.
    pub(crate) fn parquet(schema: &DatasetSchema, listing: Listing) -> Result<Self, LakeError> {
        let fields = listing.schema()?;
        let fields = fields.fields().iter().map(|field| StoredColumn {
            name: field.name().clone(),
            kind: types::of_arrow(field.data_type()),
            spelled: field.data_type().to_string(),
        });
        Ok(Self {
            drift: drift::compare(schema, &fields.collect::<Vec<_>>()),
            stored: Stored::Parquet(listing),
        })
    }

    /// What is read.
    pub(crate) fn stored(&self) -> &Stored {
        &self.stored
    }

    /// Where the table is not what its dataset declares.
    pub(crate) fn drift(&self) -> &[Drift] {
        &self.drift
    }

    /// The snapshot new views read, if the table has any rows to speak of.
    pub(crate) fn current(&self) -> Option<Snapshot> {
        let unreadable = drift::unreadable(&self.drift);
        match &self.stored {
            Stored::Parquet(listing) => Some(Snapshot {
                unreadable,
                ..listing.snapshot.clone()
            }),
            Stored::Iceberg(table) => current(table.metadata(), unreadable),
        }
    }

    /// Whether this state can be read at snapshot `id`.
    pub(crate) fn knows(&self, id: &SnapshotId) -> bool {
        match &self.stored {
            Stored::Parquet(listing) => listing.snapshot.id == *id,
            Stored::Iceberg(table) => {
                snapshot_number(id).is_some_and(|id| table.metadata().snapshot_by_id(id).is_some())
            }
        }
    }

    /// Whether `other` describes the same state, so that reading it again gains nothing.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        match (&self.stored, &other.stored) {
            (Stored::Iceberg(a), Stored::Iceberg(b)) => {
                a.metadata_location() == b.metadata_location()
            }
            (Stored::Parquet(a), Stored::Parquet(b)) => a.snapshot == b.snapshot,
            _ => false,
        }
    }
}

/// The snapshot that new views read, where there is one.
pub(crate) fn current(
    metadata: &TableMetadata,
    unreadable: BTreeSet<ColumnName>,
) -> Option<Snapshot> {
    let snapshot = metadata.current_snapshot()?;
    Some(Snapshot {
        id: SnapshotId::parse(snapshot.snapshot_id().to_string())?,
        committed_at: snapshot.timestamp().ok()?,
        unreadable,
    })
}

/// Where a table is not what its dataset declares. A snapshot is read by the schema it was written
/// with; what the table was made to forget since is not read either.
pub(crate) fn of_metadata(declared: &DatasetSchema, metadata: &TableMetadata) -> Vec<Drift> {
    let mut drift = drift::compare(declared, &columns(metadata.current_schema()));
    let written = metadata.current_snapshot().map(|one| one.schema(metadata));
    if let Some(Ok(written)) = written {
        let more = drift::compare(declared, &columns(&written)).into_iter();
        let known = drift::unreadable(&drift);
        drift.extend(more.filter(|one| {
            one.unreadable()
                .is_some_and(|column| !known.contains(&column))
        }));
    }
    drift
}

fn columns(schema: &Schema) -> Vec<StoredColumn> {
    let fields = schema.as_struct().fields().iter();
    let stored = fields.map(|field| StoredColumn {
        name: field.name.clone(),
        kind: types::of_iceberg(&field.field_type),
        spelled: field.field_type.to_string(),
    });
    stored.collect()
}

/// An Iceberg snapshot id as the number it is.
pub(crate) fn snapshot_number(id: &SnapshotId) -> Option<i64> {
    id.as_str().parse().ok()
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
