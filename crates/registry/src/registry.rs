//! The registry: opening, health, housekeeping, closing.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::audit::gate::AuditHealth;
use crate::audit::options::AuditOptions;
use crate::audit::start::Start;
use crate::audit::{AuditError, AuditLog};
use crate::database::{Address, Database};
use crate::revisions::follow::Follower;
use crate::{
    Costs, Drafts, Durability, EmbedClients, Families, Fleet, LaunchCodes, Lockdowns, Previews,
    ProviderLogouts, Revisions, Revocations, Sessions, SigningKeys, StoreError, Usage,
    UsedAssertions, Vitals,
};

/// Everything Weir remembers, behind one handle. Cloning it is cheap.
#[derive(Debug, Clone)]
pub struct Registry {
    database: Database,
    audit: AuditLog,
    sessions: Sessions,
    provider_logouts: ProviderLogouts,
    launch_codes: LaunchCodes,
    families: Families,
    signing_keys: SigningKeys,
    previews: Previews,
    embed_clients: EmbedClients,
    used_assertions: UsedAssertions,
    usage: Usage,
    fleet: Fleet,
    costs: Costs,
    vitals: Vitals,
    revocations: Revocations,
    lockdowns: Lockdowns,
    revisions: Revisions,
    drafts: Drafts,
    follower: Follower,
}

/// What an operator may choose.
#[derive(Debug, Clone)]
pub struct RegistryOptions {
    /// What the record of a data read survives when it is acknowledged. Mints, denials and
    /// sign-ins are always on the disk first.
    pub data_reads: Durability,
    /// How long a write waits for another process that holds the database, or a lock in it.
    pub busy_timeout: Duration,
    /// For how long records are acknowledged while the database does not take them.
    pub grace: Duration,
    /// Where they wait meanwhile, and how the log is sealed.
    pub audit: AuditOptions,
}

/// How well a registry is that still lets reads happen.
#[derive(Debug)]
pub enum Health {
    /// The database answers and takes records.
    Well,
    /// It does not, but records are acknowledged from the local segment a little longer.
    Degraded {
        /// How much longer.
        left: Duration,
        /// What the database said.
        cause: AuditError,
    },
}

/// How many expired rows [`Registry::purge`] removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Purged {
    /// Sessions past their end.
    pub sessions: u64,
    /// Sessions at the identity provider of long ago, and logout tokens that are over.
    pub provider_logouts: u64,
    /// Launch codes, used or not.
    pub launch_codes: u64,
    /// Families of embed tokens that ended long ago.
    pub families: u64,
    /// Signing keys that ended long ago.
    pub signing_keys: u64,
    /// Previews that ended long ago.
    pub previews: u64,
    /// Assertions and sign-ins that are worth nothing any more.
    pub used_assertions: u64,
    /// Sums of long ago, and who people of the month before were.
    pub usage: u64,
    /// Rows of the ledger, sums and alerts of long ago, and reservations that ended.
    pub costs: u64,
    /// What browsers measured long ago.
    pub vitals: u64,
    /// Revocations that no token can be meant by.
    pub revocations: u64,
    /// Lockdowns that were lifted long ago.
    pub lockdowns: u64,
}

/// Why the registry could not be opened or is not well.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The address names another kind of database.
    #[error(
        "expected a registry address of the form `sqlite:///path/to/weir.db` or \
         `postgres://user@host/database`"
    )]
    UnsupportedUrl,
    /// A database in memory forgets the audit log when the process ends.
    #[error("the registry needs a database file, not one in memory")]
    NotAFile,
    /// The file could not be made.
    #[error("registry file `{}` could not be created", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        cause: std::io::Error,
    },
    /// A registry that is not a file has no folder for the audit segments beside it.
    #[error("a registry on PostgreSQL needs a folder of this machine for its audit segments")]
    NoAuditFolder,
    /// The database refused.
    #[error("the registry database did not answer")]
    Database(#[from] sqlx::Error),
    /// A newer version of this program brought the schema further than this one knows.
    #[error(
        "the registry database belongs to a newer version of weir: its schema has migration \
         {migration}, which this version does not know"
    )]
    Newer {
        /// The migration's number.
        migration: i64,
    },
    /// The schema could not be brought up to date.
    #[error("the registry schema does not fit this version of weir")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// The audit log cannot be written, so nothing may be read.
    #[error("the audit log is not writable")]
    Audit(#[from] AuditError),
}

impl Default for RegistryOptions {
    fn default() -> Self {
        Self {
            data_reads: Durability::Process,
            busy_timeout: Duration::from_secs(5),
            grace: Duration::from_mins(1),
            audit: AuditOptions::default(),
        }
    }
}

impl Registry {
    /// Opens the database at `url` (`sqlite:///path/to/weir.db` or `postgres://user@host/database`)
    /// with the default options. A missing file is created, a missing `PostgreSQL` database is not.
    /// Needs a Tokio runtime: the audit log has a writer task.
    ///
    /// # Errors
    /// [`RegistryError`] says whether address, file or schema is at fault.
    pub async fn open(url: &str) -> Result<Self, RegistryError> {
        Self::open_with(url, RegistryOptions::default()).await
    }

    /// Opens the database at `url` with chosen options.
    ///
    /// # Errors
    /// [`RegistryError`] says whether address, file or schema is at fault.
    pub async fn open_with(url: &str, options: RegistryOptions) -> Result<Self, RegistryError> {
        let address = Address::parse(url, options.busy_timeout)?;
        Self::connect(&address, &options).await
    }

    pub(crate) async fn connect(
        address: &Address,
        options: &RegistryOptions,
    ) -> Result<Self, RegistryError> {
        let beside = address.folder().map(|folder| folder.join("audit"));
        let folder = options.audit.folder.clone().or(beside);
        let folder = folder.ok_or(RegistryError::NoAuditFolder)?;
        let database = Database::open(address).await?;
        let start = Start {
            database: database.clone(),
            folder: &folder,
            data_reads: options.data_reads,
            grace: options.grace,
            options: &options.audit,
        };
        let follower = Follower::new(database.clone());
        Ok(Self {
            audit: AuditLog::start(start).await?,
            sessions: Sessions::new(database.clone()),
            provider_logouts: ProviderLogouts::new(database.clone()),
            launch_codes: LaunchCodes::new(database.clone()),
            families: Families::new(database.clone()),
            signing_keys: SigningKeys::new(database.clone()),
            previews: Previews::new(database.clone()),
            embed_clients: EmbedClients::new(database.clone()),
            used_assertions: UsedAssertions::new(database.clone()),
            usage: Usage::new(database.clone()),
            fleet: Fleet::new(database.clone()),
            costs: Costs::new(database.clone()),
            vitals: Vitals::new(database.clone()),
            revocations: Revocations::new(database.clone()),
            lockdowns: Lockdowns::new(database.clone()),
            revisions: Revisions::new(database.clone(), follower.clone()),
            drafts: Drafts::new(database.clone(), follower.clone()),
            follower,
            database,
        })
    }

    /// The append-only log of who read, was refused, signed in and minted.
    #[must_use]
    pub fn audit(&self) -> &AuditLog {
        &self.audit
    }

    /// Sessions of members.
    #[must_use]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Sessions that the identity provider ends.
    #[must_use]
    pub fn provider_logouts(&self) -> &ProviderLogouts {
        &self.provider_logouts
    }

    /// Single-use codes that launch an embedded dashboard.
    #[must_use]
    pub fn launch_codes(&self) -> &LaunchCodes {
        &self.launch_codes
    }

    /// Families of embed tokens, and the exchange of launch tokens for frame tokens.
    #[must_use]
    pub fn families(&self) -> &Families {
        &self.families
    }

    /// Keys that sign embed tokens, sealed.
    #[must_use]
    pub fn signing_keys(&self) -> &SigningKeys {
        &self.signing_keys
    }

    /// Dashboards that admins look at through somebody else's eyes.
    #[must_use]
    pub fn previews(&self) -> &Previews {
        &self.previews
    }

    /// The back ends of host pages that admins registered.
    #[must_use]
    pub fn embed_clients(&self) -> &EmbedClients {
        &self.embed_clients
    }

    /// What clients proved themselves with and people signed in by, so that nobody does it again.
    #[must_use]
    pub fn used_assertions(&self) -> &UsedAssertions {
        &self.used_assertions
    }

    /// How much is used.
    #[must_use]
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// The processes that share this registry.
    #[must_use]
    pub fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    /// Budgets, and what answers cost.
    #[must_use]
    pub fn costs(&self) -> &Costs {
        &self.costs
    }

    /// How fast pages were in browsers.
    #[must_use]
    pub fn vitals(&self) -> &Vitals {
        &self.vitals
    }

    /// Which embed tokens are worth nothing any more.
    #[must_use]
    pub fn revocations(&self) -> &Revocations {
        &self.revocations
    }

    /// What nobody may look at for the time being.
    #[must_use]
    pub fn lockdowns(&self) -> &Lockdowns {
        &self.lockdowns
    }

    /// What is and was in force.
    #[must_use]
    pub fn revisions(&self) -> &Revisions {
        &self.revisions
    }

    /// Changes on their way to be in force.
    #[must_use]
    pub fn drafts(&self) -> &Drafts {
        &self.drafts
    }

    /// Whether the audit log would take a record, and whether the database answers.
    ///
    /// # Errors
    /// [`RegistryError::Audit`] when the log is damaged or closed, or the database was away for
    /// longer than the grace: answer 503 to reads.
    pub async fn health(&self) -> Result<Health, RegistryError> {
        match self.audit.health().await {
            AuditHealth::Well => Ok(Health::Well),
            AuditHealth::Degraded { left, cause, .. } => Ok(Health::Degraded { left, cause }),
            AuditHealth::Failed(error) => Err(error.into()),
        }
    }

    /// Removes what expired before `now`. Correctness does not hang on it: expired rows are never
    /// returned. Call it every few minutes so that they do not pile up.
    ///
    /// # Errors
    /// [`StoreError::Database`] when the database refuses.
    pub async fn purge(&self, now: DateTime<Utc>) -> Result<Purged, StoreError> {
        Ok(Purged {
            sessions: self.sessions.purge(now).await?,
            provider_logouts: self.provider_logouts.purge(now).await?,
            launch_codes: self.launch_codes.purge(now).await?,
            families: self.families.purge(now).await?,
            signing_keys: self.signing_keys.purge(now).await?,
            previews: self.previews.purge(now).await?,
            used_assertions: self.used_assertions.purge(now).await?,
            usage: self.usage.purge(now).await?,
            costs: self.costs.purge(now).await?,
            vitals: self.vitals.purge(now).await?,
            revocations: self.revocations.purge(now).await?,
            lockdowns: self.lockdowns.purge(now).await?,
        })
    }

    /// Writes what waits, forces it to the disk and lets go of the file. Handles that are still
    /// around answer with errors afterwards.
    ///
    /// # Errors
    /// [`RegistryError::Audit`] when the audit log's last records could not be forced out,
    /// [`RegistryError::Database`] when the database did not take its write-ahead log in.
    pub async fn close(&self) -> Result<(), RegistryError> {
        self.follower.stop();
        let audit = self.audit.stop().await;
        let database = self.database.close().await;
        audit?;
        Ok(database?)
    }
}
