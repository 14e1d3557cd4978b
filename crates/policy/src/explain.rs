//! Which rule decided about one row: for decision tables, previews and auditors.

use std::fmt;

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
#[derive(Debug, Clone, PartialEq, Eq)]
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
) -> Result<RowVerdict, Denied> {
    let grant = resolve(set, subject, schema)?;
    let applied = set
        .policy(schema.name())
        .into_iter()
        .flat_map(crate::Policy::rules)
        .filter(|rule| grant.matched_rules().binary_search(rule.id()).is_ok());
    let mut opened = None;
    for rule in applied {
        match rule.effect() {
            Effect::Permit(rows)
                if opened.is_none() && rows.fill(subject).is_ok_and(|rows| rows.admits(row)) =>
            {
                opened = Some(rule.id().clone());
            }
            Effect::Forbid(rows) => match rows.fill(subject).map(|rows| rows.eval(row)) {
                Ok(Truth::False) => {}
                Ok(Truth::True) => return Ok(RowVerdict::Forbidden(rule.id().clone())),
                Ok(Truth::Unknown) | Err(_) => return Ok(RowVerdict::Withheld(rule.id().clone())),
            },
            _ => {}
        }
    }
    Ok(opened.map_or(RowVerdict::NotPermitted, RowVerdict::Permitted))
}

/// Cells as text, `null` for NULL: decimals and dates as people and JSON clients read them.
pub(crate) fn cells<S: serde::Serializer>(
    cells: &std::collections::BTreeMap<ColumnName, Option<Value>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        other => other.to_string(),
    };
    serializer.collect_map(
        cells
            .iter()
            .map(|(column, value)| (column, value.as_ref().map(text))),
    )
}

impl RowVerdict {
    /// Whether the row is seen.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        matches!(self, Self::Permitted(_))
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
