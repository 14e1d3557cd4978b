//! Why Weir does not start: a mistake anywhere, named by its place in the configuration.

use weir_engine::{EngineError, LakeError};
use weir_identity::{ClientError, ProvidersError};
use weir_registry::{ContentPathError, LabelError, RegistryError, RevisionError, TreeError};

use crate::assets::AssetsError;
use crate::config::secret_file::SecretFileError;
use crate::config::{AuditKeyError, ConfigError, MasterKeyProblem};
use crate::content::ContentError;
use crate::demo;
use crate::service::clients::ClientsError;
use crate::service::gate::GateError;
use crate::service::shared_cache::AddressError;
use crate::service::signing::SigningError;
use crate::telemetry::otlp::TelemetryError;

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
    Providers(#[from] ProvidersError),
    /// An identity provider's id.
    #[error("`oidc.id`: {0}")]
    ProviderId(#[from] weir_identity::NameError),
    /// The file with the provider's client secret.
    #[error("`oidc.client_secret_file`")]
    ClientSecret(#[from] SecretFileError),
    /// The address of the shared cache.
    #[error("`shared_cache.url` can't be used")]
    SharedCache(#[from] AddressError),
    /// A value of the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Where metrics and traces go.
    #[error(transparent)]
    Telemetry(#[from] TelemetryError),
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
    /// Workgroups that nothing should be served through, each with what to do about it.
    #[error("Athena's workgroups are not set up:\n{0}")]
    Workgroups(String),
    /// A setting that [`Config::load`](crate::config::Config::load) should have demanded.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Number and date formats.
    #[error("number and date formats can't be set up")]
    Formats(#[from] crate::present::PresentError),
    /// The demo's surroundings.
    #[error("the demo can't be set up")]
    Demo(#[from] demo::DemoError),
}
