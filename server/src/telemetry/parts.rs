//! What other parts count by themselves: taken over whenever it is asked for.

use rust_decimal::prelude::ToPrimitive as _;
use weir_registry::VitalSums;

use super::metric::Value;
use super::standing::float;
use crate::overload::Class;
use crate::service::shared_cache::SharedCache;
use crate::service::vitals::HeardPages;
use crate::state::AppState;

/// Looks at every part once.
pub(super) fn observe(state: &AppState) {
    admission(state);
    connections(state);
    shared_cache(state);
    page_parts(state);
    vitals(state);
}

fn admission(state: &AppState) {
    let metrics = state.telemetry.metrics();
    let load = state.dashboards.admission.load();
    metrics.admission_limit.set([], float(load.limit as u64));
    metrics
        .admission_working
        .set([], float(load.working as u64));
    for (class, counts) in Class::ALL.into_iter().zip(load.classes) {
        let word = || Value::Fixed(class.word());
        let waiting = float(counts.waiting as u64);
        metrics.admission_waiting.set([word()], waiting);
        metrics.admitted.catch_up([word()], counts.admitted);
        metrics.shed.catch_up([word()], counts.refused);
    }
}

fn connections(state: &AppState) {
    let metrics = state.telemetry.metrics();
    let counts = state.connections.snapshot();
    metrics.connections.set([], float(counts.open));
    metrics.accepted.catch_up([], counts.accepted);
    metrics.unaccepted.catch_up([], counts.failed);
    metrics.malformed.catch_up([], counts.refused);
}

fn shared_cache(state: &AppState) {
    let metrics = state.telemetry.metrics();
    let shared = state.dashboards.cache.shared();
    let is_configured = f64::from(u8::from(shared.is_some()));
    metrics.shared_configured.set([], is_configured);
    let counts = shared.map(SharedCache::counts).unwrap_or_default();
    for (outcome, many) in [
        ("found", counts.found),
        ("followed", counts.followed),
        ("led", counts.led),
        ("alone", counts.alone),
        ("refused", counts.refused),
        ("stored", counts.stored),
        ("too_large", counts.too_large),
    ] {
        metrics.shared.catch_up([outcome.into()], many);
    }
    metrics.shared_failures.catch_up([], counts.failures);
    let connected = f64::from(u8::from(counts.connected));
    metrics.shared_connected.set([], connected);
}

fn page_parts(state: &AppState) {
    let metrics = state.telemetry.metrics();
    let kinds = state.dashboards.kinds.snapshot();
    metrics.page_parts.catch_up(["kept".into()], kinds.kept);
    metrics.page_parts.catch_up(["drawn".into()], kinds.drawn);
}

fn vitals(state: &AppState) {
    let metrics = state.telemetry.metrics();
    let heard = state.real_users.snapshot();
    for (outcome, many) in [
        ("taken", heard.taken),
        ("too_often", heard.refused),
        ("unreadable", heard.unreadable),
        ("too_many_series", heard.without_series),
    ] {
        metrics.vitals.catch_up([outcome.into()], many);
    }
    let promised = heard.promise.objective.to_f64().unwrap_or_default();
    metrics.vital_promise.set([], promised);
    for pages in &heard.pages {
        one_dashboard(state, pages);
    }
}

fn one_dashboard(state: &AppState, pages: &HeardPages) {
    let metrics = state.telemetry.metrics();
    let labels = || {
        let unit = pages.business_unit.as_ref();
        [
            metrics.dashboards.value(pages.dashboard.as_str()),
            unit.map_or(Value::Fixed("several"), |unit| {
                metrics.units.value(unit.as_str())
            }),
        ]
    };
    let VitalSums {
        lcp,
        slow,
        script_errors,
        promise_errors,
        ..
    } = &pages.sums;
    metrics.vital_pages.catch_up(labels(), lcp.total());
    metrics.slow_pages.catch_up(labels(), *slow);
    let errors = script_errors + promise_errors;
    metrics.page_errors.catch_up(labels(), errors);
    if let Some(ms) = lcp.quantile(75) {
        metrics.vital_lcp.set(labels(), f64::from(ms) / 1000.0);
    }
}
