//! What is known about one connection while it is open.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::debt::Debt;
use crate::problem::Slug;

/// A connection that was asked for nothing for so long makes room for others, if they wait.
const MOMENT: Duration = Duration::from_secs(1);

/// One connection: how many requests run on it, and which one was refused before it was parsed.
#[derive(Debug, Default)]
pub(super) struct Line {
    running: watch::Sender<usize>,
    begun: AtomicU64,
    refused: OnceLock<(u64, Slug)>,
    /// What the client owes for each answer on its way, by a number of its own.
    debts: Mutex<BTreeMap<u64, Debt>>,
    answers: AtomicU64,
}

/// One answer on its way to the client; taken, once it is dropped.
#[derive(Debug)]
pub(super) struct Taking {
    line: Arc<Line>,
    number: u64,
}

impl Taking {
    /// So many bytes are there to be taken.
    pub(super) fn given(&self, bytes: usize) {
        self.change(|debt, now| debt.given(bytes, now));
    }

    /// So many were taken.
    pub(super) fn taken(&self, bytes: usize) {
        self.change(|debt, now| debt.taken(bytes, now));
    }

    /// Nothing more is there for now.
    pub(super) fn ours(&self) {
        self.change(Debt::ours);
    }

    fn change(&self, change: impl FnOnce(&mut Debt, Instant)) {
        if let Some(debt) = self.line.debts().get_mut(&self.number) {
            change(debt, Instant::now());
        }
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        self.line.debts().remove(&self.number);
    }
}

/// A request that runs; over when dropped.
#[derive(Debug)]
pub(super) struct Running(Arc<Line>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0
            .running
            .send_modify(|running| *running = running.saturating_sub(1));
    }
}

impl Line {
    /// The request with this number, counted from 0, is not what the client sent: it stands for a
    /// refusal. None comes after it.
    pub(super) fn refuse(&self, number: u64, slug: Slug) {
        // The first refusal is the last.
        let _ = self.refused.set((number, slug));
    }

    /// A request begins. With what it is refused, if it is.
    pub(super) fn begin(self: &Arc<Self>) -> (Running, Option<Slug>) {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        self.running.send_modify(|running| *running += 1);
        let refused = self.refused.get().filter(|(which, _)| *which == number);
        (Running(Arc::clone(self)), refused.map(|(_, slug)| *slug))
    }

    /// An answer that the client is to take.
    pub(super) fn taking(self: &Arc<Self>) -> Taking {
        let number = self.answers.fetch_add(1, Ordering::Relaxed);
        self.debts().insert(number, Debt::new(Instant::now()));
        let line = Arc::clone(self);
        Taking { line, number }
    }

    /// Every change is complete before it can panic, so a poisoned lock is still sound.
    fn debts(&self) -> MutexGuard<'_, BTreeMap<u64, Debt>> {
        self.debts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Comes back when the client is late by `patience` with an answer. The windows of HTTP/2, and the
    /// buffers of either version, let it hold one while the connection itself is never blocked.
    pub(super) async fn left(&self, patience: Duration) {
        loop {
            tokio::time::sleep(patience / 4).await;
            let now = Instant::now();
            if self.debts().values().any(|debt| debt.late(now) >= patience) {
                return;
            }
        }
    }

    /// Comes back when nothing ran for `idle`; sooner when there is a crowd.
    pub(super) async fn quiet(&self, idle: Duration, crowd: &Notify) {
        let mut running = self.running.subscribe();
        let mut since = Instant::now();
        loop {
            let busy = *running.borrow_and_update() > 0;
            tokio::select! {
                _ = running.changed() => since = Instant::now(),
                () = tokio::time::sleep_until(since + idle), if !busy => return,
                () = crowd.notified(), if !busy => {
                    if since.elapsed() >= MOMENT {
                        return;
                    }
                }
            }
        }
    }

    /// Comes back `later` than the end of what runs.
    pub(super) async fn over(&self, later: Duration) {
        let mut running = self.running.subscribe();
        // It fails when nobody is there to change it, and then nothing runs.
        let _ = running.wait_for(|running| *running == 0).await;
        tokio::time::sleep(later).await;
    }
}
