//! Where the answers came from that were shown, counted for operators.

use super::costs::FetchError;
use super::opened::{Answers, TileState};
use super::query_cache::Origin;
use crate::telemetry::{Metrics, Value};

/// Counts the answers that a tile shows, by where they came from.
pub(super) fn count(metrics: &Metrics, state: &TileState, is_stale: bool) {
    let one = |source| metrics.fetches.add([source], 1);
    match state {
        TileState::Answered(_, Answers { main, trend }) => {
            for fetched in std::iter::once(main).chain(trend) {
                one(source(fetched.origin, is_stale));
            }
        }
        TileState::Failed(_, FetchError::OverBudget(_)) => one("refused".into()),
        TileState::Failed(..) => one("failed".into()),
        TileState::Withheld(_) => metrics.withheld.add([], 1),
    }
}

fn source(origin: Origin, stale: bool) -> Value {
    Value::Fixed(match (origin, stale) {
        (Origin::Engine, _) => "miss",
        (Origin::Coalesced, _) => "joined",
        (Origin::Cache, true) => "stale",
        (Origin::Cache, false) => "hit",
    })
}
