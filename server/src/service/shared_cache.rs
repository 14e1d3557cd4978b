//! The second level of the cache: answers that all processes share, on a server of Redis' protocol,
//! and the leases by which a question is computed by one process while the others wait.
//!
//! Nothing that comes from there is trusted. An answer is sealed under a key that only Weir's own
//! processes have, for the one fingerprint it answers, and lies under a name that nobody else can
//! make: whoever writes to the server can't make Weir show rows to somebody they are not for, and
//! whoever reads it reads nothing (invariant 5). What does not open is not there. Leases only decide who
//! computes, never what is shown.
//!
//! Nothing waits for a server that does not answer: a call has a few milliseconds, and without the
//! server each process computes for itself, as it does without a second level.

mod busy;
mod codec;
mod counters;
mod lease;
mod sealed;
mod server;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;
use weir_identity::MasterKey;
use weir_query::Fingerprint;

use self::busy::Busy;
pub use self::counters::Counts;
use self::counters::{Count, Counters};
pub use self::lease::Lease;
use self::sealed::Sealer;
pub use self::server::AddressError;
use self::server::{Missed, Said, Server};
use super::query_cache::Entry;
use crate::clock::Clock;

/// After how long a follower looks again at first, and at most.
const LOOK: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(200));

/// How often a late call is tried again before a query: that one takes seconds, and computed by every
/// process it takes them from everybody.
const AGAIN: u32 = 2;

/// By how much the clock of another process may be ahead.
const SKEW: TimeDelta = TimeDelta::seconds(10);

/// How a second level is used.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    /// How long one call may take.
    pub timeout: Duration,
    /// Bytes of one sealed answer.
    pub max_value_bytes: usize,
    /// How long a lease lives without being renewed.
    pub lease: Duration,
    /// Hard maximum age of an answer, counted from when it was computed.
    pub max_age: Duration,
    /// Whether processes share limits of their engine, so that none may take all questions.
    pub has_quotas: bool,
}

/// Answers that all processes share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SharedCache(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    server: Server,
    sealer: Sealer,
    terms: Terms,
    clock: Clock,
    counters: Counters,
    /// Questions that this process is about to compute, or computes.
    busy: Busy,
    tasks: TaskTracker,
}

/// What is to be done about a question that nobody in this process has answered.
#[derive(Debug)]
pub enum Claim {
    /// It was answered already.
    Found(Entry),
    /// Another process computed it while this one waited.
    Followed(Entry),
    /// This process computes it, and the others wait for that.
    Mine(Lease),
    /// The server is of no help: this process computes it for itself.
    Alone,
}

impl SharedCache {
    /// Connects to the server at `address`. It need not be there: it is used as soon as it is.
    ///
    /// `domain` is everything that answers depend on beside their fingerprint; processes that differ
    /// in it share nothing.
    ///
    /// # Errors
    /// [`AddressError`] when the address can't be one.
    pub async fn open(
        address: &str,
        key: &MasterKey,
        domain: &str,
        terms: Terms,
        clock: Clock,
    ) -> Result<Self, AddressError> {
        let server = Server::new(address, terms.timeout)?;
        server.connect().await;
        Ok(Self(Arc::new(Parts {
            server,
            sealer: Sealer::new(key, domain),
            terms,
            clock,
            counters: Counters::default(),
            busy: Busy::new(terms.has_quotas),
            tasks: TaskTracker::new(),
        })))
    }

    /// What was counted since the start.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let server = &self.0.server;
        self.0
            .counters
            .snapshot(server.is_there(), server.failures())
    }

    /// Those of the answers that are there, in one call.
    pub async fn recall(&self, wanted: &[Fingerprint]) -> Vec<(Fingerprint, Entry)> {
        let sealer = &self.0.sealer;
        let names = wanted
            .iter()
            .map(|key| sealer.name(key.as_bytes()))
            .collect();
        let limit = self.0.terms.max_value_bytes;
        let values = self.0.server.values(names, limit).await.unwrap_or_default();
        let pairs = wanted.iter().zip(values);
        let found = pairs.filter_map(|(key, value)| Some((*key, self.opened(key, &value?)?)));
        let found: Vec<_> = found.collect();
        self.0.counters.add(Count::Found, found.len());
        found
    }

    /// Whether the answer is there, and if not, who computes it. Waits for another process for as
    /// long as `patience`, and lets those with less to do go first.
    pub async fn claim(&self, key: &Fingerprint, patience: Duration) -> Claim {
        let until = Instant::now() + patience;
        let token = lease::token();
        let mut pause = LOOK.0;
        let (mut waited, mut late) = (false, 0);
        let (one_more, pause_first) = self.0.busy.one_more();
        let mut one_more = Some(one_more);
        if !pause_first.is_zero() && self.0.server.is_there() {
            if let Some((_, entry)) = self.recall(std::slice::from_ref(key)).await.pop() {
                return Claim::Found(entry);
            }
            tokio::time::sleep(pause_first).await;
        }
        loop {
            match self.ask(key, &token).await {
                Ok(Answer::Entry(entry)) if waited => {
                    self.0.counters.add(Count::Followed, 1);
                    return Claim::Followed(entry);
                }
                Ok(Answer::Entry(entry)) => {
                    self.0.counters.add(Count::Found, 1);
                    return Claim::Found(entry);
                }
                Ok(Answer::Mine) => {
                    self.0.counters.add(Count::Led, 1);
                    let one_more = one_more.unwrap_or_else(|| self.0.busy.at_once());
                    return Claim::Mine(self.lease(*key, token, one_more));
                }
                Ok(Answer::Taken) if Instant::now() < until => late = 0,
                Err(Missed::Late) if late < AGAIN => {
                    late += 1;
                    continue;
                }
                Ok(Answer::Taken) | Err(_) => {
                    self.0.counters.add(Count::Alone, 1);
                    return Claim::Alone;
                }
            }
            waited = true;
            one_more = None;
            let some = rand::random_range(0.5..1.5);
            tokio::time::sleep(pause.mul_f64(some)).await;
            pause = pause.mul_f64(1.5).min(LOOK.1);
        }
    }

    /// Keeps an answer that was computed without a lease, behind the reader's back.
    pub fn keep(&self, key: Fingerprint, entry: Arc<Entry>) {
        let shared = self.clone();
        self.0.tasks.spawn(async move {
            shared.store(&key, &entry).await;
        });
    }

    /// Asks once. A value that does not open is asked around: whoever is first computes a good one.
    async fn ask(&self, key: &Fingerprint, token: &str) -> Result<Answer, Missed> {
        let Parts {
            server,
            sealer,
            terms,
            ..
        } = &*self.0;
        let (name, lease) = (sealer.name(key.as_bytes()), (token, terms.lease));
        match server
            .claim(&name, lease, Some(terms.max_value_bytes))
            .await?
        {
            Said::Value(value) => match self.opened(key, &value) {
                Some(entry) => Ok(Answer::Entry(entry)),
                None => Ok(server.claim(&name, lease, None).await?.into()),
            },
            said => Ok(said.into()),
        }
    }

    /// The answer in a value, if it is one to this question and young enough.
    fn opened(&self, key: &Fingerprint, value: &[u8]) -> Option<Entry> {
        let entry = self.0.sealer.open(key.as_bytes(), value).ok();
        let entry = entry.filter(|entry| self.remaining(entry).is_some());
        if entry.is_none() {
            self.0.counters.add(Count::Refused, 1);
        }
        entry
    }

    /// For how long an answer is still good. It ages from when it was computed, wherever it was since.
    fn remaining(&self, entry: &Entry) -> Option<Duration> {
        let age = self.0.clock.now() - entry.computed_at;
        if age < -SKEW {
            return None;
        }
        let age = age.to_std().unwrap_or_default();
        let remaining = self.0.terms.max_age.checked_sub(age);
        remaining.filter(|remaining| !remaining.is_zero())
    }

    async fn store(&self, key: &Fingerprint, entry: &Entry) {
        let remaining = self.remaining(entry);
        let Some(remaining) = remaining.filter(|_| self.0.server.is_there()) else {
            return;
        };
        let Parts {
            server,
            sealer,
            terms,
            counters,
            ..
        } = &*self.0;
        let sealed = sealer.seal(key.as_bytes(), entry);
        match sealed.filter(|sealed| sealed.len() <= terms.max_value_bytes) {
            None => counters.add(Count::TooLarge, 1),
            Some(sealed) => {
                let put = server
                    .put(&sealer.name(key.as_bytes()), sealed, remaining)
                    .await;
                counters.add(Count::Stored, usize::from(put.is_some()));
            }
        }
    }
}

/// What the server said, as far as it can be believed.
enum Answer {
    Entry(Entry),
    Mine,
    Taken,
}

impl From<Said> for Answer {
    fn from(said: Said) -> Self {
        match said {
            Said::Mine => Self::Mine,
            // Asked for no value, it gave one: nothing to go by.
            Said::Taken | Said::Value(_) => Self::Taken,
        }
    }
}

#[cfg(test)]
mod tests;
