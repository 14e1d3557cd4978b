//! Amazon Athena as the engine.
//!
//! A run is: take a [turn](queue), so that every business unit has one; [start](start) the query,
//! under a token that makes repeating it harmless; [watch](watch) it until it has ended; read the
//! [rows](results), or the [files](unload) of an export; book what it cost. A task of its own does that, so that a query is stopped and
//! booked also when whoever asked has left.

mod account;
mod check;
mod config;
mod decode;
mod door;
mod failure;
mod harvest;
mod health;
mod pace;
mod place;
mod queue;
mod reader;
mod results;
mod run;
mod start;
mod unload;
mod watch;

use std::sync::Arc;

use async_trait::async_trait;
use weir_policy::BusinessUnit;
use weir_query::{Catalog, Dialect, Principal, Statement};

use self::account::Account;
pub use self::check::{Finding, Severity};
pub use self::config::{AthenaConfig, Profile, Quotas};
use self::harvest::Harvest;
use self::reader::Reader;
use self::run::Run;
use crate::glue::GlueTables;
use crate::{
    Answer, Deadline, EngineError, Estimate, Export, LakeError, MaskKey, QueryContext, QueryEngine,
    Tables,
};

/// Athena over the tables of a Glue catalog, asked through one workgroup, or through one for each
/// business unit.
#[derive(Debug)]
pub struct AthenaEngine {
    account: Arc<Account>,
    tables: GlueTables,
}

impl AthenaEngine {
    /// Finds the tables of all datasets. Without a key no statement with a hash mask can be run.
    ///
    /// # Errors
    /// [`LakeError`] names the dataset, and what was expected and found.
    pub async fn open(
        config: AthenaConfig,
        datasets: &Catalog,
        mask_key: Option<MaskKey>,
    ) -> Result<Self, LakeError> {
        // What the SDK waits with is large.
        let account = Box::pin(Account::new(config, mask_key)).await;
        let tables = Box::pin(GlueTables::open(&account.aws, datasets)).await?;
        Ok(Self {
            account: Arc::new(account),
            tables,
        })
    }

    /// The same Athena for other datasets. Both keep to the quotas together, and wait in one queue.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn reopen(&self, datasets: &Catalog) -> Result<Self, LakeError> {
        let tables = Box::pin(GlueTables::open(&self.account.aws, datasets)).await?;
        Ok(Self {
            account: Arc::clone(&self.account),
            tables,
        })
    }

    /// Keeps to a part of the quotas, because `replicas` processes share the account.
    pub fn share(&self, replicas: u32) {
        self.account.share(replicas);
    }

    /// Reads the workgroups of all profiles, and says what is wrong with them. With an error among
    /// the findings nothing should be served.
    pub async fn check(&self) -> Vec<Finding> {
        self.account.check().await
    }
}

/// Lets a run drive itself, and waits for what it has to tell.
async fn driven<H: Harvest>(run: Run<H>, context: QueryContext) -> Result<H::Answer, EngineError> {
    let (reader, arrival) = Reader::new();
    tokio::spawn(run.drive(reader, context.booking));
    // Dropping the arrival is what stops the query.
    match in_time(context.deadline, arrival).await? {
        Ok(answer) => answer,
        Err(lost) => Err(EngineError::Unavailable(Box::new(lost))),
    }
}

async fn in_time<T>(deadline: Deadline, work: impl Future<Output = T>) -> Result<T, EngineError> {
    let done = tokio::time::timeout_at(deadline.instant(), work).await;
    done.map_err(|_| EngineError::Deadline)
}

#[async_trait]
impl QueryEngine for AthenaEngine {
    fn dialect(&self) -> Dialect {
        Dialect::Athena
    }

    fn principal(&self, unit: Option<&BusinessUnit>) -> Option<Principal> {
        self.account.principal(unit)
    }

    async fn tables(&self) -> Result<Tables, EngineError> {
        Ok(self.tables.tables().await?)
    }

    async fn estimate(&self, statement: &Statement) -> Result<Option<Estimate>, EngineError> {
        Ok(Some(self.tables.estimate(statement).await?))
    }

    async fn run(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Answer, EngineError> {
        let run = self.account.prepare(statement, &context)?;
        if context.deadline.has_passed() {
            return Err(EngineError::Deadline);
        }
        driven(run, context).await
    }

    async fn export(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Export, EngineError> {
        if context.deadline.has_passed() {
            return Err(EngineError::Deadline);
        }
        let run = self.account.prepare_export(statement, &context);
        let run = in_time(context.deadline, run).await??;
        driven(run, context).await
    }

    async fn health(&self) -> Result<(), EngineError> {
        self.account.health().await
    }

    fn throttled(&self) -> u64 {
        self.account.throttled()
    }
}
