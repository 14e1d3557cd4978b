//! The one task that appends. It holds the end of the chain in memory, checks it against the
//! database in every transaction, and drops it after any failure.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use super::chain::{Head, Link};
use super::event::{AuditEvent, Fact};
use super::{AuditError, AuditReceipt, append};
use crate::Durability;
use crate::database::Database;

/// How long an acknowledged data read may wait for the disk.
const SYNC_WITHIN: Duration = Duration::from_millis(50);

const SYNC_AGAIN: Duration = Duration::from_secs(1);

/// Events of one transaction, unless a single submission has more.
const BATCH: usize = 512;

// A commit that waits for the disk needs something to write.
const SYNC: &str = "
UPDATE audit_head
SET synced = records
WHERE id = 1
AND synced <> records";

/// What the log asks of its writer.
pub(super) enum Command {
    /// Append these, then answer.
    Append {
        events: Vec<AuditEvent>,
        reply: Reply,
    },
    /// Finish what waits, force it out, answer and end.
    Stop {
        reply: oneshot::Sender<Result<(), AuditError>>,
    },
}

type Reply = oneshot::Sender<Result<AuditReceipt, AuditError>>;

/// What is committed together.
#[derive(Default)]
struct Batch {
    events: Vec<AuditEvent>,
    /// Who waits, and for how many of the events, in order.
    waiting: Vec<(usize, Reply)>,
}

/// The writer task's state.
pub(super) struct Writer {
    database: Database,
    inbox: mpsc::Receiver<Command>,
    data_reads: Durability,
    /// The end of the chain, unless it must be read from the database first.
    head: Option<Head>,
    /// When records that are committed but not forced out must be.
    sync_at: Option<Instant>,
}

impl Writer {
    pub(super) fn new(
        database: Database,
        inbox: mpsc::Receiver<Command>,
        data_reads: Durability,
    ) -> Self {
        Self {
            database,
            inbox,
            data_reads,
            head: None,
            sync_at: None,
        }
    }

    /// Runs until it is stopped or every handle is gone.
    pub(super) async fn run(mut self) {
        while let Some(command) = self.next().await {
            let stop = match command {
                Command::Append { events, reply } => self.serve(events, reply).await,
                Command::Stop { reply } => Some(reply),
            };
            if let Some(reply) = stop {
                self.finish(reply).await;
                return;
            }
        }
        self.sync().await.unwrap_or_else(|error| complain(&error));
    }

    /// The next command; meanwhile, what must be forced out is.
    async fn next(&mut self) -> Option<Command> {
        while let Some(deadline) = self.sync_at {
            match timeout_at(deadline, self.inbox.recv()).await {
                Ok(command) => return command,
                Err(_elapsed) => self.sync().await.unwrap_or_else(|error| complain(&error)),
            }
        }
        self.inbox.recv().await
    }

    /// Commits a submission with whatever waits behind it. Hands back a stop met on the way.
    async fn serve(
        &mut self,
        events: Vec<AuditEvent>,
        reply: Reply,
    ) -> Option<oneshot::Sender<Result<(), AuditError>>> {
        let mut batch = Batch::default();
        batch.add(events, reply);
        let mut stop = None;
        while batch.events.len() < BATCH {
            match self.inbox.try_recv() {
                Ok(Command::Append { events, reply }) => batch.add(events, reply),
                Ok(Command::Stop { reply }) => {
                    stop = Some(reply);
                    break;
                }
                Err(_) => break,
            }
        }
        let outcome = self.commit(&batch.events).await;
        if let Err(error) = &outcome {
            complain(error);
        }
        batch.answer(&outcome);
        stop
    }

    /// Appends in one transaction; returns the links written.
    async fn commit(&mut self, events: &[AuditEvent]) -> Result<Vec<Link>, AuditError> {
        let durability = self.durability_of(events);
        // After any error, what the database holds is read again: a commit that failed may or may
        // not have happened, and another process may have appended.
        let known = self.head.take();
        let links = match self.append(known, events, durability).await {
            Err(AuditError::Damaged(_)) if known.is_some() => {
                self.append(None, events, durability).await?
            }
            other => other?,
        };
        self.head = links.last().map(Link::as_head);
        self.sync_at = match durability {
            Durability::Disk => None,
            Durability::Process => self.sync_at.or_else(|| Some(Instant::now() + SYNC_WITHIN)),
        };
        Ok(links)
    }

    async fn append(
        &self,
        known: Option<Head>,
        events: &[AuditEvent],
        durability: Durability,
    ) -> Result<Vec<Link>, AuditError> {
        let mut tx = self.database.write(durability).await?;
        let start = match known {
            Some(head) => head,
            None => append::end_of_chain(&mut tx).await?,
        };
        let links = append::append_after(&mut tx, &start, events).await?;
        tx.commit().await?;
        Ok(links)
    }

    fn durability_of(&self, events: &[AuditEvent]) -> Durability {
        let overdue = self
            .sync_at
            .is_some_and(|deadline| deadline <= Instant::now());
        let only_reads = events
            .iter()
            .all(|event| matches!(event.fact(), Fact::DataRead(_)));
        if overdue || !only_reads {
            Durability::Disk
        } else {
            self.data_reads
        }
    }

    /// Forces out what is committed.
    async fn sync(&mut self) -> Result<(), AuditError> {
        if self.sync_at.is_none() {
            return Ok(());
        }
        // Set before trying: a disk that refuses is asked again, but not without pause.
        self.sync_at = Some(Instant::now() + SYNC_AGAIN);
        let mut tx = self.database.write(Durability::Disk).await?;
        sqlx::query(SYNC).execute(&mut *tx).await?;
        tx.commit().await?;
        self.sync_at = None;
        Ok(())
    }

    async fn finish(mut self, reply: oneshot::Sender<Result<(), AuditError>>) {
        self.inbox.close();
        while let Some(command) = self.inbox.recv().await {
            if let Command::Append { events, reply } = command {
                // A stop behind this one finds a closed log.
                drop(self.serve(events, reply).await);
            }
        }
        let outcome = self.sync().await;
        // Nobody waits for the answer if the closing was abandoned; it is done all the same.
        drop(reply.send(outcome));
    }
}

impl Batch {
    fn add(&mut self, mut events: Vec<AuditEvent>, reply: Reply) {
        self.waiting.push((events.len(), reply));
        self.events.append(&mut events);
    }

    /// Gives everybody their own records. A caller that went away is not missed.
    fn answer(self, outcome: &Result<Vec<Link>, AuditError>) {
        let mut links = outcome.as_ref().map(|links| links.iter());
        for (count, reply) in self.waiting {
            let answer = match &mut links {
                Ok(links) => append::receipt(links.by_ref().take(count)),
                Err(error) => Err((*error).clone()),
            };
            drop(reply.send(answer));
        }
    }
}

/// Waiting callers get the error too, but they tell a viewer; this tells the operator.
fn complain(error: &AuditError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(error = %error, cause, "audit records were not written");
}

#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[SYNC];
