//! A stamp file remembers what something was made from, so that it is not made twice.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use sha2::{Digest, Sha256};

/// A hash of everything that goes into a product.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    hasher: Sha256,
}

impl Inputs {
    /// A word that matters: a version, an option.
    #[must_use]
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.add(text.as_bytes());
        self
    }

    /// One file, or every file below a directory, by relative name and content.
    pub(crate) fn path(mut self, root: &Path, relative: &str) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        collect(&root.join(relative), &mut files)?;
        files.sort();
        for file in files {
            let name = file.strip_prefix(root).unwrap_or(&file);
            let content = fs::read(&file).with_context(|| format!("reading {}", file.display()))?;
            self.add(name.to_string_lossy().as_bytes());
            self.add(&content);
        }
        Ok(self)
    }

    /// The hash, in hexadecimal.
    pub(crate) fn digest(self) -> String {
        hex(&self.hasher.finalize())
    }

    // With its length in front, so that no two lists of parts hash alike.
    fn add(&mut self, part: &[u8]) {
        self.hasher.update(part.len().to_le_bytes());
        self.hasher.update(part);
    }
}

/// The hash of one content, short enough for a file name.
pub(crate) fn content_hash(content: &[u8]) -> String {
    hex(&Sha256::digest(content)).chars().take(16).collect()
}

/// Whether the product was made from these inputs.
pub(crate) fn matches(stamp: &Path, digest: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text.trim() == digest)
}

/// Remembers the inputs, once the product is complete.
pub(crate) fn write(stamp: &Path, digest: &str) -> anyhow::Result<()> {
    fs::write(stamp, format!("{digest}\n")).with_context(|| format!("writing {}", stamp.display()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    let entries = fs::read_dir(path).with_context(|| format!("reading {}", path.display()))?;
    for entry in entries {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves
        .filter_map(|half| char::from_digit(half.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
    }

    #[test]
    fn the_same_inputs_give_the_same_digest() {
        let digest = || Inputs::default().path(&sources(), "src").unwrap().digest();

        assert_eq!(digest(), digest());
    }

    #[test]
    fn an_input_more_gives_another_digest() {
        let one = Inputs::default().path(&sources(), "src/main.rs").unwrap();
        let two = Inputs::default()
            .path(&sources(), "src/main.rs")
            .unwrap()
            .text("release");

        assert_ne!(one.digest(), two.digest());
    }

    #[test]
    fn parts_are_not_glued_together() {
        let one = Inputs::default().text("ab").text("c");
        let two = Inputs::default().text("a").text("bc");

        assert_ne!(one.digest(), two.digest());
    }

    #[test]
    fn a_missing_input_is_an_error_with_its_name() {
        let error = Inputs::default().path(&sources(), "nowhere").unwrap_err();

        assert!(format!("{error:#}").contains("nowhere"));
    }
}
