//! Appending to this process's segment: a short lock, one `write`, and a wait for the disk where
//! the events ask for one. No task and no thread is woken on the way of a data read, except once
//! in 50 ms.

use std::fs::File;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Notify, mpsc, watch};

use super::folder::Folder;
use super::{LogId, StreamId, Tip, write_next};
use crate::Durability;
use crate::audit::event::{AuditEvent, Fact};
use crate::audit::gate::Gate;
use crate::audit::{AuditError, AuditReceipt};

/// Everything that appends and forces out in this process.
#[derive(Debug)]
pub(in crate::audit) struct Segments {
    pub(super) folder: Folder,
    pub(super) log: LogId,
    data_reads: Durability,
    pub(in crate::audit) gate: Gate,
    /// Tells the mover that there is something to move.
    pub(in crate::audit) filled: Notify,
    /// Hands each new segment to the mover.
    pub(super) opened: mpsc::UnboundedSender<Arc<Segment>>,
    pub(super) tail: Mutex<Tail>,
    /// Wakes the thread that forces out.
    pub(super) wake: Condvar,
}

/// One segment of this process.
#[derive(Debug)]
pub(in crate::audit) struct Segment {
    pub(in crate::audit) stream: StreamId,
    pub(super) file: File,
    pub(super) forced: watch::Sender<Forced>,
    /// Nothing more will be written.
    pub(super) closed: AtomicBool,
}

/// How much of a segment is on the disk.
#[derive(Debug, Default)]
pub(super) struct Forced {
    pub(super) line: u64,
    /// Set once, for good: after a failed sync the operating system forgets what it lost.
    pub(super) failed: Option<AuditError>,
}

/// What the lock is around.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) closing: bool,
    /// None: the last one broke, and no new one could be made yet.
    pub(super) current: Option<Current>,
    /// Segments nothing more goes into, which were not forced out to their end yet.
    pub(super) given_up: Vec<(Arc<Segment>, u64)>,
    /// Somebody waits for the disk.
    pub(super) wanted: bool,
    /// When the oldest line was written that nobody waits for.
    pub(super) dirty: Option<Instant>,
    /// When to try again to make a segment.
    pub(super) retry: Option<Instant>,
    /// The next segment's id.
    pub(super) next: StreamId,
    buffer: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Current {
    pub(super) segment: Arc<Segment>,
    pub(super) tip: Tip,
    pub(super) bytes: u64,
}

impl Segments {
    /// Makes this process's first segment.
    pub(in crate::audit) fn start(
        folder: Folder,
        log: LogId,
        data_reads: Durability,
        gate: Gate,
        opened: mpsc::UnboundedSender<Arc<Segment>>,
    ) -> Result<Self, AuditError> {
        let segments = Self {
            folder,
            log,
            data_reads,
            gate,
            filled: Notify::new(),
            opened,
            tail: Mutex::new(Tail {
                closing: false,
                current: None,
                given_up: Vec::new(),
                wanted: false,
                dirty: None,
                retry: None,
                next: StreamId::random(),
                buffer: Vec::new(),
            }),
            wake: Condvar::new(),
        };
        segments.change()?;
        Ok(segments)
    }

    /// Writes one submission and waits for what it asks for.
    pub(in crate::audit) async fn record(
        &self,
        events: &[AuditEvent],
    ) -> Result<AuditReceipt, AuditError> {
        self.gate.check()?;
        let json = serde_json::to_vec(events)?;
        let durability = self.durability_of(events);
        let (segment, tip) = self.append(&json, durability)?;
        if durability == Durability::Disk {
            segment.forced(tip.line).await?;
        }
        Ok(AuditReceipt {
            stream: segment.stream,
            line: tip.line,
            hash: tip.hash,
        })
    }

    fn durability_of(&self, events: &[AuditEvent]) -> Durability {
        let is_read = |event: &AuditEvent| matches!(event.fact(), Fact::DataRead(_));
        if events.iter().all(is_read) {
            self.data_reads
        } else {
            Durability::Disk
        }
    }

    fn append(
        &self,
        events: &[u8],
        durability: Durability,
    ) -> Result<(Arc<Segment>, Tip), AuditError> {
        let mut tail = self.tail();
        if tail.closing {
            return Err(AuditError::Closed);
        }
        let (segment, tip, bytes) = tail.write(events).map_err(|cause| {
            // Where the segment was given up, the thread makes a new one.
            self.wake.notify_one();
            AuditError::segment(self.folder.path(), cause)
        })?;
        self.gate.acknowledged(bytes);
        let asleep = !tail.wanted && (durability == Durability::Disk || tail.dirty.is_none());
        match durability {
            Durability::Disk => tail.wanted = true,
            Durability::Process => drop(tail.dirty.get_or_insert_with(Instant::now)),
        }
        drop(tail);
        if asleep {
            self.wake.notify_one();
        }
        Ok((segment, tip))
    }

    /// Where the segment ends: what is acknowledged now is not behind it.
    pub(in crate::audit) fn end(&self) -> Option<(StreamId, u64)> {
        let tail = self.tail();
        let current = tail.current.as_ref()?;
        Some((current.segment.stream, current.tip.line))
    }

    /// Refuses everything from now on. What is written is forced out by the thread, which ends.
    pub(in crate::audit) fn close(&self) {
        self.tail().closing = true;
        self.wake.notify_one();
    }

    pub(in crate::audit) fn log(&self) -> LogId {
        self.log
    }

    pub(in crate::audit) fn folder(&self) -> &Folder {
        &self.folder
    }

    pub(super) fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tail {
    /// One `write` of one line. A part of a line is taken back; where even that fails, the
    /// segment is given up, and whoever reads it drops that part.
    fn write(&mut self, events: &[u8]) -> io::Result<(Arc<Segment>, Tip, u64)> {
        let Some(current) = &mut self.current else {
            return Err(io::Error::other("there is no segment to write to"));
        };
        self.buffer.clear();
        let tip = write_next(&current.tip, events, &mut self.buffer);
        let mut file = &current.segment.file;
        if let Err(cause) = file.write_all(&self.buffer) {
            if file.set_len(current.bytes).is_err() {
                self.give_up();
            }
            return Err(cause);
        }
        let bytes = u64::try_from(self.buffer.len()).unwrap_or(u64::MAX);
        current.bytes += bytes;
        current.tip = tip;
        Ok((Arc::clone(&current.segment), tip, bytes))
    }

    /// Nothing more goes into the current segment. The thread forces it out to its end.
    pub(super) fn give_up(&mut self) {
        if let Some(current) = self.current.take() {
            current.segment.closed.store(true, Ordering::Release);
            self.given_up.push((current.segment, current.tip.line));
        }
    }
}

impl Segment {
    /// Waits until the disk has line `line`.
    async fn forced(&self, line: u64) -> Result<(), AuditError> {
        let mut forced = self.forced.subscribe();
        let state = forced
            .wait_for(|forced| forced.line >= line || forced.failed.is_some())
            .await
            .map_err(|_| AuditError::Closed)?;
        match &state.failed {
            Some(error) if state.line < line => Err(error.clone()),
            _ => Ok(()),
        }
    }

    /// Whether nothing more will be written.
    pub(in crate::audit) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests;
