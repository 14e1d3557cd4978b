//! Runs governed statements.
//!
//! [`QueryEngine`] is the port: it takes a [`Statement`], which only the compiler of `weir_query`
//! can make, and only out of a tile and a grant. [`EmbeddedEngine`] is the engine inside the
//! server: `DataFusion` over Iceberg tables (or folders of Parquet files) that lie in a [lake].
//! [`AthenaEngine`] asks Amazon Athena, within the account's quotas and as the role of the business
//! unit that asks; what each query cost is [booked](Booking), also when nobody waited for its end.
//!
//! ```no_run
//! # async fn demo(catalog: &weir_query::Catalog, statement: &weir_query::Statement)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//! use weir_engine::{Deadline, EmbeddedEngine, LakeConfig, MaskKey, QueryContext, QueryEngine};
//!
//! let lake = LakeConfig { dir: "target/demo/lake".into() };
//! let engine = EmbeddedEngine::open(&lake, catalog, MaskKey::new([7; 32])).await?;
//! let context = QueryContext::unbooked(Deadline::after(Duration::from_secs(10)));
//! let answer = engine.run(statement, context).await?;
//! println!("{} rows from {} bytes", answer.rows.rows().len(), answer.execution.scanned_bytes);
//! # Ok(())
//! # }
//! ```
//!
//! # Invariants (numbers of the design)
//!
//! - **3** In the embedded engine, below SQL, the grant's predicate is applied a second time, to every batch that is read,
//!   by code that shares nothing with the SQL compiler: a row of which the predicate is false *or
//!   unknown* never reaches the query. A compiler bug can therefore lose rows, but not leak them.
//! - **4** For each run one name resolves, one table at one snapshot, with the columns the
//!   statement was granted and no others. There is no schema to look at, no second table, no table
//!   function, no file to name, and anything but a single `SELECT` is refused. At Athena one module
//!   starts queries, and it takes statements that were vetted and nothing else.
//! - **12** [`EngineError`] shows a stable code and a sentence; what went wrong in detail is its
//!   source, which is for logs.
//! - **13** [`QueryEngine::tables`] gives one consistent set; statements name the snapshot they
//!   are computed on, and it stays readable while a view that began on it finishes.
//!
//! The engine decides nothing about who may see what, caches no results, and writes nothing into the
//! lake (the [sample lake](lake::seed) is written by its own function, before any engine opens it).
//! What Athena writes for an [export](QueryEngine::export) is removed as soon as it was read.

mod athena;
mod aws;
mod billing;
mod cells;
mod context;
mod deadline;
mod drift;
mod embedded;
mod error;
mod estimate;
mod execution;
mod export;
mod glue;
pub mod lake;
mod mask_key;

use std::fmt::Debug;

use async_trait::async_trait;
use weir_policy::BusinessUnit;
use weir_query::{Dialect, Principal, ResultSet, SnapshotSet, Statement};

pub use crate::athena::{AthenaConfig, AthenaEngine, Finding, Profile, Quotas, Severity};
pub use crate::billing::billed_bytes;
pub use crate::context::{Held, Lane, QueryContext};
pub use crate::deadline::Deadline;
pub use crate::drift::{Drift, DriftKind};
pub use crate::embedded::EmbeddedEngine;
#[cfg(feature = "development")]
pub use crate::embedded::development;
pub use crate::error::EngineError;
pub use crate::estimate::Estimate;
pub use crate::execution::{Booked, Booking, Ended, Execution, Ran, Times};
pub use crate::export::Export;
pub use crate::lake::{LakeConfig, LakeError};
pub use crate::mask_key::MaskKey;

/// Something that runs statements.
#[async_trait]
pub trait QueryEngine: Send + Sync + Debug {
    /// The dialect its statements must be compiled for.
    fn dialect(&self) -> Dialect;

    /// As whom the engine asks the lake on behalf of `unit`, where units have roles of their own.
    /// Statements say it ([`Statement::asked_by`]), because answers may then differ.
    fn principal(&self, unit: Option<&BusinessUnit>) -> Option<Principal>;

    /// The state each dataset's table is in now. A page view takes this once (invariant 13).
    ///
    /// # Errors
    /// When the tables' state cannot be found out.
    async fn tables(&self) -> Result<Tables, EngineError>;

    /// What `statement` will read and cost; `None` where nothing is billed.
    ///
    /// # Errors
    /// When the table's metadata cannot be read.
    async fn estimate(&self, statement: &Statement) -> Result<Option<Estimate>, EngineError>;

    /// Runs a statement. Dropping the future stops the work; what it cost is booked all the same.
    ///
    /// # Errors
    /// [`EngineError`]; [`EngineError::Deadline`] when the time was up first.
    async fn run(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Answer, EngineError>;

    /// Runs a statement that was compiled for export, and gives all of its rows. As with
    /// [`run`](Self::run), dropping the future stops the work, and it is booked all the same.
    ///
    /// # Errors
    /// [`EngineError`]; [`EngineError::NoPlace`] where the engine has nowhere to put so many rows,
    /// [`EngineError::TooLarge`] when they weigh too much.
    async fn export(
        &self,
        statement: &Statement,
        context: QueryContext,
    ) -> Result<Export, EngineError>;

    /// Whether the engine could answer now.
    ///
    /// # Errors
    /// What is in the way.
    async fn health(&self) -> Result<(), EngineError>;

    /// How many times the engine was told that its calls come too fast.
    fn throttled(&self) -> u64 {
        0
    }
}

/// The state of all tables at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tables {
    /// Their snapshots; each knows the columns that can't be read.
    pub snapshots: SnapshotSet,
    /// Where tables are not what their datasets declare.
    pub drift: Vec<Drift>,
}

/// The rows of a statement, and what they cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The rows.
    pub rows: ResultSet,
    /// Data files opened; zero where the engine does not tell.
    pub files_read: u64,
    /// What computing them came to.
    pub execution: Execution,
}
