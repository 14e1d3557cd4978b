//! `[registry]`: the database, and how records survive it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use weir_registry::{
    AuditOptions, CheckpointError, CheckpointKey, CheckpointSigner, Durability, RegistryOptions,
};

use super::secret_file::{self, SecretFileError};

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
    /// The private key's file can't be used.
    #[error("`registry.audit.key_file`")]
    Private(#[from] SecretFileError),
    /// A public key's file can't be read.
    #[error("`{}` can't be read", .0.display())]
    Public(PathBuf, #[source] std::io::Error),
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
        let signer = audit.key_file.as_deref().map(signer).transpose()?;
        Ok(RegistryOptions {
            grace: Duration::from_secs(self.grace_s),
            data_reads: match audit.data_reads {
                DataReads::Process => Durability::Process,
                DataReads::Disk => Durability::Disk,
            },
            audit: AuditOptions {
                folder: audit.dir.clone(),
                signer,
                trusted: public_keys(&audit.trusted_key_files)?,
                checkpoint_copy: audit.checkpoint_copy.clone(),
                ..AuditOptions::default()
            },
            ..RegistryOptions::default()
        })
    }
}

fn signer(path: &Path) -> Result<CheckpointSigner, AuditKeyError> {
    let text = secret_file::read(path)?;
    CheckpointSigner::from_pem(text.expose_secret())
        .map_err(|cause| AuditKeyError::Key(path.to_owned(), cause))
}

/// The public keys in these files.
///
/// # Errors
/// [`AuditKeyError`] names the file.
pub fn public_keys(files: &[PathBuf]) -> Result<Vec<CheckpointKey>, AuditKeyError> {
    let key = |path: &PathBuf| {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| AuditKeyError::Public(path.clone(), cause))?;
        CheckpointKey::from_pem(&text).map_err(|cause| AuditKeyError::Key(path.clone(), cause))
    };
    files.iter().map(key).collect()
}

fn default_grace() -> u64 {
    60
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn r17_a_signing_key_that_everybody_may_read_is_refused_with_the_cure() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.pem");
        fs::write(&path, "not even a key").unwrap();
        let opened = |mode| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = signer(&path).unwrap_err();
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            format!("{error}: {cause}")
        };

        let said = opened(0o644);
        assert!(said.contains("`registry.audit.key_file`"), "{said}");
        assert!(said.contains("chmod 600"), "{said}");
        let said = opened(0o600);
        assert!(said.contains("can't be used"), "{said}");
    }
}
