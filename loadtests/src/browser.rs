//! What somebody in front of a browser sees: the CRM page in Chromium, beside a static page with
//! the same charts.
//!
//! Weir's frame and the page around it are on two sites, as they are for readers, so the frame has a
//! process of its own. A measurement reads what the browser noted by itself
//! ([`PerformanceObserver`](https://www.w3.org/TR/performance-timeline/), buffered) once the paint
//! is over: no script is put into the page, and without a profile nothing is attached to it while
//! it loads.
//!
//! The static page is made from what the dashboard really showed: the same words, charts and style,
//! without scripts, served from memory, framed by the same host page at the same moment. The two
//! are opened in turn, and which one begins changes each time, so that whatever else the machine
//! does falls on both.

mod catalog;
mod cdp;
mod chromium;
mod files;
mod opening;
mod profile;
mod section;
mod stats;
mod still;
mod weirs;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use self::chromium::Chromium;
pub use self::opening::Sample;
use self::opening::{Address, open};
pub use self::profile::Profile;
pub use self::stats::{Ratio, percentile};
use self::still::Still;
use self::weirs::Weirs;
use crate::progress::Progress;
use crate::surroundings::Surroundings;

/// Where host pages are. To a browser each address without a name is a site of its own.
const HOST_ADDRESS: &str = "127.0.0.2";

/// Where framed pages are.
const WEIR_ADDRESS: &str = "127.0.0.1";

/// The browser's window.
const WINDOW: (u32, u32) = (1280, 900);

/// Openings of each page that nobody counts, where the browser's cache is to be warm.
const WARM_UP: usize = 2;

/// What is opened, how often, and under which circumstances.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserPlan {
    /// The dashboard.
    #[serde(default = "dashboard")]
    pub dashboard: String,
    /// Who is signed in at the CRM.
    #[serde(default = "persona")]
    pub persona: String,
    /// How often each page is opened in each case.
    pub openings: usize,
    /// The circumstances.
    pub cases: Vec<Cases>,
}

fn dashboard() -> String {
    "finance-overview".to_owned()
}

fn persona() -> String {
    "exec".to_owned()
}

/// Every browser's cache with every profile, at one state of the server's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// What Weir knows already.
    pub server_cache: ServerCache,
    /// What the browser has already.
    pub browser_caches: Vec<BrowserCache>,
    /// The readers' machines and networks.
    pub profiles: Vec<Profile>,
}

/// What Weir knows when the page is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServerCache {
    /// All answers.
    Hot,
    /// All answers, of snapshots that are not the newest any more.
    Stale,
    /// Nothing: the process has just started.
    Cold,
}

/// What the browser has when the page is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrowserCache {
    /// The files that do not change, from an opening before.
    Warm,
    /// Nothing.
    Cold,
}

/// One set of circumstances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// What Weir knows.
    pub server_cache: ServerCache,
    /// What the browser has.
    pub browser_cache: BrowserCache,
    /// The reader's machine and network.
    pub profile: Profile,
}

/// What was seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BrowserResults {
    /// What the browser calls itself.
    pub browser: String,
    /// The dashboard.
    pub dashboard: String,
    /// How Weir was built: `release` or `debug`.
    pub build: String,
    /// Case by case.
    pub cases: Vec<CaseResults>,
}

/// What was seen in one case.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseResults {
    /// The case.
    pub case: Case,
    /// Every opening of Weir's dashboard.
    pub embed: Vec<Sample>,
    /// Every opening of the static page.
    pub still: Vec<Sample>,
}

/// Measures every case of the plan.
///
/// # Errors
/// The browser does not start, or what it sees is not the dashboard.
pub async fn run(
    plan: &BrowserPlan,
    surroundings: &Surroundings,
    progress: &Progress,
) -> anyhow::Result<BrowserResults> {
    let program = surroundings.tools.chromium.as_deref();
    let program = program.context("this plan needs Chromium, which nobody named")?;
    let browser = Chromium::start(program, WINDOW).await?;
    let version = browser.version.clone();
    let run = Run {
        plan,
        surroundings,
        progress,
        browser: &browser,
    };
    let cases = run.cases().await;
    browser.end().await?;
    let results = BrowserResults {
        browser: version,
        dashboard: plan.dashboard.clone(),
        build: crate::machine::build(&surroundings.tools.weir),
        cases: cases?,
    };
    let path = surroundings.tools.out.join("browser-samples.json");
    std::fs::write(&path, serde_json::to_vec_pretty(&results)?)
        .with_context(|| format!("writing {}", path.display()))?;
    Ok(results)
}

/// What every case needs.
#[derive(Debug, Clone, Copy)]
struct Run<'a> {
    plan: &'a BrowserPlan,
    surroundings: &'a Surroundings,
    progress: &'a Progress,
    browser: &'a Chromium,
}

impl Run<'_> {
    async fn cases(&self) -> anyhow::Result<Vec<CaseResults>> {
        let mut weirs = Weirs::start(self).await?;
        // Twice: the first one computes, the second one finds.
        Still::copy(self.browser, weirs.address()).await?;
        let still = Still::copy(self.browser, weirs.address()).await?;
        let path = self.surroundings.tools.out.join("still.html");
        std::fs::write(&path, &still.page)
            .with_context(|| format!("writing {}", path.display()))?;
        let (_files, still) = still.serve(weirs.url()).await?;
        let mut results = Vec::new();
        for case in self.plan.each() {
            results.push(self.case(case, &mut weirs, &still).await?);
        }
        Ok(results)
    }

    async fn case(
        &self,
        case: Case,
        weirs: &mut Weirs,
        still: &Address,
    ) -> anyhow::Result<CaseResults> {
        let mut results = CaseResults {
            case,
            embed: Vec::new(),
            still: Vec::new(),
        };
        let reader = self.reader(case, weirs.address(), still).await?;
        for number in 0..self.plan.openings {
            let done = u64::try_from(number).unwrap_or(u64::MAX);
            let all = u64::try_from(self.plan.openings).unwrap_or(u64::MAX);
            self.progress.counted(done, all, &case.to_string());
            let weir = weirs.prepare(case.server_cache, self).await?;
            // Who begins changes: whatever the first one leaves behind falls on both.
            for embed in [number % 2 == 0, number % 2 == 1] {
                let (address, samples) = if embed {
                    (&weir, &mut results.embed)
                } else {
                    (still, &mut results.still)
                };
                samples.push(self.opening(case, reader.as_deref(), address).await?);
            }
        }
        if let Some(reader) = reader {
            self.browser.forget(&reader).await?;
        }
        let stale = case.server_cache == ServerCache::Stale;
        anyhow::ensure!(
            results.embed.iter().all(|sample| sample.stale == stale),
            "{case}: Weir did not show the snapshots that it was to show"
        );
        Ok(results)
    }

    /// A reader who was here before, where the case wants one.
    async fn reader(
        &self,
        case: Case,
        weir: &Address,
        still: &Address,
    ) -> anyhow::Result<Option<String>> {
        if case.browser_cache == BrowserCache::Cold {
            return Ok(None);
        }
        let reader = self.browser.context().await?;
        for _ in 0..WARM_UP {
            open(self.browser, &reader, weir, case.profile).await?;
            open(self.browser, &reader, still, case.profile).await?;
        }
        Ok(Some(reader))
    }

    /// One opening, by `reader` or by somebody new.
    async fn opening(
        &self,
        case: Case,
        reader: Option<&str>,
        address: &Address,
    ) -> anyhow::Result<Sample> {
        if let Some(reader) = reader {
            return open(self.browser, reader, address, case.profile).await;
        }
        let somebody = self.browser.context().await?;
        let sample = open(self.browser, &somebody, address, case.profile).await;
        self.browser.forget(&somebody).await?;
        sample
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let server = self.server_cache.name();
        let (browser, profile) = (self.browser_cache.name(), self.profile.name());
        write!(f, "{server} Weir, {browser} browser, {profile}")
    }
}

impl ServerCache {
    /// Its name in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Stale => "stale",
            Self::Cold => "cold",
        }
    }
}

impl BrowserCache {
    /// Its name in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warm => "warm",
            Self::Cold => "cold",
        }
    }
}

impl BrowserPlan {
    fn each(&self) -> impl Iterator<Item = Case> {
        self.cases.iter().flat_map(|cases| {
            cases.browser_caches.iter().flat_map(move |&browser_cache| {
                cases.profiles.iter().map(move |&profile| Case {
                    server_cache: cases.server_cache,
                    browser_cache,
                    profile,
                })
            })
        })
    }
}
