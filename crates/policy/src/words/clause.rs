//! Conditions on rows as they are said: negation at the leaves, "between" in one piece.

use std::collections::BTreeSet;

use crate::name::ColumnName;
use crate::predicate::{Comparison, Predicate};
use crate::rule::{Claim, Rows};
use crate::value::Value;

/// A condition as it is said: negation stands at the leaves only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Clause {
    Always,
    Never,
    Leaf { column: ColumnName, says: Says },
    All(Vec<Clause>),
    Any(Vec<Clause>),
}

/// What is said about one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Says {
    Compares(Comparison, Value),
    Between(Value, Value),
    IsOneOf(BTreeSet<Value>, bool),
    IsNull(bool),
    StartsWith(String, bool),
    IsClaimed(Claim, bool),
}

impl Clause {
    /// `holds` is false for the opposite of what `rows` say.
    pub(super) fn of_rows(rows: &Rows, holds: bool) -> Self {
        let each = |parts: &[Rows]| {
            parts
                .iter()
                .map(|part| Self::of_rows(part, holds))
                .collect()
        };
        match rows {
            Rows::Fixed(predicate) if holds => Self::of(predicate),
            Rows::Fixed(predicate) => Self::of(&Predicate::not(predicate.clone())),
            Rows::Member { column, claim, .. } => Self::Leaf {
                column: column.clone(),
                says: Says::IsClaimed(claim.clone(), holds),
            },
            Rows::All(parts) if holds => Self::all(each(parts)),
            Rows::Any(parts) if !holds => Self::all(each(parts)),
            Rows::All(parts) | Rows::Any(parts) => Self::any(each(parts)),
            Rows::Not(part) => Self::of_rows(part, !holds),
        }
    }

    pub(super) fn of(predicate: &Predicate) -> Self {
        match predicate {
            Predicate::Always => Self::Always,
            Predicate::Never => Self::Never,
            Predicate::All(parts) => Self::all(parts.iter().map(Self::of).collect()),
            Predicate::Any(parts) => Self::any(parts.iter().map(Self::of).collect()),
            Predicate::Not(part) => match part.as_ref() {
                Predicate::All(_) | Predicate::Any(_) | Predicate::Not(_) => {
                    Self::of(&Predicate::not(part.as_ref().clone()))
                }
                atom => Self::leaf(atom, false),
            },
            atom => Self::leaf(atom, true),
        }
    }

    fn leaf(atom: &Predicate, holds: bool) -> Self {
        let (column, says) = match atom {
            Predicate::Compare {
                column,
                op: Comparison::Eq,
                value,
            } => (
                column,
                Says::IsOneOf(BTreeSet::from([value.clone()]), holds),
            ),
            Predicate::Compare { column, op, value } => (
                column,
                Says::Compares(if holds { *op } else { opposite(*op) }, value.clone()),
            ),
            Predicate::In { column, values } => (column, Says::IsOneOf(values.clone(), holds)),
            Predicate::IsNull(column) => (column, Says::IsNull(holds)),
            Predicate::LikePrefix { column, prefix } => {
                (column, Says::StartsWith(prefix.clone(), holds))
            }
            Predicate::Always => return if holds { Self::Always } else { Self::Never },
            _ => return if holds { Self::Never } else { Self::Always },
        };
        Self::Leaf {
            column: column.clone(),
            says,
        }
    }

    /// "Between" is two comparisons; it is said as one. A conjunction in a conjunction is none.
    fn all(parts: Vec<Self>) -> Self {
        let mut flat: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        let mut said: Vec<Self> = Vec::with_capacity(flat.len());
        for part in flat {
            let joined = said.last().and_then(|last| between(last, &part));
            if let Some(joined) = joined {
                said.pop();
                said.push(joined);
            } else {
                said.push(part);
            }
        }
        only(said).unwrap_or_else(Self::All)
    }

    fn any(parts: Vec<Self>) -> Self {
        let mut flat: Vec<Self> = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        only(flat).unwrap_or_else(Self::Any)
    }

    /// The columns it looks at, if NULL in one of them makes it neither hold nor not hold.
    pub(super) fn unsure_about(&self) -> BTreeSet<&ColumnName> {
        match self {
            Self::Always
            | Self::Never
            | Self::Leaf {
                says: Says::IsNull(_),
                ..
            } => BTreeSet::new(),
            Self::Leaf { column, .. } => BTreeSet::from([column]),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().flat_map(Self::unsure_about).collect()
            }
        }
    }
}

/// The only part of a join of one, or all parts.
fn only(mut parts: Vec<Clause>) -> Result<Clause, Vec<Clause>> {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => Ok(only),
        (_, Some(last)) => {
            parts.push(last);
            Err(parts)
        }
        (_, None) => Err(parts),
    }
}

fn opposite(op: Comparison) -> Comparison {
    match op {
        Comparison::Eq => Comparison::Eq,
        Comparison::Lt => Comparison::Ge,
        Comparison::Le => Comparison::Gt,
        Comparison::Gt => Comparison::Le,
        Comparison::Ge => Comparison::Lt,
    }
}

fn between(one: &Clause, other: &Clause) -> Option<Clause> {
    let (
        Clause::Leaf { column, says: one },
        Clause::Leaf {
            column: same,
            says: other,
        },
    ) = (one, other)
    else {
        return None;
    };
    let ((Says::Compares(Comparison::Ge, low), Says::Compares(Comparison::Le, high))
    | (Says::Compares(Comparison::Le, high), Says::Compares(Comparison::Ge, low))) = (one, other)
    else {
        return None;
    };
    let says = Says::Between(low.clone(), high.clone());
    (column == same).then(|| Clause::Leaf {
        column: column.clone(),
        says,
    })
}
