//! The Weir that has every answer, and one after another of those that have none yet.

use super::opening::Address;
use super::{HOST_ADDRESS, Run, ServerCache};
use crate::surroundings::{Engine, Weir, WeirSettings, free_port};

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
        };
        let address = other.address.clone();
        self.other = Some(other);
        Ok(address)
    }
}

impl Running {
    async fn start(run: &Run<'_>, name: &str) -> anyhow::Result<Self> {
        let host = format!("{HOST_ADDRESS}:{}", free_port()?);
        let settings = WeirSettings::new(name, Engine::Embedded).with("demo.crm", &host);
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
