//! `weir.toml`: defaults < file < environment (`WEIR__HTTP__BIND`). Unknown keys are errors.

mod athena;
mod costs;
mod embed;
mod http;
mod oidc;
mod overload;
mod registry;
mod rum;
pub mod secret_file;
mod shared_cache;
mod telemetry;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use secrecy::SecretString;
use serde::Deserialize;
use weir_policy::RoleName;

pub use self::athena::{AthenaSection, EngineConfig, EngineKind};
pub use self::costs::CostsConfig;
pub use self::embed::{EmbedConfig, MasterKeyProblem};
pub use self::http::HttpConfig;
pub use self::oidc::{Label, OidcConfig};
pub use self::overload::OverloadConfig;
pub use self::registry::{AuditConfig, AuditKeyError, DataReads, RegistryConfig, public_keys};
pub use self::rum::{Promise, RumConfig};
pub use self::shared_cache::SharedCacheConfig;
pub use self::telemetry::{OtlpConfig, TelemetryConfig};

/// Everything `weir serve` needs to know.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where Weir listens and what it is called.
    pub http: HttpConfig,
    /// Who computes answers.
    #[serde(default)]
    pub engine: EngineConfig,
    /// Where the gold tables are.
    #[serde(default)]
    pub lake: LakeConfig,
    /// Which Athena to ask, if the engine is Athena.
    pub athena: Option<AthenaSection>,
    /// Computing before anybody asks.
    #[serde(default)]
    pub prewarm: PrewarmConfig,
    /// Where policies, datasets and dashboards are.
    pub content: ContentConfig,
    /// Where revisions, sessions, codes and audit are kept.
    pub registry: RegistryConfig,
    /// Where the built browser half is.
    pub assets: AssetsConfig,
    /// How long things may take.
    #[serde(default)]
    pub timing: TimingConfig,
    /// How much is kept in memory.
    #[serde(default)]
    pub cache: CacheConfig,
    /// Answers that all processes share; without it, each has its own.
    pub shared_cache: Option<SharedCacheConfig>,
    /// How much is taken on when more is asked for than can be answered.
    #[serde(default)]
    pub overload: OverloadConfig,
    /// What answers cost.
    #[serde(default)]
    pub costs: CostsConfig,
    /// Taking rows along.
    #[serde(default)]
    pub exports: ExportsConfig,
    /// What browsers tell of their pages, and what is promised of them.
    #[serde(default)]
    pub rum: RumConfig,
    /// What Weir tells of itself, and to whom.
    #[serde(default)]
    pub telemetry: TelemetryConfig,
    /// The identity providers members sign in at.
    #[serde(default, deserialize_with = "oidc::one_or_several")]
    pub oidc: Vec<OidcConfig>,
    /// The governance API for programs; without it, it takes no access tokens.
    pub api: Option<ApiConfig>,
    /// The master key and registered CRM back ends; demo mode adds its own.
    #[serde(default)]
    pub embed: EmbedConfig,
    /// Demo mode: its own identity provider and CRM page, loopback only.
    pub demo: Option<DemoConfig>,
}

/// What runs for longer would be billed before it has ended: reservations hold for 15 minutes.
const LONGEST_QUERY_MS: u64 = 600_000;

/// Who may take rows along. Viewers may if their token says so.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportsConfig {
    /// Members of any of these roles may; nobody, if nothing is said.
    pub roles: BTreeSet<RoleName>,
}

/// Where the gold tables are.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LakeConfig {
    /// A folder with an Iceberg SQL catalog (`*.db`), or the base of relative paths. The embedded
    /// engine needs it; with Athena, Glue knows where tables are.
    pub dir: Option<PathBuf>,
    /// The key of hash masks, at least 32 bytes; demo mode makes one.
    pub mask_key: Option<SecretString>,
    /// How much memory the embedded engine computes with, all questions together; its own limit when
    /// absent.
    pub memory_max_bytes: Option<usize>,
}

/// Where policies, datasets and dashboards are.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContentConfig {
    /// The folder of `*.policy.yaml`, `*.test.yaml` and `identity.yaml`.
    pub policies: PathBuf,
    /// The folder of `*.dashboard.yaml` and `datasets/*.dataset.yaml`.
    pub dashboards: PathBuf,
}

/// Where the built browser half is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssetsConfig {
    /// The folder that `cargo xtask site` filled.
    pub dir: PathBuf,
}

/// How long things may take, in milliseconds and seconds.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimingConfig {
    /// How long the first bytes of a page wait for tiles; later ones are streamed.
    pub first_paint_wait_ms: u64,
    /// How long one statement may run.
    pub query_deadline_ms: u64,
    /// How often the tables' current snapshots are read; every 2 s from a folder, every 15 s from
    /// Glue, if nothing is said.
    pub snapshot_refresh_ms: Option<u64>,
    /// How long answers of a superseded snapshot may still be shown while new ones are computed.
    pub stale_for_s: u64,
    /// How long a statement runs on that nobody waits for any more.
    pub abandon_after_ms: u64,
}

impl Default for TimingConfig {
    fn default() -> Self {
        Self {
            first_paint_wait_ms: 80,
            query_deadline_ms: 30_000,
            snapshot_refresh_ms: None,
            stale_for_s: 300,
            abandon_after_ms: 2_000,
        }
    }
}

/// Computing answers before anybody asks.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PrewarmConfig {
    /// Whether it is done; with Athena it is, if nothing is said.
    pub enabled: Option<bool>,
    /// How many questions at the same time.
    pub at_once: usize,
}

impl Default for PrewarmConfig {
    fn default() -> Self {
        Self {
            enabled: None,
            at_once: 2,
        }
    }
}

/// How much is kept in memory.
#[derive(Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheConfig {
    /// Bytes of answers.
    pub max_bytes: u64,
    /// Hard maximum age of an answer in seconds.
    pub max_age_s: u64,
    /// Bytes of plans and of drawn parts of pages; 0 keeps none.
    pub pages_max_bytes: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self {
            max_bytes: 32 << 20,
            max_age_s: 3_600,
            pages_max_bytes: 32 << 20,
        }
    }
}

/// The governance API for programs: access tokens of the identity provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiConfig {
    /// The one audience (`aud`) of access tokens for Weir, as the provider writes it.
    pub audience: String,
    /// The public client that people sign in with from a terminal.
    pub device_client_id: Option<String>,
    /// The scopes that the `weir` commands ask for.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// Demo mode.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DemoConfig {
    /// Where the CRM page listens.
    pub crm: SocketAddr,
    /// Where the identity provider listens.
    pub idp: SocketAddr,
}

/// A configuration that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is missing, or a key is unknown, absent or of the wrong type.
    #[error("configuration `{file}` can't be used")]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What figment found, with the key's path.
        #[source]
        cause: Box<figment::Error>,
    },
    /// A value that reads well and must not be.
    #[error("configuration key `{key}`: {problem}")]
    Invalid {
        /// The key's path.
        key: &'static str,
        /// What is wrong and what is right.
        problem: &'static str,
    },
}

impl Config {
    /// Reads `file` and the environment.
    ///
    /// # Errors
    /// [`ConfigError`] names the key.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let figment = Figment::new()
            .merge(Toml::file_exact(file))
            .merge(Env::prefixed("WEIR__").split("__"));
        let config: Self = figment.extract().map_err(|cause| ConfigError::Unreadable {
            file: file.to_owned(),
            cause: Box::new(cause),
        })?;
        config.checked()
    }

    fn checked(self) -> Result<Self, ConfigError> {
        let invalid = |key, problem| Err(ConfigError::Invalid { key, problem });
        self.http.check()?;
        if let Some(api) = &self.api {
            api.check()?;
        }
        if self.timing.query_deadline_ms > LONGEST_QUERY_MS {
            return invalid(
                "timing.query_deadline_ms",
                "expected 600000 at most: ten minutes",
            );
        }
        self.check_engine()?;
        self.oidc.iter().try_for_each(OidcConfig::check)?;
        self.costs.price()?;
        if let Some(shared) = &self.shared_cache {
            shared.check()?;
        }
        self.rum.check()?;
        self.telemetry.check()?;
        if let Some(demo) = &self.demo {
            let addresses = [demo.crm, demo.idp, self.http.bind];
            if !addresses.iter().all(|address| address.ip().is_loopback()) {
                return invalid("demo", "demo mode listens on loopback addresses only");
            }
            return Ok(self);
        }
        if self.oidc.is_empty() {
            return invalid("oidc", "expected issuer, client_id and client_secret");
        }
        if !self.embed.has_master_key() {
            return invalid(
                "embed.master_key_file",
                "expected a file with 32 random bytes in base64: \
                 `umask 077; openssl rand -base64 32 > master.key`",
            );
        }
        if self.lake.mask_key.is_none() {
            return invalid("lake.mask_key", "expected a secret of at least 32 bytes");
        }
        Ok(self)
    }
}

impl ApiConfig {
    /// An audience that other tokens have by nature would let them in.
    fn check(&self) -> Result<(), ConfigError> {
        let audience = self.audience.as_str();
        if audience.is_empty() || audience == weir_identity::embed::AUDIENCE {
            return Err(ConfigError::Invalid {
                key: "api.audience",
                problem: "expected a name of its own, such as `https://weir.example/api`",
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
