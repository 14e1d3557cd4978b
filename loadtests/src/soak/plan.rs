//! What a `[[soak]]` section of a plan may say.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use crate::http::{Arrivals, EnginePlan, Mix, Staff};

/// Who asks what, for how long, and what goes wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SoakPlan {
    /// Its name in the report, and the label `case` of its measures.
    pub title: String,
    /// How long; `--minutes` says otherwise.
    pub minutes: f64,
    /// Who computes.
    #[serde(default)]
    pub engine: EnginePlan,
    /// Keys of `weir.toml` that are not as by default.
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
    /// Actions a second.
    pub rate: f64,
    /// Something goes wrong every so many seconds; never if it is 0.
    pub fault_every_s: u64,
    /// A Redis or Valkey server to start for `[shared_cache]`, which then stands still now and then.
    pub cache_server: Option<PathBuf>,
    /// Gauges of Weir's own metrics that are looked at too: `weir_cache_bytes`.
    #[serde(default)]
    pub gauges: Vec<String>,
    /// What chance is drawn from.
    #[serde(default)]
    pub seed: u64,
}

impl SoakPlan {
    /// How long it takes.
    #[must_use]
    pub fn lasts(&self) -> Duration {
        Duration::try_from_secs_f64(self.minutes * 60.0).unwrap_or_default()
    }
}
