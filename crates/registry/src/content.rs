//! What is versioned: the files of the policies and dashboards folders, byte for byte.

mod path;
pub(crate) mod store;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use sha2::{Digest as _, Sha256};

pub use self::path::{ContentPath, ContentPathError};
use crate::Digest;

/// All versioned files of one moment: policies, decision tables, claim mapping, datasets,
/// dashboards. Texts are kept byte for byte as they were pushed; two trees are the same content
/// exactly when their paths and texts are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContentTree {
    files: BTreeMap<ContentPath, String>,
}

/// A file that differs between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileChange {
    /// Which file.
    pub path: ContentPath,
    /// What became of it.
    pub kind: ChangeKind,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// Its text is another one.
    Changed,
}

/// Why files are not a tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// Two files with one name.
    #[error("file `{0}` is there twice")]
    Duplicate(ContentPath),
    /// More files than anybody reviews.
    #[error("expected at most {limit} files, found more")]
    TooManyFiles {
        /// The most that are allowed.
        limit: usize,
    },
    /// One file is too long.
    #[error("file `{path}` has {bytes} bytes, and {limit} are allowed")]
    FileTooLong {
        /// Which.
        path: ContentPath,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// All files together are too long.
    #[error("the files have more than {limit} bytes together")]
    TreeTooLong {
        /// How long they may be.
        limit: usize,
    },
    /// U+0000 occurs in no document, and not every database can store it.
    #[error("file `{0}` is not text: it contains the character U+0000")]
    NotText(ContentPath),
}

impl ContentTree {
    /// The most files of a tree.
    pub const MAX_FILES: usize = 2_000;
    /// The longest file in bytes.
    pub const MAX_FILE_BYTES: usize = 1 << 20;
    /// All files together, in bytes.
    pub const MAX_BYTES: usize = 32 << 20;

    /// Takes files in any order.
    ///
    /// # Errors
    /// [`TreeError`] names the file that is there twice, too long or not text.
    pub fn new(files: impl IntoIterator<Item = (ContentPath, String)>) -> Result<Self, TreeError> {
        let mut tree = Self::default();
        let mut bytes = 0_usize;
        for (path, text) in files {
            bytes = bytes.saturating_add(text.len());
            check(&path, &text)?;
            if bytes > Self::MAX_BYTES {
                return Err(TreeError::TreeTooLong {
                    limit: Self::MAX_BYTES,
                });
            }
            match tree.files.entry(path) {
                Entry::Vacant(place) => place.insert(text),
                Entry::Occupied(taken) => return Err(TreeError::Duplicate(taken.key().clone())),
            };
            if tree.files.len() > Self::MAX_FILES {
                return Err(TreeError::TooManyFiles {
                    limit: Self::MAX_FILES,
                });
            }
        }
        Ok(tree)
    }

    /// The files in the order of their paths.
    #[must_use]
    pub fn files(&self) -> impl ExactSizeIterator<Item = (&ContentPath, &str)> {
        self.files.iter().map(|(path, text)| (path, text.as_str()))
    }

    /// The text of a file.
    #[must_use]
    pub fn get(&self, path: &ContentPath) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// SHA-256 over the number of files and, in the order of their paths, each path and text with
    /// its length in front: no text can pass for a path, nor one file for two.
    #[must_use]
    pub fn hash(&self) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(b"weir content tree 1\n");
        hasher.update(length(self.files.len()));
        for (path, text) in &self.files {
            hasher.update(length(path.as_str().len()));
            hasher.update(path.as_str());
            hasher.update(length(text.len()));
            hasher.update(text);
        }
        Digest::from(<[u8; 32]>::from(hasher.finalize()))
    }

    /// What somebody changed who made `other` out of this tree, in the order of the paths.
    #[must_use]
    pub fn changes_to(&self, other: &Self) -> Vec<FileChange> {
        let mut changes = BTreeMap::new();
        for (path, text) in &self.files {
            match other.files.get(path) {
                None => changes.insert(path, ChangeKind::Removed),
                Some(now) if now != text => changes.insert(path, ChangeKind::Changed),
                Some(_) => None,
            };
        }
        for path in other.files.keys() {
            if !self.files.contains_key(path) {
                changes.insert(path, ChangeKind::Added);
            }
        }
        let changes = changes.into_iter();
        changes
            .map(|(path, kind)| FileChange {
                path: path.clone(),
                kind,
            })
            .collect()
    }
}

fn check(path: &ContentPath, text: &str) -> Result<(), TreeError> {
    if text.len() > ContentTree::MAX_FILE_BYTES {
        return Err(TreeError::FileTooLong {
            path: path.clone(),
            bytes: text.len(),
            limit: ContentTree::MAX_FILE_BYTES,
        });
    }
    if text.contains('\0') {
        return Err(TreeError::NotText(path.clone()));
    }
    Ok(())
}

fn length(count: usize) -> [u8; 8] {
    // usize is at most 64 bits on every target Rust has.
    u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
