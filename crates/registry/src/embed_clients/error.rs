//! Why nothing was done to a client.

use super::StoredClient;
use crate::{AuditError, StoreError};

/// Why nothing was done to a client. Whatever it says, nothing of the step happened.
#[derive(Debug, thiserror::Error)]
pub enum ClientStepError {
    /// There is no such client.
    #[error("there is no such client")]
    Unknown,
    /// The client has no such secret.
    #[error("the client has no such secret")]
    UnknownSecret,
    /// Somebody was faster, or it exists already. This is what they made of it.
    #[error("client {} was changed meanwhile, it is at version {} now", .0.id, .0.version)]
    Conflict(Box<StoredClient>),
    /// More clients than every process can hold.
    #[error("there are as many clients as there may be")]
    TooMany,
    /// The step could not be recorded, so it was not done.
    #[error("the step could not be recorded, so it was not done")]
    Audit(#[from] AuditError),
    /// The database refused, or a row is unreadable.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for ClientStepError {
    fn from(cause: sqlx::Error) -> Self {
        Self::Store(cause.into())
    }
}
