//! How fast pages are in browsers, and whether the promise holds.

use super::{AdminFrame, CostFigure, CostSpan};
use serde::{Deserialize, Serialize};

/// `/admin/vitals`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VitalsVm {
    /// What stands around.
    pub frame: AdminFrame,
    /// The spans that can be looked at.
    pub spans: Vec<CostSpan>,
    /// "Promised: the largest part within 2.2 s, for 75% of pages."
    pub promise: String,
    /// Whether it was kept; `None` where nothing was reported.
    pub kept: Option<bool>,
    /// "97.2% of 1,204 pages were fast enough."
    pub outcome: String,
    /// The figures of the span, the most asked for first.
    pub figures: Vec<CostFigure>,
    /// How fast the allowance of slow pages is used up.
    pub burns: Vec<BurnLine>,
    /// How many pages were there when.
    pub distribution: SpeedChart,
    /// The days of the span.
    pub days: SpeedChart,
    /// By dashboard, the slowest first.
    pub dashboards: Vec<SpeedLine>,
    /// By business unit.
    pub units: Vec<SpeedLine>,
    /// By the origin of the host page.
    pub hosts: Vec<SpeedLine>,
    /// By release.
    pub releases: Vec<SpeedLine>,
}

/// One window of time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BurnLine {
    /// "The last hour".
    pub window: String,
    /// "0.4 times"; "—" where nothing was reported.
    pub burn: String,
    /// As a part of twice what is allowed.
    pub share: f64,
    /// How worrying that is; `None` where nothing was reported.
    pub standing: Option<BurnTone>,
}

/// How worrying it is how fast an allowance is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BurnTone {
    /// Not faster than it may be.
    Within,
    /// Faster.
    Over,
    /// Twice as fast or more.
    Far,
}

/// Bars beside each other, and a line that says how much is promised. All places are in per cent of
/// the width or of the height.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct SpeedChart {
    /// The bars, from left to right.
    pub bars: Vec<SpeedBar>,
    /// Where the line stands: from the left where `upright`, else from below.
    pub line_at: f64,
    /// Whether it goes from top to bottom.
    pub upright: bool,
    /// "Promised: 2.2 s", beside the line.
    pub line_label: String,
    /// What stands below, with its place.
    pub ticks: Vec<SpeedTick>,
    /// The same in a sentence, for those who can't see it.
    pub said: String,
}

/// One bar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeedBar {
    /// Its left end.
    pub left: f64,
    /// Its width.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Whether it is beyond what was promised.
    pub late: bool,
    /// "0.43 s to 0.51 s: 120 pages".
    pub title: String,
}

/// A place below the bars.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeedTick {
    /// Where.
    pub at: f64,
    /// "1 s".
    pub label: String,
}

/// One dashboard, unit, host or release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpeedLine {
    /// What it is called.
    pub name: String,
    /// How many pages.
    pub pages: String,
    /// Until when three quarters showed their largest part; "—" for none.
    pub lcp: String,
    /// The same as a part of what is promised.
    pub share: f64,
    /// Whether the promise was kept; `None` where nothing was reported.
    pub kept: Option<bool>,
    /// "97.2%".
    pub fast_enough: String,
    /// How long three quarters took to answer their readers.
    pub inp: String,
    /// How fast the allowance was used up in the last three days.
    pub burn: String,
}
