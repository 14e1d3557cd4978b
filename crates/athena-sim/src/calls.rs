//! Which calls came, how many a second, and which of them are too many.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::config::{Limits, Rate};

const SECOND: Duration = Duration::from_secs(1);

/// The calls of one operation so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Calls {
    /// All of them.
    pub total: u64,
    /// Those that were refused because there were too many.
    pub throttled: u64,
    /// The most that came within one second.
    pub peak_per_second: u64,
}

/// All operations.
#[derive(Debug)]
pub(crate) struct Traffic {
    limits: Limits,
    operations: BTreeMap<String, Operation>,
}

#[derive(Debug)]
struct Operation {
    calls: Calls,
    recent: VecDeque<Instant>,
    bucket: Option<Bucket>,
}

impl Traffic {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            operations: BTreeMap::new(),
        }
    }

    /// Counts a call of `operation`, and says whether it is admitted.
    pub(crate) fn admit(&mut self, operation: &str, now: Instant) -> bool {
        let limits = &self.limits;
        let known = self
            .operations
            .entry(operation.to_owned())
            .or_insert_with(|| Operation {
                calls: Calls::default(),
                recent: VecDeque::new(),
                bucket: rate(limits, operation).map(|rate| Bucket::full(rate, now)),
            });
        known.count(now);
        let admitted = known.bucket.as_mut().is_none_or(|bucket| bucket.take(now));
        known.calls.throttled += u64::from(!admitted);
        admitted
    }

    /// Counts as refused what an injected fault refused.
    pub(crate) fn refused(&mut self, operation: &str) {
        if let Some(known) = self.operations.get_mut(operation) {
            known.calls.throttled += 1;
        }
    }

    pub(crate) fn calls(&self) -> BTreeMap<String, Calls> {
        let calls = self.operations.iter();
        calls
            .map(|(name, operation)| (name.clone(), operation.calls.clone()))
            .collect()
    }
}

impl Operation {
    fn count(&mut self, now: Instant) {
        self.calls.total += 1;
        self.recent.push_back(now);
        while self
            .recent
            .front()
            .is_some_and(|first| now.duration_since(*first) >= SECOND)
        {
            self.recent.pop_front();
        }
        let within = u64::try_from(self.recent.len()).unwrap_or(u64::MAX);
        self.calls.peak_per_second = self.calls.peak_per_second.max(within);
    }
}

/// The quota of an operation of Athena; those of other services have none here.
fn rate(limits: &Limits, operation: &str) -> Option<Rate> {
    match operation {
        "StartQueryExecution" | "StopQueryExecution" => Some(limits.starts),
        "GetQueryExecution" | "GetQueryResults" => Some(limits.gets),
        "BatchGetQueryExecution" => Some(limits.batches),
        other if other.starts_with(['s', 'g']) => None,
        _ => Some(limits.others),
    }
}

/// A token bucket.
#[derive(Debug)]
struct Bucket {
    rate: Rate,
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn full(rate: Rate, now: Instant) -> Self {
        Self {
            rate,
            tokens: f64::from(rate.burst),
            filled: now,
        }
    }

    fn take(&mut self, now: Instant) -> bool {
        let since = now.duration_since(self.filled).as_secs_f64();
        self.filled = now;
        let more = self.tokens + since * f64::from(self.rate.per_second);
        self.tokens = more.min(f64::from(self.rate.burst));
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_admitted_and_then_so_many_a_second() {
        let mut traffic = Traffic::new(Limits::default());
        let start = Instant::now();
        let mut admitted = |at: Duration, calls: usize| {
            let now = start + at;
            let mut admit = || traffic.admit("StartQueryExecution", now);
            (0..calls).filter(|_| admit()).count()
        };

        assert_eq!(admitted(Duration::ZERO, 100), 80);
        assert_eq!(admitted(Duration::from_millis(500), 100), 10);
        assert_eq!(admitted(Duration::from_mins(1), 100), 80);
        let calls = traffic.calls();
        assert_eq!(calls["StartQueryExecution"].throttled, 130);
        assert_eq!(calls["StartQueryExecution"].peak_per_second, 200);
    }

    #[test]
    fn other_services_are_counted_and_not_limited() {
        let mut traffic = Traffic::new(Limits::default());
        let now = Instant::now();

        assert!((0..1_000).all(|_| traffic.admit("s3:GetObject", now)));
        assert_eq!(traffic.calls()["s3:GetObject"].total, 1_000);
    }
}
