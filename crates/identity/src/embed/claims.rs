//! What an embed token says.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use weir_policy::{AttributeName, BusinessUnit, Locale, RoleName, Subject};

use crate::name::{ClientId, ParameterName, Slug, SubjectIssuer, TokenId, ViewerId};
use crate::origin::Origin;

/// Something a viewer may do besides looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Take a tile's rows away as CSV.
    ExportCsv,
    /// Take a tile's rows away as a workbook.
    ExportXlsx,
}

impl Right {
    /// Every right there is.
    pub const ALL: [Self; 2] = [Self::ExportCsv, Self::ExportXlsx];

    /// The right as tokens and requests spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ExportCsv => "export_csv",
            Self::ExportXlsx => "export_xlsx",
        }
    }
}

impl std::fmt::Display for Right {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a registered client was allowed to assert: a token without its issuer, id and times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbedGrant {
    /// Who is looking, in the realm of `subject_issuer`.
    pub viewer: ViewerId,
    /// Who vouches for the viewer: the client itself, or an identity provider.
    pub subject_issuer: SubjectIssuer,
    /// The registered client that asks.
    pub client_id: ClientId,
    /// The one dashboard the token opens.
    pub dashboard: Slug,
    /// The one origin it opens it from.
    pub origin: Origin,
    /// The viewer's business units.
    pub business_units: BTreeSet<BusinessUnit>,
    /// The viewer's attributes.
    pub attributes: BTreeMap<AttributeName, BTreeSet<String>>,
    /// The roles of the client's registration: a request cannot name any.
    pub roles: BTreeSet<RoleName>,
    /// The language of the page.
    pub locale: Locale,
    /// Parameters the viewer cannot change.
    pub parameters: BTreeMap<ParameterName, Vec<String>>,
    /// What the viewer may do besides looking.
    pub rights: BTreeSet<Right>,
    /// How long the token is to live.
    pub lifetime_seconds: i64,
}

/// The claims of an embed token. All of them must be there and no others may; a frame token also has
/// `cnf`, which names its key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbedClaims {
    /// Weir's public URL.
    pub iss: String,
    /// Always [`AUDIENCE`](super::AUDIENCE), as a string.
    pub aud: String,
    /// Who is looking, in the realm of `subject_issuer`.
    pub sub: ViewerId,
    /// Who vouches for the viewer (invariant 8).
    pub subject_issuer: SubjectIssuer,
    /// The registered client that asked for the token.
    pub client_id: ClientId,
    /// The one dashboard the token opens.
    pub dashboard: Slug,
    /// The one origin it opens it from.
    pub origin: Origin,
    /// The viewer's business units.
    pub business_units: BTreeSet<BusinessUnit>,
    /// The viewer's attributes.
    pub attributes: BTreeMap<AttributeName, BTreeSet<String>>,
    /// The roles of the client's registration.
    pub roles: BTreeSet<RoleName>,
    /// The language of the page.
    pub locale: Locale,
    /// Parameters the viewer cannot change.
    pub parameters: BTreeMap<ParameterName, Vec<String>>,
    /// What the viewer may do besides looking.
    pub rights: BTreeSet<Right>,
    /// The token's own id.
    pub jti: TokenId,
    /// The family of tokens that follow each other in one frame.
    pub family: TokenId,
    /// When it was issued, in seconds since 1970.
    pub iat: i64,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
}

/// Every claim by name, for telling an unknown claim from a malformed one.
pub(super) const CLAIMS: [&str; 17] = [
    "iss",
    "aud",
    "sub",
    "subject_issuer",
    "client_id",
    "dashboard",
    "origin",
    "business_units",
    "attributes",
    "roles",
    "locale",
    "parameters",
    "rights",
    "jti",
    "family",
    "iat",
    "exp",
];

impl EmbedClaims {
    /// Who is looking, as policies see them.
    #[must_use]
    pub fn subject(&self) -> Subject {
        let subject = Subject::new(self.subject_issuer.as_str(), self.sub.as_str())
            .with_business_units(self.business_units.iter().cloned())
            .with_roles(self.roles.iter().cloned());
        self.attributes
            .iter()
            .fold(subject, |subject, (name, values)| {
                subject.with_attribute(name.clone(), values.iter().cloned())
            })
    }

    /// Whether the token carries this right.
    #[must_use]
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// The moment from which the token is worth nothing.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.exp, 0)
    }
}
