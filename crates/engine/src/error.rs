//! Why a statement gave no answer.

use std::error::Error;

use datafusion::error::DataFusionError;

use crate::lake::LakeError;

/// What is behind a failure, for logs.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// Why a statement gave no answer.
///
/// `Display` and [`code`](Self::code) may be shown: they name no table, column, file or SQL
/// (invariant 12). The detail is the source, for logs.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The time was up.
    #[error("the answer took too long")]
    Deadline,
    /// The statement was compiled for another engine.
    #[error("the statement is for another engine")]
    WrongDialect,
    /// The snapshot the statement names is not known, or not any more.
    #[error("the state of the data that was asked for is not available")]
    SnapshotGone,
    /// The table has lost a column that the statement reads, or has it with another type.
    #[error("the data is not what it was declared to be")]
    Drifted,
    /// The statement's text is not of the compiler's shape; nothing was run.
    #[error("the statement was refused")]
    Forbidden(#[from] weir_query::sql::ForbiddenSql),
    /// The statement is something else than one query of its one table.
    #[error("the statement was refused")]
    Refused(#[source] Option<Box<DataFusionError>>),
    /// The state of the lake could not be read.
    #[error("the data could not be reached")]
    Lake(#[from] LakeError),
    /// A data file could not be read, or did not hold what its table promises.
    #[error("the data could not be read")]
    Unreadable(#[source] Box<DataFusionError>),
    /// The question needs more memory than one question may have.
    #[error("the question is too large to be answered")]
    TooLarge(#[source] Cause),
    /// The computation failed: an overflow, a division by zero.
    #[error("the answer could not be computed")]
    Failed(#[source] Cause),
    /// The engine is not there, or has trouble of its own.
    #[error("the engine is not available")]
    Unavailable(#[source] Cause),
    /// The engine may not read the data.
    #[error("the data may not be read")]
    Denied(#[source] Cause),
    /// The engine does not take the statement.
    #[error("the engine refused the statement")]
    NotTaken(#[source] Cause),
    /// The statement's text is longer than the engine takes.
    #[error("the question is too long to be asked")]
    TooLong,
    /// The engine has nowhere to put the rows of an export.
    #[error("there is no place for an export")]
    NoPlace,
    /// The question read more data than one question may, and was cut off.
    #[error("the question reads more data than one question may")]
    ScanLimit(#[source] Cause),
    /// Somebody else stopped the computation.
    #[error("the computation was stopped")]
    Stopped(#[source] Cause),
    /// A number came out with more digits than an answer can carry.
    #[error("a number in the answer is out of range")]
    OutOfRange,
    /// The engine's columns are not those the statement promises.
    #[error("the answer does not have the promised shape")]
    Shape {
        /// What was promised and what came.
        #[source]
        detail: ShapeMismatch,
    },
}

/// How an answer differs from what its statement promises.
#[derive(Debug, thiserror::Error)]
#[error("column {column}: promised {promised}, got {got}")]
pub struct ShapeMismatch {
    pub(crate) column: usize,
    pub(crate) promised: String,
    pub(crate) got: String,
}

impl EngineError {
    /// A stable word for clients, metrics and audit.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Deadline => "deadline",
            Self::WrongDialect => "wrong_dialect",
            Self::SnapshotGone => "snapshot_gone",
            Self::Drifted => "schema_drift",
            Self::Forbidden(_) | Self::Refused(_) => "statement_refused",
            Self::Lake(_) => "lake_unreachable",
            Self::Unreadable(_) => "data_unreadable",
            Self::TooLarge(_) => "question_too_large",
            Self::Failed(_) => "computation_failed",
            Self::Unavailable(_) => "engine_unavailable",
            Self::Denied(_) => "data_denied",
            Self::NotTaken(_) => "statement_not_taken",
            Self::TooLong => "question_too_long",
            Self::NoPlace => "no_export_place",
            Self::ScanLimit(_) => "scan_limit",
            Self::Stopped(_) => "computation_stopped",
            Self::OutOfRange => "number_out_of_range",
            Self::Shape { .. } => "unexpected_shape",
        }
    }

    /// Sorts a failure of execution by what an operator would do about it.
    pub(crate) fn from_execution(error: DataFusionError) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => Self::TooLarge(Box::new(error)),
            DataFusionError::External(_) | DataFusionError::IoError(_) => {
                Self::Unreadable(Box::new(error))
            }
            _ => Self::Failed(Box::new(error)),
        }
    }
}
