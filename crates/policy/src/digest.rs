//! Hashing of structured things: every part is preceded by its length, so no two structures of
//! different shape share their bytes.

/// What is to be hashed, laid out.
pub(crate) struct Digest(Vec<u8>);

impl Digest {
    /// Starts a hash of one kind of thing.
    pub(crate) fn new(kind: &str) -> Self {
        let mut digest = Self(Vec::with_capacity(256));
        digest.text(kind);
        digest
    }

    /// Adds a text.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    /// Adds the length of what follows.
    pub(crate) fn count(&mut self, count: usize) -> &mut Self {
        self.0.extend_from_slice(&(count as u64).to_le_bytes());
        self
    }

    /// The hash of everything added.
    pub(crate) fn finish(&self) -> [u8; 32] {
        *blake3::hash(&self.0).as_bytes()
    }
}
