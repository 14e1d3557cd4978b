//! Conditions on rows: the algebra every policy, filter and engine agrees on.

mod display;
mod eval;
mod reach;
mod simplify;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::name::ColumnName;
use crate::value::Value;

/// How a column relates to one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Equal.
    Eq,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
}

/// A condition on one row, true, false or unknown.
///
/// Build it with the constructors, which keep a normal form: conjunctions and disjunctions are
/// flat, sorted, free of duplicates and have at least two parts; negation stands only in front of
/// `Eq` (not of booleans), `In`, `IsNull` and `LikePrefix`; sets have at least two values. Every
/// step is sound in three-valued logic, also under negation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Predicate {
    /// Holds for every row.
    Always,
    /// Holds for no row.
    Never,
    /// The column compares to the value; unknown if the column is NULL.
    Compare {
        /// The column on the left.
        column: ColumnName,
        /// The relation.
        op: Comparison,
        /// The value on the right.
        value: Value,
    },
    /// The column is one of the values; unknown if the column is NULL.
    In {
        /// The column on the left.
        column: ColumnName,
        /// The values on the right.
        values: BTreeSet<Value>,
    },
    /// The column is NULL. Never unknown.
    IsNull(ColumnName),
    /// The text column starts with exactly this text; nothing in it is a wildcard.
    LikePrefix {
        /// The column on the left.
        column: ColumnName,
        /// What its text must start with, byte for byte.
        prefix: String,
    },
    /// All parts hold.
    All(Vec<Predicate>),
    /// At least one part holds.
    Any(Vec<Predicate>),
    /// The part does not hold; unknown stays unknown.
    Not(Box<Predicate>),
}

impl Predicate {
    /// `column = value`.
    #[must_use]
    pub fn eq(column: ColumnName, value: Value) -> Self {
        Self::compare(column, Comparison::Eq, value)
    }

    /// `column != value`; a NULL is not different from anything, it is unknown.
    #[must_use]
    pub fn ne(column: ColumnName, value: Value) -> Self {
        Self::not(Self::eq(column, value))
    }

    /// `column op value`.
    #[must_use]
    pub fn compare(column: ColumnName, op: Comparison, value: Value) -> Self {
        Self::Compare { column, op, value }
    }

    /// `low <= column <= high`.
    #[must_use]
    pub fn between(column: ColumnName, low: Value, high: Value) -> Self {
        Self::all([
            Self::compare(column.clone(), Comparison::Ge, low),
            Self::compare(column, Comparison::Le, high),
        ])
    }

    /// `column in values`. Nothing is in the empty set (P5).
    #[must_use]
    pub fn is_in(column: ColumnName, values: impl IntoIterator<Item = Value>) -> Self {
        let mut values: BTreeSet<Value> = values.into_iter().collect();
        match (values.len(), values.pop_first()) {
            (1, Some(only)) => Self::eq(column, only),
            (_, Some(first)) => {
                values.insert(first);
                Self::In { column, values }
            }
            (_, None) => Self::Never,
        }
    }

    /// `column not in values`. Without any value this is `Never` too, not `Always`: an empty list
    /// is a list that somebody failed to fill, and must not open a table.
    #[must_use]
    pub fn not_in(column: ColumnName, values: impl IntoIterator<Item = Value>) -> Self {
        match Self::is_in(column, values) {
            Self::Never => Self::Never,
            membership => Self::not(membership),
        }
    }

    /// `column is null`.
    #[must_use]
    pub fn is_null(column: ColumnName) -> Self {
        Self::IsNull(column)
    }

    /// `column` starts with `prefix`, taken literally.
    #[must_use]
    pub fn like_prefix(column: ColumnName, prefix: impl Into<String>) -> Self {
        Self::LikePrefix {
            column,
            prefix: prefix.into(),
        }
    }

    /// Conjunction: `Never` absorbs, `Always` vanishes, nested conjunctions flatten. Of nothing,
    /// it is `Always`.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        simplify::join(simplify::Join::All, parts)
    }

    /// Disjunction: `Always` absorbs, `Never` vanishes, nested disjunctions flatten. Of nothing,
    /// it is `Never`.
    #[must_use]
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        simplify::join(simplify::Join::Any, parts)
    }

    /// Negation, pushed down to the comparisons.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "reads as the algebra does: all, any, not"
    )]
    pub fn not(part: Self) -> Self {
        simplify::negate(part)
    }

    /// Rebuilds the predicate through the constructors. Does nothing to one that was built by them.
    #[must_use]
    pub fn normalized(self) -> Self {
        match self {
            Self::In { column, values } => Self::is_in(column, values),
            Self::All(parts) => Self::all(parts.into_iter().map(Self::normalized)),
            Self::Any(parts) => Self::any(parts.into_iter().map(Self::normalized)),
            Self::Not(part) => Self::not(part.normalized()),
            atom => atom,
        }
    }

    /// The columns whose values decide.
    #[must_use]
    pub fn columns(&self) -> BTreeSet<ColumnName> {
        let mut found = BTreeSet::new();
        self.collect_columns(&mut found);
        found
    }

    fn collect_columns(&self, found: &mut BTreeSet<ColumnName>) {
        match self {
            Self::Always | Self::Never => {}
            Self::Compare { column, .. }
            | Self::In { column, .. }
            | Self::IsNull(column)
            | Self::LikePrefix { column, .. } => {
                found.insert(column.clone());
            }
            Self::All(parts) | Self::Any(parts) => {
                for part in parts {
                    part.collect_columns(found);
                }
            }
            Self::Not(part) => part.collect_columns(found),
        }
    }
}

#[cfg(test)]
mod tests;
