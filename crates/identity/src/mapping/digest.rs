//! What a mapping means, in a few bytes.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::ClaimMapping;
use super::rules::{ClaimPath, Rules, SetRule};

/// What a mapping gives people, in a few bytes: SHA-256 of where units, roles and attributes come
/// from and which values count. Comments, the order of lists, and how people are called don't
/// change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MappingDigest([u8; 32]);

impl MappingDigest {
    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl ClaimMapping {
    /// Tells mappings apart that give the same claims different meaning.
    #[must_use]
    pub fn digest(&self) -> MappingDigest {
        let mut words = Words(Sha256::new());
        for (issuer, rules) in self.all_rules() {
            if let Some(issuer) = issuer {
                words.word("of issuer");
                words.word(issuer);
            }
            words.rules(rules);
        }
        MappingDigest(words.0.finalize().into())
    }
}

/// Hashes lists of words without two lists ever running together: each says its length first.
struct Words(Sha256);

impl Words {
    fn count(&mut self, count: usize) {
        self.0.update(count.to_be_bytes());
    }

    fn word(&mut self, word: &str) {
        self.count(word.len());
        self.0.update(word);
    }

    fn path(&mut self, path: &ClaimPath) {
        self.count(path.0.len());
        for name in &path.0 {
            self.word(name);
        }
    }

    fn rules(&mut self, rules: &Rules) {
        self.set(&rules.business_units);
        self.set(&rules.roles);
        self.count(rules.attributes.len());
        for (name, rule) in &rules.attributes {
            self.word(name.as_str());
            self.path(&rule.claim);
            match &rule.allow {
                None => self.word("every value"),
                Some(values) => {
                    self.word("these");
                    self.count(values.len());
                    for value in values {
                        self.word(value);
                    }
                }
            }
        }
    }

    fn set<T: AsRef<str>>(&mut self, rule: &SetRule<T>) {
        self.path(&rule.claim);
        self.count(rule.values.len());
        for (theirs, ours) in &rule.values {
            self.word(theirs);
            self.word(ours.as_ref());
        }
    }
}
