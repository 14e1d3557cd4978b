//! Who pays for an answer that has to be computed, and what the ledger says it was for.

use weir_engine::Lane;
use weir_policy::BusinessUnit;
use weir_query::DashboardSlug;
use weir_registry::{Label, Purpose, RequestId};

/// On whose account an answer is computed. It decides nothing about what is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The one business unit of the person who asks, if they have one and not several.
    pub unit: Option<BusinessUnit>,
    /// The dashboard it is for; `None` for what Weir asks itself.
    pub dashboard: Option<DashboardSlug>,
    /// How urgent it is.
    pub lane: Lane,
    /// Why it is asked.
    pub purpose: Purpose,
    /// The request that asks; `None` for what Weir asks itself.
    pub request: Option<RequestId>,
    /// The tile, or `filter:NAME`.
    pub tile: Option<Label>,
    /// The policies that decided.
    pub policy_revision: Option<u64>,
}

impl Account {
    /// What governance counts for its own decisions: nobody's unit, and nobody before a chart waits.
    #[must_use]
    pub fn governance() -> Self {
        Self {
            unit: None,
            dashboard: None,
            lane: Lane::Background,
            purpose: Purpose::Governance,
            request: None,
            tile: None,
            policy_revision: None,
        }
    }

    /// What is computed for a dashboard before anybody asks: on a budget of its own as well, and
    /// after everybody who waits.
    #[must_use]
    pub fn prewarm(dashboard: DashboardSlug, unit: Option<BusinessUnit>) -> Self {
        Self {
            unit,
            dashboard: Some(dashboard),
            purpose: Purpose::Prewarm,
            ..Self::governance()
        }
    }

    /// The same, for one tile of the dashboard.
    #[must_use]
    pub fn of_tile(&self, tile: &str) -> Self {
        Self {
            tile: Label::parse(tile).ok(),
            ..self.clone()
        }
    }

    /// The same, for all rows of it.
    #[must_use]
    pub fn taking_along(&self) -> Self {
        Self {
            purpose: Purpose::Export,
            ..self.clone()
        }
    }

    /// The same, computed behind the page that shows something older meanwhile.
    #[must_use]
    pub fn behind(&self) -> Self {
        Self {
            lane: Lane::Background,
            ..self.clone()
        }
    }
}
