//! What the second level was good for, counted.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Count {
    Found,
    Followed,
    Led,
    Alone,
    Refused,
    Stored,
    TooLarge,
}

/// The counters themselves.
#[derive(Debug, Default)]
pub(super) struct Counters {
    found: AtomicU64,
    followed: AtomicU64,
    led: AtomicU64,
    alone: AtomicU64,
    refused: AtomicU64,
    stored: AtomicU64,
    too_large: AtomicU64,
}

/// What was counted since the start of the process. All but `connected` only grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Answers that were there.
    pub found: u64,
    /// Answers of another process that this one waited for.
    pub followed: u64,
    /// Leases taken: questions that this process computed for all.
    pub led: u64,
    /// Questions computed without a lease, because the server did not help.
    pub alone: u64,
    /// Values that did not open or were too old.
    pub refused: u64,
    /// Answers put there.
    pub stored: u64,
    /// Answers too large to be put there.
    pub too_large: u64,
    /// Calls that failed or were late.
    pub failures: u64,
    /// Whether the server is used now.
    pub connected: bool,
}

impl Counters {
    pub(super) fn add(&self, count: Count, many: usize) {
        let counter = match count {
            Count::Found => &self.found,
            Count::Followed => &self.followed,
            Count::Led => &self.led,
            Count::Alone => &self.alone,
            Count::Refused => &self.refused,
            Count::Stored => &self.stored,
            Count::TooLarge => &self.too_large,
        };
        counter.fetch_add(many as u64, Ordering::Relaxed);
    }

    pub(super) fn snapshot(&self, connected: bool, failures: u64) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            found: read(&self.found),
            followed: read(&self.followed),
            led: read(&self.led),
            alone: read(&self.alone),
            refused: read(&self.refused),
            stored: read(&self.stored),
            too_large: read(&self.too_large),
            failures,
            connected,
        }
    }
}
