//! Hand-made Iceberg tables with deletes, which no writer at hand produces.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests"
)]

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema as ArrowSchema};
use iceberg::io::FileIO;
use iceberg::spec::{
    DataContentType, DataFile, DataFileBuilder, DataFileFormat, FormatVersion, ManifestFile,
    ManifestListWriter, ManifestWriterBuilder, NestedField, Operation, PartitionSpec,
    PrimitiveType, Schema, SchemaRef, Snapshot, SortOrder, Struct, Summary, TableMetadataBuilder,
    Type, UnboundPartitionSpec,
};
use parquet::arrow::{ArrowWriter, PARQUET_FIELD_ID_META_KEY};
use weir_engine::lake::inspect::{inspect, to_dataset_yaml};
use weir_engine::{
    Deadline, EmbeddedEngine, LakeConfig, LakeError, MaskKey, QueryContext, QueryEngine,
};
use weir_policy::{PolicySet, Revision, Subject, document, resolve};
use weir_query::dashboard::Dashboard;
use weir_query::{Catalog, Cell, Dataset, Dialect, compile};

const SNAPSHOT: i64 = 4_711;

/// Ids that the Iceberg specification reserves for the columns of position deletes.
const FILE_PATH: i32 = 2_147_483_546;
const POSITION: i32 = 2_147_483_545;

#[tokio::test]
async fn position_deletes_of_format_v2_are_applied() {
    let dir = tempfile::tempdir().unwrap();
    let table = Table::new(dir.path(), FormatVersion::V2);
    let deletes = table.position_deletes(&[1, 2]);
    table.commit(deletes).await;

    assert_eq!(table.count().await, 3, "two of five rows are deleted");
}

#[tokio::test]
async fn a_format_v3_table_without_deletes_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let table = Table::new(dir.path(), FormatVersion::V3);
    table.commit(Vec::new()).await;

    assert_eq!(table.count().await, 5);
}

#[tokio::test]
async fn deletion_vectors_of_format_v3_are_refused_with_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let table = Table::new(dir.path(), FormatVersion::V3);
    table.commit(table.deletion_vector()).await;

    let report = inspect(&table.metadata).await.unwrap();
    let refused = table
        .open()
        .await
        .expect_err("deleted rows must not come back");

    assert!(
        report.tables[0]
            .refusal
            .as_ref()
            .unwrap()
            .contains("deletion vectors")
    );
    assert!(matches!(refused, LakeError::Unsupported { .. }));
    assert!(
        refused
            .to_string()
            .contains("format v3 table with deletion vectors"),
        "{refused}"
    );
}

/// One data file of five rows, and whatever deletes a test adds.
struct Table<'a> {
    dir: &'a Path,
    version: FormatVersion,
    schema: SchemaRef,
    data: String,
    metadata: std::path::PathBuf,
}

impl<'a> Table<'a> {
    fn new(dir: &'a Path, version: FormatVersion) -> Self {
        let id = NestedField::required(1, "id", Type::Primitive(PrimitiveType::Long));
        let schema = Schema::builder()
            .with_fields([Arc::new(id)])
            .build()
            .unwrap();
        let data = dir.join("items/data/five.parquet").display().to_string();
        let ids: ArrayRef = Arc::new(Int64Array::from(vec![10, 11, 12, 13, 14]));
        write(&data, &[("id", 1, ids)]);
        let metadata = dir.join("items/metadata/v1.metadata.json");
        Self {
            dir,
            version,
            schema: Arc::new(schema),
            data,
            metadata,
        }
    }

    fn position_deletes(&self, positions: &[i64]) -> Vec<DataFile> {
        let path = self
            .dir
            .join("items/data/deletes.parquet")
            .display()
            .to_string();
        let files: ArrayRef =
            Arc::new(StringArray::from(vec![self.data.as_str(); positions.len()]));
        let positions: ArrayRef = Arc::new(Int64Array::from(positions.to_vec()));
        write(
            &path,
            &[
                ("file_path", FILE_PATH, files),
                ("pos", POSITION, positions),
            ],
        );
        let size = fs::metadata(&path).unwrap().len();
        vec![file(
            path,
            DataContentType::PositionDeletes,
            DataFileFormat::Parquet,
            size,
        )]
    }

    fn deletion_vector(&self) -> Vec<DataFile> {
        let path = self
            .dir
            .join("items/data/deletes.puffin")
            .display()
            .to_string();
        vec![file(
            path,
            DataContentType::PositionDeletes,
            DataFileFormat::Puffin,
            40,
        )]
    }

    async fn commit(&self, deletes: Vec<DataFile>) {
        let size = fs::metadata(&self.data).unwrap().len();
        let data = file(
            self.data.clone(),
            DataContentType::Data,
            DataFileFormat::Parquet,
            size,
        );
        let mut manifests = vec![self.manifest("data", vec![data]).await];
        if !deletes.is_empty() {
            manifests.push(self.manifest("deletes", deletes).await);
        }
        let list = self
            .dir
            .join("items/metadata/list.avro")
            .display()
            .to_string();
        let output = FileIO::new_with_fs()
            .new_output(&list)
            .unwrap()
            .writer()
            .await
            .unwrap();
        let mut writer = match self.version {
            FormatVersion::V3 => ManifestListWriter::v3(output, SNAPSHOT, None, 1, Some(0)),
            _ => ManifestListWriter::v2(output, SNAPSHOT, None, 1),
        };
        writer.add_manifests(manifests.into_iter()).unwrap();
        writer.close().await.unwrap();
        self.write_metadata(list);
    }

    async fn manifest(&self, name: &str, files: Vec<DataFile>) -> ManifestFile {
        let path = self
            .dir
            .join(format!("items/metadata/{name}.avro"))
            .display()
            .to_string();
        let output = FileIO::new_with_fs().new_output(path).unwrap();
        let spec = PartitionSpec::unpartition_spec();
        let builder =
            ManifestWriterBuilder::new(output, Some(SNAPSHOT), Arc::clone(&self.schema), spec);
        let mut writer = match (self.version, name) {
            (FormatVersion::V3, "data") => builder.build_v3_data(),
            (FormatVersion::V3, _) => builder.build_v3_deletes(),
            (_, "data") => builder.build_v2_data(),
            _ => builder.build_v2_deletes(),
        };
        for file in files {
            writer.add_file(file, 1).unwrap();
        }
        writer.write_manifest_file().await.unwrap()
    }

    fn write_metadata(&self, list: String) {
        let snapshot = Snapshot::builder()
            .with_snapshot_id(SNAPSHOT)
            .with_sequence_number(1)
            .with_timestamp_ms(1_800_000_000_000)
            .with_manifest_list(list)
            .with_summary(Summary {
                operation: Operation::Append,
                additional_properties: HashMap::new(),
            })
            .with_schema_id(0);
        let snapshot = match self.version {
            FormatVersion::V3 => snapshot.with_row_range(0, 5).build(),
            _ => snapshot.build(),
        };
        let metadata = TableMetadataBuilder::new(
            self.schema.as_ref().clone(),
            UnboundPartitionSpec::default(),
            SortOrder::unsorted_order(),
            self.dir.join("items").display().to_string(),
            self.version,
            HashMap::new(),
        )
        .unwrap()
        .set_branch_snapshot(snapshot, "main")
        .unwrap()
        .build()
        .unwrap();
        fs::write(
            &self.metadata,
            serde_json::to_string(&metadata.metadata).unwrap(),
        )
        .unwrap();
    }

    async fn open(&self) -> Result<(EmbeddedEngine, Catalog), LakeError> {
        let report = inspect(&self.metadata).await?;
        let yaml = to_dataset_yaml(&report.tables[0]);
        let dataset = Dataset::from_yaml("items.dataset.yaml", &yaml).unwrap();
        let catalog = Catalog::build([dataset]).unwrap();
        let lake = LakeConfig {
            dir: self.dir.to_owned(),
        };
        let engine = EmbeddedEngine::open(&lake, &catalog, MaskKey::new([1; 32])).await?;
        Ok((engine, catalog))
    }

    /// The number of rows a viewer who may see all of them is told.
    async fn count(&self) -> i64 {
        let (engine, catalog) = self.open().await.unwrap();
        let dataset = catalog.datasets().next().unwrap();
        let policy = "dataset: gold.items\nrules: [{ id: all, permit: all }]";
        let policy = document::policy_from_yaml("p", policy, dataset.schema()).unwrap();
        let policies = PolicySet::build(Revision::new(1), vec![policy]).unwrap();
        let grant = resolve(&policies, &Subject::new("test", "test"), dataset.schema()).unwrap();
        let tile = "
            dashboard: items
            title: { en: Items, fr: Objets }
            subtitle: { en: Items, fr: Objets }
            tiles:
              - { id: count, title: { en: Count, fr: Nombre }, dataset: gold.items,
                  chart: kpi, width: 3, measures: [row_count] }";
        let dashboard = Dashboard::from_yaml("d", tile, &catalog).unwrap();
        let bound = dashboard
            .bind(&BTreeMap::default(), &[], chrono::NaiveDate::MIN)
            .unwrap();
        let question = dashboard.tiles()[0].question(&bound);
        let snapshots = engine.tables().await.unwrap().snapshots;
        let snapshot = snapshots.get(dataset.name()).unwrap();
        let query = question.under(&Arc::new(grant)).unwrap();
        let statement = compile(&query, Dialect::DataFusion, snapshot);
        let soon = QueryContext::unbooked(Deadline::after(Duration::from_mins(1)));
        let answer = engine.run(&statement, soon).await.unwrap();
        match answer.rows.rows()[0][0] {
            Cell::Integer(count) => count,
            ref other => panic!("not a count: {other:?}"),
        }
    }
}

fn file(path: String, content: DataContentType, format: DataFileFormat, size: u64) -> DataFile {
    DataFileBuilder::default()
        .content(content)
        .file_path(path)
        .file_format(format)
        .file_size_in_bytes(size)
        .record_count(if content == DataContentType::Data {
            5
        } else {
            2
        })
        .partition(Struct::empty())
        .partition_spec_id(0)
        .build()
        .unwrap()
}

fn write(path: &str, columns: &[(&str, i32, ArrayRef)]) {
    let field = |(name, id, array): &(&str, i32, ArrayRef)| {
        let id = HashMap::from([(PARQUET_FIELD_ID_META_KEY.to_owned(), id.to_string())]);
        Field::new(*name, DataType::clone(array.data_type()), false).with_metadata(id)
    };
    let schema = Arc::new(ArrowSchema::new(
        columns.iter().map(field).collect::<Vec<_>>(),
    ));
    let arrays = columns
        .iter()
        .map(|(_, _, array)| Arc::clone(array))
        .collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays).unwrap();
    fs::create_dir_all(Path::new(path).parent().unwrap()).unwrap();
    fs::create_dir_all(Path::new(path).parent().unwrap().with_file_name("metadata")).unwrap();
    let mut writer = ArrowWriter::try_new(fs::File::create(path).unwrap(), schema, None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}
