//! Names and values as they lie on the server: names that nobody else can make, values that nobody
//! else can read, change or put in the place of another.
//!
//! Each fingerprint has a key of its own, so that no key seals more than the few values that one
//! question ever has, and the fingerprint is authenticated with the value as well.

use weir_identity::MasterKey;

use super::codec;
use crate::service::query_cache::Entry;

/// The form of names, keys and values. Another release with another form finds nothing of this one.
const VERSION: &str = "1";

/// The bytes of a fingerprint.
type Key = [u8; 32];

/// Seals answers for one deployment.
#[derive(Debug)]
pub(super) struct Sealer(MasterKey);

/// Not an answer to this question, made by this deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotAnAnswer;

impl Sealer {
    pub(super) fn new(key: &MasterKey, domain: &str) -> Self {
        let key = key.subkey(format!("shared cache {VERSION}").as_bytes());
        Self(key.subkey(domain.as_bytes()))
    }

    /// Where the answer lies. The braces keep it and its lease on one machine of a cluster.
    pub(super) fn name(&self, key: &Key) -> String {
        let name = self.0.name_of(key);
        format!("weir:{VERSION}:{{{}}}", hex(&name))
    }

    /// The answer as it is stored; `None` when it can't be.
    pub(super) fn seal(&self, key: &Key, entry: &Entry) -> Option<Vec<u8>> {
        let packed = codec::packed(entry)?;
        self.key(key).seal(&purpose(key), &packed).ok()
    }

    /// The answer in a stored value.
    pub(super) fn open(&self, key: &Key, value: &[u8]) -> Result<Entry, NotAnAnswer> {
        let packed = self.key(key).open(&purpose(key), value);
        let packed = packed.map_err(|_| NotAnAnswer)?;
        codec::unpacked(&packed).ok_or(NotAnAnswer)
    }

    fn key(&self, key: &Key) -> MasterKey {
        self.0.subkey(key)
    }
}

fn purpose(key: &Key) -> String {
    format!("answer {VERSION} {}", hex(key))
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.map(|byte| format!("{byte:02x}")).concat()
}

#[cfg(test)]
mod tests;
