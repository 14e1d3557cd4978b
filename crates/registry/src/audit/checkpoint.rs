//! Checkpoints: the end of the chain at some moment, signed with a key the database does not
//! have. Whoever rewrites the log cannot sign it again, and a copy of the checkpoints outside the
//! database shows too when they were deleted with it.
//!
//! A checkpoint is one line of JSON:
//!
//! ```json
//! {"seq":1000,"hash":"…","at":"2026-11-02T09:00:00.000Z","key":"…","signature":"…"}
//! ```
//!
//! The signature is Ed25519 (RFC 8032) over `weir-audit-checkpoint-1\n` and the line's `seq`,
//! `hash`, `at` and `key`, each as it stands there and followed by a line feed. `key` is the first
//! 8 bytes of the SHA-256 of the 32 bytes of the public key; `at` is when the record happened.

pub(super) mod copy;
pub(super) mod store;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::chain::Head;
use crate::Digest;
use crate::time::canonical;

/// Signs checkpoints. It is never shown.
#[derive(Clone)]
pub struct CheckpointSigner {
    key: Arc<SigningKey>,
    public: CheckpointKey,
}

/// Tells whether a checkpoint was signed.
#[derive(Clone, PartialEq, Eq)]
pub struct CheckpointKey {
    id: String,
    key: VerifyingKey,
}

/// Where the chain was, and that somebody with the key saw it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    seq: u64,
    hash: Digest,
    #[serde(with = "canonical")]
    at: DateTime<Utc>,
    key: String,
    signature: String,
}

/// Why a text is not a key or not a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Not the PEM of a private key.
    #[error("expected an Ed25519 private key as PKCS#8 PEM (`openssl genpkey -algorithm ed25519`)")]
    NotAPrivateKey,
    /// Not the PEM of a public key.
    #[error("expected an Ed25519 public key as PEM (`openssl pkey -pubout`)")]
    NotAPublicKey,
    /// A line of a file of checkpoints that is none.
    #[error("line {line} is not a checkpoint")]
    NotACheckpoint {
        /// Which line; the first is 1.
        line: usize,
    },
}

impl CheckpointSigner {
    /// Reads an Ed25519 private key, PKCS#8 in PEM.
    ///
    /// # Errors
    /// [`CheckpointError::NotAPrivateKey`] for anything else.
    pub fn from_pem(private_pem: &str) -> Result<Self, CheckpointError> {
        let key =
            SigningKey::from_pkcs8_pem(private_pem).map_err(|_| CheckpointError::NotAPrivateKey)?;
        Ok(Self {
            public: CheckpointKey::new(key.verifying_key()),
            key: Arc::new(key),
        })
    }

    /// The half that checks what this one signs.
    #[must_use]
    pub fn public(&self) -> &CheckpointKey {
        &self.public
    }

    pub(super) fn sign(&self, head: &Head, at: DateTime<Utc>) -> Checkpoint {
        let mut checkpoint = Checkpoint {
            seq: head.records,
            hash: head.hash,
            at,
            key: self.public.id.clone(),
            signature: String::new(),
        };
        let signature = self.key.sign(checkpoint.signed().as_bytes());
        let halves = [*signature.r_bytes(), *signature.s_bytes()];
        checkpoint.signature = halves.map(|half| Digest::from(half).to_string()).concat();
        checkpoint
    }
}

impl CheckpointKey {
    fn new(key: VerifyingKey) -> Self {
        let digest = Digest::from(<[u8; 32]>::from(Sha256::digest(key.as_bytes())));
        let id = digest.to_string().chars().take(16).collect();
        Self { id, key }
    }

    /// Reads an Ed25519 public key in PEM.
    ///
    /// # Errors
    /// [`CheckpointError::NotAPublicKey`] for anything else.
    pub fn from_pem(public_pem: &str) -> Result<Self, CheckpointError> {
        VerifyingKey::from_public_key_pem(public_pem)
            .map(Self::new)
            .map_err(|_| CheckpointError::NotAPublicKey)
    }

    /// The name by which checkpoints call it: 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl Checkpoint {
    /// Reads a file of checkpoints, one on each line. A last line without its line feed was not
    /// finished and does not count.
    ///
    /// # Errors
    /// [`CheckpointError::NotACheckpoint`] names the first line that is none.
    pub fn parse_file(text: &str) -> Result<Vec<Self>, CheckpointError> {
        text.split_inclusive('\n')
            .filter_map(|line| line.strip_suffix('\n'))
            .enumerate()
            .map(|(before, line)| {
                serde_json::from_str(line)
                    .map_err(|_| CheckpointError::NotACheckpoint { line: before + 1 })
            })
            .collect()
    }

    /// The number of the record it is about.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The hash of that record. It seals everything before it.
    #[must_use]
    pub fn hash(&self) -> Digest {
        self.hash
    }

    /// When that record happened.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The id of the key that signed it.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether one of `keys` signed it.
    #[must_use]
    pub fn is_signed_by(&self, keys: &[CheckpointKey]) -> bool {
        let Some(signature) = signature_of(&self.signature) else {
            return false;
        };
        let signed = self.signed();
        keys.iter().any(|known| {
            known.id == self.key
                && known
                    .key
                    .verify_strict(signed.as_bytes(), &signature)
                    .is_ok()
        })
    }

    fn signed(&self) -> String {
        let at = self.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
        format!(
            "weir-audit-checkpoint-1\n{}\n{}\n{at}\n{}\n",
            self.seq, self.hash, self.key
        )
    }
}

fn signature_of(hex: &str) -> Option<Signature> {
    let (first, second) = hex.split_at_checked(64)?;
    let halves = [Digest::parse(first).ok()?, Digest::parse(second).ok()?];
    let [r, s] = halves.map(|half| *half.as_bytes());
    Some(Signature::from_components(r, s))
}

impl fmt::Debug for CheckpointSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckpointSigner({})", self.public.id)
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckpointKey({})", self.id)
    }
}

#[cfg(test)]
mod tests;
