//! What happens to embed tokens after they were made, and to the keys that sign them.

use serde::{Deserialize, Serialize};

use crate::{Digest, Label};

/// A launch token was exchanged, once, for a token that is worth nothing without a frame's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    /// Who looks.
    pub subject: Digest,
    /// At which dashboard.
    pub dashboard: Label,
    /// The launch token's id; the frame token's is the same.
    pub token_id: Label,
    /// The family that it came into, by which all that follows can be revoked.
    pub family: Label,
}

/// What was done to a signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStepKind {
    /// It takes over from the newest.
    Rotate,
    /// It was taken out: what it signed is worth nothing.
    Retire,
}

/// A step with the keys that sign embed tokens; that a first one was made is none. Nothing of a key but its id is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStep {
    /// What was done.
    pub step: KeyStepKind,
    /// To which key.
    pub kid: Label,
    /// The key that took the place of a retired one.
    pub replacement: Option<Label>,
}
