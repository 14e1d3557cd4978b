//! The laws behind the constructors. Each holds for True, False *and* Unknown, so a predicate may
//! be simplified before it is negated. What does not hold there is not used: `a or not a` is
//! unknown for NULL, and so is `x = 1 and x = 2`; neither may become a constant.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::{Comparison, Predicate};
use crate::name::ColumnName;
use crate::value::Value;

/// Absorption compares every part with every other, so longer lists go without it.
const ABSORB_AT_MOST: usize = 64;

/// The two ways to join conditions, each the mirror of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Join {
    All,
    Any,
}

/// Identity, annihilation, associativity, commutativity, idempotence, absorption, and the union
/// or intersection of sets on one column.
pub(super) fn join(kind: Join, parts: impl IntoIterator<Item = Predicate>) -> Predicate {
    let mut kept = Vec::new();
    for part in parts {
        match (kind, part) {
            (Join::All, Predicate::Always) | (Join::Any, Predicate::Never) => {}
            (Join::All, Predicate::Never) => return Predicate::Never,
            (Join::Any, Predicate::Always) => return Predicate::Always,
            (Join::All, Predicate::All(inner)) | (Join::Any, Predicate::Any(inner)) => {
                kept.extend(inner);
            }
            (_, other) => kept.push(other),
        }
    }
    if kept.len() > 1 {
        kept = merge_sets(kind, kept);
        kept.sort_by(reading_order);
        kept.dedup();
        kept = absorb(kind, kept);
    }
    match (kept.len(), kept.pop(), kind) {
        (0 | 1, Some(only), _) => only,
        (_, None, Join::All) => Predicate::Always,
        (_, None, Join::Any) => Predicate::Never,
        (_, Some(last), _) => {
            kept.push(last);
            match kind {
                Join::All => Predicate::All(kept),
                Join::Any => Predicate::Any(kept),
            }
        }
    }
}

/// Double negation, De Morgan, and the complements of the orderings. Unknown is its own
/// complement, and each of these leaves it alone.
pub(super) fn negate(part: Predicate) -> Predicate {
    match part {
        Predicate::Always => Predicate::Never,
        Predicate::Never => Predicate::Always,
        Predicate::Not(inner) => *inner,
        Predicate::All(parts) => join(Join::Any, parts.into_iter().map(negate)),
        Predicate::Any(parts) => join(Join::All, parts.into_iter().map(negate)),
        Predicate::Compare { column, op, value } => negate_comparison(column, op, value),
        // `in {}` is false for every row, NULL included.
        Predicate::In { values, .. } if values.is_empty() => Predicate::Always,
        atom => Predicate::Not(Box::new(atom)),
    }
}

fn negate_comparison(column: ColumnName, op: Comparison, value: Value) -> Predicate {
    let (op, value) = match (op, value) {
        (Comparison::Eq, Value::Boolean(known)) => (Comparison::Eq, Value::Boolean(!known)),
        (Comparison::Eq, value) => {
            return Predicate::Not(Box::new(Predicate::Compare { column, op, value }));
        }
        (Comparison::Lt, value) => (Comparison::Ge, value),
        (Comparison::Le, value) => (Comparison::Gt, value),
        (Comparison::Gt, value) => (Comparison::Le, value),
        (Comparison::Ge, value) => (Comparison::Lt, value),
    };
    Predicate::Compare { column, op, value }
}

/// What a set of values says of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sense {
    In,
    NotIn,
    /// In a set of booleans. Out of one is in the rest of the two, be it the empty set, so one
    /// sense says it all.
    Boolean,
}

/// `column in values`, or the negation of it.
struct Membership {
    column: ColumnName,
    sense: Sense,
    values: BTreeSet<Value>,
}

impl Membership {
    /// Sees equality as membership in a set of one.
    fn of(part: Predicate) -> Result<Self, Predicate> {
        let (inner, negated) = match part {
            Predicate::Not(inner) => (*inner, true),
            other => (other, false),
        };
        match inner {
            Predicate::Compare {
                column,
                op: Comparison::Eq,
                value,
            } => Ok(Self::new(column, BTreeSet::from([value]), negated)),
            Predicate::In { column, values } if !values.is_empty() => {
                Ok(Self::new(column, values, negated))
            }
            other if negated => Err(Predicate::Not(Box::new(other))),
            other => Err(other),
        }
    }

    fn new(column: ColumnName, values: BTreeSet<Value>, negated: bool) -> Self {
        let (sense, values) = match (are_booleans(&values), negated) {
            (true, true) => (Sense::Boolean, &booleans() - &values),
            (true, false) => (Sense::Boolean, values),
            (false, true) => (Sense::NotIn, values),
            (false, false) => (Sense::In, values),
        };
        Self {
            column,
            sense,
            values,
        }
    }

    fn into_predicate(self) -> Predicate {
        match self.sense {
            // False for every boolean, unknown for NULL: that is not `Never`.
            Sense::Boolean if self.values.is_empty() => {
                negate(Predicate::is_in(self.column, booleans()))
            }
            Sense::In | Sense::Boolean => Predicate::is_in(self.column, self.values),
            Sense::NotIn => negate(Predicate::is_in(self.column, self.values)),
        }
    }
}

fn booleans() -> BTreeSet<Value> {
    BTreeSet::from([Value::Boolean(false), Value::Boolean(true)])
}

fn are_booleans(values: &BTreeSet<Value>) -> bool {
    values
        .iter()
        .all(|value| matches!(value, Value::Boolean(_)))
}

fn merge_sets(kind: Join, parts: Vec<Predicate>) -> Vec<Predicate> {
    let mut groups: BTreeMap<(ColumnName, Sense), Vec<BTreeSet<Value>>> = BTreeMap::new();
    let mut kept = Vec::with_capacity(parts.len());
    for part in parts {
        match Membership::of(part) {
            Ok(Membership {
                column,
                sense,
                values,
            }) => {
                groups.entry((column, sense)).or_default().push(values);
            }
            Err(other) => kept.push(other),
        }
    }
    for ((column, sense), sets) in groups {
        let sets = match merged(kind, sense, &sets) {
            Some(one) => vec![one],
            None => sets,
        };
        kept.extend(sets.into_iter().map(|values| {
            Membership {
                column: column.clone(),
                sense,
                values,
            }
            .into_predicate()
        }));
    }
    kept
}

/// `in A and in B` is `in A∩B`; `not in A and not in B` is `not in A∪B`; for `or`, mirrored.
///
/// `None` where no single set says the same: an empty intersection is unknown, not false, for
/// NULL; and values of different types are unknown to each other.
fn merged(kind: Join, sense: Sense, sets: &[BTreeSet<Value>]) -> Option<BTreeSet<Value>> {
    let (first, rest) = sets.split_first()?;
    let intersect = (kind == Join::All) != (sense == Sense::NotIn);
    let one = rest.iter().fold(first.clone(), |known, next| {
        if intersect {
            &known & next
        } else {
            &known | next
        }
    });
    let sound = sense == Sense::Boolean || (are_alike(sets) && !one.is_empty());
    sound.then_some(one)
}

fn are_alike(sets: &[BTreeSet<Value>]) -> bool {
    let mut values = sets.iter().flatten();
    let sample = values.next();
    sample.is_some_and(|sample| values.all(|value| value.is_like(sample)))
}

/// `a and (a or b)` is `a`; `a or (a and b)` is `a`.
fn absorb(kind: Join, parts: Vec<Predicate>) -> Vec<Predicate> {
    if parts.len() > ABSORB_AT_MOST || !parts.iter().any(|part| branches(kind, part).is_some()) {
        return parts;
    }
    let redundant: Vec<bool> = parts
        .iter()
        .map(|part| parts.iter().any(|other| makes_redundant(kind, other, part)))
        .collect();
    parts
        .into_iter()
        .zip(redundant)
        .filter(|(_, gone)| !gone)
        .map(|(part, _)| part)
        .collect()
}

fn makes_redundant(kind: Join, other: &Predicate, part: &Predicate) -> bool {
    let Some(wider) = branches(kind, part) else {
        return false;
    };
    if other == part {
        return false;
    }
    match branches(kind, other) {
        Some(narrower) => narrower.iter().all(|branch| wider.contains(branch)),
        None => wider.contains(other),
    }
}

/// The parts of a join of the opposite kind.
fn branches(kind: Join, part: &Predicate) -> Option<&[Predicate]> {
    match (kind, part) {
        (Join::All, Predicate::Any(parts)) | (Join::Any, Predicate::All(parts)) => Some(parts),
        _ => None,
    }
}

/// By column first, so that a reader finds what belongs together.
fn reading_order(a: &Predicate, b: &Predicate) -> Ordering {
    first_column(a).cmp(&first_column(b)).then_with(|| a.cmp(b))
}

fn first_column(part: &Predicate) -> Option<&ColumnName> {
    match part {
        Predicate::Always | Predicate::Never => None,
        Predicate::Compare { column, .. }
        | Predicate::In { column, .. }
        | Predicate::IsNull(column)
        | Predicate::LikePrefix { column, .. } => Some(column),
        Predicate::All(parts) | Predicate::Any(parts) => parts.first().and_then(first_column),
        Predicate::Not(inner) => first_column(inner),
    }
}
