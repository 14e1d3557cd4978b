//! `[shared_cache]`: the second level of the cache, which all processes share.

use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

use super::ConfigError;

/// No call may take longer: readers wait for it.
const LONGEST_CALL_MS: u64 = 5_000;

/// No lease may live longer without being renewed: those who wait for a process that is gone wait
/// for that long.
const LONGEST_LEASE_MS: u64 = 60_000;

/// No value may be larger: reading it takes memory.
const LARGEST_VALUE: usize = 64 << 20;

/// Where answers are shared, and how long that may take.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedCacheConfig {
    /// `redis://:password@host:6379/0`, or `rediss://` for TLS; may hold a password.
    pub url: SecretString,
    /// How long a call may take that a page waits for; four times as long where only a query would.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
    /// How long a process that computes an answer for all is waited for without a sign of life.
    #[serde(default = "default_lease_ms")]
    pub lease_ms: u64,
    /// Bytes of one answer, packed and sealed; larger ones are not shared.
    #[serde(default = "default_max_value_bytes")]
    pub max_value_bytes: usize,
}

impl SharedCacheConfig {
    /// How long one call may take.
    #[must_use]
    pub fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout_ms)
    }

    /// How long a lease lives without being renewed.
    #[must_use]
    pub fn lease(&self) -> Duration {
        Duration::from_millis(self.lease_ms)
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let invalid = |key, problem| Err(ConfigError::Invalid { key, problem });
        if !(1..=LONGEST_CALL_MS).contains(&self.timeout_ms) {
            return invalid("shared_cache.timeout_ms", "expected 1 to 5000");
        }
        if !(100..=LONGEST_LEASE_MS).contains(&self.lease_ms) {
            return invalid("shared_cache.lease_ms", "expected 100 to 60000");
        }
        if !(1..=LARGEST_VALUE).contains(&self.max_value_bytes) {
            return invalid("shared_cache.max_value_bytes", "expected 1 to 67108864");
        }
        Ok(())
    }
}

fn default_timeout_ms() -> u64 {
    50
}

fn default_lease_ms() -> u64 {
    3_000
}

fn default_max_value_bytes() -> usize {
    4 << 20
}
