//! Writing a sample table: Parquet files first, then one commit per snapshot.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Schema as ArrowSchema};
use futures::{StreamExt, TryStreamExt};
use iceberg::arrow::schema_to_arrow_schema;
use iceberg::io::LocalFsStorageFactory;
use iceberg::spec::{DataFile, SchemaRef};
use iceberg::table::Table;
use iceberg::transaction::{ApplyTransactionAction, Transaction};
use iceberg::writer::file_writer::{FileWriter, FileWriterBuilder, ParquetWriterBuilder};
use iceberg::{Catalog, CatalogBuilder, NamespaceIdent, TableCreation};
use iceberg_catalog_sql::{SqlBindStyle, SqlCatalog, SqlCatalogBuilder};
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use super::slots::{self, FilePlan};
use super::tables::{GoldTable, partition_value};
use super::{SeedError, SeedPlan};

/// The name of the catalog, and of its `SQLite` file and warehouse folder.
const CATALOG: &str = "weir";
const NAMESPACE: &str = "gold";
const SNAPSHOTS: usize = 3;

/// Opens (creates) the catalog of the lake in `dir`, with its namespace.
pub(super) async fn catalog(dir: &Path) -> Result<SqlCatalog, SeedError> {
    let catalog = SqlCatalogBuilder::default()
        .uri(format!(
            "sqlite://{}?mode=rwc",
            dir.join("catalog.db").display()
        ))
        .warehouse_location(dir.join("warehouse").display().to_string())
        .sql_bind_style(SqlBindStyle::QMark)
        .prop("pool.max-connections", "1")
        .with_storage_factory(Arc::new(LocalFsStorageFactory))
        .load(CATALOG, HashMap::new())
        .await?;
    catalog
        .create_namespace(&NamespaceIdent::new(NAMESPACE.into()), HashMap::new())
        .await?;
    Ok(catalog)
}

/// Writes one table, all snapshots of it, and calls `wrote` with the rows of each finished file.
pub(super) async fn table(
    catalog: &SqlCatalog,
    gold: GoldTable,
    plan: &SeedPlan,
    wrote: &(dyn Fn(u64) + Sync),
) -> Result<u64, SeedError> {
    let mut table = create(catalog, gold).await?;
    let files = slots::files(gold.slots(plan.rows), gold.partitioning());
    let mut rows = 0;
    for snapshot in 0..SNAPSHOTS {
        let due: Vec<FilePlan> = files
            .iter()
            .filter(|file| file.snapshot == snapshot)
            .cloned()
            .collect();
        rows += due.iter().map(FilePlan::rows).sum::<u64>();
        let written = write_files(&table, gold, plan, due, wrote).await?;
        table = append(catalog, &table, written).await?;
    }
    Ok(rows)
}

async fn create(catalog: &SqlCatalog, gold: GoldTable) -> Result<Table, SeedError> {
    let schema = gold.schema()?;
    let spec = gold.partition_spec(&schema)?;
    let properties = HashMap::from([
        (
            "write.parquet.compression-codec".to_owned(),
            "snappy".to_owned(),
        ),
        ("comment".to_owned(), "Weir sample data".to_owned()),
    ]);
    let creation = TableCreation::builder()
        .name(gold.name().to_owned())
        .schema(schema)
        .partition_spec(spec)
        .properties(properties)
        .build();
    Ok(catalog
        .create_table(&NamespaceIdent::new(NAMESPACE.into()), creation)
        .await?)
}

/// Writes the files of one snapshot, as many at a time as there are cores.
async fn write_files(
    table: &Table,
    gold: GoldTable,
    plan: &SeedPlan,
    due: Vec<FilePlan>,
    wrote: &(dyn Fn(u64) + Sync),
) -> Result<Vec<DataFile>, SeedError> {
    let schema = table.current_schema_ref();
    let arrow = Arc::new(schema_to_arrow_schema(&schema)?);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let tasks = due.into_iter().map(|file| {
        let rows = file.rows();
        let task = tokio::spawn(write_file(FileTask {
            table: table.clone(),
            schema: Arc::clone(&schema),
            arrow: Arc::clone(&arrow),
            gold,
            seed: plan.seed,
            rows: plan.rows,
            file,
        }));
        async move {
            let data_file = task.await.map_err(SeedError::Interrupted)??;
            wrote(rows);
            Ok(data_file)
        }
    });
    futures::stream::iter(tasks)
        .buffered(cores)
        .try_collect()
        .await
}

struct FileTask {
    table: Table,
    schema: SchemaRef,
    arrow: Arc<ArrowSchema>,
    gold: GoldTable,
    seed: u64,
    rows: u64,
    file: FilePlan,
}

async fn write_file(task: FileTask) -> Result<DataFile, SeedError> {
    let columns = task.gold.fill(task.seed, task.rows, &task.file)?;
    let batch = RecordBatch::try_new(Arc::clone(&task.arrow), columns)?;
    let metadata = task.table.metadata();
    let partition = partition_value(task.file.key);
    let spec = metadata.default_partition_spec();
    let folder = task.gold.partition_folder(task.file.key);
    let name = format!(
        "{}/data/{folder}/{:05}.parquet",
        metadata.location(),
        task.file.snapshot
    );

    let output = task.table.file_io().new_output(name)?;
    let builder = ParquetWriterBuilder::new(properties(&task.arrow), Arc::clone(&task.schema));
    let mut writer = builder.build(output).await?;
    writer.write(&batch).await?;
    let mut data_file = writer
        .close()
        .await?
        .pop()
        .ok_or(SeedError::NothingWritten)?;
    data_file
        .partition(partition)
        .partition_spec_id(spec.spec_id())
        .build()
        .map_err(|_| SeedError::NothingWritten)
}

/// Small footers and plain amounts: these files hold about a thousand rows each, so that page
/// indexes and dictionaries of nearly unique numbers would cost more to read than they save.
fn properties(schema: &ArrowSchema) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_created_by("weir sample lake".to_owned());
    for field in schema.fields() {
        if matches!(field.data_type(), DataType::Decimal128(..)) {
            let column = ColumnPath::from(field.name().as_str());
            properties = properties.set_column_dictionary_enabled(column, false);
        }
    }
    properties.build()
}

async fn append(
    catalog: &SqlCatalog,
    table: &Table,
    files: Vec<DataFile>,
) -> Result<Table, SeedError> {
    let transaction = Transaction::new(table);
    // Names are made here, one per partition and snapshot: nothing to compare with.
    let action = transaction
        .fast_append()
        .with_check_duplicate(false)
        .add_data_files(files);
    Ok(action.apply(transaction)?.commit(catalog).await?)
}
