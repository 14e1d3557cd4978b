//! What somebody in front of a browser sees: the CRM page in Chromium, beside a static page with
//! the same charts.

use serde::Deserialize;

use crate::progress::Progress;
use crate::results::Section;
use crate::surroundings::Surroundings;

/// What is opened, how often, and under which circumstances.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserPlan {
    /// How often each case is measured.
    pub samples: usize,
}

/// What was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct BrowserResults {}

/// Measures every case of the plan.
///
/// # Errors
/// The browser does not start, or what it sees is not the dashboard.
#[expect(clippy::unused_async, reason = "the browser is waited for")]
pub async fn run(
    _plan: &BrowserPlan,
    _surroundings: &Surroundings,
    _progress: &Progress,
) -> anyhow::Result<BrowserResults> {
    anyhow::bail!("the browser's part is not built")
}

impl From<BrowserResults> for Section {
    fn from(_: BrowserResults) -> Self {
        Self {
            id: "browser".to_owned(),
            title: "In the browser".to_owned(),
            summary: Vec::new(),
            measures: Vec::new(),
            charts: Vec::new(),
            tables: Vec::new(),
        }
    }
}
