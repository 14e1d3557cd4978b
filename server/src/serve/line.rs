//! What is known about one connection while it is open.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::problem::Slug;

/// A connection that was asked for nothing for so long makes room for others, if they wait.
const MOMENT: Duration = Duration::from_secs(1);

/// One connection: how many requests run on it, and which one was refused before it was parsed.
#[derive(Debug, Default)]
pub(super) struct Line {
    running: watch::Sender<usize>,
    begun: AtomicU64,
    refused: OnceLock<(u64, Slug)>,
    /// Answers of which the client has something to take, by a number of their own, and since when.
    untaken: Mutex<BTreeMap<u64, Instant>>,
    answers: AtomicU64,
}

/// One answer on its way to the client; taken, once it is dropped.
#[derive(Debug)]
pub(super) struct Taking {
    line: Arc<Line>,
    number: u64,
}

impl Taking {
    /// It is the client's turn to take something.
    pub(super) fn theirs(&self) {
        let since = Instant::now();
        self.line.untaken().entry(self.number).or_insert(since);
    }

    /// Something was taken, or nothing is there to be taken.
    pub(super) fn ours(&self) {
        self.line.untaken().remove(&self.number);
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        self.ours();
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
        let taking = Taking {
            number: self.answers.fetch_add(1, Ordering::Relaxed),
            line: Arc::clone(self),
        };
        taking.theirs();
        taking
    }

    fn untaken(&self) -> MutexGuard<'_, BTreeMap<u64, Instant>> {
        self.untaken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Comes back when a part of an answer was not taken for `patience`. The windows of HTTP/2 let a
    /// client hold an answer while the connection itself is never blocked.
    pub(super) async fn left(&self, patience: Duration) {
        loop {
            tokio::time::sleep(patience / 4).await;
            let oldest = self.untaken().values().min().copied();
            if oldest.is_some_and(|since| since.elapsed() >= patience) {
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
