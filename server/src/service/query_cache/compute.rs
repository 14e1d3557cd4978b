//! A question that nobody in this process has answered: found with the other processes, or put to
//! the engine once every budget admits it.

use std::sync::Arc;

use tracing::field::Empty;
use tracing::{Instrument as _, Span, debug_span};
use weir_engine::{Booking, Deadline, EngineError, Held, QueryContext};
use weir_policy::BusinessUnit;
use weir_query::Statement;
use weir_registry::Purpose;

use super::flights::Outcome;
use super::{Entry, Fetched, Origin, QueryCache};
use crate::service::account::Account;
use crate::service::costs::{FetchError, RowsTold};
use crate::service::shared_cache::Claim;
use crate::telemetry::phases::Laps;

impl QueryCache {
    /// Finds the answer, waits for the process that computes it, or computes it for all.
    pub(super) async fn compute(&self, statement: &Statement, account: &Account) -> Outcome {
        let running = self.trouble.run();
        let key = statement.fingerprint();
        let claim = match &self.shared {
            Some(shared) => shared.claim(&key, self.limits.deadline).await,
            None => Claim::Alone,
        };
        let (entry, origin) = match claim {
            Claim::Found(entry) => (Arc::new(entry), Origin::Cache),
            Claim::Followed(entry) => (Arc::new(entry), Origin::Coalesced),
            Claim::Mine(lease) => {
                let entry = self.computed(statement, account).await?;
                lease.done(Arc::clone(&entry));
                (entry, Origin::Engine)
            }
            Claim::Alone => {
                let entry = self.computed(statement, account).await?;
                if let Some(shared) = &self.shared {
                    shared.keep(key, Arc::clone(&entry));
                }
                (entry, Origin::Engine)
            }
        };
        drop(running);
        self.entries.insert(key, Arc::clone(&entry)).await;
        Ok(Fetched { entry, origin })
    }

    async fn computed(
        &self,
        statement: &Statement,
        account: &Account,
    ) -> Result<Arc<Entry>, FetchError> {
        let span = engine_span(statement, account);
        let outcome = self.run(statement, account).instrument(span.clone()).await;
        if let Err(error) = &outcome {
            span.record("weir.failure", error.code());
            span.record("otel.status_code", "ERROR");
            let metrics = self.ledger.telemetry().metrics();
            metrics.failures.add([error.code().into()], 1);
        }
        // What prewarming may not spend says nothing about what people may.
        if account.purpose != Purpose::Prewarm {
            self.trouble.ended(account, outcome.as_ref().err());
        }
        outcome.map(Arc::new)
    }

    /// What the engine needs to know of a run that every budget admits.
    pub(super) async fn admitted(
        &self,
        statement: &Statement,
        account: &Account,
        deadline: Deadline,
    ) -> Result<(QueryContext, RowsTold), FetchError> {
        let patience = self.limits.deadline;
        let estimate = tokio::time::timeout(patience, self.engine.estimate(statement)).await;
        let estimate = estimate.map_err(|_| EngineError::Deadline)??;
        let admitted =
            tokio::time::timeout(patience, self.ledger.admit(account, statement, estimate)).await;
        let (run, rows_told) = admitted.map_err(|_| EngineError::Deadline)??;
        let (booking, booked) = Booking::open();
        self.ledger.book(run, account, statement, booked);
        let context = QueryContext {
            unit: account.unit.clone(),
            lane: account.lane,
            deadline,
            booking,
            held: Held::nothing(),
        };
        Ok((context, rows_told))
    }

    async fn run(&self, statement: &Statement, account: &Account) -> Result<Entry, FetchError> {
        let telemetry = self.ledger.telemetry();
        telemetry.links().runs(&statement.fingerprint()).await;
        let deadline = Deadline::after(self.limits.deadline);
        let mut laps = Laps::begin();
        // A crowd of new questions waits here, and the machine stays answerable (D7).
        let turn = tokio::time::timeout(self.limits.deadline, self.turns.acquire()).await;
        let _turn = turn.map_err(|_| EngineError::Deadline)?;
        let queue = &telemetry.metrics().queue_time;
        queue.observe(["weir".into()], laps.lap());
        let (context, rows_told) = self.admitted(statement, account, deadline).await?;
        let answer = self.engine.run(statement, context).await?;
        let rows = answer.rows.rows().len() as u64;
        // Whoever books may be gone; then nothing is.
        rows_told.send((rows, answer.rows.is_truncated())).ok();
        Ok(Entry {
            rows: answer.rows,
            bytes_read: answer.execution.scanned_bytes,
            billed_bytes: answer.execution.billed_bytes,
            computed_at: self.clock.now(),
        })
    }
}

/// One run, under the request that began it.
fn engine_span(statement: &Statement, account: &Account) -> Span {
    let fingerprint = statement.fingerprint();
    debug_span!(
        "engine",
        otel.status_code = Empty,
        weir.fingerprint = %fingerprint,
        weir.dataset = statement.scan().dataset().as_str(),
        weir.dashboard = account.dashboard.as_ref().map(weir_query::DashboardSlug::as_str),
        weir.tile = account.tile.as_ref().map(weir_registry::Label::as_str),
        weir.unit = account.unit.as_ref().map(BusinessUnit::as_str),
        weir.engine = Empty,
        weir.execution_id = Empty,
        weir.outcome = Empty,
        weir.scanned_bytes = Empty,
        weir.failure = Empty,
    )
}
