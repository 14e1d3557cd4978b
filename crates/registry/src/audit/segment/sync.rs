//! The thread that forces segments out to the disk and changes them when they are long. Many
//! waiters share one `fdatasync` (group commit), and the lock is never held across one.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::write::{Current, Forced, Segment, Segments, Tail};
use crate::audit::AuditError;

/// How long an acknowledged data read may wait for the disk. The sync itself takes a few
/// milliseconds of the 50 that are promised.
const SYNC_WITHIN: Duration = Duration::from_millis(30);

/// How long a segment gets.
const LONG: u64 = 16 * 1024 * 1024;

const RETRY: Duration = Duration::from_secs(1);

/// What the thread does next.
enum Round {
    /// Force out: what was written up to this line.
    Force(Arc<Segment>, u64),
    /// Make a new segment, because this one is long or there is none.
    Change,
    /// Everything is forced out, or cannot be, and nothing more is written.
    End,
}

impl Segments {
    /// Starts the thread. The answer comes when it ended, which [`Segments::close`] makes it do.
    pub(in crate::audit) fn force_out(
        self: &Arc<Self>,
    ) -> Result<oneshot::Receiver<Result<(), AuditError>>, AuditError> {
        let (ended, end) = oneshot::channel();
        let segments = Arc::clone(self);
        thread::Builder::new()
            .name("weir-audit-sync".to_owned())
            .spawn(move || {
                let last = segments.rounds();
                // Nobody may be waiting.
                drop(ended.send(last));
            })
            .map_err(|cause| AuditError::segment(self.folder.path(), cause))?;
        Ok(end)
    }

    fn rounds(&self) -> Result<(), AuditError> {
        let mut last = Ok(());
        loop {
            match self.next_round() {
                Round::Force(segment, line) => {
                    last = self.force(&segment, line);
                    if let Err(error) = &last {
                        complain(error);
                        self.distrust(&segment);
                    }
                }
                Round::Change => self.change().unwrap_or_else(|error| {
                    complain(&error);
                    self.tail().retry = Some(Instant::now() + RETRY);
                }),
                Round::End => return last,
            }
        }
    }

    /// Waits until there is something to do.
    fn next_round(&self) -> Round {
        let mut tail = self.tail();
        loop {
            let now = Instant::now();
            if let Some(round) = tail.due(now) {
                return round;
            }
            tail = match tail.wake_at() {
                None => self.wake.wait(tail).unwrap_or_else(PoisonError::into_inner),
                Some(at) => {
                    let pause = at.saturating_duration_since(now);
                    let woken = self.wake.wait_timeout(tail, pause);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn force(&self, segment: &Segment, line: u64) -> Result<(), AuditError> {
        let outcome = segment
            .file
            .sync_data()
            .map_err(|cause| AuditError::segment(self.folder.path(), cause));
        segment.forced.send_modify(|forced| match &outcome {
            // After a failure it may succeed without the bytes that failed.
            Ok(()) if forced.failed.is_some() => {}
            Ok(()) => forced.line = line,
            Err(error) => forced.failed = Some(error.clone()),
        });
        self.filled.notify_one();
        outcome
    }

    /// The operating system still shows what it holds, so it is moved; but nothing more may be
    /// promised on it.
    fn distrust(&self, segment: &Segment) {
        let mut tail = self.tail();
        let stream = tail.current.as_ref().map(|current| current.segment.stream);
        if stream == Some(segment.stream) {
            tail.give_up();
        }
    }

    /// Makes a new segment and closes the one before.
    pub(super) fn change(&self) -> Result<(), AuditError> {
        // Only this thread and the start come here, so the id cannot be taken meanwhile.
        let stream = self.tail().next;
        let made = self.folder.create(self.log, stream)?;
        let segment = Arc::new(Segment {
            stream,
            file: made.file,
            forced: watch::Sender::new(Forced::default()),
            closed: AtomicBool::new(false),
        });
        // The mover may be gone; then the segment is a leftover for the next start.
        drop(self.opened.send(Arc::clone(&segment)));
        let mut tail = self.tail();
        tail.give_up();
        tail.next = stream.next();
        tail.retry = None;
        tail.current = Some(Current {
            segment,
            tip: made.tip,
            bytes: made.bytes,
        });
        Ok(())
    }
}

impl Tail {
    fn due(&mut self, now: Instant) -> Option<Round> {
        if let Some((segment, line)) = self.given_up.pop() {
            return Some(Round::Force(segment, line));
        }
        if self.closing {
            self.give_up();
            return Some(
                self.given_up
                    .pop()
                    .map_or(Round::End, |(segment, line)| Round::Force(segment, line)),
            );
        }
        let long = self
            .current
            .as_ref()
            .is_none_or(|current| current.bytes >= LONG);
        if long && self.retry.is_none_or(|at| at <= now) {
            return Some(Round::Change);
        }
        let overdue = self.dirty.is_some_and(|since| since + SYNC_WITHIN <= now);
        if !self.wanted && !overdue {
            return None;
        }
        self.wanted = false;
        self.dirty = None;
        let current = self.current.as_ref()?;
        Some(Round::Force(Arc::clone(&current.segment), current.tip.line))
    }

    /// When to look again, unless somebody calls before.
    fn wake_at(&self) -> Option<Instant> {
        let sync = self.dirty.map(|since| since + SYNC_WITHIN);
        sync.into_iter().chain(self.retry).min()
    }
}

/// The callers get the error too, but they tell a viewer; this tells the operator.
fn complain(error: &AuditError) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    tracing::error!(error = %error, cause, "the audit segment could not be forced out");
}
