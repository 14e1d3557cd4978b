//! The seal of a revision's row: a chain of hashes like the audit's, so that a row that was edited
//! shows without the audit at hand. Whoever can rewrite every later row can forge it; the audit's
//! record of the publication, and a copy of its head elsewhere, still contradict them.

use sha2::{Digest as _, Sha256};

use crate::Digest;

/// `SHA-256("weir revision 1\n" || seal before, or nothing || columns)`, where a number is 0x00 for
/// NULL or 0x01 and eight bytes, and bytes come after their length in eight bytes, big-endian.
pub(super) struct Seal(Sha256);

impl Seal {
    pub(super) fn after(before: Option<&[u8]>) -> Self {
        let mut seal = Self(Sha256::new());
        seal.0.update(b"weir revision 1\n");
        seal.bytes(before.unwrap_or_default());
        seal
    }

    pub(super) fn number(&mut self, number: Option<i64>) -> &mut Self {
        match number {
            None => self.0.update([0]),
            Some(number) => {
                self.0.update([1]);
                self.0.update(number.to_be_bytes());
            }
        }
        self
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        // usize is at most 64 bits on every target Rust has.
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.update(length.to_be_bytes());
        self.0.update(bytes);
        self
    }

    pub(super) fn finish(self) -> Digest {
        Digest::from(<[u8; 32]>::from(self.0.finalize()))
    }
}
