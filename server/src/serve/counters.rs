//! What became of connections and requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts since the start.
#[derive(Debug, Default)]
pub struct Counters {
    accepted: AtomicU64,
    failed: AtomicU64,
    open: AtomicU64,
    running: AtomicU64,
    refused: AtomicU64,
}

/// The counts at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// Connections that were accepted.
    pub accepted: u64,
    /// Times that none could be accepted: no file handle was left.
    pub failed: u64,
    /// Connections that are open now.
    pub open: u64,
    /// Requests that run now, streams included.
    pub running: u64,
    /// Requests that were refused before any route saw them.
    pub refused: u64,
}

/// Something that is open or runs; not any more, once it is dropped.
#[derive(Debug)]
pub(super) struct One(Arc<Counters>, fn(&Counters) -> &AtomicU64);

impl Drop for One {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Ordering::Relaxed);
    }
}

impl Counters {
    /// The counts now.
    #[must_use]
    pub fn snapshot(&self) -> Connections {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Connections {
            accepted: read(&self.accepted),
            failed: read(&self.failed),
            open: read(&self.open),
            running: read(&self.running),
            refused: read(&self.refused),
        }
    }

    pub(super) fn accepted(&self) {
        self.accepted.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn open(self: &Arc<Self>) -> One {
        self.one(|counters| &counters.open)
    }

    pub(super) fn running(self: &Arc<Self>) -> One {
        self.one(|counters| &counters.running)
    }

    fn one(self: &Arc<Self>, which: fn(&Self) -> &AtomicU64) -> One {
        which(self).fetch_add(1, Ordering::Relaxed);
        One(Arc::clone(self), which)
    }
}
