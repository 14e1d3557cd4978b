//! What the manifests of one snapshot say about its data files, as far as it tells what a statement
//! will read. Read once per snapshot; estimates then ask nobody.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt as _, TryStreamExt as _};
use iceberg::spec::{
    DataContentType, DataFile, DataFileFormat, Datum, Literal, Manifest, ManifestFile,
    ManifestList, PartitionSpec, PrimitiveType, Snapshot, TableMetadata, Transform, Type,
};
use weir_policy::{ColumnName, DatasetSchema, Predicate, Value};

use super::LakeError;
use super::bounds::{Span, Spans, may_hold, value};
use super::objects::Objects;

/// A list of manifests, and a manifest: far more than tables have that are written with care.
const MOST_BYTES: u64 = 64 << 20;

/// Of tables with more files only their whole size is known.
const MOST_FILES: u64 = 20_000;

/// How many manifests are read at the same time.
const AT_ONCE: usize = 4;

/// The data files of a snapshot.
#[derive(Debug)]
pub(crate) enum DataFiles {
    /// Each by itself.
    Listed(Vec<FileFacts>),
    /// All together, out of the snapshot's summary.
    Summed {
        /// How many.
        files: u64,
        /// Their sizes.
        bytes: u64,
    },
}

/// A data file, or a file of deletes.
#[derive(Debug)]
pub(crate) struct FileFacts {
    holds_rows: bool,
    size: u64,
    /// Bytes of columns, as far as they are known.
    columns: BTreeMap<ColumnName, u64>,
    /// Bytes of which it is not known whose they are.
    unknown: u64,
    spans: Spans,
}

/// Files that have to be opened, and bytes of them that have to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reads {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

/// The columns of a dataset by their ids in the table.
struct Columns(BTreeMap<i32, (ColumnName, PrimitiveType)>);

impl DataFiles {
    /// Reads the manifests of `snapshot`.
    pub(crate) async fn load(
        objects: &Objects,
        declared: &DatasetSchema,
        metadata: &TableMetadata,
        snapshot: &Snapshot,
    ) -> Result<Self, LakeError> {
        let failed = |source| LakeError::Plan {
            table: declared.name().to_string(),
            source: Box::new(source),
        };
        let list = objects.get(snapshot.manifest_list(), MOST_BYTES).await?;
        let list = ManifestList::parse_with_version(&list, metadata.format_version());
        let list = list.map_err(failed)?;
        let files: u64 = list.entries().iter().map(alive).sum();
        if files > MOST_FILES {
            return Self::summed(declared, snapshot);
        }
        let schema = snapshot.schema(metadata).map_err(failed)?;
        let fields = schema.as_struct().fields().iter();
        let columns = fields.filter_map(|field| match field.field_type.as_ref() {
            Type::Primitive(kind) => {
                let name = ColumnName::parse(field.name.as_str()).ok()?;
                let known = declared.column(&name).is_some();
                known.then(|| (field.id, (name, kind.clone())))
            }
            _ => None,
        });
        let columns = Columns(columns.collect());
        let manifests = list.entries().iter().map(|manifest| async {
            let bytes = objects.get(&manifest.manifest_path, MOST_BYTES).await?;
            let parsed = tokio::task::spawn_blocking(move || Manifest::parse_avro(&bytes));
            let manifest = parsed.await.map_err(LakeError::Interrupted)?;
            Ok::<_, LakeError>(columns.facts(&manifest.map_err(failed)?))
        });
        let manifests: Vec<_> = manifests.collect();
        let facts: Vec<Vec<FileFacts>> = futures::stream::iter(manifests)
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(Self::Listed(facts.into_iter().flatten().collect()))
    }

    fn summed(declared: &DatasetSchema, snapshot: &Snapshot) -> Result<Self, LakeError> {
        let told = |name: &str| {
            let told = snapshot.summary().additional_properties.get(name);
            told.and_then(|number| number.parse().ok())
                .ok_or_else(|| LakeError::NoEstimate {
                    dataset: declared.name().clone(),
                })
        };
        Ok(Self::Summed {
            files: told("total-data-files")?,
            bytes: told("total-files-size")?,
        })
    }

    /// What reading `columns` of the rows takes of which `wanted` may be true. Where it is not
    /// known, more than it will.
    pub(crate) fn reads(&self, columns: &BTreeSet<ColumnName>, wanted: &Predicate) -> Reads {
        let files = match self {
            Self::Summed { files, bytes } => {
                let (files, bytes) = (*files, *bytes);
                return Reads { files, bytes };
            }
            Self::Listed(files) => files,
        };
        let needed = files.iter().filter(|file| may_hold(wanted, &file.spans));
        needed.fold(Reads::default(), |sum, file| Reads {
            files: sum.files + u64::from(file.holds_rows),
            bytes: sum.bytes.saturating_add(file.bytes(columns)),
        })
    }
}

/// How many files a manifest brings in, by what the list says of it.
fn alive(manifest: &ManifestFile) -> u64 {
    let counts = [manifest.added_files_count, manifest.existing_files_count];
    counts.into_iter().flatten().map(u64::from).sum()
}

impl FileFacts {
    fn bytes(&self, wanted: &BTreeSet<ColumnName>) -> u64 {
        if !self.holds_rows {
            return self.size;
        }
        let known = wanted.iter().filter_map(|column| self.columns.get(column));
        let all_known = wanted
            .iter()
            .all(|column| self.columns.contains_key(column));
        let rest = if all_known { 0 } else { self.unknown };
        known.sum::<u64>().saturating_add(rest).min(self.size)
    }
}

impl Columns {
    fn facts(&self, manifest: &Manifest) -> Vec<FileFacts> {
        let spec = manifest.metadata().partition_spec();
        let entries = manifest.entries().iter().filter(|entry| entry.is_alive());
        entries
            .map(|entry| self.file(entry.data_file(), spec))
            .collect()
    }

    fn file(&self, file: &DataFile, spec: &PartitionSpec) -> FileFacts {
        let sizes = file.column_sizes();
        let of_column = |(id, (name, _)): (&i32, &(ColumnName, PrimitiveType))| {
            Some((name.clone(), *sizes.get(id)?))
        };
        let size = match (file.file_format(), file.content_size_in_bytes()) {
            // One Puffin file holds the deletes of many data files.
            (DataFileFormat::Puffin, Some(part)) => u64::try_from(part).unwrap_or_default(),
            _ => file.file_size_in_bytes(),
        };
        FileFacts {
            holds_rows: file.content_type() == DataContentType::Data,
            unknown: size.saturating_sub(sizes.values().sum()),
            columns: self.0.iter().filter_map(of_column).collect(),
            spans: self.spans(file, spec),
            size,
        }
    }

    /// By the values that a partition is for, and by column statistics. Those of a file of deletes
    /// are about the deletes.
    fn spans(&self, file: &DataFile, spec: &PartitionSpec) -> Spans {
        let mut spans = Spans::new();
        if file.content_type() == DataContentType::Data {
            let (lower, upper) = (file.lower_bounds(), file.upper_bounds());
            spans.extend(self.0.iter().map(|(id, (name, _))| {
                let span = Span {
                    from: lower.get(id).and_then(|bound| of_datum(bound, false)),
                    to: upper.get(id).and_then(|bound| of_datum(bound, true)),
                };
                (name.clone(), span)
            }));
        }
        let partition = file.partition().iter();
        for (field, stored) in spec.fields().iter().zip(partition) {
            if field.transform == Transform::Identity
                && let Some(Literal::Primitive(literal)) = stored
                && let Some((name, kind)) = self.0.get(&field.source_id)
            {
                let span = Span {
                    from: value(literal, kind, false),
                    to: value(literal, kind, true),
                };
                spans.insert(name.clone(), span);
            }
        }
        spans
    }
}

fn of_datum(datum: &Datum, upper: bool) -> Option<Value> {
    value(datum.literal(), datum.data_type(), upper)
}

#[cfg(test)]
mod tests;
