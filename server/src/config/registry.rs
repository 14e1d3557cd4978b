//! `[registry]`: the database, and how records survive it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use weir_registry::{
    AuditOptions, CheckpointError, CheckpointKey, CheckpointSigner, Durability, RegistryOptions,
};

/// Where revisions, sessions, codes and audit are kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryConfig {
    /// `sqlite:///var/lib/weir/weir.db` or `postgres://user:password@host/database`; may hold a password.
    pub url: SecretString,
    /// For how long reads go on when the database does not take their records.
    #[serde(default = "default_grace")]
    pub grace_s: u64,
    /// The audit log.
    #[serde(default)]
    pub audit: AuditConfig,
}

/// How audit records wait for the database, and how the log is sealed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditConfig {
    /// The folder where records wait; beside an `SQLite` file unless named.
    pub dir: Option<PathBuf>,
    /// What the record of a data read survives when the answer leaves.
    pub data_reads: DataReads,
    /// The Ed25519 private key that signs checkpoints.
    pub key_file: Option<PathBuf>,
    /// Public keys of earlier signers.
    pub trusted_key_files: Vec<PathBuf>,
    /// A file elsewhere that gets every checkpoint too.
    pub checkpoint_copy: Option<PathBuf>,
}

/// What the record of a data read survives when the answer leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DataReads {
    /// A killed process; a power cut after at most 50 ms.
    #[default]
    Process,
    /// A power cut too.
    Disk,
}

/// A key of `registry.audit` that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum AuditKeyError {
    /// The file can't be read.
    #[error("`{}` can't be read", .0.display())]
    File(PathBuf, #[source] std::io::Error),
    /// It holds something else.
    #[error("`{}` can't be used", .0.display())]
    Key(PathBuf, #[source] CheckpointError),
}

impl RegistryConfig {
    /// What the registry is opened with.
    ///
    /// # Errors
    /// [`AuditKeyError`] names the key file.
    pub fn options(&self) -> Result<RegistryOptions, AuditKeyError> {
        let audit = &self.audit;
        let signer = audit.key_file.as_deref();
        Ok(RegistryOptions {
            grace: Duration::from_secs(self.grace_s),
            data_reads: match audit.data_reads {
                DataReads::Process => Durability::Process,
                DataReads::Disk => Durability::Disk,
            },
            audit: AuditOptions {
                folder: audit.dir.clone(),
                signer: signer
                    .map(|path| key(path, CheckpointSigner::from_pem))
                    .transpose()?,
                trusted: public_keys(&audit.trusted_key_files)?,
                checkpoint_copy: audit.checkpoint_copy.clone(),
                ..AuditOptions::default()
            },
            ..RegistryOptions::default()
        })
    }
}

/// The public keys in these files.
///
/// # Errors
/// [`AuditKeyError`] names the file.
pub fn public_keys(files: &[PathBuf]) -> Result<Vec<CheckpointKey>, AuditKeyError> {
    let keys = files.iter().map(|path| key(path, CheckpointKey::from_pem));
    keys.collect()
}

fn key<T>(
    path: &Path,
    read: impl Fn(&str) -> Result<T, CheckpointError>,
) -> Result<T, AuditKeyError> {
    let text = std::fs::read_to_string(path)
        .map_err(|cause| AuditKeyError::File(path.to_owned(), cause))?;
    read(&text).map_err(|cause| AuditKeyError::Key(path.to_owned(), cause))
}

fn default_grace() -> u64 {
    60
}
