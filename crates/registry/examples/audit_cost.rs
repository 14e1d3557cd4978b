//! What the audit costs: `cargo run --release -p weir-registry --example audit_cost [FOLDER]`.
//!
//! One call of `record` with ten events is one hot dashboard. Alone, then 32 callers at once.

use std::io::Write;
use std::time::{Duration, Instant};

use chrono::DateTime;
use weir_policy::RuleId;
use weir_registry::{
    AuditEvent, AuditLog, DataRead, Digest, Durability, Fact, Label, ReadOutcome, Realm, Registry,
    RegistryOptions, RequestId, Source,
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let folder = match std::env::args().nth(1) {
        Some(parent) => tempfile::tempdir_in(parent)?,
        None => tempfile::tempdir()?,
    };
    for (name, data_reads) in [("process", Durability::Process), ("disk", Durability::Disk)] {
        let url = format!("sqlite://{}/{name}.db", folder.path().display());
        let options = RegistryOptions {
            data_reads,
            ..RegistryOptions::default()
        };
        let registry = Registry::open_with(&url, options).await?;
        let alone = one_caller(registry.audit(), 5000).await?;
        report(&format!("{name}, one caller"), alone, None)?;
        let start = Instant::now();
        let together = callers(registry.audit(), 32, 500).await?;
        report(
            &format!("{name}, 32 callers"),
            together,
            Some(start.elapsed()),
        )?;
        let start = Instant::now();
        let status = registry.audit().verify().await?;
        writeln!(
            std::io::stdout(),
            "verify: {status:?} in {:?}",
            start.elapsed()
        )?;
        registry.close().await?;
    }
    Ok(())
}

async fn one_caller(audit: &AuditLog, calls: usize) -> Result<Vec<Duration>, Failure> {
    let events = dashboard()?;
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let events = events.clone();
        let start = Instant::now();
        audit.record(events).await?;
        times.push(start.elapsed());
    }
    Ok(times)
}

async fn callers(audit: &AuditLog, count: usize, calls: usize) -> Result<Vec<Duration>, Failure> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..count {
        let audit = audit.clone();
        tasks.spawn(async move { one_caller(&audit, calls).await });
    }
    let times: Result<Vec<_>, _> = tasks.join_all().await.into_iter().collect();
    Ok(times?.concat())
}

fn report(name: &str, mut times: Vec<Duration>, wall: Option<Duration>) -> Result<(), Failure> {
    times.sort_unstable();
    let at = |percent: usize| {
        times
            .get((times.len() * percent / 100).min(times.len() - 1))
            .copied()
            .unwrap_or_default()
    };
    let mut out = std::io::stdout();
    write!(
        out,
        "{name}: {:?} p50, {:?} p95, {:?} p99, {:?} worst",
        at(50),
        at(95),
        at(99),
        at(100)
    )?;
    if let Some(wall) = wall {
        let calls = u32::try_from(times.len())?;
        write!(
            out,
            ", {:.0} dashboards/s",
            f64::from(calls) / wall.as_secs_f64()
        )?;
    }
    Ok(writeln!(out)?)
}

fn dashboard() -> Result<Vec<AuditEvent>, Failure> {
    (0..10_u64)
        .map(|tile| {
            let read = DataRead {
                realm: Realm::Embed,
                subject: Digest::from([1; 32]),
                dashboard: Label::parse("finance-overview")?,
                tile: Label::parse(format!("tile-{tile}"))?,
                policy_revision: 14,
                matched_rules: vec![RuleId::parse("bu-own-rows")?, RuleId::parse("legal-hold")?],
                fingerprint: Digest::from([2; 32]),
                snapshot: Label::parse("gold.statements@5828592803881840765")?,
                source: Source::Cache,
                rows: 12,
                bytes: 0,
                outcome: ReadOutcome::Answered,
            };
            let request = RequestId::parse("0192f0c1-7d3e-7cc3-98c4-dc0c0c07398f")?;
            Ok(AuditEvent::new(
                DateTime::UNIX_EPOCH,
                request,
                Fact::DataRead(read),
            ))
        })
        .collect()
}
