//! Taking tokens back before they end.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use weir_policy::BusinessUnit;

use super::MAX_LIFETIME_SECONDS;
use super::claims::EmbedClaims;
use crate::name::{ClientId, Slug, TokenId, ViewerId};

/// Which tokens a revocation means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RevocationTarget {
    /// One token.
    Token {
        /// Its id.
        jti: TokenId,
    },
    /// All tokens of one viewer.
    Subject {
        /// The client in whose realm the viewer is.
        client_id: ClientId,
        /// The viewer's id there.
        sub: ViewerId,
    },
    /// All tokens that carry a business unit, alone or among others.
    BusinessUnit {
        /// The unit.
        business_unit: BusinessUnit,
    },
    /// All tokens for a dashboard.
    Dashboard {
        /// Its slug.
        dashboard: Slug,
    },
    /// All tokens a client asked for.
    Client {
        /// The client.
        client_id: ClientId,
    },
    /// Every token.
    All,
}

/// Tokens of a target that were issued up to a moment are worth nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Which tokens.
    pub target: RevocationTarget,
    /// Tokens issued in this second or earlier are revoked. Token times are whole seconds, so one
    /// minted in the very second of a revocation falls with it rather than slipping through.
    pub issued_up_to: DateTime<Utc>,
}

/// The revocations in force, asked by the verifier on every use of a token.
///
/// It only remembers; telling other replicas and surviving a restart is the registry's part, which
/// feeds this set.
#[derive(Debug, Default)]
pub struct Revocations {
    watermarks: RwLock<BTreeMap<RevocationTarget, i64>>,
}

impl Revocations {
    /// Nothing revoked.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a revocation in force. A watermark only ever rises: applying an older revocation after
    /// a newer one gives nothing back.
    pub fn revoke(&self, revocation: Revocation) {
        let mut watermarks = self
            .watermarks
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let issued_up_to = revocation.issued_up_to.timestamp();
        watermarks
            .entry(revocation.target)
            .and_modify(|known| *known = (*known).max(issued_up_to))
            .or_insert(issued_up_to);
    }

    /// Whether these claims have been revoked.
    #[must_use]
    pub fn revoked(&self, claims: &EmbedClaims) -> bool {
        let watermarks = self
            .watermarks
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        if watermarks.is_empty() {
            return false;
        }
        targets(claims).any(|target| {
            watermarks
                .get(&target)
                .is_some_and(|up_to| claims.iat <= *up_to)
        })
    }

    /// Forgets what no living token can be hit by any more.
    pub fn prune(&self, now: DateTime<Utc>) {
        // One lifetime for the token itself and another for clocks that disagree.
        let oldest = (now - Duration::seconds(2 * MAX_LIFETIME_SECONDS)).timestamp();
        let mut watermarks = self
            .watermarks
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        watermarks.retain(|_, up_to| *up_to >= oldest);
    }
}

fn targets(claims: &EmbedClaims) -> impl Iterator<Item = RevocationTarget> {
    let units = claims
        .business_units
        .iter()
        .map(|unit| RevocationTarget::BusinessUnit {
            business_unit: unit.clone(),
        });
    [
        RevocationTarget::All,
        RevocationTarget::Token {
            jti: claims.jti.clone(),
        },
        RevocationTarget::Client {
            client_id: claims.client_id.clone(),
        },
        RevocationTarget::Dashboard {
            dashboard: claims.dashboard.clone(),
        },
        RevocationTarget::Subject {
            client_id: claims.client_id.clone(),
            sub: claims.sub.clone(),
        },
    ]
    .into_iter()
    .chain(units)
}
