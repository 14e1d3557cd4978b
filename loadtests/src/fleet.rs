//! Several replicas of Weir behind a balancer.

use serde::Deserialize;

use crate::progress::Progress;
use crate::results::Section;
use crate::surroundings::Surroundings;

/// How many replicas, and what they are asked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FleetPlan {
    /// How many replicas run, one run after the other.
    pub replicas: Vec<usize>,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct FleetResults {}

/// Runs every size of fleet.
///
/// # Errors
/// A replica does not start, or answers wrongly.
#[expect(clippy::unused_async, reason = "the replicas are waited for")]
pub async fn run(
    _plan: &FleetPlan,
    _surroundings: &Surroundings,
    _progress: &Progress,
) -> anyhow::Result<FleetResults> {
    anyhow::bail!("the fleet's part is not built")
}

impl From<FleetResults> for Section {
    fn from(_: FleetResults) -> Self {
        Self {
            id: "fleet".to_owned(),
            title: "Several replicas".to_owned(),
            summary: Vec::new(),
            measures: Vec::new(),
            charts: Vec::new(),
            tables: Vec::new(),
        }
    }
}
