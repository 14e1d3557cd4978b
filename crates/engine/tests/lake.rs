//! Seeding, inspecting and opening lakes, from outside.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use arrow::array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use std::sync::Arc;
use weir_engine::lake::inspect::{inspect, to_dataset_yaml};
use weir_engine::lake::seed::{SeedError, SeedPlan, SeedReport, seed};
use weir_engine::{
    Deadline, EmbeddedEngine, LakeConfig, LakeError, MaskKey, QueryContext, QueryEngine,
};
use weir_policy::{DatasetName, PolicySet, Revision, Subject, document, resolve};
use weir_query::dashboard::Dashboard;
use weir_query::{Catalog, Cell, Dataset, Dialect, ResultSet, Statement, compile};

const ROWS: u64 = 2_000;

async fn seeded(dir: &Path, seed_of: u64) -> SeedReport {
    let plan = SeedPlan {
        dir: dir.to_owned(),
        rows: ROWS,
        seed: seed_of,
    };
    seed(&plan, &|_| ()).await.unwrap()
}

/// Every data file of a lake, and the hash of its bytes.
fn data_files(dir: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dir.join("warehouse")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "parquet") {
                let hash = blake3::hash(&fs::read(&path).unwrap()).to_string();
                files.insert(path.strip_prefix(dir).unwrap().to_owned(), hash);
            }
        }
    }
    files
}

#[tokio::test]
async fn the_same_seed_gives_the_same_data_files() {
    let (one, two, other) = (
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );

    let first = seeded(one.path(), 7).await;
    let second = seeded(two.path(), 7).await;
    seeded(other.path(), 8).await;

    assert_eq!(first.tables, second.tables);
    assert_eq!(data_files(one.path()), data_files(two.path()));
    assert_ne!(data_files(one.path()), data_files(other.path()));
}

#[tokio::test]
async fn progress_ends_at_the_number_of_rows_written() {
    let dir = tempfile::tempdir().unwrap();
    let plan = SeedPlan {
        dir: dir.path().to_owned(),
        rows: ROWS,
        seed: 7,
    };
    let seen = Mutex::new(Vec::new());

    let report = seed(&plan, &|progress| seen.lock().unwrap().push(progress))
        .await
        .unwrap();

    let seen = seen.into_inner().unwrap();
    let written: u64 = report.tables.iter().map(|table| table.rows).sum();
    assert_eq!(
        seen.last().map(|last| (last.rows, last.of)),
        Some((written, written))
    );
    assert!(seen.windows(2).all(|pair| pair[0].rows < pair[1].rows));
    assert_eq!(report.tables[0].rows, ROWS);
}

#[tokio::test]
async fn a_finished_lake_is_reused_and_nothing_else_is_touched() {
    let dir = tempfile::tempdir().unwrap();
    seeded(dir.path(), 7).await;
    let before = data_files(dir.path());

    let again = seeded(dir.path(), 7).await;
    let other = SeedPlan {
        dir: dir.path().to_owned(),
        rows: ROWS,
        seed: 8,
    };
    let other = seed(&other, &|_| ()).await.unwrap_err();
    fs::remove_file(dir.path().join("lake.json")).unwrap();
    let half = SeedPlan {
        dir: dir.path().to_owned(),
        rows: ROWS,
        seed: 7,
    };
    let half = seed(&half, &|_| ()).await.unwrap_err();

    assert!(again.reused);
    assert!(matches!(other, SeedError::OtherPlan { .. }), "{other}");
    assert!(matches!(half, SeedError::NotALake { .. }), "{half}");
    assert_eq!(data_files(dir.path()), before);
}

#[tokio::test]
async fn a_folder_with_somebodys_files_is_not_written_to() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("thesis.txt"), "precious").unwrap();
    let plan = SeedPlan {
        dir: dir.path().to_owned(),
        rows: ROWS,
        seed: 7,
    };

    let error = seed(&plan, &|_| ()).await.unwrap_err();

    assert!(error.to_string().contains("is not empty"), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn an_inspected_lake_makes_datasets_that_open() {
    let dir = tempfile::tempdir().unwrap();
    seeded(dir.path(), 7).await;

    let report = inspect(dir.path()).await.unwrap();
    let catalog = Catalog::build(report.tables.iter().map(read_yaml)).unwrap();
    let engine = open(dir.path(), &catalog).await.unwrap();

    let names: Vec<_> = report
        .tables
        .iter()
        .map(|table| table.name.as_str())
        .collect();
    let expected = [
        "gold.agg_daily_metrics",
        "gold.claims_operations",
        "gold.risk_exposure",
        "gold.statements",
    ];
    assert_eq!(names, expected);
    let statements = &report.tables[3];
    assert_eq!(statements.format, "iceberg v2");
    assert_eq!(
        statements.partitioning,
        ["identity(business_unit)", "month(statement_date)"]
    );
    assert_eq!(statements.snapshots.len(), 3);
    assert_eq!(statements.snapshots[2].total_rows, Some(ROWS));
    assert_eq!(engine.tables().await.unwrap().snapshots.iter().count(), 4);
    assert!(engine.health().await.is_ok());
    assert!(report.to_string().contains("gold.statements  (iceberg v2)"));
    assert!(
        serde_json::to_value(&report).unwrap()["tables"][3]["columns"][6]["type"]
            == "decimal(12,2)"
    );
}

#[tokio::test]
async fn a_metadata_file_and_a_data_file_can_be_inspected_alone() {
    let dir = tempfile::tempdir().unwrap();
    seeded(dir.path(), 7).await;
    let report = inspect(dir.path()).await.unwrap();
    let file = data_files(dir.path()).into_keys().next().unwrap();

    let by_metadata = inspect(Path::new(&report.tables[3].location))
        .await
        .unwrap();
    let by_folder = inspect(&dir.path().join("warehouse")).await.unwrap();
    let by_file = inspect(&dir.path().join(file)).await.unwrap();

    assert_eq!(by_metadata.tables[0].columns, report.tables[3].columns);
    assert_eq!(by_metadata.tables[0].snapshots, report.tables[3].snapshots);
    assert_eq!(
        by_folder.tables.len(),
        4,
        "the newest metadata of each table"
    );
    assert_eq!(by_folder.tables[3].snapshots, report.tables[3].snapshots);
    assert_eq!(by_file.tables[0].format, "parquet");
    read_yaml(&by_metadata.tables[0]);
    read_yaml(&by_file.tables[0]);
}

#[tokio::test]
async fn a_place_without_tables_says_what_it_looked_for() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("notes.txt"), "x").unwrap();

    let empty = inspect(dir.path()).await.unwrap_err();
    let other = inspect(&dir.path().join("notes.txt")).await.unwrap_err();
    let nothing = inspect(&dir.path().join("nothing")).await.unwrap_err();

    assert!(
        empty.to_string().contains("expected a SQLite catalog"),
        "{empty}"
    );
    assert!(matches!(other, LakeError::NoTables { .. }));
    assert!(matches!(nothing, LakeError::Unreadable { .. }));
}

#[tokio::test]
async fn columns_a_dataset_cannot_have_become_comments() {
    let dir = tempfile::tempdir().unwrap();
    let ids: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    write(
        &dir.path().join("odd.parquet"),
        vec![("Id\nof: x", Arc::clone(&ids)), ("ok", ids)],
    );

    let report = inspect(&dir.path().join("odd.parquet")).await.unwrap();
    let dataset = read_yaml(&report.tables[0]);

    assert_eq!(dataset.columns().count(), 1);
    assert_eq!(dataset.name().as_str(), "gold.odd");
}

#[tokio::test]
async fn a_dataset_that_does_not_fit_its_table_names_what_differs() {
    let dir = tempfile::tempdir().unwrap();
    seeded(dir.path(), 7).await;
    let dataset = |name: &str, column: &str| {
        let yaml = format!(
            "dataset: {name}\nlabel: {{ en: A, fr: B }}\ncolumns: {{ {column}, label: {{ en: A, fr: B }} }} }}"
        );
        Catalog::build([Dataset::from_yaml("x", &yaml).unwrap()]).unwrap()
    };

    let no_table = dataset("gold.statement", "region: { type: text");
    let no_column = dataset("gold.statements", "regoin: { type: text");
    let mistyped = dataset("gold.statements", "region: { type: integer");
    let rounded = dataset(
        "gold.statements",
        "written_premium: { type: 'decimal(12,1)'",
    );

    let error = async |catalog| open(dir.path(), &catalog).await.unwrap_err().to_string();
    assert_eq!(
        error(no_table).await,
        "dataset `gold.statement`: no table of this name in the lake; did you mean `gold.statements`?"
    );
    assert_eq!(
        error(no_column).await,
        "dataset `gold.statements`: the table has no column `regoin`; did you mean `region`?"
    );
    assert_eq!(
        error(mistyped).await,
        "dataset `gold.statements`: column `region` is declared integer, the table has text"
    );
    assert!(
        error(rounded)
            .await
            .contains("is declared decimal(12,1), the table has decimal(12,2)")
    );
}

/// Writes a table's metadata anew with another current schema, as an `ALTER TABLE` does: no new
/// snapshot, no new data file.
async fn alter(dir: &Path, table: &str, change: impl FnOnce(&mut Vec<serde_json::Value>)) {
    let mut found = inspect(dir).await.unwrap().tables.into_iter();
    let found = found.rfind(|one| one.name == table).unwrap();
    let old = found.location.trim_start_matches("file://").to_owned();
    let mut metadata: serde_json::Value = serde_json::from_slice(&fs::read(&old).unwrap()).unwrap();
    let mut schema = metadata["schemas"][0].clone();
    schema["schema-id"] = 77.into();
    change(schema["fields"].as_array_mut().unwrap());
    metadata["schemas"].as_array_mut().unwrap().push(schema);
    metadata["current-schema-id"] = 77.into();
    let new = old.replace(".metadata.json", "-altered.metadata.json");
    fs::write(&new, metadata.to_string()).unwrap();
    let mut files = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let catalog = files
        .find(|path| path.extension().is_some_and(|ending| ending == "db"))
        .unwrap();
    let address = format!("sqlite://{}", catalog.display());
    let catalog = sqlx::SqlitePool::connect(&address).await.unwrap();
    let moved = sqlx::query(
        "UPDATE iceberg_tables SET metadata_location = replace(metadata_location, \
         '.metadata.json', '-altered.metadata.json') WHERE table_name = $1",
    );
    let moved = moved
        .bind(table.trim_start_matches("gold."))
        .execute(&catalog)
        .await
        .unwrap();
    assert_eq!(moved.rows_affected(), 1);
    catalog.close().await;
}

#[tokio::test]
async fn a_column_that_was_dropped_or_retyped_is_told_and_the_dataset_stays() {
    let dir = tempfile::tempdir().unwrap();
    seeded(dir.path(), 7).await;
    let report = inspect(dir.path()).await.unwrap();
    let catalog = Catalog::build(report.tables.iter().map(read_yaml)).unwrap();
    let engine = open(dir.path(), &catalog).await.unwrap();
    let before = engine.tables().await.unwrap();
    assert_eq!(before.drift, []);

    alter(dir.path(), "gold.statements", |fields| {
        fields.retain(|field| field["name"] != "region");
        let retyped = fields
            .iter_mut()
            .find(|field| field["name"] == "legal_hold");
        retyped.unwrap()["type"] = "string".into();
        fields.push(serde_json::json!({
            "id": 99, "name": "added", "required": false, "type": "int"
        }));
    })
    .await;
    let after = engine.tables().await.unwrap();

    let told: Vec<_> = after.drift.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "gold.statements: column `legal_hold` is declared boolean and is text in the table",
            "gold.statements: column `region` is not in the table",
            "gold.statements: the table has a column `added` that is not declared",
        ]
    );
    let name = DatasetName::parse("gold.statements").unwrap();
    let unreadable = &after.snapshots.get(&name).unwrap().unreadable;
    let unreadable: Vec<_> = unreadable.iter().map(ToString::to_string).collect();
    assert_eq!(unreadable, ["legal_hold", "region"]);
    assert_eq!(
        before.snapshots.get(&name).unwrap().id,
        after.snapshots.get(&name).unwrap().id,
        "an altered table has no new snapshot"
    );
    assert_eq!(after.snapshots.iter().count(), 4);
    let restarted = open(dir.path(), &catalog).await.unwrap_err();
    assert!(
        matches!(restarted, LakeError::ColumnType { .. }),
        "{restarted}"
    );
}

#[tokio::test]
async fn a_statement_about_a_lost_column_is_not_run_whoever_compiled_it() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("items")).unwrap();
    let file = dir.path().join("items/one.parquet");
    let words = || -> ArrayRef { Arc::new(StringArray::from(vec!["1", "2"])) };
    let counts: ArrayRef = Arc::new(Int64Array::from(vec![1, 2]));
    write(&file, vec![("word", words()), ("count", counts)]);
    let report = inspect(&dir.path().join("items")).await.unwrap();
    let catalog = Catalog::build([read_yaml(&report.tables[0])]).unwrap();
    let engine = open(dir.path(), &catalog).await.unwrap();

    write(&file, vec![("word", words()), ("count", words())]);
    let statement = statement(&engine, &catalog).await;
    let soon = QueryContext::unbooked(Deadline::after(Duration::from_mins(1)));
    let refused = engine.run(&statement, soon).await.unwrap_err();

    assert_eq!(
        refused.code(),
        "schema_drift",
        "text that looks like a number is no number"
    );
}

#[tokio::test]
async fn a_parquet_folder_is_read_and_its_version_follows_its_files() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("items")).unwrap();
    let part = |name: &str, counts: Vec<i64>| {
        let words: ArrayRef = Arc::new(StringArray::from(vec!["a"; counts.len()]));
        let counts: ArrayRef = Arc::new(Int64Array::from(counts));
        write(
            &dir.path().join("items").join(name),
            vec![("word", words), ("count", counts)],
        );
    };
    part("one.parquet", vec![1, 2]);
    let report = inspect(&dir.path().join("items")).await.unwrap();
    let catalog = Catalog::build([read_yaml(&report.tables[0])]).unwrap();
    let engine = open(dir.path(), &catalog).await.unwrap();

    let before = statement(&engine, &catalog).await;
    part("two.parquet", vec![40]);
    let after = statement(&engine, &catalog).await;

    assert_ne!(before.scan().snapshot(), after.scan().snapshot());
    assert_eq!(number(&run(&engine, &after).await), "43");
    assert_eq!(
        number(&run(&engine, &before).await),
        "3",
        "a view that began before"
    );
}

#[tokio::test]
async fn a_source_outside_the_lake_is_refused_however_it_is_written() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let counts = || -> ArrayRef { Arc::new(Int64Array::from(vec![1])) };
    for home in [dir.path(), other.path()] {
        write(&home.join("items.parquet"), vec![("count", counts())]);
    }
    std::os::unix::fs::symlink(other.path(), dir.path().join("link")).unwrap();
    let report = inspect(&dir.path().join("items.parquet")).await.unwrap();
    let yaml = to_dataset_yaml(&report.tables[0]);
    let printed = yaml
        .lines()
        .find(|line| line.starts_with("source:"))
        .unwrap();
    let inside = fs::canonicalize(dir.path().join("items.parquet")).unwrap();
    let outside = other.path().join("items.parquet");
    let up = format!(
        "../{}/items.parquet",
        other.path().file_name().unwrap().to_str().unwrap()
    );
    let opened = async |source: &str| {
        let text = yaml.replace(printed, &format!("source: {source}"));
        let dataset = Dataset::from_yaml("items.dataset.yaml", &text).unwrap();
        open(dir.path(), &Catalog::build([dataset]).unwrap()).await
    };

    fs::create_dir(dir.path().join("linked")).unwrap();
    std::os::unix::fs::symlink(&outside, dir.path().join("linked/items.parquet")).unwrap();
    let linked = opened("{ parquet: linked }").await.unwrap_err();
    assert!(matches!(linked, LakeError::NoTables { .. }), "{linked}");

    opened("{ parquet: items.parquet }").await.unwrap();
    opened(&format!("{{ parquet: {} }}", inside.display()))
        .await
        .unwrap();
    for path in [
        outside.to_str().unwrap(),
        &format!("file://{}", outside.display()),
        &up,
        "link/items.parquet",
        "nothing.parquet",
        "/etc/passwd",
        "s3://bucket/items.parquet",
    ] {
        for kind in ["parquet", "iceberg"] {
            let refused = opened(&format!("{{ {kind}: \"{path}\" }}")).await;
            let refused = refused.unwrap_err();
            assert!(
                matches!(refused, LakeError::Outside { .. }),
                "{kind} {path}: {refused}"
            );
            assert!(!refused.to_string().contains(path), "{refused}");
        }
    }
}

#[tokio::test]
async fn statements_for_another_engine_and_late_ones_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let counts: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    write(&dir.path().join("items.parquet"), vec![("count", counts)]);
    let report = inspect(&dir.path().join("items.parquet")).await.unwrap();
    let catalog = Catalog::build([read_yaml(&report.tables[0])]).unwrap();
    let engine = open(dir.path(), &catalog).await.unwrap();

    let foreign = compiled(&engine, &catalog, Dialect::Athena).await;
    let statement = statement(&engine, &catalog).await;
    let soon = QueryContext::unbooked(Deadline::after(Duration::from_mins(1)));
    let foreign = engine.run(&foreign, soon).await.unwrap_err();
    let late = engine
        .run(
            &statement,
            QueryContext::unbooked(Deadline::after(Duration::ZERO)),
        )
        .await;

    assert_eq!(foreign.code(), "wrong_dialect");
    assert_eq!(late.unwrap_err().code(), "deadline");
}

fn read_yaml(table: &weir_engine::lake::inspect::TableReport) -> Dataset {
    let yaml = to_dataset_yaml(table);
    Dataset::from_yaml("inspected.dataset.yaml", &yaml).unwrap_or_else(|e| panic!("{e}\n{yaml}"))
}

async fn open(dir: &Path, catalog: &Catalog) -> Result<EmbeddedEngine, LakeError> {
    let lake = LakeConfig {
        dir: dir.to_owned(),
    };
    EmbeddedEngine::open(&lake, catalog, MaskKey::new([1; 32])).await
}

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let file = fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// The sum of `count` over `gold.items`, as someone who may see everything.
async fn statement(engine: &EmbeddedEngine, catalog: &Catalog) -> Statement {
    compiled(engine, catalog, Dialect::DataFusion).await
}

async fn compiled(engine: &EmbeddedEngine, catalog: &Catalog, dialect: Dialect) -> Statement {
    let name = DatasetName::parse("gold.items").unwrap();
    let schema = catalog.dataset(&name).unwrap().schema();
    let policy = "dataset: gold.items\nrules: [{ id: all, permit: all }]";
    let policy = document::policy_from_yaml("p", policy, schema).unwrap();
    let policies = PolicySet::build(Revision::new(1), vec![policy]).unwrap();
    let grant = Arc::new(resolve(&policies, &Subject::new("test", "test"), schema).unwrap());
    let tile = "
        dashboard: items
        title: { en: Items, fr: Objets }
        subtitle: { en: Items, fr: Objets }
        tiles:
          - { id: sum, title: { en: Sum, fr: Somme }, dataset: gold.items,
              chart: kpi, width: 3, measures: [count_sum] }";
    let dashboard = Dashboard::from_yaml("d", tile, catalog).unwrap();
    let bound = dashboard
        .bind(&BTreeMap::default(), &[], chrono::NaiveDate::MIN)
        .unwrap();
    let snapshots = engine.tables().await.unwrap().snapshots;
    let question = dashboard.tiles()[0].question(&bound).under(&grant).unwrap();
    compile(&question, dialect, snapshots.get(&name).unwrap())
}

async fn run(engine: &EmbeddedEngine, statement: &Statement) -> ResultSet {
    let soon = QueryContext::unbooked(Deadline::after(Duration::from_mins(1)));
    engine.run(statement, soon).await.unwrap().rows
}

fn number(rows: &ResultSet) -> String {
    match &rows.rows()[0][0] {
        Cell::Integer(number) => number.to_string(),
        Cell::Decimal(number) => number.to_string(),
        other => panic!("not a number: {other:?}"),
    }
}
