//! Taking tokens back before they end.

use std::collections::{BTreeMap, HashMap};
use std::sync::{PoisonError, RwLock};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use weir_policy::BusinessUnit;

use super::claims::EmbedClaims;
use crate::name::{ClientId, Slug, TokenId};

/// Which tokens a revocation means.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum RevocationTarget {
    /// One token.
    Token {
        /// Its id.
        jti: TokenId,
    },
    /// A token and all that were got by it.
    Family {
        /// The family's id.
        family: TokenId,
    },
    /// All tokens about one subject.
    Subject {
        /// Who vouches for the subject.
        issuer: String,
        /// Who it is there.
        sub: String,
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

impl RevocationTarget {
    /// Whether the target is meant whole, whenever it was issued: one token and one family are
    /// named by an id that nobody else ever has.
    fn is_whole(&self) -> bool {
        matches!(self, Self::Token { .. } | Self::Family { .. })
    }
}

/// Tokens of a target are worth nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// Which tokens.
    pub target: RevocationTarget,
    /// Only those of this client; of every client where `None`.
    pub client: Option<ClientId>,
    /// Tokens issued in this second or earlier are revoked. Token times are whole seconds, so one
    /// minted in the very second of a revocation falls with it rather than slipping through. One
    /// token and one family are revoked whenever they were issued.
    pub issued_up_to: DateTime<Utc>,
    /// From when on no living token can be meant, so that the revocation may be forgotten.
    pub until: DateTime<Utc>,
}

/// The revocations in force, asked by the verifier on every use of a token.
///
/// It only remembers; telling other processes and surviving a restart is the registry's part, which
/// feeds this set. It grows with what is revoked or spent and still lives, and with nothing else.
#[derive(Debug, Default)]
pub struct Revocations {
    known: RwLock<Known>,
}

#[derive(Debug, Default)]
struct Known {
    marks: BTreeMap<(RevocationTarget, Option<ClientId>), Mark>,
    /// Until when.
    spent: HashMap<TokenId, i64>,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    issued_up_to: i64,
    until: i64,
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
        let issued_up_to = if revocation.target.is_whole() {
            i64::MAX
        } else {
            revocation.issued_up_to.timestamp()
        };
        let until = revocation.until.timestamp();
        let mark = Mark {
            issued_up_to,
            until,
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let entry = known.marks.entry((revocation.target, revocation.client));
        entry
            .and_modify(|mark| {
                mark.issued_up_to = mark.issued_up_to.max(issued_up_to);
                mark.until = mark.until.max(until);
            })
            .or_insert(mark);
    }

    /// Remembers that a token was used up, until nobody could use it anyway.
    pub fn spend(&self, jti: TokenId, until: DateTime<Utc>) {
        let until = until.timestamp();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let end = known.spent.entry(jti).or_insert(until);
        *end = (*end).max(until);
    }

    /// Whether a token was used up.
    #[must_use]
    pub fn spent(&self, jti: &TokenId) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.spent.contains_key(jti)
    }

    /// Whether these claims have been revoked.
    #[must_use]
    pub fn revoked(&self, claims: &EmbedClaims) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        !known.marks.is_empty() && known.means(claims, targets(claims), claims.iat)
    }

    /// Whether a family that began at `begun` was revoked, by its id or by anything that `claims`,
    /// a token about to join it, say: a fresh token does not bring it back.
    #[must_use]
    pub fn family_revoked(
        &self,
        family: &TokenId,
        begun: DateTime<Utc>,
        claims: &EmbedClaims,
    ) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let (first, family) = (
            RevocationTarget::Token {
                jti: family.clone(),
            },
            RevocationTarget::Family {
                family: family.clone(),
            },
        );
        let all = [first, family].into_iter().chain(targets(claims));
        !known.marks.is_empty() && known.means(claims, all, begun.timestamp())
    }

    /// Whether all tokens about a subject up to a moment were revoked: what somebody who signed in
    /// themselves looks at since before then ends too.
    #[must_use]
    pub fn subject_revoked(&self, issuer: &str, sub: &str, since: DateTime<Utc>) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if known.marks.is_empty() {
            return false;
        }
        let target = RevocationTarget::Subject {
            issuer: issuer.to_owned(),
            sub: sub.to_owned(),
        };
        known.has(&(target, None), since.timestamp())
    }

    /// Forgets what no living token can be meant by any more.
    pub fn prune(&self, now: DateTime<Utc>) {
        let now = now.timestamp();
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.marks.retain(|_, mark| mark.until > now);
        known.spent.retain(|_, until| *until > now);
    }
}

impl Known {
    fn means(
        &self,
        claims: &EmbedClaims,
        mut targets: impl Iterator<Item = RevocationTarget>,
        issued: i64,
    ) -> bool {
        targets.any(|target| {
            let of_client = (target, Some(claims.client_id.clone()));
            self.has(&of_client, issued) || self.has(&(of_client.0, None), issued)
        })
    }

    fn has(&self, key: &(RevocationTarget, Option<ClientId>), issued: i64) -> bool {
        let mark = self.marks.get(key);
        mark.is_some_and(|mark| issued <= mark.issued_up_to)
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
        // A family is called like the token that it began with: what followed from that falls too.
        RevocationTarget::Token {
            jti: claims.family.clone(),
        },
        RevocationTarget::Family {
            family: claims.family.clone(),
        },
        RevocationTarget::Client {
            client_id: claims.client_id.clone(),
        },
        RevocationTarget::Dashboard {
            dashboard: claims.dashboard.clone(),
        },
        RevocationTarget::Subject {
            issuer: claims.subject_issuer.to_string(),
            sub: claims.sub.to_string(),
        },
    ]
    .into_iter()
    .chain(units)
}
