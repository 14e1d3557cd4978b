//! The comparisons that decided about a row, with what the row holds.

use std::collections::BTreeSet;
use std::fmt;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::name::{ColumnName, RuleId};
use crate::predicate::{Comparison, Predicate};
use crate::truth::Truth;
use crate::value::Value;

/// One comparison of a rule that decided, and what it came to for the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowClause {
    /// The rule.
    pub rule: RuleId,
    /// The comparison, without any negation around it.
    pub leaf: Predicate,
    /// The column it looks at.
    pub column: ColumnName,
    /// What the row holds there; `None` for NULL.
    pub value: Option<Value>,
    /// What the comparison comes to.
    pub truth: Truth,
}

type Row<'a> = &'a dyn Fn(&ColumnName) -> Option<Value>;

/// The comparisons that make `predicate` what it is for this row. Of several that would each do,
/// the first.
pub(super) fn deciding(rule: &RuleId, predicate: &Predicate, row: Row<'_>) -> Vec<RowClause> {
    let mut found = Vec::new();
    collect(rule, predicate, row, &mut found);
    found
}

fn collect(rule: &RuleId, predicate: &Predicate, row: Row<'_>, found: &mut Vec<RowClause>) {
    match predicate {
        Predicate::Always | Predicate::Never => {}
        Predicate::Not(part) => collect(rule, part, row, found),
        // One false part makes a conjunction false, one true part a disjunction true. If it came
        // out otherwise every part that came out the same is to blame.
        Predicate::All(parts) => join(rule, parts, predicate.eval(row), Truth::False, row, found),
        Predicate::Any(parts) => join(rule, parts, predicate.eval(row), Truth::True, row, found),
        Predicate::Compare { column, .. }
        | Predicate::In { column, .. }
        | Predicate::IsNull(column)
        | Predicate::LikePrefix { column, .. } => found.push(RowClause {
            rule: rule.clone(),
            leaf: predicate.clone(),
            column: column.clone(),
            value: row(column),
            truth: predicate.eval(row),
        }),
    }
}

fn join(
    rule: &RuleId,
    parts: &[Predicate],
    truth: Truth,
    settles: Truth,
    row: Row<'_>,
    found: &mut Vec<RowClause>,
) {
    let alike = parts.iter().filter(|part| part.eval(row) == truth);
    let enough = if truth == settles { 1 } else { usize::MAX };
    for part in alike.take(enough) {
        collect(rule, part, row, found);
    }
}

/// `legal_hold = true`, `business_unit = home is not in {auto}`, `region is NULL`.
impl fmt::Display for RowClause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = &self.column;
        let Some(value) = &self.value else {
            return write!(f, "{column} is NULL");
        };
        write!(f, "{column} = {value}")?;
        let holds = self.truth == Truth::True;
        let not = if holds { "" } else { "not " };
        match &self.leaf {
            Predicate::Compare {
                op: Comparison::Eq, ..
            } if holds => Ok(()),
            Predicate::Compare {
                op: Comparison::Eq,
                value: Value::Boolean(wanted),
                ..
            } => {
                write!(f, " is not {wanted}")
            }
            Predicate::Compare {
                op: Comparison::Eq,
                value,
                ..
            } => {
                write!(f, " is not in {}", set(&BTreeSet::from([value.clone()])))
            }
            Predicate::Compare { op, value, .. } => write!(f, " is {not}{op} {value}"),
            Predicate::In { values, .. } => write!(f, " is {not}in {}", set(values)),
            Predicate::LikePrefix { prefix, .. } if holds => write!(f, " starts with {prefix:?}"),
            Predicate::LikePrefix { prefix, .. } => write!(f, " does not start with {prefix:?}"),
            _ => f.write_str(" is not NULL"),
        }
    }
}

fn set(values: &BTreeSet<Value>) -> String {
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    format!("{{{}}}", values.join(", "))
}

/// The comparison and the clause as text, the value as text or `null`.
impl Serialize for RowClause {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.value.as_ref().map(|value| match value {
            Value::Text(text) => text.clone(),
            other => other.to_string(),
        });
        let mut record = serializer.serialize_struct("RowClause", 6)?;
        record.serialize_field("rule", &self.rule)?;
        record.serialize_field("comparison", &self.leaf.to_string())?;
        record.serialize_field("column", &self.column)?;
        record.serialize_field("value", &value)?;
        record.serialize_field("truth", &self.truth)?;
        record.serialize_field("clause", &self.to_string())?;
        record.end()
    }
}
