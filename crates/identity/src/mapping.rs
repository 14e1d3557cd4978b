//! From an identity provider's claims to a [`Member`].
//!
//! `policies/identity.yaml` says which claims carry business units, roles and attributes, and which
//! of their values count. A value that is not on the allow-list is nothing; a claim of the wrong
//! JSON type refuses the sign-in, because somebody changed the provider and nobody knows to what.

mod digest;
mod document;
mod reach;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use weir_policy::{AttributeName, BusinessUnit, Locale, RoleName, Subject};

pub use self::digest::MappingDigest;
pub use self::document::MappingFileError;
pub use self::reach::ProviderClaim;
use crate::oidc::claims::IdentityClaims;

/// More values than this in one claim refuse the sign-in.
const MAX_VALUES: usize = 1000;

/// Longer values refuse the sign-in.
const MAX_VALUE_BYTES: usize = 256;

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

/// Which claims become what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimMapping {
    business_units: SetRule<BusinessUnit>,
    roles: SetRule<RoleName>,
    attributes: BTreeMap<AttributeName, AttributeRule>,
    display_name: ClaimPath,
    locale: ClaimPath,
}

/// A claim whose values are names on an allow-list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SetRule<T> {
    claim: ClaimPath,
    /// From the provider's spelling to the name it means.
    values: BTreeMap<String, T>,
}

/// A claim whose values are attribute values.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AttributeRule {
    claim: ClaimPath,
    /// `None` takes every value.
    allow: Option<BTreeSet<String>>,
}

/// The way to a claim inside the ID token.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ClaimPath(Vec<String>);

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

    /// The member whom these claims describe.
    ///
    /// # Errors
    /// When a mapped claim is of the wrong type, too large, or left out for its size.
    pub fn member(&self, identity: &IdentityClaims) -> Result<Member, MappingError> {
        let claims = identity.claims();
        let mut subject = Subject::new(identity.issuer(), identity.subject())
            .with_business_units(self.business_units.read(claims)?)
            .with_roles(self.roles.read(claims)?);
        for (name, rule) in &self.attributes {
            subject = subject.with_attribute(name.clone(), rule.read(claims)?);
        }
        let display_name = self.display_name.read_text(claims)?.and_then(displayable);
        let locale = self.locale.read_text(claims)?.and_then(Locale::nearest);
        Ok(Member {
            display_name: display_name.unwrap_or_else(|| identity.subject().to_owned()),
            locale,
            subject,
        })
    }
}

impl<T: Clone> SetRule<T> {
    fn read(&self, claims: &Map<String, Value>) -> Result<Vec<T>, MappingError> {
        let Some(value) = self.claim.find(claims)? else {
            return Ok(Vec::new());
        };
        let Value::Array(items) = value else {
            return Err(self.claim.wrong_type("a list of texts"));
        };
        let values = self.claim.texts(items)?;
        Ok(values
            .into_iter()
            .filter_map(|value| self.values.get(value).cloned())
            .collect())
    }
}

impl AttributeRule {
    /// Takes a list of texts or, as providers write single values, one text.
    fn read(&self, claims: &Map<String, Value>) -> Result<Vec<String>, MappingError> {
        let Some(value) = self.claim.find(claims)? else {
            return Ok(Vec::new());
        };
        let items = match value {
            Value::Array(items) => items.as_slice(),
            Value::String(_) => std::slice::from_ref(value),
            _ => return Err(self.claim.wrong_type("a text or a list of texts")),
        };
        let allowed = |value: &&str| self.allow.as_ref().is_none_or(|list| list.contains(*value));
        Ok(self
            .claim
            .texts(items)?
            .into_iter()
            .filter(allowed)
            .map(str::to_owned)
            .collect())
    }
}

impl ClaimPath {
    /// The claim's value; `None` if it is not there.
    fn find<'a>(&self, claims: &'a Map<String, Value>) -> Result<Option<&'a Value>, MappingError> {
        let mut map = claims;
        let Some((last, way)) = self.0.split_last() else {
            return Ok(None);
        };
        for name in way {
            match map.get(name) {
                Some(Value::Object(inner)) => map = inner,
                Some(_) => return Err(self.wrong_type("inside an object")),
                None => return self.absent(claims),
            }
        }
        match map.get(last) {
            Some(value) => Ok(Some(value)),
            None => self.absent(claims),
        }
    }

    /// OIDC Core §5.6.2: `_claim_names` lists claims that are to be fetched from elsewhere.
    fn absent<'a>(&self, claims: &Map<String, Value>) -> Result<Option<&'a Value>, MappingError> {
        let elsewhere = claims.get("_claim_names").and_then(Value::as_object);
        let first = self.0.first().map(String::as_str).unwrap_or_default();
        match elsewhere {
            Some(names) if names.contains_key(first) => Err(MappingError::LeftOut {
                claim: self.to_string(),
            }),
            _ => Ok(None),
        }
    }

    fn read_text<'a>(
        &self,
        claims: &'a Map<String, Value>,
    ) -> Result<Option<&'a str>, MappingError> {
        match self.find(claims)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong_type("a text")),
        }
    }

    fn texts<'a>(&self, items: &'a [Value]) -> Result<Vec<&'a str>, MappingError> {
        if items.len() > MAX_VALUES {
            return Err(MappingError::TooLarge {
                claim: self.to_string(),
            });
        }
        let text = |item: &'a Value| match item.as_str() {
            None => Err(self.wrong_type("a list of texts")),
            Some(text) if text.len() > MAX_VALUE_BYTES => Err(MappingError::TooLarge {
                claim: self.to_string(),
            }),
            Some(text) => Ok(text),
        };
        items.iter().map(text).collect()
    }

    fn wrong_type(&self, expected: &'static str) -> MappingError {
        MappingError::WrongType {
            claim: self.to_string(),
            expected,
        }
    }
}

impl std::fmt::Display for ClaimPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// A name fit for a page header: no control characters, no direction overrides, not endless.
fn displayable(name: &str) -> Option<String> {
    let unsafe_mark = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let shown: String = name
        .chars()
        .filter(|c| !unsafe_mark(*c))
        .take(100)
        .collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
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
