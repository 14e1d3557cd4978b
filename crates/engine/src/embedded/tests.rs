//! The engine from inside: statements that no compiler would write, run with the scan of one that
//! it did.

mod agreement;
mod isolation;
mod memory;
mod reading;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;
use weir_policy::{ColumnName, Comparison, DatasetName, Predicate, Value};
use weir_query::{Catalog, Cell, CellType, Dataset, OutputColumn, SnapshotId};

use super::{EmbeddedEngine, Job};
use crate::lake::seed::{SeedPlan, seed};
use crate::{Answer, EngineError, LakeConfig, MaskKey, QueryEngine};

/// A small sample lake, written once per process.
fn lake() -> &'static Path {
    static LAKE: OnceLock<TempDir> = OnceLock::new();
    LAKE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        seed_lake(dir.path().to_owned());
        dir
    })
    .path()
}

fn seed_lake(dir: PathBuf) {
    let plan = SeedPlan {
        dir,
        rows: 6_000,
        seed: 7,
    };
    // Not on the test's own runtime, which may be waiting for this.
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(seed(&plan, &|_| ())).unwrap();
    })
    .join()
    .unwrap();
}

const STATEMENTS: &str = "
dataset: gold.statements
label: { en: Statements, fr: Relevés }
time: statement_date
columns:
  statement_date: { type: date, label: { en: Date, fr: Date } }
  customer_id: { type: text, label: { en: Customer, fr: Client } }
  business_unit: { type: text, label: { en: Unit, fr: Unité } }
  region: { type: text, label: { en: Region, fr: Région } }
  written_premium: { type: 'decimal(12,2)', label: { en: Premium, fr: Prime } }
  policies_in_force: { type: integer, label: { en: Policies, fr: Polices } }
  legal_hold: { type: boolean, label: { en: Hold, fr: Gel } }
";

fn catalog(datasets: &[&str]) -> Catalog {
    let read = |text: &&str| Dataset::from_yaml("test.dataset.yaml", text).unwrap();
    Catalog::build(datasets.iter().map(read)).unwrap()
}

async fn engine() -> EmbeddedEngine {
    open(lake(), &[STATEMENTS]).await
}

async fn open(dir: &Path, datasets: &[&str]) -> EmbeddedEngine {
    let config = LakeConfig {
        dir: dir.to_owned(),
    };
    EmbeddedEngine::open(&config, &catalog(datasets), MaskKey::new([7; 32]))
        .await
        .unwrap()
}

fn column(name: &str) -> ColumnName {
    ColumnName::parse(name).unwrap()
}

fn dataset(name: &str) -> DatasetName {
    DatasetName::parse(name).unwrap()
}

fn unit(name: &str) -> Predicate {
    Predicate::eq(column("business_unit"), Value::Text(name.to_owned()))
}

fn compare(name: &str, op: Comparison, value: Value) -> Predicate {
    Predicate::compare(column(name), op, value)
}

/// A statement over `gold.statements`; `{table}` in the text stands for the pinned table.
struct Ask {
    text: String,
    predicate: Predicate,
    visible: Vec<&'static str>,
    types: Vec<CellType>,
    limit: usize,
    snapshot: Option<SnapshotId>,
}

impl Ask {
    fn new(text: &str, types: &[CellType]) -> Self {
        Self {
            text: text.to_owned(),
            predicate: Predicate::Always,
            visible: vec![
                "business_unit",
                "statement_date",
                "written_premium",
                "legal_hold",
            ],
            types: types.to_vec(),
            limit: 5_000,
            snapshot: None,
        }
    }

    fn granted(mut self, predicate: Predicate) -> Self {
        self.predicate = predicate;
        self
    }

    fn sees(mut self, visible: &[&'static str]) -> Self {
        self.visible = visible.to_vec();
        self
    }

    fn at(mut self, snapshot: &SnapshotId) -> Self {
        self.snapshot = Some(snapshot.clone());
        self
    }

    async fn run(self, engine: &EmbeddedEngine) -> Result<Answer, EngineError> {
        self.put(engine, async |job| engine.answer(job).await).await
    }

    /// Puts it to `engine` as `ask` does.
    async fn put<T>(
        self,
        engine: &EmbeddedEngine,
        ask: impl AsyncFnOnce(&Job<'_>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        let name = dataset("gold.statements");
        let snapshots = engine.tables().await?.snapshots;
        let current = snapshots.get(&name).unwrap().id.clone();
        let snapshot = self.snapshot.unwrap_or(current);
        let table = format!("\"gold\".\"statements@{snapshot}\"");
        let columns: Vec<_> = self
            .types
            .iter()
            .enumerate()
            .map(|(at, kind)| OutputColumn {
                name: format!("c{at}"),
                cell_type: *kind,
            })
            .collect();
        ask(&Job {
            text: &self.text.replace("{table}", &table),
            dataset: &name,
            snapshot: &snapshot,
            predicate: &self.predicate,
            visible: self.visible.iter().map(|name| column(name)).collect(),
            columns: &columns,
            row_limit: self.limit,
        })
        .await
    }
}

fn cells(answer: &Answer) -> &[Vec<Cell>] {
    answer.rows.rows()
}

fn count(answer: &Answer) -> i64 {
    match cells(answer) {
        [row] => match row.as_slice() {
            [Cell::Integer(count)] => *count,
            other => panic!("not a count: {other:?}"),
        },
        other => panic!("not one row: {other:?}"),
    }
}

const COUNT: &str = "SELECT count(*) FROM {table}";
