//! `[embed]`: the master key, what new keys are, and the registered CRM back ends.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use weir_identity::{EmbedClientConfig, KeyAlgorithm, MasterKey, MasterKeyError};

use super::secret_file::{self, SecretFileError};

/// Keys of embed tokens and registered CRM back ends.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbedConfig {
    /// A file with the master key: 32 random bytes in base64. It seals the keys in the registry.
    pub master_key_file: Option<PathBuf>,
    /// The master key itself, from the environment.
    pub master_key: Option<SecretString>,
    /// How new keys sign.
    pub algorithm: KeyAlgorithm,
    /// The CRM back ends that may mint tokens.
    pub clients: Vec<EmbedClientConfig>,
}

/// A master key that Weir does not start with: which key it is, and the cure.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyProblem {
    /// There is none.
    #[error(
        "`embed.master_key_file` is missing: name a file with 32 random bytes in base64 \
         (`umask 077; openssl rand -base64 32 > master.key`)"
    )]
    Missing,
    /// There are two.
    #[error("give either `embed.master_key_file` or `embed.master_key`, not both")]
    Two,
    /// The file can't be used.
    #[error("`embed.master_key_file`")]
    File(#[from] SecretFileError),
    /// The text is short, made up, or no key at all.
    #[error("`{0}`")]
    Key(&'static str, #[source] MasterKeyError),
}

impl EmbedConfig {
    /// The master key that is configured.
    ///
    /// # Errors
    /// [`MasterKeyProblem`] says what is wrong with it.
    pub fn master_key(&self) -> Result<MasterKey, MasterKeyProblem> {
        match (&self.master_key_file, &self.master_key) {
            (None, None) => Err(MasterKeyProblem::Missing),
            (Some(_), Some(_)) => Err(MasterKeyProblem::Two),
            (Some(path), None) => parse("embed.master_key_file", &secret_file::read(path)?),
            (None, Some(text)) => parse("embed.master_key", text),
        }
    }

    /// Whether one is configured at all.
    #[must_use]
    pub fn has_master_key(&self) -> bool {
        self.master_key_file.is_some() || self.master_key.is_some()
    }
}

fn parse(key: &'static str, text: &SecretString) -> Result<MasterKey, MasterKeyProblem> {
    MasterKey::parse(text).map_err(|cause| MasterKeyProblem::Key(key, cause))
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    const DRAWN: &str = "q0Xn5jzv5JjJ2vQ0oGm1b8s4yT3m6tq7w9Zx2Cd4EfA=";

    fn of_file(text: &str, mode: u32) -> Result<MasterKey, MasterKeyProblem> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let config = EmbedConfig {
            master_key_file: Some(path),
            ..EmbedConfig::default()
        };
        config.master_key()
    }

    fn of_text(text: &str) -> Result<MasterKey, MasterKeyProblem> {
        let config = EmbedConfig {
            master_key: Some(text.into()),
            ..EmbedConfig::default()
        };
        config.master_key()
    }

    /// The whole error, as the command prints it.
    fn said(outcome: Result<MasterKey, MasterKeyProblem>) -> String {
        let error = outcome.unwrap_err();
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        format!("{error}: {cause}")
    }

    #[test]
    fn a_drawn_key_is_taken_from_a_file_that_is_not_for_everybody() {
        for mode in [0o600, 0o400, 0o640] {
            assert!(of_file(DRAWN, mode).is_ok(), "{mode:o}");
        }
        assert!(of_file(&format!("{DRAWN}\n"), 0o600).is_ok());
        assert!(of_text(DRAWN).is_ok());
    }

    #[test]
    fn f55_a_key_that_everybody_may_read_is_refused_with_the_cure() {
        for mode in [0o644, 0o604, 0o606, 0o607] {
            let said = said(of_file(DRAWN, mode));
            assert!(said.contains("embed.master_key_file"), "{said}");
            assert!(said.contains("chmod 600"), "{said}");
        }
    }

    #[test]
    fn f55_j23_missing_short_and_known_keys_are_refused_by_name() {
        let missing = said(EmbedConfig::default().master_key());
        assert!(missing.contains("embed.master_key_file"), "{missing}");
        assert!(missing.contains("openssl rand -base64 32"), "{missing}");
        // What others shipped: Superset, its guest tokens, Redash, and what people type.
        for known in [
            "",
            "changeme",
            "CHANGE_ME_TO_A_COMPLEX_RANDOM_SECRET",
            "test-guest-secret-change-me",
            "c292a0a3aa32397cdb050e233733900f",
            "thisISaSECRET_1234",
            "Y2hhbmdlbWVjaGFuZ2VtZWNoYW5nZW1lY2hhbmdlbWU=",
            "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "q0Xn5jzv5JjJ2vQ0oGm1bw==",
        ] {
            for (key, said) in [
                ("embed.master_key_file", said(of_file(known, 0o600))),
                ("embed.master_key", said(of_text(known))),
            ] {
                assert!(said.contains(&format!("`{key}`")), "{said}");
                assert!(said.contains("openssl rand -base64 32"), "{said}");
                assert!(known.is_empty() || !said.contains(known), "{said}");
            }
        }
    }

    #[test]
    fn a_key_given_twice_or_nowhere_to_be_found_is_refused() {
        let both = EmbedConfig {
            master_key_file: Some("/nowhere".into()),
            master_key: Some(DRAWN.into()),
            ..EmbedConfig::default()
        };
        assert!(said(both.master_key()).contains("not both"));
        let nowhere = EmbedConfig {
            master_key_file: Some("/nowhere/master.key".into()),
            ..EmbedConfig::default()
        };
        assert!(said(nowhere.master_key()).contains("`/nowhere/master.key` can't be read"));
    }
}
