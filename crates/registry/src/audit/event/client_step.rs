//! What happens to the registration of an embed client.

use serde::{Deserialize, Serialize};

use crate::{Digest, Label};

/// What was done to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientStepKind {
    /// It was registered.
    Register,
    /// Its registration was replaced.
    Change,
    /// It was removed with its secrets.
    Remove,
    /// A secret was made.
    AddSecret,
    /// A secret was taken back.
    RemoveSecret,
}

/// A step with an embed client. What the registration says stays in the registry; what it was is
/// sealed here by its hash. No secret is here in any form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientStep {
    /// What was done.
    pub step: ClientStepKind,
    /// Who did it.
    pub by: Digest,
    /// To which client.
    pub client: Label,
    /// The version that came of it; of a client that was removed, its last.
    pub version: u64,
    /// The hash of the registration after the step.
    pub registration: Digest,
    /// The id of the secret it was about.
    pub secret: Option<Label>,
    /// The ids of the secrets that are live after the step.
    pub live_secrets: Vec<Label>,
}

/// That a token was made for a person whom the identity provider vouches for, not the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The issuer of the person's token.
    pub issuer: Label,
    /// What kind of token it was.
    pub token: Label,
}
