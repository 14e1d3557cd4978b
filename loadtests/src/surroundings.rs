//! What a plan runs against, started as processes on free ports of the loopback address: Weir with
//! the demo's CRM page, the simulator of Athena, and the sample lake under both.

mod cache_server;
mod config;
mod lake;
mod member;
mod process;
mod sim;
mod web;
mod weir;

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::progress::Progress;

pub use self::cache_server::CacheServer;
pub use self::member::{Member, to_replica};
pub use self::process::{Process, Vitals, free_port};
pub use self::sim::{AthenaSim, SimSettings};
pub use self::web::{Answer, Web};
pub use self::weir::{Engine, Weir, WeirSettings};

/// The id of the host back end that load comes through, its secret, and the origin of its pages.
pub const CLIENT: (&str, &str, &str) = ("load-crm", "load-crm-secret", "https://crm.load.example");

/// The seven business units of the sample lake.
pub const BUSINESS_UNITS: [&str; 7] = [
    "auto",
    "home",
    "life",
    "travel",
    "commercial",
    "group_benefits",
    "wealth",
];

/// The four dashboards over it.
pub const DASHBOARDS: [&str; 4] = [
    "finance-overview",
    "claims-operations",
    "risk-exposure",
    "daily-metrics",
];

/// Where things are that are not built here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    /// The `weir` binary.
    pub weir: PathBuf,
    /// The `athena-sim` binary.
    pub sim: PathBuf,
    /// The folder that `cargo xtask site` filled.
    pub site: PathBuf,
    /// The checkout, with `policies/` and `dashboards/`.
    pub repository: PathBuf,
    /// Where results go, and where the lake is kept for the next run.
    pub out: PathBuf,
    /// Chromium, for plans with a browser.
    pub chromium: Option<PathBuf>,
    /// nginx, for the plan that compares with it.
    pub nginx: PathBuf,
    /// `wrk`, for the same.
    pub wrk: PathBuf,
}

/// Starts what plans need. What was started ends with whoever holds it, and with the program.
#[derive(Debug)]
pub struct Surroundings {
    /// Where things are.
    pub tools: Tools,
    lake: PathBuf,
    scratch: TempDir,
}

impl Surroundings {
    /// Makes the lake of `rows` rows, unless it is there from an earlier run.
    ///
    /// # Errors
    /// The lake can't be made.
    pub async fn prepare(tools: Tools, rows: u64, progress: &Progress) -> anyhow::Result<Self> {
        let lake = lake::prepare(&tools, rows, progress).await?;
        let scratch = tempfile::Builder::new().prefix("weir-load-").tempdir()?;
        Ok(Self {
            tools,
            lake,
            scratch,
        })
    }

    /// The lake's folder.
    #[must_use]
    pub fn lake(&self) -> &Path {
        &self.lake
    }

    /// A folder of this name for files that nobody needs afterwards.
    ///
    /// # Errors
    /// It can't be made.
    pub fn scratch(&self, name: &str) -> anyhow::Result<PathBuf> {
        let path = self.scratch.path().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(path)
    }

    /// Starts Weir, and waits until it is ready.
    ///
    /// # Errors
    /// It does not start; the error has the end of its log.
    pub async fn weir(&self, settings: &WeirSettings) -> anyhow::Result<Weir> {
        Weir::start(self, settings).await
    }

    /// Starts the simulator of Athena over the lake.
    ///
    /// # Errors
    /// It does not start; the error has the end of its log.
    pub async fn sim(&self, settings: &SimSettings) -> anyhow::Result<AthenaSim> {
        AthenaSim::start(self, settings).await
    }
}
