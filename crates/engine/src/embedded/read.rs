//! From a pinned table to record batches: which files, split how, read by what.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use bytes::Bytes;
use datafusion::error::DataFusionError;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt, TryStreamExt};
use iceberg::expr::Predicate as Pruning;
use iceberg::metadata_columns::RESERVED_COL_NAME_FILE;
use iceberg::scan::{FileScanTask, ScanMetrics};
use iceberg::spec::DataFileFormat;
use iceberg::table::Table;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::{AsyncFileReader, ParquetRecordBatchStreamBuilder};
use parquet::file::metadata::ParquetMetaData;
use weir_policy::{ColumnName, ValueType};

use crate::lake::{LakeError, ParquetFile, types};

pub(super) type Batches = BoxStream<'static, Result<RecordBatch, DataFusionError>>;

/// Gold files are small: reading this much of the end of one finds the footer at once.
const FOOTER_GUESS: usize = 16 * 1024;

/// Column chunks closer than this are read together.
const GAP: u64 = 4 * 1024;

/// What a run has read so far.
#[derive(Debug, Default)]
pub(super) struct Meter {
    files: AtomicU64,
    bytes: AtomicU64,
    scans: Mutex<Vec<ScanMetrics>>,
}

impl Meter {
    pub(super) fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    pub(super) fn bytes(&self) -> u64 {
        let scans = self.scans.lock().unwrap_or_else(PoisonError::into_inner);
        let of_scans: u64 = scans.iter().map(ScanMetrics::bytes_read).sum();
        of_scans + self.bytes.load(Ordering::Relaxed)
    }

    fn watch(&self, scan: ScanMetrics) {
        self.scans
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(scan);
    }

    fn opened(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }
}

/// One file to be read.
#[derive(Debug, Clone)]
pub(super) enum Task {
    /// A data file of an Iceberg table, with its deletes.
    Iceberg(Box<FileScanTask>),
    /// A file of a plain folder.
    Parquet(ParquetFile),
}

impl Task {
    fn size(&self) -> u64 {
        match self {
            Self::Iceberg(task) => task.length,
            Self::Parquet(file) => file.size,
        }
    }
}

/// The files of an Iceberg table at one snapshot that may hold rows wanted.
pub(super) async fn plan(
    table: &Table,
    snapshot: i64,
    columns: &[String],
    pruning: Option<Pruning>,
) -> Result<Vec<Task>, LakeError> {
    let failed = |source| LakeError::Plan {
        table: table.identifier().to_string(),
        source: Box::new(source),
    };
    let mut scan = table
        .scan()
        .snapshot_id(snapshot)
        .select(told_apart(columns));
    if let Some(pruning) = pruning {
        scan = scan.with_filter(pruning);
    }
    let files = scan
        .build()
        .map_err(failed)?
        .plan_files()
        .await
        .map_err(failed)?;
    let files: Vec<FileScanTask> = files.try_collect().await.map_err(failed)?;
    files.into_iter().map(|file| checked(table, file)).collect()
}

/// The columns to select, with the constant `_file` beside them.
///
/// Iceberg's reader compares a file's columns with the selected ones by position and type. Where
/// both agree it takes every difference for a renaming, and hands out one column's values under
/// another's name. A column that no file has makes it look every column up by its field id.
fn told_apart(columns: &[String]) -> impl Iterator<Item = &str> {
    let columns = columns.iter().map(String::as_str);
    columns.chain([RESERVED_COL_NAME_FILE])
}

fn checked(table: &Table, mut file: FileScanTask) -> Result<Task, LakeError> {
    let unsupported = |feature: &str| LakeError::Unsupported {
        table: table.identifier().to_string(),
        feature: feature.to_owned(),
    };
    if file.data_file_format != DataFileFormat::Parquet {
        return Err(unsupported("a data file is not Parquet"));
    }
    if file
        .deletes
        .iter()
        .any(|delete| !delete.file_path.ends_with(".parquet"))
    {
        return Err(unsupported(
            "it has deletion vectors, or deletes that are not Parquet",
        ));
    }
    // The statistics of a file this small were looked at when it was planned. Left in place, the
    // predicate would be evaluated a third time, row by row, only to repeat the gate's work.
    if file.file_size_in_bytes < 32 * 1024 * 1024 {
        file.predicate = None;
    }
    Ok(Task::Iceberg(Box::new(file)))
}

/// Splits tasks into at most `groups` groups of about the same number of bytes.
pub(super) fn split(mut tasks: Vec<Task>, groups: usize) -> Vec<Vec<Task>> {
    let groups = groups.clamp(1, tasks.len().max(1));
    let mut split: Vec<(u64, Vec<Task>)> = vec![(0, Vec::new()); groups];
    // Largest first, always to the lightest group.
    tasks.sort_by_key(|task| std::cmp::Reverse(task.size()));
    for task in tasks {
        if let Some((weight, group)) = split.iter_mut().min_by_key(|(weight, _)| *weight) {
            *weight += task.size().max(1);
            group.push(task);
        }
    }
    split.into_iter().map(|(_, group)| group).collect()
}

/// Reads files and brings their columns into canonical types.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    /// The Iceberg table, where there is one.
    pub(super) table: Option<Arc<Table>>,
    /// What to read, by name.
    pub(super) columns: Arc<BTreeMap<ColumnName, ValueType>>,
    pub(super) meter: Arc<Meter>,
    pub(super) batch_size: usize,
}

impl Reader {
    /// The schema of the batches that come out.
    pub(super) fn schema(&self) -> SchemaRef {
        let fields = self.columns.iter().map(|(name, kind)| field(name, *kind));
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// The rows of `tasks`, in canonical types.
    pub(super) fn read(&self, tasks: Vec<Task>) -> Result<Batches, DataFusionError> {
        let mut iceberg = Vec::new();
        let mut plain = Vec::new();
        for task in tasks {
            match task {
                Task::Iceberg(task) => iceberg.push(*task),
                Task::Parquet(file) => plain.push(file),
            }
        }
        let stored = match &self.table {
            Some(table) => self.read_iceberg(table, iceberg)?,
            None => self.read_plain(plain),
        };
        let reader = self.clone();
        let schema = self.schema();
        Ok(stored
            .map(move |batch| Ok(reader.canonical(&batch?, &schema)?))
            .boxed())
    }

    fn read_iceberg(
        &self,
        table: &Table,
        tasks: Vec<FileScanTask>,
    ) -> Result<Batches, DataFusionError> {
        let meter = Arc::clone(&self.meter);
        let opened = futures::stream::iter(tasks).map(move |task| {
            meter.opened();
            Ok(task)
        });
        let scan = table
            .reader_builder()
            .with_batch_size(self.batch_size)
            .with_data_file_concurrency_limit(1)
            .with_metadata_size_hint(FOOTER_GUESS)
            .with_range_coalesce_bytes(GAP)
            .build()
            .read(opened.boxed())
            .map_err(external)?;
        self.meter.watch(scan.metrics().clone());
        Ok(scan.stream().map_err(external).boxed())
    }

    fn read_plain(&self, files: Vec<ParquetFile>) -> Batches {
        let reader = self.clone();
        futures::stream::iter(files)
            .then(move |file| open(reader.clone(), file))
            .try_flatten()
            .boxed()
    }

    fn canonical(
        &self,
        batch: &RecordBatch,
        schema: &SchemaRef,
    ) -> Result<RecordBatch, ArrowError> {
        let column = |(name, kind): (&ColumnName, &ValueType)| -> Result<ArrayRef, ArrowError> {
            let stored = batch
                .column_by_name(name.as_str())
                .ok_or_else(|| ArrowError::SchemaError(format!("a file has no column {name}")))?;
            types::to_canonical(stored, *kind)
        };
        let columns = self
            .columns
            .iter()
            .map(column)
            .collect::<Result<Vec<_>, _>>()?;
        RecordBatch::try_new(Arc::clone(schema), columns)
    }
}

/// A column as the engine computes it. Whether a file promises to hold no NULL is of no interest.
pub(super) fn field(name: &ColumnName, kind: ValueType) -> Field {
    Field::new(name.as_str(), types::canonical(kind), true)
}

async fn open(reader: Reader, file: ParquetFile) -> Result<Batches, DataFusionError> {
    reader.meter.opened();
    let opened = tokio::fs::File::open(&file.path).await?;
    let counted = Counted {
        inner: opened,
        meter: Arc::clone(&reader.meter),
    };
    let builder = ParquetRecordBatchStreamBuilder::new(counted)
        .await
        .map_err(external)?;
    let wanted = reader.columns.keys().map(ColumnName::as_str);
    let mask = ProjectionMask::columns(builder.parquet_schema(), wanted);
    let batches = builder
        .with_projection(mask)
        .with_batch_size(reader.batch_size)
        .build()
        .map_err(external)?;
    Ok(batches.map_err(external).boxed())
}

/// A file that counts what is read from it.
struct Counted {
    inner: tokio::fs::File,
    meter: Arc<Meter>,
}

impl AsyncFileReader for Counted {
    fn get_bytes(
        &mut self,
        range: Range<u64>,
    ) -> BoxFuture<'_, Result<Bytes, parquet::errors::ParquetError>> {
        self.meter
            .bytes
            .fetch_add(range.end.saturating_sub(range.start), Ordering::Relaxed);
        self.inner.get_bytes(range).boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, Result<Arc<ParquetMetaData>, parquet::errors::ParquetError>> {
        self.inner.get_metadata(options).boxed()
    }
}

pub(super) fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
