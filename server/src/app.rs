//! The composition root: every part is made here, once, in an order that fails early.

mod door;
mod engine;
mod error;
mod folder;
mod keep;
mod sharing;
mod sign_in;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use moka::future::Cache;
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;
use weir_engine::QueryEngine;
use weir_identity::{EmbedClients, MasterKey, Minter, ProofMemory, Verifier};
use weir_registry::Registry;

pub use self::engine::lake;
pub use self::error::StartError;
use self::folder::Folder;
use crate::assets::Assets;
use crate::clock::Clock;
use crate::config::{ApiConfig, Config};
use crate::demo;
use crate::front::Hosts;
use crate::overload::Admission;
use crate::present::Presenters;
use crate::router::router;
use crate::service::clients::Clients;
use crate::service::costs::Ledger;
use crate::service::current_engine::CurrentEngine;
use crate::service::dashboards::{self, Dashboards};
use crate::service::drift_log::DriftLog;
use crate::service::fleet::Crew;
use crate::service::gate::Gate;
use crate::service::governance::{ChainWatch, Doer, Governance, Workshop};
use crate::service::kinds::Kinds;
use crate::service::lake_watch::LakeWatch;
use crate::service::prewarm::Prewarm;
use crate::service::published::Published;
use crate::service::publisher::Publisher;
use crate::service::query_cache::{Limits, QueryCache};
use crate::service::recorder::Recorder;
use crate::service::shared_cache::SharedCache;
use crate::service::signing::Signing;
use crate::service::snapshots::Snapshots;
use crate::service::view_as::ViewAs;
use crate::service::vitals::RealUsers;
use crate::state::{AppState, Parts};
use crate::telemetry::{self, Telemetry};

/// How many access tokens are known to be on record; one that is forgotten is recorded again.
const TOKENS: u64 = 10_000;

/// No access token lives longer.
const TOKEN_LIFE: Duration = Duration::from_hours(24);

/// Weir, ready to be served.
#[derive(Debug)]
pub struct App {
    state: AppState,
    hosts: Hosts,
    connections: usize,
    scheduler: Doer,
    refresh: Duration,
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
        let lake = engine::lake(&config)?;
        engine::check(&lake).await?;
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
        let master = master_key(&config)?;
        let clock = &publisher.clock;
        let shared = sharing::shared_cache(&config, &master, &publisher.lake, clock).await?;
        let telemetry = Telemetry::new(&config.telemetry)?;
        let means = (shared, telemetry);
        let dashboards = dashboards(&config, &publisher, gate, means)?;
        let refresh = engine::refresh(&config);
        let clients = clients(&config, &publisher.registry).await?;
        let signing = signing(&config, &publisher, master.clone()).await?;
        let state = AppState::new(parts(
            &config,
            dashboards,
            publisher,
            (clients, signing, master),
        )?);
        telemetry::learn(&state);
        state.lake.look().await?;
        Ok(Self {
            state,
            hosts: Hosts::new(&config.http.public_url, &config.http.hosts),
            connections: config.http.max_connections,
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
}

fn dashboards(
    config: &Config,
    publisher: &Publisher,
    gate: Gate,
    (shared, telemetry): (Option<SharedCache>, Telemetry),
) -> Result<Dashboards, StartError> {
    let clock = publisher.clock.clone();
    let costs = publisher.registry.costs().clone();
    let ledger = Ledger::new(costs, config.costs.price()?, clock.clone(), telemetry);
    let engine: Arc<dyn QueryEngine> = Arc::clone(&publisher.engine) as _;
    Ok(Dashboards {
        published: publisher.published.clone(),
        snapshots: publisher.snapshots.clone(),
        cache: QueryCache::new(engine, ledger, clock.clone(), limits(config)).sharing(shared),
        recorder: Recorder::new(publisher.registry.audit().clone(), clock.clone()),
        gate,
        admission: Admission::new(config.overload.rules()),
        clock,
        patience: dashboards::Patience {
            first_paint: Duration::from_millis(config.timing.first_paint_wait_ms),
            stale_for: Duration::from_secs(config.timing.stale_for_s),
            max_age: Duration::from_secs(config.cache.max_age_s),
        },
        kinds: Kinds::new(config.cache.pages_max_bytes),
    })
}

fn lake_watch(publisher: &Publisher) -> LakeWatch {
    LakeWatch {
        snapshots: publisher.snapshots.clone(),
        drift: DriftLog::default(),
        engine: Arc::clone(&publisher.engine),
        audit: publisher.registry.audit().clone(),
        clock: publisher.clock.clone(),
    }
}

fn real_users(config: &Config, publisher: &Publisher) -> Result<RealUsers, StartError> {
    let registry = publisher.registry.vitals().clone();
    Ok(RealUsers::new(
        registry,
        publisher.clock.clone(),
        &config.rum,
    )?)
}

fn crew(publisher: &Publisher) -> Crew {
    Crew::new(
        publisher.registry.fleet().clone(),
        publisher.lake.clone(),
        publisher.clock.clone(),
    )
}

fn limits(config: &Config) -> Limits {
    Limits {
        max_bytes: config.cache.max_bytes,
        max_age: Duration::from_secs(config.cache.max_age_s),
        deadline: Duration::from_millis(config.timing.query_deadline_ms),
        at_once: engine::at_once(config),
        abandon_after: Duration::from_millis(config.timing.abandon_after_ms),
    }
}

fn parts(
    config: &Config,
    dashboards: Dashboards,
    publisher: Publisher,
    (clients, signing, master): (Clients, Signing, MasterKey),
) -> Result<Parts, StartError> {
    let keys = signing.ring();
    let issuer = config.http.public_url.origin().ascii_serialization();
    sign_in::warn_of_unmapped(config, dashboards.published.current().mapping());
    let governance = Governance {
        cache: dashboards.cache.clone(),
        publisher,
        workshop: Workshop::default(),
        chain: ChainWatch::default(),
    };
    let revocations = dashboards.gate.revocations();
    Ok(Parts {
        telemetry: dashboards.cache.ledger().telemetry().clone(),
        lake: lake_watch(&governance.publisher),
        crew: crew(&governance.publisher),
        prewarm: Prewarm::new(dashboards.clone(), engine::prewarmed_at_once(config)),
        registry: governance.publisher.registry.clone(),
        clock: dashboards.clock.clone(),
        view_as: ViewAs::new(governance.clone(), dashboards.clone()),
        real_users: real_users(config, &governance.publisher)?,
        governance,
        dashboards,
        presenters: Presenters::new()?,
        clients,
        minter: Minter::new(issuer.clone(), Arc::clone(&keys)),
        verifier: Verifier::new(issuer, Arc::clone(&keys), revocations),
        keys,
        signing,
        sign_in: sign_in::sign_ins(config, master)?,
        proofs: ProofMemory::new(),
        api: api(config),
        tokens_on_record: Cache::builder()
            .max_capacity(TOKENS)
            .time_to_live(TOKEN_LIFE)
            .build(),
        exporting_roles: config.exports.roles.clone(),
        assets: Assets::open(&config.assets.dir)?,
        connections: Arc::default(),
        public_url: config.http.public_url.clone(),
        leaving: CancellationToken::new(),
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

/// A demo's keys live as long as its process, unless it is given a master key.
fn has_own_key(config: &Config) -> bool {
    config.demo.is_some() && !config.embed.has_master_key()
}

/// What seals everything that the registry must not show.
fn master_key(config: &Config) -> Result<MasterKey, StartError> {
    if has_own_key(config) {
        return Ok(MasterKey::generate());
    }
    Ok(config.embed.master_key()?)
}

async fn signing(
    config: &Config,
    publisher: &Publisher,
    master: MasterKey,
) -> Result<Signing, StartError> {
    let signing = Signing::new(
        publisher.registry.signing_keys().clone(),
        master,
        config.embed.algorithm,
        publisher.clock.clone(),
    );
    if has_own_key(config) {
        signing.begin_anew().await?;
    } else {
        signing.begin().await?;
    }
    Ok(signing)
}

fn api(config: &Config) -> Option<ApiConfig> {
    // Only the demo's own provider issues tokens for it.
    let demo = config.demo.is_some() && config.oidc.is_empty();
    config.api.clone().or_else(|| demo.then(demo::setup::api))
}
