//! What is still to be written down. It waits here so that no reader waits for it, and stays here
//! while the registry does not answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use weir_engine::{Ended, Execution, Ran};
use weir_query::Statement;
use weir_registry::{
    Alert, Asked, CostError, Costs, Digest, Label, LedgerEntry, Price, RanOn, RunEnd, RunTimes,
    Settlement, ViewCount,
};

use super::no_request;
use crate::service::account::Account;

/// How many looks wait at most: they are statistics. Bills wait for as long as it takes.
const MOST_VIEWS: usize = 10_000;

/// How much is written in one transaction.
const AT_ONCE: usize = 500;

/// What is still to be written down. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Books {
    costs: Costs,
    price: Price,
    waiting: Arc<Mutex<Settlement>>,
    /// One writer at a time: who has flushed knows that all before is written.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl Books {
    pub(super) fn new(costs: Costs, price: Price) -> Self {
        Self {
            costs,
            price,
            waiting: Arc::default(),
            writing: Arc::default(),
        }
    }

    pub(super) fn ended(&self, entry: LedgerEntry) {
        self.with(|waiting| waiting.ended.push(entry));
    }

    pub(super) fn released(&self, run: Label) {
        self.with(|waiting| waiting.released.push(run));
    }

    pub(super) fn viewed(&self, count: ViewCount) {
        self.with(|waiting| {
            if waiting.views.len() < MOST_VIEWS {
                waiting.views.push(count);
            }
        });
    }

    /// Writes all that waits, and says which budgets were used up to a part by it.
    pub(super) async fn flush(&self) -> Result<Vec<Alert>, CostError> {
        let _alone = self.writing.lock().await;
        let mut alerts = Vec::new();
        while let Some(mut batch) = self.next_batch() {
            let Some(request) = no_request() else {
                return Ok(alerts);
            };
            let settled = self.costs.settle(&batch.settlement, self.price, &request);
            alerts.extend(settled.await?.alerts);
            batch.settlement = Settlement::default();
        }
        Ok(alerts)
    }

    fn next_batch(&self) -> Option<Batch<'_>> {
        let settlement = self.with(|waiting| {
            let batch = Settlement {
                ended: first(&mut waiting.ended),
                released: first(&mut waiting.released),
                views: first(&mut waiting.views),
            };
            let is_empty =
                batch.ended.is_empty() && batch.released.is_empty() && batch.views.is_empty();
            (!is_empty).then_some(batch)
        })?;
        Some(Batch {
            books: self,
            settlement,
        })
    }

    fn put_back(&self, batch: Settlement) {
        self.with(|waiting| {
            waiting.ended.splice(..0, batch.ended);
            waiting.released.splice(..0, batch.released);
            waiting.views.splice(..0, batch.views);
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Settlement) -> T) -> T {
        act(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is being written. Whatever of it is not written waits again, also when whoever flushed
/// did not wait for the end.
struct Batch<'a> {
    books: &'a Books,
    settlement: Settlement,
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        self.books.put_back(std::mem::take(&mut self.settlement));
    }
}

fn first<T>(list: &mut Vec<T>) -> Vec<T> {
    let rest = list.split_off(list.len().min(AT_ONCE));
    std::mem::replace(list, rest)
}

/// What a run is for; `None` when a name can't stand in the ledger, which names of Weir's can.
pub(super) fn asked(account: &Account, statement: &Statement) -> Option<Asked> {
    let scan = statement.scan();
    let dashboard = account.dashboard.as_ref();
    Some(Asked {
        request: account.request.clone(),
        dashboard: dashboard.and_then(|slug| Label::parse(slug.as_str()).ok()),
        tile: account.tile.clone(),
        unit: account.unit.clone(),
        purpose: account.purpose,
        policy_revision: account.policy_revision,
        dataset: scan.dataset().clone(),
        snapshot: Label::parse(scan.snapshot().as_str()).ok()?,
        fingerprint: Digest::from(*statement.fingerprint().as_bytes()),
    })
}

/// The ledger's row of a run.
pub(super) fn entry(
    run: Label,
    at: DateTime<Utc>,
    asked: Asked,
    execution: Execution,
    rows: Option<(u64, bool)>,
) -> LedgerEntry {
    let times = &execution.times;
    LedgerEntry {
        run,
        at,
        asked,
        ran: match execution.ran {
            Ran::Embedded => RanOn::Embedded,
            Ran::Athena => RanOn::Athena,
            Ran::AthenaReuse => RanOn::AthenaReuse,
        },
        outcome: match execution.outcome {
            Ended::Succeeded => RunEnd::Succeeded,
            Ended::Failed => RunEnd::Failed,
            Ended::Cancelled => RunEnd::Cancelled,
            Ended::Unknown => RunEnd::Unknown,
        },
        execution: execution.id.and_then(|id| Label::parse(id).ok()),
        scanned_bytes: execution.scanned_bytes,
        billed_bytes: execution.billed_bytes,
        times: RunTimes {
            queued: millis(times.queued),
            planning: millis(times.planning),
            running: millis(times.running),
            service: millis(times.service),
            total: millis(times.total),
        },
        rows: rows.map(|(count, _)| count),
        truncated: rows.is_some_and(|(_, truncated)| truncated),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use weir_registry::Registry;

    use super::*;

    #[tokio::test]
    async fn what_is_being_written_when_its_asker_leaves_is_written_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/weir.db", folder.path().display());
        let registry = Registry::open(&url).await.unwrap();
        let books = Books::new(registry.costs().clone(), Price::per_terabyte(5_000_000));
        let waiting = || books.with(|waiting| waiting.released.len());
        books.released(Label::parse("run").unwrap());

        {
            let mut leaves = pin!(books.flush());
            assert!(futures::poll!(leaves.as_mut()).is_pending());
            assert_eq!(waiting(), 0, "it is being written");
        }

        assert_eq!(waiting(), 1);
        books.flush().await.unwrap();
        assert_eq!(waiting(), 0);
        registry.close().await.unwrap();
    }
}
