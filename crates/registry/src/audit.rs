//! The audit log (invariant 10: no audit, no read).
//!
//! A read costs one [`AuditLog::record`] call with one event per tile. The events become one line
//! of this process's segment, a local file (`segment.rs`), and are acknowledged from there: data
//! reads when the line is written, which survives a killed process, with the disk following within
//! 50 ms; mints, denials, sign-ins and everything else when the disk has it, many waiters sharing
//! one sync. A task moves the lines into the database, where each record is a link of one chain
//! (`chain.rs`), signed from time to time (`checkpoint.rs`). Steps that change the registry itself
//! append to the chain in their own transaction (`append.rs`).
//!
//! So a locked or vanished database stops neither reads nor their audit at once. It may be away
//! for the grace; then records are refused, and with them the reads. Whoever reads the log is
//! shown everything this process acknowledged: the mover catches up first.

pub(crate) mod append;
pub(crate) mod chain;
pub(crate) mod checkpoint;
mod error;
pub(crate) mod event;
pub(crate) mod export;
pub(crate) mod gate;
mod mover;
pub(crate) mod options;
mod read;
pub(crate) mod seals;
pub(crate) mod search;
pub(crate) mod segment;
pub(crate) mod start;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use self::chain::ChainStatus;
use self::checkpoint::copy::Copy;
pub use self::error::AuditError;
use self::event::{AuditEvent, Fact};
use self::export::{ExportPage, Exported};
use self::gate::AuditHealth;
use self::mover::Command;
use self::seals::{Verification, Witness};
use self::search::{AuditPage, AuditQuery};
use self::segment::StreamId;
use self::segment::write::Segments;
use crate::Digest;
use crate::database::Database;

/// The append-only, hash-chained record of what Weir did for whom. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct AuditLog {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    database: Database,
    segments: Arc<Segments>,
    mover: mpsc::Sender<Command>,
    tasks: Mutex<Option<Tasks>>,
    /// The keys whose checkpoints count, and where their copy is.
    keys: Vec<checkpoint::CheckpointKey>,
    copy: Option<Copy>,
}

/// What ends when the log is closed.
#[derive(Debug)]
struct Tasks {
    /// Answers when everything is forced out.
    forced: oneshot::Receiver<Result<(), AuditError>>,
    moving: JoinHandle<()>,
}

/// Proof that events are in this process's segment, which is part of the log: where, and the hash
/// of that line, which seals everything before it in the segment. They get their numbers in the
/// chain when they are moved into the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditReceipt {
    stream: StreamId,
    line: u64,
    hash: Digest,
}

/// One record, read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    seq: u64,
    event: AuditEvent,
    hash: Digest,
}

impl AuditLog {
    /// Appends `events` in order, all or none, and returns when they survive what they must: a
    /// killed process for data reads, a power cut for everything else.
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
        self.inner.segments.record(&events).await
    }

    /// Walks the whole chain and says the first record that is not as it was written, against the
    /// keys and the copy of the checkpoints this registry was opened with.
    ///
    /// # Errors
    /// [`AuditError::Database`] when the log cannot be read, [`AuditError::Copy`] when the copy of
    /// the checkpoints cannot.
    pub async fn verify(&self) -> Result<ChainStatus, AuditError> {
        let checkpoints = match &self.inner.copy {
            Some(copy) => copy.read()?,
            None => Vec::new(),
        };
        let witness = Witness {
            keys: self.inner.keys.clone(),
            checkpoints,
        };
        Ok(self.verify_with(&witness).await?.status)
    }

    /// Walks the whole chain against what `witness` knows, and says how far that vouches for it.
    /// Damage of a segment that could not be moved is found too.
    ///
    /// # Errors
    /// [`AuditError::Database`] when the log cannot be read.
    pub async fn verify_with(&self, witness: &Witness) -> Result<Verification, AuditError> {
        self.catch_up().await?;
        let found = read::verify(&self.inner.database, witness).await?;
        let damage = self.inner.segments.gate.damaged_segment();
        Ok(match (found.status, damage) {
            (ChainStatus::Intact { .. }, Some(fault)) => Verification {
                status: ChainStatus::Broken(fault),
                ..found
            },
            _ => found,
        })
    }

    /// Up to `limit` records, from number `from` on (the first is 1).
    ///
    /// # Errors
    /// [`AuditError::Unreadable`] for a record of another version or a damaged one.
    pub async fn list(&self, from: u64, limit: u32) -> Result<Vec<AuditRecord>, AuditError> {
        self.catch_up().await?;
        read::list(&self.inner.database, from, limit).await
    }

    /// The records that `query` asks for, one page of them.
    ///
    /// # Errors
    /// [`AuditError::Unreadable`] for a record of another version or a damaged one.
    pub async fn search(&self, query: &AuditQuery) -> Result<AuditPage, AuditError> {
        self.catch_up().await?;
        let (links, next) = search::links(&self.inner.database, query).await?;
        let records = links.into_iter().map(AuditRecord::try_from);
        Ok(AuditPage {
            records: records.collect::<Result<_, _>>()?,
            next,
        })
    }

    /// Up to `limit` lines of JSON, from number `from` on, each with the stored entry byte for
    /// byte and its hash, so that the chain can be checked without Weir:
    /// `{"hash":"…","entry":{"seq":1,…}}`.
    ///
    /// # Errors
    /// [`AuditError::Unreadable`] for an entry that is not JSON any more.
    pub async fn export(&self, from: u64, limit: u32) -> Result<Vec<String>, AuditError> {
        self.catch_up().await?;
        read::export(&self.inner.database, from, limit).await
    }

    /// The records that `query` asks for, one page of them, ready to be written to a file. Kinds
    /// this version does not know are no hindrance.
    ///
    /// # Errors
    /// [`AuditError::Unreadable`] for an entry that is not JSON any more.
    pub async fn export_matching(&self, query: &AuditQuery) -> Result<ExportPage, AuditError> {
        self.catch_up().await?;
        let (links, next) = search::links(&self.inner.database, query).await?;
        let mut conn = self.inner.database.reader().await?;
        let mut records = Vec::with_capacity(links.len());
        let mut last = None;
        for link in links {
            let previous = match last {
                Some((seq, hash)) if seq + 1 == link.seq => Some(hash),
                _ => read::previous_of(&mut conn, link.seq).await?,
            };
            last = Some((link.seq, link.hash));
            records.push(Exported::of(link, previous)?);
        }
        Ok(ExportPage { records, next })
    }

    /// How well the log is: whether the next record would be taken, and for how long.
    pub async fn health(&self) -> AuditHealth {
        if self.inner.mover.is_closed() {
            return AuditHealth::Failed(AuditError::Closed);
        }
        match self.inner.segments.gate.health() {
            AuditHealth::Well => {}
            unwell => return unwell,
        }
        match read::check_tail(&self.inner.database).await {
            Ok(()) => AuditHealth::Well,
            Err(error @ AuditError::Damaged(_)) => AuditHealth::Failed(error),
            Err(cause) => self.inner.segments.gate.just_failed(cause),
        }
    }

    /// Bytes of records that are acknowledged and not in the database yet.
    #[must_use]
    pub fn waiting_bytes(&self) -> u64 {
        self.inner.segments.gate.waiting()
    }

    /// Waits until the database has everything that is acknowledged now. A damaged log is read
    /// all the same: that is how the damage is looked at.
    async fn catch_up(&self) -> Result<(), AuditError> {
        let (reply, answer) = oneshot::channel();
        let command = Command::CatchUp(reply);
        let sent = self.inner.mover.send(command).await;
        sent.map_err(|_| AuditError::Closed)?;
        match answer.await.map_err(|_| AuditError::Closed)? {
            Err(AuditError::Damaged(_)) => Ok(()),
            other => other,
        }
    }

    /// Takes no more records, forces out what is written and moves it into the database. What
    /// cannot be moved stays in its segment for the next start.
    pub(crate) async fn stop(&self) -> Result<(), AuditError> {
        let tasks = self.inner.tasks().take();
        let Some(Tasks { forced, moving }) = tasks else {
            return Ok(());
        };
        self.inner.segments.close();
        let forced = forced.await.map_err(|_| AuditError::Closed)?;
        let (reply, answer) = oneshot::channel();
        let sent = self.inner.mover.send(Command::Stop(reply)).await;
        sent.map_err(|_| AuditError::Closed)?;
        let moved = answer.await.map_err(|_| AuditError::Closed)?;
        moving.await.map_err(|_| AuditError::Closed)?;
        forced.and(moved)
    }
}

impl Inner {
    fn tasks(&self) -> std::sync::MutexGuard<'_, Option<Tasks>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Inner {
    /// Nobody can record any more; what was is forced out, and moved where the runtime lives long
    /// enough, else at the next start.
    fn drop(&mut self) {
        self.segments.close();
    }
}

impl AuditReceipt {
    /// The segment the events are in.
    #[must_use]
    pub fn stream(&self) -> StreamId {
        self.stream
    }

    /// The number of the line there that holds them; the first is 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The hash of that line.
    #[must_use]
    pub fn hash(&self) -> Digest {
        self.hash
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

#[cfg(test)]
pub(crate) mod statements {
    //! All SQL of the audit log, for the test that prepares it.

    pub(crate) use super::append::statements as append;
    pub(crate) use super::checkpoint::store::STATEMENTS as CHECKPOINTS;
    pub(crate) use super::mover::STATEMENTS as MOVE;
    pub(crate) use super::read::STATEMENTS as READ;
    pub(crate) use super::search::statements as search;
    pub(crate) use super::start::STATEMENTS as START;
}
