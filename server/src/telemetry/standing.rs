//! How things stand now: what nobody counts on the way, because it is looked at when it is asked for.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::{Telemetry, parts, process};
use crate::routes::health::Readiness;
use crate::state::AppState;

/// How long is waited for a part that does not answer; then its last figures stay.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often it is looked at where metrics are sent without being asked for.
const EVERY: Duration = Duration::from_secs(15);

/// Looks at everything once.
pub(super) async fn observe(state: &AppState) {
    learn(state);
    let telemetry = &state.telemetry;
    let metrics = telemetry.metrics();
    let published = &state.dashboards.published;
    let since = telemetry.0.began.elapsed();
    metrics.build.set([env!("CARGO_PKG_VERSION").into()], 1.0);
    metrics.uptime.set([], since.as_secs_f64());
    policies(telemetry, published.current().policies().revision().get());
    metrics.closed.set([], truth(published.is_closed()));
    let unseen = state.dashboards.gate.since_looked();
    metrics.look_age.set([], unseen.as_secs_f64());
    snapshots(state);
    let (entries, bytes) = state.dashboards.cache.size();
    metrics.cache_entries.set([], float(entries));
    metrics.cache_bytes.set([], float(bytes));
    let waiting = state.registry.audit().waiting_bytes();
    metrics.audit_waiting.set([], float(waiting));
    let throttled = state.dashboards.cache.throttled();
    metrics.throttled.catch_up([], throttled);
    process::observe(metrics);
    parts::observe(state);
    readiness(state).await;
    budgets(state).await;
}

/// Learns the names of what exists: they may be labels from now on.
pub(crate) fn learn(state: &AppState) {
    let metrics = state.telemetry.metrics();
    let content = state.dashboards.published.current();
    let dashboards = content.dashboards();
    metrics
        .dashboards
        .learn(dashboards.map(|dashboard| dashboard.slug().as_str()));
    let units = content.business_units().iter();
    metrics.units.learn(units.map(|(unit, _)| unit.as_str()));
    let datasets = content.catalog().datasets();
    metrics
        .datasets
        .learn(datasets.map(|dataset| dataset.name().as_str()));
}

async fn readiness(state: &AppState) {
    let ready = timeout(PATIENCE, Readiness::of(state)).await;
    let ready = ready.unwrap_or(Readiness::Unavailable);
    let levels = &state.telemetry.metrics().ready;
    for known in Readiness::ALL {
        levels.set([known.word().into()], truth(*known == ready));
    }
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn policies(telemetry: &Telemetry, number: u64) {
    let metrics = telemetry.metrics();
    let mut seen = telemetry
        .0
        .revision
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let since = match *seen {
        Some((known, since)) if known == number => since,
        _ => Instant::now(),
    };
    *seen = Some((number, since));
    metrics.revision.set([], float(number));
    metrics.revision_age.set([], since.elapsed().as_secs_f64());
}

fn snapshots(state: &AppState) {
    let metrics = state.telemetry.metrics();
    let now = state.clock.now();
    let current = state.dashboards.snapshots.current();
    metrics.snapshot_age.clear();
    for (dataset, snapshot) in current.iter() {
        let age = (now - snapshot.committed_at).to_std().unwrap_or_default();
        let label = metrics.datasets.value(dataset.as_str());
        metrics.snapshot_age.set([label], age.as_secs_f64());
    }
}

async fn budgets(state: &AppState) {
    let metrics = state.telemetry.metrics();
    let asked = state.dashboards.cache.ledger().budgets();
    let Ok(Ok(budgets)) = timeout(PATIENCE, asked).await else {
        return;
    };
    metrics
        .scopes
        .learn(budgets.iter().map(|budget| budget.scope.as_str()));
    metrics.budgets.clear();
    for budget in budgets {
        let label = metrics.scopes.value(&budget.scope);
        let used = budget.spent_bytes.saturating_add(budget.reserved_bytes);
        let limit = budget.limit_bytes.max(1);
        metrics.budgets.set([label], float(used) / float(limit));
    }
}

/// A number of things as a metric has it.
#[expect(
    clippy::cast_precision_loss,
    reason = "nothing that is counted here comes near 2^53"
)]
pub(super) fn float(number: u64) -> f64 {
    number as f64
}

/// Looks at everything while metrics are sent to a collector, until `stop`.
pub(crate) async fn keep(state: &AppState, stop: CancellationToken) {
    if state.telemetry.0.export.is_none() {
        return stop.cancelled().await;
    }
    observe(state).await;
    let pause = || tokio::time::sleep(EVERY);
    while stop.run_until_cancelled(pause()).await.is_some() {
        observe(state).await;
    }
}
