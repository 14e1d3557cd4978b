//! A mistake in a document, with its place.

use std::fmt;

use super::Place;

/// A policy or decision table that cannot be used: the file, the place in it, what is wrong there,
/// and the nearest thing that would have been right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct DocumentError {
    file: String,
    place: Place,
    path: String,
    problem: String,
    suggestion: Option<String>,
}

impl DocumentError {
    pub(crate) fn new(
        file: &str,
        place: Place,
        path: impl Into<String>,
        problem: impl Into<String>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            place,
            path: path.into(),
            problem: problem.into(),
            suggestion: None,
        }
    }

    /// Adds the candidate that is spelled most like `wrong`, if any is near.
    pub(crate) fn with_nearest<'c>(
        mut self,
        wrong: &str,
        candidates: impl IntoIterator<Item = &'c str>,
    ) -> Self {
        self.suggestion = candidates
            .into_iter()
            .map(|candidate| (strsim::damerau_levenshtein(wrong, candidate), candidate))
            .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 3)
            .min()
            .map(|(_, candidate)| candidate.to_owned());
        self
    }

    /// The file, as the caller named it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line, counted from one.
    #[must_use]
    pub fn line(&self) -> usize {
        self.place.line
    }

    /// Where it stands, in line and column.
    #[must_use]
    pub fn place(&self) -> Place {
        self.place
    }

    /// The place inside the document, such as `rules[2].permit.region`; empty for the whole of it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong, and what was expected.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The nearest valid name.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        self.suggestion.as_deref()
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.place.line)?;
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.problem)?;
        match &self.suggestion {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

/// The path of a key below `path`. Keys come from the document, so they are cut and escaped.
pub(crate) fn field(path: &str, key: &str) -> String {
    let shown: String = key.chars().take(64).flat_map(char::escape_debug).collect();
    if path.is_empty() {
        shown
    } else {
        format!("{path}.{shown}")
    }
}

/// The path of a list item below `path`.
pub(crate) fn item(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}
