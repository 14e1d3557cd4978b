//! What is wrong with a file that an author wrote: where, what, and what was probably meant.

use std::fmt;

use serde::Serialize;

/// Something that keeps files from being used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file, such as `policies/statements.policy.yaml`; `None` for all of them together.
    pub file: Option<String>,
    /// The line, counted from one; `None` for the whole file.
    pub line: Option<usize>,
    /// The column in characters, counted from one.
    pub column: Option<usize>,
    /// The place inside the document, such as `rules[2].permit`; empty for the whole of it.
    pub path: String,
    /// What is wrong, and what was expected.
    pub message: String,
    /// The nearest right word.
    pub suggestion: Option<String>,
}

impl Finding {
    /// Something about all files together.
    #[must_use]
    pub fn of_all(message: impl Into<String>) -> Self {
        Self {
            file: None,
            line: None,
            column: None,
            path: String::new(),
            message: message.into(),
            suggestion: None,
        }
    }

    /// A mistake in a policy, a decision table or the sample people.
    pub(super) fn of_policy(mistake: &weir_policy::document::DocumentError) -> Self {
        Self {
            file: Some(mistake.file().to_owned()),
            line: Some(mistake.line()),
            path: mistake.path().to_owned(),
            suggestion: mistake.suggestion().map(str::to_owned),
            ..Self::of_all(mistake.problem())
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            f.write_str(file)?;
            for number in self.line.iter().chain(&self.column) {
                write!(f, ":{number}")?;
            }
            f.write_str(": ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        match &self.suggestion {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}
