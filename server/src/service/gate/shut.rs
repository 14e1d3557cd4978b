//! Why somebody is let in no more, and why nobody can say.

use weir_registry::{AccessError, StoreError};

/// Why somebody may not look any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shut {
    /// Their access was revoked.
    Revoked,
    /// The dashboard, a unit of theirs or everything is locked.
    Locked,
    /// Nobody knows, for longer than the grace.
    Blind,
}

/// Why a revocation or a lockdown can't be put in force or seen.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// It was refused, or is not on record.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The registry does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It did not answer in time.
    #[error("the registry did not answer in time")]
    Hangs,
    /// It has one that means nothing.
    #[error("revocation {0} of the registry can't be read")]
    Unreadable(u64),
}

impl Shut {
    /// The stable code in the audit, and on a tile that did not come.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Revoked => "access-revoked",
            Self::Locked => "locked-down",
            Self::Blind => "registry-unavailable",
        }
    }

    /// What a code means.
    #[must_use]
    pub fn of(code: &str) -> Option<Self> {
        let all = [Self::Revoked, Self::Locked, Self::Blind];
        all.into_iter().find(|shut| shut.code() == code)
    }
}
