//! What people ask of the pages they gave away: how soon they were there, for whom, whether the
//! promise holds, and how fast its allowance is used up.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// How pages were in a span of days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct VitalsAnswer {
    /// The first day (UTC).
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// Until when the largest part of a dashboard is to be painted, in milliseconds.
    pub lcp_budget_ms: u32,
    /// For which part of the pages that is promised.
    pub objective: String,
    /// All pages together.
    pub total: PageVitals,
    /// By dashboard.
    pub dashboards: Vec<DashboardVitals>,
    /// By business unit.
    pub business_units: Vec<UnitVitals>,
    /// By the origin of the page around the frame.
    pub hosts: Vec<HostVitals>,
    /// By the release that made the page.
    pub releases: Vec<ReleaseVitals>,
    /// By all of these.
    pub series: Vec<SeriesVitals>,
    /// By day; days without any are left out.
    pub days: Vec<DayAnswer>,
    /// How many pages painted their largest part when; empty buckets at both ends are left out.
    pub lcp_distribution: Vec<LoadBucket>,
}

/// The figures of some pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PageVitals {
    /// Pages whose largest paint is known.
    pub loads: u64,
    /// Whether the promise was kept; none where there were no pages.
    pub kept: Option<bool>,
    /// Which part of the pages was fast enough.
    pub fast_enough: Option<String>,
    /// Until the largest part was painted.
    pub lcp_ms: Quantiles,
    /// Until anything was painted.
    pub fcp_ms: Quantiles,
    /// Until the first byte came.
    pub ttfb_ms: Quantiles,
    /// How long pages took to answer their readers, where these did anything.
    pub inp_ms: Quantiles,
    /// How much layouts shifted, in thousandths.
    pub cls_thousandths: Quantiles,
    /// Errors that scripts threw.
    pub script_errors: u64,
    /// Promises that were rejected and nobody listened.
    pub promise_errors: u64,
    /// How fast the allowance of slow pages is used up, until now.
    pub burn: BurnAnswer,
}

/// What half, three quarters and nineteen of twenty pages did not pass, interpolated in the buckets
/// of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Quantiles {
    /// The median.
    pub p50: Option<u32>,
    /// Three quarters.
    pub p75: Option<u32>,
    /// Nineteen of twenty.
    pub p95: Option<u32>,
}

/// How fast the allowance is used up: 1 is just as fast as it may be, 2 twice as fast. None where
/// there were no pages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct BurnAnswer {
    /// In the last hour.
    pub last_hour: Option<String>,
    /// In the last six hours.
    pub last_6_hours: Option<String>,
    /// In the last three days.
    pub last_3_days: Option<String>,
}

/// One dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DashboardVitals {
    /// Its name.
    pub dashboard: String,
    /// The figures.
    #[serde(flatten)]
    pub vitals: PageVitals,
}

/// The people of one business unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitVitals {
    /// The unit; none for people of several or none.
    pub business_unit: Option<String>,
    /// The figures.
    #[serde(flatten)]
    pub vitals: PageVitals,
}

/// One host page's origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HostVitals {
    /// The origin.
    pub host: String,
    /// The figures.
    #[serde(flatten)]
    pub vitals: PageVitals,
}

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReleaseVitals {
    /// What it is called; `other` for pages that another release than the one that heard of them made.
    pub release: String,
    /// The figures.
    #[serde(flatten)]
    pub vitals: PageVitals,
}

/// One combination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SeriesVitals {
    /// The dashboard.
    pub dashboard: String,
    /// The unit; none for people of several or none.
    pub business_unit: Option<String>,
    /// The origin of the page around the frame.
    pub host: String,
    /// The release that made the page.
    pub release: String,
    /// The figures.
    #[serde(flatten)]
    pub vitals: PageVitals,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayAnswer {
    /// The day (UTC).
    pub day: NaiveDate,
    /// Pages whose largest paint is known.
    pub loads: u64,
    /// Which part of them was fast enough.
    pub fast_enough: Option<String>,
    /// Until the largest part was painted.
    pub lcp_ms: Quantiles,
}

/// Pages between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct LoadBucket {
    /// Later than this, in milliseconds.
    pub after_ms: u32,
    /// Not later than this; none for whatever is later than all bounds.
    pub up_to_ms: Option<u32>,
    /// How many.
    pub loads: u64,
}
