//! Client secrets, kept as argon2id hashes only.

use std::fmt;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret, SecretString};

use crate::random;

/// Longer secrets are wrong without any hashing.
const MAX_SECRET_BYTES: usize = 256;

/// Work that one check of a secret takes. It is part of the stored hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HashCost {
    memory_kib: u32,
    passes: u32,
}

impl HashCost {
    /// OWASP's recommendation for argon2id: 19 MiB, two passes.
    pub const DEFAULT: Self = Self {
        memory_kib: 19_456,
        passes: 2,
    };

    /// As cheap as argon2id gets. For the demo's published secret, and for tests.
    pub const MINIMAL: Self = Self {
        memory_kib: 8,
        passes: 1,
    };

    /// No registration may make one check cost more than this.
    const MAXIMAL: Self = Self {
        memory_kib: 262_144,
        passes: 16,
    };

    fn argon2(self) -> Result<Argon2<'static>, SecretHashError> {
        let params =
            Params::new(self.memory_kib, self.passes, 1, None).map_err(|_| SecretHashError)?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// What every generated secret begins with, so that scanners find one that got lost.
pub const SECRET_PREFIX: &str = "weir_secret_";

/// A secret that was just made. Nobody can ask for it again.
#[derive(Debug)]
pub struct NewSecret {
    /// By which name it is taken back.
    pub id: String,
    /// The secret, for the client's operator.
    pub secret: SecretString,
    /// What is kept of it.
    pub hash: SecretHash,
}

impl NewSecret {
    /// 256 random bits under a fresh id.
    ///
    /// # Errors
    /// When it cannot be hashed.
    pub fn generate(cost: HashCost) -> Result<Self, SecretHashError> {
        let secret = SecretString::from(format!("{SECRET_PREFIX}{}", random::token()));
        let id = random::bytes::<6>().map(|byte| format!("{byte:02x}"));
        Ok(Self {
            id: id.concat(),
            hash: SecretHash::create(&secret, cost)?,
            secret,
        })
    }
}

/// A text that is no hash of a client secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an argon2id hash in PHC form, such as `$argon2id$v=19$m=19456,t=2,p=1$…`")]
pub struct SecretHashError;

/// The argon2id hash of a client secret, in PHC form.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHash {
    phc: String,
    cost: HashCost,
}

impl SecretHash {
    /// Reads a PHC string.
    ///
    /// # Errors
    /// When it is not argon2id version 19 with salt and hash, or costs more than a quarter of a
    /// gigabyte per check.
    pub fn parse(phc: impl Into<String>) -> Result<Self, SecretHashError> {
        let phc = phc.into();
        let cost = cost_of(&phc)?;
        Ok(Self { phc, cost })
    }

    /// Hashes a secret under a fresh salt.
    ///
    /// # Errors
    /// When the secret is longer than 256 bytes.
    pub fn create(secret: &SecretString, cost: HashCost) -> Result<Self, SecretHashError> {
        let secret = secret.expose_secret();
        if secret.len() > MAX_SECRET_BYTES {
            return Err(SecretHashError);
        }
        let salt = SaltString::encode_b64(&random::bytes::<16>()).map_err(|_| SecretHashError)?;
        let hash = cost
            .argon2()?
            .hash_password(secret.as_bytes(), &salt)
            .map_err(|_| SecretHashError)?;
        Ok(Self {
            phc: hash.to_string(),
            cost,
        })
    }

    /// The PHC string, for the registration.
    #[must_use]
    pub fn as_phc(&self) -> &str {
        &self.phc
    }

    /// What one check costs.
    #[must_use]
    pub fn cost(&self) -> HashCost {
        self.cost
    }

    /// Whether this is the hash of `secret`. The comparison takes the same time for all secrets.
    #[must_use]
    pub fn matches(&self, secret: &str) -> bool {
        let Ok(hash) = PasswordHash::new(&self.phc) else {
            return false;
        };
        // The parameters are taken from the hash, the algorithm was checked by `parse`.
        secret.len() <= MAX_SECRET_BYTES
            && Argon2::default()
                .verify_password(secret.as_bytes(), &hash)
                .is_ok()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretHash")
            .field("cost", &self.cost)
            .finish_non_exhaustive()
    }
}

fn cost_of(phc: &str) -> Result<HashCost, SecretHashError> {
    let hash = PasswordHash::new(phc).map_err(|_| SecretHashError)?;
    let complete = hash.algorithm == Algorithm::Argon2id.ident()
        && hash.version == Some(Version::V0x13.into())
        && hash.salt.is_some()
        && hash.hash.is_some_and(|output| output.len() >= 32);
    let params = Params::try_from(&hash).map_err(|_| SecretHashError)?;
    let cost = HashCost {
        memory_kib: params.m_cost(),
        passes: params.t_cost(),
    };
    let affordable = cost.memory_kib <= HashCost::MAXIMAL.memory_kib
        && cost.passes <= HashCost::MAXIMAL.passes
        && params.p_cost() <= 4;
    if complete && affordable {
        Ok(cost)
    } else {
        Err(SecretHashError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_matches_its_own_hash_only() {
        let hash = SecretHash::create(&"demo-crm-secret".into(), HashCost::MINIMAL).unwrap();
        let read_back = SecretHash::parse(hash.as_phc()).unwrap();

        assert_eq!(read_back, hash);
        assert!(read_back.matches("demo-crm-secret"));
        for wrong in ["", "demo-crm-secre", "demo-crm-secret ", "DEMO-CRM-SECRET"] {
            assert!(!read_back.matches(wrong), "{wrong}");
        }
        assert!(!read_back.matches(&"x".repeat(100_000)));
    }

    #[test]
    fn other_hashes_are_refused() {
        for bad in [
            "",
            "demo-crm-secret",
            "$2b$12$abcdefghijklmnopqrstuv",
            "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
            "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ",
            "$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
        ] {
            assert_eq!(SecretHash::parse(bad), Err(SecretHashError), "{bad}");
        }
    }

    #[test]
    fn debug_does_not_show_the_hash() {
        let hash = SecretHash::create(&"demo-crm-secret".into(), HashCost::MINIMAL).unwrap();

        assert!(!format!("{hash:?}").contains("argon2id"));
    }
}
