//! Access that was taken back or stopped, and given again.

use serde::{Deserialize, Serialize};
use weir_policy::BusinessUnit;

use crate::{Digest, Label};

/// Which embed tokens were revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokedTarget {
    /// One token.
    Jti(Label),
    /// A token and all that were got by it.
    Family(Label),
    /// All tokens about somebody.
    Subject(Digest),
    /// All tokens that carry a unit.
    BusinessUnit(BusinessUnit),
    /// All tokens for a dashboard.
    Dashboard(Label),
    /// All tokens of a client.
    Client(Label),
    /// Every token.
    All,
}

/// Embed tokens were revoked. The reason stays in the registry, its hash is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revoke {
    /// Who did it: an admin, or a client with its own tokens.
    pub by: Digest,
    /// The number of the revocation.
    pub number: u64,
    /// Which tokens.
    pub target: RevokedTarget,
    /// Only those of this client.
    pub client: Option<Label>,
    /// The hash of the reason.
    pub reason: Digest,
    /// How many sessions of the subject ended with it.
    pub sessions: u64,
}

/// What was locked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockedScope {
    /// Every dashboard, for everybody.
    All,
    /// One dashboard.
    Dashboard(Label),
    /// Whoever carries a unit.
    BusinessUnit(BusinessUnit),
}

/// What was done to a lockdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockdownStep {
    /// It began.
    Put,
    /// It ended.
    Lift,
}

/// Dashboards were locked, or opened again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Who did it.
    pub by: Digest,
    /// Which of both.
    pub step: LockdownStep,
    /// What.
    pub scope: LockedScope,
    /// The hash of the reason that it began for.
    pub reason: Digest,
}
