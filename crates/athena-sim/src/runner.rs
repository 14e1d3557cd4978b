//! The life of a query: queued, running, perhaps queued again, and an end.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;
use weir_engine::EngineError;
use weir_engine::development::{Batches, BytesRead};

use crate::account::{Account, lock};
use crate::execution::{AthenaError, Execution, State};
use crate::faults::{Effect, Effects};
use crate::results::Output;
use crate::sql::{Query, SyntaxError};
use crate::{clock, unload, workgroup};

/// Why a query ended without rows.
#[derive(Debug)]
pub(crate) enum Ending {
    Failed(AthenaError),
    /// The workgroup's limit of bytes was reached.
    CutOff,
}

/// What a query has to show in the end.
#[derive(Debug)]
pub(crate) struct Product {
    pub(crate) output: Arc<Output>,
    pub(crate) manifest: Option<String>,
}

impl Account {
    /// Drives the query `id` to its end. Whoever stops it aborts this.
    pub(crate) async fn drive(
        self: Arc<Self>,
        id: String,
        understood: Result<Query, SyntaxError>,
        effects: Effects,
        reused: Option<Arc<Output>>,
    ) {
        let total = match reused {
            Some(_) => self.latency.reuse,
            None => self.latency.sample(self.chance(), self.chance()),
        };
        let queued = total.mul_f64(0.07) + effects.queue_delay();
        tokio::time::sleep(queued).await;
        if effects.hangs() {
            std::future::pending::<()>().await;
        }
        self.change(&id, |query| {
            query.spent.queued = queued;
            query.spent.planning = total.mul_f64(0.15);
            query.spent.service = total.mul_f64(0.03);
            query.state = State::Running;
            query.seen.store(false, Ordering::Relaxed);
        });
        self.bounce(&id, effects.bounces()).await;
        let end = Instant::now() + total.mul_f64(0.93);
        let product = match reused {
            Some(output) => Ok(Product {
                output,
                manifest: None,
            }),
            None => self.produce(&id, understood).await,
        };
        tokio::time::sleep_until(end).await;
        let product = injected(&effects).map_or(product, |error| Err(Ending::Failed(error)));
        self.finish(&id, product);
    }

    /// Back into the queue and out of it, each time only after somebody has seen how it is.
    async fn bounce(&self, id: &str, times: u32) {
        for _ in 0..times {
            for state in [State::Queued, State::Running] {
                self.until_seen(id).await;
                self.change(id, |query| {
                    query.state = state;
                    query.seen.store(false, Ordering::Relaxed);
                });
            }
            self.until_seen(id).await;
        }
    }

    async fn until_seen(&self, id: &str) {
        let unseen = || {
            let queries = lock(&self.queries);
            let query = queries.by_id.get(id);
            query.is_some_and(|query| !query.seen.load(Ordering::Relaxed))
        };
        let patience = Instant::now() + Duration::from_secs(10);
        while unseen() && Instant::now() < patience {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn produce(
        &self,
        id: &str,
        understood: Result<Query, SyntaxError>,
    ) -> Result<Product, Ending> {
        let query = understood.map_err(|error| Ending::Failed(AthenaError::syntax(&error)))?;
        let (read, cutoff) = self.circumstances(id);
        let batches = self.compute(&query, &read).await?;
        if cutoff.is_some_and(|most| read.bytes() > most) {
            return Err(Ending::CutOff);
        }
        if let Some(target) = &query.unload {
            let product = unload::write(self, id, target, &query, &batches);
            let product = product.map_err(Ending::Failed)?;
            // It is told of a query that fails after this too.
            self.change(id, |query| query.manifest.clone_from(&product.manifest));
            return Ok(product);
        }
        let output = Output::of(&batches, &query.names)
            .map_err(|what| Ending::Failed(AthenaError::user(1200, &what)))?;
        Ok(Product {
            output: Arc::new(output),
            manifest: None,
        })
    }

    async fn compute(&self, query: &Query, read: &BytesRead) -> Result<Batches, Ending> {
        let failed = Ending::Failed;
        let table = match &query.table {
            Some((name, snapshot)) => {
                let table = self.table(name).await.map_err(|_| {
                    failed(AthenaError::user(
                        1301,
                        &format!("TABLE_NOT_FOUND: Table 'awsdatacatalog.{name}' does not exist"),
                    ))
                })?;
                Some((table, snapshot))
            }
            None => None,
        };
        let table = table.as_ref().map(|(table, snapshot)| (table, *snapshot));
        // Never closed, so a permit always comes.
        let _core = self.cores.acquire().await.ok();
        self.workbench
            .run(&query.text, table, &self.functions, read)
            .await
            .map_err(|error| failed(AthenaError::of_engine(&error)))
    }

    fn circumstances(&self, id: &str) -> (BytesRead, Option<u64>) {
        let (read, group) = match lock(&self.queries).by_id.get(id) {
            Some(query) => (query.read.clone(), query.workgroup.clone()),
            None => return (BytesRead::default(), None),
        };
        let groups = lock(&self.workgroups);
        let group = workgroup::find(&groups, &group).ok();
        (
            read,
            group.and_then(|group| group.configuration.bytes_scanned_cutoff_per_query),
        )
    }

    fn finish(&self, id: &str, product: Result<Product, Ending>) {
        let file = self.change(id, |query| {
            match product {
                Ok(product) => {
                    query.state = State::Succeeded;
                    query.output = Some(product.output);
                    query.manifest = product.manifest;
                }
                Err(Ending::Failed(error)) => {
                    query.state = State::Failed;
                    query.reason = Some(error.error_message.clone());
                    query.error = Some(error);
                }
                Err(Ending::CutOff) => {
                    query.state = State::Cancelled;
                    query.reason =
                        Some("Query cancelled! : Bytes scanned limit was exceeded".into());
                }
            }
            let file = query.output.clone().filter(|_| !query.unloads);
            Some((query.output_location()?, file?))
        });
        if let Some(Some((location, output))) = file {
            lock(&self.store).write(&location, output.csv().into());
        }
    }

    /// Stops the query `id`, unless it has ended.
    pub(crate) fn stop(&self, id: &str, reason: &str) {
        self.change(id, |query| {
            query.state = State::Cancelled;
            query.reason = Some(reason.to_owned());
            if let Some(driver) = &query.driver {
                driver.abort();
            }
        });
    }

    /// Changes the query `id`, unless it has ended; if it ends thereby, it is metered.
    fn change<T>(&self, id: &str, change: impl FnOnce(&mut Execution) -> T) -> Option<T> {
        let mut queries = lock(&self.queries);
        let query = queries.by_id.get_mut(id)?;
        if query.state.is_final() {
            return None;
        }
        let changed = change(query);
        if query.state.is_final() {
            query.scanned = Some(query.read.bytes());
            query.total = Some(query.began.elapsed());
            query.completed = Some(clock::now());
            let (group, ended) = (query.workgroup.clone(), query.ended());
            queries.meter.record(id, &group, &ended);
        }
        Some(changed)
    }
}

impl AthenaError {
    fn user(error_type: i32, message: &str) -> Self {
        Self {
            error_category: 2,
            error_type,
            retryable: false,
            error_message: message.to_owned(),
        }
    }

    fn syntax(error: &SyntaxError) -> Self {
        Self::user(1006, &format!("SYNTAX_ERROR: {}", error.0))
    }

    /// What the embedded engine would not do, as the type that the service's reference gives it.
    fn of_engine(error: &EngineError) -> Self {
        match error {
            EngineError::SnapshotGone => {
                Self::user(233, "ICEBERG_ERROR: Iceberg snapshot ID does not exists")
            }
            EngineError::TooLarge(_) => {
                Self::user(1, "Query exhausted resources at this scale factor")
            }
            EngineError::Refused(Some(cause)) => {
                let cause = cause.to_string();
                Self::user(1006, &format!("SYNTAX_ERROR: {cause}"))
            }
            EngineError::Failed(cause) => Self::user(1001, &format!("GENERIC_USER_ERROR: {cause}")),
            other => Self {
                error_category: 1,
                error_type: 100,
                retryable: true,
                error_message: format!("GENERIC_INTERNAL_ERROR: {other}"),
            },
        }
    }
}

fn injected(effects: &Effects) -> Option<AthenaError> {
    effects.iter().find_map(|effect| match effect {
        Effect::Fail {
            category,
            error_type,
            retryable,
            message,
        } => Some(AthenaError {
            error_category: *category,
            error_type: *error_type,
            retryable: *retryable,
            error_message: message.clone(),
        }),
        _ => None,
    })
}
