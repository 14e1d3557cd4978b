//! What went wrong, and what is done about it: sorted by the codes that AWS documents, never by the
//! words of its messages (one exception: [`was_cut_off`]).

use std::error::Error;

use aws_sdk_athena::config::http::HttpResponse;
use aws_sdk_athena::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_athena::types::{
    AthenaError, QueryExecution, QueryExecutionState, QueryExecutionStatus as Status,
};

use crate::EngineError;
use crate::error::Cause;

/// Why a call to AWS gave no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Too many calls: slow down, then again.
    TooFast(Cause),
    /// Too many active queries: back into the queue.
    Full(Cause),
    /// Nobody knows whether the call arrived, or AWS could not deal with it: again.
    Lost(Cause),
    /// The call is not allowed.
    Denied(Cause),
    /// The call is wrong, and would be wrong again.
    Refused(Cause),
}

impl Trouble {
    /// Sorts a failed call.
    pub(super) fn of<E>(error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let (code, status) = match &error {
            SdkError::ServiceError(answer) => (
                answer.err().code().unwrap_or_default().to_owned(),
                answer.raw().status().as_u16(),
            ),
            // What could not even be put together, or lacks credentials, never left.
            SdkError::ConstructionFailure(_) => return Self::Refused(Box::new(error)),
            _ => return Self::Lost(Box::new(error)),
        };
        let cause: Cause = Box::new(error);
        match code.as_str() {
            "TooManyRequestsException" => Self::Full(cause),
            "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "SlowDown" => Self::TooFast(cause),
            "AccessDeniedException"
            | "AccessDenied"
            | "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "ExpiredTokenException" => Self::Denied(cause),
            _ if status >= 500 => Self::Lost(cause),
            _ => Self::Refused(cause),
        }
    }

    /// What the reader is told when nothing more is tried.
    pub(super) fn into_error(self) -> EngineError {
        match self {
            Self::TooFast(cause) | Self::Full(cause) | Self::Lost(cause) => {
                EngineError::Unavailable(cause)
            }
            Self::Denied(cause) => EngineError::Denied(cause),
            Self::Refused(cause) => EngineError::NotTaken(cause),
        }
    }
}

/// How a query ended that has no rows.
#[derive(Debug, thiserror::Error)]
#[error("query {id} ended {state} (error type {kind:?}): {message}")]
pub(super) struct Failure {
    id: String,
    state: String,
    kind: Option<i32>,
    message: String,
}

/// What to do about a query that failed.
#[derive(Debug)]
pub(super) struct Verdict {
    /// What the reader is told if it is not tried again, or fails again.
    pub(super) error: EngineError,
    /// Whether trying once more may help.
    pub(super) again: bool,
}

/// Judges a query that ended without rows.
pub(super) fn judge(execution: &QueryExecution) -> Verdict {
    let status = execution.status();
    let told = status.and_then(Status::athena_error);
    let kind = told.and_then(AthenaError::error_type);
    let state = status.and_then(Status::state);
    let reason = status.and_then(Status::state_change_reason);
    let message = reason.or_else(|| told.and_then(AthenaError::error_message));
    let cause: Cause = Box::new(Failure {
        id: execution
            .query_execution_id()
            .unwrap_or_default()
            .to_owned(),
        state: state
            .map_or("nowhere", QueryExecutionState::as_str)
            .to_owned(),
        kind,
        message: message.unwrap_or("no reason was given").to_owned(),
    });
    if state == Some(&QueryExecutionState::Cancelled) {
        let error = if was_cut_off(message.unwrap_or_default()) {
            EngineError::ScanLimit(cause)
        } else {
            EngineError::Stopped(cause)
        };
        return Verdict {
            error,
            again: false,
        };
    }
    by_type(kind, told.is_some_and(AthenaError::retryable), cause)
}

/// The error types of the Athena user guide's error reference.
fn by_type(kind: Option<i32>, retryable: bool, cause: Cause) -> Verdict {
    let (error, again) = match kind {
        // Resources exhausted, or more than the reserved capacity: it would be so again.
        Some(0..=8 | 1602) => (EngineError::TooLarge(cause), false),
        // Athena's own limit of time: the same bytes would be scanned for nothing once more.
        Some(206 | 210) => (EngineError::Deadline, false),
        // The table's files moved under the query, or are gone with its snapshot.
        Some(233) => (EngineError::SnapshotGone, true),
        Some(1302) => (EngineError::SnapshotGone, false),
        Some(234 | 1500 | 1501) => (EngineError::Denied(cause), false),
        // Glue, S3 or Athena throttled; results could not be written.
        Some(401 | 402 | 1400..=1406) => (EngineError::Unavailable(cause), true),
        // The service's and the query engine's own errors, if it says that they pass.
        Some(100 | 200..=240 | 300..=303 | 400 | 9999) => {
            (EngineError::Unavailable(cause), retryable)
        }
        Some(1011 | 1014) => (EngineError::Stopped(cause), false),
        Some(_) => (EngineError::Failed(cause), false),
        None => (EngineError::Unavailable(cause), false),
    };
    Verdict { error, again }
}

/// Whether the workgroup's limit of bytes stopped a query. Athena gives it no code of its own; what
/// hangs on it is a word for the reader, not what is paid.
fn was_cut_off(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("bytes scanned limit") || message.contains("cutoff")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(kind: i32, retryable: bool) -> Verdict {
        let error = AthenaError::builder().error_type(kind).retryable(retryable);
        let status = Status::builder()
            .state(QueryExecutionState::Failed)
            .athena_error(error.build());
        judge(&QueryExecution::builder().status(status.build()).build())
    }

    fn cancelled(reason: &str) -> Verdict {
        let status = Status::builder()
            .state(QueryExecutionState::Cancelled)
            .state_change_reason(reason);
        judge(&QueryExecution::builder().status(status.build()).build())
    }

    #[test]
    fn every_error_type_has_its_documented_outcome() {
        let table = [
            (0, "question_too_large", false),
            (8, "question_too_large", false),
            (100, "engine_unavailable", true),
            (203, "engine_unavailable", true),
            (206, "deadline", false),
            (210, "deadline", false),
            (233, "snapshot_gone", true),
            (234, "data_denied", false),
            (303, "engine_unavailable", true),
            (400, "engine_unavailable", true),
            (401, "engine_unavailable", true),
            (402, "engine_unavailable", true),
            (1000, "computation_failed", false),
            (1006, "computation_failed", false),
            (1009, "computation_failed", false),
            (1011, "computation_stopped", false),
            (1302, "snapshot_gone", false),
            (1400, "engine_unavailable", true),
            (1406, "engine_unavailable", true),
            (1500, "data_denied", false),
            (1501, "data_denied", false),
            (1602, "question_too_large", false),
            (9999, "engine_unavailable", true),
        ];
        for (kind, code, again) in table {
            let verdict = failed(kind, true);
            assert_eq!(verdict.error.code(), code, "error type {kind}");
            assert_eq!(verdict.again, again, "trying type {kind} again");
        }
    }

    #[test]
    fn an_internal_error_that_does_not_pass_is_not_tried_again() {
        assert!(!failed(100, false).again);
    }

    #[test]
    fn a_query_beyond_the_byte_limit_is_told_from_one_that_was_stopped() {
        let limit = cancelled("Bytes scanned limit was exceeded");
        assert_eq!(limit.error.code(), "scan_limit");

        let stopped = cancelled("Query cancelled by user");
        assert_eq!(stopped.error.code(), "computation_stopped");
    }

    #[test]
    fn f47_f50_no_error_shows_what_athena_said() {
        let told = "s3://secret-bucket/table gold.statements";
        let status = Status::builder()
            .state(QueryExecutionState::Failed)
            .state_change_reason(told)
            .athena_error(AthenaError::builder().error_type(1001).build());
        let verdict = judge(&QueryExecution::builder().status(status.build()).build());

        let shown = format!("{} {}", verdict.error, verdict.error.code());
        assert!(!shown.contains("secret"), "{shown}");
        let source = verdict.error.source().unwrap().to_string();
        assert!(source.contains(told), "the log should say it: {source}");
    }
}
