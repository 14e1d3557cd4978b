//! From an identity provider's claims to a [`Member`].
//!
//! `policies/identity.yaml` says which claims carry business units, roles and attributes, and which
//! of their values count. A value that is not on the allow-list is nothing; a claim of the wrong
//! JSON type refuses the sign-in, because somebody changed the provider and nobody knows to what.
//! With several providers the file says for each issuer what its claims mean; an issuer that it does
//! not name gives nothing.

mod digest;
mod document;
mod explain;
mod reach;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use weir_policy::{AttributeName, BusinessUnit, Locale, RoleName, Subject};

pub use self::digest::MappingDigest;
pub use self::document::MappingFileError;
pub use self::explain::{ClaimValue, Explanation, Verdict};
pub use self::reach::ProviderClaim;
use self::rules::Rules;
use crate::oidc::claims::IdentityClaims;

/// A person who signed in, as the rest of Weir knows them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "MemberRecord", into = "MemberRecord")]
pub struct Member {
    /// The identity `(issuer, sub)` with units, roles and attributes.
    pub subject: Subject,
    /// What to call the person on screen. Never an identity.
    pub display_name: String,
    /// The language the provider knows the person by, if it is one of ours.
    pub locale: Option<Locale>,
}

/// Why claims do not make a member. Names the claim and never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// The claim is of another JSON type than its use needs.
    #[error("claim `{claim}` is not {expected}")]
    WrongType {
        /// The claim, as the mapping names it.
        claim: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The claim has more or longer values than anybody could mean.
    #[error("claim `{claim}` is too large")]
    TooLarge {
        /// The claim, as the mapping names it.
        claim: String,
    },
    /// The provider left the claim out because there were too many values, and says to ask
    /// elsewhere (`_claim_names`). Taking it for empty would misjudge the person.
    #[error("claim `{claim}` was left out by the provider for its size")]
    LeftOut {
        /// The claim, as the mapping names it.
        claim: String,
    },
}

impl MappingError {
    /// A stable word for the audit log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongType { .. } => "claim_of_wrong_type",
            Self::TooLarge { .. } => "claim_too_large",
            Self::LeftOut { .. } => "claim_left_out",
        }
    }
}

/// Which claims become what, and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimMapping {
    sources: Sources,
}

/// Whose claims are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Sources {
    /// Those of the only provider there is, whatever it is called.
    TheOnlyOne(Box<Rules>),
    /// Those of these issuers, and of no other.
    Issuers(BTreeMap<String, Rules>),
}

impl ClaimMapping {
    /// Reads a mapping file.
    ///
    /// # Errors
    /// The first flaw with file, path inside it, what was expected, and the nearest known name.
    pub fn from_yaml(file: &str, text: &str) -> Result<Self, MappingFileError> {
        Self::check(file, text).map_err(|all| document::first(file, all))
    }

    /// Reads a mapping file as [`ClaimMapping::from_yaml`] does, and goes on behind a flaw.
    ///
    /// # Errors
    /// The first flaw of each claim. Of a text that is no YAML, the first.
    pub fn check(file: &str, text: &str) -> Result<Self, Vec<MappingFileError>> {
        document::read(file, text)
    }

    /// The member whom these claims describe. Claims of an issuer that is not mapped give nothing,
    /// and so do claims of one provider among several where the mapping names none.
    ///
    /// # Errors
    /// When a mapped claim is of the wrong type, too large, or left out for its size.
    pub fn member(&self, identity: &IdentityClaims) -> Result<Member, MappingError> {
        match self.rules_for(identity) {
            Some(rules) => rules.member(identity),
            None => Ok(Member {
                subject: Subject::new(identity.issuer(), identity.subject()),
                display_name: identity.subject().to_owned(),
                locale: None,
            }),
        }
    }

    /// Whether it says whose claims it means: with several providers it must.
    #[must_use]
    pub fn names_issuers(&self) -> bool {
        matches!(self.sources, Sources::Issuers(_))
    }

    fn rules_for(&self, identity: &IdentityClaims) -> Option<&Rules> {
        match &self.sources {
            Sources::TheOnlyOne(_) if identity.is_from_one_of_several() => None,
            Sources::TheOnlyOne(rules) => Some(rules),
            Sources::Issuers(issuers) => issuers.get(identity.issuer()),
        }
    }

    /// The rules, each with the issuer it is for, if it is for one.
    fn all_rules(&self) -> impl Iterator<Item = (Option<&str>, &Rules)> {
        let (only, issuers) = match &self.sources {
            Sources::TheOnlyOne(rules) => (Some((None, rules.as_ref())), None),
            Sources::Issuers(issuers) => (None, Some(issuers)),
        };
        let issuers = issuers.into_iter().flatten();
        let issuers = issuers.map(|(issuer, rules)| (Some(issuer.as_str()), rules));
        only.into_iter().chain(issuers)
    }
}

/// A member as sessions store it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberRecord {
    issuer: String,
    sub: String,
    business_units: BTreeSet<BusinessUnit>,
    roles: BTreeSet<RoleName>,
    attributes: BTreeMap<AttributeName, BTreeSet<String>>,
    display_name: String,
    locale: Option<Locale>,
}

impl From<Member> for MemberRecord {
    fn from(member: Member) -> Self {
        let subject = &member.subject;
        Self {
            issuer: subject.issuer().to_owned(),
            sub: subject.id().to_owned(),
            business_units: subject.business_units().clone(),
            roles: subject.roles().clone(),
            attributes: subject
                .attributes()
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect(),
            display_name: member.display_name,
            locale: member.locale,
        }
    }
}

impl TryFrom<MemberRecord> for Member {
    type Error = &'static str;

    fn try_from(record: MemberRecord) -> Result<Self, &'static str> {
        if record.issuer.is_empty() || record.sub.is_empty() {
            return Err("a member has an issuer and a sub");
        }
        let subject = Subject::new(record.issuer, record.sub)
            .with_business_units(record.business_units)
            .with_roles(record.roles);
        let subject = record
            .attributes
            .into_iter()
            .fold(subject, |subject, (name, values)| {
                subject.with_attribute(name, values)
            });
        Ok(Self {
            subject,
            display_name: record.display_name,
            locale: record.locale,
        })
    }
}

#[cfg(test)]
mod tests;
