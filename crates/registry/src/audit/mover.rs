//! The task that moves what was acknowledged from the segments into the database's chain.
//!
//! Each batch is one transaction: the records with their links, what they add to the sums of usage,
//! how far the segment is moved, and a checkpoint where one is due. So a crash between the commit and anything after it moves
//! nothing twice, and neither do two processes that find the same leftover.

mod source;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use self::source::Source;
use super::chain::{Fault, Head};
use super::checkpoint::copy::Copy;
use super::checkpoint::{Checkpoint, CheckpointKey, CheckpointSigner, store};
use super::event::AuditEvent;
use super::segment::write::{Segment, Segments};
use super::{AuditError, append, read};
use crate::Durability;
use crate::database::Database;
use crate::usage::Tally;

/// How long records gather before they are moved, unless somebody wants to read them.
const GATHER: Duration = Duration::from_millis(250);

/// How long to wait after a failure.
const RETRY: Duration = Duration::from_secs(1);

/// What others ask of the mover.
#[derive(Debug)]
pub(super) enum Command {
    /// Move what is acknowledged now, then answer.
    CatchUp(Reply),
    /// The segments are closed: move everything, sign the end, answer and end.
    Stop(Reply),
}

type Reply = oneshot::Sender<Result<(), AuditError>>;

/// How checkpoints are made.
#[derive(Debug, Clone)]
pub(super) struct Sealing {
    pub(super) signer: Option<CheckpointSigner>,
    pub(super) every: u64,
    /// Every key whose checkpoints count.
    pub(super) keys: Vec<CheckpointKey>,
    pub(super) copy: Option<Copy>,
}

/// The task's state.
#[derive(Debug)]
pub(super) struct Mover {
    database: Database,
    segments: Arc<Segments>,
    opened: mpsc::UnboundedReceiver<Arc<Segment>>,
    inbox: mpsc::Receiver<Command>,
    sealing: Sealing,
    /// How long one batch may take.
    limit: Duration,
    /// What is to be moved, oldest first. This process's own segments come last.
    queue: VecDeque<Source>,
    /// What cannot be moved to its end. Held, so that no other process takes it either.
    damaged: Vec<Source>,
    /// A record that was seen at the end of the chain, by this process or by a checkpoint.
    known: Head,
    /// Whether the end of the chain was looked at.
    checked: bool,
    /// Whether the copy of the checkpoints may lack some.
    copy_behind: bool,
}

enum Wake {
    Asked(Command),
    Due,
    Gone,
}

enum Step {
    /// There may be more.
    Moved,
    /// There is nothing more yet.
    UpToDate,
    /// The database has all of it, and the file is gone.
    Finished,
}

impl Mover {
    /// A task over `segments` that first moves what dead processes left behind.
    pub(super) fn new(
        database: Database,
        segments: Arc<Segments>,
        (opened, inbox): (
            mpsc::UnboundedReceiver<Arc<Segment>>,
            mpsc::Receiver<Command>,
        ),
        sealing: Sealing,
        limit: Duration,
    ) -> Result<Self, AuditError> {
        let folder = segments.folder();
        let left = folder.leftovers(segments.log())?.into_iter();
        let queue = left.map(|left| Source::left(left, folder)).collect();
        Ok(Self {
            known: sealing.known()?,
            copy_behind: sealing.copy.is_some(),
            database,
            segments,
            opened,
            inbox,
            sealing,
            limit,
            queue,
            damaged: Vec::new(),
            checked: false,
        })
    }

    /// Runs until it is stopped or every handle is gone.
    pub(super) async fn run(mut self) {
        loop {
            match self.next().await {
                Wake::Due => drop(self.attempt().await),
                // Whoever asked may have gone away.
                Wake::Asked(Command::CatchUp(reply)) => drop(reply.send(self.attempt().await)),
                Wake::Asked(Command::Stop(reply)) => {
                    let mut outcome = self.attempt().await;
                    if outcome.is_ok() {
                        outcome = self.seal_the_end().await;
                    }
                    drop(reply.send(outcome));
                    return;
                }
                Wake::Gone => {
                    drop(self.attempt().await);
                    return;
                }
            }
        }
    }

    async fn next(&mut self) -> Wake {
        let asked = |command: Option<Command>| command.map_or(Wake::Gone, Wake::Asked);
        let pause = if self.segments.gate.is_failing() {
            RETRY
        } else {
            tokio::select! {
                command = self.inbox.recv() => return asked(command),
                () = self.segments.filled.notified() => GATHER,
            }
        };
        timeout(pause, self.inbox.recv())
            .await
            .map_or(Wake::Due, asked)
    }

    /// Moves everything that is acknowledged now.
    pub(super) async fn attempt(&mut self) -> Result<(), AuditError> {
        let began = Instant::now();
        let outcome = self.move_all().await;
        match &outcome {
            Ok(()) => self.segments.gate.succeeded(),
            Err(error) => {
                complain(error);
                self.segments.gate.failed(began, error);
            }
        }
        if outcome.is_ok() && self.copy_behind {
            match self.copy().await {
                Ok(()) => self.copy_behind = false,
                Err(error) => complain(&error),
            }
        }
        outcome
    }

    async fn move_all(&mut self) -> Result<(), AuditError> {
        let end = self.segments.end();
        loop {
            while let Ok(segment) = self.opened.try_recv() {
                let source = Source::own(segment, self.segments.folder());
                self.queue.push_back(source);
            }
            let Some(mut source) = self.queue.pop_front() else {
                return self.check().await;
            };
            match self.step(&mut source).await {
                Ok(Step::Finished) => {}
                Ok(Step::Moved) if source.is_closed() || !source.is_past(end) => {
                    self.queue.push_front(source);
                }
                // Or more is written meanwhile, perhaps without end; what was there is moved.
                Ok(Step::Moved | Step::UpToDate) => {
                    self.queue.push_front(source);
                    return self.check().await;
                }
                Err(AuditError::Damaged(fault @ Fault::Segment { .. })) => {
                    complain(&AuditError::Damaged(fault));
                    self.segments.gate.segment_damaged(fault);
                    self.damaged.push(source);
                }
                Err(error) => {
                    // Whether the commit happened is read from the database.
                    source.forget();
                    self.queue.push_front(source);
                    return Err(error);
                }
            }
        }
    }

    /// Moves the next batch of a segment.
    async fn step(&mut self, source: &mut Source) -> Result<Step, AuditError> {
        // Asked before reading: what was written before it was closed is then read.
        let closed = source.is_closed();
        if let Some(bytes) = source.open(&self.database).await? {
            self.segments.gate.moved(bytes);
        }
        let batch = source.read().await?;
        if batch.events.is_empty() {
            return match batch.fault {
                Some(fault) => Err(AuditError::Damaged(fault)),
                None if closed => {
                    self.segments.folder().remove(source.stream())?;
                    Ok(Step::Finished)
                }
                None => Ok(Step::UpToDate),
            };
        }
        let commit = self.commit(source, &batch.events);
        let (head, sealed) = match timeout(self.limit, commit).await {
            Err(_elapsed) => return Err(AuditError::Slow(self.limit)),
            Ok(Err(error)) => return Err(error),
            Ok(Ok(None)) => {
                // Somebody else moved it meanwhile, or an earlier commit happened after all.
                source.forget();
                return Ok(Step::Moved);
            }
            Ok(Ok(Some(end))) => end,
        };
        self.known = head;
        self.checked = true;
        self.copy_behind |= sealed && self.sealing.copy.is_some();
        self.segments.gate.moved(source.advance());
        Ok(Step::Moved)
    }

    /// One transaction. None: the segment was not where this process thinks it is.
    async fn commit(
        &self,
        source: &Source,
        events: &[AuditEvent],
    ) -> Result<Option<(Head, bool)>, AuditError> {
        let mut tx = self.database.write(Durability::Disk).await?;
        if !source.mark(&mut tx).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        read::still_holds(&mut tx, &self.known).await?;
        let head = append::append(&mut tx, events).await?;
        Tally::of(events).add(&mut tx).await?;
        let sealed = match &self.sealing.signer {
            Some(signer) => store::seal(&mut tx, signer, self.sealing.every).await?,
            None => false,
        };
        tx.commit().await?;
        Ok(Some((head, sealed)))
    }

    /// Looks at the end of the chain where no move did.
    async fn check(&mut self) -> Result<(), AuditError> {
        if self.checked && !self.segments.gate.is_failing() {
            return Ok(());
        }
        let mut tx = self.database.snapshot().await?;
        read::tail(&mut tx).await?;
        read::still_holds(&mut tx, &self.known).await?;
        tx.rollback().await?;
        self.checked = true;
        Ok(())
    }

    async fn seal_the_end(&mut self) -> Result<(), AuditError> {
        let Some(signer) = &self.sealing.signer else {
            return Ok(());
        };
        let mut tx = self.database.write(Durability::Disk).await?;
        // Nothing is appended, but nobody else does either until the transaction ends.
        append::end_of_chain(&mut tx).await?;
        let sealed = store::seal(&mut tx, signer, 1).await?;
        tx.commit().await?;
        if sealed && self.sealing.copy.is_some() {
            self.copy().await?;
        }
        Ok(())
    }

    /// Brings the copy of the checkpoints up to date.
    async fn copy(&self) -> Result<(), AuditError> {
        let Some(copy) = &self.sealing.copy else {
            return Ok(());
        };
        let last = copy.read()?.iter().map(Checkpoint::seq).max();
        let mut conn = self.database.reader().await?;
        let missing = store::after(&mut conn, last).await?;
        if missing.is_empty() {
            return Ok(());
        }
        copy.add(&missing)
    }
}

impl Sealing {
    /// The record the last checkpoint of the copy is about: the log must still have it. Where it
    /// does not, the database was rewritten, or restored from an older backup.
    fn known(&self) -> Result<Head, AuditError> {
        let Some(copy) = &self.copy else {
            return Ok(Head::EMPTY);
        };
        let signed = copy.read()?.into_iter().rev();
        let last = signed
            .filter(|checkpoint| checkpoint.is_signed_by(&self.keys))
            .max_by_key(Checkpoint::seq);
        Ok(last.map_or(Head::EMPTY, |last| Head {
            records: last.seq(),
            hash: last.hash(),
        }))
    }
}

/// Nobody else may hear of it: what was acknowledged was acknowledged before.
fn complain(error: &AuditError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(error = %error, cause, "audit records were not moved into the database");
}

#[cfg(test)]
pub(crate) use self::source::STATEMENTS;
