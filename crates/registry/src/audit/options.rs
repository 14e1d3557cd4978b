//! What an operator may choose about the audit log.

use std::path::PathBuf;

use super::checkpoint::{CheckpointKey, CheckpointSigner};

/// Where acknowledged records wait for the database, and how the log is sealed.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// The folder of the segments, on a disk of this machine; it is made where it is missing, for
    /// this user alone. None: `audit` beside the database file. A registry on `PostgreSQL` has no
    /// file, so there it must be named.
    pub folder: Option<PathBuf>,
    /// Bytes of records that may wait for the database. With more, records are refused.
    pub backlog: u64,
    /// Signs checkpoints. With none, no checkpoint is made.
    pub signer: Option<CheckpointSigner>,
    /// Public keys of earlier signers, whose checkpoints count too.
    pub trusted: Vec<CheckpointKey>,
    /// Records between two checkpoints, more by up to one batch. Closing the registry makes one
    /// too.
    pub checkpoint_every: u64,
    /// A file outside the database that gets every checkpoint too. Where the log does not have
    /// what it vouches for, it takes no more records.
    pub checkpoint_copy: Option<PathBuf>,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self {
            folder: None,
            backlog: 256 * 1024 * 1024,
            signer: None,
            trusted: Vec::new(),
            checkpoint_every: 1000,
            checkpoint_copy: None,
        }
    }
}
