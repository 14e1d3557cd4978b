//! The engine inside the server: `DataFusion` over the lake.
//!
//! A run is: find the table state that knows the statement's snapshot; wrap it into a
//! [`GovernedTable`](governed::GovernedTable) with the grant's predicate and the statement's
//! columns; plan the text in a [session](session) where only that table has a name; read rows up
//! to the statement's limit.

#[cfg(feature = "development")]
pub mod development;
mod gate;
mod governed;
mod hash;
mod held;
mod literal;
mod prune;
mod read;
mod session;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use datafusion::physical_plan::{SendableRecordBatchStream, execute_stream};
use futures::StreamExt;
use weir_policy::{BusinessUnit, ColumnName, DatasetName, Predicate};
use weir_query::sql::pinned_table;
use weir_query::{
    Catalog, Dialect, OutputColumn, Principal, Purpose, ResultSet, SnapshotId, Statement,
};

use self::governed::GovernedTable;
use self::read::Meter;
use self::session::Sessions;
use crate::export::Gathered;
use crate::lake::{Lake, LakeConfig, LakeError};
use crate::{
    Answer, Deadline, Ended, EngineError, Estimate, Execution, Export, Held, MaskKey, QueryContext,
    QueryEngine, Ran, Tables, Times, cells, drift,
};

/// `DataFusion` over Iceberg tables and Parquet folders.
#[derive(Debug)]
pub struct EmbeddedEngine {
    lake: Lake,
    sessions: Sessions,
}

/// What a statement asks the engine to do.
#[derive(Debug)]
struct Job<'a> {
    text: &'a str,
    dataset: &'a DatasetName,
    snapshot: &'a SnapshotId,
    predicate: &'a Predicate,
    visible: BTreeSet<ColumnName>,
    columns: &'a [OutputColumn],
    row_limit: usize,
}

impl<'a> Job<'a> {
    /// What a statement asks, if it may begin.
    fn of(
        statement: &'a Statement,
        purpose: Purpose,
        deadline: Deadline,
    ) -> Result<Self, EngineError> {
        if statement.dialect() != Dialect::DataFusion {
            return Err(EngineError::WrongDialect);
        }
        if statement.purpose() != purpose {
            return Err(EngineError::Refused(None));
        }
        if deadline.has_passed() {
            return Err(EngineError::Deadline);
        }
        statement.vet()?;
        let scan = statement.scan();
        Ok(Self {
            text: statement.text(),
            dataset: scan.dataset(),
            snapshot: scan.snapshot(),
            predicate: scan.predicate(),
            visible: scan.columns().clone(),
            columns: statement.columns(),
            row_limit: usize::try_from(statement.row_limit()).unwrap_or(usize::MAX),
        })
    }
}

impl EmbeddedEngine {
    /// Opens the lake and checks that every dataset of the catalog can be read from it.
    ///
    /// # Errors
    /// [`LakeError`] names the dataset, and what was expected and found.
    pub async fn open(
        lake: &LakeConfig,
        datasets: &Catalog,
        mask_key: MaskKey,
    ) -> Result<Self, LakeError> {
        let lake = Lake::open(lake, datasets).await?;
        let sessions =
            Sessions::new(mask_key).map_err(|source| LakeError::Engine(Box::new(source)))?;
        Ok(Self { lake, sessions })
    }

    /// The same, which computes with at most `bytes` of memory, all questions together. One that needs
    /// more is refused, as is one that comes while others have it.
    ///
    /// # Errors
    /// When the engine can't be set up so.
    pub fn within(self, bytes: usize) -> Result<Self, LakeError> {
        let failed = |source| LakeError::Engine(Box::new(source));
        let sessions = self.sessions.within(bytes).map_err(failed)?;
        Ok(Self { sessions, ..self })
    }

    /// Begins to compute. What was read so far is on the meter; `held` is lent to the rows on their way.
    async fn begin(
        &self,
        job: &Job<'_>,
        meter: &Arc<Meter>,
        held: Held,
    ) -> Result<SendableRecordBatchStream, EngineError> {
        let (dataset, version) = self
            .lake
            .pinned(job.dataset, job.snapshot)
            .ok_or(EngineError::SnapshotGone)?;
        // Text that a file stores would be read as the number that was declared.
        let mut read = job.predicate.columns();
        read.extend(job.visible.iter().cloned());
        if !drift::unreadable(version.drift()).is_disjoint(&read) {
            return Err(EngineError::Drifted);
        }
        let table = GovernedTable::new(
            version,
            job.snapshot.clone(),
            dataset.schema().clone(),
            job.predicate.clone(),
            job.visible.clone(),
            Arc::clone(meter),
        );
        let name = pinned_table(job.dataset, job.snapshot);
        let state = self
            .sessions
            .with(job.dataset.namespace(), &name, Arc::new(table));

        let plan = session::plan(&state, job.text).await?;
        let plan = state
            .create_physical_plan(&plan)
            .await
            .map_err(EngineError::from_execution)?;
        execute_stream(plan, held::lent(&state, held)).map_err(EngineError::from_execution)
    }

    async fn answer(&self, job: &Job<'_>) -> Result<Answer, EngineError> {
        let began = Instant::now();
        let meter = Arc::new(Meter::default());
        let mut batches = self.begin(job, &meter, Held::nothing()).await?;
        // One more than the limit tells whether there was more.
        let most = job.row_limit.saturating_add(1);
        let mut rows = Vec::new();
        while rows.len() < most
            && let Some(batch) = batches.next().await
        {
            let batch = batch.map_err(EngineError::from_execution)?;
            cells::append(&mut rows, &batch, job.columns, most)?;
        }
        let truncated = rows.len() > job.row_limit;
        rows.truncate(job.row_limit);
        Ok(Answer {
            rows: ResultSet::new(job.columns.to_vec(), rows, truncated),
            files_read: meter.files(),
            execution: came_to(&meter, began),
        })
    }

    async fn gather(&self, job: &Job<'_>, mut all: Gathered) -> Result<Export, EngineError> {
        let began = Instant::now();
        let meter = Arc::new(Meter::default());
        let mut batches = self.begin(job, &meter, all.held()).await?;
        while !all.is_full()
            && let Some(batch) = batches.next().await
        {
            all.add(&batch.map_err(EngineError::from_execution)?)?;
        }
        Ok(all.into_export(came_to(&meter, began)))
    }
}

/// What a run came to that has all its rows.
fn came_to(meter: &Meter, began: Instant) -> Execution {
    Execution {
        id: None,
        ran: Ran::Embedded,
        outcome: Ended::Succeeded,
        scanned_bytes: meter.bytes(),
        billed_bytes: 0,
        times: Times {
            running: began.elapsed(),
            total: began.elapsed(),
            ..Times::default()
        },
    }
}

#[async_trait]
impl QueryEngine for EmbeddedEngine {
    fn dialect(&self) -> Dialect {
        Dialect::DataFusion
    }

    fn principal(&self, _: Option<&BusinessUnit>) -> Option<Principal> {
        None
    }

    async fn tables(&self) -> Result<Tables, EngineError> {
        Ok(self.lake.tables().await?)
    }

    async fn estimate(&self, _: &Statement) -> Result<Option<Estimate>, EngineError> {
        Ok(None)
    }

    async fn run(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Answer, EngineError> {
        let QueryContext {
            deadline, booking, ..
        } = context;
        let job = Job::of(statement, Purpose::Tile, deadline)?;
        // Everything a query has running hangs on this future: dropping it is cancelling.
        let answer = tokio::time::timeout_at(deadline.instant(), self.answer(&job))
            .await
            .map_err(|_| EngineError::Deadline)??;
        booking.settle(answer.execution.clone());
        Ok(answer)
    }

    async fn export(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Export, EngineError> {
        let QueryContext {
            deadline,
            booking,
            held,
            ..
        } = context;
        let job = Job::of(statement, Purpose::Export, deadline)?;
        let gathering = self.gather(&job, Gathered::of(statement, held));
        let export = tokio::time::timeout_at(deadline.instant(), gathering)
            .await
            .map_err(|_| EngineError::Deadline)??;
        booking.settle(export.execution().clone());
        Ok(export)
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.lake.check().await.map_err(EngineError::from)
    }
}

#[cfg(test)]
mod tests;
