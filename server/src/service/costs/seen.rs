//! What a run came to, told to metrics and to its trace.

use tracing::Span;
use weir_engine::{Ended, Execution, Ran};
use weir_policy::BusinessUnit;

use crate::service::account::Account;
use crate::telemetry::{Telemetry, Value};

/// A run that began in the current span, which stays open until the run's end.
#[derive(Debug)]
pub(super) struct Seen {
    telemetry: Telemetry,
    unit: Value,
    span: Span,
}

impl Seen {
    pub(super) fn begin(telemetry: &Telemetry, account: &Account) -> Self {
        let units = &telemetry.metrics().units;
        let unit = account.unit.as_ref().map(BusinessUnit::as_str);
        // Claims are mapped and registrations are lists: a unit that asks is one that exists.
        units.learn(unit);
        Self {
            unit: unit.map_or(Value::Fixed("several"), |unit| units.value(unit)),
            telemetry: telemetry.clone(),
            span: Span::current(),
        }
    }

    /// Told by the engine, or `None` when the run never began.
    pub(super) fn ended(self, execution: Option<&Execution>) {
        let Some(execution) = execution else { return };
        let (engine, outcome) = (engine(execution.ran), outcome(execution.outcome));
        // The engine's own id leads from a trace to the engine's console and to the ledger.
        self.span
            .record("weir.execution_id", execution.id.as_deref());
        self.span.record("weir.engine", engine);
        self.span.record("weir.outcome", outcome);
        self.span
            .record("weir.scanned_bytes", execution.scanned_bytes);
        let metrics = self.telemetry.metrics();
        metrics.runs.add([engine.into(), outcome.into()], 1);
        self.span.in_scope(|| {
            metrics
                .run_time
                .observe([engine.into()], execution.times.total);
        });
        metrics
            .queue_time
            .observe(["engine".into()], execution.times.queued);
        metrics
            .scanned
            .add([self.unit.clone()], execution.scanned_bytes);
        metrics.billed.add([self.unit], execution.billed_bytes);
    }
}

fn engine(ran: Ran) -> &'static str {
    match ran {
        Ran::Embedded => "embedded",
        Ran::Athena => "athena",
        Ran::AthenaReuse => "athena_reuse",
    }
}

fn outcome(ended: Ended) -> &'static str {
    match ended {
        Ended::Succeeded => "succeeded",
        Ended::Failed => "failed",
        Ended::Cancelled => "cancelled",
        Ended::Unknown => "unknown",
    }
}
