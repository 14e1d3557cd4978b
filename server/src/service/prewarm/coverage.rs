//! How far a round of warming came.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

/// How far the last round of warming came.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Coverage {
    /// Whether it is switched on.
    pub enabled: bool,
    /// How many kinds of page views are remembered.
    pub views_remembered: usize,
    /// The policies' revision that the round is for; `None` before the first.
    pub revision: Option<u64>,
    /// When it began.
    pub began: Option<DateTime<Utc>>,
    /// When it ended; `None` while it runs.
    pub ended: Option<DateTime<Utc>>,
    /// Distinct questions.
    pub questions: usize,
    /// Those whose answers were there.
    pub held: usize,
    /// Those that were computed.
    pub warmed: usize,
    /// Those that could not be.
    pub failed: usize,
    /// Those that were left: something newer came, or too many failed.
    pub left: usize,
}

/// What became of the questions of one round.
#[derive(Debug, Default)]
pub(super) struct Tally {
    questions: usize,
    held: AtomicUsize,
    warmed: AtomicUsize,
    failed: AtomicUsize,
    left: AtomicUsize,
    in_a_row: AtomicUsize,
}

impl Tally {
    pub(super) fn new(questions: usize) -> Arc<Self> {
        Arc::new(Self {
            questions,
            ..Self::default()
        })
    }

    pub(super) fn held(&self) {
        self.held.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn warmed(&self) {
        self.in_a_row.store(0, Ordering::Relaxed);
        self.warmed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failed(&self) {
        self.in_a_row.fetch_add(1, Ordering::Relaxed);
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn left(&self) {
        self.left.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn failures_in_a_row(&self) -> usize {
        self.in_a_row.load(Ordering::Relaxed)
    }
}

/// The round that runs, or ran last.
#[derive(Debug, Default)]
pub(super) struct Progress(Mutex<Option<Round>>);

#[derive(Debug)]
struct Round {
    revision: u64,
    began: DateTime<Utc>,
    ended: Option<DateTime<Utc>>,
    tally: Arc<Tally>,
}

impl Progress {
    pub(super) fn begin(&self, revision: u64, began: DateTime<Utc>, tally: Arc<Tally>) {
        *self.lock() = Some(Round {
            revision,
            began,
            ended: None,
            tally,
        });
    }

    pub(super) fn end(&self, at: DateTime<Utc>) {
        if let Some(round) = self.lock().as_mut() {
            round.ended = Some(at);
        }
    }

    pub(super) fn coverage(&self, enabled: bool, views_remembered: usize) -> Coverage {
        let round = self.lock();
        let Some(round) = round.as_ref() else {
            return Coverage {
                enabled,
                views_remembered,
                ..Coverage::default()
            };
        };
        let told = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        Coverage {
            enabled,
            views_remembered,
            revision: Some(round.revision),
            began: Some(round.began),
            ended: round.ended,
            questions: round.tally.questions,
            held: told(&round.tally.held),
            warmed: told(&round.tally.warmed),
            failed: told(&round.tally.failed),
            left: told(&round.tally.left),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Round>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
