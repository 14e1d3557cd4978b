//! Every mistake in a set of files, not the first alone: what an author wants to read beside the
//! lines.

use serde::Serialize;
use weir_policy::Revision;
use weir_policy::decision_table::CaseOutcome;

use super::read::Sources;
use super::{Content, ContentError};
use crate::problem::with_causes;

/// What the checks say about files.
#[derive(Debug)]
pub struct Inspected {
    /// What they say; `None` if they can't be used.
    pub content: Option<Content>,
    /// Why not. Empty exactly when there is content.
    pub findings: Vec<Finding>,
    /// What the decision tables said. Empty where they could not be run.
    pub cases: Vec<CaseOutcome>,
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file it stands in, if it is one.
    pub file: Option<String>,
    /// The line, from one, if it is known.
    pub line: Option<usize>,
    /// What is wrong, and what was expected.
    pub problem: String,
    /// The nearest right word.
    pub suggestion: Option<String>,
    /// All of it in one line, as a command prints it.
    #[serde(skip)]
    pub text: String,
}

impl Content {
    /// Reads files and says everything that is wrong with them.
    #[must_use]
    pub fn inspect<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        revision: Revision,
    ) -> Inspected {
        let sources = match Sources::sort(files) {
            Ok(sources) => sources,
            Err(error) => return Inspected::failed(vec![Finding::of(&error)]),
        };
        let catalog = match sources.catalog() {
            Ok(catalog) => catalog,
            // Nothing can be checked against datasets that can't be read.
            Err(first) => {
                let errors = sources.dataset_errors();
                let mut findings: Vec<_> = errors.iter().map(Finding::of).collect();
                if findings.is_empty() {
                    findings.push(Finding::of(&first));
                }
                return Inspected::failed(findings);
            }
        };
        let errors = sources.errors(&catalog);
        let mut findings: Vec<_> = errors.iter().map(Finding::of).collect();
        let cases = match sources.decided(&catalog, revision) {
            Ok((_, cases)) => cases,
            Err(error) => {
                let finding = Finding::of(&error);
                if !findings.contains(&finding) {
                    findings.push(finding);
                }
                Vec::new()
            }
        };
        findings.extend(
            cases
                .iter()
                .filter(|case| !case.passed())
                .map(Finding::of_case),
        );
        if !findings.is_empty() {
            return Inspected {
                cases,
                ..Inspected::failed(findings)
            };
        }
        match sources.content(catalog, revision) {
            Ok(content) => Inspected {
                content: Some(content),
                findings,
                cases,
            },
            Err(error) => Inspected::failed(vec![Finding::of(&error)]),
        }
    }
}

impl Inspected {
    fn failed(findings: Vec<Finding>) -> Self {
        Self {
            content: None,
            findings,
            cases: Vec::new(),
        }
    }
}

impl Finding {
    /// A mistake that has no place in a file.
    #[must_use]
    pub fn everywhere(error: &(dyn std::error::Error + 'static)) -> Self {
        let text = with_causes(error);
        Self {
            file: None,
            line: None,
            problem: text.clone(),
            suggestion: None,
            text,
        }
    }

    fn of(error: &ContentError) -> Self {
        let whole = Self::everywhere(error);
        match error {
            ContentError::Policy(error) => {
                let at = if error.path().is_empty() {
                    String::new()
                } else {
                    format!("{}: ", error.path())
                };
                Self {
                    file: Some(error.file().to_owned()),
                    line: Some(error.line()),
                    problem: format!("{at}{}", error.problem()),
                    suggestion: error.suggestion().map(str::to_owned),
                    ..whole
                }
            }
            ContentError::UnknownFile(path) => Self {
                file: Some(path.clone()),
                ..whole
            },
            // These begin with their file: `path: where: what`.
            ContentError::Document(_) | ContentError::Mapping(_) => {
                let (file, problem) = match whole.text.split_once(": ") {
                    Some((file, problem)) => {
                        (Some(file.trim_matches('`').to_owned()), problem.to_owned())
                    }
                    None => (None, whole.text.clone()),
                };
                Self {
                    line: line_in(&problem),
                    file,
                    problem,
                    ..whole
                }
            }
            _ => whole,
        }
    }

    fn of_case(case: &CaseOutcome) -> Self {
        let problem = format!("{}: {}", case.name(), case.failures().join("; "));
        let error = ContentError::Decision {
            file: case.file().to_owned(),
            case: case.name().to_owned(),
            problem: case.failures().join("; "),
        };
        Self {
            file: Some(case.file().to_owned()),
            line: Some(case.line()),
            problem,
            suggestion: None,
            text: error.to_string(),
        }
    }
}

/// The line that a parser names in its message: "… at line 4 column 2".
fn line_in(problem: &str) -> Option<usize> {
    let (_, after) = problem.split_once("line ")?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
