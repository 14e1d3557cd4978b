//! The audit log (invariant 10: no audit, no read).
//!
//! A read costs one [`AuditLog::record`] call with one event per tile. One writer task owns the
//! end of the chain; it takes everything that waits, numbers it, links it and commits it in one
//! transaction (group commit), then answers everybody. How hard that commit tries depends on what
//! is in it: data reads survive a killed process before the answer and reach the disk within
//! 50 ms; mints, denials and sign-ins wait for the disk. A data read that waited too would cost
//! one `fdatasync`, two milliseconds on an ordinary cloud disk, on every hot dashboard.

pub(crate) mod append;
pub(crate) mod chain;
pub(crate) mod event;
mod read;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use self::chain::{ChainStatus, Fault};
use self::event::{AuditEvent, Fact};
use self::writer::{Command, Writer};
use crate::database::Database;
use crate::{Digest, Durability};

/// Submissions that may wait; more of them wait outside, in their own `record` call.
const QUEUE: usize = 1024;

/// The append-only, hash-chained record of what Weir did for whom. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct AuditLog {
    database: Database,
    commands: mpsc::Sender<Command>,
    writer: Arc<Mutex<Option<JoinHandle<()>>>>,
}

/// Proof that events are in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditReceipt {
    first: u64,
    last: u64,
    head: Digest,
}

/// One record, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    seq: u64,
    event: AuditEvent,
    hash: Digest,
}

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
    /// The end of the log is not what it was; nothing is appended to it until somebody looked.
    #[error("the audit log is damaged: {0}")]
    Damaged(Fault),
    /// The database refused: locked, full or gone.
    #[error("the registry database did not take or give audit records")]
    Database(#[source] Arc<sqlx::Error>),
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

impl AuditLog {
    pub(crate) fn start(database: Database, data_reads: Durability) -> Self {
        let (commands, inbox) = mpsc::channel(QUEUE);
        let writer = Writer::new(database.clone(), inbox, data_reads);
        let task = tokio::spawn(writer.run());
        Self {
            database,
            commands,
            writer: Arc::new(Mutex::new(Some(task))),
        }
    }

    /// Appends `events` in order, all or none, and returns when they are committed.
    ///
    /// Dropping the returned future does not take the events back.
    ///
    /// # Errors
    /// Any [`AuditError`] means: not acknowledged, so the caller must not hand out what the
    /// events are about.
    pub async fn record(&self, events: Vec<AuditEvent>) -> Result<AuditReceipt, AuditError> {
        if events.is_empty() {
            return Err(AuditError::NothingToRecord);
        }
        let (reply, answer) = oneshot::channel();
        let command = Command::Append { events, reply };
        self.commands
            .send(command)
            .await
            .map_err(|_| AuditError::Closed)?;
        answer.await.map_err(|_| AuditError::Closed)?
    }

    /// Walks the whole chain and says the first record that is not as it was written. What it
    /// cannot find is written in the documentation of [`ChainStatus`]: the log's own end, cut
    /// off or rewritten together with the head row.
    ///
    /// # Errors
    /// [`AuditError::Database`] when the log cannot be read.
    pub async fn verify(&self) -> Result<ChainStatus, AuditError> {
        read::verify(&self.database).await
    }

    /// Up to `limit` records, from number `from` on (the first is 1).
    ///
    /// # Errors
    /// [`AuditError::Unreadable`] for a record of another version or a damaged one.
    pub async fn list(&self, from: u64, limit: u32) -> Result<Vec<AuditRecord>, AuditError> {
        read::list(&self.database, from, limit).await
    }

    /// Up to `limit` lines of JSON, from number `from` on, each with the stored entry byte for
    /// byte and its hash, so that the chain can be checked without Weir:
    /// `{"hash":"…","entry":{"seq":1,…}}`.
    ///
    /// # Errors
    /// [`AuditError::Unreadable`] for an entry that is not JSON any more.
    pub async fn export(&self, from: u64, limit: u32) -> Result<Vec<String>, AuditError> {
        read::export(&self.database, from, limit).await
    }

    /// Whether the next record would be taken: the writer lives and the tail is in order.
    pub(crate) async fn check_tail(&self) -> Result<(), AuditError> {
        if self.commands.is_closed() {
            return Err(AuditError::Closed);
        }
        read::check_tail(&self.database).await
    }

    /// Lets the writer finish what waits and force it to the disk.
    pub(crate) async fn stop(&self) -> Result<(), AuditError> {
        let task = self
            .writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(task) = task else { return Ok(()) };
        let (reply, answer) = oneshot::channel();
        if self.commands.send(Command::Stop { reply }).await.is_err() {
            return Err(AuditError::Closed);
        }
        let flushed = answer.await.map_err(|_| AuditError::Closed)?;
        task.await.map_err(|_| AuditError::Closed)?;
        flushed
    }
}

impl AuditReceipt {
    /// The number of the first event's record.
    #[must_use]
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The number of the last event's record.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The hash of the last event's record. It seals everything before it.
    #[must_use]
    pub fn head(&self) -> Digest {
        self.head
    }
}

impl AuditRecord {
    /// Its number; the first is 1.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// When it happened.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.event.at()
    }

    /// What happened.
    #[must_use]
    pub fn fact(&self) -> &Fact {
        self.event.fact()
    }

    /// The event as it was recorded.
    #[must_use]
    pub fn event(&self) -> &AuditEvent {
        &self.event
    }

    /// The hash that links it to the record before.
    #[must_use]
    pub fn hash(&self) -> Digest {
        self.hash
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

#[cfg(test)]
pub(crate) mod statements {
    //! All SQL of the audit log, for the test that prepares it.

    pub(crate) use super::append::statements as append;
    pub(crate) use super::read::STATEMENTS as READ;
    pub(crate) use super::writer::STATEMENTS as WRITE;
}
