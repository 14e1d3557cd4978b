//! Which rule decided about one row, and by which comparison.

use std::fmt;

use serde::Serialize;

use super::leaf::{RowClause, deciding};
use crate::denied::Denied;
use crate::name::{ColumnName, RuleId};
use crate::policy_set::PolicySet;
use crate::resolve::resolve;
use crate::rule::Effect;
use crate::schema::DatasetSchema;
use crate::subject::Subject;
use crate::truth::Truth;
use crate::value::Value;

/// What became of one row, and through which rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "verdict", content = "rule")]
pub enum RowVerdict {
    /// This permit opens the row and no forbid closes it.
    Permitted(RuleId),
    /// This forbid closes the row.
    Forbidden(RuleId),
    /// Nobody can say whether this forbid closes the row, so it does: something it looks at is
    /// NULL (P3).
    Withheld(RuleId),
    /// No permit covers the row.
    NotPermitted,
}

/// A verdict with the comparisons behind it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowExplanation {
    #[serde(flatten)]
    verdict: RowVerdict,
    clauses: Vec<RowClause>,
}

/// Explains what `subject` gets to see of one row. `row` gives the value of a column, `None` for
/// NULL.
///
/// # Errors
/// [`Denied`] if the whole dataset is closed to the subject.
pub fn explain_row(
    set: &PolicySet,
    subject: &Subject,
    schema: &DatasetSchema,
    row: &dyn Fn(&ColumnName) -> Option<Value>,
) -> Result<RowExplanation, Denied> {
    let grant = resolve(set, subject, schema)?;
    let applied = set
        .policy(schema.name())
        .into_iter()
        .flat_map(crate::Policy::rules)
        .filter(|rule| grant.matched_rules().binary_search(rule.id()).is_ok());
    let mut opened = None;
    let mut missed = Vec::new();
    for rule in applied {
        let id = rule.id();
        match rule.effect() {
            Effect::Permit(rows) if opened.is_none() => {
                let Ok(rows) = rows.fill(subject) else {
                    continue;
                };
                let clauses = deciding(id, &rows, row);
                if rows.admits(row) {
                    let verdict = RowVerdict::Permitted(id.clone());
                    opened = Some(RowExplanation { verdict, clauses });
                } else {
                    missed.extend(clauses);
                }
            }
            Effect::Forbid(rows) => {
                let rows = rows.fill(subject).ok();
                let truth = rows.as_ref().map_or(Truth::Unknown, |rows| rows.eval(row));
                let verdict = match truth {
                    Truth::False => continue,
                    Truth::True => RowVerdict::Forbidden(id.clone()),
                    Truth::Unknown => RowVerdict::Withheld(id.clone()),
                };
                let clauses = rows.map_or_else(Vec::new, |rows| deciding(id, &rows, row));
                return Ok(RowExplanation { verdict, clauses });
            }
            _ => {}
        }
    }
    Ok(opened.unwrap_or(RowExplanation {
        verdict: RowVerdict::NotPermitted,
        clauses: missed,
    }))
}

impl RowVerdict {
    /// Whether the row is seen.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        matches!(self, Self::Permitted(_))
    }

    /// The rule that decided; none if no permit covers the row.
    #[must_use]
    pub fn rule(&self) -> Option<&RuleId> {
        match self {
            Self::Permitted(rule) | Self::Forbidden(rule) | Self::Withheld(rule) => Some(rule),
            Self::NotPermitted => None,
        }
    }
}

impl RowExplanation {
    /// What became of the row.
    #[must_use]
    pub fn verdict(&self) -> &RowVerdict {
        &self.verdict
    }

    /// Whether the row is seen.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        self.verdict.is_seen()
    }

    /// The comparisons that decided: of the rule of the verdict, or of every permit that applies but
    /// does not cover the row. Empty where a rule covers every row.
    #[must_use]
    pub fn clauses(&self) -> &[RowClause] {
        &self.clauses
    }
}

impl fmt::Display for RowVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permitted(rule) => write!(f, "rule `{rule}` permits it"),
            Self::Forbidden(rule) => write!(f, "rule `{rule}` forbids it"),
            Self::Withheld(rule) => {
                write!(
                    f,
                    "rule `{rule}` may forbid it: a value it looks at is NULL"
                )
            }
            Self::NotPermitted => f.write_str("no rule permits it"),
        }
    }
}

/// The verdict, and the comparisons in brackets.
impl fmt::Display for RowExplanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verdict)?;
        let by_rule = self.verdict.rule().is_some();
        for (at, clause) in self.clauses.iter().enumerate() {
            f.write_str(if at == 0 { " (" } else { ", " })?;
            if !by_rule {
                write!(f, "`{}`: ", clause.rule)?;
            }
            write!(f, "{clause}")?;
        }
        f.write_str(if self.clauses.is_empty() { "" } else { ")" })
    }
}
