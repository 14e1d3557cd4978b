//! The composition root: every part is made here, once, in an order that fails early.

mod folder;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use moka::future::Cache;
use rand::TryRngCore as _;
use rand::rngs::OsRng;
use secrecy::ExposeSecret;
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;
use weir_engine::{EngineError, LakeConfig, LakeError, MaskKey, QueryEngine};
use weir_identity::{
    ClientError, EmbedClients, MasterKey, Minter, ProofMemory, Provider, ProviderConfig,
    ProviderConfigError, Verifier,
};
use weir_registry::{
    ContentPathError, LabelError, Registry, RegistryError, RevisionError, TreeError,
};

use self::folder::Folder;
use crate::assets::{Assets, AssetsError};
use crate::clock::Clock;
use crate::config::{ApiConfig, AuditKeyError, Config, MasterKeyProblem};
use crate::content::ContentError;
use crate::demo;
use crate::present::Presenters;
use crate::router::router;
use crate::service::clients::{Clients, ClientsError};
use crate::service::current_engine::CurrentEngine;
use crate::service::dashboards::{Dashboards, Patience};
use crate::service::gate::{Gate, GateError};
use crate::service::governance::{ChainWatch, Doer, Governance, Workshop};
use crate::service::published::Published;
use crate::service::publisher::{Lake, Publisher};
use crate::service::query_cache::{Limits, QueryCache};
use crate::service::recorder::Recorder;
use crate::service::signing::{Signing, SigningError};
use crate::service::snapshots::Snapshots;
use crate::service::view_as::ViewAs;
use crate::state::{AppState, Parts};

/// How often what is over is removed from the registry.
const HOUSEKEEPING: Duration = Duration::from_mins(5);

/// How often scheduled drafts are looked for.
const SCHEDULE: Duration = Duration::from_secs(1);

/// How many statements the embedded engine runs at the same time; each spreads over all cores.
const STATEMENTS_AT_ONCE: usize = 16;

/// How many access tokens are known to be on record; one that is forgotten is recorded again.
const TOKENS: u64 = 10_000;

/// No access token lives longer.
const TOKEN_LIFE: Duration = Duration::from_hours(24);

/// Weir, ready to be served.
#[derive(Debug)]
pub struct App {
    state: AppState,
    scheduler: Doer,
    refresh: Duration,
}

/// Why Weir did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A policy, dataset or dashboard file.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The tables do not fit the datasets, or can't be read.
    #[error("the lake can't be used")]
    Lake(#[from] LakeError),
    /// The tables' snapshots can't be read.
    #[error("the tables' snapshots can't be read")]
    Snapshots(#[from] EngineError),
    /// The database.
    #[error("the registry can't be used")]
    Registry(#[from] RegistryError),
    /// The browser half.
    #[error(transparent)]
    Assets(#[from] AssetsError),
    /// A client of the configuration.
    #[error("`embed.clients` can't be used")]
    Client(#[from] ClientError),
    /// The embed clients.
    #[error(transparent)]
    Clients(#[from] ClientsError),
    /// The master key.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyProblem),
    /// The signing keys.
    #[error("the keys of embed tokens can't be used")]
    Signing(#[from] SigningError),
    /// The identity provider's settings.
    #[error("`oidc` can't be used")]
    Provider(#[from] ProviderConfigError),
    /// The mask key.
    #[error("`lake.mask_key` needs at least 32 bytes")]
    MaskKey,
    /// A file can't be kept in the registry.
    #[error("the content can't be kept in the registry")]
    Tree(#[from] TreeError),
    /// A file's name can't.
    #[error("the content can't be kept in the registry")]
    Path(#[from] ContentPathError),
    /// A key of the audit log.
    #[error("`registry.audit` can't be used")]
    AuditKey(#[from] AuditKeyError),
    /// A name that may not stand in the audit.
    #[error("the start can't be recorded")]
    Label(#[from] LabelError),
    /// A revision of the registry can't be used.
    #[error("the revision in force can't be used")]
    Revision(#[from] RevisionError),
    /// What was revoked or locked can't be seen.
    #[error("revocations and lockdowns can't be read")]
    Gate(#[from] GateError),
    /// A setting that [`Config::load`] should have demanded.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Number and date formats.
    #[error("number and date formats can't be set up")]
    Formats(#[from] crate::present::PresentError),
    /// The demo's surroundings.
    #[error("the demo can't be set up")]
    Demo(#[from] demo::DemoError),
}

impl App {
    /// Builds everything that `config` describes.
    ///
    /// # Errors
    /// [`StartError`]: a mistake anywhere and nothing is served.
    pub async fn build(config: Config, clock: Clock) -> Result<Self, StartError> {
        let folder = Folder::read(&config.content)?;
        let registry = Registry::open_with(
            config.registry.url.expose_secret(),
            config.registry.options()?,
        )
        .await?;
        let content = folder.adopt(&registry, &clock).await?;
        let lake = Lake {
            config: LakeConfig {
                dir: config.lake.dir.clone(),
            },
            mask_key: mask_key(&config)?,
        };
        let engine = lake.engine(content.catalog()).await?;
        let engine = Arc::new(CurrentEngine::new(engine));
        let publisher = Publisher {
            snapshots: Snapshots::read(engine.as_ref()).await?,
            published: Published::new(content),
            registry,
            clock,
            engine,
            lake,
        };
        let grace = Duration::from_secs(config.registry.grace_s);
        let (registry, clock) = (publisher.registry.clone(), publisher.clock.clone());
        let gate = Gate::open(registry, clock, grace).await?;
        let dashboards = dashboards(&config, &publisher, gate);
        let refresh = Duration::from_millis(config.timing.snapshot_refresh_ms);
        let clients = clients(&config, &publisher.registry).await?;
        let signing = signing(&config, &publisher).await?;
        let state = AppState::new(parts(&config, dashboards, publisher, (clients, signing))?);
        Ok(Self {
            state,
            scheduler: folder::server("schedule")?,
            refresh,
        })
    }

    /// All routes.
    pub fn router(&self) -> Router {
        router(&self.state)
    }

    /// What handlers share.
    #[must_use]
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Removes sessions, sign-ins and launch codes that are over, every few minutes until `stop`.
    pub async fn keep_house(&self, stop: CancellationToken) {
        let pause = || tokio::time::sleep(HOUSEKEEPING);
        while stop.run_until_cancelled(pause()).await.is_some() {
            if let Err(error) = self.state.registry.purge(self.state.clock.now()).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the registry was not purged");
            }
        }
    }

    /// Puts what the registry publishes in force until `stop`.
    pub async fn follow_revisions(&self, stop: CancellationToken) {
        let publisher = self.state.governance.publisher.clone();
        publisher.follow(stop).await;
    }

    /// Takes over what any process changes about embed clients, until `stop`.
    pub async fn follow_clients(&self, stop: CancellationToken) {
        self.state.clients.follow(stop).await;
    }

    /// Publishes scheduled drafts when their time has come, until `stop`.
    pub async fn keep_schedule(&self, stop: CancellationToken) {
        let governance = &self.state.governance;
        let pause = || tokio::time::sleep(SCHEDULE);
        while stop.run_until_cancelled(pause()).await.is_some() {
            if let Err(error) = governance.publish_due(&self.scheduler).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "scheduled drafts can't be looked up");
            }
        }
    }

    /// Follows the rotation of signing keys until `stop`.
    pub async fn follow_keys(&self, stop: CancellationToken) {
        self.state.signing.follow(stop).await;
    }

    /// Looks for newer snapshots until `stop`.
    pub async fn follow_snapshots(&self, stop: CancellationToken) {
        let Publisher {
            snapshots,
            engine,
            clock,
            ..
        } = self.state.governance.publisher.clone();
        snapshots.follow(engine, clock, self.refresh, stop).await;
    }
}

fn dashboards(config: &Config, publisher: &Publisher, gate: Gate) -> Dashboards {
    let clock = publisher.clock.clone();
    let engine: Arc<dyn QueryEngine> = Arc::clone(&publisher.engine) as _;
    Dashboards {
        published: publisher.published.clone(),
        snapshots: publisher.snapshots.clone(),
        cache: QueryCache::new(engine, clock.clone(), limits(config)),
        recorder: Recorder::new(publisher.registry.audit().clone(), clock.clone()),
        gate,
        clock,
        patience: Patience {
            first_paint: Duration::from_millis(config.timing.first_paint_wait_ms),
            stale_for: Duration::from_secs(config.timing.stale_for_s),
        },
    }
}

fn limits(config: &Config) -> Limits {
    Limits {
        max_bytes: config.cache.max_bytes,
        max_age: Duration::from_secs(config.cache.max_age_s),
        deadline: Duration::from_millis(config.timing.query_deadline_ms),
        at_once: STATEMENTS_AT_ONCE,
    }
}

fn parts(
    config: &Config,
    dashboards: Dashboards,
    publisher: Publisher,
    (clients, signing): (Clients, Signing),
) -> Result<Parts, StartError> {
    let keys = signing.ring();
    let issuer = config.http.public_url.origin().ascii_serialization();
    let governance = Governance {
        cache: dashboards.cache.clone(),
        publisher,
        workshop: Workshop::default(),
        chain: ChainWatch::default(),
    };
    let revocations = dashboards.gate.revocations();
    Ok(Parts {
        registry: governance.publisher.registry.clone(),
        clock: dashboards.clock.clone(),
        view_as: ViewAs::new(governance.clone(), dashboards.clone()),
        governance,
        dashboards,
        presenters: Presenters::new()?,
        clients,
        minter: Minter::new(issuer.clone(), Arc::clone(&keys)),
        verifier: Verifier::new(issuer, Arc::clone(&keys), revocations),
        keys,
        signing,
        proofs: ProofMemory::new(),
        provider: Provider::new(provider(config)?)?,
        api: api(config),
        tokens_on_record: Cache::builder()
            .max_capacity(TOKENS)
            .time_to_live(TOKEN_LIFE)
            .build(),
        assets: Assets::open(&config.assets.dir)?,
        public_url: config.http.public_url.clone(),
    })
}

/// Those of the configuration, the demo's own, and the registry's.
async fn clients(config: &Config, registry: &Registry) -> Result<Clients, StartError> {
    let mut fixed = config.embed.clients.clone();
    if let Some(demo) = &config.demo {
        fixed.push(demo::setup::embed_client(demo)?);
    }
    Ok(Clients::open(EmbedClients::new(fixed)?, registry.clone()).await?)
}

/// Demo keys live as long as the process: what they signed or masked means nothing afterwards.
fn mask_key(config: &Config) -> Result<MaskKey, StartError> {
    match &config.lake.mask_key {
        Some(key) if key.expose_secret().len() < 32 => Err(StartError::MaskKey),
        Some(key) => Ok(MaskKey::new(Sha256::digest(key.expose_secret()).into())),
        None if config.demo.is_some() => {
            let mut bytes = [0_u8; 32];
            OsRng
                .try_fill_bytes(&mut bytes)
                .map_err(|_| StartError::MaskKey)?;
            Ok(MaskKey::new(bytes))
        }
        None => Err(StartError::Missing("lake.mask_key")),
    }
}

/// A demo's keys live as long as its process, unless it is given a master key.
async fn signing(config: &Config, publisher: &Publisher) -> Result<Signing, StartError> {
    let own = config.demo.is_some() && !config.embed.has_master_key();
    let master = if own {
        MasterKey::generate()
    } else {
        config.embed.master_key()?
    };
    let signing = Signing::new(
        publisher.registry.signing_keys().clone(),
        master,
        config.embed.algorithm,
        publisher.clock.clone(),
    );
    if own {
        signing.begin_anew().await?;
    } else {
        signing.begin().await?;
    }
    Ok(signing)
}

fn provider(config: &Config) -> Result<ProviderConfig, StartError> {
    let redirect_uri = format!("{}auth/callback", config.http.public_url);
    if let Some(oidc) = &config.oidc {
        return Ok(ProviderConfig {
            issuer: oidc.issuer.clone(),
            client_id: oidc.client_id.clone(),
            client_secret: Some(oidc.client_secret.clone()),
            redirect_uri,
            scopes: vec!["profile".to_owned()],
        });
    }
    let demo = config.demo.as_ref().ok_or(StartError::Missing("oidc"))?;
    Ok(demo::setup::provider(demo, redirect_uri))
}

fn api(config: &Config) -> Option<ApiConfig> {
    // Only the demo's own provider issues tokens for it.
    let demo = config.demo.is_some() && config.oidc.is_none();
    config.api.clone().or_else(|| demo.then(demo::setup::api))
}
