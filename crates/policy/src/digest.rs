//! Hashing of structured things: every part is preceded by its length, so no two structures of
//! different shape share their bytes.

/// A hash in the making.
pub(crate) struct Digest(blake3::Hasher);

impl Digest {
    /// Starts a hash of one kind of thing.
    pub(crate) fn new(kind: &str) -> Self {
        let mut digest = Self(blake3::Hasher::new());
        digest.text(kind);
        digest
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len());
        self.0.update(text.as_bytes());
        self
    }

    /// Adds the length of what follows.
    pub(crate) fn count(&mut self, count: usize) -> &mut Self {
        self.0.update(&(count as u64).to_le_bytes());
        self
    }

    /// The hash of everything added.
    pub(crate) fn finish(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}
