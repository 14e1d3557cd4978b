//! A sign-in under way: what must be remembered until the browser comes back.

use std::fmt;

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::return_to::ReturnTo;

/// A browser that comes back later has to start again.
pub const PENDING_LIFETIME: Duration = Duration::minutes(10);

/// A sign-in under way. Kept on the server, found by the hash of its `state`, handed out once.
///
/// It names its provider, so that a callback is finished with the provider it was begun with and
/// with no other. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PendingLogin {
    /// The provider's issuer.
    pub issuer: String,
    /// The `state` parameter, which ties the callback to this sign-in.
    pub state: String,
    /// The `nonce` that the ID token must repeat.
    pub nonce: String,
    /// The PKCE verifier, without which the code is worth nothing.
    pub pkce_verifier: String,
    /// Where to go afterwards.
    pub return_to: ReturnTo,
    /// When it began.
    pub created_at: DateTime<Utc>,
}

impl PendingLogin {
    /// What a store remembers it by once it is finished, beside what others are remembered by.
    #[must_use]
    pub fn once(&self) -> [u8; 32] {
        let digest = Sha256::new().chain_update(b"weir sign-in\0");
        digest.chain_update(&self.state).finalize().into()
    }

    /// When it is too late to finish.
    #[must_use]
    pub fn expires_at(&self) -> DateTime<Utc> {
        self.created_at + PENDING_LIFETIME
    }

    pub(super) fn is_due(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at() && now >= self.created_at - Duration::seconds(5)
    }

    pub(super) fn has_state(&self, state: &str) -> bool {
        self.state.as_bytes().ct_eq(state.as_bytes()).into()
    }
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogin")
            .field("issuer", &self.issuer)
            .field("return_to", &self.return_to)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

/// The first step of a sign-in.
#[derive(Debug, Clone)]
pub struct LoginStart {
    /// Where to send the browser.
    pub authorize_url: Url,
    /// What to remember.
    pub pending: PendingLogin,
}
