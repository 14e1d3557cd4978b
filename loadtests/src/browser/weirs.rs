//! The Weir that has every answer, and one after another of those that have none yet, or old ones.

use std::time::Duration;

use super::catalog::Catalog;
use super::opening::{Address, open};
use super::{HOST_ADDRESS, Profile, Run, ServerCache};
use crate::surroundings::{Engine, Weir, WeirSettings, free_port};

/// How often a Weir looks for newer snapshots that is about to get some.
const REFRESH: Duration = Duration::from_millis(200);

/// The Weirs of a run.
#[derive(Debug)]
pub(super) struct Weirs {
    hot: Running,
    /// The one of the moment in a case without a hot cache.
    other: Option<Running>,
}

/// A Weir, and its CRM page.
#[derive(Debug)]
struct Running {
    weir: Weir,
    address: Address,
}

impl Weirs {
    /// Starts the one that stays.
    pub(super) async fn start(run: &Run<'_>) -> anyhow::Result<Self> {
        Ok(Self {
            hot: Running::start(run, "browser").await?,
            other: None,
        })
    }

    /// The CRM page beside the one that stays.
    pub(super) fn address(&self) -> &Address {
        &self.hot.address
    }

    /// The address of the one that stays.
    pub(super) fn url(&self) -> &str {
        self.hot.weir.url()
    }

    /// A Weir in that state, for one opening.
    pub(super) async fn prepare(
        &mut self,
        cache: ServerCache,
        run: &Run<'_>,
    ) -> anyhow::Result<Address> {
        if let Some(other) = self.other.take() {
            other.weir.stop().await?;
        }
        let other = match cache {
            ServerCache::Hot => return Ok(self.hot.address.clone()),
            ServerCache::Cold => Running::start(run, "browser-cold").await?,
            ServerCache::Stale => Running::outdated(run).await?,
        };
        let address = other.address.clone();
        self.other = Some(other);
        Ok(address)
    }
}

impl Running {
    async fn start(run: &Run<'_>, name: &str) -> anyhow::Result<Self> {
        Self::with(run, WeirSettings::new(name, Engine::Embedded)).await
    }

    /// One that has every answer, of snapshots that are not the newest any more.
    async fn outdated(run: &Run<'_>) -> anyhow::Result<Self> {
        let dir = run.surroundings.scratch("browser-stale-lake")?;
        let catalog = Catalog::copy(run.surroundings.lake(), dir)?;
        let settings = WeirSettings::new("browser-stale", Engine::Embedded)
            .with("lake.dir", &catalog.dir.display().to_string())
            .with(
                "timing.snapshot_refresh_ms",
                &REFRESH.as_millis().to_string(),
            );
        let running = Self::with(run, settings).await?;
        let somebody = run.browser.context().await?;
        open(run.browser, &somebody, &running.address, Profile::None).await?;
        run.browser.forget(&somebody).await?;
        catalog.turn()?;
        // Whether it has noticed is seen by what it shows.
        tokio::time::sleep(REFRESH * 6).await;
        Ok(running)
    }

    async fn with(run: &Run<'_>, settings: WeirSettings) -> anyhow::Result<Self> {
        let host = format!("{HOST_ADDRESS}:{}", free_port()?);
        let settings = settings.with("demo.crm", &host);
        let weir = run.surroundings.weir(&settings).await?;
        let plan = run.plan;
        let address = Address {
            page: format!(
                "http://{host}/?persona={}&dashboard={}&locale=en-CA",
                plan.persona, plan.dashboard
            ),
            frame: format!("{}/embed/{}", weir.url(), plan.dashboard),
        };
        Ok(Self { weir, address })
    }
}
