//! What the switches that stop access have in common: revocations, lockdowns and signing keys.

use sha2::{Digest as _, Sha256};

use crate::{AuditError, Digest, StoreError, TextError, text};

/// The longest reason in characters.
const REASON: usize = 500;

/// Why a revocation, a lockdown or a step with the keys was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The reason is not one.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It could not be recorded, so it was not done.
    #[error("the step could not be recorded, so it was not done")]
    Audit(#[from] AuditError),
    /// The database refused, is locked, full or gone.
    #[error("the registry database did not answer")]
    Database(#[from] sqlx::Error),
    /// What is stored is not what this version writes there.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Says why in a few words, and what the audit keeps of them.
pub(crate) fn reason(words: &str) -> Result<Digest, TextError> {
    text::line("reason", REASON, words)?;
    Ok(Digest::from(<[u8; 32]>::from(Sha256::digest(words))))
}
