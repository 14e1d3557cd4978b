//! Every statement that the dashboards of the repository compile to, for two kinds of people: the
//! simulator takes it, and gives as many rows as the embedded engine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use weir_engine::{Deadline, EmbeddedEngine, LakeConfig, MaskKey, QueryContext, QueryEngine as _};
use weir_policy::{
    BusinessUnit, Policy, PolicySet, Revision, RoleName, Subject, document, resolve,
};
use weir_query::dashboard::Dashboard;
use weir_query::{Catalog, Cell, Dataset, Dialect, SnapshotSet, Statement, compile};

use crate::support::World;

const KEY: [u8; 32] = [0xab; 32];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn texts(folder: &str, ending: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(repository(folder)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().ends_with(ending));
    paths.sort();
    let text = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (
            path.file_name().unwrap().to_string_lossy().into_owned(),
            text,
        )
    };
    paths.into_iter().map(text).collect()
}

fn catalog() -> Catalog {
    let datasets = texts("dashboards/datasets", ".dataset.yaml");
    let datasets = datasets
        .iter()
        .map(|(name, text)| Dataset::from_yaml(name, text).unwrap());
    Catalog::build(datasets).unwrap()
}

fn policies(catalog: &Catalog) -> PolicySet {
    let policy = |dataset: &Arc<Dataset>| -> Policy {
        let file = format!("{}.policy.yaml", dataset.name().table());
        let text = fs::read_to_string(repository("policies").join(&file)).unwrap();
        document::policy_from_yaml(&file, &text, dataset.schema()).unwrap()
    };
    PolicySet::build(Revision::new(1), catalog.datasets().map(policy)).unwrap()
}

fn people() -> [Subject; 2] {
    let subject = |role: &str, units: &[&str]| {
        let units = units.iter().map(|unit| BusinessUnit::parse(*unit).unwrap());
        Subject::new("test", role)
            .with_business_units(units)
            .with_roles([RoleName::parse(role).unwrap()])
    };
    [subject("executive", &[]), subject("analyst", &["auto"])]
}

/// Each statement in both dialects.
fn statements(catalog: &Catalog, snapshots: &SnapshotSet) -> Vec<(Statement, Statement)> {
    let policies = policies(catalog);
    let today = chrono::NaiveDate::from_ymd_opt(2026, 10, 31).unwrap();
    let mut statements = Vec::new();
    for (file, text) in texts("dashboards", ".dashboard.yaml") {
        let dashboard = Dashboard::from_yaml(&file, &text, catalog).unwrap();
        let bound = dashboard.bind(&BTreeMap::default(), &[], today).unwrap();
        for tile in dashboard.tiles() {
            let questions = [Some(tile.question(&bound)), tile.trend_question(&bound)];
            for (question, subject) in questions
                .into_iter()
                .flatten()
                .flat_map(|question| people().map(|subject| (question.clone(), subject)))
            {
                let schema = question.dataset().schema().clone();
                let grant = Arc::new(resolve(&policies, &subject, &schema).unwrap());
                let snapshot = snapshots.get(schema.name()).unwrap();
                if let Ok(governed) = question.under(&grant) {
                    let in_dialect = |dialect| compile(&governed, dialect, snapshot);
                    let both = [Dialect::Athena, Dialect::DataFusion].map(in_dialect);
                    let [athena, embedded] = both;
                    statements.push((athena, embedded));
                }
            }
        }
    }
    statements
}

/// A cell as Athena writes it, as far as it is exact.
fn text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Boolean(value) => Some(value.to_string()),
        Cell::Integer(value) => Some(value.to_string()),
        Cell::Decimal(value) => Some(value.to_string()),
        Cell::Text(value) => Some(value.clone()),
        Cell::Date(value) => Some(value.format("%Y-%m-%d").to_string()),
        Cell::Timestamp(value) => Some(value.format("%Y-%m-%d %H:%M:%S%.3f").to_string()),
        Cell::Double(_) => Some("a double".to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_of_the_repository_runs_and_gives_the_embedded_engines_rows() {
    let world = World::instant().await;
    let catalog = catalog();
    let lake = LakeConfig {
        dir: world.home.path().join("lake"),
    };
    let engine = EmbeddedEngine::open(&lake, &catalog, MaskKey::new(KEY))
        .await
        .unwrap();
    let snapshots = engine.tables().await.unwrap().snapshots;
    let statements = statements(&catalog, &snapshots);
    assert!(statements.len() > 40, "{}", statements.len());

    for (athena, embedded) in statements {
        let marks = athena.text().matches("from_hex(?)").count();
        let key = format!("'{}'", "ab".repeat(32));
        let more = match marks {
            0 => json!({}),
            marks => json!({ "ExecutionParameters": vec![key; marks] }),
        };
        let id = world.start_with(athena.text(), more).await;
        let ended = world.ended(&id).await;
        assert_eq!(
            ended["Status"]["State"],
            "SUCCEEDED",
            "{}: {ended}",
            athena.text()
        );
        let context = QueryContext::unbooked(Deadline::after(Duration::from_mins(1)));
        let answer = engine.run(&embedded, context).await.unwrap();

        let expected = answer.rows.rows().iter();
        let expected: Vec<Vec<_>> = expected.map(|row| row.iter().map(text).collect()).collect();
        let mut rows = world.rows(&id).await;
        for (row, expected) in rows.iter_mut().zip(&expected) {
            for (cell, expected) in row.iter_mut().zip(expected) {
                if expected.as_deref() == Some("a double") && cell.is_some() {
                    cell.clone_from(expected);
                }
            }
        }
        assert_eq!(rows, expected, "{}", athena.text());
    }
}
