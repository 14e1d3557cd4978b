//! Who pays for an answer that has to be computed.

use weir_engine::Lane;
use weir_policy::BusinessUnit;
use weir_query::DashboardSlug;

/// On whose account an answer is computed. It decides nothing about what is seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The one business unit of the person who asks, if they have one and not several.
    pub unit: Option<BusinessUnit>,
    /// The dashboard it is for; `None` for what Weir asks itself.
    pub dashboard: Option<DashboardSlug>,
    /// How urgent it is.
    pub lane: Lane,
}

impl Account {
    /// What governance counts for its own decisions: nobody's unit, and nobody before a chart waits.
    #[must_use]
    pub fn governance() -> Self {
        Self {
            unit: None,
            dashboard: None,
            lane: Lane::Background,
        }
    }
}
