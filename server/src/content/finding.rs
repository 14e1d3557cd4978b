//! What is wrong with a file that an author wrote: where, what, and what was probably meant.

use std::fmt;

use serde::Serialize;
use weir_identity::mapping::MappingFileError;
use weir_policy::decision_table::CaseOutcome;
use weir_policy::document::{Place, place_of};

use crate::problem::with_causes;

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
    pub problem: String,
    /// The nearest right word.
    pub suggestion: Option<String>,
}

impl Finding {
    /// A mistake that has no place in a file.
    #[must_use]
    pub fn everywhere(error: &(dyn std::error::Error + 'static)) -> Self {
        Self::of_all(with_causes(error))
    }

    /// Something about all files together.
    pub(crate) fn of_all(problem: impl Into<String>) -> Self {
        Self {
            file: None,
            line: None,
            column: None,
            path: String::new(),
            problem: problem.into(),
            suggestion: None,
        }
    }

    /// Something about a whole file.
    pub(super) fn of_file(file: &str, problem: impl Into<String>) -> Self {
        Self {
            file: Some(file.to_owned()),
            ..Self::of_all(problem)
        }
    }

    /// Something at a path of a file whose text is at hand.
    pub(super) fn at(file: &str, text: &str, path: &str, problem: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            ..Self::of_file(file, problem)
        }
        .standing_at(place_of(text, path))
    }

    /// A mistake in a policy, a decision table or the sample people.
    pub(super) fn of_policy(mistake: &weir_policy::document::DocumentError) -> Self {
        Self {
            path: mistake.path().to_owned(),
            suggestion: mistake.suggestion().map(str::to_owned),
            ..Self::of_file(mistake.file(), mistake.problem())
        }
        .standing_at(Some(mistake.place()))
    }

    /// A mistake in a dataset or dashboard.
    pub(super) fn of_query(mistake: &weir_query::document::DocumentError, text: &str) -> Self {
        let (problem, suggestion) = without_hint(mistake.problem());
        let place = mistake.place().or_else(|| place_of(text, mistake.path()));
        Self {
            path: mistake.path().to_owned(),
            suggestion,
            ..Self::of_file(mistake.file(), problem)
        }
        .standing_at(place)
    }

    /// A flaw of the claim mapping.
    pub(super) fn of_mapping(flaw: &MappingFileError, text: &str) -> Self {
        match flaw {
            MappingFileError::Syntax {
                file,
                detail,
                place,
            } => Self::of_file(file, first_line(detail)).standing_at(place.and_then(counted)),
            MappingFileError::Content { file, path, detail } => {
                let (problem, suggestion) = without_hint(detail);
                Self {
                    suggestion,
                    ..Self::at(file, text, path, problem)
                }
            }
        }
    }

    /// A case that comes out otherwise than its decision table says.
    pub(super) fn of_case(outcome: &CaseOutcome) -> Self {
        let (name, failures) = (outcome.name(), outcome.failures().join("; "));
        Self {
            line: Some(outcome.line()),
            ..Self::of_file(outcome.file(), format!("case `{name}`: {failures}"))
        }
    }

    fn standing_at(self, place: Option<Place>) -> Self {
        Self {
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            ..self
        }
    }

    /// What findings are told in the order of.
    pub(super) fn order(&self) -> (Option<String>, Option<usize>, Option<usize>) {
        (self.file.clone(), self.line, self.column)
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
        f.write_str(&self.problem)?;
        match &self.suggestion {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => Ok(()),
        }
    }
}

/// Findings as a text, one a line.
#[must_use]
pub fn lines(findings: &[Finding]) -> String {
    let lines: Vec<_> = findings.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// A message that ends in "did you mean …?", and what was meant, apart.
fn without_hint(message: &str) -> (&str, Option<String>) {
    let hint = message.rsplit_once("did you mean `");
    let meant = hint.and_then(|(before, hint)| Some((before, hint.strip_suffix("`?")?)));
    match meant {
        Some((before, meant)) => (before.trim_end_matches([' ', ',', ';']), Some(meant.into())),
        None => (message, None),
    }
}

/// A parser's message without the excerpt it draws below.
fn first_line(message: &str) -> &str {
    let mut lines = message.lines().map(str::trim);
    let line = lines.find(|line| !line.is_empty());
    line.unwrap_or("not valid YAML")
        .trim_start_matches("error: ")
}

fn counted((line, column): (u64, u64)) -> Option<Place> {
    Some(Place {
        line: usize::try_from(line).ok()?,
        column: usize::try_from(column).ok()?,
    })
}
