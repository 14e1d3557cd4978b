//! Estimates of the sample lake against what the embedded engine opens and reads there.

use std::path::Path;
use std::sync::Arc;

use weir_policy::{DatasetName, PolicySet, Revision, Subject, document, resolve};
use weir_query::dashboard::Dashboard;
use weir_query::{Catalog, Dataset, Dialect, Statement, compile};

use super::*;
use crate::lake::inspect::inspect;
use crate::lake::seed::{SeedPlan, seed};
use crate::{
    Answer, Deadline, EmbeddedEngine, LakeConfig, MaskKey, QueryContext, QueryEngine as _,
};

const DATASET: &str = "
dataset: gold.statements
label: { en: Statements, fr: Relevés }
time: statement_date
columns:
  statement_date: { type: date, label: { en: Date, fr: Date } }
  business_unit: { type: text, label: { en: Unit, fr: Unité } }
  region: { type: text, label: { en: Region, fr: Région } }
  written_premium: { type: 'decimal(12,2)', label: { en: Premium, fr: Prime } }
  policies_in_force: { type: integer, label: { en: Policies, fr: Polices } }
dimensions:
  region: { column: region, label: { en: Region, fr: Région } }
measures:
  premium: { sum: written_premium, label: { en: Premium, fr: Prime }, format: { currency: CAD } }
  policies: { sum: policies_in_force, label: { en: Policies, fr: Polices }, format: integer }
";

const DASHBOARD: &str = "
dashboard: one
title: { en: One, fr: Un }
subtitle: { en: One, fr: Un }
period: { from: FROM, to: TO }
tiles:
  - { id: it, title: { en: It, fr: Le }, dataset: gold.statements, chart: table, width: 12,
      by: [region], measures: [premium] }
";

struct Lake {
    engine: EmbeddedEngine,
    catalog: Catalog,
    metadata: TableMetadata,
}

impl Lake {
    async fn of(dir: &Path) -> Self {
        let plan = SeedPlan {
            dir: dir.to_owned(),
            rows: 6_000,
            seed: 7,
        };
        seed(&plan, &|_| ()).await.unwrap();
        let config = LakeConfig {
            dir: dir.to_owned(),
        };
        let dataset = Dataset::from_yaml("statements.dataset.yaml", DATASET).unwrap();
        let catalog = Catalog::build([dataset]).unwrap();
        let key = MaskKey::new([7; 32]);
        let engine = EmbeddedEngine::open(&config, &catalog, key).await.unwrap();
        let report = inspect(dir).await.unwrap();
        let mut tables = report.tables.into_iter();
        let table = tables
            .find(|table| table.name == "gold.statements")
            .unwrap();
        let text = std::fs::read(table.location.trim_start_matches("file://")).unwrap();
        Self {
            engine,
            catalog,
            metadata: serde_json::from_slice(&text).unwrap(),
        }
    }

    fn dataset(&self) -> &Arc<Dataset> {
        let name = DatasetName::parse("gold.statements").unwrap();
        self.catalog.dataset(&name).unwrap()
    }

    async fn files(&self) -> DataFiles {
        let snapshot = self.metadata.current_snapshot().unwrap();
        let schema = self.dataset().schema();
        DataFiles::load(&Objects::local(), schema, &self.metadata, snapshot)
            .await
            .unwrap()
    }

    /// What somebody asks whom `permit` opens rows, for a period.
    async fn statement(&self, permit: &str, (from, to): (&str, &str)) -> Statement {
        let text = DASHBOARD.replace("FROM", from).replace("TO", to);
        let dashboard = Dashboard::from_yaml("one.dashboard.yaml", &text, &self.catalog).unwrap();
        let bound = dashboard
            .bind(&BTreeMap::default(), &[], chrono::NaiveDate::MIN)
            .unwrap();
        let policy = format!("dataset: gold.statements\nrules: [{{ id: a, permit: {permit} }}]");
        let schema = self.dataset().schema();
        let policy = document::policy_from_yaml("a.policy.yaml", &policy, schema).unwrap();
        let policies = PolicySet::build(Revision::new(1), vec![policy]).unwrap();
        let grant = resolve(&policies, &Subject::new("i", "s"), schema).unwrap();
        let tile = dashboard.tiles().first().unwrap();
        let query = tile.question(&bound).under(&Arc::new(grant)).unwrap();
        let snapshots = self.engine.tables().await.unwrap().snapshots;
        let snapshot = snapshots.get(self.dataset().name()).unwrap();
        compile(&query, Dialect::DataFusion, snapshot)
    }

    async fn run(&self, statement: &Statement) -> Answer {
        let context = QueryContext::unbooked(Deadline::after(std::time::Duration::from_mins(1)));
        self.engine.run(statement, context).await.unwrap()
    }
}

const ALL_TIME: (&str, &str) = ("2000-01-01", "2030-12-31");

#[tokio::test]
async fn an_estimate_opens_the_files_that_the_embedded_engine_opens() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::of(dir.path()).await;
    let files = lake.files().await;
    let mut seen = BTreeSet::new();

    for permit in [
        "all",
        "{ business_unit: { eq: auto } }",
        "{ business_unit: { in: [auto, home] } }",
        "{ business_unit: { eq: nobody } }",
        "{ any: [{ business_unit: { eq: auto } }, { region: { eq: QC } }] }",
        "{ policies_in_force: { lt: 0 } }",
        "{ not: { business_unit: { eq: auto } } }",
    ] {
        for period in [
            ALL_TIME,
            ("2026-03-01", "2026-03-31"),
            ("2001-01-01", "2001-12-31"),
        ] {
            let statement = lake.statement(permit, period).await;
            let reads = files.reads(statement.scan().columns(), &statement.narrowed());
            let answer = lake.run(&statement).await;

            assert_eq!(reads.files, answer.files_read, "{permit} in {period:?}");
            seen.insert(reads.files);
        }
    }
    assert!(seen.len() > 3, "the lake has nothing to rule out: {seen:?}");
}

#[tokio::test]
async fn an_estimate_counts_the_bytes_of_the_columns_that_are_read() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::of(dir.path()).await;
    let files = lake.files().await;
    let column = |name: &str| ColumnName::parse(name).unwrap();
    let one = BTreeSet::from([column("region")]);
    let two = BTreeSet::from([column("region"), column("written_premium")]);

    let none = files.reads(&BTreeSet::new(), &Predicate::Always);
    let narrow = files.reads(&one, &Predicate::Always);
    let wide = files.reads(&two, &Predicate::Always);
    let whole: u64 = match &files {
        DataFiles::Listed(files) => files.iter().map(|file| file.size).sum(),
        DataFiles::Summed { bytes, .. } => *bytes,
    };

    assert_eq!(none.bytes, 0);
    assert!(
        0 < narrow.bytes && narrow.bytes < wide.bytes,
        "{narrow:?} {wide:?}"
    );
    assert!(wide.bytes < whole, "{wide:?} of {whole}");
}

#[test]
fn a_column_without_a_size_counts_with_all_that_nobody_claims() {
    let region = ColumnName::parse("region").unwrap();
    let added = ColumnName::parse("added").unwrap();
    let file = FileFacts {
        holds_rows: true,
        size: 1_000,
        columns: BTreeMap::from([(region.clone(), 300)]),
        unknown: 200,
        spans: Spans::new(),
    };

    assert_eq!(file.bytes(&BTreeSet::from([region.clone()])), 300);
    assert_eq!(file.bytes(&BTreeSet::from([region, added])), 500);
}

#[test]
fn deletes_count_whole_and_are_no_data_files() {
    let deletes = FileFacts {
        holds_rows: false,
        size: 70,
        columns: BTreeMap::new(),
        unknown: 70,
        spans: Spans::new(),
    };

    let reads = DataFiles::Listed(vec![deletes]).reads(&BTreeSet::new(), &Predicate::Always);

    assert_eq!(
        reads,
        Reads {
            files: 0,
            bytes: 70
        }
    );
}

#[tokio::test]
async fn of_too_many_files_the_sum_is_known() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::of(dir.path()).await;
    let snapshot = lake.metadata.current_snapshot().unwrap();

    let summed = DataFiles::summed(lake.dataset().schema(), snapshot).unwrap();
    let all = summed.reads(&BTreeSet::new(), &Predicate::Never);
    let listed = lake.files().await;
    let DataFiles::Listed(listed) = &listed else {
        panic!("{listed:?}");
    };

    assert_eq!(all.files, listed.len() as u64);
    assert_eq!(all.bytes, listed.iter().map(|file| file.size).sum::<u64>());
}
