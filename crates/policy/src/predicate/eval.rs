//! The interpreter: what a predicate means, one row at a time. Engines are tested against it.

use super::{Comparison, Predicate};
use crate::name::ColumnName;
use crate::truth::Truth;
use crate::value::Value;

impl Predicate {
    /// The truth of this condition for one row. `row` gives the value of a column, `None` for NULL.
    ///
    /// A comparison with NULL, or with a value of another type, is unknown.
    pub fn eval(&self, row: &dyn Fn(&ColumnName) -> Option<Value>) -> Truth {
        match self {
            Self::Always => Truth::True,
            Self::Never => Truth::False,
            Self::Compare { column, op, value } => {
                row(column).map_or(Truth::Unknown, |cell| compare(&cell, *op, value))
            }
            Self::In { column, values } => {
                // `in` of nothing is false even for NULL, as a disjunction of nothing is (P5).
                if values.is_empty() {
                    return Truth::False;
                }
                row(column).map_or(Truth::Unknown, |cell| {
                    values.iter().fold(Truth::False, |known, value| {
                        known.or(compare(&cell, Comparison::Eq, value))
                    })
                })
            }
            Self::IsNull(column) => row(column).is_none().into(),
            Self::LikePrefix { column, prefix } => match row(column) {
                Some(Value::Text(text)) => text.starts_with(prefix.as_str()).into(),
                _ => Truth::Unknown,
            },
            Self::All(parts) => parts
                .iter()
                .fold(Truth::True, |known, part| known.and(part.eval(row))),
            Self::Any(parts) => parts
                .iter()
                .fold(Truth::False, |known, part| known.or(part.eval(row))),
            Self::Not(part) => !part.eval(row),
        }
    }

    /// Whether the row passes: only if the condition is known to hold (P3).
    pub fn admits(&self, row: &dyn Fn(&ColumnName) -> Option<Value>) -> bool {
        self.eval(row).is_true()
    }
}

fn compare(cell: &Value, op: Comparison, value: &Value) -> Truth {
    if !cell.is_like(value) {
        return Truth::Unknown;
    }
    Truth::from(match op {
        Comparison::Eq => cell == value,
        Comparison::Lt => cell < value,
        Comparison::Le => cell <= value,
        Comparison::Gt => cell > value,
        Comparison::Ge => cell >= value,
    })
}
