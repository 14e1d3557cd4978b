//! What handlers share. Built once, in [`crate::app`].

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use moka::future::Cache;
use tokio_util::sync::CancellationToken;
use url::Url;
use weir_identity::{KeyRing, Minter, ProofMemory, Verifier};
use weir_policy::RoleName;
use weir_registry::Registry;

use crate::assets::Assets;
use crate::clock::Clock;
use crate::config::ApiConfig;
use crate::present::Presenters;
use crate::serve::Counters;
use crate::service::clients::Clients;
use crate::service::dashboards::Dashboards;
use crate::service::fleet::Crew;
use crate::service::governance::Governance;
use crate::service::lake_watch::LakeWatch;
use crate::service::prewarm::Prewarm;
use crate::service::sign_in::SignIns;
use crate::service::signing::Signing;
use crate::service::view_as::ViewAs;
use crate::service::vitals::RealUsers;
use crate::telemetry::Telemetry;

/// Everything a handler may ask for. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Parts>);

/// The parts.
#[derive(Debug)]
pub struct Parts {
    /// The use cases around dashboards.
    pub dashboards: Dashboards,
    /// The use cases of governance admins.
    pub governance: Governance,
    /// The tables behind the datasets.
    pub lake: LakeWatch,
    /// Computes answers ahead.
    pub prewarm: Prewarm,
    /// The processes that share quotas.
    pub crew: Crew,
    /// Looking through somebody else's eyes.
    pub view_as: ViewAs,
    /// How fast pages are in browsers.
    pub real_users: RealUsers,
    /// Rows to view-models, per language.
    pub presenters: Presenters,
    /// Sessions, codes, audit.
    pub registry: Registry,
    /// Registered CRM back ends.
    pub clients: Clients,
    /// Keys of embed tokens.
    pub keys: Arc<KeyRing>,
    /// Where they come from.
    pub signing: Signing,
    /// Makes embed tokens.
    pub minter: Minter,
    /// Checks embed tokens.
    pub verifier: Verifier,
    /// Where members sign in.
    pub sign_in: SignIns,
    /// Which proofs of frames were used.
    pub proofs: ProofMemory,
    /// What access tokens of the governance API are for; `None` when it takes none.
    pub api: Option<ApiConfig>,
    /// Access tokens that were on record already, by their hash.
    pub tokens_on_record: Cache<[u8; 32], ()>,
    /// Members of these roles may take rows along.
    pub exporting_roles: BTreeSet<RoleName>,
    /// The built browser half.
    pub assets: Assets,
    /// The origin browsers know Weir by.
    pub public_url: Url,
    /// Cancelled when this process is about to end, and requests should go to another.
    pub leaving: CancellationToken,
    /// What became of connections.
    pub connections: Arc<Counters>,
    /// What Weir tells of itself.
    pub telemetry: Telemetry,
    /// The time.
    pub clock: Clock,
}

impl AppState {
    /// Shares the parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Whether browsers reach Weir by https: then cookies are `Secure` and host-bound.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// Weir's own origin, as browsers write it.
    #[must_use]
    pub fn own_origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// The identity providers' origins, as browsers write them, with blanks between.
    #[must_use]
    pub fn provider_origins(&self) -> String {
        let issuers = self.sign_in.providers.iter();
        let issuers = issuers.filter_map(|named| Url::parse(named.provider.issuer()).ok());
        let origins: Vec<_> = issuers
            .map(|issuer| issuer.origin().ascii_serialization())
            .collect();
        origins.join(" ")
    }

    /// The origins of all registered hosts.
    #[must_use]
    pub fn host_origins(&self) -> Vec<String> {
        self.clients.origins()
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
