//! Whether records may be acknowledged although the database does not have them yet.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::AuditError;
use super::chain::Fault;

/// How well the log is.
#[derive(Debug, Clone)]
pub enum AuditHealth {
    /// Segments and database take records.
    Well,
    /// The database does not take records. They are acknowledged from the segment until the
    /// grace is over or the segments are full.
    Degraded {
        /// For how long already.
        since: Duration,
        /// How long that may go on, from now.
        left: Duration,
        /// Bytes of records that wait for the database.
        waiting: u64,
        /// What the database said last.
        cause: AuditError,
    },
    /// Records are refused, and so must the reads be that need them.
    Failed(AuditError),
}

/// Opens and closes for [`AuditLog::record`](super::AuditLog::record).
#[derive(Debug)]
pub(super) struct Gate {
    grace: Duration,
    limit: u64,
    /// Bytes acknowledged and not moved.
    waiting: AtomicU64,
    /// Whether `state` says anything, so that a healthy log does not ask it.
    troubled: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When the first attempt began that did not succeed yet.
    since: Option<Instant>,
    cause: Option<AuditError>,
    /// The chain's end, which may be put right while the process runs.
    tail: Option<Fault>,
    /// A segment, which stays as it is until the process starts again.
    segment: Option<Fault>,
}

impl Gate {
    pub(super) fn new(grace: Duration, limit: u64) -> Self {
        Self {
            grace,
            limit,
            waiting: AtomicU64::new(0),
            troubled: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    /// Bytes that are acknowledged and not in the database yet.
    pub(super) fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Whether one more submission may be acknowledged.
    pub(super) fn check(&self) -> Result<(), AuditError> {
        let waiting = self.waiting.load(Ordering::Relaxed);
        if waiting > self.limit {
            return Err(AuditError::Backlog { bytes: waiting });
        }
        if !self.troubled.load(Ordering::Acquire) {
            return Ok(());
        }
        match self.health() {
            AuditHealth::Failed(error) => Err(error),
            AuditHealth::Well | AuditHealth::Degraded { .. } => Ok(()),
        }
    }

    pub(super) fn health(&self) -> AuditHealth {
        let waiting = self.waiting.load(Ordering::Relaxed);
        let state = self.state();
        if let Some(fault) = state.segment.or(state.tail) {
            return AuditHealth::Failed(AuditError::Damaged(fault));
        }
        if waiting > self.limit {
            return AuditHealth::Failed(AuditError::Backlog { bytes: waiting });
        }
        let (Some(since), Some(cause)) = (state.since, state.cause.clone()) else {
            return AuditHealth::Well;
        };
        let since = since.elapsed();
        match self.grace.checked_sub(since) {
            Some(left) => AuditHealth::Degraded {
                since,
                left,
                waiting,
                cause,
            },
            None => AuditHealth::Failed(AuditError::Stalled {
                since,
                cause: Box::new(cause),
            }),
        }
    }

    /// What it means for a healthy log that the database did not answer just now.
    pub(super) fn just_failed(&self, cause: AuditError) -> AuditHealth {
        AuditHealth::Degraded {
            since: Duration::ZERO,
            left: self.grace,
            waiting: self.waiting.load(Ordering::Relaxed),
            cause,
        }
    }

    /// The segment that is damaged, if one was found.
    pub(super) fn damaged_segment(&self) -> Option<Fault> {
        self.state().segment
    }

    pub(super) fn acknowledged(&self, bytes: u64) {
        self.waiting.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn moved(&self, bytes: u64) {
        // Leftovers of other processes were never counted.
        let less = |waiting: u64| Some(waiting.saturating_sub(bytes));
        self.waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, less)
            .ok();
    }

    /// Everything that could be moved was.
    pub(super) fn succeeded(&self) {
        if !self.troubled.load(Ordering::Acquire) {
            return;
        }
        let mut state = self.state();
        state.since = None;
        state.cause = None;
        state.tail = None;
        self.troubled
            .store(state.segment.is_some(), Ordering::Release);
    }

    /// An attempt to move records that began at `began` did not succeed.
    pub(super) fn failed(&self, began: Instant, error: &AuditError) {
        let mut state = self.state();
        state.since.get_or_insert(began);
        state.cause = Some(error.clone());
        if let AuditError::Damaged(fault) = error {
            state.tail = Some(*fault);
        } else {
            state.tail = None;
        }
        self.troubled.store(true, Ordering::Release);
    }

    /// A segment is damaged: nothing is acknowledged any more until somebody looked.
    pub(super) fn segment_damaged(&self, fault: Fault) {
        self.state().segment.get_or_insert(fault);
        self.troubled.store(true, Ordering::Release);
    }

    /// Whether the last attempt to move records failed.
    pub(super) fn is_failing(&self) -> bool {
        self.state().since.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
