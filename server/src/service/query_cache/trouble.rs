//! Whether the engine is in trouble: it failed a moment ago and answered nothing since, or somebody
//! has been waiting for it for long while nobody got an answer. Then what is at hand is shown longer
//! than usual, and new questions are asked only now and then.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use weir_policy::BusinessUnit;
use weir_query::DashboardSlug;

use crate::service::account::Account;
use crate::service::costs::FetchError;

/// How long a failure is held against the engine.
const REMEMBERED: Duration = Duration::from_secs(30);

/// How long a budget without room is not asked again on the way to a page.
const SPENT: Duration = Duration::from_secs(10);

/// How often an engine in trouble is tried behind pages.
const TRIED_EVERY: Duration = Duration::from_secs(5);

/// What is known about the engine and about budgets. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Trouble {
    known: Arc<Mutex<Known>>,
    /// After how long an answer that does not come is trouble.
    patience: Duration,
}

/// Whose budgets had no room.
type Payer = (Option<BusinessUnit>, Option<DashboardSlug>);

#[derive(Debug, Default)]
struct Known {
    failed: Option<Instant>,
    answered: Option<Instant>,
    tried: Option<Instant>,
    running: HashMap<u64, Instant>,
    next: u64,
    refused: HashMap<Payer, Instant>,
}

/// A run under way. Dropped, it is none any more.
#[derive(Debug)]
pub(super) struct Running {
    trouble: Trouble,
    number: u64,
}

impl Trouble {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            known: Arc::default(),
            patience,
        }
    }

    /// A run begins.
    pub(super) fn run(&self) -> Running {
        let mut known = self.known();
        let number = known.next;
        known.next += 1;
        known.running.insert(number, Instant::now());
        Running {
            trouble: self.clone(),
            number,
        }
    }

    /// Learns from how it ended.
    pub(super) fn ended(&self, account: &Account, refused: Option<&FetchError>) {
        let payer = (account.unit.clone(), account.dashboard.clone());
        self.known().learn(Instant::now(), payer, refused);
    }

    /// Whether a new answer on this account can hardly be expected.
    pub(super) fn is_there_for(&self, account: &Account) -> bool {
        let known = self.known();
        let payer = (account.unit.clone(), account.dashboard.clone());
        known.is_in_trouble(Instant::now(), self.patience)
            || known.has_refused(Instant::now(), &payer)
    }

    /// Whether it is time to try again.
    pub(super) fn may_try(&self) -> bool {
        self.known().may_try(Instant::now())
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn learn(&mut self, now: Instant, payer: Payer, refused: Option<&FetchError>) {
        match refused {
            None => {
                self.answered = Some(now);
                self.refused.remove(&payer);
            }
            Some(FetchError::OverBudget(_)) => {
                self.refused.insert(payer, now);
            }
            Some(error) if error.is_outage() => self.failed = Some(now),
            Some(_) => {}
        }
    }

    fn has_refused(&self, now: Instant, payer: &Payer) -> bool {
        let at = self.refused.get(payer);
        at.is_some_and(|at| now.duration_since(*at) < SPENT)
    }

    /// Whether it failed or hangs.
    fn is_in_trouble(&self, now: Instant, patience: Duration) -> bool {
        let not_since = |at: &Instant| self.answered.is_none_or(|answered| answered < *at);
        let failed = self.failed.as_ref();
        let failed = failed.filter(|at| now.duration_since(**at) < REMEMBERED);
        let oldest = self.running.values().min();
        let hanging = oldest.filter(|began| now.duration_since(**began) > patience);
        failed.is_some_and(not_since) || hanging.is_some_and(not_since)
    }

    fn may_try(&mut self, now: Instant) -> bool {
        let due = self
            .tried
            .is_none_or(|at| now.duration_since(at) >= TRIED_EVERY);
        if due {
            self.tried = Some(now);
        }
        due
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.trouble.known().running.remove(&self.number);
    }
}

#[cfg(test)]
mod tests;
