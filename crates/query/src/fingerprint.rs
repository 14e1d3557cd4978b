//! The key of every cache, lock and single flight (invariant 5).

use std::fmt;

use crate::govern::GovernedQuery;
use crate::sql::{Dialect, GovernedScan, Principal};

/// A hash over everything that an answer depends on. Two subjects share an entry only when all of
/// it is equal; nothing a client may choose freely (request ids, names, tokens) enters it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Hashes statement text, dialect, effective predicate, masks, snapshot and dataset version.
    #[must_use]
    pub(crate) fn of(
        query: &GovernedQuery,
        dialect: Dialect,
        text: &str,
        scan: &GovernedScan,
    ) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("weir 2026 query fingerprint v1");
        for field in [
            dialect.name().as_bytes(),
            text.as_bytes(),
            scan.dataset().as_str().as_bytes(),
            scan.snapshot().as_str().as_bytes(),
            scan.predicate().to_string().as_bytes(),
            query.dataset().version().as_bytes(),
        ] {
            absorb(&mut hasher, field);
        }
        for (column, mask) in query.masks() {
            absorb(&mut hasher, column.as_str().as_bytes());
            absorb(&mut hasher, mask.to_string().as_bytes());
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// The same question, asked as somebody whom the lake may show something else.
    #[must_use]
    pub(crate) fn asked_by(self, principal: &Principal) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("weir 2026 query principal v1");
        absorb(&mut hasher, &self.0);
        absorb(&mut hasher, principal.as_str().as_bytes());
        Self(*hasher.finalize().as_bytes())
    }

    /// The same question, asked for all of its rows. A tile with a limit of its own has the same text
    /// either way, and is still kept apart.
    #[must_use]
    pub(crate) fn exported(self) -> Self {
        let mut hasher = blake3::Hasher::new_derive_key("weir 2026 query export v1");
        absorb(&mut hasher, &self.0);
        Self(*hasher.finalize().as_bytes())
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Length first: no two different lists of fields absorb the same bytes.
fn absorb(hasher: &mut blake3::Hasher, field: &[u8]) {
    hasher.update(&u64::try_from(field.len()).unwrap_or(u64::MAX).to_le_bytes());
    hasher.update(field);
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}
