//! Waiting for queries to end, within the quota for looking.
//!
//! A few are looked at one by one: young ones up to every 80 ms, old ones every 2 s, and all of them
//! with half of the quota at most. More than [`ALONE`] are looked at together, up to 50 in one call,
//! every 80 ms or as often as the quota of that call allows: one joint look begins 80 ms after the
//! one before began, however long that took.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_sdk_athena::types::{QueryExecution, QueryExecutionState, QueryExecutionStatus};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::door::Limits;
use super::failure::Trouble;
use super::pace::jittered;
use crate::EngineError;

/// Queries that are looked at one by one.
const ALONE: usize = 4;
/// The most that one call can ask about.
const TOGETHER: usize = 50;
const SHORTEST: Duration = Duration::from_millis(80);
const LONGEST: Duration = Duration::from_secs(2);
/// Who hears of the same look asks again at once, all of them: the next look waits for them.
const GATHERING: Duration = Duration::from_millis(5);
/// Looking adds at most this part of a query's own time to it.
const PART_OF_AGE: u32 = 80;
/// How often in a row Athena may deny that there is such a query.
const PATIENCE: u32 = 5;
/// After so many joint looks that failed, queries are looked at one by one for a while.
const JOINT_FAILURES: u32 = 3;
const BLINDNESS: Duration = Duration::from_mins(1);

/// Looks after the queries of one profile.
#[derive(Debug)]
pub(super) struct Watch {
    athena: aws_sdk_athena::Client,
    limits: Arc<Limits>,
    in_flight: AtomicUsize,
    round: Mutex<Round>,
}

/// A query, and who wants to see it.
type Asked = (String, oneshot::Sender<QueryExecution>);

/// Who wants to be told at the next joint look.
#[derive(Debug, Default)]
struct Round {
    asked: Vec<Asked>,
    running: bool,
    /// When the last joint look began.
    looked: Option<Instant>,
    failures: u32,
    blind_until: Option<Instant>,
}

impl Round {
    /// Whether there is anything left to do; if not, the next who asks begins a new one.
    fn goes_on(&mut self) -> bool {
        self.running = !self.asked.is_empty();
        self.running
    }

    /// When the next joint look is due.
    fn due(&self) -> Instant {
        let gathered = Instant::now() + GATHERING;
        let after_the_last = self.looked.map(|looked| looked + SHORTEST);
        after_the_last.map_or(gathered, |due| due.max(gathered))
    }

    /// As many as one call can ask about, longest waiting first.
    fn take(&mut self) -> Vec<Asked> {
        self.looked = Some(Instant::now());
        let rest = self.asked.split_off(self.asked.len().min(TOGETHER));
        std::mem::replace(&mut self.asked, rest)
    }
}

impl Watch {
    pub(super) fn new(athena: aws_sdk_athena::Client, limits: Arc<Limits>) -> Self {
        Self {
            athena,
            limits,
            in_flight: AtomicUsize::new(0),
            round: Mutex::default(),
        }
    }

    /// Waits until a query has ended, for good. Running again after waiting again is no end.
    pub(super) async fn ended(self: &Arc<Self>, id: &str) -> Result<QueryExecution, EngineError> {
        let _here = Counted::new(&self.in_flight);
        let _anywhere = Counted::new(&self.limits.in_flight);
        let began = Instant::now();
        let mut denials = 0;
        loop {
            let together = if self.is_joint() {
                self.next_round(id).await
            } else {
                None
            };
            let seen = match together {
                Some(execution) => Ok(execution),
                // Also what was not to be seen among the others is looked at alone.
                None => self.look_alone(id, began.elapsed()).await,
            };
            match seen {
                Ok(execution) if is_over(&execution) => return Ok(execution),
                Ok(_) => denials = 0,
                Err(Trouble::TooFast(_) | Trouble::Full(_)) => self.limits.polls.slow_down(),
                Err(Trouble::Lost(_)) => {}
                Err(_) if denials < PATIENCE => denials += 1,
                Err(trouble) => return Err(trouble.into_error()),
            }
        }
    }

    /// One look at one query, when it is due.
    async fn look_alone(&self, id: &str, age: Duration) -> Result<QueryExecution, Trouble> {
        tokio::time::sleep(self.pause(age)).await;
        self.limits.polls.ready().await;
        self.look(id).await
    }

    /// One look at one query.
    pub(super) async fn look(&self, id: &str) -> Result<QueryExecution, Trouble> {
        let answer = self
            .athena
            .get_query_execution()
            .query_execution_id(id)
            .send()
            .await
            .map_err(Trouble::of)?;
        self.limits.polls.taken();
        answer
            .query_execution
            .ok_or_else(|| Trouble::Lost("an answer without a query".into()))
    }

    /// Twelve looks a second at a young query, and for all together half of the quota at most.
    fn pause(&self, age: Duration) -> Duration {
        let two_seconds = Duration::from_secs(2);
        let fair = two_seconds / self.limits.polls.per_second() * number(&self.limits.in_flight);
        let wanted = (age / PART_OF_AGE).max(fair);
        jittered(wanted.clamp(SHORTEST, LONGEST))
    }

    fn is_joint(&self) -> bool {
        let blind_until = self.round().blind_until;
        self.in_flight.load(Ordering::Relaxed) > ALONE
            && blind_until.is_none_or(|until| until <= Instant::now())
    }

    /// What the next joint look sees of a query; `None` when it sees nothing.
    async fn next_round(self: &Arc<Self>, id: &str) -> Option<QueryExecution> {
        let (sender, receiver) = oneshot::channel();
        let running = {
            let mut round = self.round();
            round.asked.push((id.to_owned(), sender));
            std::mem::replace(&mut round.running, true)
        };
        if !running {
            tokio::spawn(Arc::clone(self).rounds());
        }
        receiver.await.ok()
    }

    /// Joint looks, until nobody asks any more.
    async fn rounds(self: Arc<Self>) {
        loop {
            let due = self.round().due();
            tokio::time::sleep_until(due).await;
            if !self.round().goes_on() {
                return;
            }
            while !self.round().asked.is_empty() {
                // Who asks while this waits for the quota is looked at in the same call.
                self.limits.batches.ready().await;
                let asked = self.round().take();
                // A call that takes long holds up nobody else's.
                tokio::spawn(Arc::clone(&self).look_together(asked));
            }
        }
    }

    async fn look_together(self: Arc<Self>, asked: Vec<Asked>) {
        let ids = asked.iter().map(|(id, _)| id.clone()).collect();
        let look = self.athena.batch_get_query_execution();
        let answer = look.set_query_execution_ids(Some(ids)).send().await;
        let seen = match answer {
            Ok(answer) => answer.query_executions.unwrap_or_default(),
            Err(error) => return self.blind(Trouble::of(error)),
        };
        self.limits.batches.taken();
        self.round().failures = 0;
        let mut seen: BTreeMap<_, _> = seen
            .into_iter()
            .filter_map(|execution| Some((execution.query_execution_id.clone()?, execution)))
            .collect();
        for (id, sender) in asked {
            if let Some(execution) = seen.remove(&id) {
                // Whoever asked may have given up meanwhile.
                sender.send(execution).ok();
            }
        }
    }

    /// Nothing was seen. Who asked hears that by the sender being dropped, and asks again.
    fn blind(&self, trouble: Trouble) {
        match trouble {
            Trouble::TooFast(_) | Trouble::Full(_) => self.limits.batches.slow_down(),
            trouble => {
                let mut round = self.round();
                round.failures += 1;
                if round.failures >= JOINT_FAILURES {
                    round.failures = 0;
                    round.blind_until = Some(Instant::now() + BLINDNESS);
                }
                drop(round);
                let error = trouble.into_error();
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "looking at queries together failed"
                );
            }
        }
    }

    fn round(&self) -> MutexGuard<'_, Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The count, of which there is always one: whoever asks.
fn number(count: &AtomicUsize) -> u32 {
    u32::try_from(count.load(Ordering::Relaxed))
        .unwrap_or(u32::MAX)
        .max(1)
}

fn is_over(execution: &QueryExecution) -> bool {
    let state = execution.status().and_then(QueryExecutionStatus::state);
    matches!(
        state,
        Some(
            QueryExecutionState::Succeeded
                | QueryExecutionState::Failed
                | QueryExecutionState::Cancelled
        )
    )
}

/// One more in flight, until it is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
