//! Times every dashboard of the repository on a sample lake, cold, for a set of business units.
//! The lake is seeded first if the folder does not exist.
//!
//! `cargo run --release -p weir-engine --example cold_dashboards -- LAKE [ROUNDS]`

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for the terminal"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use weir_engine::lake::seed::{SeedPlan, seed};
use weir_engine::{Deadline, EmbeddedEngine, LakeConfig, MaskKey, QueryContext, QueryEngine};
use weir_policy::{
    BusinessUnit, Policy, PolicySet, Revision, RoleName, Subject, document, resolve,
};
use weir_query::dashboard::Dashboard;
use weir_query::{Catalog, Dataset, Dialect, SnapshotSet, Statement, compile};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let lake = LakeConfig {
        dir: arguments.get(1).unwrap().into(),
    };
    let rounds: u32 = arguments.get(2).map_or(1, |rounds| rounds.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(measure(lake, rounds));
}

async fn measure(lake: LakeConfig, rounds: u32) {
    let start = Instant::now();
    let plan = SeedPlan {
        dir: lake.dir.clone(),
        rows: 260_000,
        seed: 7,
    };
    let seeded = seed(&plan, &|_| ()).await.unwrap();
    println!(
        "seed            {:>8.1?} (reused: {})",
        start.elapsed(),
        seeded.reused
    );
    let catalog = catalog();
    let policies = policies(&catalog);
    let start = Instant::now();
    let engine = EmbeddedEngine::open(&lake, &catalog, MaskKey::new([7; 32]))
        .await
        .unwrap();
    let engine = Arc::new(engine);
    println!("open            {:>8.1?}", start.elapsed());
    let start = Instant::now();
    let snapshots = engine.tables().await.unwrap().snapshots;
    println!("snapshots again {:>8.1?}", start.elapsed());
    for round in 0..rounds {
        for who in [&["auto"][..], &["wealth"], &["auto", "home"], &[]] {
            for path in files("dashboards", ".dashboard.yaml") {
                let text = fs::read_to_string(&path).unwrap();
                let dashboard = Dashboard::from_yaml("dashboard", &text, &catalog).unwrap();
                let statements = statements(&dashboard, &policies, who, &snapshots);
                let report = open(&engine, statements).await;
                println!(
                    "round {round} {:<18} {:<12} {report}",
                    dashboard.slug().as_str(),
                    who.join("+")
                );
            }
        }
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status
        .lines()
        .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"))
    {
        println!("{line}");
    }
}

async fn open(engine: &Arc<EmbeddedEngine>, statements: Vec<Statement>) -> String {
    let start = Instant::now();
    let tiles = statements.len();
    let running: Vec<_> = statements
        .into_iter()
        .map(|statement| {
            let engine = Arc::clone(engine);
            tokio::spawn(async move {
                engine
                    .run(
                        &statement,
                        QueryContext::unbooked(Deadline::after(Duration::from_mins(1))),
                    )
                    .await
            })
        })
        .collect();
    let (mut bytes, mut files, mut rows) = (0, 0, 0);
    for tile in running {
        let answer = tile.await.unwrap().unwrap();
        bytes += answer.execution.scanned_bytes;
        files += answer.files_read;
        rows += answer.rows.rows().len();
    }
    let took = start.elapsed();
    format!(
        "{tiles:>2} tiles {took:>8.1?} {files:>5} files {:>6} kB {rows:>5} rows",
        bytes / 1000
    )
}

fn statements(
    dashboard: &Dashboard,
    policies: &PolicySet,
    units: &[&str],
    snapshots: &SnapshotSet,
) -> Vec<Statement> {
    let role = if units.is_empty() {
        "executive"
    } else {
        "analyst"
    };
    let units: Vec<_> = units
        .iter()
        .map(|unit| BusinessUnit::parse(*unit).unwrap())
        .collect();
    let subject = Subject::new("bench", "bench")
        .with_business_units(units)
        .with_roles([RoleName::parse(role).unwrap()]);
    let today = chrono::NaiveDate::from_ymd_opt(2026, 10, 31).unwrap();
    let bound = dashboard.bind(&BTreeMap::default(), &[], today).unwrap();
    let mut statements = Vec::new();
    for tile in dashboard.tiles() {
        let questions = [Some(tile.question(&bound)), tile.trend_question(&bound)];
        for question in questions.into_iter().flatten() {
            let schema = question.dataset().schema().clone();
            let grant = Arc::new(resolve(policies, &subject, &schema).unwrap());
            let snapshot = snapshots.get(schema.name()).unwrap();
            if let Ok(governed) = question.under(&grant) {
                statements.push(compile(&governed, Dialect::DataFusion, snapshot));
            }
        }
    }
    statements
}

fn catalog() -> Catalog {
    let datasets = files("dashboards/datasets", ".dataset.yaml");
    let datasets = datasets.iter().map(|path| {
        Dataset::from_yaml(&path.to_string_lossy(), &fs::read_to_string(path).unwrap()).unwrap()
    });
    Catalog::build(datasets).unwrap()
}

fn policies(catalog: &Catalog) -> PolicySet {
    let policies: Vec<Policy> = catalog
        .datasets()
        .map(|dataset| {
            let file = format!("{}.policy.yaml", dataset.name().table());
            let text = fs::read_to_string(root().join("policies").join(&file)).unwrap();
            document::policy_from_yaml(&file, &text, dataset.schema()).unwrap()
        })
        .collect();
    PolicySet::build(Revision::new(1), policies).unwrap()
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(ending));
    files.sort();
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
