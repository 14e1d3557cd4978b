//! What an `[[http]]` section of a plan may say.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::{Arrivals, Kind, Pace, Round};
use crate::surroundings::{BUSINESS_UNITS, DASHBOARDS};

/// One case: who asks, what, of which Weir, and how much.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpPlan {
    /// Its name in the report, and the label `case` of its measures.
    pub title: String,
    /// Who computes.
    #[serde(default)]
    pub engine: EnginePlan,
    /// Keys of `weir.toml` that are not as by default: `"cache.max_bytes" = "1000000"`.
    #[serde(default)]
    pub weir: BTreeMap<String, String>,
    /// Who asks.
    #[serde(default)]
    pub staff: Staff,
    /// What they ask.
    pub mix: Mix,
    /// When they ask.
    #[serde(default)]
    pub arrivals: Arrivals,
    /// What chance is drawn from.
    #[serde(default = "seed")]
    pub seed: u64,
    /// Rounds at a given pace.
    #[serde(default)]
    pub rounds: Vec<RoundPlan>,
    /// Whether to look for the knee.
    pub knee: Option<KneePlan>,
}

fn seed() -> u64 {
    7
}

/// Who computes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnginePlan {
    /// The engine inside Weir.
    #[default]
    Embedded,
    /// Athena, played by the simulator with the latencies of the real one.
    Athena,
}

/// Who asks, and which dashboards they like.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Staff {
    /// How many people there are. One in eight sees two units and one in sixteen all of them; the
    /// others have one each.
    pub people: usize,
    /// The business units they work for.
    pub units: Vec<String>,
    /// The dashboards they open, the one most liked first.
    pub dashboards: Vec<String>,
    /// How much more the first dashboard is liked than the next: Zipf's exponent.
    pub zipf: f64,
}

impl Default for Staff {
    fn default() -> Self {
        Self {
            people: 112,
            units: BUSINESS_UNITS.map(str::to_owned).to_vec(),
            dashboards: DASHBOARDS.map(str::to_owned).to_vec(),
            zipf: 1.0,
        }
    }
}

/// How often each action is drawn, in proportion to the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mix {
    /// A token is asked for.
    pub mint: u32,
    /// A page is opened with a token that is there.
    pub open: u32,
    /// All of it: a token, the page, the frame's own token.
    pub visit: u32,
    /// One tile as JSON.
    pub tile: u32,
    /// A filter is set: all tiles of a page as HTML, under one value of one filter.
    pub filter: u32,
    /// The values of a filter.
    pub values: u32,
    /// All rows of one tile as CSV.
    pub export: u32,
    /// `GET /healthz`: the least that this server can be asked, to compare with.
    pub health: u32,
}

impl Mix {
    /// Whether nothing is asked but this.
    #[must_use]
    pub fn is_only(&self, kind: Kind) -> bool {
        let mut wanted = self.weights().into_iter().filter(|(_, weight)| *weight > 0);
        wanted.next().is_some_and(|(first, _)| first == kind) && wanted.next().is_none()
    }

    /// Each action with its weight.
    #[must_use]
    pub fn weights(&self) -> [(Kind, u32); 8] {
        [
            (Kind::Mint, self.mint),
            (Kind::Open, self.open),
            (Kind::Visit, self.visit),
            (Kind::Tile, self.tile),
            (Kind::Filter, self.filter),
            (Kind::Values, self.values),
            (Kind::Export, self.export),
            (Kind::Health, self.health),
        ]
    }
}

/// A round at a given pace.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundPlan {
    /// Its name, and the label `round` of its measures.
    pub title: String,
    /// Actions a second, at the beginning.
    pub rate: f64,
    /// Actions a second at the end; without it the pace is constant.
    pub until: Option<f64>,
    /// How long.
    pub seconds: u64,
    /// What is asked, where that is not the case's mix.
    pub mix: Option<Mix>,
}

impl RoundPlan {
    /// The round, with what the plan says for all.
    #[must_use]
    pub fn round(&self, plan: &HttpPlan, number: u64) -> Round {
        Round {
            pace: Pace {
                from: self.rate,
                to: self.until.unwrap_or(self.rate),
                lasts: Duration::from_secs(self.seconds),
            },
            mix: self.mix.unwrap_or(plan.mix),
            ..Round::of(plan, number)
        }
    }
}

/// How the knee is looked for: the largest rate that is served without an error and with a 99th
/// percentile within its limit.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KneePlan {
    /// What the slowest of a hundred actions may take, in milliseconds from when it was due.
    pub p99_ms: f64,
    /// The first rate that is tried; it is doubled from there.
    pub from: f64,
    /// How long each rate is tried.
    pub seconds: u64,
    /// How near the largest rate that did and the smallest that did not must come: 0.1 is ten
    /// percent.
    #[serde(default = "precision")]
    pub precision: f64,
    /// How long Weir is held at seven tenths of the knee afterwards.
    pub hold_seconds: u64,
    /// How far beyond the knee Weir is driven then, to see what it gives up and how soon it
    /// recovers: 1.5 is half as much again. Without it, it is not.
    pub beyond: Option<f64>,
}

fn precision() -> f64 {
    0.08
}
