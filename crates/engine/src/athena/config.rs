//! What an operator says about the Athena that Weir asks.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use url::Url;
use weir_policy::BusinessUnit;

/// Which Athena to ask, as whom, and how much of its quotas to use.
#[derive(Clone)]
pub struct AthenaConfig {
    /// The AWS region.
    pub region: String,
    /// Where all of AWS is asked instead of at its own addresses: a simulator. On the loopback
    /// device no credentials are looked for, and tables may lie in local files.
    pub endpoint: Option<Url>,
    /// The data catalog; `AwsDataCatalog` is the account's Glue.
    pub catalog: String,
    /// Who asks for everybody without a profile of their own.
    pub default: Profile,
    /// Business units with a workgroup or role of their own.
    pub units: BTreeMap<BusinessUnit, Profile>,
    /// How old a result may be that Athena takes from an earlier query; `None`: never. Not longer
    /// than the freshness that readers are promised.
    pub result_reuse: Option<Duration>,
    /// How much of the account's quotas all replicas together may use.
    pub quotas: Quotas,
    /// The secret behind the tokens that make starting a query idempotent.
    pub idempotency_key: [u8; 32],
}

/// A workgroup, and as whom it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The workgroup. It must enforce its own configuration.
    pub workgroup: String,
    /// The role to assume; `None`: the default profile's, or else the process's own.
    pub role_arn: Option<String>,
}

/// Rates and counts, by default those AWS documents for an account and region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Starts (and stops) of queries a second.
    pub starts_per_second: u32,
    /// Starts at once after a pause.
    pub start_burst: u32,
    /// Looks at single queries and pages of results a second.
    pub polls_per_second: u32,
    /// Looks at once after a pause.
    pub poll_burst: u32,
    /// Looks at up to 50 queries each a second.
    pub batch_polls_per_second: u32,
    /// Queries running or queued at Athena at one time.
    pub active_queries: u32,
}

impl Default for Quotas {
    fn default() -> Self {
        Self {
            starts_per_second: 20,
            start_burst: 80,
            polls_per_second: 100,
            poll_burst: 200,
            batch_polls_per_second: 20,
            active_queries: 100,
        }
    }
}

impl Quotas {
    /// Looks at many queries at once after a pause: twice what a second allows.
    pub(crate) fn batch_burst(self) -> u32 {
        self.batch_polls_per_second.saturating_mul(2)
    }

    /// What is left for one of `replicas` that share the account; never nothing at all.
    #[must_use]
    pub(crate) fn share(self, replicas: u32) -> Self {
        let replicas = replicas.max(1);
        let part = |whole: u32| (whole / replicas).max(1);
        Self {
            starts_per_second: part(self.starts_per_second),
            start_burst: part(self.start_burst),
            polls_per_second: part(self.polls_per_second),
            poll_burst: part(self.poll_burst),
            batch_polls_per_second: part(self.batch_polls_per_second),
            active_queries: part(self.active_queries),
        }
    }
}

impl AthenaConfig {
    /// A configuration with AWS's own catalog and documented quotas, and one profile for everybody.
    #[must_use]
    pub fn new(
        region: impl Into<String>,
        workgroup: impl Into<String>,
        idempotency_key: [u8; 32],
    ) -> Self {
        Self {
            region: region.into(),
            endpoint: None,
            catalog: "AwsDataCatalog".to_owned(),
            default: Profile {
                workgroup: workgroup.into(),
                role_arn: None,
            },
            units: BTreeMap::new(),
            result_reuse: None,
            quotas: Quotas::default(),
            idempotency_key,
        }
    }

    /// The workgroup that `unit` pays in.
    pub(crate) fn workgroup(&self, unit: Option<&BusinessUnit>) -> &str {
        let own = unit.and_then(|unit| self.units.get(unit));
        &own.unwrap_or(&self.default).workgroup
    }

    /// As whom `unit` is asked, where it has a role: the role and the unit. Units may share a role,
    /// and the lake may still tell their sessions apart by the tag with the unit's name.
    pub(crate) fn own_role(&self, unit: Option<&BusinessUnit>) -> Option<String> {
        let unit = unit?;
        let role = self.units.get(unit)?.role_arn.as_deref()?;
        Some(format!("{role} {unit}"))
    }
}

impl fmt::Debug for AthenaConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AthenaConfig")
            .field("region", &self.region)
            .field("endpoint", &self.endpoint.as_ref().map(Url::as_str))
            .field("catalog", &self.catalog)
            .field("default", &self.default)
            .field("units", &self.units)
            .field("result_reuse", &self.result_reuse)
            .field("quotas", &self.quotas)
            .finish_non_exhaustive()
    }
}
