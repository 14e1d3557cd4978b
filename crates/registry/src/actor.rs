//! Who did it.

use serde::{Deserialize, Serialize};
use weir_policy::Subject;

use crate::Digest;

/// A person who changes what others may see. Identity is `(issuer, sub)` (invariant 8); the name
/// is for people who read it later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Who vouches for them.
    pub issuer: String,
    /// Who they are there.
    pub sub: String,
    /// What they were called at the time.
    pub name: String,
}

impl Actor {
    /// The digest of `(issuer, sub)`, the one the audit log knows subjects by.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::from(Subject::new(&self.issuer, &self.sub).identity_digest())
    }

    /// Whether this is the same person, under whatever name.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.sub == other.sub
    }
}
