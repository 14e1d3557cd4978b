//! What is simulated: whose tables, how fast, within which quotas.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::workgroup::WorkGroup;

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
