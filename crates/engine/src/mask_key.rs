//! The key of the hash mask.

use std::fmt::{self, Write as _};
use std::hash::{Hash, Hasher};

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Hexadecimal digits a masked value keeps: enough that equal means equal, too few to store.
const DIGITS: usize = 16;

/// The deployment's secret behind the `hash` mask. Equal values stay equal under one key; without
/// the key nobody can try values.
#[derive(Clone)]
pub struct MaskKey {
    bytes: [u8; 32],
    // The state after the key was taken in, which is half of the work for a short value.
    keyed: Hmac<Sha256>,
}

impl MaskKey {
    /// A key of these bytes, which should come from a generator of randomness.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        // A key shorter than the hash's block is padded with zeros (RFC 2104 §2).
        let mut block = [0; 64];
        for (padded, byte) in block.iter_mut().zip(bytes) {
            *padded = byte;
        }
        let keyed = <Hmac<Sha256> as KeyInit>::new(&block.into());
        Self { bytes, keyed }
    }

    /// The key itself, for an engine that masks in its own process. Never part of a text.
    pub(crate) fn to_hex(&self) -> String {
        hex(self.bytes)
    }

    /// The masked form of `value`: 16 hexadecimal digits of its HMAC-SHA-256.
    #[must_use]
    pub fn mask(&self, value: &str) -> String {
        let digest = self
            .keyed
            .clone()
            .chain_update(value)
            .finalize()
            .into_bytes();
        hex(digest.into_iter().take(DIGITS / 2))
    }
}

/// Two lower-case hexadecimal digits for each byte.
pub(crate) fn hex(bytes: impl IntoIterator<Item = u8>) -> String {
    let bytes = bytes.into_iter();
    let mut digits = String::with_capacity(bytes.size_hint().0 * 2);
    for byte in bytes {
        // Writing into a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

impl PartialEq for MaskKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for MaskKey {}

impl Hash for MaskKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl fmt::Debug for MaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MaskKey(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_is_the_start_of_the_hmac() {
        // RFC 4231, test case 2, has a four-byte key; padded with zeros it is the same key.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");

        let masked = MaskKey::new(key).mask("what do ya want for nothing?");

        assert_eq!(masked, "5bdcc146bf60754e");
    }

    #[test]
    fn the_key_is_not_printed() {
        assert_eq!(format!("{:?}", MaskKey::new([1; 32])), "MaskKey(secret)");
    }
}
