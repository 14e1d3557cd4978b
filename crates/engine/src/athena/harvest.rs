//! What is taken from a query that succeeded, and what is cleared away behind one, however it ended.

use async_trait::async_trait;
use aws_sdk_athena::types::QueryExecution;

use super::door::Door;
use crate::{EngineError, Execution};

/// What a run is for.
#[async_trait]
pub(super) trait Harvest: Send + Sync + 'static {
    /// What is read.
    type Rows: Send;
    /// What the reader is told.
    type Answer: Send + 'static;

    /// Reads the rows of a query that succeeded.
    async fn read(
        &self,
        door: &Door,
        execution: &QueryExecution,
    ) -> Result<Self::Rows, EngineError>;

    /// The rows, and what they cost.
    fn answer(rows: Self::Rows, execution: Execution) -> Self::Answer;

    /// Removes what nobody needs any more of a query that has ended, or of one that may have begun.
    async fn clear(&self, door: &Door, execution: Option<&QueryExecution>);
}
