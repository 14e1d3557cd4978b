//! Why the log does not take or give records.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::chain::Fault;
use super::checkpoint::CheckpointError;

/// Why events are not in the log, or the log could not be read. Whoever wanted to read data with
/// them must refuse the read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AuditError {
    /// A read without an event would be a read without audit.
    #[error("there is nothing to record")]
    NothingToRecord,
    /// The log was closed, or its writer ended.
    #[error("the audit log is closed")]
    Closed,
    /// The log is not what it was; nothing is appended to it until somebody looked. A damaged
    /// segment is kept where it is: move it out of the folder, for the auditor, and start again.
    #[error("the audit log is damaged: {0}")]
    Damaged(Fault),
    /// The database refused: locked, full or gone.
    #[error("the registry database did not take or give audit records")]
    Database(#[source] Arc<sqlx::Error>),
    /// The database did not answer in time.
    #[error("the registry database did not take audit records within {0:?}")]
    Slow(Duration),
    /// The database took nothing for longer than the grace; records are refused until it is back.
    #[error("the registry database has taken no audit records for {since:?}")]
    Stalled {
        /// For how long.
        since: Duration,
        /// What it said last.
        #[source]
        cause: Box<AuditError>,
    },
    /// More records wait for the database than may.
    #[error("{bytes} bytes of audit records wait for the registry database, more than may")]
    Backlog {
        /// How many bytes.
        bytes: u64,
    },
    /// The local segment refused: the disk is full or gone, or its folder may not be used.
    #[error("the audit segment in `{}` was not written or read", path.display())]
    Segment {
        /// Which file or folder.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: Arc<io::Error>,
    },
    /// The copy of the checkpoints is not what was written there. Move it away, for the auditor.
    #[error("the copy of the checkpoints, `{}`, is damaged", path.display())]
    Copy {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        cause: CheckpointError,
    },
    /// The database does not say which segments are its own.
    #[error("the registry holds an unreadable value in `audit_log.name`")]
    Unnamed,
    /// A record cannot be read by this version. `verify` says whether it was tampered with.
    #[error("audit record {seq} is unreadable")]
    Unreadable {
        /// Which record.
        seq: u64,
    },
    /// An event could not be written as JSON.
    #[error("an audit event could not be written down")]
    Unwritable(#[source] Arc<serde_json::Error>),
}

impl AuditError {
    pub(super) fn segment(path: &Path, cause: io::Error) -> Self {
        Self::Segment {
            path: path.to_path_buf(),
            cause: Arc::new(cause),
        }
    }
}

impl From<sqlx::Error> for AuditError {
    fn from(cause: sqlx::Error) -> Self {
        Self::Database(Arc::new(cause))
    }
}

impl From<serde_json::Error> for AuditError {
    fn from(cause: serde_json::Error) -> Self {
        Self::Unwritable(Arc::new(cause))
    }
}
