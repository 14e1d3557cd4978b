//! Launch tokens that were exchanged for a frame token: they open nothing any more.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, Utc};

use crate::name::TokenId;

/// The launch tokens that are spent, as far as this process knows. That a token is spent only once
/// is decided by the registry, which also tells the other processes.
#[derive(Debug, Default)]
pub struct SpentTokens {
    ends: RwLock<HashMap<TokenId, i64>>,
}

impl SpentTokens {
    /// Remembers a token that would have ended at `until`, in seconds since 1970.
    pub fn add(&self, token: TokenId, until: i64) {
        let mut ends = self.ends.write().unwrap_or_else(PoisonError::into_inner);
        ends.insert(token, until);
    }

    /// Whether the token is spent.
    #[must_use]
    pub fn contains(&self, token: &TokenId) -> bool {
        let ends = self.ends.read().unwrap_or_else(PoisonError::into_inner);
        ends.contains_key(token)
    }

    /// Forgets tokens that are over anyway.
    pub fn prune(&self, now: DateTime<Utc>) {
        let now = now.timestamp();
        let mut ends = self.ends.write().unwrap_or_else(PoisonError::into_inner);
        ends.retain(|_, until| *until > now);
    }
}
