//! What is simulated: whose tables, how fast, within which quotas.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::workgroup::WorkGroup;

/// The 95th percentile of the standard normal distribution.
const NORMAL_P95: f64 = 1.644_854;

/// Seconds that no query takes longer than.
const SLOWEST: f64 = 120.0;

/// How long a session of a role lives where nothing else is said.
const USUAL_SESSION: Duration = Duration::from_hours(1);

/// What a simulator is started with.
#[derive(Debug, Clone)]
pub struct SimConfig {
    /// The folder of the lake, with its `*.db` catalogs.
    pub lake: PathBuf,
    /// Where to listen; port 0 takes any that is free.
    pub address: SocketAddr,
    /// How long queries take.
    pub latency: Latency,
    /// The account's quotas.
    pub limits: Limits,
    /// The workgroups there are.
    pub workgroups: Vec<WorkGroup>,
    /// How long a session of a role lives where its call does not say. It is told in whole seconds.
    pub session: Duration,
    /// Seed of all chance.
    pub seed: u64,
}

impl SimConfig {
    /// A simulator as slow and as limited as the service is, on a free port of this machine.
    #[must_use]
    pub fn new(lake: impl Into<PathBuf>) -> Self {
        Self {
            lake: lake.into(),
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            latency: Latency::default(),
            limits: Limits::default(),
            workgroups: vec![WorkGroup::governed("primary")],
            session: USUAL_SESSION,
            seed: 7,
        }
    }

    /// A simulator whose queries take no longer than computing them does, for tests.
    #[must_use]
    pub fn instant(lake: impl Into<PathBuf>) -> Self {
        Self {
            latency: Latency::none(),
            ..Self::new(lake)
        }
    }
}

/// How long a query takes from its start to its end: log-normal between two points of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Latency {
    /// Half of the queries are faster.
    pub p50: Duration,
    /// One in twenty is slower.
    pub p95: Duration,
    /// A query whose result is taken from an earlier one.
    pub reuse: Duration,
}

impl Latency {
    /// No waiting.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            p50: Duration::ZERO,
            p95: Duration::ZERO,
            reuse: Duration::ZERO,
        }
    }

    /// How long the query takes on which chance fell so, twice, between 0 and 1.
    pub(crate) fn sample(&self, first: f64, second: f64) -> Duration {
        let (p50, p95) = (self.p50.as_secs_f64(), self.p95.as_secs_f64());
        if p50 <= 0.0 {
            return Duration::ZERO;
        }
        // The transform of Box and Muller.
        let normal = (-2.0 * (1.0 - first).ln()).sqrt() * (std::f64::consts::TAU * second).cos();
        let spread = (p95.max(p50) / p50).ln() / NORMAL_P95;
        Duration::from_secs_f64((p50 * (spread * normal).exp()).min(SLOWEST))
    }
}

impl Default for Latency {
    /// What users of the service report.
    fn default() -> Self {
        Self {
            p50: Duration::from_millis(1_800),
            p95: Duration::from_secs(6),
            reuse: Duration::from_millis(200),
        }
    }
}

/// Calls that are admitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// In the long run.
    pub per_second: u32,
    /// At once, after a rest.
    pub burst: u32,
}

/// The quotas of one account in one region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// `StartQueryExecution`, and as many `StopQueryExecution`.
    pub starts: Rate,
    /// `GetQueryExecution`, and as many `GetQueryResults`.
    pub gets: Rate,
    /// `BatchGetQueryExecution`.
    pub batches: Rate,
    /// Each of the other operations.
    pub others: Rate,
    /// Queries that are queued or running.
    pub active_queries: usize,
}

impl Default for Limits {
    /// The published defaults, with the active queries of a middle-sized region.
    fn default() -> Self {
        let rate = |per_second, burst| Rate { per_second, burst };
        Self {
            starts: rate(20, 80),
            gets: rate(100, 200),
            batches: rate(20, 40),
            others: rate(5, 10),
            active_queries: 100,
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::StdRng;
    use rand::{Rng as _, SeedableRng as _};

    use super::*;

    #[test]
    fn half_of_the_queries_and_one_in_twenty_take_as_long_as_was_said() {
        let mut chance = StdRng::seed_from_u64(7);
        let latency = Latency::default();
        let mut taken: Vec<Duration> = (0..20_000)
            .map(|_| latency.sample(chance.random(), chance.random()))
            .collect();
        taken.sort();

        let (p50, p95) = (taken[10_000].as_secs_f64(), taken[19_000].as_secs_f64());
        assert!((1.75..1.85).contains(&p50), "{p50}");
        assert!((5.7..6.3).contains(&p95), "{p95}");
        assert_eq!(Latency::none().sample(0.5, 0.5), Duration::ZERO);
    }
}
