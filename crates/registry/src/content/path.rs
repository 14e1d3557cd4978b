//! The name of a versioned file.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A file's place in the versioned content, e.g. `policies/statements.policy.yaml` or
/// `dashboards/datasets/statements.dataset.yaml`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ContentPath(String);

/// Why a text is not the path of a versioned file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentPathError {
    /// Nothing, or more than a path has.
    #[error("expected a path of 1 to {limit} characters, found {found}")]
    Length {
        /// The longest that is allowed.
        limit: usize,
        /// How many there were.
        found: usize,
    },
    /// `//`, `/` at an end, or a segment that starts with a dot.
    #[error("path `{0}` has an empty segment or one that starts with a dot")]
    Segment(String),
    /// Upper case would be two files on one file system and one on another.
    #[error(
        "character `{}` is not allowed in path `{path}`: use a-z, 0-9, `_`, `.`, `-` and `/`",
        character.escape_debug()
    )]
    Character {
        /// The whole path.
        path: String,
        /// What is not allowed in it.
        character: char,
    },
}

impl ContentPath {
    /// The longest path in characters.
    pub const LIMIT: usize = 200;

    /// Accepts a relative path of segments of `a-z 0-9 _ . -`, none of them empty or starting
    /// with a dot.
    ///
    /// # Errors
    /// [`ContentPathError`] says what is wrong and where.
    pub fn parse(raw: impl Into<String>) -> Result<Self, ContentPathError> {
        let raw = raw.into();
        let found = raw.chars().count();
        if found == 0 || found > Self::LIMIT {
            return Err(ContentPathError::Length {
                limit: Self::LIMIT,
                found,
            });
        }
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-/".contains(c);
        if let Some(character) = raw.chars().find(|c| !allowed(*c)) {
            return Err(ContentPathError::Character {
                path: raw,
                character,
            });
        }
        if raw
            .split('/')
            .any(|segment| segment.is_empty() || segment.starts_with('.'))
        {
            return Err(ContentPathError::Segment(raw));
        }
        Ok(Self(raw))
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ContentPath {
    type Error = ContentPathError;

    fn try_from(raw: String) -> Result<Self, ContentPathError> {
        Self::parse(raw)
    }
}

impl From<ContentPath> for String {
    fn from(path: ContentPath) -> Self {
        path.0
    }
}

impl fmt::Display for ContentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
