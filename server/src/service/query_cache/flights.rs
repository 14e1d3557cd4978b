//! Computations under way: one for all who want the same, and none for nobody.
//!
//! Each runs in a task of its own. When the last who waited has left, it goes on for a moment, since
//! whoever reloads a page comes back; then it is dropped, which stops it in the engine.

use std::collections::HashMap;
use std::hash::Hash;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::Fetched;
use crate::service::costs::FetchError;

/// What a computation ends with: an answer, and how whoever began it came by it.
pub(super) type Outcome = Result<Fetched, FetchError>;

type Told = watch::Sender<Option<Outcome>>;

type UnderWay<K> = HashMap<K, Arc<Told>>;

/// Computations under way, by what they compute. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Flights<K> {
    under_way: Arc<Mutex<UnderWay<K>>>,
    /// How long one goes on that nobody waits for.
    patience: Duration,
}

/// Somebody who waits for a computation. Dropped, they wait no longer.
#[derive(Debug)]
pub(super) struct Waiter(watch::Receiver<Option<Outcome>>);

/// A computation in its task. However that ends, nobody else begins to wait for it.
struct Flight<K: Hash + Eq> {
    flights: Flights<K>,
    key: K,
    told: Arc<Told>,
}

impl<K: Hash + Eq + Clone + Send + 'static> Flights<K> {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            under_way: Arc::default(),
            patience,
        }
    }

    /// Waits for what is computed already; `None` where it is not.
    pub(super) fn join(&self, key: &K) -> Option<Waiter> {
        let under_way = self.under_way();
        under_way.get(key).map(|told| Waiter(told.subscribe()))
    }

    /// Begins to compute, unless somebody was faster: then their computation is waited for. Says
    /// which it was.
    pub(super) fn begin<F>(&self, key: K, work: impl FnOnce() -> F) -> (Waiter, bool)
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let mut under_way = self.under_way();
        if let Some(told) = under_way.get(&key) {
            return (Waiter(told.subscribe()), false);
        }
        let (told, waiter) = watch::channel(None);
        let told = Arc::new(told);
        under_way.insert(key.clone(), Arc::clone(&told));
        drop(under_way);
        let flight = Flight {
            flights: self.clone(),
            key,
            told,
        };
        tokio::spawn(flight.until_the_end(work()));
        (Waiter(waiter), true)
    }
}

impl<K: Hash + Eq> Flights<K> {
    fn under_way(&self) -> MutexGuard<'_, UnderWay<K>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq> Flight<K> {
    async fn until_the_end(self, work: impl Future<Output = Outcome>) {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                outcome = &mut work => return self.tell(outcome),
                () = self.told.closed() => {}
            }
            tokio::select! {
                biased;
                outcome = &mut work => return self.tell(outcome),
                () = tokio::time::sleep(self.flights.patience) => {}
            }
            if self.is_given_up() {
                return;
            }
        }
    }

    fn tell(&self, outcome: Outcome) {
        self.told.send_replace(Some(outcome));
    }

    /// Whether nobody waits. Then nobody begins to either.
    fn is_given_up(&self) -> bool {
        let mut under_way = self.flights.under_way();
        let given_up = self.told.receiver_count() == 0;
        if given_up {
            self.remove(&mut under_way);
        }
        given_up
    }

    /// Takes this one out, and not one that began after it.
    fn remove(&self, under_way: &mut UnderWay<K>) {
        let own = under_way.get(&self.key);
        if own.is_some_and(|told| Arc::ptr_eq(told, &self.told)) {
            under_way.remove(&self.key);
        }
    }
}

impl<K: Hash + Eq> Drop for Flight<K> {
    fn drop(&mut self) {
        self.remove(&mut self.flights.under_way());
    }
}

impl Waiter {
    /// What comes of it.
    pub(super) async fn outcome(mut self) -> Outcome {
        match self.0.wait_for(Option::is_some).await {
            Ok(told) => told.clone().unwrap_or(Err(FetchError::BrokenOff)),
            Err(_) => Err(FetchError::BrokenOff),
        }
    }
}

#[cfg(test)]
mod tests;
