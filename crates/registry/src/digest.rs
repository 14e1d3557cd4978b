//! 32 bytes that stand for something which is not stored.

use std::fmt;

use serde::{Deserialize, Serialize};
use weir_policy::SubjectDigest;

/// A 256-bit digest: of a session id, a launch code, a subject, a statement or an audit record.
/// It is how the registry finds things without holding the secret they belong to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest([u8; 32]);

/// Why a text is not a digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// Not 64 characters of text, or not 32 bytes in the database.
    #[error("expected 32 bytes or 64 hexadecimal digits, found a length of {0}")]
    Length(usize),
    /// A character outside `0-9a-f`.
    #[error("expected lower-case hexadecimal digits, found `{0}`")]
    Character(char),
}

impl Digest {
    /// Reads 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// [`DigestError`] says whether the length or a character is wrong.
    pub fn parse(hex: &str) -> Result<Self, DigestError> {
        let mut nibbles = [0_u8; 64];
        let length = hex.chars().count();
        if length != nibbles.len() {
            return Err(DigestError::Length(length));
        }
        for (nibble, character) in nibbles.iter_mut().zip(hex.chars()) {
            *nibble = nibble_of(character).ok_or(DigestError::Character(character))?;
        }
        let mut bytes = [0_u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(nibbles.chunks_exact(2)) {
            *byte = pair.iter().fold(0, |sum, nibble| sum << 4 | nibble);
        }
        Ok(Self(bytes))
    }

    /// The bytes, as they are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What stands before the first link of a chain.
    pub(crate) const fn zero() -> Self {
        Self([0; 32])
    }

    /// Its hexadecimal digits. Every record holds a few: this is ten times as fast as formatting.
    pub(crate) fn hex(&self) -> [u8; 64] {
        let mut digits = [0; 64];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(self.0) {
            pair.iter_mut()
                .zip([byte >> 4, byte & 15])
                .for_each(|(digit, nibble)| *digit = digit_of(nibble));
        }
        digits
    }

    /// For binding to a statement.
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl From<[u8; 32]> for Digest {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl From<SubjectDigest> for Digest {
    fn from(subject: SubjectDigest) -> Self {
        Self(*subject.as_bytes())
    }
}

impl TryFrom<Vec<u8>> for Digest {
    type Error = DigestError;

    fn try_from(bytes: Vec<u8>) -> Result<Self, DigestError> {
        let length = bytes.len();
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| DigestError::Length(length))
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(hex: String) -> Result<Self, DigestError> {
        Self::parse(&hex)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.hex()).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

fn digit_of(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + nibble - 10,
    }
}

fn nibble_of(character: char) -> Option<u8> {
    match character {
        '0'..='9' | 'a'..='f' => character
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_text_and_bytes_are_the_same_digest() {
        let bytes: [u8; 32] = std::array::from_fn(|i| u8::try_from(i * 7 + 3).unwrap());

        let digest = Digest::from(bytes);

        assert_eq!(Digest::parse(&digest.to_string()), Ok(digest));
        assert_eq!(Digest::try_from(bytes.to_vec()), Ok(digest));
    }

    #[test]
    fn anything_but_64_lower_case_digits_is_refused() {
        assert_eq!(Digest::parse("ab"), Err(DigestError::Length(2)));
        assert_eq!(
            Digest::parse(&"A".repeat(64)),
            Err(DigestError::Character('A'))
        );
        assert_eq!(
            Digest::parse(&"é".repeat(64)),
            Err(DigestError::Character('é'))
        );
        assert_eq!(Digest::try_from(vec![0; 31]), Err(DigestError::Length(31)));
    }
}
