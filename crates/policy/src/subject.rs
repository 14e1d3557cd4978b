//! Who is asking.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::digest::Digest;
use crate::name::{AttributeName, BusinessUnit, RoleName};

/// Who is asking: `(issuer, sub)` and the claims that policies may look at.
///
/// Two subjects are equal only if the identity and every claim is equal. Blank attribute values
/// are dropped on the way in, so that an empty claim and a missing one are the same thing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    issuer: String,
    id: String,
    business_units: BTreeSet<BusinessUnit>,
    roles: BTreeSet<RoleName>,
    attributes: BTreeMap<AttributeName, BTreeSet<String>>,
}

/// A stable pseudonym: what logs, memo keys and audit records hold instead of the `sub`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectDigest([u8; 32]);

impl Subject {
    /// A subject without any claim.
    pub fn new(issuer: impl Into<String>, sub: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            id: sub.into(),
            business_units: BTreeSet::new(),
            roles: BTreeSet::new(),
            attributes: BTreeMap::new(),
        }
    }

    /// Adds business units.
    #[must_use]
    pub fn with_business_units(mut self, units: impl IntoIterator<Item = BusinessUnit>) -> Self {
        self.business_units.extend(units);
        self
    }

    /// Adds roles.
    #[must_use]
    pub fn with_roles(mut self, roles: impl IntoIterator<Item = RoleName>) -> Self {
        self.roles.extend(roles);
        self
    }

    /// Adds values to an attribute. Values that are empty or white space only are dropped; an
    /// attribute without any other value stays absent.
    #[must_use]
    pub fn with_attribute<V: Into<String>>(
        mut self,
        name: AttributeName,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let mut kept = values
            .into_iter()
            .map(Into::into)
            .filter(|value| !value.trim().is_empty())
            .peekable();
        if kept.peek().is_some() {
            self.attributes.entry(name).or_default().extend(kept);
        }
        self
    }

    /// Somebody else with the same claims: no rule can tell them apart.
    #[must_use]
    pub fn renamed(&self, issuer: impl Into<String>, sub: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            id: sub.into(),
            business_units: self.business_units.clone(),
            roles: self.roles.clone(),
            attributes: self.attributes.clone(),
        }
    }

    /// Who vouches for the subject.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The `sub`, unique for its issuer only.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The units whose data the subject works with.
    #[must_use]
    pub fn business_units(&self) -> &BTreeSet<BusinessUnit> {
        &self.business_units
    }

    /// The roles the subject holds.
    #[must_use]
    pub fn roles(&self) -> &BTreeSet<RoleName> {
        &self.roles
    }

    /// The values of an attribute; never an empty set.
    #[must_use]
    pub fn attribute(&self, name: &AttributeName) -> Option<&BTreeSet<String>> {
        self.attributes.get(name)
    }

    /// All attributes in the order of their names.
    pub fn attributes(&self) -> impl Iterator<Item = (&AttributeName, &BTreeSet<String>)> {
        self.attributes.iter()
    }

    /// Digest of identity and claims: equal for equal subjects, and only for those.
    #[must_use]
    pub fn digest(&self) -> SubjectDigest {
        let mut digest = Digest::new("weir subject 1");
        digest.text(&self.issuer).text(&self.id);
        digest.count(self.business_units.len());
        for unit in &self.business_units {
            digest.text(unit.as_str());
        }
        digest.count(self.roles.len());
        for role in &self.roles {
            digest.text(role.as_str());
        }
        digest.count(self.attributes.len());
        for (name, values) in &self.attributes {
            digest.text(name.as_str()).count(values.len());
            for value in values {
                digest.text(value);
            }
        }
        SubjectDigest(digest.finish())
    }

    /// Digest of `(issuer, sub)` alone: follows one person through changes of their claims.
    #[must_use]
    pub fn identity_digest(&self) -> SubjectDigest {
        let mut digest = Digest::new("weir identity 1");
        digest.text(&self.issuer).text(&self.id);
        SubjectDigest(digest.finish())
    }
}

impl SubjectDigest {
    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for SubjectDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attribute(name: &str) -> AttributeName {
        AttributeName::parse(name).unwrap()
    }

    #[test]
    fn blank_attribute_values_count_as_absent() {
        let subject = Subject::new("idp", "u1")
            .with_attribute(attribute("region"), ["", " ", "\u{a0}\t"])
            .with_attribute(attribute("clearance"), ["", "high"])
            .with_attribute(attribute("team"), Vec::<String>::new());

        assert_eq!(subject.attribute(&attribute("region")), None);
        assert_eq!(subject.attribute(&attribute("team")), None);
        assert_eq!(subject.attribute(&attribute("clearance")).unwrap().len(), 1);
    }

    #[test]
    fn invariant_8_issuer_and_sub_are_the_identity() {
        let here = Subject::new("https://here", "u1");
        let there = Subject::new("https://there", "u1");

        assert_ne!(here, there);
        assert_ne!(here.digest(), there.digest());
        assert_ne!(
            Subject::new("ab", "c").digest(),
            Subject::new("a", "bc").digest()
        );
    }

    #[test]
    fn the_digest_covers_every_claim_and_the_identity_digest_none() {
        let plain = Subject::new("idp", "u1");
        let claims = [
            plain
                .clone()
                .with_business_units([BusinessUnit::parse("auto").unwrap()]),
            plain.clone().with_roles([RoleName::parse("auto").unwrap()]),
            plain.clone().with_attribute(attribute("auto"), ["auto"]),
            plain
                .clone()
                .with_attribute(attribute("auto"), ["auto", "home"]),
        ];

        let mut digests: Vec<_> = claims.iter().map(Subject::digest).collect();
        digests.push(plain.digest());
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), 5);
        assert!(
            claims
                .iter()
                .all(|s| s.identity_digest() == plain.identity_digest())
        );
        assert!(!plain.digest().to_string().contains("u1"));
    }
}
