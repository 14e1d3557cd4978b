//! Which values of one column the rows behind a predicate can have: what "you see Auto only" is
//! derived from.

use super::Predicate;
use crate::name::ColumnName;
use crate::truth::Truth;
use crate::value::Value;

impl Predicate {
    /// Whether a row whose `column` holds `value` could pass. Never false for a value of which some
    /// row passes; what other columns hold is taken as open.
    #[must_use]
    pub fn may_admit(&self, column: &ColumnName, value: &Value) -> bool {
        self.given(column, value) != Truth::False
    }

    /// The outcome once `column` is known to hold `value`; unknown while it hangs on other columns.
    fn given(&self, column: &ColumnName, value: &Value) -> Truth {
        match self {
            Self::All(parts) => parts
                .iter()
                .fold(Truth::True, |all, part| all.and(part.given(column, value))),
            Self::Any(parts) => parts
                .iter()
                .fold(Truth::False, |any, part| any.or(part.given(column, value))),
            Self::Not(part) => !part.given(column, value),
            Self::Always | Self::Never => self.eval(&|_| None),
            atom if atom.columns().contains(column) => atom.eval(&|_| Some(value.clone())),
            _ => Truth::Unknown,
        }
    }
}
