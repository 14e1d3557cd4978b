//! What a large organisation costs: `cargo bench -p weir-query --bench scale`.
//!
//! 500 datasets with 10,000 rules that name 1,000 business units: how long the documents take to be
//! read and their decision tables to run, how much memory they keep, and how long one tile takes
//! from subject to statement.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a tool for the terminal"
)]

#[path = "scale/organisation.rs"]
mod organisation;

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate};
use organisation::{DATASETS, UNITS, files, unit};
use weir_policy::decision_table::{DecisionTable, table_from_catalog};
use weir_policy::document::policy_from_catalog;
use weir_policy::{
    AttributeName, BusinessUnit, DatasetSchema, Policy, PolicySet, Revision, RoleName, Subject,
    resolve,
};
use weir_query::{Catalog, Dashboard, Dataset, Dialect, Snapshot, SnapshotId, compile};

/// The server's allocator: what is measured is what the server pays.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How many tiles are asked for.
const TILES: usize = 100_000;

fn main() {
    let files = files();
    let ending = |end: &'static str| files.iter().filter(move |(path, _)| path.ends_with(end));
    let before = resident();

    let start = Work::start();
    let datasets = ending(".dataset.yaml").map(|(p, text)| Dataset::from_yaml(p, text).unwrap());
    let catalog = Catalog::build(datasets).unwrap();
    let schemas: Vec<&DatasetSchema> = catalog.datasets().map(|it| it.schema()).collect();
    let policies: Vec<Policy> = ending(".policy.yaml")
        .map(|(path, text)| policy_from_catalog(path, text, schemas.iter().copied()).unwrap())
        .collect();
    let rules: usize = policies.iter().map(|policy| policy.rules().len()).sum();
    let set = PolicySet::build(Revision::new(1), policies).unwrap();
    let read = start.done();
    let start = Work::start();
    let tables: Vec<DecisionTable> = ending(".test.yaml")
        .map(|(path, text)| table_from_catalog(path, text, schemas.iter().copied()).unwrap())
        .collect();
    for table in &tables {
        let dataset = catalog.dataset(table.dataset()).unwrap();
        assert!(
            table
                .run(&set, dataset.schema())
                .iter()
                .all(weir_policy::decision_table::CaseOutcome::passed)
        );
    }
    let tested = start.done();
    drop(tables);
    let start = Work::start();
    let dashboards: Vec<Dashboard> = ending(".dashboard.yaml")
        .map(|(path, text)| Dashboard::from_yaml(path, text, &catalog).unwrap())
        .collect();
    let drawn = start.done();
    println!("{rules} rules, {DATASETS} datasets, {UNITS} business units");
    println!("policies and datasets read     {read}");
    println!("decision tables read and run   {tested}");
    println!("dashboards read                {drawn}");
    println!(
        "kept in memory                 {:>8} kB",
        resident().saturating_sub(before)
    );

    for (name, units) in [
        ("one unit", 1),
        ("seven units", 7),
        ("100 units", 100),
        ("1,000 units", 1_000),
    ] {
        let took = tiles(&set, &dashboards, units);
        let at = |percent: usize| took[(took.len() - 1) * percent / 100];
        println!(
            "resolve and compile, {name:<12} median {:>8.1?}  99th percentile {:>8.1?}  most {:>8.1?}",
            at(50),
            at(99),
            at(100)
        );
    }
}

/// How long each tile takes, sorted.
fn tiles(set: &PolicySet, dashboards: &[Dashboard], units: usize) -> Vec<Duration> {
    let today = NaiveDate::from_ymd_opt(2026, 10, 31).unwrap();
    let snapshot = Snapshot {
        id: SnapshotId::parse("5828592803881840765").unwrap(),
        committed_at: DateTime::UNIX_EPOCH,
        unreadable: BTreeSet::new(),
    };
    let rounds = if units > 100 { TILES / 20 } else { TILES };
    let mut took: Vec<Duration> = (0..rounds)
        .filter_map(|round| {
            let subject = subject(round, units);
            let dashboard = &dashboards[round * 7 % dashboards.len()];
            let bound = dashboard.bind(&BTreeMap::default(), &[], today).unwrap();
            let question = dashboard.tiles()[0].question(&bound);
            let dataset = Arc::clone(question.dataset());
            let before = turns();
            let start = Instant::now();
            let grant = Arc::new(resolve(set, &subject, dataset.schema()).unwrap());
            let governed = question.under(&grant).unwrap();
            let statement = compile(&governed, Dialect::DataFusion, &snapshot);
            let took = start.elapsed();
            black_box(statement);
            // A tile during which something else had the processor says nothing about Weir.
            (before == turns()).then_some(took)
        })
        .collect();
    took.sort_unstable();
    took
}

/// Somebody, another one each time.
fn subject(round: usize, units: usize) -> Subject {
    let units = (0..units).map(|step| BusinessUnit::parse(unit(round * 13 + step)).unwrap());
    Subject::new("https://idp.example", format!("u-{round}"))
        .with_roles(["analyst", "guest_0", "guest_6"].map(|role| RoleName::parse(role).unwrap()))
        .with_business_units(units)
        .with_attribute(AttributeName::parse("region").unwrap(), ["QC", "ON"])
}

/// Resident memory in kB, where the system says.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kb = line.and_then(|line| line.split_whitespace().nth(1));
    kb.and_then(|kb| kb.parse().ok()).unwrap_or_default()
}

/// How long something takes: by the clock, and on the processor where the system says, so that
/// figures from a busy machine can be read.
struct Work {
    clock: Instant,
    processor: Option<Duration>,
}

impl Work {
    fn start() -> Self {
        Self {
            clock: Instant::now(),
            processor: processor(),
        }
    }

    fn done(self) -> String {
        let clock = self.clock.elapsed();
        let busy = processor().zip(self.processor);
        let busy = busy.map(|(now, then)| format!("  {:>8.1?} of work", now.saturating_sub(then)));
        format!("{clock:>10.1?}{}", busy.unwrap_or_default())
    }
}

/// What this thread has spent on a processor.
fn processor() -> Option<Duration> {
    Some(Duration::from_nanos(schedule(0)?))
}

/// How often this thread was given a processor.
fn turns() -> Option<u64> {
    schedule(2)
}

/// A number of the scheduler's, where the system tells.
fn schedule(place: usize) -> Option<u64> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().nth(place)?.parse().ok()
}
