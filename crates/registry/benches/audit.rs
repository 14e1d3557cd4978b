//! What the audit costs: `cargo bench -p weir-registry --bench audit [-- FOLDER]`.
//!
//! One call of `record` with ten data reads is one hot dashboard. The wall time of the call on the
//! calling side, alone and with 32 callers at once, acknowledged from the segment and from the
//! disk; then how fast records are moved into the database, and how fast the chain is walked. At last
//! what the registry does for an embed token, with 64 callers at once.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::DateTime;
use weir_policy::RuleId;
use weir_registry::{
    AuditEvent, AuditLog, DataRead, Denial, Digest, Durability, Fact, Label, ReadOutcome, Realm,
    Registry, RegistryOptions, RequestId, Source,
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // Cargo passes flags of its own.
    let chosen = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let folder = match chosen {
        Some(parent) => tempfile::tempdir_in(parent)?,
        None => tempfile::tempdir()?,
    };
    measure(folder.path(), "process", Durability::Process, dashboard()?).await?;
    measure(folder.path(), "disk", Durability::Disk, dashboard()?).await?;
    measure(folder.path(), "denial", Durability::Process, denial()?).await?;
    mints(folder.path()).await
}

/// What the registry does for one embed token: its record is on the disk, its launch code kept.
async fn mints(folder: &Path) -> Result<(), Failure> {
    let url = format!("sqlite://{}/mint.db", folder.display());
    let registry = Registry::open(&url).await?;
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for caller in 0..64 {
        let (registry, record) = (registry.clone(), denial()?);
        tasks.spawn(async move { mint_often(&registry, &record, caller).await });
    }
    let times: Result<Vec<_>, _> = tasks.join_all().await.into_iter().collect();
    report("mint, 64 callers", times?.concat(), Some(start.elapsed()))?;
    Ok(registry.close().await?)
}

async fn mint_often(
    registry: &Registry,
    record: &[AuditEvent],
    caller: u128,
) -> Result<Vec<Duration>, Failure> {
    let token = "t".repeat(900);
    let mut times = Vec::new();
    for round in 0..100_u128 {
        let mut code = [0; 32];
        let number = (caller * 1000 + round).to_be_bytes();
        code.iter_mut()
            .zip(number)
            .for_each(|(to, from)| *to = from);
        let start = Instant::now();
        registry.audit().record(record.to_vec()).await?;
        let codes = registry.launch_codes();
        codes
            .put(&Digest::from(code), &token, DateTime::UNIX_EPOCH)
            .await?;
        times.push(start.elapsed());
    }
    Ok(times)
}

async fn measure(
    folder: &Path,
    name: &str,
    data_reads: Durability,
    events: Vec<AuditEvent>,
) -> Result<(), Failure> {
    let url = format!("sqlite://{}/{name}.db", folder.display());
    let options = RegistryOptions {
        data_reads,
        ..RegistryOptions::default()
    };
    let registry = Registry::open_with(&url, options).await?;
    let audit = registry.audit();
    one_caller(audit, &events, 200).await?;
    let alone = one_caller(audit, &events, 5000).await?;
    report(&format!("{name}, one caller"), alone, None)?;
    let start = Instant::now();
    let together = callers(audit, &events, 32, 300).await?;
    let wall = start.elapsed();
    report(&format!("{name}, 32 callers"), together, Some(wall))?;
    let start = Instant::now();
    audit.list(1, 1).await?;
    let waited = start.elapsed();
    let start = Instant::now();
    let status = audit.verify().await?;
    let walked = start.elapsed();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{name}: moved {waited:?} later; {status:?} in {walked:?}"
    )?;
    Ok(registry.close().await?)
}

async fn one_caller(
    audit: &AuditLog,
    events: &[AuditEvent],
    calls: usize,
) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let events = events.to_vec();
        let start = Instant::now();
        audit.record(events).await?;
        times.push(start.elapsed());
    }
    Ok(times)
}

async fn callers(
    audit: &AuditLog,
    events: &[AuditEvent],
    count: usize,
    calls: usize,
) -> Result<Vec<Duration>, Failure> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..count {
        let (audit, events) = (audit.clone(), events.to_vec());
        tasks.spawn(async move { one_caller(&audit, &events, calls).await });
    }
    let times: Result<Vec<_>, _> = tasks.join_all().await.into_iter().collect();
    Ok(times?.concat())
}

fn report(name: &str, mut times: Vec<Duration>, wall: Option<Duration>) -> Result<(), Failure> {
    times.sort_unstable();
    let at = |percent: usize| {
        let place = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times.get(place).copied().unwrap_or_default()
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
        let rate = f64::from(calls) / wall.as_secs_f64();
        write!(out, ", {rate:.0} calls/s")?;
    }
    Ok(writeln!(out)?)
}

fn denial() -> Result<Vec<AuditEvent>, Failure> {
    let denial = Denial::new(Realm::Embed, Label::parse("token-expired")?);
    Ok(vec![event(Fact::Denial(denial))?])
}

fn dashboard() -> Result<Vec<AuditEvent>, Failure> {
    (0..10_u64)
        .map(|tile| {
            event(Fact::DataRead(DataRead {
                realm: Realm::Embed,
                subject: Digest::from([1; 32]),
                dashboard: Label::parse("finance-overview")?,
                tile: Label::parse(format!("tile-{tile}"))?,
                business_unit: None,
                policy_revision: 14,
                matched_rules: vec![RuleId::parse("bu-own-rows")?, RuleId::parse("legal-hold")?],
                fingerprint: Digest::from([2; 32]),
                snapshot: Label::parse("gold.statements@5828592803881840765")?,
                source: Source::Cache,
                rows: 12,
                bytes: 0,
                outcome: ReadOutcome::Answered,
                view_as: None,
                export: None,
            }))
        })
        .collect()
}

fn event(fact: Fact) -> Result<AuditEvent, Failure> {
    let request = RequestId::parse("0192f0c1-7d3e-7cc3-98c4-dc0c0c07398f")?;
    Ok(AuditEvent::new(DateTime::UNIX_EPOCH, request, fact))
}
