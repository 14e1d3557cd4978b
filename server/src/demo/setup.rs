//! How Weir itself is set up in demo mode: its one embed client, its provider, and its neighbours.

use std::net::SocketAddr;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use weir_identity::ProviderConfig;
use weir_identity::{EmbedClientConfig, HashCost, SecretHash};

use super::idp::{ApiAccess, IdpClient, IdpConfig};
use super::persona::BUSINESS_UNITS;
use super::{DemoError, crm, idp};
use crate::clock::Clock;
use crate::config::{ApiConfig, Config, DemoConfig};

/// The demo CRM's client id.
pub const CLIENT_ID: &str = "demo-crm";

/// Its secret. Everybody knows it, which is why demo mode stays on loopback.
pub const CLIENT_SECRET: &str = "demo-crm-secret";

/// Weir's own client id and secret at the demo provider.
const WEIR_AT_PROVIDER: (&str, &str) = ("weir", "weir-demo-secret");

/// The audience of access tokens for Weir's API in the demo.
const API_AUDIENCE: &str = "weir-demo-api";

/// The client that a terminal signs in with.
const TERMINAL: &str = "weir-cli";

/// A build server that may push policies, and its secret. Everybody knows it.
const BUILD_SERVER: (&str, &str) = ("demo-ci", "demo-ci-secret");

/// The governance API, as the demo provider issues tokens for it.
#[must_use]
pub fn api() -> ApiConfig {
    ApiConfig {
        audience: API_AUDIENCE.to_owned(),
        device_client_id: Some(TERMINAL.to_owned()),
        scopes: Vec::new(),
    }
}

/// The registration of the demo CRM.
///
/// # Errors
/// When its secret can't be hashed.
pub fn embed_client(demo: &DemoConfig) -> Result<EmbedClientConfig, DemoError> {
    let secret = SecretString::from(CLIENT_SECRET);
    let hash = SecretHash::create(&secret, HashCost::DEFAULT).map_err(DemoError::Secret)?;
    let dashboards = [
        "finance-overview",
        "claims-operations",
        "risk-exposure",
        "daily-metrics",
    ];
    Ok(EmbedClientConfig {
        id: CLIENT_ID.to_owned(),
        secret_hash: hash.as_phc().to_owned(),
        origins: vec![origin(demo.crm)],
        dashboards: dashboards.map(str::to_owned).to_vec(),
        business_units: BUSINESS_UNITS.map(str::to_owned).to_vec(),
        roles: vec!["analyst".to_owned()],
        attributes: std::collections::BTreeMap::new(),
        rights: vec!["export_csv".to_owned(), "export_xlsx".to_owned()],
        max_lifetime_seconds: 300,
        rate_per_minute: None,
        jwks: None,
        exchange: None,
    })
}

/// The demo provider, as Weir signs people in with it.
#[must_use]
pub fn provider(demo: &DemoConfig, redirect_uri: String) -> ProviderConfig {
    let (id, secret) = WEIR_AT_PROVIDER;
    ProviderConfig {
        issuer: origin(demo.idp),
        client_id: id.to_owned(),
        client_secret: Some(SecretString::from(secret)),
        redirect_uri,
        scopes: vec!["profile".to_owned()],
    }
}

fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// The identity provider and the host page, about to start beside Weir.
#[derive(Debug, Clone)]
pub struct Surroundings {
    crm: SocketAddr,
    idp: SocketAddr,
    weir: String,
    audience: String,
}

impl Surroundings {
    /// What `config` asks for; nothing outside demo mode.
    #[must_use]
    pub fn of(config: &Config) -> Option<Self> {
        let demo = config.demo.as_ref()?;
        let weir = config.http.public_url.origin().ascii_serialization();
        Some(Self {
            crm: demo.crm,
            idp: demo.idp,
            weir,
            audience: config.api.clone().unwrap_or_else(api).audience,
        })
    }

    /// Binds both and serves them until `stop`.
    ///
    /// # Errors
    /// An address that is taken or not loopback.
    pub async fn start(&self, stop: CancellationToken) -> Result<(), DemoError> {
        let provider = idp::router(IdpConfig {
            issuer: origin(self.idp),
            clients: clients(&self.weir),
            api_audience: self.audience.clone(),
            clock: Clock::system(),
        })?;
        let page = crm::router(crm::CrmConfig {
            weir_url: self.weir.clone(),
            own_origin: origin(self.crm),
            client_id: CLIENT_ID.to_owned(),
            client_secret: SecretString::from(CLIENT_SECRET),
        })?;
        for (address, router) in [(self.idp, provider), (self.crm, page)] {
            let listener = super::bind(address).await?;
            let stopped = stop.clone().cancelled_owned();
            tokio::spawn(async move {
                if let Err(error) = super::serve(listener, router, stopped).await {
                    tracing::error!(error = &error as &dyn std::error::Error, "demo part ended");
                }
            });
        }
        Ok(())
    }
}

/// Weir itself, a terminal and a build server.
fn clients(weir: &str) -> Vec<IdpClient> {
    let client = |id: &str, secret: Option<&str>, api| IdpClient {
        id: id.to_owned(),
        secret: secret.map(SecretString::from),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        api,
    };
    let (id, secret) = WEIR_AT_PROVIDER;
    let (builder, its_secret) = BUILD_SERVER;
    vec![
        IdpClient {
            redirect_uris: vec![format!("{weir}/auth/callback")],
            post_logout_redirect_uris: vec![format!("{weir}/signed-out")],
            ..client(id, Some(secret), ApiAccess::None)
        },
        client(TERMINAL, None, ApiAccess::ForAPersona),
        client(
            builder,
            Some(its_secret),
            ApiAccess::AsItself(&["governance_admin"]),
        ),
    ]
}
