//! What may stand in the audit log. Every field is a name, a digest or a number: there is no
//! place for a row value, a token or a secret. A `subject` is the digest of `(issuer, sub)`, so one
//! person's records can be followed through changes of their claims.

mod access;
mod budget;
mod client_step;
mod drift_step;
mod embed_step;
mod policy_step;
mod view_as;

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use weir_policy::{BusinessUnit, RoleName, RuleId};

pub use self::access::{Lock, LockdownStep, LockedScope, Revoke, RevokedTarget};
pub use self::budget::{BudgetAlert, BudgetStep, BudgetStepKind, BudgetedScope};
pub use self::client_step::{ClientStep, ClientStepKind, Exchange};
pub use self::drift_step::{DriftStep, DriftStepKind};
pub use self::embed_step::{Bind, KeyStep, KeyStepKind};
pub use self::policy_step::{PolicyStep, PolicyStepKind};
pub use self::view_as::{Lens, Rules, ViewAs, ViewAsStep};
use crate::time::canonical;
use crate::{Digest, Label, RequestId};

/// Something that happened and must be provable later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    #[serde(with = "canonical")]
    at: DateTime<Utc>,
    request: RequestId,
    fact: Fact,
}

impl AuditEvent {
    /// An event at a time, cut to milliseconds, caused by a request.
    #[must_use]
    pub fn new(at: DateTime<Utc>, request: RequestId, fact: Fact) -> Self {
        Self {
            at: at.trunc_subsecs(3),
            request,
            fact,
        }
    }

    /// When it happened.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The request that caused it.
    #[must_use]
    pub fn request(&self) -> &RequestId {
        &self.request
    }

    /// What happened.
    #[must_use]
    pub fn fact(&self) -> &Fact {
        &self.fact
    }
}

/// What happened, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// A tile's rows went to somebody, from the engine or the cache.
    DataRead(DataRead),
    /// Somebody was refused.
    Denial(Denial),
    /// An embed token was made.
    Mint(Mint),
    /// An embedded dashboard was opened.
    Launch(Launch),
    /// A member signed in.
    SignIn(SignIn),
    /// A member's session ended.
    SignOut(SignOut),
    /// A step in the life of a change of policies or dashboards.
    PolicyStep(PolicyStep),
    /// An admin began or ended looking through somebody else's eyes.
    ViewAs(ViewAs),
    /// An admin took a part of this log away.
    AuditExport(AuditExport),
    /// A step with the registration of an embed client.
    ClientStep(ClientStep),
    /// A launch token was exchanged for a frame's own.
    Bind(Bind),
    /// A step with the keys of embed tokens.
    KeyStep(KeyStep),
    /// Embed tokens were revoked.
    Revoke(Revoke),
    /// Dashboards were locked, or opened again.
    Lock(Lock),
    /// A table stopped being what its dataset declares, or is again.
    Drift(DriftStep),
    /// A step with a budget.
    BudgetStep(BudgetStep),
    /// A budget was used up to a part.
    BudgetAlert(BudgetAlert),
}

impl Fact {
    /// The stable name of the kind, as it is stored.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DataRead(_) => "data_read",
            Self::Denial(_) => "denial",
            Self::Mint(_) => "mint",
            Self::Launch(_) => "launch",
            Self::SignIn(_) => "sign_in",
            Self::SignOut(_) => "sign_out",
            Self::PolicyStep(_) => "policy_step",
            Self::ViewAs(_) => "view_as",
            Self::AuditExport(_) => "audit_export",
            Self::ClientStep(_) => "client_step",
            Self::Bind(_) => "bind",
            Self::KeyStep(_) => "key_step",
            Self::Revoke(_) => "revoke",
            Self::Lock(_) => "lock",
            Self::Drift(_) => "drift",
            Self::BudgetStep(_) => "budget_step",
            Self::BudgetAlert(_) => "budget_alert",
        }
    }
}

/// Which door somebody came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Realm {
    /// A viewer with an embed token.
    Embed,
    /// A member with a session.
    Browser,
    /// A service with a client credential.
    Service,
}

/// Where rows came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Kept from an earlier read.
    Cache,
    /// Computed for this read.
    Engine,
    /// Kept from an earlier read and past its age, while a newer one is computed.
    Stale,
    /// Computed for another read that ran at the same time.
    Coalesced,
}

/// How a data read ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadOutcome {
    /// Every row of the answer.
    Answered,
    /// The first rows, up to the limit.
    Truncated,
    /// The engine failed; no row left.
    Failed,
    /// A budget was spent, so nothing was computed; no row left.
    Refused,
}

/// One tile read by one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataRead {
    /// The door.
    pub realm: Realm,
    /// Who.
    pub subject: Digest,
    /// Which dashboard.
    pub dashboard: Label,
    /// Which tile.
    pub tile: Label,
    /// The one business unit of whoever looked. Not written where they have none or several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_unit: Option<BusinessUnit>,
    /// The policy revision that decided; under a draft, the one that it changes.
    pub policy_revision: u64,
    /// The rules that matched, in the grant's order.
    pub matched_rules: Vec<RuleId>,
    /// The fingerprint of the governed statement.
    pub fingerprint: Digest,
    /// The snapshot the answer was computed on.
    pub snapshot: Label,
    /// Cache or engine.
    pub source: Source,
    /// Rows handed out.
    pub rows: u64,
    /// Bytes the engine read for them; 0 from the cache.
    pub bytes: u64,
    /// How it ended.
    pub outcome: ReadOutcome,
    /// Through whose eyes. Not written where the subject looked with their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_as: Option<Lens>,
    /// As what the rows were taken along. Not written where they were only looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<ExportFormat>,
}

/// As what rows are taken along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// Comma-separated text.
    Csv,
}

/// A refusal, with as much as was known when it was decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denial {
    /// The door.
    pub realm: Realm,
    /// The stable code of the reason.
    pub code: Label,
    /// Who, once they were known.
    pub subject: Option<Digest>,
    /// Which dashboard was asked for, if it exists.
    pub dashboard: Option<Label>,
    /// Which tile was withheld.
    pub tile: Option<Label>,
    /// The policy revision that decided, when a policy did.
    pub policy_revision: Option<u64>,
    /// Through whose eyes. Not written where the subject looked with their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view_as: Option<Lens>,
    /// The embed client that was refused. Not written where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Label>,
}

impl Denial {
    /// A refusal of somebody about whom nothing else is known; set the fields that are.
    #[must_use]
    pub fn new(realm: Realm, code: Label) -> Self {
        Self {
            realm,
            code,
            subject: None,
            dashboard: None,
            tile: None,
            policy_revision: None,
            view_as: None,
            client: None,
        }
    }
}

/// An embed token made for an embed client. The token itself is not recorded, its id is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mint {
    /// The embed client that asked.
    pub client: Label,
    /// Whom the token is about.
    pub subject: Digest,
    /// The dashboard it opens.
    pub dashboard: Label,
    /// The page it may be framed by.
    pub origin: Label,
    /// The token's id, by which it can be revoked.
    pub token_id: Label,
    /// The units it speaks for.
    pub business_units: Vec<BusinessUnit>,
    /// What it allows beyond looking.
    pub rights: Vec<Label>,
    /// How long it lives.
    pub expires_in_seconds: u64,
    /// Who vouches for the subject, if not the client. Not written where the client does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<Exchange>,
}

/// How an embedded dashboard was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaunchMethod {
    /// The token was posted into the frame.
    Form,
    /// A single-use code was in the address.
    Code,
}

/// An embedded dashboard was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// Who.
    pub subject: Digest,
    /// Which dashboard.
    pub dashboard: Label,
    /// The one business unit of whoever looks. Not written where they have none or several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_unit: Option<BusinessUnit>,
    /// The page around it.
    pub origin: Label,
    /// The id of the token that opened it.
    pub token_id: Label,
    /// Form or code.
    pub method: LaunchMethod,
}

/// A member signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    /// Who.
    pub subject: Digest,
    /// The units the identity provider gave them.
    pub business_units: Vec<BusinessUnit>,
    /// The roles it gave them.
    pub roles: Vec<RoleName>,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignOutCause {
    /// The member asked for it.
    Member,
    /// The identity provider did: it said so, or says nothing good of the member any more.
    IdentityProvider,
    /// The identity provider could not be asked for too long.
    ProviderUnavailable,
}

/// A member's session ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOut {
    /// Who.
    pub subject: Digest,
    /// Why.
    pub cause: SignOutCause,
    /// How many sessions ended with it.
    pub sessions: u64,
}

/// Records of this log went to an admin as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditExport {
    /// Who took them.
    pub by: Digest,
    /// As which kind of file.
    pub format: Label,
    /// From when on, in milliseconds since 1970-01-01 UTC; from the first where nothing was said.
    pub from_ms: Option<i64>,
    /// Up to when, that moment excluded.
    pub to_ms: Option<i64>,
}
