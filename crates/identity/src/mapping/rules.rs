//! What the mapping of one issuer says, and how claims are read by it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use weir_policy::{AttributeName, BusinessUnit, Locale, RoleName, Subject};

use super::{MappingError, Member};
use crate::oidc::claims::IdentityClaims;

/// More values than this in one claim refuse the sign-in.
pub(super) const MAX_VALUES: usize = 1000;

/// Longer values refuse the sign-in.
pub(super) const MAX_VALUE_BYTES: usize = 256;

/// Which claims of one issuer become what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rules {
    pub(super) business_units: SetRule<BusinessUnit>,
    pub(super) roles: SetRule<RoleName>,
    pub(super) attributes: BTreeMap<AttributeName, AttributeRule>,
    pub(super) display_name: ClaimPath,
    pub(super) locale: ClaimPath,
}

/// A claim whose values are names on an allow-list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SetRule<T> {
    pub(super) claim: ClaimPath,
    /// From the provider's spelling to the name it means.
    pub(super) values: BTreeMap<String, T>,
}

/// A claim whose values are attribute values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AttributeRule {
    pub(super) claim: ClaimPath,
    /// `None` takes every value.
    pub(super) allow: Option<BTreeSet<String>>,
}

/// The way to a claim inside the ID token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClaimPath(pub(super) Vec<String>);

impl Rules {
    pub(super) fn member(&self, identity: &IdentityClaims) -> Result<Member, MappingError> {
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
    pub(super) fn read(&self, claims: &Map<String, Value>) -> Result<Vec<T>, MappingError> {
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
    pub(super) fn find<'a>(
        &self,
        claims: &'a Map<String, Value>,
    ) -> Result<Option<&'a Value>, MappingError> {
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

    pub(super) fn read_text<'a>(
        &self,
        claims: &'a Map<String, Value>,
    ) -> Result<Option<&'a str>, MappingError> {
        match self.find(claims)? {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong_type("a text")),
        }
    }

    pub(super) fn texts<'a>(&self, items: &'a [Value]) -> Result<Vec<&'a str>, MappingError> {
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

    pub(super) fn wrong_type(&self, expected: &'static str) -> MappingError {
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
