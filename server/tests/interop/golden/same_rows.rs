//! The rows behind a statement: Athena's text, moved to `DuckDB` by sqlglot, against what the
//! embedded engine answers, over the same Parquet files.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;
use weir_engine::lake::seed::{SeedPlan, seed};
use weir_engine::{Deadline, EmbeddedEngine, LakeConfig, MaskKey, QueryContext, QueryEngine as _};
use weir_query::{Cell, Dialect, ResultSet, SnapshotSet};
use weir_server::content::Content;

use super::corpus::{Question, Source};
use super::oracles::duckdb_rows;
use super::record::representatives;
use crate::answers::first_difference;
use crate::weir::MASK_KEY;

/// Few enough for an engine compiled without optimisation, enough for every group to have rows.
const ROWS: u64 = 20_000;

pub(crate) async fn sample_lake() -> (TempDir, LakeConfig) {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("lake");
    let plan = SeedPlan {
        dir: dir.clone(),
        rows: ROWS,
        seed: 7,
    };
    seed(&plan, &|_| ()).await.unwrap();
    (home, LakeConfig { dir })
}

/// The key of hash masks, as Weir makes it of the configured text.
pub(crate) fn mask_key() -> MaskKey {
    MaskKey::new(Sha256::digest(MASK_KEY).into())
}

/// The embedded engine, over the tables as they are now.
pub(crate) struct Embedded {
    engine: EmbeddedEngine,
    snapshots: SnapshotSet,
}

impl Embedded {
    pub(crate) async fn open(content: &Content, lake: &LakeConfig) -> Self {
        let engine = EmbeddedEngine::open(lake, content.catalog(), mask_key())
            .await
            .unwrap();
        let snapshots = engine.tables().await.unwrap().snapshots;
        Self { engine, snapshots }
    }

    pub(crate) async fn rows(&self, question: &Question) -> Value {
        let statement = question.statement(Dialect::DataFusion, &self.snapshots);
        let context = QueryContext::unbooked(Deadline::after(Duration::from_mins(1)));
        let answer = self.engine.run(&statement, context).await;
        let answer = answer.unwrap_or_else(|error| panic!("{}: {error:?}", question.name));
        rows(&answer.rows)
    }

    fn athena(&self, question: &Question) -> String {
        question
            .statement(Dialect::Athena, &self.snapshots)
            .text()
            .to_owned()
    }
}

/// Rows as `oracle.py` writes them.
pub(crate) fn rows(answer: &ResultSet) -> Value {
    let cell = |cell: &Cell| match cell {
        Cell::Null => Value::Null,
        Cell::Boolean(value) => json!(value),
        Cell::Integer(value) => json!(value),
        Cell::Double(value) => json!(value),
        Cell::Decimal(value) => json!(value.to_string()),
        Cell::Text(value) => json!(value),
        Cell::Date(value) => json!(value.to_string()),
        Cell::Timestamp(value) => json!(value.format("%Y-%m-%dT%H:%M:%S%.3f").to_string()),
    };
    let row = |row: &Vec<Cell>| row.iter().map(cell).collect::<Value>();
    answer.rows().iter().map(row).collect()
}

async fn compare(source: Source, lake: &LakeConfig) -> [usize; 2] {
    let golden = representatives(source);
    let embedded = Embedded::open(&source.content(), lake).await;
    let texts: Vec<_> = golden
        .iter()
        .map(|(question, _)| embedded.athena(question))
        .collect();

    let wanted = duckdb_rows(&texts, &lake.dir, MASK_KEY);

    let mut with_rows = 0;
    for ((question, _), wanted) in golden.iter().zip(&wanted) {
        let answered = embedded.rows(question).await;
        let difference = first_difference(&answered, wanted);
        assert_eq!(
            difference,
            None,
            "{}\n{}",
            question.name,
            embedded.athena(question)
        );
        with_rows += usize::from(!wanted.as_array().unwrap().is_empty());
    }
    [golden.len(), with_rows]
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_statements_have_the_same_rows_on_duckdb_and_datafusion() {
    let (_home, lake) = sample_lake().await;

    for source in Source::ALL {
        let [all, with_rows] = compare(source, &lake).await;

        assert!(all >= 30, "{source:?}: {all} statements are too few");
        assert!(
            with_rows * 4 >= all * 3,
            "{source:?}: {with_rows} of {all} have rows; empty answers prove little"
        );
    }
}

/// The comparison itself: an answer to another question is told apart.
#[tokio::test(flavor = "multi_thread")]
async fn golden_statements_that_were_tampered_with_have_other_rows() {
    let (_home, lake) = sample_lake().await;
    let embedded = Embedded::open(&Source::Repository.content(), &lake).await;
    let golden = representatives(Source::Repository);
    let (question, _) = golden
        .iter()
        .find(|(question, _)| {
            question
                .name
                .starts_with("finance-overview/top-customers as")
        })
        .unwrap();
    let text = embedded.athena(question);
    let forged: Vec<_> = [
        ("\"legal_hold\" = FALSE", "\"legal_hold\" = TRUE"),
        ("\"business_unit\" = 'auto'", "TRUE"),
        ("from_hex(?)", "to_utf8('another key')"),
        (
            "SUM(CAST(\"written_premium\" AS decimal(38,2)))",
            "SUM(CAST(\"written_premium\" AS decimal(38,2))) + 1",
        ),
        (" DESC NULLS LAST", " ASC NULLS LAST"),
        (" LIMIT 20", " LIMIT 19"),
    ]
    .iter()
    .map(|(from, to)| text.replacen(from, to, 1))
    .collect();
    assert!(forged.iter().all(|forged| *forged != text), "{text}");

    let answered = embedded.rows(question).await;
    let others = duckdb_rows(&forged, &lake.dir, MASK_KEY);

    for (other, forged) in others.iter().zip(&forged) {
        assert!(first_difference(&answered, other).is_some(), "{forged}");
    }
    let same = duckdb_rows(&[text], Path::new(&lake.dir), MASK_KEY);
    assert_eq!(first_difference(&answered, &same[0]), None);
}
